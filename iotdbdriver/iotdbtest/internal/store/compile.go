package store

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// compiler turns a query into one for SQLite. Its methods panic with an *Error.
// The caller holds the lock of the catalogue.
type compiler struct {
	session *Session
	args    []any // values of parameters
	now     time.Time
	sleep   time.Duration
	serial  int
	tree    bool // names count letter case
}

// fragment is a piece of SQL with the arguments in it.
type fragment struct {
	sql  string
	args []any
}

// join writes fragments in the place of the %s of a format.
func compose(format string, parts ...fragment) fragment {
	out := fragment{}
	texts := make([]any, len(parts))
	for i, p := range parts {
		texts[i] = p.sql
		out.args = append(out.args, p.args...)
	}
	out.sql = fmt.Sprintf(format, texts...)
	return out
}

// typed is an expression with its type.
type typed struct {
	fragment
	typ       datatype.Type
	aggregate bool       // there is an aggregate function in it
	loose     []fragment // columns outside of aggregate functions
	source    int        // of a bare column, its number in the scope; -1 otherwise
	span      int64      // of a duration
}

// scoped is a column that a query can name.
type scoped struct {
	table, name string
	typ         datatype.Type
	x           fragment
	hidden      bool // not in *, and not ambiguous: the right side of USING
}

func constantOf(v any, t datatype.Type) typed {
	x := typed{typ: t, source: -1}
	switch v := encode(v).(type) {
	case nil:
		x.sql = "NULL"
	case int64:
		x.sql = fmt.Sprint(v)
		if v == math.MinInt64 {
			x.sql, x.args = "?", []any{v}
		}
	default:
		x.sql, x.args = "?", []any{v}
	}
	return x
}

// of makes an expression from others.
func of(t datatype.Type, format string, parts ...typed) typed {
	out := typed{typ: t, source: -1}
	fragments := make([]fragment, len(parts))
	for i, p := range parts {
		fragments[i] = p.fragment
		out.aggregate = out.aggregate || p.aggregate
		out.loose = append(out.loose, p.loose...)
	}
	out.fragment = compose(format, fragments...)
	return out
}

func numeric(t datatype.Type) bool { return t >= datatype.Int32 && t <= datatype.Double }
func textual(t datatype.Type) bool {
	return t == datatype.Text || t == datatype.String
}

// wider is the type of an arithmetic result.
func wider(a, b datatype.Type) datatype.Type {
	switch {
	case a == datatype.Unknown:
		return b
	case b == datatype.Unknown:
		return a
	case a == b:
		return a
	case a == datatype.Double || b == datatype.Double:
		return datatype.Double
	case a == datatype.Float || b == datatype.Float:
		return datatype.Float
	}
	return datatype.Int64
}

// comparable reports whether values of the types can be compared.
func comparableTypes(a, b datatype.Type) bool {
	switch {
	case a == datatype.Unknown, b == datatype.Unknown, a == b:
		return true
	case numeric(a) && numeric(b), textual(a) && textual(b):
		return true
	case a == datatype.Timestamp:
		return b == datatype.Int32 || b == datatype.Int64
	case b == datatype.Timestamp:
		return a == datatype.Int32 || a == datatype.Int64
	}
	return false
}

// boolean compiles a condition.
func (c *compiler) boolean(n node, scope []scoped, what string) typed {
	x := c.expression(n, scope)
	if x.typ != datatype.Boolean && x.typ != datatype.Unknown {
		panic(fail(CodeSemantic, "%s must evaluate to a %s (actual: %s)", what, "BOOLEAN", x.typ))
	}
	return x
}

