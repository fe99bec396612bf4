package tablet

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// AppendTimes appends timestamps as a tablet has them.
func AppendTimes(dst []byte, times []int64) []byte {
	for _, ts := range times {
		dst = binary.BigEndian.AppendUint64(dst, uint64(ts))
	}
	return dst
}

// AppendInstants appends instants in units, of which a second has so many. An error
// names the row.
func AppendInstants(dst []byte, times []time.Time, units int64) ([]byte, error) {
	for i, t := range times {
		ts, ok := Timestamp(t, units)
		if !ok {
			return nil, fmt.Errorf("row %d: %w", i, &Misfit{Range: true, Text: "the time is out of the range of the server's unit"})
		}
		dst = binary.BigEndian.AppendUint64(dst, uint64(ts))
	}
	return dst, nil
}

// AppendValues appends the values of columns that all have the same number of rows,
// and what is NULL of them.
func AppendValues(dst []byte, columns []*Column) ([]byte, error) {
	size, err := sizeOf(columns)
	if err != nil {
		return dst, err
	}
	if cap(dst)-len(dst) < size {
		dst = append(make([]byte, 0, len(dst)+size), dst...)
	}
	for _, c := range columns {
		dst = append(dst, c.data...)
	}
	for _, c := range columns {
		if !c.hasNulls() {
			dst = append(dst, 0)
			continue
		}
		dst = append(dst, 1)
		dst = append(dst, c.nulls...)
		for range c.rows/8 + 1 - len(c.nulls) {
			dst = append(dst, 0)
		}
	}
	return dst, nil
}

// sizeOf is the number of bytes that the columns will have.
func sizeOf(columns []*Column) (int, error) {
	size, rows := len(columns), 0
	for i, c := range columns {
		if i == 0 {
			rows = c.rows
		}
		if c.rows != rows {
			return 0, fmt.Errorf("column %s has %d values, column %s %d", columns[0].Name, rows, c.Name, c.rows)
		}
		size += len(c.data)
		if c.hasNulls() {
			size += rows/8 + 1
		}
	}
	if size > math.MaxInt32 {
		return 0, fmt.Errorf("the values have %d bytes, more than a tablet can", size)
	}
	return size, nil
}

func (c *Column) hasNulls() bool {
	for _, b := range c.nulls {
		if b != 0 {
			return true
		}
	}
	return false
}
