package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/lex"
)

// from takes the tables of a FROM clause and brings them into scope.
func (c *compiler) from() string {
	out := c.fromItem()
	for {
		switch {
		case c.acceptOp(","):
			out += ", " + c.fromItem()
			continue
		case c.is("natural"):
			raise("0A000", "the embedded store has no NATURAL JOIN")
		}
		join := ""
		switch {
		case c.accept("cross", "join"):
			out += " CROSS JOIN " + c.fromItem()
			continue
		case c.accept("inner", "join"), c.accept("join"):
			join = " JOIN "
		default:
			for _, side := range []string{"left", "right", "full"} {
				if c.is(side) {
					c.at++
					c.accept("outer")
					c.expect("join")
					join = " " + strings.ToUpper(side) + " JOIN "
					break
				}
			}
		}
		if join == "" {
			return out
		}
		out += join + c.fromItem()
		switch {
		case c.accept("on"):
			out += " ON " + c.as(c.expression(0), named("boolean")).sql
		case c.accept("using"):
			c.expectOp("(")
			var names []string
			for {
				names = append(names, quote(c.anyName()))
				if !c.acceptOp(",") {
					break
				}
			}
			c.expectOp(")")
			out += " USING (" + strings.Join(names, ", ") + ")"
		default:
			c.syntax()
		}
	}
}

func (c *compiler) fromItem() string {
	defer c.deeper()()
	c.accept("only")
	c.accept("lateral")
	if c.acceptOp("(") {
		if !c.is("select") && !c.is("with") && !c.is("values") && !c.peek().IsOp("(") {
			inner := c.from()
			c.expectOp(")")
			return "(" + inner + ")"
		}
		q := c.subquery()
		c.expectOp(")")
		return c.derived(q.sql, q.columns, "subquery")
	}
	if c.is("generate_series") && c.peekAt(1).IsOp("(") {
		return c.series()
	}
	name := c.table()
	r, sql := c.relation(name)
	if alias, names := c.alias(); alias != "" {
		r.name, r.columns = alias, rename(r.columns, names)
		if names != nil {
			raise("0A000", "the embedded store renames columns of subqueries only")
		}
		if !strings.HasPrefix(sql, "(") {
			sql += " AS " + quote(alias)
		}
	}
	if strings.HasPrefix(sql, "(") {
		sql += " AS " + quote(r.name)
	}
	c.scope.relations = append(c.scope.relations, r)
	return sql
}

// derived brings a query into scope as a table.
func (c *compiler) derived(sql string, columns []column, name string) string {
	alias, names := c.alias()
	if alias == "" {
		alias = fmt.Sprintf("%s_%d", name, c.at)
	}
	if names != nil {
		renamed := rename(columns, names)
		quoted := make([]string, len(renamed))
		for i := range renamed {
			quoted[i] = quote(renamed[i].name)
		}
		sql = "WITH dws_renamed(" + strings.Join(quoted, ", ") + ") AS (" + sql + ") SELECT * FROM dws_renamed"
		columns = renamed
	}
	c.scope.relations = append(c.scope.relations, relation{alias, columns})
	return "(" + sql + ") AS " + quote(alias)
}

func (c *compiler) alias() (name string, columns []string) {
	if c.accept("as") {
		name = c.anyName()
	} else if t := c.peek(); t.Kind == lex.Quoted || t.Kind == lex.Word && !reserved[t.Name()] && !c.endOfTerm() {
		name = c.anyName()
	}
	if name != "" && c.acceptOp("(") {
		for {
			columns = append(columns, c.anyName())
			if !c.acceptOp(",") {
				break
			}
		}
		c.expectOp(")")
	}
	return name, columns
}

