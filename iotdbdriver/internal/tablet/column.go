package tablet

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// Category is what a column of a table is for.
type Category byte

// The categories by their numbers in tablets.
const (
	Tag       Category = 0
	Field     Category = 1
	Attribute Category = 2
)

var categories = [...]string{"TAG", "FIELD", "ATTRIBUTE"}

// String returns the name as SQL has it.
func (c Category) String() string {
	if int(c) < len(categories) {
		return categories[c]
	}
	return fmt.Sprintf("category %d", byte(c))
}

// Column has the values of a column of a tablet. An append that fails appends
// nothing; its error is about the value.
type Column struct {
	Name     string
	Type     datatype.Type
	Category Category
	// Units is the number of timestamp units in a second, for values of type
	// TIMESTAMP that come as a time.Time.
	Units int64

	data  []byte // as on the wire
	nulls []byte // bitmap as on the wire, shorter if the rest is not NULL
	rows  int
}

// Rows returns the number of values.
func (c *Column) Rows() int { return c.rows }

// Size returns the number of bytes that the values take.
func (c *Column) Size() int { return len(c.data) }

// Reset removes all values and keeps the memory.
func (c *Column) Reset() { c.data, c.nulls, c.rows = c.data[:0], c.nulls[:0], 0 }

// Mark is a number of values to go back to.
type Mark struct{ data, rows int }

// Mark returns where the column ends now.
func (c *Column) Mark() Mark { return Mark{len(c.data), c.rows} }

// Return removes what was appended since the mark.
func (c *Column) Return(m Mark) {
	c.data, c.rows = c.data[:m.data], m.rows
	if n := m.rows/8 + 1; len(c.nulls) >= n {
		c.nulls = c.nulls[:n]
		c.nulls[n-1] &= 1<<(m.rows%8) - 1
	}
}

// Null tells whether the value in row i is NULL.
func (c *Column) Null(i int) bool { return i>>3 < len(c.nulls) && c.nulls[i>>3]>>(i&7)&1 != 0 }

// AppendNull appends n NULLs.
func (c *Column) AppendNull(n int) {
	for i := range n {
		c.setNull(c.rows + i)
	}
	width := c.Type.Width()
	if width == 0 {
		width = 4 // a length of 0
	}
	c.data = append(c.data, make([]byte, n*width)...)
	c.rows += n
}

func (c *Column) setNull(i int) {
	for len(c.nulls) <= i>>3 {
		c.nulls = append(c.nulls, 0)
	}
	c.nulls[i>>3] |= 1 << (i & 7)
}

// Misfit is a value that a column cannot hold.
type Misfit struct {
	Type datatype.Type
	// Range is true for a number of the right kind that is too large or too small.
	Range bool
	// Text tells what is wrong.
	Text string
}

// Error tells what is wrong.
func (e *Misfit) Error() string { return e.Text }

func (c *Column) kind(got string) error {
	return &Misfit{Type: c.Type, Text: fmt.Sprintf("a column of type %s does not take %s", c.Type, got)}
}

func (c *Column) outside(v any) error {
	return &Misfit{Type: c.Type, Range: true, Text: fmt.Sprintf("%v is out of the range of %s", v, c.Type)}
}

// AppendInt appends an integer: to INT32 and INT64, to TIMESTAMP in its units, to
// DATE as yyyymmdd, to FLOAT and DOUBLE if they can hold it exactly.
func (c *Column) AppendInt(v int64) error {
	switch c.Type {
	case datatype.Int32:
		if v != int64(int32(v)) {
			return c.outside(v)
		}
		c.put32(uint32(v))
	case datatype.Date:
		if _, ok := dateOf(v); !ok {
			return &Misfit{Type: c.Type, Text: fmt.Sprintf("%d is no date of the form yyyymmdd", v)}
		}
		c.put32(uint32(v))
	case datatype.Int64, datatype.Timestamp:
		c.put64(uint64(v))
	case datatype.Float:
		if v < -1<<24 || v > 1<<24 {
			return c.outside(v)
		}
		c.put32(math.Float32bits(float32(v)))
	case datatype.Double:
		if v < -1<<53 || v > 1<<53 {
			return c.outside(v)
		}
		c.put64(math.Float64bits(float64(v)))
	default:
		return c.kind("an integer")
	}
	return nil
}

