package block

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

const (
	headerSize = 28
	// perColumn is what a column needs in the header: type, bytes, data length.
	perColumn = 5 + 4
)

// Length returns the total length that the block at the start of raw declares,
// for blocks with something behind them, as the official Go driver sends. It is
// not checked against raw.
func Length(raw []byte) (int, error) {
	if len(raw) < headerSize {
		return 0, fmt.Errorf("raw block: %d bytes are too short for a header", len(raw))
	}
	n := int32(binary.LittleEndian.Uint32(raw[4:]))
	if n < headerSize {
		return 0, fmt.Errorf("raw block: declares a length of %d bytes", n)
	}
	return int(n), nil
}

// Decode reads a raw block of version 1 or 2. raw must be the block and nothing
// else. Nothing of it is kept: it may be reused when Decode returns. Timestamps
// are in the precision and put in the location; nil is UTC.
//
// What Decode allocates is bounded by a small multiple of len(raw), whatever raw
// claims, and its number of allocations by the number of columns.
func Decode(raw []byte, precision Precision, loc *time.Location) (*Block, error) {
	length, err := Length(raw)
	if err != nil {
		return nil, err
	}
	if length != len(raw) {
		return nil, fmt.Errorf("raw block: declares %d bytes and has %d", length, len(raw))
	}
	if version := binary.LittleEndian.Uint32(raw); version != 1 && version != 2 {
		return nil, fmt.Errorf("raw block: unknown version %d", version)
	}
	if !precision.Valid() {
		return nil, fmt.Errorf("raw block: unknown timestamp %v", precision)
	}
	if loc == nil {
		loc = time.UTC
	}
	rows, columns := int32(binary.LittleEndian.Uint32(raw[8:])), int32(binary.LittleEndian.Uint32(raw[12:]))
	if rows < 0 || columns < 1 || int64(columns)*perColumn > int64(len(raw)-headerSize) {
		return nil, fmt.Errorf("raw block: %d rows of %d columns do not fit %d bytes", rows, columns, len(raw))
	}
	schema := raw[headerSize:]
	lengths := schema[5*columns:]
	r := &reader{rest: lengths[4*columns:], rows: int(rows), precision: precision, loc: loc}
	b := &Block{Rows: int(rows), Columns: make([]Column, columns)}
	for i := range b.Columns {
		t := Type(schema[5*i])
		if !t.Valid() {
			return nil, fmt.Errorf("raw block: column %d has the unknown type %d", i, t)
		}
		c := &b.Columns[i]
		c.Field = fieldOf(t, int32(binary.LittleEndian.Uint32(schema[5*i+1:])))
		size := int32(binary.LittleEndian.Uint32(lengths[4*i:]))
		if err := r.column(c, size); err != nil {
			return nil, fmt.Errorf("raw block: column %d of type %v: %w", i, t, err)
		}
	}
	// Servers close a block with one byte, clients do not.
	if len(r.rest) > 1 {
		return nil, fmt.Errorf("raw block: %d bytes after the last column", len(r.rest))
	}
	return b, nil
}

// reader takes the columns' data from the front of rest.
type reader struct {
	rest      []byte
	rows      int
	precision Precision
	loc       *time.Location
}

var errShort = errors.New("the data ends early")

// take returns the next n bytes. n may be any number that rows x width makes.
func (r *reader) take(n int64) ([]byte, error) {
	if n < 0 || n > int64(len(r.rest)) {
		return nil, errShort
	}
	head := r.rest[:n:n]
	r.rest = r.rest[n:]
	return head, nil
}

// column reads the data of c, whose data length is size.
func (r *reader) column(c *Column, size int32) error {
	if c.Field.Type.Variable() {
		return r.variable(c, size)
	}
	return r.fixed(c, size)
}