func (c *compiler) expression(n node, scope []scoped) typed {
	switch n := n.(type) {
	case constant:
		if n.typ == datatype.Timestamp {
			at, ok := parseInstant(n.raw, c.session.zone)
			ts, fits := c.session.store.timestamp(at)
			if !ok || !fits {
				panic(fail(CodeSyntax, "Input time format %s error. Input like yyyy-MM-dd HH:mm:ss, yyyy-MM-ddTHH:mm:ss or refer to user document for more info.", n.raw))
			}
			return constantOf(ts, datatype.Timestamp)
		}
		return constantOf(n.value, n.typ)
	case parameter:
		if n.n >= len(c.args) {
			panic(fail(CodeSemantic, "Query takes no parameters"))
		}
		v := c.args[n.n]
		return constantOf(v, typeOf(v))
	case span:
		x := constantOf(n.ns/(1_000_000_000/c.session.store.units), datatype.Int64)
		x.span = n.ns
		return x
	case column:
		return c.column(n, scope)
	case unary:
		return c.unary(n, scope)
	case binop:
		return c.binary(n, scope)
	case in:
		return c.in(n, scope)
	case range_:
		x, low, high := c.expression(n.x, scope), c.expression(n.low, scope), c.expression(n.high, scope)
		c.comparable("<=", low, x)
		c.comparable("<=", x, high)
		if n.not {
			return of(datatype.Boolean, "(%s NOT BETWEEN %s AND %s)", x, low, high)
		}
		return of(datatype.Boolean, "(%s BETWEEN %s AND %s)", x, low, high)
	case like:
		x, pattern, escape := c.expression(n.x, scope), c.expression(n.pattern, scope), constantOf("", datatype.String)
		if n.escape != nil {
			escape = c.expression(n.escape, scope)
		}
		if !textual(x.typ) || !textual(pattern.typ) {
			panic(fail(CodeSemantic, "Left side of LIKE expression must evaluate to TEXT or STRING Type (actual: %s)", x.typ))
		}
		if n.not {
			return of(datatype.Boolean, "(NOT "+sqlLike+"(%s, %s, %s))", x, pattern, escape)
		}
		return of(datatype.Boolean, sqlLike+"(%s, %s, %s)", x, pattern, escape)
	case choice:
		return c.choice(n, scope)
	case cast:
		return c.cast(n, scope)
	case call:
		return c.call(n, scope)
	case query:
		q := c.selection(n.selection)
		if len(q.columns) != 1 {
			panic(fail(CodeSemantic, "Multiple columns returned by subquery are not yet supported. Found %d", len(q.columns)))
		}
		return typed{fragment: compose("(%s)", q.fragment), typ: q.columns[0].typ, source: -1}
	case exists:
		return typed{fragment: compose("EXISTS (%s)", c.selection(n.selection).fragment), typ: datatype.Boolean, source: -1}
	}
	panic(fail(CodeSemantic, "unexpected expression"))
}

// typeOf is the type of a value given for a parameter.
func typeOf(v any) datatype.Type {
	switch v.(type) {
	case bool:
		return datatype.Boolean
	case int32:
		return datatype.Int32
	case int64:
		return datatype.Int64
	case float32:
		return datatype.Float
	case float64:
		return datatype.Double
	case string:
		return datatype.String
	case []byte:
		return datatype.Blob
	}
	return datatype.Unknown
}

func (c *compiler) column(n column, scope []scoped) typed {
	found := -1
	if c.tree {
		n.name = n.written
		if isTime(n.name) {
			n.name = "time"
		}
	}
	for i, s := range scope {
		if s.name != n.name || n.table != "" && s.table != n.table || n.table == "" && s.hidden {
			continue
		}
		if found >= 0 {
			panic(fail(CodeSemantic, "Column '%s' is ambiguous", n.name))
		}
		found = i
	}
	if found < 0 {
		full := n.name
		if n.table != "" {
			full = n.table + "." + n.name
		}
		panic(fail(CodeNoColumn, "Column '%s' cannot be resolved", full))
	}
	s := scope[found]
	return typed{fragment: s.x, typ: s.typ, loose: []fragment{s.x}, source: found}
}

func (c *compiler) unary(n unary, scope []scoped) typed {
	switch n.op {
	case "not":
		return of(datatype.Boolean, "(NOT %s)", c.boolean(n.x, scope, "Value of logical NOT expression"))
	case "is null":
		return of(datatype.Boolean, "(%s IS NULL)", c.expression(n.x, scope))
	case "is not null":
		return of(datatype.Boolean, "(%s IS NOT NULL)", c.expression(n.x, scope))
	}
	x := c.expression(n.x, scope)
	if !numeric(x.typ) && x.typ != datatype.Unknown {
		panic(fail(CodeSemantic, "Cannot negate %s", x.typ))
	}
	return of(x.typ, "(- %s)", x)
}

func (c *compiler) comparable(op string, a, b typed) {
	if comparableTypes(a.typ, b.typ) {
		return
	}
	if op[0] == '>' { // the server turns these round before it looks
		op = "<" + op[1:]
	}
	panic(fail(CodeSemantic, "Cannot apply operator: %s %s %s", a.typ, op, b.typ))
}

func (c *compiler) binary(n binop, scope []scoped) typed {
	switch n.op {
	case "and", "or":
		const what = "Logical expression term"
		return of(datatype.Boolean, "(%s "+strings.ToUpper(n.op)+" %s)", c.boolean(n.l, scope, what), c.boolean(n.r, scope, what))
	}
	l, r := c.expression(n.l, scope), c.expression(n.r, scope)
	switch n.op {
	case "=", "<>", "<", "<=", ">", ">=":
		c.comparable(n.op, l, r)
		return of(datatype.Boolean, "(%s "+n.op+" %s)", l, r)
	case "||":
		if !textual(l.typ) || !textual(r.typ) {
			panic(fail(CodeSemantic, "Scalar function concat only accepts two or more arguments and they must be text data type"))
		}
		return of(datatype.String, "(coalesce(%s, '') || coalesce(%s, ''))", l, r)
	}
	t := wider(l.typ, r.typ)
	shift := l.typ == datatype.Timestamp && (r.typ == datatype.Int32 || r.typ == datatype.Int64)
	if n.op == "+" && r.typ == datatype.Timestamp && (l.typ == datatype.Int32 || l.typ == datatype.Int64) {
		shift = true
	}
	switch {
	case shift && (n.op == "+" || n.op == "-"):
		t = datatype.Timestamp
	case !numeric(l.typ) && l.typ != datatype.Unknown, !numeric(r.typ) && r.typ != datatype.Unknown:
		panic(fail(CodeSemantic, "Cannot apply operator: %s %s %s", l.typ, n.op, r.typ))
	case (n.op == "/" || n.op == "%") && t != datatype.Float && t != datatype.Double:
		return of(t, map[string]string{"/": sqlDiv, "%": sqlMod}[n.op]+"(%s, %s)", l, r)
	case n.op == "%" && (t == datatype.Float || t == datatype.Double):
		return of(t, "mod(%s, %s)", l, r)
	}
	return of(t, "(%s "+n.op+" %s)", l, r)
}

