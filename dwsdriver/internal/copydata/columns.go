package copydata

import (
	"encoding/binary"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// cell appends a cell of a column by its row.
type cell func(dst []byte, row int) ([]byte, error)

// Rows appends rows of columns.
type Rows struct {
	e     *Encoder
	cells []cell
}

// Rows prepares to append rows of the columns, which are as many as the table's. For
// each column a function is chosen by the type of its slice.
func (e *Encoder) Rows(columns []driver.Column) *Rows {
	r := &Rows{e: e, cells: make([]cell, len(columns))}
	for i := range columns {
		r.cells[i] = e.cell(e.types[i], columns[i])
	}
	return r
}

// Append appends a row, as [Encoder.Row] does.
func (r *Rows) Append(dst []byte, row int) ([]byte, error) {
	var err error
	if r.e.binary {
		dst = binary.BigEndian.AppendUint16(dst, uint16(len(r.cells)))
		for i, c := range r.cells {
			if dst, err = c(dst, row); err != nil {
				return dst, &CellError{i, err}
			}
		}
		return dst, nil
	}
	for i, c := range r.cells {
		if i > 0 {
			dst = append(dst, '\t')
		}
		if dst, err = c(dst, row); err != nil {
			return dst, &CellError{i, err}
		}
	}
	return append(dst, '\n'), nil
}

func (e *Encoder) cell(t wire.OID, column driver.Column) cell {
	given := e.given(t, column.Values)
	if column.States == nil {
		return given
	}
	states, none := column.States, e.textCell
	if e.binary {
		none = e.binaryCell
	}
	return func(dst []byte, row int) ([]byte, error) {
		if states[row] != driver.Given {
			return none(dst, t, nil)
		}
		return given(dst, row)
	}
}

// given is cell for a column without NULLs.
func (e *Encoder) given(t wire.OID, values any) cell {
	switch v := values.(type) {
	case []int64:
		return integers(e, t, v)
	case []int32:
		return integers(e, t, v)
	case []int16:
		return integers(e, t, v)
	case []int8:
		return integers(e, t, v)
	case []int:
		return integers(e, t, v)
	case []uint8:
		return integers(e, t, v)
	case []uint16:
		return integers(e, t, v)
	case []uint32:
		return integers(e, t, v)
	case []float64:
		if e.binary && t == wire.Float8 {
			return func(dst []byte, row int) ([]byte, error) { return appendUint64(dst, math.Float64bits(v[row])), nil }
		}
		if e.binary {
			return func(dst []byte, row int) ([]byte, error) { return appendFloat(dst, t, v[row]) }
		}
		return func(dst []byte, row int) ([]byte, error) { return appendFloatText(dst, v[row]), nil }
	case []string:
		if e.binary {
			return func(dst []byte, row int) ([]byte, error) { return appendString(dst, t, v[row]) }
		}
		return func(dst []byte, row int) ([]byte, error) { return appendEscaped(dst, v[row]), nil }
	case [][]byte:
		if e.binary {
			return func(dst []byte, row int) ([]byte, error) { return appendBytes(dst, t, v[row]) }
		}
		return func(dst []byte, row int) ([]byte, error) { return appendTextBytes(dst, t, v[row]), nil }
	case []time.Time:
		if e.binary {
			return func(dst []byte, row int) ([]byte, error) { return appendTime(dst, t, v[row], e.loc) }
		}
		return func(dst []byte, row int) ([]byte, error) { return appendTimeText(dst, t, v[row], e.loc) }
	case []any:
		return e.values(t, func(row int) any { return v[row] })
	}
	list := reflect.ValueOf(values)
	return e.values(t, func(row int) any { return list.Index(row).Interface() })
}

// values takes each value as Row does.
func (e *Encoder) values(t wire.OID, at func(int) any) cell {
	if e.binary {
		return func(dst []byte, row int) ([]byte, error) { return e.binaryCell(dst, t, at(row)) }
	}
	return func(dst []byte, row int) ([]byte, error) { return e.textCell(dst, t, at(row)) }
}

func integers[T int | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32](e *Encoder, t wire.OID, v []T) cell {
	switch {
	case e.binary && t == wire.Int8:
		return func(dst []byte, row int) ([]byte, error) { return appendUint64(dst, uint64(int64(v[row]))), nil }
	case e.binary:
		return func(dst []byte, row int) ([]byte, error) { return appendInteger(dst, t, int64(v[row])) }
	}
	return func(dst []byte, row int) ([]byte, error) { return strconv.AppendInt(dst, int64(v[row]), 10), nil }
}
