package store

import (
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/lex"
)

// The precedences of operators, weakest first.
const (
	byOr = iota + 1
	byAnd
	byNot
	byIs
	byComparison
	byRange // BETWEEN, IN, LIKE
	byOther
	bySum
	byProduct
	byPower
	byCast
)

var operators = map[string]int{
	"=": byComparison, "<": byComparison, ">": byComparison, "<=": byComparison, ">=": byComparison, "<>": byComparison, "!=": byComparison,
	"||": byOther, "~": byOther, "~*": byOther, "!~": byOther, "!~*": byOther, "&": byOther, "|": byOther, "<<": byOther, ">>": byOther,
	"~~": byOther, "!~~": byOther, "->": byOther, "->>": byOther,
	"+": bySum, "-": bySum, "*": byProduct, "/": byProduct, "%": byProduct, "^": byPower, "::": byCast,
}

// expression takes an expression of operators that bind tighter than least.
func (c *compiler) expression(least int) expr {
	defer c.deeper()()
	left := c.prefix()
	for !c.done() {
		t := c.peek()
		prec := 0
		switch {
		case t.Kind == lex.Op:
			prec = operators[t.Text]
		case t.Is("or"):
			prec = byOr
		case t.Is("and"):
			prec = byAnd
		case t.Is("is"), t.Is("isnull"), t.Is("notnull"):
			prec = byIs
		case t.Is("between"), t.Is("in"), t.Is("like"), t.Is("ilike"):
			prec = byRange
		case t.Is("not") && (c.peekAt(1).Is("between") || c.peekAt(1).Is("in") || c.peekAt(1).Is("like") || c.peekAt(1).Is("ilike")):
			prec = byRange
		case t.Is("collate"), t.Is("at"):
			prec = byCast
		}
		if prec <= least || prec == 0 {
			return left
		}
		left = c.infix(left, prec)
	}
	return left
}

func (c *compiler) prefix() expr {
	t := c.peek()
	boolean := named("boolean")
	switch {
	case t.Is("not"):
		c.at++
		e := c.as(c.expression(byNot), boolean)
		return expr{sql: "(NOT " + e.sql + ")", typ: boolean, mod: -1}
	case t.IsOp("-"), t.IsOp("+"):
		c.at++
		if n := c.peek(); n.Kind == lex.Number && t.IsOp("-") {
			c.at++
			return number("-" + n.Text)
		}
		e := c.expression(byProduct)
		e.sql, e.param, e.name = "("+t.Text+" "+e.sql+")", 0, ""
		return e
	}
	return c.primary()
}