func (c *compiler) in(n in, scope []scoped) typed {
	x := c.expression(n.x, scope)
	op := "IN"
	if n.not {
		op = "NOT IN"
	}
	if n.query != nil {
		q := c.selection(n.query)
		if len(q.columns) != 1 {
			panic(fail(CodeSemantic, "Multiple columns returned by subquery are not yet supported. Found %d", len(q.columns)))
		}
		list := typed{fragment: q.fragment, typ: q.columns[0].typ}
		c.comparable("=", x, list)
		return of(datatype.Boolean, "(%s "+op+" (%s))", x, list)
	}
	parts := []typed{x}
	for _, e := range n.list {
		y := c.expression(e, scope)
		c.comparable("=", x, y)
		parts = append(parts, y)
	}
	return of(datatype.Boolean, "(%s "+op+" (%s"+strings.Repeat(", %s", len(n.list)-1)+"))", parts...)
}

func (c *compiler) choice(n choice, scope []scoped) typed {
	var parts []typed
	text := "CASE"
	var subject typed
	if n.x != nil {
		subject = c.expression(n.x, scope)
		text += " %s"
		parts = append(parts, subject)
	}
	t := datatype.Unknown
	result := func(n node) {
		x := c.expression(n, scope)
		if t != datatype.Unknown && x.typ != datatype.Unknown && t != x.typ {
			if !numeric(t) || !numeric(x.typ) {
				panic(fail(CodeSemantic, "All CASE results must be the same type or coercible to a common type. Cannot find common type between %s and %s", t, x.typ))
			}
		}
		t = wider(t, x.typ)
		parts = append(parts, x)
	}
	for _, w := range n.whens {
		text += " WHEN %s THEN %s"
		if n.x == nil {
			parts = append(parts, c.boolean(w.cond, scope, "CASE WHEN clause"))
		} else {
			x := c.expression(w.cond, scope)
			c.comparable("=", subject, x)
			parts = append(parts, x)
		}
		result(w.then)
	}
	if n.other != nil {
		text += " ELSE %s"
		result(n.other)
	}
	return of(t, "("+text+" END)", parts...)
}

func (c *compiler) cast(n cast, scope []scoped) typed {
	x := c.expression(n.x, scope)
	from, to := x.typ, n.typ
	if k, ok := n.x.(constant); ok && k.typ == datatype.String && (to == datatype.Date || to == datatype.Timestamp) {
		v, err := c.session.literal(k, to)
		if err != nil {
			panic(fail(CodeInternal, "Cannot cast %s to %s type", k.raw, to))
		}
		return constantOf(v, to)
	}
	switch {
	case from == to, textual(from) && textual(to), to == datatype.Blob && textual(from), from == datatype.Unknown:
		return of(to, "%s", x)
	case to == datatype.Boolean && numeric(from):
		return of(to, "(%s <> 0)", x)
	case to == datatype.Boolean && textual(from):
		return of(to, "(lower(%s) = 'true')", x)
	case from == datatype.Boolean && textual(to):
		return of(to, "iif(%s, 'true', 'false')", x)
	case from == datatype.Timestamp && textual(to), from == datatype.Date, from == datatype.Blob, to == datatype.Date, to == datatype.Blob:
		panic(unsupported("CAST from " + from.String() + " to " + to.String()))
	case textual(to):
		return of(to, "CAST(%s AS TEXT)", x)
	case to == datatype.Float || to == datatype.Double:
		return of(to, "CAST(%s AS REAL)", x)
	case from == datatype.Float || from == datatype.Double:
		return of(to, "CAST(round(%s) AS INTEGER)", x)
	}
	return of(to, "CAST(%s AS INTEGER)", x)
}

// same reports whether two fragments are the same expression.
func same(a, b fragment) bool { return a.sql == b.sql && reflect.DeepEqual(a.args, b.args) }

func among(list []fragment, x fragment) bool {
	return slices.ContainsFunc(list, func(f fragment) bool { return same(f, x) })
}
