package store

import (
	"fmt"
	"maps"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/lex"
)

// query is a statement that returns rows, or may.
type query struct {
	sql     string
	columns []column // nil if it returns no rows
	writes  bool
	then    string   // a statement to run after it, whose count is the tag's
	notices []string // to be sent with it
}

// subquery takes a query that stands within another.
func (c *compiler) subquery() query {
	saved := c.aliases
	q := c.selects()
	c.aliases = saved
	return q
}

// selects takes a SELECT with all that belongs to it.
func (c *compiler) selects() query {
	defer c.deeper()()
	prefix := ""
	if c.is("with") {
		outer := c.ctes
		c.ctes = maps.Clone(outer)
		if c.ctes == nil {
			c.ctes = map[string][]column{}
		}
		defer func() { c.ctes = outer }()
		prefix = c.with()
	}
	q := c.selectTerm()
	for {
		op := ""
		switch {
		case c.accept("union"):
			op = "UNION"
		case c.accept("intersect"):
			op = "INTERSECT"
		case c.accept("except"), c.accept("minus"):
			op = "EXCEPT"
		}
		if op == "" {
			break
		}
		if c.accept("all") {
			op += " ALL"
		} else {
			c.accept("distinct")
		}
		right := c.selectTerm()
		if len(right.columns) != len(q.columns) {
			raise("42601", "each %s query must have the same number of columns", op)
		}
		q.sql += " " + op + " " + right.sql
		for i := range q.columns {
			q.columns[i].typ = wider(q.columns[i].typ, right.columns[i].typ)
		}
	}
	if prefix != "" || c.is("order") {
		c.aliases = q.columns
	}
	c.aliases = q.columns
	if c.is("order") {
		q.sql += " " + c.orderBy()
	}
	q.sql += c.limits()
	for c.accept("for") { // UPDATE, SHARE: one transaction writes at a time
		for !c.done() && !c.peek().IsOp(")") && !c.is("for") {
			c.at++
		}
	}
	q.sql = prefix + q.sql
	return q
}

func (c *compiler) limits() string {
	limit, offset := "", ""
	for {
		switch {
		case c.accept("limit"):
			if c.accept("all") {
				continue
			}
			limit = c.as(c.expression(0), named("bigint")).sql
		case c.accept("offset"):
			offset = c.as(c.expression(0), named("bigint")).sql
			if !c.accept("rows") {
				c.accept("row")
			}
		case c.accept("fetch", "first"), c.accept("fetch", "next"):
			limit = "1"
			if !c.is("row") && !c.is("rows") {
				limit = c.as(c.expression(0), named("bigint")).sql
			}
			if !c.accept("rows", "only") {
				c.expect("row", "only")
			}
		default:
			out := ""
			if limit == "" && offset != "" {
				limit = "-1"
			}
			if limit != "" {
				out = " LIMIT " + limit
			}
			if offset != "" {
				out += " OFFSET " + offset
			}
			return out
		}
	}
}

func (c *compiler) with() string {
	c.expect("with")
	recursive := c.accept("recursive")
	var parts []string
	for {
		name := c.name()
		var names []string
		if c.acceptOp("(") {
			for {
				names = append(names, c.anyName())
				if !c.acceptOp(",") {
					break
				}
			}
			c.expectOp(")")
		}
		c.expect("as")
		if !c.accept("materialized") {
			c.accept("not", "materialized")
		}
		c.expectOp("(")
		if recursive {
			c.ctes[name] = c.ahead(names)
		}
		q := c.subquery()
		c.expectOp(")")
		columns := rename(q.columns, names)
		c.ctes[name] = columns
		quoted := make([]string, len(columns))
		for i, col := range columns {
			quoted[i] = quote(col.name)
		}
		parts = append(parts, quote(name)+"("+strings.Join(quoted, ", ")+") AS ("+q.sql+")")
		if !c.acceptOp(",") {
			break
		}
	}
	if recursive {
		return "WITH RECURSIVE " + strings.Join(parts, ", ") + " "
	}
	return "WITH " + strings.Join(parts, ", ") + " "
}

// ahead finds the columns of a recursive query by its first term.
func (c *compiler) ahead(names []string) []column {
	at := c.at
	first := c.selectTerm()
	c.at = at
	return rename(first.columns, names)
}

func rename(columns []column, names []string) []column {
	list := append([]column{}, columns...)
	for i := range list {
		if i < len(names) {
			list[i].name = names[i]
		}
	}
	return list
}

// selectTerm takes a SELECT without set operations, VALUES or a query in parentheses.
func (c *compiler) selectTerm() query {
	switch {
	case c.acceptOp("("):
		q := c.selects()
		c.expectOp(")")
		q.sql = "SELECT * FROM (" + q.sql + ")"
		return q
	case c.is("values"):
		return c.values()
	case c.accept("table"):
		name := c.table()
		r, sql := c.relation(name)
		return query{sql: "SELECT * FROM " + sql, columns: r.columns}
	}
	c.expect("select")
	outer := c.scope
	c.scope = &scope{outer: outer}
	defer func() { c.scope = outer }()
	out := "SELECT "
	if c.accept("distinct") {
		if c.is("on") {
			raise("0A000", "the embedded store has no DISTINCT ON")
		}
		out += "DISTINCT "
	} else {
		c.accept("all")
	}
	// Names of the list mean what FROM says, which comes later.
	list := c.at
	c.skipTo("from")
	from := ""
	if c.accept("from") {
		from = " FROM " + c.from()
	}
	after := c.at
	c.at = list
	items, columns := c.selectList()
	if !c.is("from") && c.at < after && from != "" || from == "" && c.at != after && !c.endOfTerm() {
		c.syntax()
	}
	c.at = max(after, c.at)
	out += items + from
	if c.accept("where") {
		out += " WHERE " + c.as(c.expression(0), named("boolean")).sql
	}
	saved := c.aliases
	c.aliases = columns
	if c.accept("group", "by") {
		out += " GROUP BY " + c.list()
	}
	if c.accept("having") {
		out += " HAVING " + c.as(c.expression(0), named("boolean")).sql
	}
	if c.is("order") { // while the tables are in scope
		out += " " + c.orderBy()
	}
	c.aliases = saved
	return query{sql: out, columns: columns}
}

