package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// SleepFunction is what the store adds to IoTDB's functions: it is true, after so many
// milliseconds.
const SleepFunction = "iotdbtest_sleep"

// scalars are functions of fixed result types: the kinds of arguments (n number, t
// text, i integer, a any; those after | may be left out), the result, and SQLite's text,
// if it is not the function of the same name.
var scalars = map[string]struct {
	args   string
	result datatype.Type
	sql    map[int]string // by the number of arguments
}{
	"upper":       {"t", datatype.String, nil},
	"lower":       {"t", datatype.String, nil},
	"trim":        {"t", datatype.String, nil},
	"ltrim":       {"t", datatype.String, nil},
	"rtrim":       {"t", datatype.String, nil},
	"length":      {"t", datatype.Int32, nil},
	"strpos":      {"tt", datatype.Int32, map[int]string{2: "instr(%s, %s)"}},
	"replace":     {"tt|t", datatype.String, map[int]string{2: "replace(%s, %s, '')"}},
	"substring":   {"ti|i", datatype.String, map[int]string{2: "substr(%s, %s)", 3: "substr(%s, %s, %s)"}},
	"starts_with": {"tt", datatype.Boolean, map[int]string{2: "(instr(%s, %s) = 1)"}},
	"sqrt":        {"n", datatype.Double, nil},
	"exp":         {"n", datatype.Double, nil},
	"ln":          {"n", datatype.Double, nil},
	"log10":       {"n", datatype.Double, nil},
	"sin":         {"n", datatype.Double, nil},
	"cos":         {"n", datatype.Double, nil},
	"tan":         {"n", datatype.Double, nil},
	"floor":       {"n", datatype.Double, map[int]string{1: "CAST(floor(%s) AS REAL)"}},
	"ceil":        {"n", datatype.Double, map[int]string{1: "CAST(ceil(%s) AS REAL)"}},
	"round":       {"n|i", datatype.Double, map[int]string{1: "round(%s)", 2: "round(%s, %s)"}},
	"pi":          {"", datatype.Double, nil},
	"e":           {"", datatype.Double, map[int]string{0: "exp(1.0)"}},
}

func (c *compiler) call(n call, scope []scoped) typed {
	if len(n.args) == 1 {
		if _, ok := n.args[0].(star); ok {
			if n.name != "count" {
				panic(fail(CodeSemantic, "%s(*) is not supported", n.name))
			}
			return typed{fragment: fragment{sql: "count(*)"}, typ: datatype.Int64, aggregate: true, source: -1}
		}
	}
	args := make([]typed, len(n.args))
	for i, a := range n.args {
		args[i] = c.expression(a, scope)
	}
	if x, ok := c.aggregate(n, args, scope); ok {
		return x
	}
	if n.distinct {
		panic(fail(CodeSemantic, "DISTINCT is not supported for non-aggregation functions"))
	}
	if f, ok := scalars[n.name]; ok {
		least, most, optional := strings.Index(f.args+"|", "|"), strings.ReplaceAll(f.args, "|", ""), len(args)
		if optional < least || optional > len(most) {
			panic(fail(CodeSemantic, "Scalar function %s does not accept %d arguments", n.name, len(args)))
		}
		for i, a := range args {
			ok := a.typ == datatype.Unknown
			switch most[i] {
			case 'n':
				ok = ok || numeric(a.typ)
			case 't':
				ok = ok || textual(a.typ)
			case 'i':
				ok = ok || a.typ == datatype.Int32 || a.typ == datatype.Int64
			}
			if !ok {
				panic(fail(CodeSemantic, "Scalar function %s does not accept an argument of type %s", n.name, a.typ))
			}
		}
		text := f.sql[len(args)]
		if text == "" {
			text = n.name + "(" + strings.TrimSuffix(strings.Repeat("%s, ", len(args)), ", ") + ")"
		}
		return of(f.result, text, args...)
	}
	switch n.name {
	case "abs":
		c.count(n, args, 1)
		return of(args[0].typ, "abs(%s)", args...)
	case "concat":
		for _, a := range args {
			if !textual(a.typ) {
				panic(fail(CodeSemantic, "Scalar function concat only accepts two or more arguments and they must be text data type"))
			}
		}
		c.count(n, args, max(2, len(args)))
		return of(datatype.String, "("+strings.TrimSuffix(strings.Repeat("coalesce(%s, '') || ", len(args)), " || ")+")", args...)
	case "coalesce":
		c.count(n, args, max(2, len(args)))
		t := args[0].typ
		for _, a := range args[1:] {
			if t = wider(t, a.typ); !comparableTypes(args[0].typ, a.typ) {
				panic(fail(CodeInternal, "All operands must have the same type: [%s, %s]", a.typ, args[0].typ))
			}
		}
		return of(t, "coalesce("+strings.TrimSuffix(strings.Repeat("%s, ", len(args)), ", ")+")", args...)
	case "if":
		c.count(n, args, 3)
		return of(wider(args[1].typ, args[2].typ), "iif(%s, %s, %s)", args...)
	case "now":
		c.count(n, args, 0)
		ts, _ := c.session.store.timestamp(c.now)
		return constantOf(ts, datatype.Timestamp)
	case "date_bin":
		if len(args) < 2 || len(args) > 3 || args[0].span == 0 {
			panic(fail(CodeSemantic, "date_bin takes an interval, a time and an origin"))
		}
		if len(args) == 2 {
			args = append(args, constantOf(int64(0), datatype.Timestamp))
		}
		width, at, from := args[0], args[1], args[2]
		offset := of(datatype.Int64, "(((%s - %s) %% %s + %s) %% %s)", at, from, width, width, width)
		return of(datatype.Timestamp, "(%s - %s)", at, offset)
	case SleepFunction:
		k, ok := constant{}, false
		if len(n.args) == 1 {
			k, ok = n.args[0].(constant)
		}
		ms, isInt := k.value.(int32)
		if !ok || !isInt || ms < 0 {
			panic(fail(CodeSemantic, "%s takes a number of milliseconds", SleepFunction))
		}
		c.sleep += time.Duration(ms) * time.Millisecond
		return constantOf(true, datatype.Boolean)
	}
	panic(fail(CodeSemantic, "Unknown function: %s", n.name))
}

