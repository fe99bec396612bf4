package iotdbdriver

import (
	"database/sql"
	sqldriver "database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/client"
)

// maxUnwrap bounds the steps from an argument to its value.
const maxUnwrap = 16

// CheckNamedValue implements [sqldriver.NamedValueChecker]: integers, floats,
// bool, string, []byte, time.Time and [Date], what points to one of them or is made
// of one, and a driver.Valuer that gives one.
func (c *conn) CheckNamedValue(v *sqldriver.NamedValue) error {
	if v.Name != "" {
		return c.session.link.Error(driver.ErrNotSupported, "arguments", 0,
			fmt.Sprintf("argument %d has a name, %q; IoTDB's placeholders have none", v.Ordinal, v.Name), nil)
	}
	value, err := plainValue(v.Value)
	if err != nil {
		kind, cause := driver.ErrInterface, err
		if e := asError(err); e != nil && e.Engine == client.Engine {
			return c.session.link.Error(e.Kind, "arguments", 0, fmt.Sprintf("argument %d: %s", v.Ordinal, e.Message), nil)
		}
		return c.session.link.Error(kind, "arguments", 0, fmt.Sprintf("argument %d", v.Ordinal), cause)
	}
	v.Value = value
	return nil
}

// plainValue converts an argument to nil, bool, int64, float32, float64, string,
// []byte, time.Time or Date.
func plainValue(arg any) (sqldriver.Value, error) {
	for range maxUnwrap {
		switch x := arg.(type) {
		case nil, bool, int64, float32, float64, string, []byte, time.Time, Date:
			return x, nil
		case sql.RawBytes:
			return []byte(x), nil
		case json.RawMessage:
			if x == nil {
				return nil, nil
			}
			return string(x), nil
		case sql.Out:
			return nil, fmt.Errorf("IoTDB has no output parameters")
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
		}
		v := reflect.ValueOf(arg)
		switch v.Kind() {
		case reflect.Pointer:
			if v.IsNil() {
				return nil, nil
			}
			arg = v.Elem().Interface()
			continue
		case reflect.Bool:
			return v.Bool(), nil
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			return v.Int(), nil
		case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
			if v.Uint() > math.MaxInt64 {
				return nil, overflow(fmt.Sprintf("%d is beyond INT64", v.Uint()))
			}
			return int64(v.Uint()), nil
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
		}
		break
	}
	return nil, fmt.Errorf("a %T is not a value of %s", arg, client.Engine)
}

func overflow(message string) error {
	return &driver.Error{Kind: driver.ErrOverflow, Engine: client.Engine, Message: message}
}

func dataError(format string, args ...any) error {
	return &driver.Error{Kind: driver.ErrData, Engine: client.Engine, Message: fmt.Sprintf(format, args...)}
}
