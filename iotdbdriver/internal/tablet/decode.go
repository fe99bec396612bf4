package tablet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

var errShort = errors.New("tablet: the bytes end in the middle of a value")

// DecodeTimes reads timestamps.
func DecodeTimes(data []byte) ([]int64, error) {
	if len(data)%8 != 0 {
		return nil, fmt.Errorf("tablet: %d bytes of timestamps", len(data))
	}
	times := make([]int64, len(data)/8)
	for i := range times {
		times[i] = int64(binary.BigEndian.Uint64(data[8*i:]))
	}
	return times, nil
}

// Decode reads the values of a tablet into columns, whose names and types are set.
// The columns keep data.
func Decode(data []byte, rows int, columns []*Column) error {
	if rows < 0 || rows > len(data) && len(columns) > 0 {
		return fmt.Errorf("tablet: %d rows in %d bytes", rows, len(data))
	}
	at := 0
	for _, c := range columns {
		if !c.Type.Column() {
			return fmt.Errorf("tablet: column %s has the %s", c.Name, c.Type)
		}
		from := at
		if width := c.Type.Width(); width > 0 {
			if rows > (len(data)-at)/width {
				return errShort
			}
			at += rows * width
		} else {
			for range rows {
				if len(data)-at < 4 {
					return errShort
				}
				n := binary.BigEndian.Uint32(data[at:])
				at += 4
				if uint64(n) > uint64(len(data)-at) {
					return errShort
				}
				at += int(n)
			}
		}
		c.data, c.rows, c.nulls = data[from:at:at], rows, nil
	}
	if at == len(data) { // bitmaps may be left out
		return nil
	}
	for _, c := range columns {
		if at == len(data) {
			return errShort
		}
		has := data[at]
		at++
		if has == 0 {
			continue
		}
		n := rows/8 + 1
		if len(data)-at < n {
			return errShort
		}
		c.nulls = data[at : at+n : at+n]
		at += n
	}
	if at != len(data) {
		return fmt.Errorf("tablet: %d bytes too many", len(data)-at)
	}
	return nil
}

// Values returns the values one by one: bool, int32, int64, float32, float64,
// string for TEXT and STRING, []byte for BLOB, nil for NULL.
func (c *Column) Values() []any {
	list := make([]any, c.rows)
	rest := c.data
	for i := range list {
		var v any
		v, rest = take(c.Type, rest)
		if !c.Null(i) {
			list[i] = v
		}
	}
	return list
}

// take reads a value that is known to be whole.
func take(t datatype.Type, data []byte) (any, []byte) {
	switch t {
	case datatype.Boolean:
		return data[0] != 0, data[1:]
	case datatype.Int32, datatype.Date:
		return int32(binary.BigEndian.Uint32(data)), data[4:]
	case datatype.Float:
		return math.Float32frombits(binary.BigEndian.Uint32(data)), data[4:]
	case datatype.Int64, datatype.Timestamp:
		return int64(binary.BigEndian.Uint64(data)), data[8:]
	case datatype.Double:
		return math.Float64frombits(binary.BigEndian.Uint64(data)), data[8:]
	}
	n := binary.BigEndian.Uint32(data)
	v := data[4 : 4+n : 4+n]
	if t == datatype.Blob {
		return v, data[4+n:]
	}
	return string(v), data[4+n:]
}
