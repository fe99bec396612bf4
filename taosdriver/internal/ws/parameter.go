package ws

import (
	sqldriver "database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// parameter is a placeholder of a prepared statement. That of a query, of which
// the server tells nothing, is the zero value.
type parameter struct {
	name      string
	typ       block.Type
	role      int64
	precision block.Precision
	// bytes that the column stores; 0 if unknown.
	bytes int64
}

// parametersOf returns the placeholders of an INSERT, nil for a query.
func parametersOf(r *reply, inputs int) ([]parameter, error) {
	if !r.IsInsert {
		if r.FieldsCount != int64(inputs) {
			return nil, fmt.Errorf("%d parameters for %d placeholders", r.FieldsCount, inputs)
		}
		return nil, nil
	}
	if len(r.Fields) != inputs {
		return nil, fmt.Errorf("%d parameters for %d placeholders", len(r.Fields), inputs)
	}
	params := make([]parameter, inputs)
	for i, f := range r.Fields {
		t, err := fieldType(f.Type)
		if err != nil {
			return nil, err
		}
		params[i] = parameter{name: f.Name, typ: t, role: f.BindType, bytes: f.Bytes}
		if t == block.Timestamp {
			if f.Precision < 0 || f.Precision > int64(block.Nano) {
				return nil, fmt.Errorf("unknown precision %d", f.Precision)
			}
			params[i].precision = block.Precision(f.Precision)
		}
	}
	return params, nil
}

// of names the parameter in errors.
func (p parameter) of() string {
	switch p.role {
	case bindColumn:
		return fmt.Sprintf(", column %q of type %v", p.name, p.typ)
	case bindTag:
		return fmt.Sprintf(", tag %q of type %v", p.name, p.typ)
	}
	return ""
}

// bind returns a column with the one value. ErrText means that the value has to
// be written into the statement.
func (p parameter) bind(arg sqldriver.Value) (*bind2.Column, error) {
	if p.role == 0 {
		return bindQuery(arg)
	}
	value, err := p.convert(arg)
	if err != nil {
		return nil, err
	}
	if err := p.fits(value); err != nil {
		return nil, err
	}
	c := bind2.NewColumn(p.typ, p.precision)
	if err := c.Append(value); err != nil {
		return nil, err
	}
	return c, nil
}

// bindQuery chooses the type by the value. A NULL would take the predicate away,
// what is not a number make it true for every row, bytes are refused, and text
// ends at a NUL; all four are left to the text.
func bindQuery(arg sqldriver.Value) (*bind2.Column, error) {
	t := block.VarChar
	switch v := arg.(type) {
	case bool:
		t = block.Bool
	case int64:
		t = block.BigInt
	case uint64:
		t = block.UBigInt
	case float32:
		if !finite(float64(v)) {
			return nil, transport.ErrText
		}
		t = block.Double
	case float64:
		if !finite(v) {
			return nil, transport.ErrText
		}
		t = block.Double
	case time.Time:
		y := v.UTC().Year()
		if y < 1970 { // which the server does not read from text
			return nil, transport.ErrText
		}
		if y > 9999 {
			return nil, fmt.Errorf("the year %d cannot be written as a timestamp", y)
		}
		arg = v.UTC().Format(time.RFC3339Nano)
	case string:
		if strings.IndexByte(v, 0) >= 0 {
			return nil, transport.ErrText
		}
	default:
		return nil, transport.ErrText
	}
	c := bind2.NewColumn(t, block.Milli)
	return c, c.Append(arg)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// convert returns the value in a form that the column's type takes exactly. What
// is not exact is an error.
func (p parameter) convert(arg sqldriver.Value) (any, error) {
	switch v := arg.(type) {
	case json.RawMessage:
		if v == nil {
			return p.convert(nil)
		}
		return p.convert(string(v))
	case nil:
		if p.typ == block.JSON { // stored as the text null
			return nil, transport.ErrText
		}
	case []byte:
		if v == nil {
			return p.convert(nil)
		}
	case string:
		return p.convertText(v)
	case int64:
		return p.convertInt(v)
	case uint64:
		if v > math.MaxInt64 && (p.typ == block.Float || p.typ == block.Double) {
			return p.convertFloat(float64(v), float64(v) < 1<<64 && uint64(float64(v)) == v)
		}
		if p.isText() {
			return strconv.FormatUint(v, 10), nil
		}
		if v <= math.MaxInt64 {
			return p.convertInt(int64(v))
		}
	case float32:
		if p.typ == block.Float || p.typ.IsDecimal() {
			return v, nil
		}
		return p.convertFloat(float64(v), true)
	case float64:
		return p.convertFloat(v, true)
	case bool:
		if p.isText() {
			return strconv.FormatBool(v), nil
		}
	case time.Time:
		if p.isText() {
			return v.Format(time.RFC3339Nano), nil
		}
	}
	return arg, nil
}

func (p parameter) isText() bool { return p.typ == block.VarChar || p.typ == block.NChar }

func (p parameter) convertInt(v int64) (any, error) {
	switch {
	case p.isText():
		return strconv.FormatInt(v, 10), nil
	case p.typ == block.Bool && (v == 0 || v == 1):
		return v == 1, nil
	case p.typ == block.Float && int64(float32(v)) != v, p.typ == block.Double && int64(float64(v)) != v:
		return nil, fmt.Errorf("%d cannot be represented exactly", v)
	}
	return v, nil
}

func (p parameter) convertFloat(v float64, exact bool) (any, error) {
	if !exact {
		return nil, fmt.Errorf("%v cannot be represented exactly", v)
	}
	_, _, integer := p.typ.IntegerRange()
	switch {
	case p.isText():
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case integer && p.typ != block.Timestamp:
		if v != math.Trunc(v) || math.Abs(v) >= 1<<63 {
			return nil, fmt.Errorf("%v is not an integer of the type", v)
		}
		return int64(v), nil
	}
	return v, nil
}

// convertText reads text as a value of the column's type.
func (p parameter) convertText(v string) (any, error) {
	low, high, integer := p.typ.IntegerRange()
	switch {
	case p.typ == block.Timestamp:
		t, err := time.Parse(time.RFC3339Nano, v)
		if err != nil {
			return nil, transport.ErrText // the server knows more forms, and the session's zone
		}
		return t, nil
	case integer && low < 0:
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return nil, notExact(v)
		}
		return n, nil
	case integer && high > 0:
		n, err := strconv.ParseUint(v, 10, 64)
		if err != nil {
			return nil, notExact(v)
		}
		return n, nil
	case p.typ == block.Float, p.typ == block.Double:
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return nil, notExact(v)
		}
		return f, nil
	case p.typ == block.Bool:
		switch strings.ToLower(v) {
		case "true", "1":
			return true, nil
		case "false", "0":
			return false, nil
		}
		return nil, notExact(v)
	case p.typ == block.Geometry: // well-known text, which only the server reads
		return nil, transport.ErrText
	}
	return v, nil
}

func notExact(v string) error {
	const most = 40
	if len(v) > most {
		v = v[:most] + "..."
	}
	return fmt.Errorf("%q is not a value of the type", v)
}

// fits checks the length of text and bytes.
func (p parameter) fits(value any) error {
	if p.bytes <= 0 {
		return nil
	}
	var length int
	var characters func() int
	switch v := value.(type) {
	case string:
		length, characters = len(v), func() int { return utf8.RuneCountInString(v) }
	case []byte:
		length, characters = len(v), func() int { return utf8.RuneCount(v) }
	default:
		return nil
	}
	switch p.typ {
	case block.VarChar, block.VarBinary, block.Geometry:
		if limit := p.bytes - 2; int64(length) > limit {
			return fmt.Errorf("%d bytes are longer than the %d of the column", length, limit)
		}
	case block.NChar:
		if limit := (p.bytes - 2) / 4; int64(length) > limit && int64(characters()) > limit {
			return fmt.Errorf("%d characters are longer than the %d of the column", characters(), limit)
		}
	}
	return nil
}
