package eval

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
)

func parseFloat(s string) (float64, bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return f, err == nil || math.IsInf(f, 0)
}

// decimal is a DECIMAL among other values: its text orders as a number.
type decimal string

// Compare orders two values that are not NULL. ok is false if they cannot be compared.
func Compare(a, b any) (order int, ok bool) {
	if j, isJSON := a.(*literal.JSON); isJSON {
		a = j.Scalar()
	}
	if j, isJSON := b.(*literal.JSON); isJSON {
		b = j.Scalar()
	}
	if a == nil || b == nil {
		return 0, false
	}
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y), true
		}
	case []byte:
		if y, ok := b.([]byte); ok {
			return bytes.Compare(x, y), true
		}
		return 0, false
	case bool, int64:
		x64, ok1 := integerExact(x)
		if y64, ok2 := integerExact(b); ok1 && ok2 {
			return cmp.Compare(x64, y64), true
		}
		if y, ok := b.(uint64); ok {
			return compareMixed(x64, y), true
		}
	case uint64:
		switch y := b.(type) {
		case uint64:
			return cmp.Compare(x, y), true
		case int64:
			return -compareMixed(y, x), true
		}
	}
	if x, y, ok := decimals(a, b); ok {
		return literal.CompareDecimals(x, y), true
	}
	x, ok1 := number(a)
	y, ok2 := number(b)
	if !ok1 || !ok2 || math.IsNaN(x) || math.IsNaN(y) {
		return 0, false
	}
	return cmp.Compare(x, y), true
}