// endOfTerm reports whether something follows that a SELECT without FROM may have.
func (c *compiler) endOfTerm() bool {
	if c.done() || c.peek().IsOp(")") {
		return true
	}
	for _, word := range []string{"where", "group", "having", "order", "limit", "offset", "fetch", "for", "union", "intersect", "except", "minus"} {
		if c.is(word) {
			return true
		}
	}
	return false
}

// skipTo goes on to a keyword at this depth, or to where it cannot come any more.
func (c *compiler) skipTo(word string) {
	depth := 0
	for ; !c.done(); c.at++ {
		t := c.peek()
		switch {
		case t.IsOp("("):
			depth++
		case t.IsOp(")"):
			if depth--; depth < 0 {
				return
			}
		case depth > 0:
		case t.Is(word):
			// IS DISTINCT FROM has a FROM of its own.
			if c.at > 0 && c.w[c.at-1].Is("distinct") && c.at > 1 && (c.w[c.at-2].Is("is") || c.w[c.at-2].Is("not")) {
				continue
			}
			return
		case c.endOfTerm():
			return
		}
	}
}

// selectList takes the list of a SELECT or of RETURNING.
func (c *compiler) selectList() (string, []column) {
	var parts []string
	var columns []column
	add := func(r relation, qualifier string) {
		for _, col := range r.columns {
			parts = append(parts, qualifier+quote(col.name))
			columns = append(columns, col)
		}
	}
	if c.is("from") || c.endOfTerm() { // SELECT FROM t
		return "1", nil
	}
	for {
		switch {
		case c.acceptOp("*"):
			if len(c.scope.relations) == 0 {
				raise("42601", "SELECT * with no tables specified is not valid")
			}
			for _, r := range c.scope.relations {
				add(r, quote(r.name)+".")
			}
		case c.peekAt(1).IsOp(".") && c.peekAt(2).IsOp("*"):
			name := c.anyName()
			c.at += 2
			found := false
			for _, r := range c.scope.relations {
				if r.name == name {
					add(r, quote(name)+".")
					found = true
				}
			}
			if !found {
				raise("42P01", "missing FROM-clause entry for table %q", name)
			}
		default:
			e := c.settle(c.expression(0))
			name := e.name
			if c.accept("as") {
				name = c.anyName()
			} else if t := c.peek(); t.Kind == lex.Quoted || t.Kind == lex.Word && !reserved[t.Name()] && !c.endOfTerm() {
				name = c.anyName()
			}
			if name == "" {
				name = "?column?"
			}
			parts = append(parts, e.sql+" AS "+quote(name))
			columns = append(columns, column{name, e.typ, e.mod})
		}
		if !c.acceptOp(",") {
			return strings.Join(parts, ", "), columns
		}
	}
}

// values takes VALUES (...), (...).
func (c *compiler) values() query {
	c.expect("values")
	var rows [][]expr
	for {
		c.expectOp("(")
		var row []expr
		for {
			row = append(row, c.expression(0))
			if !c.acceptOp(",") {
				break
			}
		}
		c.expectOp(")")
		if len(rows) > 0 && len(row) != len(rows[0]) {
			raise("42601", "VALUES lists must all be the same length")
		}
		rows = append(rows, row)
		if !c.acceptOp(",") {
			break
		}
	}
	q := query{}
	for i := range rows[0] {
		list := make([]expr, len(rows))
		for n := range rows {
			list[n] = rows[n][i]
		}
		list, typ := c.common(list)
		for n := range rows {
			rows[n][i] = list[n]
		}
		q.columns = append(q.columns, column{fmt.Sprintf("column%d", i+1), typ, -1})
	}
	for n, row := range rows {
		parts := make([]string, len(row))
		for i, e := range row {
			parts[i] = e.sql
			if n == 0 {
				parts[i] += " AS " + quote(q.columns[i].name)
			}
		}
		if n > 0 {
			q.sql += " UNION ALL "
		}
		q.sql += "SELECT " + strings.Join(parts, ", ")
	}
	return q
}

// orderBy takes ORDER BY. NULL is the largest value, to the server and not to SQLite.
func (c *compiler) orderBy() string {
	c.expect("order", "by")
	var parts []string
	for {
		e := c.settle(c.expression(0))
		down := c.accept("desc")
		if !down {
			c.accept("asc")
		}
		nulls := "LAST"
		if down {
			nulls = "FIRST"
		}
		if c.accept("nulls") {
			nulls = strings.ToUpper(c.anyName())
		}
		part := e.sql
		if e.typ != nil && e.typ.kind == kindNumeric {
			part += " COLLATE dws_numeric"
		}
		if down {
			part += " DESC"
		}
		parts = append(parts, part+" NULLS "+nulls)
		if !c.acceptOp(",") {
			return "ORDER BY " + strings.Join(parts, ", ")
		}
	}
}
