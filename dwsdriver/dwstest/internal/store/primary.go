package store

import (
	"strconv"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/lex"
)

// primary takes what stands between operators.
func (c *compiler) primary() expr {
	t := c.peek()
	switch t.Kind {
	case lex.Number:
		c.at++
		return number(t.Text)
	case lex.Text, lex.Dollar:
		c.at++
		text, _ := t.Value()
		if _, err := checkText(text); err != nil {
			panic(err)
		}
		return expr{sql: literal(text), mod: -1, text: &text}
	case lex.Param:
		c.at++
		n, _ := strconv.Atoi(t.Text[1:])
		return c.parameter(n)
	case lex.Op:
		if t.Text == "(" {
			return c.parens()
		}
		c.syntax()
	case lex.Word:
		if e, ok := c.keyword(); ok {
			return e
		}
		// A type and a text: date '2024-01-01'.
		if typ, mod, n := takeType(c.w[c.at:]); n > 0 && (c.peekAt(n).Kind == lex.Text || c.peekAt(n).Kind == lex.Dollar) {
			text, _ := c.peekAt(n).Value()
			c.at += n + 1
			return c.cast(expr{sql: literal(text), mod: -1, text: &text}, typ, mod)
		}
	}
	if t.Name() != "" && c.peekAt(1).IsOp("(") {
		return c.call()
	}
	if c.peekAt(1).IsOp(".") && c.peekAt(3).IsOp("(") { // pg_catalog.function(
		c.at += 2
		return c.call()
	}
	name := c.name()
	if !c.acceptOp(".") {
		return c.reference("", name)
	}
	second := c.anyName()
	if c.acceptOp(".") {
		return c.reference(second, c.anyName())
	}
	return c.reference(name, second)
}

func (c *compiler) parens() expr {
	c.at++
	if c.is("select") || c.is("with") || c.is("values") {
		q := c.subquery()
		c.expectOp(")")
		if len(q.columns) != 1 {
			raise("42601", "subquery must return only one column")
		}
		return expr{sql: "(" + q.sql + ")", typ: q.columns[0].typ, mod: q.columns[0].mod, name: q.columns[0].name}
	}
	e := c.expression(0)
	if c.peek().IsOp(",") {
		parts := []string{e.sql}
		for c.acceptOp(",") {
			parts = append(parts, c.settle(c.expression(0)).sql)
		}
		c.expectOp(")")
		return expr{sql: "(" + strings.Join(parts, ", ") + ")", typ: e.typ, mod: -1, name: "row"}
	}
	c.expectOp(")")
	if e.param == 0 && e.text == nil {
		e.sql = "(" + e.sql + ")"
	}
	return e
}

// keyword takes what begins with a word of the language.
func (c *compiler) keyword() (expr, bool) {
	boolean, s := named("boolean"), c.session
	word := c.peek().Name()
	simple := func(sql, typ string) (expr, bool) {
		c.at++
		return expr{sql: sql, typ: named(typ), mod: -1, name: word}, true
	}
	switch word {
	case "true":
		e, ok := simple("1", "boolean")
		e.name = "bool"
		return e, ok
	case "false":
		e, ok := simple("0", "boolean")
		e.name = "bool"
		return e, ok
	case "null":
		c.at++
		return expr{sql: "NULL", mod: -1, null: true}, true
	case "current_timestamp":
		return simple(literal(named("timestamptz").stamp(s.now(), time.UTC)), "timestamptz")
	case "localtimestamp":
		return simple(literal(named("timestamp").stamp(s.now(), s.settings.zone())), "timestamp")
	case "current_date":
		return simple(literal(named("date").stamp(s.now(), s.settings.zone())), "date")
	case "sysdate":
		return simple(literal(named("timestamp").stamp(s.now().Truncate(time.Second), s.settings.zone())), "timestamp")
	case "current_user", "session_user", "user":
		if !c.peekAt(1).IsOp("(") {
			return simple(literal(s.user()), "name")
		}
	case "current_schema":
		if !c.peekAt(1).IsOp("(") {
			return simple("'public'", "name")
		}
	case "case":
		return c.caseOf(), true
	case "cast":
		c.at++
		c.expectOp("(")
		e := c.expression(0)
		c.expect("as")
		typ, mod := c.typeName()
		c.expectOp(")")
		name := e.name
		if name == "" {
			name = strings.Fields(typ.name)[0]
		}
		e = c.cast(e, typ, mod)
		e.name = name
		return e, true
	case "exists":
		c.at++
		c.expectOp("(")
		q := c.subquery()
		c.expectOp(")")
		return expr{sql: "EXISTS (" + q.sql + ")", typ: boolean, mod: -1, name: "exists"}, true
	case "array":
		raise("0A000", "the embedded store has no arrays")
	case "row":
		if c.peekAt(1).IsOp("(") {
			c.at++
			return c.parens(), true
		}
	case "default":
		raise("42601", "DEFAULT is not allowed in this context")
	}
	return expr{}, false
}

func (c *compiler) caseOf() expr {
	c.expect("case")
	boolean := named("boolean")
	out := "CASE"
	var subject *expr
	if !c.is("when") {
		e := c.expression(0)
		subject = &e
	}
	var results []expr
	var conditions []string
	for c.accept("when") {
		condition := c.expression(0)
		if subject != nil {
			_, condition = c.pair(*subject, condition)
			conditions = append(conditions, subject.sql+" = "+condition.sql)
		} else {
			conditions = append(conditions, c.as(condition, boolean).sql)
		}
		c.expect("then")
		results = append(results, c.expression(0))
	}
	hasElse := c.accept("else")
	if hasElse {
		results = append(results, c.expression(0))
	}
	c.expect("end")
	results, typ := c.common(results)
	for i, condition := range conditions {
		out += " WHEN " + condition + " THEN " + results[i].sql
	}
	if hasElse {
		out += " ELSE " + results[len(results)-1].sql
	}
	return expr{sql: "(" + out + " END)", typ: typ, mod: -1, name: "case"}
}

// common gives expressions one type.
func (c *compiler) common(list []expr) ([]expr, *typ) {
	var typ *typ
	for _, e := range list {
		if e.typ != nil {
			if typ == nil {
				typ = e.typ
			} else if typ != e.typ && typ.kind != kindText {
				typ = wider(typ, e.typ)
			}
		}
	}
	if typ == nil {
		typ = named("text")
	}
	for i := range list {
		if list[i] = c.as(list[i], typ); list[i].typ != typ && typ.kind == kindNumeric {
			list[i] = c.cast(list[i], typ, -1)
		}
	}
	return list, typ
}