func (c *compiler) count(n call, args []typed, want int) {
	if len(args) != want {
		panic(fail(CodeSemantic, "Scalar function %s does not accept %d arguments", n.name, len(args)))
	}
}

// aggregate compiles the functions of several rows.
func (c *compiler) aggregate(n call, args []typed, scope []scoped) (x typed, ok bool) {
	arity := map[string]int{
		"count": 1, "sum": 1, "avg": 1, "min": 1, "max": 1, "first": 1, "last": 1, "count_if": 1,
		"first_by": 2, "last_by": 2, "min_by": 2, "max_by": 2,
	}
	want, ok := arity[n.name]
	if !ok {
		return x, false
	}
	if len(args) < want || len(args) > want+1 || len(args) > want && want == 1 && n.name != "first" && n.name != "last" {
		panic(fail(CodeSemantic, "Aggregate functions [%s] should only have %d argument", n.name, want))
	}
	for _, a := range args {
		if a.aggregate {
			panic(fail(CodeSemantic, "Cannot nest aggregations inside aggregation '%s'", n.name))
		}
	}
	a, distinct := args[0], ""
	if n.distinct {
		distinct = "DISTINCT "
	}
	at := func() typed { return c.column(column{name: "time", written: "time"}, scope) }
	switch n.name {
	case "count":
		x = of(datatype.Int64, "count("+distinct+"%s)", a)
	case "count_if":
		x = of(datatype.Int64, "count(CASE WHEN %s THEN 1 END)", a)
	case "sum", "avg":
		if !numeric(a.typ) {
			panic(fail(CodeSemantic, "Aggregate functions [%s] only support numeric data types [INT32, INT64, FLOAT, DOUBLE]", n.name))
		}
		x = of(datatype.Double, fmt.Sprintf("CAST(%s(%s%%s) AS REAL)", n.name, distinct), a)
	case "min", "max":
		x = of(a.typ, n.name+"(%s)", a)
	case "first", "last":
		by := at
		if len(args) == 2 {
			by = func() typed { return args[1] }
		}
		x = of(a.typ, map[string]string{"first": sqlFirst, "last": sqlLast}[n.name]+"(%s, %s)", a, by())
	case "min_by":
		x = of(a.typ, sqlFirst+"(%s, %s)", a, args[1])
	case "max_by":
		x = of(a.typ, sqlLast+"(%s, %s)", a, args[1])
	case "first_by", "last_by": // of the rows in which the second is not NULL
		by := of(datatype.Timestamp, "CASE WHEN %s IS NOT NULL THEN %s END", args[1], at())
		x = of(a.typ, map[string]string{"first_by": sqlFirst, "last_by": sqlLast}[n.name]+"(%s, %s)", a, by)
	}
	x.aggregate, x.loose = true, nil
	return x, true
}
