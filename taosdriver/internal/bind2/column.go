package bind2

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// The states of a value.
const (
	// Given values are bound as they are.
	Given byte = 0
	// Null values are bound as NULL.
	Null byte = 1
	// None leaves the stored value as it is.
	None byte = 2
)

// MaxRows is the largest number of rows of a table in one bind.
const MaxRows = 32767

// Column has the values of a column, tag or parameter. An append that fails
// appends nothing; its error is about the value.
type Column struct {
	typ       block.Type
	precision block.Precision
	scale     uint8
	lengths   bool // values vary in length
	states    []byte
	ends      []int32 // of the values in data, if they vary in length
	data      []byte
	given     int
	limit     int // of text: characters of NCHAR, otherwise bytes; 0 for none
}

// NewColumn returns an empty column of a type. Times are bound in the precision,
// that of the column's database. DECIMAL is bound as text.
func NewColumn(t block.Type, precision block.Precision) *Column {
	return &Column{typ: t, precision: precision, lengths: t.Variable() || t.IsDecimal()}
}

// NewUnscaled returns an empty column of one of the DECIMAL types, to be bound as
// unscaled integers. Servers up to 3.3.7 store nothing else correctly.
func NewUnscaled(t block.Type, scale uint8) *Column {
	return &Column{typ: t, scale: scale}
}

// Type returns the type of the values.
func (c *Column) Type() block.Type { return c.typ }

// Rows returns the number of values.
func (c *Column) Rows() int { return len(c.states) }

// State returns the state of the value in row i.
func (c *Column) State(i int) byte { return c.states[i] }

// Skipped returns the first row whose value is not given, -1 if there is none.
func (c *Column) Skipped() int {
	if c.given == len(c.states) {
		return -1
	}
	return slices.IndexFunc(c.states, func(s byte) bool { return s != Given })
}

// Full reports whether a further row needs more memory.
func (c *Column) Full() bool { return len(c.states) == cap(c.states) }

// Grow makes room for n more rows, with text of 16 bytes.
func (c *Column) Grow(n int) {
	c.states = slices.Grow(c.states, n)
	if c.lengths {
		c.ends = slices.Grow(c.ends, n)
		c.data = slices.Grow(c.data, 16*n)
		return
	}
	c.data = slices.Grow(c.data, c.typ.Width()*n)
}

// Reset removes all values and keeps the memory.
func (c *Column) Reset() { c.truncate(0) }

// truncate removes the rows from n on.
func (c *Column) truncate(n int) {
	for _, s := range c.states[n:] {
		if s == Given {
			c.given--
		}
	}
	c.states = c.states[:n]
	if !c.lengths {
		c.data = c.data[:n*c.typ.Width()]
		return
	}
	c.ends = c.ends[:n]
	c.data = c.data[:c.end(n-1)]
}

// end returns where the value in row i ends, 0 for row -1.
func (c *Column) end(i int) int32 {
	if i < 0 {
		return 0
	}
	return c.ends[i]
}

// AppendNull appends NULL.
func (c *Column) AppendNull() { c.skip(Null) }

// AppendNone appends a value that leaves the stored one as it is.
func (c *Column) AppendNone() { c.skip(None) }

func (c *Column) skip(state byte) {
	if c.lengths {
		c.ends = append(c.ends, c.end(len(c.states)-1))
	} else {
		for range c.typ.Width() {
			c.data = append(c.data, 0)
		}
	}
	c.states = append(c.states, state)
}

// value counts a given value, for which room has been made in data.
func (c *Column) value() {
	c.states = append(c.states, Given)
	c.given++
}

// AppendBool appends to BOOL.
func (c *Column) AppendBool(v bool) error {
	if c.typ != block.Bool {
		return c.refuse("a boolean")
	}
	var b byte
	if v {
		b = 1
	}
	c.data = append(c.data, b)
	c.value()
	return nil
}

// AppendInt64 appends to an integer type, or to TIMESTAMP a number of units
// since the epoch.
func (c *Column) AppendInt64(v int64) error {
	low, high, ok := c.typ.IntegerRange()
	if !ok {
		return c.refuse("an integer")
	}
	if v < low || v > 0 && uint64(v) > high {
		return c.misfit(v)
	}
	c.integer(uint64(v))
	return nil
}

// AppendUint64 is AppendInt64 for numbers that may exceed an int64.
func (c *Column) AppendUint64(v uint64) error {
	_, high, ok := c.typ.IntegerRange()
	if !ok {
		return c.refuse("an integer")
	}
	if v > high {
		return c.misfit(v)
	}
	c.integer(v)
	return nil
}