func (c *compiler) infix(left expr, prec int) expr {
	boolean := named("boolean")
	yes := func(sql string) expr { return expr{sql: "(" + sql + ")", typ: boolean, mod: -1} }
	t := c.next()
	not := ""
	if t.Is("not") {
		not = "NOT "
		t = c.next()
	}
	switch {
	case t.IsOp("::"):
		typ, mod := c.typeName()
		name := left.name
		if name == "" {
			name = strings.Fields(typ.name)[0]
			for alias, full := range map[string]string{"int4": "integer", "int8": "bigint", "int2": "smallint", "bool": "boolean", "float8": "double", "float4": "real", "varchar": "character"} {
				if full == name {
					name = alias
				}
			}
		}
		e := c.cast(left, typ, mod)
		e.name = name
		return e
	case t.Is("collate"):
		c.anyName()
		return left
	case t.Is("at"):
		c.expect("time", "zone")
		zone := c.settle(c.expression(byCast))
		return c.atZone(left, zone)
	case t.Is("isnull"):
		return yes(left.sql + " IS NULL")
	case t.Is("notnull"):
		return yes(left.sql + " IS NOT NULL")
	case t.Is("is"):
		if c.accept("not") {
			not = "NOT "
		}
		switch {
		case c.accept("null"):
			left = c.settle(left)
			return yes(left.sql + " IS " + not + "NULL")
		case c.accept("true"):
			return yes(left.sql + " IS " + not + "TRUE")
		case c.accept("false"):
			return yes(left.sql + " IS " + not + "FALSE")
		case c.accept("unknown"):
			return yes(left.sql + " IS " + not + "NULL")
		case c.accept("distinct", "from"):
			left, right := c.pair(left, c.expression(byIs))
			if not != "" {
				return yes(left.sql + " IS " + right.sql)
			}
			return yes(left.sql + " IS NOT " + right.sql)
		}
		c.syntax()
	case t.Is("between"):
		c.accept("symmetric")
		low := c.expression(byRange)
		c.expect("and")
		high := c.expression(byRange)
		left, low = c.pair(left, low)
		_, high = c.pair(left, high)
		return yes(left.sql + " " + not + "BETWEEN " + low.sql + " AND " + high.sql)
	case t.Is("in"):
		return c.in(left, not)
	case t.Is("like"):
		right := c.settle(c.expression(byRange))
		left = c.settle(left)
		c.escape()
		return yes("dws_like(" + left.sql + ", " + right.sql + ") = " + map[string]string{"": "1", "NOT ": "0"}[not])
	case t.Is("ilike"):
		right := c.settle(c.expression(byRange))
		left = c.settle(left)
		c.escape()
		return yes("dws_ilike(" + left.sql + ", " + right.sql + ") = " + map[string]string{"": "1", "NOT ": "0"}[not])
	case t.Is("and"), t.Is("or"):
		right := c.as(c.expression(prec), boolean)
		return yes(c.as(left, boolean).sql + " " + strings.ToUpper(t.Text) + " " + right.sql)
	}
	if prec == byComparison {
		for _, word := range []string{"any", "some", "all"} {
			if c.is(word) && c.peekAt(1).IsOp("(") {
				return c.quantified(left, t.Text, word)
			}
		}
	}
	return c.binary(left, t.Text, c.expression(prec), prec)
}

func (c *compiler) escape() {
	if c.accept("escape") {
		raise("0A000", "the embedded store knows LIKE without ESCAPE only")
	}
}

func (c *compiler) binary(left expr, op string, right expr, prec int) expr {
	boolean, text := named("boolean"), named("text")
	switch op {
	case "||":
		left, right = c.settle(left), c.settle(right)
		return expr{sql: "(" + c.cast(left, text, -1).sql + " || " + c.cast(right, text, -1).sql + ")", typ: text, mod: -1}
	case "~", "!~", "~*", "!~*", "~~", "!~~":
		left, right = c.settle(left), c.settle(right)
		function := map[string]string{"~": "dws_match", "~*": "dws_imatch", "~~": "dws_like"}[strings.TrimPrefix(op, "!")]
		want := map[bool]string{true: "0", false: "1"}[op[0] == '!']
		return expr{sql: "(" + function + "(" + left.sql + ", " + right.sql + ") = " + want + ")", typ: boolean, mod: -1}
	case "->", "->>":
		left, right = c.as(left, named("json")), c.settle(right)
		typ := left.typ
		if op == "->>" {
			typ = text
		}
		return expr{sql: "(" + left.sql + " " + op + " " + right.sql + ")", typ: typ, mod: -1}
	}
	if prec == byComparison {
		left, right = c.pair(left, right)
		return expr{sql: "(" + left.sql + " " + op + " " + right.sql + ")", typ: boolean, mod: -1}
	}
	if e, ok := c.instants(left, op, right); ok {
		return e
	}
	left, right = c.pair(left, right)
	typ := wider(left.typ, right.typ)
	switch {
	case op == "^":
		return expr{sql: "pow(" + left.sql + ", " + right.sql + ")", typ: named("float8"), mod: -1}
	case typ.kind == kindText || typ.kind == kindBool || typ.kind == kindBytes:
		raise("42883", "operator does not exist: %s %s %s", left.typ.name, op, right.typ.name)
	case typ.kind == kindNumeric:
		return expr{sql: "dws_decimal(" + left.sql + ", " + literal(op) + ", " + right.sql + ")", typ: typ, mod: -1}
	}
	if op == "/" || op == "%" {
		return expr{sql: "(" + left.sql + " " + op + " dws_nonzero(" + right.sql + "))", typ: typ, mod: -1}
	}
	return expr{sql: "(" + left.sql + " " + op + " " + right.sql + ")", typ: typ, mod: -1}
}

