package eval

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// cast is CAST(x AS type). Numbers wrap around into a narrower integer, texts are cut to the
// length, as on the server.
func (c *Compiler) cast(e *parse.Cast) (Node, error) {
	x, err := c.Compile(e.X)
	if err != nil {
		return Node{}, err
	}
	t := e.Type
	if len(t.Args) == 0 {
		switch t.Name {
		case "VARCHAR", "BINARY", "NCHAR", "VARBINARY":
			t.Args = []int{max(int(x.Field.Bytes), 64)}
		}
	}
	f, err := catalog.Field("", t)
	if err != nil {
		return Node{}, err
	}
	switch {
	case f.Type == block.JSON, f.Type == block.Geometry, f.Type == block.Blob, f.Type.IsDecimal():
		return Node{}, sqlerr.Unsupported("cast to " + f.Type.String())
	case x.Field.Type == block.JSON, x.Field.Type == block.Geometry, x.Field.Type == block.Blob:
		return Node{}, sqlerr.Unsupported("cast from " + x.Field.Type.String())
	}
	return c.convert(x, f), nil
}

// convert gives a node another type.
func (c *Compiler) convert(x Node, f block.Field) Node {
	f.Name = ""
	if x.Field.Type == f.Type && !isText(f.Type) || x.Const && x.Eval(nil) == nil {
		x.Field = f
		return x
	}
	from := x.Field
	n := Node{Field: f, Const: x.Const, Eval: func(r *Row) any {
		v := x.Eval(r)
		if v == nil {
			return nil
		}
		return c.castValue(v, from, f)
	}}
	if n.Const {
		return constant(f, n.Eval(nil))
	}
	return n
}

func (c *Compiler) castValue(v any, from, to block.Field) any {
	switch {
	case to.Type == block.Bool:
		if s, ok := v.(string); ok && strings.EqualFold(s, "true") {
			return true
		}
		return truth(v) == isTrue
	case isInteger(to.Type):
		return castInteger(v, to.Type)
	case to.Type == block.Float:
		f, _ := number(v)
		return float32(f)
	case to.Type == block.Double:
		f, _ := number(v)
		return f
	case to.Type == block.Timestamp:
		if s, ok := v.(string); ok {
			if ts, ok := literal.Time(s, c.Precision, c.locationOf()); ok {
				return ts
			}
		}
		n, _ := integerOf(v)
		return n
	case to.Type == block.VarBinary:
		s := c.textOf(v, from)
		return []byte(s[:min(len(s), int(to.Bytes))])
	case to.Type == block.VarChar:
		s := c.textOf(v, from)
		return s[:min(len(s), int(to.Bytes))]
	case to.Type == block.NChar:
		s := c.textOf(v, from)
		for utf8.RuneCountInString(s) > int(to.Bytes) {
			_, size := utf8.DecodeLastRuneInString(s)
			s = s[:len(s)-size]
		}
		return s
	}
	return v
}

func castInteger(v any, t block.Type) any {
	var n int64
	switch x := v.(type) {
	case uint64:
		if t == block.UBigInt {
			return x
		}
		n = int64(x)
	case string:
		if i, err := strconv.ParseInt(strings.TrimSpace(x), 10, 64); err == nil {
			n = i
		} else if u, err := strconv.ParseUint(strings.TrimSpace(x), 10, 64); err == nil {
			n = int64(u)
		} else {
			f, _ := parseFloat(x)
			n = floatToInt(f)
		}
	default:
		if f, ok := number(v); ok && t == block.UBigInt && f > math.MaxInt64 && f < math.MaxUint64 {
			return uint64(f)
		}
		n, _ = integerOf(v)
	}
	switch t {
	case block.TinyInt:
		return int64(int8(n))
	case block.SmallInt:
		return int64(int16(n))
	case block.Int:
		return int64(int32(n))
	case block.UTinyInt:
		return int64(uint8(n))
	case block.USmallInt:
		return int64(uint16(n))
	case block.UInt:
		return int64(uint32(n))
	case block.UBigInt:
		return uint64(n)
	}
	return n
}

// textOf is a value as text.
func (c *Compiler) textOf(v any, f block.Field) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case bool:
		return strconv.FormatBool(v)
	case int64:
		if f.Type == block.Timestamp {
			return formatTime(c.Precision.Time(v, c.locationOf()), c.Precision, "2006-01-02 15:04:05", "")
		}
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	case float32:
		return strconv.FormatFloat(float64(v), 'f', 6, 32)
	case float64:
		return strconv.FormatFloat(v, 'f', 6, 64)
	case *literal.JSON:
		return v.Text()
	}
	return ""
}

// formatTime writes a time with all digits of the precision between two layouts.
func formatTime(t time.Time, p block.Precision, layout, suffix string) string {
	return t.Format(layout + ".000000000"[:1+p.Digits()] + suffix)
}
