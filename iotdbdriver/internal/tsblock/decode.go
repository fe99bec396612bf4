package tsblock

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/gaugesql/gaugesql/internal/box"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// Decode reads a block, which must be the whole of raw. Nothing of raw is kept: it
// may be reused when Decode returns. What is allocated is bounded by a small
// multiple of len(raw), whatever raw claims, and the number of allocations by
// the number of columns.
func (l *Layout) Decode(raw []byte) (*Block, error) {
	b, err := l.decode(raw)
	if err != nil {
		return nil, fmt.Errorf("block of %d bytes: %w", len(raw), err)
	}
	return b, nil
}

func (l *Layout) decode(raw []byte) (*Block, error) {
	r := &reader{rest: raw, layout: l}
	count, err := r.int32()
	if err != nil {
		return nil, err
	}
	// Type and encoding of each column are a byte.
	if count < 0 || int64(count)*2 > int64(len(r.rest)) {
		return nil, fmt.Errorf("%d columns", count)
	}
	types, err := r.take(int64(count))
	if err != nil {
		return nil, err
	}
	positions, err := r.int32()
	if err != nil {
		return nil, err
	}
	if positions < 0 {
		return nil, fmt.Errorf("%d rows", positions)
	}
	r.positions = int(positions)
	encodings, err := r.take(int64(count) + 1)
	if err != nil {
		return nil, err
	}
	columns := make([]Column, count+1)
	for i := range columns {
		name, physical := "time column", datatype.Int64
		if i > 0 {
			name, physical = fmt.Sprintf("column %d of type %s", i-1, datatype.Type(types[i-1])), datatype.Type(types[i-1])
		}
		if err := r.column(&columns[i], encodings[i], physical, l.user(i-1)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(r.rest) > 0 {
		return nil, fmt.Errorf("%d bytes after the last column", len(r.rest))
	}
	b := &Block{Rows: r.positions, columns: make([]*Column, len(l.Blocks))}
	for i, at := range l.Blocks {
		if at >= int(count) {
			return nil, fmt.Errorf("column %d of the result is column %d of %d", i, at, count)
		}
		b.columns[i] = &columns[at+1]
	}
	return b, nil
}

// reader takes a block apart from the front.
type reader struct {
	rest      []byte
	positions int
	layout    *Layout
}

var errShort = errors.New("the block ends early")

// take returns the next n bytes.
func (r *reader) take(n int64) ([]byte, error) {
	if n < 0 || n > int64(len(r.rest)) {
		return nil, errShort
	}
	head := r.rest[:n:n]
	r.rest = r.rest[n:]
	return head, nil
}

func (r *reader) byte() (byte, error) {
	b, err := r.take(1)
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

func (r *reader) int32() (int32, error) {
	b, err := r.take(4)
	if err != nil {
		return 0, err
	}
	return int32(binary.BigEndian.Uint32(b)), nil
}

// column reads a column. User is the column of the result that shows it; with -1
// it is passed over.
func (r *reader) column(c *Column, encoding Encoding, physical datatype.Type, user int) error {
	positions := r.positions
	c.mask = math.MaxInt
	if encoding == RLE {
		var err error
		if encoding, err = r.byte(); err != nil {
			return err
		}
		if encoding == RLE {
			return errors.New("a repetition of a repetition")
		}
		positions, c.mask = 1, 0
	}
	may, err := r.byte()
	if err != nil {
		return err
	}
	if may != 0 {
		raw, err := r.take((int64(positions) + 7) / 8)
		if err != nil {
			return err
		}
		c.nulls = newNulls(raw, positions)
	}
	v := values{n: positions, nulls: c.nulls}
	if c.nulls != nil && encoding != ByteArray {
		v.n -= c.nulls.count
		c.packed = true
	}
	switch encoding {
	case ByteArray:
		v.raw, err = r.take((int64(positions) + 7) / 8)
	case Int32Array:
		v.raw, err = r.take(4 * int64(v.n))
	case Int64Array:
		v.raw, err = r.take(8 * int64(v.n))
	case BinaryArray:
		v.raw, err = r.binary(v.n)
	default:
		return fmt.Errorf("unknown encoding %d", encoding)
	}
	if err != nil || user < 0 {
		return err
	}
	typ := r.layout.Types[user]
	if typ == datatype.Unknown {
		typ = physical
	}
	c.values, err = v.decode(encoding, typ, r.layout)
	return err
}

// binary returns n values with their lengths.
func (r *reader) binary(n int) ([]byte, error) {
	if 4*int64(n) > int64(len(r.rest)) {
		return nil, errShort
	}
	at := 0
	for range n {
		if len(r.rest)-at < 4 {
			return nil, errShort
		}
		size := int(int32(binary.BigEndian.Uint32(r.rest[at:])))
		at += 4
		if size < 0 || size > len(r.rest)-at {
			return nil, errShort
		}
		at += size
	}
	return r.take(int64(at))
}

// values are those of a column, n of them.
type values struct {
	raw   []byte
	n     int
	nulls *nulls
}

// decode makes the values of a type. The boxes are of the types that
// [Column.Value] tells.
func (v *values) decode(encoding Encoding, typ datatype.Type, l *Layout) (box.Vector, error) {
	switch {
	case encoding == ByteArray && typ == datatype.Boolean:
		return box.Of(v.booleans()), nil
	case encoding == Int32Array:
		switch typ {
		case datatype.Float:
			return box.Of(v.floats()), nil
		case datatype.Date:
			dates, err := v.dates()
			return box.Of(dates), err
		case datatype.Int32, datatype.Int64:
			return box.Of(v.int32s()), nil
		}
	case encoding == Int64Array:
		switch typ {
		case datatype.Double:
			return box.Of(v.doubles()), nil
		case datatype.Timestamp:
			return box.Of(v.times(l.Units, l.Location)), nil
		case datatype.Int64:
			return box.Of(v.int64s()), nil
		}
	case encoding == BinaryArray:
		switch typ {
		case datatype.Text, datatype.String:
			return box.Of(v.strings()), nil
		case datatype.Blob, datatype.Object:
			return box.Of(v.bytes()), nil
		}
	}
	if v.n == 0 || v.nulls != nil && v.nulls.count == v.n {
		return box.Vector{}, nil // nothing but NULLs
	}
	return box.Vector{}, fmt.Errorf("encoding %d of values of type %s", encoding, typ)
}