func integerExact(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

func compareMixed(a int64, b uint64) int {
	if a < 0 {
		return -1
	}
	return cmp.Compare(uint64(a), b)
}

// decimals is a pair with a decimal among them as two texts.
func decimals(a, b any) (x, y string, ok bool) {
	_, d1 := a.(decimal)
	_, d2 := b.(decimal)
	if !d1 && !d2 {
		return "", "", false
	}
	x, ok1 := numberText(a)
	y, ok2 := numberText(b)
	return x, y, ok1 && ok2
}

func numberText(v any) (string, bool) {
	switch v := v.(type) {
	case decimal:
		return string(v), true
	case string:
		_, ok := parseFloat(v)
		return v, ok
	case int64:
		return strconv.FormatInt(v, 10), true
	case uint64:
		return strconv.FormatUint(v, 10), true
	}
	f, ok := number(v)
	return strconv.FormatFloat(f, 'f', -1, 64), ok && !math.IsInf(f, 0) && !math.IsNaN(f)
}

// comparison compares values of two static types: it reads a text beside a timestamp as time, a
// text \x01 beside bytes as bytes, and takes a decimal for a number.
type comparison struct{ left, right func(any) any } // nil: as it is

func (c *Compiler) comparison(l, r Node) comparison {
	return comparison{c.side(l, r), c.side(r, l)}
}

// side is what the values of a node go through before they are compared with another's. A constant
// beside a FLOAT is cut to one, so that 0.1 equals a stored 0.1.
func (c *Compiler) side(n, other Node) func(any) any {
	if n.Const && n.Field.Type == block.Double && other.Field.Type == block.Float {
		return func(v any) any {
			f, _ := v.(float64)
			return float32(f)
		}
	}
	return c.conversion(n.Field.Type, other.Field.Type)
}

func (m comparison) compare(a, b any) (order int, ok bool) {
	if a == nil || b == nil {
		return 0, false
	}
	if m.left != nil {
		a = m.left(a)
	}
	if m.right != nil {
		b = m.right(b)
	}
	return Compare(a, b)
}

// conversion is what values of type t go through before they are compared with values of type
// other.
func (c *Compiler) conversion(t, other block.Type) func(any) any {
	switch {
	case t.IsDecimal():
		return func(v any) any {
			s, _ := v.(string)
			return decimal(s)
		}
	case isText(t) && other == block.Timestamp:
		loc := c.locationOf()
		return func(v any) any {
			s, _ := v.(string)
			if ts, ok := literal.Time(s, c.Precision, loc); ok {
				return ts
			}
			if i, err := strconv.ParseInt(s, 10, 64); err == nil {
				return i
			}
			return nil
		}
	case isText(t) && other == block.VarBinary:
		return func(v any) any {
			s, _ := v.(string)
			if digits, ok := strings.CutPrefix(s, `\x`); ok {
				if b, err := hex.DecodeString(digits); err == nil {
					return b
				}
			}
			return []byte(s)
		}
	case t == block.Bool && isText(other): // 'true' is true
		return func(v any) any {
			b, _ := v.(bool)
			return strconv.FormatBool(b)
		}
	}
	return nil
}

// folded prepares a constant once, so that a text of time is not read again for each row.
func folded(n Node, conv func(any) any) (Node, func(any) any) {
	if !n.Const || conv == nil {
		return n, conv
	}
	v := n.Eval(nil)
	if v != nil {
		v = conv(v)
	}
	return constant(n.Field, v), nil
}

func isNull(n Node) bool { return n.Const && n.Eval(nil) == nil }

var holds = map[string]func(order int) bool{
	"=":  func(o int) bool { return o == 0 },
	"!=": func(o int) bool { return o != 0 },
	"<":  func(o int) bool { return o < 0 },
	"<=": func(o int) bool { return o <= 0 },
	">":  func(o int) bool { return o > 0 },
	">=": func(o int) bool { return o >= 0 },
}

func (c *Compiler) compare(op string, l, r Node) Node {
	if isNull(l) || isNull(r) { // NULL whatever the other is, known before any row is read
		return constant(field(block.Bool), nil)
	}
	m := c.comparison(l, r)
	l, m.left = folded(l, m.left)
	r, m.right = folded(r, m.right)
	hold := holds[op]
	return Node{field(block.Bool), l.Const && r.Const, func(row *Row) any {
		if order, ok := m.compare(l.Eval(row), r.Eval(row)); ok {
			return hold(order)
		}
		return nil
	}}
}

// between computes its subject once a row, however deeply such expressions nest.
func (c *Compiler) between(e *parse.Between) (Node, error) {
	nodes, err := c.compileAll([]parse.Expr{e.X, e.Lo, e.Hi})
	if err != nil {
		return Node{}, err
	}
	x, lo, hi := nodes[0], nodes[1], nodes[2]
	if isNull(x) || isNull(lo) && isNull(hi) {
		return constant(field(block.Bool), nil), nil
	}
	low, high := c.comparison(x, lo), c.comparison(x, hi)
	lo, low.right = folded(lo, low.right)
	hi, high.right = folded(hi, high.right)
	not := e.Not
	return Node{field(block.Bool), x.Const && lo.Const && hi.Const, func(r *Row) any {
		v := x.Eval(r)
		a, ok1 := low.compare(v, lo.Eval(r))
		b, ok2 := high.compare(v, hi.Eval(r))
		switch {
		case ok1 && a < 0 || ok2 && b > 0:
			return not
		case !ok1 || !ok2:
			return nil
		}
		return !not
	}}, nil
}

// subject compares one computed value with each of a list.
type subject struct {
	items []Node
	with  []comparison
}

func (c *Compiler) subject(x Node, items []Node) subject {
	s := subject{items: items, with: make([]comparison, len(items))}
	for i, item := range items {
		m := c.comparison(x, item)
		s.items[i], m.right = folded(item, m.right)
		s.with[i] = m
	}
	return s
}

func (s subject) equals(v any, i int, r *Row) tri {
	order, ok := s.with[i].compare(v, s.items[i].Eval(r))
	switch {
	case !ok:
		return unknown
	case order == 0:
		return isTrue
	}
	return isFalse
}

func (c *Compiler) in(e *parse.In) (Node, error) {
	x, err := c.Compile(e.X)
	if err != nil {
		return Node{}, err
	}
	list, err := c.compileAll(e.List)
	if err != nil {
		return Node{}, err
	}
	isConst := x.Const
	for _, n := range list {
		isConst = isConst && n.Const
	}
	s, not := c.subject(x, list), e.Not
	return Node{field(block.Bool), isConst, func(r *Row) any {
		v, result := x.Eval(r), any(not)
		for i := range s.items {
			switch s.equals(v, i, r) {
			case isTrue:
				return !not
			case unknown:
				result = nil
			}
		}
		return result
	}}, nil
}
