package block

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ColumnBuilder takes the values of one column. An append that fails appends
// nothing. All of its errors are about the value: a kind that the column's type
// does not take, or a size that it cannot hold.
type ColumnBuilder struct {
	field     Field
	precision Precision
	rows      int
	nulls     []byte  // bitmap, of fixed-width types
	offsets   []int32 // of variable-width types
	data      []byte
}

// Field returns the description that the column was made with.
func (c *ColumnBuilder) Field() Field { return c.field }

// Rows returns the number of values.
func (c *ColumnBuilder) Rows() int { return c.rows }

// AppendNull appends NULL.
func (c *ColumnBuilder) AppendNull() {
	if c.field.Type.Variable() {
		c.offsets = append(c.offsets, -1)
		c.rows++
		return
	}
	c.slot()
	c.nulls[(c.rows-1)>>3] |= 0x80 >> ((c.rows - 1) & 7)
	for range c.field.Type.Width() {
		c.data = append(c.data, 0)
	}
}

// slot counts a row of a fixed-width column and makes room in the bitmap.
func (c *ColumnBuilder) slot() {
	if c.rows&7 == 0 {
		c.nulls = append(c.nulls, 0)
	}
	c.rows++
}

// AppendBool appends to BOOL.
func (c *ColumnBuilder) AppendBool(v bool) error {
	if c.field.Type != Bool {
		return c.refuse("a boolean")
	}
	c.slot()
	if v {
		c.data = append(c.data, 1)
	} else {
		c.data = append(c.data, 0)
	}
	return nil
}

// AppendInt64 appends to an integer type, or to TIMESTAMP a number of units
// since the epoch.
func (c *ColumnBuilder) AppendInt64(v int64) error {
	low, high, ok := c.field.Type.IntegerRange()
	if !ok {
		return c.refuse("an integer")
	}
	if v < low || v > 0 && uint64(v) > high {
		return fmt.Errorf("%d does not fit %v", v, c.field.Type)
	}
	c.integer(uint64(v))
	return nil
}

// AppendUint64 is AppendInt64 for numbers that may exceed an int64.
func (c *ColumnBuilder) AppendUint64(v uint64) error {
	_, high, ok := c.field.Type.IntegerRange()
	if !ok {
		return c.refuse("an integer")
	}
	if v > high {
		return fmt.Errorf("%d does not fit %v", v, c.field.Type)
	}
	c.integer(v)
	return nil
}

// AppendTime appends to TIMESTAMP a number of units since the epoch.
func (c *ColumnBuilder) AppendTime(unix int64) error {
	if c.field.Type != Timestamp {
		return c.refuse("a time")
	}
	c.integer(uint64(unix))
	return nil
}

func (c *ColumnBuilder) integer(v uint64) {
	c.slot()
	switch c.field.Type.Width() {
	case 1:
		c.data = append(c.data, byte(v))
	case 2:
		c.data = binary.LittleEndian.AppendUint16(c.data, uint16(v))
	case 4:
		c.data = binary.LittleEndian.AppendUint32(c.data, uint32(v))
	default:
		c.data = binary.LittleEndian.AppendUint64(c.data, v)
	}
}

// AppendFloat64 appends to FLOAT or DOUBLE. A number that is finite but too
// large for FLOAT is an error.
func (c *ColumnBuilder) AppendFloat64(v float64) error {
	switch c.field.Type {
	case Float:
		f := float32(v)
		if math.IsInf(float64(f), 0) && !math.IsInf(v, 0) {
			return fmt.Errorf("%v does not fit FLOAT", v)
		}
		c.slot()
		c.data = binary.LittleEndian.AppendUint32(c.data, math.Float32bits(f))
	case Double:
		c.slot()
		c.data = binary.LittleEndian.AppendUint64(c.data, math.Float64bits(v))
	default:
		return c.refuse("a floating-point number")
	}
	return nil
}

// AppendString appends to a type of variable width or, as text, to DECIMAL. The
// declared length is not enforced: servers exceed it themselves.
func (c *ColumnBuilder) AppendString(v string) error {
	if c.field.Type.IsDecimal() {
		return c.decimal(v)
	}
	return appendValue(c, v)
}

// AppendBytes is AppendString for bytes, which are copied.
func (c *ColumnBuilder) AppendBytes(v []byte) error {
	if c.field.Type.IsDecimal() {
		return c.decimal(string(v))
	}
	return appendValue(c, v)
}

func (c *ColumnBuilder) decimal(text string) error {
	d, err := ParseDecimal(text, c.field.Scale)
	if err != nil {
		return err
	}
	return c.AppendDecimal(d)
}

// AppendDecimal appends to DECIMAL a number of the column's scale. The declared
// precision is not enforced: servers exceed it themselves.
func (c *ColumnBuilder) AppendDecimal(d Decimal) error {
	if !c.field.Type.IsDecimal() {
		return c.refuse("a decimal")
	}
	if !d.Fits(c.field.Type) {
		return fmt.Errorf("%s does not fit %s", d.AppendText(nil, c.field.Scale), c.field.TypeName())
	}
	c.slot()
	c.data = d.AppendTo(c.data, c.field.Type)
	return nil
}

var errDataLong = errors.New("the column exceeds 2 GiB")

func appendValue[T string | []byte](c *ColumnBuilder, v T) error {
	t := c.field.Type
	size := len(v)
	if t == NChar {
		size = 0
		for range string(v) {
			size += 4
		}
	}
	switch {
	case t.prefix() == 0:
		return c.refuse("text or bytes")
	case t.prefix() == 2 && size > math.MaxUint16:
		return fmt.Errorf("a value of %d bytes does not fit %v", size, t)
	case int64(len(c.data))+int64(size)+4 > math.MaxInt32:
		return errDataLong
	}
	c.offsets = append(c.offsets, int32(len(c.data)))
	c.rows++
	if t.prefix() == 2 {
		c.data = binary.LittleEndian.AppendUint16(c.data, uint16(size))
	} else {
		c.data = binary.LittleEndian.AppendUint32(c.data, uint32(size))
	}
	if t != NChar {
		c.data = append(c.data, v...)
		return nil
	}
	for _, r := range string(v) {
		c.data = binary.LittleEndian.AppendUint32(c.data, uint32(r))
	}
	return nil
}

func (c *ColumnBuilder) refuse(kind string) error {
	return fmt.Errorf("%s cannot be put in a column of type %s", kind, c.field.TypeName())
}

// truncate removes the rows from n on.
func (c *ColumnBuilder) truncate(n int) {
	if n >= c.rows {
		return
	}
	c.rows = n
	if !c.field.Type.Variable() {
		c.nulls = c.nulls[:(n+7)/8]
		if n&7 != 0 {
			c.nulls[n>>3] &= 0xff << (8 - n&7)
		}
		c.data = c.data[:n*c.field.Type.Width()]
		return
	}
	for _, offset := range c.offsets[n:] {
		if offset >= 0 {
			c.data = c.data[:offset]
			break
		}
	}
	c.offsets = c.offsets[:n]
}
