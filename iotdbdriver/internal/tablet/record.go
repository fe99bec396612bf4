package tablet

import (
	"encoding/binary"
	"fmt"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// null is the type of a NULL in a record.
const null = 0xfe

// Records returns the rows of the columns, which all have as many, as records.
func Records(columns []*Column) [][]byte {
	if len(columns) == 0 {
		return nil
	}
	size := 0
	for _, c := range columns {
		size += len(c.data) + c.rows
	}
	buf := make([]byte, 0, size)
	list := make([][]byte, columns[0].rows)
	at := make([]int, len(columns)) // where the row begins in each column
	for i := range list {
		from := len(buf)
		for n, c := range columns {
			width := c.Type.Width()
			if width == 0 {
				width = 4 + int(binary.BigEndian.Uint32(c.data[at[n]:]))
			}
			if c.Null(i) {
				buf = append(buf, null)
			} else {
				buf = append(buf, byte(c.Type))
				buf = append(buf, c.data[at[n]:at[n]+width]...)
			}
			at[n] += width
		}
		list[i] = buf[from:len(buf):len(buf)]
	}
	return list
}

// Value is a value of a record.
type Value struct {
	Type datatype.Type // Unknown if the value is NULL
	// Value is a bool, int32, int64, float32, float64, string, []byte or nil.
	Value any
}

// DecodeRecord reads the n values of a record.
func DecodeRecord(data []byte, n int) ([]Value, error) {
	if n < 0 || n > len(data) {
		return nil, fmt.Errorf("tablet: a record of %d values in %d bytes", n, len(data))
	}
	values := make([]Value, n)
	for i := range values {
		if len(data) == 0 {
			return nil, errShort
		}
		t := datatype.Type(data[0])
		data = data[1:]
		if t == null {
			values[i].Type = datatype.Unknown
			continue
		}
		if !t.Column() {
			return nil, fmt.Errorf("tablet: a record has a value of %s", t)
		}
		need := t.Width()
		if need == 0 {
			if len(data) < 4 {
				return nil, errShort
			}
			length := binary.BigEndian.Uint32(data)
			if uint64(length) > uint64(len(data)-4) {
				return nil, errShort
			}
			need = 4 + int(length)
		}
		if len(data) < need {
			return nil, errShort
		}
		values[i].Type = t
		values[i].Value, data = take(t, data)
	}
	if len(data) > 0 {
		return nil, fmt.Errorf("tablet: %d bytes too many in a record", len(data))
	}
	return values, nil
}
