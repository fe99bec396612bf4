package dwsdriver

import (
	"database/sql"
	sqldriver "database/sql/driver"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"time"

	"github.com/gaugesql/gaugesql/driver"
)

// maxUnwrap bounds the chain of Valuers and pointers behind an argument.
const maxUnwrap = 32

// CheckNamedValue implements [sqldriver.NamedValueChecker]. Arguments become nil,
// bool, int64, uint64, float32, float64, string, []byte, json.RawMessage or
// time.Time: pointers are followed; nil ones and nil slices of bytes are NULL; a [sqldriver.Valuer] such
// as sql.NullString or pq.Array's gives its value; types with one of these as the
// underlying type are converted; *big.Int and other structs and arrays with a
// String method, decimals and UUIDs for instance, are text.
func (c *conn) CheckNamedValue(v *sqldriver.NamedValue) error {
	if v.Name != "" {
		return wrong(driver.ErrNotSupported, opArguments, 0,
			fmt.Sprintf("argument %d has a name, %q; the placeholders of DWS have none", v.Ordinal, v.Name))
	}
	switch v.Value.(type) {
	case nil, bool, int64, float64, string, time.Time:
		return nil
	}
	value, err := plainValue(v.Value)
	if err != nil {
		e := wrong(driver.ErrInterface, opArguments, 0, fmt.Sprintf("argument %d", v.Ordinal))
		e.Err = err
		return e
	}
	v.Value = value
	return nil
}

const opArguments = "arguments"

// plainValue converts an argument as CheckNamedValue says.
func plainValue(arg any) (sqldriver.Value, error) {
	for range maxUnwrap {
		switch x := arg.(type) {
		case nil, bool, int64, uint64, float32, float64, string, time.Time:
			return x, nil
		case []byte:
			if x == nil {
				return nil, nil
			}
			return arg, nil
		case json.RawMessage:
			if x == nil {
				return nil, nil
			}
			return arg, nil
		case sql.Out:
			return nil, fmt.Errorf("DWS returns output parameters as a row: use SELECT or CALL and read it")
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
			if x == nil {
				return nil, nil
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
				arg = v.Bytes() // nil of a nil one
				continue
			}
			return nil, fmt.Errorf("a %T is not a value of DWS; pq.Array makes an array of it", arg)
		case reflect.Struct, reflect.Array:
			if s, ok := arg.(fmt.Stringer); ok {
				return s.String(), nil
			}
		}
		break
	}
	return nil, fmt.Errorf("a %T is not a value of DWS", arg)
}

// isKnown reports whether the value behind a pointer is dealt with by itself.
func isKnown(v reflect.Value) bool {
	switch v.Interface().(type) {
	case time.Time, sqldriver.Valuer:
		return true
	}
	return false
}
