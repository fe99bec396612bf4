package tsblock

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// Writer collects rows and writes them as a block, as the server does: a column
// that is nothing but NULL is a repetition.
type Writer struct {
	// Repeat writes columns whose values are all the same as a repetition too.
	Repeat bool

	columns []column
	times   []int64 // nil until a time is not 0
	rows    int
}

// column is what has come of a column.
type column struct {
	typ    datatype.Type
	values []byte // of what is not NULL
	bits   []bool // of a BOOLEAN, a value for each row
	nulls  []bool
	count  int // of NULLs
	same   bool
	first  int // bytes of the first value
}

// NewWriter returns an empty writer for columns of the types.
func NewWriter(types []datatype.Type) *Writer {
	w := &Writer{columns: make([]column, len(types))}
	for i, t := range types {
		w.columns[i].typ = t
		w.columns[i].same = true
	}
	return w
}

// Rows returns the number of rows.
func (w *Writer) Rows() int { return w.rows }

// Size returns about how many bytes the block will have.
func (w *Writer) Size() int {
	n := 0
	for i := range w.columns {
		n += len(w.columns[i].values)
	}
	return n + w.rows*(8+len(w.columns)/8)
}

// Append adds a row. Values are bool, int32 (INT32, DATE), int64 (INT64, TIMESTAMP),
// float32, float64, string (TEXT, STRING), []byte (BLOB) and nil. After an error the
// writer is of no more use.
func (w *Writer) Append(time int64, values []any) error {
	if len(values) != len(w.columns) {
		return fmt.Errorf("%d values for %d columns", len(values), len(w.columns))
	}
	for i, v := range values {
		if err := w.columns[i].append(v, w.rows); err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
	}
	if time != 0 && w.times == nil {
		w.times = make([]int64, w.rows)
	}
	if w.times != nil {
		w.times = append(w.times, time)
	}
	w.rows++
	return nil
}

func (c *column) append(v any, row int) error {
	c.nulls = append(c.nulls, v == nil)
	if v == nil {
		c.count++
		if c.typ == datatype.Boolean {
			c.bits = append(c.bits, false)
		}
		return nil
	}
	from := len(c.values)
	ok := false
	switch v := v.(type) {
	case bool:
		ok = c.typ == datatype.Boolean
		c.bits = append(c.bits, v)
		if row > 0 && v != c.bits[0] {
			c.same = false
		}
		return c.fits(ok, v)
	case int32:
		ok = c.typ == datatype.Int32 || c.typ == datatype.Date
		c.values = binary.BigEndian.AppendUint32(c.values, uint32(v))
	case int64:
		ok = c.typ == datatype.Int64 || c.typ == datatype.Timestamp
		c.values = binary.BigEndian.AppendUint64(c.values, uint64(v))
	case float32:
		ok = c.typ == datatype.Float
		c.values = binary.BigEndian.AppendUint32(c.values, math.Float32bits(v))
	case float64:
		ok = c.typ == datatype.Double
		c.values = binary.BigEndian.AppendUint64(c.values, math.Float64bits(v))
	case string:
		ok = c.typ == datatype.Text || c.typ == datatype.String
		c.values = append(binary.BigEndian.AppendUint32(c.values, uint32(len(v))), v...)
	case []byte:
		ok = c.typ == datatype.Blob || c.typ == datatype.Object
		c.values = append(binary.BigEndian.AppendUint32(c.values, uint32(len(v))), v...)
	}
	if from == 0 {
		c.first = len(c.values)
	} else if c.same {
		c.same = string(c.values[from:]) == string(c.values[:c.first])
	}
	return c.fits(ok, v)
}

func (c *column) fits(ok bool, v any) error {
	if !ok {
		return fmt.Errorf("a %T for a column of type %s", v, c.typ)
	}
	return nil
}

func encodingOf(t datatype.Type) Encoding {
	switch t.Physical() {
	case datatype.Boolean:
		return ByteArray
	case datatype.Int32, datatype.Float:
		return Int32Array
	case datatype.Int64, datatype.Double:
		return Int64Array
	}
	return BinaryArray
}

// repeated reports whether the column is written as a repetition.
func (w *Writer) repeated(c *column) bool {
	return w.rows > 0 && (c.count == w.rows || w.Repeat && w.rows > 1 && c.count == 0 && c.same)
}

// Bytes writes the block and empties the writer.
func (w *Writer) Bytes() []byte {
	b := make([]byte, 0, w.Size()+16+4*len(w.columns))
	b = binary.BigEndian.AppendUint32(b, uint32(len(w.columns)))
	for i := range w.columns {
		b = append(b, byte(w.columns[i].typ.Physical()))
	}
	b = binary.BigEndian.AppendUint32(b, uint32(w.rows))
	if w.times == nil && w.rows > 0 {
		b = append(b, RLE)
	} else {
		b = append(b, Int64Array)
	}
	for i := range w.columns {
		if c := &w.columns[i]; w.repeated(c) {
			b = append(b, RLE)
		} else {
			b = append(b, encodingOf(c.typ))
		}
	}
	switch {
	case w.times == nil && w.rows > 0:
		b = append(b, Int64Array, 0)
		b = append(b, make([]byte, 8)...)
	default:
		b = append(b, 0)
		for _, t := range w.times {
			b = binary.BigEndian.AppendUint64(b, uint64(t))
		}
	}
	for i := range w.columns {
		c := &w.columns[i]
		if w.repeated(c) {
			b = append(b, encodingOf(c.typ))
			b = c.one(b)
		} else {
			b = c.all(b)
		}
		*c = column{typ: c.typ, same: true}
	}
	w.times, w.rows = nil, 0
	return b
}

// one writes a column of the one position that is repeated.
func (c *column) one(b []byte) []byte {
	switch {
	case c.count > 0:
		b = append(b, 1, 0x80)
		if c.typ == datatype.Boolean {
			b = append(b, 0)
		}
		return b
	case c.typ == datatype.Boolean:
		return appendBits(append(b, 0), c.bits[:1])
	}
	return append(append(b, 0), c.values[:c.first]...)
}

// all writes a column with a position for every row.
func (c *column) all(b []byte) []byte {
	if c.count == 0 {
		b = append(b, 0)
	} else {
		b = appendBits(append(b, 1), c.nulls)
	}
	if c.typ == datatype.Boolean {
		return appendBits(b, c.bits)
	}
	return append(b, c.values...)
}

// appendBits writes bits, the most significant first.
func appendBits(b []byte, bits []bool) []byte {
	for i := 0; i < len(bits); i += 8 {
		v := byte(0)
		for k, bit := range bits[i:min(i+8, len(bits))] {
			if bit {
				v |= 0x80 >> k
			}
		}
		b = append(b, v)
	}
	return b
}
