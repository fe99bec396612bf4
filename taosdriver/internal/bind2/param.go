package bind2

import (
	sqldriver "database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// Role is what a placeholder stands for.
type Role uint8

// The roles, with the numbers of stmt2_prepare's bind_type. It tells nothing of
// the placeholders of a query.
const (
	QueryRole     Role = 0
	ColumnRole    Role = 1
	TagRole       Role = 2
	TableNameRole Role = 4
)

// Param is a placeholder of a prepared statement. That of a query, of which the
// server tells nothing, is the zero value.
type Param struct {
	Name string
	Role Role
	Type block.Type
	// Precision of a TIMESTAMP: that of the table's database.
	Precision block.Precision
	// Bytes that the column stores, see [block.Field.StorageBytes]; 0 if unknown.
	Bytes int64
	// Digits of a DECIMAL and those of them after the point. Servers before 3.4 do
	// not tell them.
	Digits, Scale uint8
	// Unscaled is set for a DECIMAL that has to be bound as an integer of Scale.
	Unscaled bool
}

// ErrText means that a value can only be written into the statement's text.
var ErrText = errors.New("the value can only be written into the statement's text")

// Of names the placeholder in errors: `, column "v" of type INT`.
func (p Param) Of() string {
	switch p.Role {
	case ColumnRole:
		return fmt.Sprintf(", column %q of type %v", p.Name, p.Type)
	case TagRole:
		return fmt.Sprintf(", tag %q of type %v", p.Name, p.Type)
	}
	return ""
}

// Bind returns a column with the one value, one of those that a database/sql
// driver takes: text becomes a number and the like where nothing is lost.
// [ErrText] means that the value has to be written into the statement.
func (p Param) Bind(arg sqldriver.Value) (*Column, error) {
	if p.Role == QueryRole {
		return bindQuery(arg)
	}
	value, err := p.convert(arg)
	if err != nil {
		return nil, err
	}
	c := p.Column()
	if err := c.Append(value); err != nil {
		return nil, err
	}
	return c, nil
}

// Column returns an empty column for values of the placeholder.
func (p Param) Column() *Column {
	if p.Unscaled {
		return NewUnscaled(p.Type, p.Scale)
	}
	c := NewColumn(p.Type, p.Precision)
	if p.Bytes > 0 {
		c.Limit(p.Bytes)
	}
	return c
}

// bindQuery chooses the type by the value. A NULL would take the predicate away,
// what is not a number make it true for every row, bytes are refused, and text
// ends at a NUL; all four are left to the text.
func bindQuery(arg sqldriver.Value) (*Column, error) {
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
			return nil, ErrText
		}
		t = block.Double
	case float64:
		if !finite(v) {
			return nil, ErrText
		}
		t = block.Double
	case time.Time:
		y := v.UTC().Year()
		if y < 1970 { // which the server does not read from text
			return nil, ErrText
		}
		if y > 9999 {
			return nil, fmt.Errorf("the year %d cannot be written as a timestamp", y)
		}
		arg = v.UTC().Format(time.RFC3339Nano)
	case string:
		if strings.IndexByte(v, 0) >= 0 {
			return nil, ErrText
		}
	default:
		return nil, ErrText
	}
	c := NewColumn(t, block.Milli)
	return c, c.Append(arg)
}

// QueryColumn returns a parameter of a query with a number as wide as the Go type,
// nil for other types.
func QueryColumn(arg any) (*Column, error) {
	var t block.Type
	switch v := arg.(type) {
	case int8:
		t = block.TinyInt
	case int16:
		t = block.SmallInt
	case int32:
		t = block.Int
	case uint8:
		t = block.UTinyInt
	case uint16:
		t = block.USmallInt
	case uint32:
		t = block.UInt
	case float32:
		if !finite(float64(v)) {
			return nil, ErrText
		}
		t = block.Float
	default:
		return nil, nil
	}
	c := NewColumn(t, block.Milli)
	return c, c.Append(arg)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// convert returns the value in a form that the column's type takes exactly. What
// is not exact is an error.
func (p Param) convert(arg sqldriver.Value) (any, error) {
	switch v := arg.(type) {
	case json.RawMessage:
		if v == nil {
			return p.convert(nil)
		}
		return p.convert(string(v))
	case nil:
		if p.Type == block.JSON { // stored as the text null
			return nil, ErrText
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
		if v > math.MaxInt64 && (p.Type == block.Float || p.Type == block.Double) {
			return p.convertFloat(float64(v), float64(v) < 1<<64 && uint64(float64(v)) == v)
		}
		if p.isText() {
			return strconv.FormatUint(v, 10), nil
		}
		if v <= math.MaxInt64 {
			return p.convertInt(int64(v))
		}
	case float32:
		if p.Type == block.Float || p.Type.IsDecimal() {
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

func (p Param) isText() bool { return p.Type == block.VarChar || p.Type == block.NChar }

func (p Param) convertInt(v int64) (any, error) {
	switch {
	case p.isText():
		return strconv.FormatInt(v, 10), nil
	case p.Type == block.Bool && (v == 0 || v == 1):
		return v == 1, nil
	case p.Type == block.Float && int64(float32(v)) != v, p.Type == block.Double && int64(float64(v)) != v:
		return nil, fmt.Errorf("%d cannot be represented exactly", v)
	}
	return v, nil
}

func (p Param) convertFloat(v float64, exact bool) (any, error) {
	if !exact {
		return nil, fmt.Errorf("%v cannot be represented exactly", v)
	}
	_, _, integer := p.Type.IntegerRange()
	switch {
	case p.isText():
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case integer && p.Type != block.Timestamp:
		if v != math.Trunc(v) || math.Abs(v) >= 1<<63 {
			return nil, fmt.Errorf("%v is not an integer of the type", v)
		}
		return int64(v), nil
	}
	return v, nil
}

// convertText reads text as a value of the column's type.
func (p Param) convertText(v string) (any, error) {
	low, high, integer := p.Type.IntegerRange()
	switch {
	case p.Type == block.Timestamp:
		t, err := time.Parse(time.RFC3339Nano, v)
		if err != nil {
			return nil, ErrText // the server knows more forms, and the session's zone
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
	case p.Type == block.Float, p.Type == block.Double:
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return nil, notExact(v)
		}
		return f, nil
	case p.Type == block.Bool:
		switch strings.ToLower(v) {
		case "true", "1":
			return true, nil
		case "false", "0":
			return false, nil
		}
		return nil, notExact(v)
	case p.Type == block.Geometry: // well-known text, which only the server reads
		return nil, ErrText
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
