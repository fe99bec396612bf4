package store

import (
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/lex"
)

// createTable takes what follows CREATE, up to its end.
func (c *compiler) createTable() query {
	temporary := c.accept("temporary") || c.accept("temp") || c.accept("local", "temporary") || c.accept("unlogged")
	_ = temporary // a session's own tables are everybody's here
	c.expect("table")
	exists := c.accept("if", "not", "exists")
	name := c.table()
	_, there := c.catalog.columns(name)
	if there && !exists {
		raise("42P07", "relation %q already exists", name)
	}
	q := query{writes: true, sql: "CREATE TABLE IF NOT EXISTS " + quote(name)}
	if c.accept("as") {
		inner := c.selects()
		var parts, names []string
		for _, col := range inner.columns {
			parts = append(parts, quote(col.name)+" "+col.typ.declare(col.mod))
			names = append(names, quote(col.name))
		}
		if there {
			return query{writes: true, notices: []string{"relation \"" + name + "\" already exists, skipping"}}
		}
		q.sql += " (" + strings.Join(parts, ", ") + ")"
		q.then = "INSERT INTO " + quote(name) + " (" + strings.Join(names, ", ") + ") " + inner.sql
		return q
	}
	c.expectOp("(")
	if c.accept("like") {
		return c.createLike(name)
	}
	var parts []string
	for !c.acceptOp(")") {
		if part := c.tableElement(name); part != "" {
			parts = append(parts, part)
		}
		if !c.acceptOp(",") && !c.peek().IsOp(")") {
			c.syntax()
		}
	}
	for !c.done() { // WITH (...), TABLESPACE, ON COMMIT
		c.at++
	}
	if len(parts) == 0 {
		raise("0A000", "the embedded store has no tables without columns")
	}
	if there {
		q.notices = append(q.notices, "relation \""+name+"\" already exists, skipping")
	}
	q.sql += " (" + strings.Join(parts, ", ") + ")"
	return q
}

func (c *compiler) createLike(name string) query {
	source := c.table()
	for !c.done() {
		c.at++
	}
	var parts []string
	for _, col := range c.target(source) {
		part := quote(col.name) + " " + col.typ.declare(col.mod) + collation(col.typ)
		if col.notNull {
			part += " NOT NULL"
		}
		parts = append(parts, part)
	}
	return query{writes: true, sql: "CREATE TABLE " + quote(name) + " (" + strings.Join(parts, ", ") + ")"}
}

func collation(t *typ) string {
	if t.kind == kindNumeric {
		return " COLLATE dws_numeric"
	}
	return ""
}

// tableElement takes a column or a constraint of a table.
func (c *compiler) tableElement(table string) string {
	if c.accept("constraint") {
		c.anyName()
	}
	switch {
	case c.is("primary"), c.is("unique"):
		kind := strings.ToUpper(c.next().Text)
		c.accept("key")
		if kind == "PRIMARY" {
			kind = "PRIMARY KEY"
		}
		c.expectOp("(")
		var names []string
		for {
			names = append(names, quote(c.anyName()))
			if !c.acceptOp(",") {
				break
			}
		}
		c.expectOp(")")
		return kind + " (" + strings.Join(names, ", ") + ")"
	case c.is("check"):
		raise("0A000", "the embedded store has CHECK of a column only")
	case c.is("partial"):
		raise("42601", "syntax error")
	}
	return c.columnDefinition(table)
}

func (c *compiler) columnDefinition(table string) string {
	name := c.anyName()
	serial := strings.HasSuffix(strings.TrimRight(c.peek().Name(), "48"), "serial")
	t, mod := c.typeName()
	out := quote(name) + " " + t.declare(mod) + collation(t)
	if serial {
		out += " NOT NULL DEFAULT (dws_nextval(" + literal(c.session.store.id+"/"+table+"_"+name+"_seq") + "))"
	}
	outer := c.scope
	c.scope = &scope{relations: []relation{{table, []column{{name, t, mod}}}}}
	defer func() { c.scope = outer }()
	for {
		switch {
		case c.accept("constraint"):
			c.anyName()
		case c.accept("not", "null"):
			out += " NOT NULL"
		case c.accept("null"):
		case c.accept("primary", "key"):
			out += " PRIMARY KEY NOT NULL"
		case c.accept("unique"):
			out += " UNIQUE"
		case c.accept("default"):
			e := c.defaultValue(t)
			out += " DEFAULT (" + c.cast(e, t, mod).sql + ")"
		case c.accept("check"):
			c.expectOp("(")
			out += " CHECK (" + c.expression(0).sql + ")"
			c.expectOp(")")
		case c.accept("collate"):
			c.anyName()
		case c.accept("encode"), c.accept("delta"):
		default:
			return out
		}
	}
}