// pair gives two sides of an operator one type where one side has none, and makes them
// comparable.
func (c *compiler) pair(left, right expr) (expr, expr) {
	switch {
	case left.typ == nil && right.typ == nil:
		return c.settle(left), c.settle(right)
	case left.typ == nil:
		left = c.as(left, right.typ)
	case right.typ == nil:
		right = c.as(right, left.typ)
	}
	a, b := left.typ, right.typ
	switch {
	case a == b || a == nil || b == nil:
	case a.kind == kindNumeric && (b.kind == kindInt || b.kind == kindFloat):
		right.sql = "dws_cast(" + right.sql + ", '', 'numeric', -1, '')"
	case b.kind == kindNumeric && (a.kind == kindInt || a.kind == kindFloat):
		left.sql = "dws_cast(" + left.sql + ", '', 'numeric', -1, '')"
	case a.kind == kindBool && b.kind == kindInt, a.kind == kindInt && b.kind == kindBool:
	case (a.kind == kindText) != (b.kind == kindText) && (a.kind == kindInt || a.kind == kindBool || b.kind == kindInt || b.kind == kindBool):
		raise("42883", "operator does not exist: %s = %s", a.name, b.name)
	case a.kind == kindDate && (b.kind == kindStamp || b.kind == kindStampZone):
		left = c.cast(left, b, -1)
	case b.kind == kindDate && (a.kind == kindStamp || a.kind == kindStampZone):
		right = c.cast(right, a, -1)
	case a.kind == kindStamp && b.kind == kindStampZone:
		left = c.cast(left, b, -1)
	case b.kind == kindStamp && a.kind == kindStampZone:
		right = c.cast(right, a, -1)
	}
	return left, right
}

