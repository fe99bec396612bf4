package wire

import (
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/internal/box"
)

// Decoder turns the rows of a result into columns, some rows at a time. It
// belongs to one result.
type Decoder struct {
	columns []decoding
	loc     *time.Location
	texts   strings.Builder
	bytes   []byte
	room    int // what the next piece of texts or bytes is to hold at least
	block   Block
}

// Block is a batch of rows in columns. It is good until the decoder makes the
// next; the values that it hands out remain.
type Block struct {
	Rows    int
	Columns []Values
}

// Values are the values of a column in a block.
type Values struct {
	nulls  []byte // a bit a row; nil if none is set
	odd    map[int]driver.Value
	vector box.Vector
}

// At returns the value in row i, below Block.Rows, without an allocation. It is
// nil for NULL. The ends of time are the texts "infinity" and "-infinity".
func (v *Values) At(i int) driver.Value {
	if v.nulls != nil && v.nulls[i>>3]&(1<<(i&7)) != 0 {
		return v.odd[i]
	}
	return v.vector.At(i)
}

// Row copies the values of row i to dest, which has an element a column.
func (b *Block) Row(i int, dest []driver.Value) {
	dest = dest[:len(b.Columns)]
	for k := range b.Columns {
		v := &b.Columns[k]
		if v.nulls == nil {
			dest[k] = v.vector.At(i)
		} else {
			dest[k] = v.At(i)
		}
	}
}

// Clone returns a copy that is good as long as it is kept. It shares the values.
func (b *Block) Clone() *Block {
	c := &Block{Rows: b.Rows, Columns: slices.Clone(b.Columns)}
	for i := range c.Columns {
		c.Columns[i].nulls = slices.Clone(c.Columns[i].nulls)
	}
	return c
}

// NewDecoder returns a decoder of rows with the columns, in the formats that
// their descriptions have. Times are in loc; nil is UTC. A type that is not read
// in the binary format is an error.
func NewDecoder(columns []Column, loc *time.Location) (*Decoder, error) {
	if loc == nil {
		loc = time.UTC
	}
	d := &Decoder{loc: loc, columns: make([]decoding, len(columns)), block: Block{Columns: make([]Values, len(columns))}}
	for i := range columns {
		c := &columns[i]
		if c.Format == Binary && !c.Type.HasBinary() {
			return nil, fmt.Errorf("column %d of type %s (%d) comes in the binary format, which was not asked for", i+1, c.Type, c.Type)
		}
		d.columns[i].begin(c)
	}
	return d, nil
}

// Rows returns how many whole DataRows b begins with, at most limit, and their
// length together.
func Rows(b []byte, limit int) (rows, length int, err error) {
	for rows < limit && len(b)-length >= HeaderSize && b[length] == byte(DataRow) {
		_, n, err := Header(b[length:])
		if err != nil {
			return 0, 0, err
		}
		if len(b)-length-HeaderSize < n {
			break
		}
		rows, length = rows+1, length+HeaderSize+n
	}
	return rows, length, nil
}

// AppendCopied appends the bodies of the whole CopyData messages that b begins with
// to dst, as far as they fit into its capacity, and returns their length as
// messages.
func AppendCopied(dst, b []byte) (_ []byte, length int) {
	for len(b)-length >= HeaderSize && b[length] == byte(CopyData) {
		_, n, err := Header(b[length:])
		if err != nil || len(b)-length-HeaderSize < n || cap(dst)-len(dst) < n {
			break // whoever reads the message by itself finds the error
		}
		dst = append(dst, b[length+HeaderSize:length+HeaderSize+n]...)
		length += HeaderSize + n
	}
	return dst, length
}

// Decode reads so many rows as [Rows] has counted. Nothing of b is kept. What it
// allocates is bounded by a small multiple of len(b).
func (d *Decoder) Decode(b []byte, rows int) (*Block, error) {
	if len(b)/(HeaderSize+2+4*len(d.columns)) < rows {
		return nil, Malformed(DataRow) // before room is made for so many values
	}
	d.room = min(max(len(b), 2*d.room), maxRoom)
	for i := range d.columns {
		d.columns[i].reserve(rows)
	}
	for row := range rows {
		t, n, err := Header(b)
		if err != nil {
			return nil, err
		}
		if t != DataRow || n < 2 || n > len(b)-HeaderSize {
			return nil, Malformed(DataRow)
		}
		cells := b[HeaderSize+2 : HeaderSize+n]
		if k := int(binary.BigEndian.Uint16(b[HeaderSize:])); k != len(d.columns) {
			return nil, fmt.Errorf("%w: %d values in %d columns", Malformed(DataRow), k, len(d.columns))
		}
		b = b[HeaderSize+n:]
		for i := range d.columns {
			if len(cells) < 4 {
				return nil, Malformed(DataRow)
			}
			size := int32(binary.BigEndian.Uint32(cells))
			cells = cells[4:]
			c := &d.columns[i]
			if size < 0 {
				if size != -1 {
					return nil, Malformed(DataRow)
				}
				c.null(d, row, rows, nil)
				continue
			}
			if int(size) > len(cells) {
				return nil, Malformed(DataRow)
			}
			if err := c.decode(c, d, cells[:size:size]); err != nil {
				if odd, ok := err.(oddValue); ok {
					c.null(d, row, rows, string(odd))
				} else {
					return nil, fmt.Errorf("column %d of type %s: %w", i+1, c.typ, err)
				}
			}
			cells = cells[size:]
		}
		if len(cells) != 0 {
			return nil, Malformed(DataRow)
		}
	}
	d.block.Rows = rows
	for i := range d.columns {
		d.block.Columns[i] = d.columns[i].values()
	}
	return &d.block, nil
}

