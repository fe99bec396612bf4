package block

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// Builder makes a raw block, column by column, byte for byte as the server does.
// It is used by one goroutine at a time.
type Builder struct {
	precision Precision
	loc       *time.Location
	columns   []ColumnBuilder
}

// NewBuilder returns an empty builder of columns with these types and declared
// lengths. Timestamps are in the precision; the location, nil for UTC, is only
// that of [Builder.Block].
func NewBuilder(fields []Field, precision Precision, loc *time.Location) *Builder {
	b := &Builder{precision: precision, loc: loc, columns: make([]ColumnBuilder, len(fields))}
	for i, f := range fields {
		b.columns[i] = ColumnBuilder{field: f, precision: precision}
	}
	return b
}

// Column returns the builder of column i. It stays valid, also after Reset.
func (b *Builder) Column(i int) *ColumnBuilder { return &b.columns[i] }

// Columns returns the number of columns.
func (b *Builder) Columns() int { return len(b.columns) }

// Rows returns the number of rows of the first column. During a row the other
// columns may differ.
func (b *Builder) Rows() int {
	if len(b.columns) == 0 {
		return 0
	}
	return b.columns[0].rows
}

// Size returns the number of bytes that AppendTo would append.
func (b *Builder) Size() int {
	n := headerSize + perColumn*len(b.columns) + 1
	for i := range b.columns {
		c := &b.columns[i]
		n += len(c.nulls) + 4*len(c.offsets) + len(c.data)
	}
	return n
}

// Truncate removes the rows from n on, in columns that have them. It makes all
// columns equal again after a row that could not be appended whole.
func (b *Builder) Truncate(n int) {
	for i := range b.columns {
		b.columns[i].truncate(n)
	}
}

// Reset removes all rows and keeps the memory.
func (b *Builder) Reset() { b.Truncate(0) }

// AppendTo appends the block to dst. It is an error if the columns differ in
// their number of rows or the block exceeds the format's 2 GiB.
func (b *Builder) AppendTo(dst []byte) ([]byte, error) {
	rows := b.Rows()
	if len(b.columns) == 0 {
		return dst, errors.New("raw block: no columns")
	}
	for i := range b.columns {
		if n := b.columns[i].rows; n != rows {
			return dst, fmt.Errorf("raw block: column %d has %d rows, column 0 has %d", i, n, rows)
		}
	}
	size := b.Size()
	if int64(size) > math.MaxInt32 || size < 0 {
		return dst, fmt.Errorf("raw block: %d bytes are too long", size)
	}
	le := binary.LittleEndian
	dst = le.AppendUint32(dst, 1)
	dst = le.AppendUint32(dst, uint32(size))
	dst = le.AppendUint32(dst, uint32(rows))
	dst = le.AppendUint32(dst, uint32(len(b.columns)))
	dst = le.AppendUint32(dst, 1<<31)
	dst = le.AppendUint64(dst, 0)
	for i := range b.columns {
		f := b.columns[i].field
		dst = append(dst, byte(f.Type))
		dst = le.AppendUint32(dst, uint32(f.schema()))
	}
	for i := range b.columns {
		dst = le.AppendUint32(dst, uint32(len(b.columns[i].data)))
	}
	for i := range b.columns {
		c := &b.columns[i]
		dst = append(dst, c.nulls...)
		for _, offset := range c.offsets {
			dst = le.AppendUint32(dst, uint32(offset))
		}
		dst = append(dst, c.data...)
	}
	return append(dst, 0), nil
}

// Block returns the rows as a block, like one that was decoded. The builder may
// go on or be reset.
func (b *Builder) Block() (*Block, error) {
	raw, err := b.AppendTo(make([]byte, 0, b.Size()))
	if err != nil {
		return nil, err
	}
	return Decode(raw, b.precision, b.loc)
}
