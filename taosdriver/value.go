package taosdriver

import (
	"database/sql"
	sqldriver "database/sql/driver"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// maxUnwrap bounds the chain of Valuers and pointers behind an argument.
const maxUnwrap = 32

// CheckNamedValue implements [sqldriver.NamedValueChecker]. Arguments become nil,
// bool, int64, uint64, float32, float64, string, []byte, json.RawMessage or
// time.Time: pointers are followed, a nil one is NULL; a [sqldriver.Valuer] such
// as sql.NullString gives its value; types with one of these as the underlying
// type are converted; *big.Int and other structs and arrays with a String method,
// decimals for instance, are text.
func (c *conn) CheckNamedValue(v *sqldriver.NamedValue) error {
	if v.Name != "" {
		return c.origin.Error(driver.ErrNotSupported, "arguments", 0,
			fmt.Sprintf("argument %d has a name, %q; TDengine's placeholders have none", v.Ordinal, v.Name), nil)
	}
	value, err := plainValue(v.Value)
	if err != nil {
		kind := driver.ErrInterface
		return c.origin.Error(kind, "arguments", 0, fmt.Sprintf("argument %d", v.Ordinal), err)
	}
	v.Value = value
	return nil
}

// plainValue converts an argument as CheckNamedValue says.
func plainValue(arg any) (sqldriver.Value, error) {
	for range maxUnwrap {
		switch x := arg.(type) {
		case nil, bool, int64, uint64, float32, float64, string, []byte, json.RawMessage, time.Time:
			return x, nil
		case sql.RawBytes:
			return []byte(x), nil
		case sql.Out:
			return nil, fmt.Errorf("TDengine has no output parameters")
		case sqldriver.Valuer:
			if v := reflect.ValueOf(x); v.Kind() == reflect.Pointer && v.IsNil() {
				return nil, nil
			}
			value, err := x.Value()
			if err != nil {
				return nil, err
			}
			arg = value
			continue
		case *big.Int:
			switch {
			case x == nil:
				return nil, nil
			case x.IsInt64():
				return x.Int64(), nil
			case x.IsUint64():
				return x.Uint64(), nil
			}
			return x.String(), nil
		}
		v := reflect.ValueOf(arg)
		switch v.Kind() {
		case reflect.Pointer:
			if v.IsNil() {
				return nil, nil
			}
			if s, ok := arg.(fmt.Stringer); ok && v.Elem().Kind() == reflect.Struct && !isKnown(v.Elem()) {
				return s.String(), nil
			}
			arg = v.Elem().Interface()
			continue
		case reflect.Bool:
			return v.Bool(), nil
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			return v.Int(), nil
		case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
			return v.Uint(), nil
		case reflect.Float32:
			return float32(v.Float()), nil
		case reflect.Float64:
			return v.Float(), nil
		case reflect.String:
			return v.String(), nil
		case reflect.Slice:
			if v.Type().Elem().Kind() == reflect.Uint8 {
				return v.Bytes(), nil
			}
		case reflect.Struct, reflect.Array:
			if s, ok := arg.(fmt.Stringer); ok {
				return s.String(), nil
			}
		}
		break
	}
	return nil, fmt.Errorf("a %T is not a value of %s", arg, transport.Engine)
}

// isKnown reports whether the value behind a pointer is dealt with by itself.
func isKnown(v reflect.Value) bool {
	switch v.Interface().(type) {
	case time.Time, sqldriver.Valuer:
		return true
	}
	return false
}
