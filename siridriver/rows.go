package siridriver

import (
	sqldriver "database/sql/driver"
	"io"
	"math"
	"reflect"
	"time"

	"github.com/gaugesql/gaugesql/siridriver/internal/result"
)

// form is how times are handed out.
type form struct {
	unit     Precision      // of the database
	integers Precision      // of integers; empty for time.Time
	location *time.Location // of time.Time; nil for UTC
}

// time is a timestamp of the database as a time.Time.
func (f *form) time(ts int64) time.Time {
	return f.unit.Time(ts).In(f.zone())
}

func (f *form) zone() *time.Location {
	if f.location == nil {
		return time.UTC
	}
	return f.location
}

// integer is a timestamp of the database in the unit asked for.
func (f *form) integer(ts int64) (int64, error) {
	n, ok := f.unit.convert(ts, f.integers)
	if !ok {
		return 0, wrong(ErrOverflow, opQuery, 0, "a time of the result is beyond 64 bits in "+string(f.integers))
	}
	return n, nil
}

// value is a timestamp in the form asked for.
func (f *form) value(ts int64) (any, error) {
	if f.integers == "" {
		return f.time(ts), nil
	}
	return f.integer(ts)
}

// The names of column types.
const (
	typeTimestamp = "TIMESTAMP"
	typeInteger   = "INTEGER"
	typeFloat     = "FLOAT"
	typeString    = "STRING"
	typeBoolean   = "BOOLEAN"
)

// column describes a column of a result.
type column struct {
	name string
	// typ is one of the names of types; empty if values are of several types or
	// there are none.
	typ      string
	nullable bool
}

// timeColumn is a column of times.
func (f *form) timeColumn(name string, nullable bool) column {
	return column{name, typeTimestamp, nullable}
}

// set is one result set: advance goes to the next row, value reads a column of
// it, and fill all of them.
type set interface {
	columns() []column
	advance() error // io.EOF after the last row
	value(i int) any
	fill(dest []sqldriver.Value)
}

// cellByCell is fill of a set by its value.
func cellByCell(s set, dest []sqldriver.Value) {
	for i := range dest {
		dest[i] = s.value(i)
	}
}

// rows hands out result sets.
type rows struct {
	set   set
	more  []set
	form  form
	names []string
}

var (
	_ sqldriver.Rows                           = (*rows)(nil)
	_ sqldriver.RowsNextResultSet              = (*rows)(nil)
	_ sqldriver.RowsColumnTypeScanType         = (*rows)(nil)
	_ sqldriver.RowsColumnTypeDatabaseTypeName = (*rows)(nil)
	_ sqldriver.RowsColumnTypeLength           = (*rows)(nil)
	_ sqldriver.RowsColumnTypeNullable         = (*rows)(nil)
	_ sqldriver.RowsColumnTypePrecisionScale   = (*rows)(nil)
)

// newRows returns the rows of the sets, which are at least one.
func newRows(f form, sets ...set) *rows {
	r := &rows{form: f}
	r.begin(sets)
	return r
}

func (r *rows) begin(sets []set) {
	r.set, r.more = sets[0], sets[1:]
	r.names = nil
	for _, c := range r.set.columns() {
		r.names = append(r.names, c.name)
	}
}

// Columns implements [sqldriver.Rows].
func (r *rows) Columns() []string { return r.names }

// Next implements [sqldriver.Rows].
func (r *rows) Next(dest []sqldriver.Value) error {
	if r.set == nil {
		return io.EOF
	}
	if err := r.set.advance(); err != nil {
		return err
	}
	r.set.fill(dest)
	return nil
}

// HasNextResultSet implements [sqldriver.RowsNextResultSet]: timeit gives a
// second set.
func (r *rows) HasNextResultSet() bool { return len(r.more) > 0 }

// NextResultSet implements [sqldriver.RowsNextResultSet].
func (r *rows) NextResultSet() error {
	if len(r.more) == 0 {
		return io.EOF
	}
	r.begin(r.more)
	return nil
}

// Close implements [sqldriver.Rows]. The answer was received whole; nothing is
// left on the server.
func (r *rows) Close() error {
	r.set, r.more = nil, nil
	return nil
}

func (r *rows) column(i int) column {
	if r.set == nil {
		return column{}
	}
	return r.set.columns()[i]
}

// ColumnTypeDatabaseTypeName implements its interface: TIMESTAMP, INTEGER,
// FLOAT, STRING or BOOLEAN. It is empty for a value column of series of several
// types and for one without values.
func (r *rows) ColumnTypeDatabaseTypeName(i int) string { return r.column(i).typ }

var scanTypes = map[string]reflect.Type{
	typeTimestamp: reflect.TypeFor[time.Time](),
	typeInteger:   reflect.TypeFor[int64](),
	typeFloat:     reflect.TypeFor[float64](),
	typeString:    reflect.TypeFor[string](),
	typeBoolean:   reflect.TypeFor[bool](),
	"":            reflect.TypeFor[any](),
}

// ColumnTypeScanType implements its interface.
func (r *rows) ColumnTypeScanType(i int) reflect.Type {
	c := r.column(i)
	if c.typ == typeTimestamp && r.form.integers != "" {
		return scanTypes[typeInteger]
	}
	return scanTypes[c.typ]
}

// ColumnTypeLength implements its interface: text has no limit.
func (r *rows) ColumnTypeLength(i int) (int64, bool) {
	return math.MaxInt64, r.column(i).typ == typeString
}

// ColumnTypeNullable implements its interface.
func (r *rows) ColumnTypeNullable(i int) (nullable, ok bool) {
	return r.column(i).nullable, r.set != nil
}

// digits are the fractional digits of a second.
var digits = map[Precision]int64{Milliseconds: 3, Microseconds: 6, Nanoseconds: 9}

// ColumnTypePrecisionScale implements its interface: of TIMESTAMP the number of
// fractional digits.
func (r *rows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	if r.column(i).typ != typeTimestamp {
		return 0, 0, false
	}
	return digits[r.form.unit], 0, true
}

// messageRows is a result of one text.
func messageRows(text string) *rows {
	return newRows(form{}, &cells{cols: []column{{"success_msg", typeString, false}}, values: []any{text}})
}

// timeitSet is what timeit adds: how long each server worked.
func timeitSet(list []result.Timing) set {
	s := &cells{cols: []column{{"server", typeString, false}, {"time", typeFloat, false}}}
	for _, t := range list {
		s.values = append(s.values, t.Server, t.Seconds)
	}
	return s
}

// cells is a set of values at hand.
type cells struct {
	cols   []column
	values []any
	row    []any
}

func (s *cells) columns() []column { return s.cols }

func (s *cells) advance() error {
	n := len(s.cols)
	if len(s.values) < n || n == 0 {
		return io.EOF
	}
	s.row, s.values = s.values[:n], s.values[n:]
	return nil
}

func (s *cells) fill(dest []sqldriver.Value) { cellByCell(s, dest) }

func (s *cells) value(i int) any { return s.row[i] }