// wider is the type of arithmetic.
func wider(a, b *typ) *typ {
	rank := func(t *typ) int {
		switch {
		case t == nil || t.kind == kindText:
			return 0
		case t.kind == kindFloat:
			return 100 + t.size
		case t.kind == kindNumeric:
			return 50
		case t.kind == kindInt:
			return t.size
		}
		return 1000
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}

// instants are sums and differences of times and intervals.
func (c *compiler) instants(left expr, op string, right expr) (expr, bool) {
	isTime := func(e expr) bool {
		return e.typ != nil && (e.typ.kind == kindStamp || e.typ.kind == kindStampZone || e.typ.kind == kindDate)
	}
	interval := named("interval")
	switch {
	case op != "+" && op != "-":
	case isTime(left) && (right.typ == interval || right.typ != nil && right.typ.kind == kindInt && left.typ.kind == kindDate || right.param > 0 && right.typ == nil):
		right = c.as(right, interval)
		typ := left.typ
		if typ.kind == kindDate && right.typ == interval {
			typ = named("timestamp")
		}
		return expr{sql: "dws_shift(" + left.sql + ", " + literal(op) + ", " + right.sql + ", " + literal(typ.name) + ")", typ: typ, mod: -1}, true
	case isTime(right) && left.typ == interval && op == "+":
		return c.instants(right, op, left)
	case op == "-" && isTime(left) && right.typ != nil && isTime(right):
		if left.typ.kind == kindDate && right.typ.kind == kindDate {
			return expr{sql: "dws_days(" + left.sql + ", " + right.sql + ")", typ: named("integer"), mod: -1}, true
		}
		return expr{sql: "dws_between(" + left.sql + ", " + right.sql + ")", typ: interval, mod: -1}, true
	}
	return expr{}, false
}

func (c *compiler) atZone(e, zone expr) expr {
	e = c.as(e, named("timestamptz"))
	to := named("timestamptz")
	if e.typ.kind == kindStampZone {
		to = named("timestamp")
	}
	return expr{sql: "dws_cast(" + e.sql + ", " + literal(e.typ.name) + ", " + literal(to.name) + ", -1, " + zone.sql + ")", typ: to, mod: -1, name: "timezone"}
}

func (c *compiler) in(left expr, not string) expr {
	c.expectOp("(")
	boolean := named("boolean")
	if c.is("select") || c.is("with") || c.is("values") {
		q := c.subquery()
		c.expectOp(")")
		if len(q.columns) != 1 {
			raise("42601", "subquery has too many columns")
		}
		left = c.as(left, q.columns[0].typ)
		return expr{sql: "(" + left.sql + " " + not + "IN (" + q.sql + "))", typ: boolean, mod: -1}
	}
	var list []string
	for {
		var item expr
		left, item = c.pair(left, c.expression(0))
		list = append(list, item.sql)
		if !c.acceptOp(",") {
			break
		}
	}
	c.expectOp(")")
	return expr{sql: "(" + left.sql + " " + not + "IN (" + strings.Join(list, ", ") + "))", typ: boolean, mod: -1}
}

// quantified is = ANY (array or subquery), <> ALL (...).
func (c *compiler) quantified(left expr, op, word string) expr {
	c.at++
	c.expectOp("(")
	not := ""
	switch {
	case op == "=" && word != "all":
	case (op == "<>" || op == "!=") && word == "all":
		not = "NOT "
	default:
		raise("0A000", "the embedded store knows = ANY and <> ALL only")
	}
	boolean := named("boolean")
	if c.is("select") || c.is("with") {
		q := c.subquery()
		c.expectOp(")")
		return expr{sql: "(" + left.sql + " " + not + "IN (" + q.sql + "))", typ: boolean, mod: -1}
	}
	if c.accept("array") {
		c.expectOp("[")
		var list []string
		for !c.acceptOp("]") {
			var item expr
			left, item = c.pair(left, c.expression(0))
			if list = append(list, item.sql); !c.acceptOp(",") && !c.peek().IsOp("]") {
				c.syntax()
			}
		}
		c.expectOp(")")
		return expr{sql: "(" + left.sql + " " + not + "IN (" + strings.Join(list, ", ") + "))", typ: boolean, mod: -1}
	}
	array := c.settle(c.expression(0))
	c.expectOp(")")
	kind := "text"
	if left.typ != nil {
		kind = left.typ.name
	}
	return expr{sql: "(" + left.sql + " " + not + "IN (SELECT value FROM json_each(dws_array(" + array.sql + ", " + literal(kind) + "))))", typ: boolean, mod: -1}
}

func (c *compiler) typeName() (*typ, int) {
	t, mod, n := takeType(c.w[min(c.at, len(c.w)):])
	if n == 0 {
		raise("42704", "type %q does not exist", c.peek().Text)
	}
	c.at += n
	if c.peek().IsOp("[") {
		for c.acceptOp("[") {
			for !c.done() && !c.acceptOp("]") {
				c.at++
			}
		}
		return named("text"), -1 // arrays are their texts
	}
	return t, mod
}

// number is a numeric literal.
func number(text string) expr {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		t := named("integer")
		if n != int64(int32(n)) {
			t = named("bigint")
		}
		sql := strconv.FormatInt(n, 10)
		if text == "-9223372036854775808" {
			sql = "(-9223372036854775807 - 1)"
		}
		return expr{sql: sql, typ: t, mod: -1}
	}
	v, err := named("numeric").parse(text, nil)
	if err != nil {
		panic(err)
	}
	return expr{sql: inline(v), typ: named("numeric"), mod: -1}
}
