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
	size, rows := len(columns), 0
	for i, c := range columns {
		if i == 0 {
			rows = c.rows
		}
		if c.rows != rows {
			return dst, fmt.Errorf("column %s has %d values, column %s %d", columns[0].Name, rows, c.Name, c.rows)
		}
		size += len(c.data)
		if c.hasNulls() {
			size += rows/8 + 1
		}
	}
	if size > math.MaxInt32 {
		return dst, fmt.Errorf("the values have %d bytes, more than a tablet can", size)
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
		for range rows/8 + 1 - len(c.nulls) {
			dst = append(dst, 0)
		}
	}
	return dst, nil
}

func (c *Column) hasNulls() bool {
	for _, b := range c.nulls {
		if b != 0 {
			return true
		}
	}
	return false
}

// Devices returns for each row a number that is the same for rows of the same device:
// a hash of seed and of the names and values of the tags, in any order of the columns.
func Devices(columns []*Column, rows int, seed uint64) []uint64 {
	const prime = 1099511628211 // of FNV-1a
	list := make([]uint64, rows)
	for i := range list {
		list[i] = seed
	}
	for _, c := range columns {
		if c.Category != Tag {
			continue
		}
		name := uint64(14695981039346656037)
		for i := range len(c.Name) {
			name = (name ^ uint64(c.Name[i]|0x20)) * prime
		}
		at := 0
		for i := range list {
			width := c.Type.Width()
			if width == 0 {
				width = 4 + int(binary.BigEndian.Uint32(c.data[at:]))
			}
			h := name
			if !c.Null(i) {
				for _, b := range c.data[at : at+width] {
					h = (h ^ uint64(b)) * prime
				}
				list[i] += h | 1
			}
			at += width
		}
	}
	return list
}
