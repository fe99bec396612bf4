package store

import (
	"strconv"
	"strings"
	"time"
)

// function is a function of the server: the type that it returns, "" for that of its
// first argument, and how SQLite is asked for it.
type function struct {
	returns string
	sql     string // the name there; "" for the same
	args    string // types that arguments without one get, by position, the last one for the rest
}

var functions = map[string]function{
	"count": {"bigint", "", ""}, "min": {"", "", ""}, "max": {"", "", ""}, "abs": {"", "", "float8"},
	"coalesce": {"", "", ""}, "nullif": {"", "", ""}, "nvl": {"", "coalesce", ""}, "greatest": {"", "dws_greatest", ""}, "least": {"", "dws_least", ""},
	"length": {"integer", "", "text"}, "char_length": {"integer", "length", "text"}, "character_length": {"integer", "length", "text"},
	"octet_length": {"integer", "dws_octets", "text"}, "lower": {"text", "dws_lower", "text"}, "upper": {"text", "dws_upper", "text"},
	"trim": {"text", "", "text"}, "btrim": {"text", "trim", "text"}, "ltrim": {"text", "", "text"}, "rtrim": {"text", "", "text"},
	"substr": {"text", "", "text integer"}, "substring": {"text", "substr", "text integer"}, "replace": {"text", "", "text"},
	"concat": {"text", "dws_concat", "text"}, "left": {"text", "dws_left", "text integer"}, "right": {"text", "dws_right", "text integer"},
	"repeat": {"text", "dws_repeat", "text integer"}, "reverse": {"text", "dws_reverse", "text"}, "strpos": {"integer", "instr", "text"},
	"md5": {"text", "dws_md5", "text"}, "round": {"", "dws_round", "numeric integer"}, "floor": {"", "dws_floor", "float8"}, "ceil": {"", "dws_ceil", "float8"},
	"ceiling": {"", "dws_ceil", "float8"}, "sqrt": {"float8", "", "float8"}, "power": {"float8", "pow", "float8"}, "mod": {"", "dws_mod", "integer"},
	"random": {"float8", "dws_random", ""}, "string_agg": {"text", "group_concat", "text"}, "bool_and": {"boolean", "min", "boolean"},
	"bool_or": {"boolean", "max", "boolean"}, "every": {"boolean", "min", "boolean"}, "gen_random_uuid": {"uuid", "dws_uuid", ""},

	"row_number": {"bigint", "", ""}, "rank": {"bigint", "", ""}, "dense_rank": {"bigint", "", ""}, "lag": {"", "", ""}, "lead": {"", "", ""},
	"first_value": {"", "", ""}, "last_value": {"", "", ""}, "ntile": {"integer", "", "integer"}, "decode": {"bytea", "dws_decode", "text"}, "encode": {"text", "dws_encode", "bytea text"}, "to_hex": {"text", "dws_hex", "bigint"},
}

// call takes a function and its arguments.
func (c *compiler) call() expr {
	name := c.anyName()
	c.expectOp("(")
	switch name {
	case "extract":
		field := c.anyName()
		c.expect("from")
		return c.part(field, c.expression(0))
	case "date_part":
		field := c.expression(0)
		c.expectOp(",")
		return c.part(strings.Trim(field.sql, "'"), c.expression(0))
	case "position":
		part := c.settle(c.expression(byRange))
		c.expect("in")
		text := c.settle(c.expression(0))
		c.expectOp(")")
		return expr{sql: "instr(" + text.sql + ", " + part.sql + ")", typ: named("integer"), mod: -1, name: name}
	case "trim":
		name = map[bool]string{true: "ltrim"}[c.accept("leading")] + map[bool]string{true: "rtrim"}[c.accept("trailing")]
		if c.accept("both") || name == "" {
			name = "btrim"
		}
	}
	distinct := ""
	if c.accept("distinct") {
		distinct = "DISTINCT "
	}
	if name == "count" && c.acceptOp("*") {
		c.expectOp(")")
		return c.tail(expr{sql: "count(*)", typ: named("bigint"), mod: -1, name: name})
	}
	var args []expr
	for !c.acceptOp(")") {
		args = append(args, c.expression(0))
		switch {
		case c.acceptOp(","), c.accept("from"), c.accept("for"):
		case c.accept("order", "by"): // of string_agg
			for depth := 0; depth > 0 || !c.peek().IsOp(")"); c.at++ {
				if c.done() {
					c.syntax()
				}
			}
		case !c.peek().IsOp(")"):
			c.syntax()
		}
	}
	return c.tail(c.apply(name, distinct, args))
}

// apply makes a call of a function with its arguments.
func (c *compiler) apply(name, distinct string, args []expr) expr {
	if e, ok := c.known(name, args); ok {
		return e
	}
	f, ok := functions[name]
	if !ok {
		raise("42883", "function %s does not exist", name)
	}
	hints := strings.Fields(f.args)
	for i := range args {
		if len(hints) > 0 {
			args[i] = c.as(args[i], named(hints[min(i, len(hints)-1)]))
		}
	}
	typ := named(f.returns)
	if f.returns == "" {
		args, typ = c.common(args)
	}
	sql := f.sql
	if sql == "" {
		sql = name
	}
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = c.settle(a).sql
	}
	return expr{sql: sql + "(" + distinct + strings.Join(parts, ", ") + ")", typ: typ, mod: -1, name: name}
}

