package conformance

import (
	"bytes"
	"database/sql"
	"fmt"
	"math"
	"reflect"
	"time"
)

// values reads the first column asked for of a query, each value as the Go type of the one
// wanted in its row, NULL as nil.
func (e *Env) values(r Runner, query string, want func(row int) any) []any {
	rows := e.Query(r, query)
	defer rows.Close()
	list := []any{}
	for rows.Next() {
		v, err := scanAs(e.scan(rows), want(len(list)))
		if err != nil {
			e.Fatalf("%s: row %d: %v", caller(), len(list), err)
		}
		list = append(list, v)
	}
	e.Must(rows.Err())
	return list
}

// scan is the Scan of rows of a Select, for the columns asked for.
func (e *Env) scan(rows *sql.Rows) func(...any) error {
	return func(dest ...any) error { return rows.Scan(e.Dest(dest...)...) }
}

// scanAs scans a value as the Go type of want, NULL as nil.
func scanAs(scan func(...any) error, want any) (any, error) {
	if want == nil {
		var v any
		err := scan(&v)
		return v, err
	}
	dest := reflect.New(reflect.PointerTo(reflect.TypeOf(want)))
	if err := scan(dest.Interface()); err != nil {
		return nil, err
	}
	if dest.Elem().IsNil() {
		return nil, nil
	}
	return dest.Elem().Elem().Interface(), nil
}

// same tells whether a value that was read is the one wanted: instants are
// compared as instants, floats bit by bit.
func same(got, want any) bool {
	switch w := want.(type) {
	case nil:
		return got == nil
	case time.Time:
		g, ok := got.(time.Time)
		return ok && g.Equal(w)
	case []byte:
		g, ok := got.([]byte)
		return ok && bytes.Equal(g, w)
	case float64:
		g, ok := got.(float64)
		return ok && math.Float64bits(g) == math.Float64bits(w)
	case float32:
		g, ok := got.(float32)
		return ok && math.Float32bits(g) == math.Float32bits(w)
	}
	return reflect.DeepEqual(got, want)
}

// show writes a value for a message.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case string:
		return clip(fmt.Sprintf("%q", v))
	case []byte:
		return clip(fmt.Sprintf("%x", v))
	}
	return fmt.Sprintf("%T %v", v, v)
}
