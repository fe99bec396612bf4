package eval

import (
	"math"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// tri is a truth value of three.
type tri uint8

const (
	unknown tri = iota
	isFalse
	isTrue
)

// truth is the truth of a value: NULL is unknown, zero false.
func truth(v any) tri {
	switch v := v.(type) {
	case nil:
		return unknown
	case bool:
		if v {
			return isTrue
		}
		return isFalse
	}
	f, ok := number(v)
	switch {
	case !ok:
		return unknown
	case f != 0:
		return isTrue
	}
	return isFalse
}

// True reports whether a condition holds of a row.
func (n Node) True(r *Row) bool { return truth(n.Eval(r)) == isTrue }

// number is a value as a float64, false if it is none.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, true
	case float32:
		return float64(v), true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case string:
		return parseFloat(v)
	case *literal.JSON:
		return number(v.Scalar())
	}
	return 0, false
}

func (c *Compiler) unary(e *parse.Unary) (Node, error) {
	x, err := c.Compile(e.X)
	if err != nil {
		return Node{}, err
	}
	if e.Op == "not" {
		return Node{field(block.Bool), x.Const, func(r *Row) any {
			switch truth(x.Eval(r)) {
			case isTrue:
				return false
			case isFalse:
				return true
			}
			return nil
		}}, nil
	}
	return Node{field(block.Double), x.Const, func(r *Row) any {
		if f, ok := number(x.Eval(r)); ok {
			return -f
		}
		return nil
	}}, nil
}

func (c *Compiler) binary(e *parse.Binary) (Node, error) {
	l, err := c.Compile(e.L)
	if err != nil {
		return Node{}, err
	}
	r, err := c.Compile(e.R)
	if err != nil {
		return Node{}, err
	}
	isConst := l.Const && r.Const
	switch e.Op {
	case "and", "or":
		stop := isFalse
		if e.Op == "or" {
			stop = isTrue
		}
		return Node{field(block.Bool), isConst, func(row *Row) any {
			a := truth(l.Eval(row))
			if a == stop {
				return stop == isTrue
			}
			b := truth(r.Eval(row))
			switch {
			case b == stop:
				return stop == isTrue
			case a == unknown || b == unknown:
				return nil
			}
			return stop != isTrue
		}}, nil
	case "=", "!=", "<", "<=", ">", ">=":
		return c.compare(e.Op, l, r), nil
	case "like", "match", "nmatch":
		return c.match(e.Op, l, r)
	case "->", "contains":
		return jsonOperator(e.Op, l, r)
	case "&", "|":
		or := e.Op == "|"
		return Node{field(block.BigInt), isConst, func(row *Row) any {
			a, ok1 := integerOf(l.Eval(row))
			b, ok2 := integerOf(r.Eval(row))
			switch {
			case !ok1 || !ok2:
				return nil
			case or:
				return a | b
			}
			return a & b
		}}, nil
	case "+", "-", "*", "/", "%":
		return c.arithmetic(e.Op, l, r)
	}
	return Node{}, sqlerr.Unsupported("operator " + e.Op)
}

// integerOf is a value as an int64, a fraction dropped.
func integerOf(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case uint64:
		return int64(v), true
	}
	f, ok := number(v)
	return floatToInt(f), ok
}

// floatToInt drops the fraction and stays within the range.
func floatToInt(f float64) int64 {
	switch {
	case math.IsNaN(f):
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

func (c *Compiler) arithmetic(op string, l, r Node) (Node, error) {
	lt, rt := l.Field.Type == block.Timestamp, r.Field.Type == block.Timestamp
	isConst := l.Const && r.Const
	switch {
	case lt && rt && op == "-":
		return integers(field(block.BigInt), op, l, r, isConst), nil
	case lt && isInteger(r.Field.Type) && (op == "+" || op == "-"), rt && isInteger(l.Field.Type) && op == "+":
		return integers(field(block.Timestamp), op, l, r, isConst), nil
	case lt || rt, l.Field.Type == block.VarBinary, r.Field.Type == block.VarBinary, l.Field.Type == block.JSON, r.Field.Type == block.JSON:
		return Node{}, sqlerr.ErrInvalidOperation
	}
	var f func(a, b float64) any
	switch op {
	case "+":
		f = func(a, b float64) any { return finite(a + b) }
	case "-":
		f = func(a, b float64) any { return finite(a - b) }
	case "*":
		f = func(a, b float64) any { return finite(a * b) }
	case "/":
		f = func(a, b float64) any { return finite(a / b) }
	default:
		f = func(a, b float64) any { return finite(math.Mod(a, b)) }
	}
	return Node{field(block.Double), isConst, func(row *Row) any {
		a, ok1 := number(l.Eval(row))
		b, ok2 := number(r.Eval(row))
		if !ok1 || !ok2 {
			return nil
		}
		return f(a, b)
	}}, nil
}

// finite is NULL for what no number is, as the server has it.
func finite(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return f
}

func integers(f block.Field, op string, l, r Node, isConst bool) Node {
	minus := op == "-"
	return Node{f, isConst, func(row *Row) any {
		a, ok1 := integerOf(l.Eval(row))
		b, ok2 := integerOf(r.Eval(row))
		switch {
		case !ok1 || !ok2:
			return nil
		case minus:
			return a - b
		}
		return a + b
	}}
}

// jsonOperator is tag->'key' and tag CONTAINS 'key'.
func jsonOperator(op string, l, r Node) (Node, error) {
	if l.Field.Type != block.JSON || !isText(r.Field.Type) {
		return Node{}, sqlerr.ErrInvalidOperation
	}
	isConst := l.Const && r.Const
	if op == "contains" {
		return Node{field(block.Bool), isConst, func(row *Row) any {
			doc, _ := l.Eval(row).(*literal.JSON)
			key, ok := r.Eval(row).(string)
			if doc == nil || !ok {
				return nil
			}
			return doc.Has(key)
		}}, nil
	}
	return Node{block.Field{Type: block.JSON, Bytes: block.JSONBytes}, isConst, func(row *Row) any {
		doc, _ := l.Eval(row).(*literal.JSON)
		key, ok := r.Eval(row).(string)
		if doc == nil || !ok {
			return nil
		}
		if v := doc.Get(key); v != nil {
			return v
		}
		return nil
	}}, nil
}
