package driver

import (
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
)

// ScanStructs reads all rows into structs and closes the rows. A column goes into
// the field whose tag db names it, otherwise into that of its name, letter case
// ignored; fields of embedded structs count too. Every column needs a field.
//
// A field has a type that holds the column's values exactly: integers are checked
// for their range, NULL needs a pointer, a [sql.Scanner] such as [sql.Null], or any.
// Errors are of kind ErrInterface for a struct that does not fit the columns, and
// ErrResult or ErrOverflow for a value that does not fit its field. Bytes are
// copied.
//
//	type reading struct {
//		TS      time.Time
//		Voltage *int32
//		Place   string `db:"location"`
//	}
//	readings, err := driver.ScanStructs[reading](message.Data[0].Rows())
func ScanStructs[T any](rows sqldriver.Rows) (list []T, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct {
		return nil, &Error{Kind: ErrInterface, Message: fmt.Sprintf("rows are read into structs, not into %v", t)}
	}
	columns := rows.Columns()
	fields := make([][]int, len(columns))
	for i, name := range columns {
		f, err := fieldFor(t, name)
		if err != nil {
			return nil, err
		}
		fields[i] = f
	}
	values := make([]sqldriver.Value, len(columns))
	for {
		if err := rows.Next(values); err == io.EOF {
			return list, nil
		} else if err != nil {
			return list, err
		}
		list = append(list, *new(T))
		row := reflect.ValueOf(&list[len(list)-1]).Elem()
		for i, v := range values {
			if err := assign(row.FieldByIndex(fields[i]), v); err != nil {
				err.Message = fmt.Sprintf("row %d, column %s: %s", len(list), columns[i], err.Message)
				return list[:len(list)-1], err
			}
		}
	}
}

// fieldFor finds the field of a column.
func fieldFor(t reflect.Type, name string) ([]int, error) {
	var found []int
	for _, f := range reflect.VisibleFields(t) {
		tag, tagged := f.Tag.Lookup("db")
		switch {
		case !f.IsExported() || tag == "-" || f.Anonymous && !tagged:
			continue
		case throughPointer(t, f.Index):
			continue
		case tagged && tag == name:
			return f.Index, nil
		case !tagged && found == nil && strings.EqualFold(f.Name, name):
			found = f.Index
		}
	}
	if found == nil {
		return nil, &Error{Kind: ErrInterface, Message: fmt.Sprintf("%v has no field for the column %q", t, name)}
	}
	return found, nil
}

// throughPointer reports whether a field lies in an embedded pointer, which may be
// nil.
func throughPointer(t reflect.Type, index []int) bool {
	for _, i := range index[:len(index)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			return true
		}
	}
	return false
}

// assign puts a value into a field.
func assign(field reflect.Value, v sqldriver.Value) *Error {
	if s, ok := field.Addr().Interface().(sql.Scanner); ok {
		if err := s.Scan(v); err != nil {
			return &Error{Kind: ErrResult, Message: "not taken by " + field.Type().String(), Err: err}
		}
		return nil
	}
	if field.Kind() == reflect.Interface && field.NumMethod() == 0 {
		if v != nil {
			field.Set(reflect.ValueOf(v))
		}
		return nil
	}
	if field.Kind() == reflect.Pointer {
		if v == nil {
			return nil
		}
		p := reflect.New(field.Type().Elem())
		if err := assign(p.Elem(), v); err != nil {
			return err
		}
		field.Set(p)
		return nil
	}
	switch v := v.(type) {
	case nil:
		return &Error{Kind: ErrResult, Message: fmt.Sprintf("NULL for a field of type %v", field.Type())}
	case int64:
		return assignInt(field, v)
	case uint64:
		return assignUint(field, v)
	case float32:
		if k := field.Kind(); k == reflect.Float32 || k == reflect.Float64 {
			field.SetFloat(float64(v))
			return nil
		}
	case float64:
		if field.Kind() == reflect.Float64 {
			field.SetFloat(v)
			return nil
		}
	case bool:
		if field.Kind() == reflect.Bool {
			field.SetBool(v)
			return nil
		}
	case string:
		return assignText(field, v)
	case []byte:
		return assignText(field, string(v))
	case time.Time:
		if field.Type() == reflect.TypeFor[time.Time]() {
			field.Set(reflect.ValueOf(v))
			return nil
		}
	}
	return mismatch(field, v)
}

func mismatch(field reflect.Value, v any) *Error {
	return &Error{Kind: ErrResult, Message: fmt.Sprintf("a %T for a field of type %v", v, field.Type())}
}

func overflow(field reflect.Value, v any) *Error {
	return &Error{Kind: ErrOverflow, Message: fmt.Sprintf("%v does not fit %v", v, field.Type())}
}

func assignInt(field reflect.Value, v int64) *Error {
	switch {
	case field.CanInt():
		if field.OverflowInt(v) {
			return overflow(field, v)
		}
		field.SetInt(v)
	case field.CanUint():
		if v < 0 || field.OverflowUint(uint64(v)) {
			return overflow(field, v)
		}
		field.SetUint(uint64(v))
	default:
		return mismatch(field, v)
	}
	return nil
}

func assignUint(field reflect.Value, v uint64) *Error {
	switch {
	case field.CanUint():
		if field.OverflowUint(v) {
			return overflow(field, v)
		}
		field.SetUint(v)
	case field.CanInt():
		if v > 1<<63-1 || field.OverflowInt(int64(v)) {
			return overflow(field, v)
		}
		field.SetInt(int64(v))
	default:
		return mismatch(field, v)
	}
	return nil
}

func assignText(field reflect.Value, v string) *Error {
	switch {
	case field.Kind() == reflect.String:
		field.SetString(v)
	case field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Uint8:
		field.SetBytes([]byte(v))
	default:
		return mismatch(field, v)
	}
	return nil
}