// known are functions whose answer is known before SQLite is asked, or whose form
// depends on the types.
func (c *compiler) known(name string, args []expr) (expr, bool) {
	s := c.session
	text := func(v, typ string) (expr, bool) {
		return expr{sql: literal(v), typ: named(typ), mod: -1, name: name}, true
	}
	switch name {
	case "sum", "avg":
		if len(args) != 1 {
			raise("42883", "function %s does not exist with these arguments", name)
		}
		a := c.as(args[0], named("float8"))
		typ := named("numeric")
		switch {
		case a.typ.kind == kindFloat:
			typ = named("float8")
		case a.typ.kind == kindInt && a.typ.size < 8 && name == "sum":
			typ = named("bigint")
		}
		if typ.kind == kindNumeric {
			return expr{sql: "dws_" + name + "(" + a.sql + ")", typ: typ, mod: -1, name: name}, true
		}
		return expr{sql: name + "(" + a.sql + ")", typ: typ, mod: -1, name: name}, true
	case "now", "statement_timestamp", "transaction_timestamp", "clock_timestamp":
		at := s.now()
		if name == "clock_timestamp" {
			at = time.Now()
		}
		return text(named("timestamptz").stamp(at, time.UTC), "timestamptz")
	case "version":
		return text(s.settings.values["server_version"], "text")
	case "current_database", "current_catalog":
		return text(s.want.Database, "name")
	case "current_schema":
		return text("public", "name")
	case "current_user", "session_user":
		return text(s.user(), "name")
	case "pg_backend_pid":
		return expr{sql: strconv.FormatUint(uint64(s.want.PID), 10), typ: named("bigint"), mod: -1, name: name}, true
	case "pg_is_in_recovery":
		return expr{sql: "0", typ: named("boolean"), mod: -1, name: name}, true
	case "current_setting":
		if len(args) > 0 && args[0].text != nil {
			v, ok := s.settings.values[strings.ToLower(*args[0].text)]
			if !ok {
				raise("42704", "unrecognized configuration parameter %q", *args[0].text)
			}
			return text(v, "text")
		}
	case "pg_sleep":
		if len(args) == 1 {
			return expr{sql: "dws_sleep(" + c.as(args[0], named("float8")).sql + ", " + literal(s.id) + ")", typ: named("void"), mod: -1, name: name}, true
		}
	case "nextval":
		if len(args) == 1 && args[0].text != nil {
			return expr{sql: "dws_nextval(" + literal(s.store.id+"/"+strings.TrimPrefix(*args[0].text, "public.")) + ")", typ: named("bigint"), mod: -1, name: name}, true
		}
	case "date_trunc":
		if len(args) == 2 {
			at := c.as(args[1], named("timestamp"))
			zone := literal(s.settings.values["timezone"])
			return expr{sql: "dws_trunc(" + args[0].sql + ", " + at.sql + ", " + zone + ", " + literal(at.typ.name) + ")", typ: at.typ, mod: -1, name: name}, true
		}
	case "pg_typeof":
		return text(c.settle(args[0]).typ.name, "text")
	}
	return expr{}, false
}

// part is EXTRACT.
func (c *compiler) part(field string, e expr) expr {
	c.expectOp(")")
	e = c.as(e, named("timestamp"))
	zone := c.session.settings.values["timezone"]
	return expr{sql: "dws_part(" + literal(strings.ToLower(field)) + ", " + e.sql + ", " + literal(zone) + ", " + literal(e.typ.name) + ")", typ: named("float8"), mod: -1, name: "date_part"}
}

// tail takes FILTER and OVER.
func (c *compiler) tail(e expr) expr {
	if c.is("filter") && c.peekAt(1).IsOp("(") {
		c.at += 2
		c.expect("where")
		e.sql += " FILTER (WHERE " + c.expression(0).sql + ")"
		c.expectOp(")")
	}
	if !c.is("over") {
		return e
	}
	c.at++
	c.expectOp("(")
	e.sql += " OVER ("
	if c.accept("partition", "by") {
		e.sql += "PARTITION BY " + c.list()
	}
	if c.is("order") {
		e.sql += " " + c.orderBy()
	}
	for !c.peek().IsOp(")") {
		if c.done() {
			c.syntax()
		}
		e.sql += " " + c.next().Text // ROWS BETWEEN ...
	}
	c.expectOp(")")
	e.sql += ")"
	return e
}

// list takes expressions with commas between them.
func (c *compiler) list() string {
	var parts []string
	for {
		parts = append(parts, c.settle(c.expression(0)).sql)
		if !c.acceptOp(",") {
			return strings.Join(parts, ", ")
		}
	}
}
