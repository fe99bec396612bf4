package eval

import (
	"math"
	"math/big"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// State accumulates one aggregate over the rows of one group. Rows given to Add are not written to
// afterwards.
type State interface {
	Add(*Row)
	Result() any
	// Row is the row a selecting aggregate (min, max, first, last, last_row) took its value from,
	// nil for others and while there is none.
	Row() *Row
}

// Aggregate is a compiled call of an aggregate.
type Aggregate struct {
	Field   block.Field
	Selects bool // one row is chosen
	Counts  bool // has a result without any row
	New     func() State
}

var aggregates = map[string]bool{
	"count": true, "sum": true, "avg": true, "min": true, "max": true, "first": true, "last": true, "last_row": true, "spread": true,
	"stddev": true, "stddev_pop": true, "std": true, "var_pop": true, "variance": true,
}

// IsAggregate reports whether a function is an aggregate that the store knows.
func IsAggregate(name string) bool { return aggregates[name] }

// Expands reports whether a function takes * for each column in turn.
func Expands(name string) bool { return name == "first" || name == "last" || name == "last_row" }

// NewAggregate compiles a call of an aggregate; c compiles its argument and must not know
// aggregates itself.
func (c *Compiler) NewAggregate(e *parse.Call) (Aggregate, error) {
	if len(e.Args) != 1 {
		return Aggregate{}, argCount(e.Name)
	}
	if _, star := e.Args[0].(*parse.Star); star {
		if e.Name != "count" {
			return Aggregate{}, argType(e.Name)
		}
		return Aggregate{field(block.BigInt), false, true, func() State { return &count{} }}, nil
	}
	x, err := c.Compile(e.Args[0])
	if err != nil {
		return Aggregate{}, err
	}
	t := x.Field.Type
	numeric := isNumeric(t) || isNull(x)
	switch e.Name {
	case "count":
		return Aggregate{field(block.BigInt), false, true, func() State { return &count{of: &x} }}, nil
	case "first", "last", "last_row":
		name := e.Name
		return Aggregate{x.Field, true, false, func() State { return &end{of: x, name: name} }}, nil
	case "min", "max":
		if !numeric && !isText(t) && t != block.Timestamp {
			return Aggregate{}, argType(e.Name)
		}
		want := 1
		if e.Name == "min" {
			want = -1
		}
		m := c.comparison(x, x)
		return Aggregate{unnamed(x.Field), true, false, func() State { return &extreme{of: x, with: m, want: want} }}, nil
	case "spread":
		numeric = numeric || t == block.Timestamp
	}
	if !numeric {
		return Aggregate{}, argType(e.Name)
	}
	if t.IsDecimal() {
		return decimalAggregate(e.Name, x)
	}
	switch {
	case e.Name == "sum" && isUnsigned(t):
		return Aggregate{field(block.UBigInt), false, false, func() State { return &integerSum{of: x, unsigned: true} }}, nil
	case e.Name == "sum" && isInteger(t):
		return Aggregate{field(block.BigInt), false, false, func() State { return &integerSum{of: x} }}, nil
	}
	name := e.Name
	return Aggregate{field(block.Double), false, false, func() State { return &moments{of: x, name: name} }}, nil
}

type noRow struct{}

func (noRow) Row() *Row { return nil }

type count struct {
	noRow
	of *Node // nil: rows
	n  int64
}

func (s *count) Add(r *Row) {
	if s.of == nil || s.of.Eval(r) != nil {
		s.n++
	}
}

func (s *count) Result() any { return s.n }

// integerSum wraps around, as the server's does.
type integerSum struct {
	noRow
	of       Node
	n        int64
	seen     bool
	unsigned bool
}

func (s *integerSum) Add(r *Row) {
	switch v := s.of.Eval(r).(type) {
	case int64:
		s.n += v
		s.seen = true
	case uint64:
		s.n += int64(v)
		s.seen = true
	}
}

func (s *integerSum) Result() any {
	switch {
	case !s.seen:
		return nil
	case s.unsigned:
		return uint64(s.n)
	}
	return s.n
}

// moments serves sum, avg, spread and the deviations, by Welford's method.
type moments struct {
	noRow
	of       Node
	name     string
	n        float64
	sum      float64
	mean, m2 float64
	min, max float64
}

func (s *moments) Add(r *Row) {
	f, ok := number(s.of.Eval(r))
	if !ok {
		return
	}
	if s.n == 0 {
		s.min, s.max = f, f
	}
	s.n++
	s.sum += f
	d := f - s.mean
	s.mean += d / s.n
	s.m2 += d * (f - s.mean)
	s.min, s.max = min(s.min, f), max(s.max, f)
}

func (s *moments) Result() any {
	if s.n == 0 {
		return nil
	}
	switch s.name {
	case "sum":
		return s.sum
	case "avg":
		return s.sum / s.n
	case "spread":
		return s.max - s.min
	case "var_pop", "variance":
		return s.m2 / s.n
	}
	return math.Sqrt(s.m2 / s.n)
}

type extreme struct {
	of   Node
	with comparison
	want int
	v    any
	row  *Row
}

func (s *extreme) Add(r *Row) {
	v := s.of.Eval(r)
	if v == nil {
		return
	}
	if s.row != nil {
		if order, ok := s.with.compare(v, s.v); !ok || order != s.want {
			return
		}
	}
	s.v, s.row = v, r
}

func (s *extreme) Result() any { return s.v }
func (s *extreme) Row() *Row   { return s.row }

// end is the first or last row by time; of first and last the ends that are not NULL.
type end struct {
	of   Node
	name string
	v    any
	row  *Row
}

func (s *end) Add(r *Row) {
	v := s.of.Eval(r)
	if v == nil && s.name != "last_row" {
		return
	}
	if s.row == nil || s.name == "first" && r.Time < s.row.Time || s.name != "first" && r.Time >= s.row.Time {
		s.v, s.row = v, r
	}
}

func (s *end) Result() any { return s.v }
func (s *end) Row() *Row   { return s.row }

// decimalAggregate is the exact sum or average of a DECIMAL: of 38 digits, the average with four
// more after the point.
func decimalAggregate(name string, x Node) (Aggregate, error) {
	f := block.Field{Type: block.Decimal128, Bytes: 16, Precision: block.MaxPrecision, Scale: x.Field.Scale}
	switch name {
	case "sum":
	case "avg":
		f.Scale = min(f.Scale+4, block.MaxPrecision)
	default:
		return Aggregate{}, sqlerr.Unsupported(name + " of a DECIMAL")
	}
	return Aggregate{f, false, false, func() State {
		return &decimalSum{of: x, scale: f.Scale, average: name == "avg"}
	}}, nil
}

type decimalSum struct {
	noRow
	of      Node
	scale   uint8
	average bool
	sum     big.Rat
	n       int64
}

func (s *decimalSum) Add(r *Row) {
	text, ok := s.of.Eval(r).(string)
	if !ok {
		return
	}
	if v, ok := new(big.Rat).SetString(text); ok {
		s.sum.Add(&s.sum, v)
		s.n++
	}
}

func (s *decimalSum) Result() any {
	if s.n == 0 {
		return nil
	}
	v := &s.sum
	if s.average {
		v = new(big.Rat).Quo(v, new(big.Rat).SetInt64(s.n))
	}
	return v.FloatString(int(s.scale))
}