// series is generate_series of whole numbers.
func (c *compiler) series() string {
	c.at++
	c.expectOp("(")
	integer := named("integer")
	from := c.as(c.expression(0), integer)
	c.expectOp(",")
	to := c.as(c.expression(0), integer)
	step := expr{sql: "1", typ: integer}
	if c.acceptOp(",") {
		step = c.as(c.expression(0), integer)
	}
	c.expectOp(")")
	if from.typ.kind != kindInt || to.typ.kind != kindInt {
		raise("0A000", "the embedded store has series of whole numbers only")
	}
	typ := wider(from.typ, to.typ)
	alias, names := c.alias()
	if alias == "" {
		alias = "generate_series"
	}
	name := alias
	if len(names) > 0 {
		name = names[0]
	}
	c.scope.relations = append(c.scope.relations, relation{alias, []column{{name, typ, -1}}})
	q := quote(name)
	return "(WITH RECURSIVE dws_series(" + q + ", dws_to, dws_step) AS (SELECT " + from.sql + ", " + to.sql + ", " + step.sql + " WHERE (" + step.sql + " > 0 AND " + from.sql + " <= " + to.sql +
		") OR (" + step.sql + " < 0 AND " + from.sql + " >= " + to.sql + ") UNION ALL SELECT " + q + " + dws_step, dws_to, dws_step FROM dws_series WHERE (dws_step > 0 AND " + q +
		" + dws_step <= dws_to) OR (dws_step < 0 AND " + q + " + dws_step >= dws_to)) SELECT " + q + " FROM dws_series) AS " + quote(alias)
}

// relation finds a table, a view or a query of WITH.
func (c *compiler) relation(name string) (relation, string) {
	if columns, ok := c.ctes[name]; ok {
		return relation{name, columns}, quote(name)
	}
	if columns, ok := c.catalog.columns(name); ok {
		r := relation{name: name}
		for _, col := range columns {
			r.columns = append(r.columns, col.column)
		}
		return r, quote(name)
	}
	if columns, sql, ok := c.system(name); ok {
		return relation{strings.TrimPrefix(name, "information_schema."), columns}, "(" + sql + ")"
	}
	raise("42P01", "relation %q does not exist", name)
	return relation{}, ""
}

// system are the relations of the catalogue that the store has.
func (c *compiler) system(name string) ([]column, string, bool) {
	text, integer := named("name"), named("integer")
	var columns []column
	var rows [][]string
	add := func(typ *typ, names ...string) {
		for _, n := range names {
			columns = append(columns, column{n, typ, -1})
		}
	}
	switch name {
	case "pg_tables":
		add(text, "schemaname", "tablename", "tableowner")
		for _, table := range c.catalog.relations() {
			rows = append(rows, []string{"'public'", literal(table), literal(c.session.user())})
		}
	case "information_schema.tables":
		add(text, "table_catalog", "table_schema", "table_name", "table_type")
		for _, table := range c.catalog.relations() {
			rows = append(rows, []string{literal(c.session.want.Database), "'public'", literal(table), "'BASE TABLE'"})
		}
	case "information_schema.columns":
		add(text, "table_catalog", "table_schema", "table_name", "column_name", "data_type", "is_nullable")
		add(integer, "ordinal_position")
		for _, table := range c.catalog.relations() {
			list, _ := c.catalog.columns(table)
			for i, col := range list {
				nullable := "'YES'"
				if col.notNull {
					nullable = "'NO'"
				}
				rows = append(rows, []string{literal(c.session.want.Database), "'public'", literal(table), literal(col.name), literal(col.typ.name), nullable, fmt.Sprint(i + 1)})
			}
		}
	case "pg_type":
		add(named("oid"), "oid")
		add(text, "typname")
		for _, t := range types {
			rows = append(rows, []string{fmt.Sprint(t.oid), literal(t.name)})
		}
	case "pg_stat_activity":
		add(text, "datname", "usename", "application_name", "state", "client_addr")
		add(integer, "client_port")
		add(named("bigint"), "pid")
		add(named("timestamptz"), "backend_start")
		s := c.session
		rows = append(rows, []string{literal(s.want.Database), literal(s.user()), literal(s.settings.values["application_name"]), "'active'", "'127.0.0.1'", "1",
			fmt.Sprint(s.want.PID), literal(named("timestamptz").stamp(s.started, time.UTC))})
	case "pg_prepared_xacts":
		add(text, "gid", "owner", "database")
		add(named("timestamptz"), "prepared")
	default:
		return nil, "", false
	}
	sql, union := "", ""
	for _, row := range rows {
		sql += union + "SELECT " + strings.Join(row, ", ")
		union = " UNION ALL "
	}
	names := make([]string, len(columns))
	for i, col := range columns {
		names[i] = quote(col.name)
	}
	if sql == "" {
		sql = "SELECT " + strings.TrimSuffix(strings.Repeat("NULL, ", len(columns)), ", ") + " WHERE 0"
	}
	return columns, "WITH dws_system(" + strings.Join(names, ", ") + ") AS (" + sql + ") SELECT * FROM dws_system", true
}
