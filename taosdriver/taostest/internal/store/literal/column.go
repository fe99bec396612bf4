package literal

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// Env is what the meaning of a literal depends on besides its text.
type Env struct {
	Precision block.Precision
	Location  *time.Location // of timestamps without a zone
	Now       time.Time
}

// Bad is a value that its column cannot hold; Info is TDengine's remark: "int data overflow".
type Bad struct{ Info string }

func (b *Bad) Error() string { return b.Info }

func bad(info string) error { return &Bad{Info: info} }

// source is a value on its way into a column: int64, uint64, float64, bool, string, []byte or
// time.Time, with its text.
type source struct {
	v     any
	text  string
	bound bool // an argument, not a literal: NaN and infinities are welcome
}

// Literal is a written value as a value of column f. The error is a *Bad or a *sqlerr.Error.
func (e *Env) Literal(f *block.Field, v *parse.Value) (any, error) {
	s := source{text: v.Text}
	switch v.Kind {
	case parse.NullValue:
		return nil, nil
	case parse.BoolValue:
		s.v = v.Text == "true"
	case parse.IntegerValue:
		s.v = integer(v.Text)
	case parse.FloatValue:
		s.v, _ = strconv.ParseFloat(v.Text, 64) // ±Inf if it does not fit
	case parse.StringValue:
		s.v = v.Text
	case parse.NowValue:
		s.v = e.Now
	case parse.TodayValue:
		s.v = Today(e.Now.In(e.Location))
	default:
		if f.Type == block.Timestamp {
			return nil, bad("invalid timestamp")
		}
		return nil, bad("invalid data or symbol")
	}
	x, err := e.convert(f, s)
	if err != nil || len(v.Shift) == 0 {
		return x, err
	}
	return e.shift(f, x, v.Shift)
}

func (e *Env) shift(f *block.Field, x any, shifts []parse.Shift) (any, error) {
	ts, ok := x.(int64)
	if f.Type != block.Timestamp || !ok {
		return nil, bad("invalid data or symbol")
	}
	for _, s := range shifts {
		d, ok := ParseDuration(s.Text)
		if !ok {
			return nil, bad("invalid timestamp")
		}
		if s.Minus {
			d.N = -d.N
		}
		if ts, ok = Add(ts, d, e.Precision, e.Location); !ok {
			return nil, bad("invalid timestamp")
		}
	}
	return ts, nil
}

// Add moves a timestamp by a duration; months and years by the calendar of loc.
func Add(ts int64, d Duration, p block.Precision, loc *time.Location) (int64, bool) {
	if d.Natural() {
		if d.N != int64(int16(d.N)) { // no calendar reaches further
			return 0, false
		}
		v, err := p.Unix(p.Time(ts, loc).AddDate(0, int(d.Months()), 0))
		return v, err == nil
	}
	n, ok := d.Units(p)
	return ts + n, ok && (n >= 0) == (ts+n >= ts)
}

// integer is the value of digits, 0x1f or 0b101 with a sign: int64, uint64 or, beyond both,
// float64.
func integer(text string) any {
	if n, err := strconv.ParseInt(text, intBase(text), 64); err == nil {
		return n
	}
	if n, err := strconv.ParseUint(strings.TrimPrefix(text, "+"), intBase(text), 64); err == nil {
		return n
	}
	f, _ := strconv.ParseFloat(text, 64)
	return hugeInteger(f)
}

// hugeInteger is an integer literal beyond 64 bits.
type hugeInteger float64

func intBase(text string) int {
	if t := strings.TrimLeft(text, "+-"); strings.HasPrefix(t, "0x") || strings.HasPrefix(t, "0b") {
		return 0
	}
	return 10
}

// Bind is an argument as a value of column f: nil, int64, uint64, float64, float32, bool, string,
// []byte or time.Time.
func (e *Env) Bind(f *block.Field, arg any) (any, error) {
	s := source{v: arg, bound: true}
	switch a := arg.(type) {
	case nil:
		return nil, nil
	case int64:
		s.text = strconv.FormatInt(a, 10)
	case uint64:
		s.text = strconv.FormatUint(a, 10)
	case float32:
		s.v, s.text = float64(a), strconv.FormatFloat(float64(a), 'g', -1, 32)
	case float64:
		s.text = strconv.FormatFloat(a, 'g', -1, 64)
	case bool:
		s.text = strconv.FormatBool(a)
	case string:
		s.text = a
	case []byte:
		s.text = string(a)
	case time.Time:
		s.text = a.Format(time.RFC3339Nano)
	}
	return e.convert(f, s)
}

func (e *Env) convert(f *block.Field, s source) (any, error) {
	if isNullText(f.Type, s.v) {
		return nil, nil
	}
	switch f.Type {
	case block.Bool:
		return toBool(s)
	case block.TinyInt, block.SmallInt, block.Int, block.BigInt, block.UTinyInt, block.USmallInt, block.UInt, block.UBigInt:
		return toInteger(f.Type, s)
	case block.Float, block.Double:
		return toFloat(f.Type, s)
	case block.Timestamp:
		return e.toTimestamp(s)
	case block.VarChar:
		if len(s.text) > int(f.Bytes) {
			return nil, sqlerr.TooLong(f.Name)
		}
		return strings.Clone(s.text), nil
	case block.NChar:
		if !utf8.ValidString(s.text) {
			return nil, bad("invalid nchar data")
		}
		if utf8.RuneCountInString(s.text) > int(f.Bytes) {
			return nil, sqlerr.TooLong(f.Name)
		}
		return strings.Clone(s.text), nil
	case block.VarBinary, block.Blob:
		return toBinary(f, s)
	case block.Geometry:
		return toGeometry(f, s)
	case block.JSON:
		doc, info := ParseJSON(s.text)
		if info != "" {
			return nil, bad(info)
		}
		if doc == nil {
			return nil, nil
		}
		return doc, nil
	case block.Decimal64, block.Decimal128:
		return toDecimal(f, s)
	}
	return nil, sqlerr.Unsupported("values of type " + f.Type.String())
}

// isNullText reports whether v is the text null, which is NULL to every type that is not a text
// itself.
func isNullText(t block.Type, v any) bool {
	s, ok := v.(string)
	return ok && !t.Variable() && strings.EqualFold(s, "null")
}

func (e *Env) toTimestamp(s source) (any, error) {
	switch v := s.v.(type) {
	case int64:
		return v, nil
	case time.Time:
		ts, err := e.Precision.Unix(v)
		if err != nil {
			return nil, bad("invalid timestamp")
		}
		return ts, nil
	case string:
		if ts, ok := Time(v, e.Precision, e.Location); ok {
			return ts, nil
		}
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return n, nil
		}
		if strings.EqualFold(v, "now") || strings.EqualFold(v, "now()") {
			return e.toTimestamp(source{v: e.Now})
		}
	}
	return nil, bad("invalid timestamp")
}