// defaultValue takes the expression of DEFAULT; what tells the time tells it anew for
// each row.
func (c *compiler) defaultValue(t *typ) expr {
	for _, word := range []string{"now", "current_timestamp", "localtimestamp", "sysdate", "current_date"} {
		if c.is(word) {
			c.at++
			if c.acceptOp("(") {
				c.expectOp(")")
			}
			return expr{sql: "dws_now(" + literal(t.name) + ", " + literal(c.session.settings.values["timezone"]) + ")", typ: t, mod: -1}
		}
	}
	return c.expression(byIs)
}

// drop takes what follows DROP.
func (c *compiler) drop() query {
	kind := strings.ToUpper(c.anyName())
	if kind != "TABLE" && kind != "INDEX" && kind != "VIEW" && kind != "SEQUENCE" {
		raise("0A000", "the embedded store has no DROP %s", kind)
	}
	exists := c.accept("if", "exists")
	q := query{writes: true}
	for {
		name := c.table()
		if kind == "TABLE" || kind == "VIEW" {
			switch _, ok := c.catalog.columns(name); {
			case ok:
			case exists:
				q.notices = append(q.notices, strings.ToLower(kind)+" \""+name+"\" does not exist, skipping")
			default:
				raise("42P01", "%s %q does not exist", strings.ToLower(kind), name)
			}
		}
		if kind != "SEQUENCE" {
			q.sql += "DROP " + kind + " IF EXISTS " + quote(name) + ";"
		}
		if !c.acceptOp(",") {
			break
		}
	}
	if !c.accept("cascade") && !c.accept("constraints") {
		c.accept("restrict")
	}
	return q
}

// createIndex takes what follows CREATE [UNIQUE].
func (c *compiler) createIndex(unique bool) query {
	c.expect("index")
	c.accept("concurrently")
	exists := c.accept("if", "not", "exists")
	name := ""
	if !c.is("on") {
		name = c.name()
	}
	c.expect("on")
	table := c.table()
	columns := c.target(table)
	if c.accept("using") {
		c.anyName()
	}
	c.expectOp("(")
	outer := c.scope
	c.scope = &scope{relations: []relation{relationOf(table, columns)}}
	defer func() { c.scope = outer }()
	var parts []string
	for {
		part := c.settle(c.expression(0)).sql
		if c.accept("desc") {
			part += " DESC"
		} else {
			c.accept("asc")
		}
		if c.accept("nulls") {
			c.anyName()
		}
		parts = append(parts, part)
		if !c.acceptOp(",") {
			break
		}
	}
	c.expectOp(")")
	if name == "" {
		name = table + "_idx"
	}
	q := query{writes: true, sql: "CREATE "}
	if unique {
		q.sql += "UNIQUE "
	}
	q.sql += "INDEX "
	if exists {
		q.sql += "IF NOT EXISTS "
	}
	q.sql += quote(name) + " ON " + quote(table) + " (" + strings.Join(parts, ", ") + ")"
	if c.accept("where") {
		q.sql += " WHERE " + c.expression(0).sql
	}
	return q
}

// createView takes what follows CREATE [OR REPLACE].
func (c *compiler) createView(replace bool) query {
	c.expect("view")
	name := c.table()
	q := query{writes: true}
	if replace {
		q.sql = "DROP VIEW IF EXISTS " + quote(name) + ";"
	}
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
	inner := c.selects()
	for i, col := range rename(inner.columns, names) {
		names = append(names[:i], quote(col.name))
	}
	q.sql += "CREATE VIEW " + quote(name) + " (" + strings.Join(names, ", ") + ") AS " + inner.sql
	return q
}