// AppendFloat appends to DOUBLE, and to FLOAT the nearest value.
func (c *Column) AppendFloat(v float64) error {
	switch c.Type {
	case datatype.Double:
		c.put64(math.Float64bits(v))
	case datatype.Float:
		if math.IsInf(float64(float32(v)), 0) && !math.IsInf(v, 0) {
			return c.outside(v)
		}
		c.put32(math.Float32bits(float32(v)))
	default:
		return c.kind("a floating-point number")
	}
	return nil
}

// AppendBool appends to BOOLEAN.
func (c *Column) AppendBool(v bool) error {
	if c.Type != datatype.Boolean {
		return c.kind("a bool")
	}
	b := byte(0)
	if v {
		b = 1
	}
	c.data = append(c.data, b)
	c.rows++
	return nil
}

// AppendTime appends an instant to TIMESTAMP, in its units, and a calendar day, in
// the location of v, to DATE.
func (c *Column) AppendTime(v time.Time) error {
	switch c.Type {
	case datatype.Timestamp:
		ts, ok := Timestamp(v, c.Units)
		if !ok {
			return c.outside(v.UTC().Format(time.RFC3339Nano))
		}
		c.put64(uint64(ts))
	case datatype.Date:
		y, m, d := v.Date()
		if y < 1000 || y > 9999 {
			return c.outside(v.Format(time.DateOnly))
		}
		c.put32(uint32(y*10000 + int(m)*100 + d))
	default:
		return c.kind("a time")
	}
	return nil
}

// AppendBytes appends to TEXT, STRING and BLOB.
func (c *Column) AppendBytes(v []byte) error { return appendBytes(c, v) }

// AppendString appends to TEXT, STRING and BLOB.
func (c *Column) AppendString(v string) error { return appendBytes(c, v) }

func appendBytes[T string | []byte](c *Column, v T) error {
	if !c.Type.Binary() {
		return c.kind("a text")
	}
	if len(v) > math.MaxInt32 {
		return c.outside(fmt.Sprintf("a length of %d bytes", len(v)))
	}
	c.data = binary.BigEndian.AppendUint32(c.data, uint32(len(v)))
	c.data = append(c.data, v...)
	c.rows++
	return nil
}

func (c *Column) put32(v uint32) {
	c.data = binary.BigEndian.AppendUint32(c.data, v)
	c.rows++
}

func (c *Column) put64(v uint64) {
	c.data = binary.BigEndian.AppendUint64(c.data, v)
	c.rows++
}

// dateOf returns the day that yyyymmdd stands for.
func dateOf(v int64) (time.Time, bool) {
	y, m, d := int(v/10000), int(v/100%100), int(v%100)
	if v < 10000101 || v > 99991231 {
		return time.Time{}, false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t, t.Day() == d && int(t.Month()) == m
}

// Timestamp returns the instant in units, of which a second has so many: 1e3, 1e6
// or 1e9. It is cut, not rounded, towards the past. ok is false if it does not fit.
func Timestamp(t time.Time, units int64) (ts int64, ok bool) {
	sec, part := t.Unix(), int64(t.Nanosecond())/(1_000_000_000/units)
	if sec < 0 { // so that the smallest instants fit
		sec, part = sec+1, part-units
	}
	high, low := bits.Mul64(uint64(max(sec, -sec)), uint64(units))
	if high != 0 || low > math.MaxInt64 {
		return 0, false
	}
	ts = sec*units + part
	return ts, part == 0 || (part > 0) == (ts > sec*units)
}