func (c *Column) integer(v uint64) {
	switch c.typ.Width() {
	case 1:
		c.data = append(c.data, byte(v))
	case 2:
		c.data = binary.LittleEndian.AppendUint16(c.data, uint16(v))
	case 4:
		c.data = binary.LittleEndian.AppendUint32(c.data, uint32(v))
	default:
		c.data = binary.LittleEndian.AppendUint64(c.data, v)
	}
	c.value()
}

// AppendFloat64 appends to FLOAT or DOUBLE. A number that is finite but too large
// for FLOAT is an error.
func (c *Column) AppendFloat64(v float64) error {
	switch c.typ {
	case block.Float:
		f := float32(v)
		if math.IsInf(float64(f), 0) && !math.IsInf(v, 0) {
			return c.misfit(v)
		}
		c.data = binary.LittleEndian.AppendUint32(c.data, math.Float32bits(f))
	case block.Double:
		c.data = binary.LittleEndian.AppendUint64(c.data, math.Float64bits(v))
	default:
		return c.refuse("a floating-point number")
	}
	c.value()
	return nil
}

// AppendTime appends to TIMESTAMP.
func (c *Column) AppendTime(v time.Time) error {
	if c.typ != block.Timestamp {
		return c.refuse("a time")
	}
	unix, err := c.precision.Unix(v)
	if err != nil {
		return err
	}
	c.integer(uint64(unix))
	return nil
}

// AppendDecimal appends to an unscaled DECIMAL a number of the column's scale.
func (c *Column) AppendDecimal(d block.Decimal) error {
	if !c.typ.IsDecimal() || c.lengths {
		return c.refuse("an unscaled number")
	}
	if !d.Fits(c.typ) {
		return fmt.Errorf("%s does not fit %v in %d bytes", d.AppendText(nil, c.scale), c.typ, c.typ.Width())
	}
	c.data = d.AppendTo(c.data, c.typ)
	c.value()
	return nil
}

// AppendString appends to a type of variable width or, as text, to DECIMAL. The
// server checks the length against the declared one.
func (c *Column) AppendString(v string) error {
	if c.typ.IsDecimal() {
		return c.decimal(v)
	}
	return appendText(c, v)
}

// AppendBytes is AppendString for bytes, which are copied.
func (c *Column) AppendBytes(v []byte) error {
	if c.typ.IsDecimal() {
		return c.decimal(string(v))
	}
	return appendText(c, v)
}

func (c *Column) decimal(text string) error {
	if c.lengths {
		return appendText(c, text)
	}
	d, err := block.ParseDecimal(text, c.scale)
	if err != nil {
		return err
	}
	return c.AppendDecimal(d)
}

var errLong = errors.New("the column exceeds 2 GiB")

func appendText[T string | []byte](c *Column, v T) error {
	if !c.lengths {
		return c.refuse("text or bytes")
	}
	if int64(len(c.data))+int64(len(v)) > math.MaxInt32 {
		return errLong
	}
	if c.limit > 0 && len(v) > c.limit {
		if err := c.tooLong(string(v)); err != nil {
			return err
		}
	}
	c.data = append(c.data, v...)
	c.ends = append(c.ends, int32(len(c.data)))
	c.value()
	return nil
}

// Limit makes text that is longer than what a column stores an error. bytes is
// that of [block.Field.StorageBytes]; 0 is no limit.
func (c *Column) Limit(bytes int64) {
	switch c.typ {
	case block.VarChar, block.VarBinary, block.Geometry:
		bytes -= 2
	case block.NChar:
		bytes = (bytes - 2) / 4
	case block.JSON:
		bytes = min(bytes, block.JSONBytes)
	case block.Blob, block.MediumBlob:
		bytes = block.BlobBytes
	default:
		bytes = 0
	}
	c.limit = int(min(max(bytes, 0), math.MaxInt32))
}

// tooLong returns an error if the text exceeds the limit, which its bytes do.
func (c *Column) tooLong(v string) error {
	length, unit := len(v), "bytes"
	if c.typ == block.NChar {
		if length, unit = utf8.RuneCountInString(v), "characters"; length <= c.limit {
			return nil
		}
	}
	return fmt.Errorf("%d %s are longer than the %d of the column", length, unit, c.limit)
}

func (c *Column) misfit(v any) error { return fmt.Errorf("%v does not fit %v", v, c.typ) }

func (c *Column) refuse(kind string) error {
	return fmt.Errorf("%s cannot be bound to a column of type %v", kind, c.typ)
}

// Bytes returns what the server's C interface takes of the column: the state of
// each row, the values as doc.go describes them, and for types of variable width,
// whose ends is not nil, where the value of each row ends in them. They share the
// column's memory.
func (c *Column) Bytes() (states, values []byte, ends []int32) {
	if c.lengths {
		ends = c.ends[:len(c.ends):len(c.ends)]
		if ends == nil {
			ends = []int32{}
		}
	}
	return c.states, c.data, ends
}
