package store

import (
	"strconv"
	"strings"
)

// target finds the table of a statement that writes.
func (c *compiler) target(name string) []tableColumn {
	columns, ok := c.catalog.columns(name)
	if !ok {
		raise("42P01", "relation %q does not exist", name)
	}
	return columns
}

func relationOf(name string, columns []tableColumn) relation {
	r := relation{name: name}
	for _, col := range columns {
		r.columns = append(r.columns, col.column)
	}
	return r
}

// insert takes INSERT.
func (c *compiler) insert() query {
	prefix := ""
	c.expect("insert", "into")
	name := c.table()
	all := c.target(name)
	targets := all
	if c.acceptOp("(") && !c.is("select") {
		targets = nil
		for {
			col := c.anyName()
			at := -1
			for i := range all {
				if all[i].name == col {
					at = i
				}
			}
			if at < 0 {
				raise("42703", "column %q of relation %q does not exist", col, name)
			}
			targets = append(targets, all[at])
			if !c.acceptOp(",") {
				break
			}
		}
		c.expectOp(")")
	}
	q := query{writes: true}
	var out string
	switch {
	case c.accept("default", "values"):
		out = " DEFAULT VALUES"
	case c.is("values"):
		targets, out = c.insertValues(name, targets)
	default:
		out, targets = c.insertSelect(targets)
	}
	quoted := make([]string, len(targets))
	for i, col := range targets {
		quoted[i] = quote(col.name)
	}
	q.sql = prefix + "INSERT INTO " + quote(name)
	if out != " DEFAULT VALUES" {
		q.sql += " (" + strings.Join(quoted, ", ") + ")"
	}
	q.sql += out
	outer := c.scope
	c.scope = &scope{outer: outer, relations: []relation{relationOf(name, all), {name: "excluded", columns: relationOf("", all).columns}}}
	defer func() { c.scope = outer }()
	if c.accept("on", "conflict") {
		q.sql += c.onConflict(all)
	}
	c.scope.relations = c.scope.relations[:1]
	c.returning(&q)
	return q
}

func (c *compiler) insertValues(table string, targets []tableColumn) ([]tableColumn, string) {
	c.expect("values")
	var rows []string
	width := -1
	for {
		c.expectOp("(")
		if c.width() > len(targets) {
			raise("42601", "INSERT has more expressions than target columns")
		}
		var parts []string
		for {
			if len(parts) == len(targets) {
				c.syntax()
			}
			col := targets[len(parts)]
			if c.accept("default") {
				value := col.fallback
				if value == "" {
					value = "NULL"
				}
				parts = append(parts, value)
			} else {
				parts = append(parts, c.assign(c.expression(0), col))
			}
			if !c.acceptOp(",") {
				break
			}
		}
		c.expectOp(")")
		if width >= 0 && width != len(parts) {
			raise("42601", "VALUES lists must all be the same length")
		}
		width = len(parts)
		rows = append(rows, "("+strings.Join(parts, ", ")+")")
		if !c.acceptOp(",") {
			break
		}
	}
	return targets[:width], " VALUES " + strings.Join(rows, ", ")
}

// width counts the expressions up to the parenthesis that closes.
func (c *compiler) width() int {
	n, depth := 1, 0
	for i := 0; c.at+i < len(c.w); i++ {
		switch t := c.peekAt(i); {
		case t.IsOp("("):
			depth++
		case t.IsOp(")"):
			if depth--; depth < 0 {
				return n
			}
		case t.IsOp(",") && depth == 0:
			n++
		}
	}
	return n
}

func (c *compiler) insertSelect(targets []tableColumn) (string, []tableColumn) {
	q := c.subquery()
	if len(q.columns) > len(targets) {
		raise("42601", "INSERT has more expressions than target columns")
	}
	targets = targets[:len(q.columns)]
	names, parts := make([]string, len(targets)), make([]string, len(targets))
	for i, col := range q.columns {
		names[i] = "c" + strconv.Itoa(i)
		parts[i] = c.assign(expr{sql: names[i], typ: col.typ, mod: col.mod}, targets[i])
	}
	// WHERE true keeps ON CONFLICT from being taken for a join's.
	return " SELECT " + strings.Join(parts, ", ") + " FROM (WITH dws_new(" + strings.Join(names, ", ") + ") AS (" + q.sql + ") SELECT * FROM dws_new) WHERE true", targets
}