// alter takes what follows ALTER TABLE.
func (c *compiler) alter() query {
	exists := c.accept("if", "exists")
	c.accept("only")
	name := c.table()
	if _, ok := c.catalog.columns(name); !ok && exists {
		c.at = len(c.w)
		return query{writes: true}
	}
	columns := c.target(name)
	q := query{writes: true}
	for {
		switch {
		case c.accept("add"):
			if c.is("constraint") || c.is("primary") || c.is("unique") {
				raise("0A000", "the embedded store adds no constraints to tables")
			}
			c.accept("column")
			if c.accept("if", "not", "exists") {
				present := false
				for _, col := range columns {
					present = present || col.name == c.peek().Name()
				}
				if present {
					c.columnDefinition(name)
					break
				}
			}
			q.sql += "ALTER TABLE " + quote(name) + " ADD COLUMN " + c.columnDefinition(name) + ";"
		case c.accept("drop"):
			c.accept("column")
			c.accept("if", "exists")
			q.sql += "ALTER TABLE " + quote(name) + " DROP COLUMN " + quote(c.anyName()) + ";"
			c.accept("cascade")
		case c.accept("rename", "to"):
			q.sql += "ALTER TABLE " + quote(name) + " RENAME TO " + quote(c.anyName()) + ";"
		case c.accept("rename"):
			c.accept("column")
			from := quote(c.anyName())
			c.expect("to")
			q.sql += "ALTER TABLE " + quote(name) + " RENAME COLUMN " + from + " TO " + quote(c.anyName()) + ";"
		default:
			raise("0A000", "the embedded store knows ALTER TABLE with ADD, DROP and RENAME only")
		}
		if !c.acceptOp(",") {
			return q
		}
	}
}

// statement takes a statement that SQLite is to run.
func (c *compiler) statement() (q query) {
	switch {
	case c.peek().IsOp("("), c.is("select"), c.is("values"), c.is("table"):
		q = c.selects()
	case c.is("with"):
		q = c.withStatement()
	case c.is("insert"):
		q = c.insert()
	case c.is("update"):
		q = c.update()
	case c.is("delete"):
		q = c.remove()
	case c.accept("truncate"):
		c.accept("table")
		q = query{writes: true}
		for {
			name := c.table()
			c.target(name)
			q.sql += "DELETE FROM " + quote(name) + ";"
			if !c.acceptOp(",") {
				break
			}
		}
		c.at = len(c.w)
	case c.accept("create"):
		replace := c.accept("or", "replace")
		unique := c.accept("unique")
		switch {
		case c.is("index"):
			q = c.createIndex(unique)
		case c.is("view"):
			q = c.createView(replace)
		case c.accept("sequence"):
			q, c.at = query{writes: true}, len(c.w)
		case c.accept("schema"):
			q, c.at = query{writes: true}, len(c.w)
		case c.is("function"), c.is("procedure"), c.is("trigger"), c.is("type"):
			raise("0A000", "the embedded store has no CREATE %s", strings.ToUpper(c.peek().Text))
		default:
			q = c.createTable()
		}
	case c.accept("drop"):
		if c.accept("schema") {
			q, c.at = query{writes: true}, len(c.w)
			break
		}
		q = c.drop()
	case c.accept("alter", "table"):
		q = c.alter()
	default:
		c.syntax()
	}
	if !c.done() {
		c.syntax()
	}
	return q
}

// withStatement is a query, or an INSERT, UPDATE or DELETE, with named queries ahead.
func (c *compiler) withStatement() query {
	at := c.at
	depth := 0
	for i := at; i < len(c.w); i++ {
		t := c.w[i]
		switch {
		case t.IsOp("("):
			depth++
		case t.IsOp(")"):
			depth--
		case depth == 0 && (t.Is("insert") || t.Is("update") || t.Is("delete")):
			c.ctes = map[string][]column{}
			prefix := c.with()
			var q query
			switch {
			case c.is("insert"):
				q = c.insert()
			case c.is("update"):
				q = c.update()
			default:
				q = c.remove()
			}
			q.sql = prefix + q.sql
			return q
		case depth > 0 && i > 0 && c.w[i-1].IsOp("(") && (t.Is("insert") || t.Is("update") || t.Is("delete")):
			raise("0A000", "the embedded store writes nothing within WITH")
		}
	}
	return c.selects()
}

// newCompiler makes a compiler for the words of a statement.
func newCompiler(words []lex.Token, s *session, cat catalog, params *[]*typ) *compiler {
	return &compiler{w: words, catalog: cat, session: s, params: params, scope: &scope{}}
}