// Sizes of the pieces of memory that values of several blocks share.
const (
	maxSlab = 1024      // values of a column
	maxRoom = 64 * 1024 // bytes of texts
)

// decoding is the state of one column. Of the slices one is used. A slice is
// appended to up to its capacity and never moved: what is handed out points into
// it.
type decoding struct {
	typ    OID
	kind   Kind
	decode func(c *decoding, d *Decoder, cell []byte) error

	bools   []bool
	ints    []int64
	floats  []float64
	singles []float32
	times   []time.Time
	texts   []string
	bytes   [][]byte

	from  int // where this block begins
	slab  int // capacity of the slice
	nulls []byte
	set   bool // nulls has a bit set
	odd   map[int]driver.Value
}

// reserve makes room for so many rows, in the slice at hand or in a new one.
func (c *decoding) reserve(rows int) {
	if c.set {
		clear(c.nulls)
		c.set, c.odd = false, nil
	}
	switch c.kind {
	case OfBool:
		reserve(c, &c.bools, rows)
	case OfInt:
		reserve(c, &c.ints, rows)
	case OfFloat:
		reserve(c, &c.floats, rows)
	case OfSingle:
		reserve(c, &c.singles, rows)
	case OfTime, OfLocalTime, OfDate:
		reserve(c, &c.times, rows)
	case OfBytes, OfJSON:
		reserve(c, &c.bytes, rows)
	default:
		reserve(c, &c.texts, rows)
	}
}

func reserve[T any](c *decoding, s *[]T, rows int) {
	if cap(*s)-len(*s) < rows {
		c.slab = max(rows, min(2*c.slab, maxSlab))
		*s = make([]T, 0, c.slab)
	}
	c.from = len(*s)
}

// values returns this block's.
func (c *decoding) values() Values {
	v := Values{odd: c.odd}
	if c.set {
		v.nulls = c.nulls
	}
	switch c.kind {
	case OfBool:
		v.vector = box.Of(c.bools[c.from:])
	case OfInt:
		v.vector = box.Of(c.ints[c.from:])
	case OfFloat:
		v.vector = box.Of(c.floats[c.from:])
	case OfSingle:
		v.vector = box.Of(c.singles[c.from:])
	case OfTime, OfLocalTime, OfDate:
		v.vector = box.Of(c.times[c.from:])
	case OfBytes, OfJSON:
		v.vector = box.Of(c.bytes[c.from:])
	default:
		v.vector = box.Of(c.texts[c.from:])
	}
	return v
}

// null makes the cell in a row of the block NULL, or another value that the
// column's type has no room for.
func (c *decoding) null(d *Decoder, row, rows int, value driver.Value) {
	if n := (rows + 7) / 8; len(c.nulls) < n {
		grown := make([]byte, n)
		copy(grown, c.nulls)
		c.nulls = grown
	}
	c.set = true
	c.nulls[row>>3] |= 1 << (row & 7)
	if value != nil {
		if c.odd == nil {
			c.odd = make(map[int]driver.Value)
		}
		c.odd[row] = value
	}
	switch c.kind {
	case OfBool:
		c.bools = append(c.bools, false)
	case OfInt:
		c.ints = append(c.ints, 0)
	case OfFloat:
		c.floats = append(c.floats, 0)
	case OfSingle:
		c.singles = append(c.singles, 0)
	case OfTime, OfLocalTime, OfDate:
		c.times = append(c.times, time.Time{})
	case OfBytes, OfJSON:
		c.bytes = append(c.bytes, nil)
	default:
		c.texts = append(c.texts, "")
	}
}

// text keeps a copy of b.
func (d *Decoder) text(b []byte) string {
	n := d.texts.Len()
	if d.texts.Cap()-n < len(b) {
		d.texts.Reset()
		d.texts.Grow(max(d.room, len(b)))
		n = 0
	}
	d.texts.Write(b)
	return d.texts.String()[n:]
}

// take returns n bytes to be written once. They are never nil.
func (d *Decoder) take(n int) []byte {
	if n == 0 {
		return []byte{}
	}
	if cap(d.bytes)-len(d.bytes) < n {
		d.bytes = make([]byte, 0, max(d.room, n))
	}
	from := len(d.bytes)
	d.bytes = d.bytes[:from+n]
	return d.bytes[from : from+n : from+n]
}

// oddValue is returned by decoders for the ends of time.
type oddValue string

func (o oddValue) Error() string { return string(o) }

func beFloat64(b []byte) float64 { return math.Float64frombits(binary.BigEndian.Uint64(b)) }
func beFloat32(b []byte) float32 { return math.Float32frombits(binary.BigEndian.Uint32(b)) }