// assign makes an expression a value for a column.
func (c *compiler) assign(e expr, col tableColumn) string {
	t := col.typ
	if e.typ != nil && e.typ != t {
		a, b := e.typ.kind, t.kind
		// GaussDB takes numbers for truth values, too, and its JDBC driver sends such.
		ok := a == b || b == kindText || a == kindInt && b == kindBool || a == kindInt && (b == kindFloat || b == kindNumeric) || a == kindNumeric && (b == kindInt || b == kindFloat) ||
			a == kindFloat && (b == kindInt || b == kindNumeric) || (a == kindStamp || a == kindStampZone || a == kindDate) && (b == kindStamp || b == kindStampZone || b == kindDate || b == kindTime)
		if !ok {
			raise("42804", "column %q is of type %s but expression is of type %s", col.name, t.name, e.typ.name)
		}
	}
	if e.typ == t && e.mod == col.mod {
		return e.sql
	}
	return c.cast(e, t, col.mod).sql
}

func (c *compiler) onConflict(all []tableColumn) string {
	out := " ON CONFLICT"
	if c.acceptOp("(") {
		var names []string
		for {
			names = append(names, quote(c.anyName()))
			if !c.acceptOp(",") {
				break
			}
		}
		c.expectOp(")")
		out += " (" + strings.Join(names, ", ") + ")"
	}
	c.expect("do")
	if c.accept("nothing") {
		return out + " DO NOTHING"
	}
	c.expect("update", "set")
	out += " DO UPDATE SET " + c.sets(all)
	if c.accept("where") {
		out += " WHERE " + c.expression(0).sql
	}
	return out
}

func (c *compiler) sets(all []tableColumn) string {
	var parts []string
	for {
		name := c.anyName()
		if c.acceptOp(".") {
			name = c.anyName()
		}
		col := tableColumn{}
		for i := range all {
			if all[i].name == name {
				col = all[i]
			}
		}
		if col.typ == nil {
			raise("42703", "column %q does not exist", name)
		}
		c.expectOp("=")
		if c.accept("default") {
			value := col.fallback
			if value == "" {
				value = "NULL"
			}
			parts = append(parts, quote(name)+" = "+value)
		} else {
			parts = append(parts, quote(name)+" = "+c.assign(c.expression(0), col))
		}
		if !c.acceptOp(",") {
			return strings.Join(parts, ", ")
		}
	}
}

func (c *compiler) returning(q *query) {
	if !c.accept("returning") {
		return
	}
	items, columns := c.selectList()
	// SQLite takes no table's name ahead of a column here.
	for _, r := range c.scope.relations {
		items = strings.ReplaceAll(items, quote(r.name)+".", "")
	}
	q.sql += " RETURNING " + items
	q.columns = columns
}

// update takes UPDATE.
func (c *compiler) update() query {
	c.expect("update")
	c.accept("only")
	name := c.table()
	all := c.target(name)
	r := relationOf(name, all)
	q := query{writes: true, sql: "UPDATE " + quote(name)}
	if alias, _ := c.alias(); alias != "" {
		r.name = alias
		q.sql += " AS " + quote(alias)
	}
	outer := c.scope
	c.scope = &scope{outer: outer, relations: []relation{r}}
	defer func() { c.scope = outer }()
	c.expect("set")
	// FROM comes behind the assignments that use it.
	at := c.at
	c.skipTo("from")
	from := ""
	if c.accept("from") {
		from = " FROM " + c.from()
	}
	after := c.at
	c.at = at
	q.sql += " SET " + c.sets(all) + from
	c.at = max(after, c.at)
	if c.accept("where") {
		q.sql += " WHERE " + c.as(c.expression(0), named("boolean")).sql
	}
	c.scope.relations = c.scope.relations[:1]
	c.returning(&q)
	return q
}

// remove takes DELETE.
func (c *compiler) remove() query {
	c.expect("delete", "from")
	c.accept("only")
	name := c.table()
	r := relationOf(name, c.target(name))
	q := query{writes: true, sql: "DELETE FROM " + quote(name)}
	if alias, _ := c.alias(); alias != "" {
		r.name = alias
		q.sql += " AS " + quote(alias)
	}
	outer := c.scope
	c.scope = &scope{outer: outer, relations: []relation{r}}
	defer func() { c.scope = outer }()
	if c.is("using") {
		raise("0A000", "the embedded store has no DELETE ... USING")
	}
	if c.accept("where") {
		q.sql += " WHERE " + c.as(c.expression(0), named("boolean")).sql
	}
	c.returning(&q)
	return q
}
