package block

import (
	"database/sql/driver"
	"time"

	"github.com/gaugesql/gaugesql/internal/box"
)

// Block is a batch of rows in columns. It does not change once made and is safe
// for use by several goroutines.
type Block struct {
	Rows    int
	Columns []Column
}

// Column is one column of a [Block].
type Column struct {
	// Field has the type and, as far as the block tells, the length and the
	// precision and scale of a DECIMAL. It has no name.
	Field Field

	// nulls has a bit a row, the most significant first; nil if none is NULL.
	nulls  []byte
	values box.Vector
}

// Value returns the value in row i, which must be below Block.Rows, without an
// allocation:
//
//	BOOL                               bool
//	integers, signed and unsigned      int64
//	BIGINT UNSIGNED                    uint64
//	FLOAT, DOUBLE                      float32, float64
//	TIMESTAMP                          time.Time
//	VARCHAR, NCHAR, DECIMAL            string
//	JSON, VARBINARY, GEOMETRY, BLOB    []byte, not to be written to
//	NULL                               nil
func (c *Column) Value(i int) driver.Value {
	if c.Null(i) {
		return nil
	}
	return c.values.At(i)
}

// Null reports whether the value in row i is NULL.
func (c *Column) Null(i int) bool {
	return c.nulls != nil && c.nulls[i>>3]&(0x80>>(i&7)) != 0
}

// Row copies the values of row i to dest, which has an element a column.
func (b *Block) Row(i int, dest []driver.Value) {
	dest = dest[:len(b.Columns)]
	for k := range b.Columns {
		dest[k] = b.Columns[k].Value(i)
	}
}

// HasNulls reports whether any value is NULL.
func (c *Column) HasNulls() bool { return c.nulls != nil }

// Slice returns all values as one slice of the type that Value gives, such as
// []int64; NULLs are zero values or whatever the server had in their place. It must
// not be written to. A column of the type NULL has none: nil.
func (c *Column) Slice() any {
	switch t := c.Field.Type; {
	case t == Null:
		return nil
	case t == Bool:
		return box.Slice[bool](c.values)
	case t == UBigInt:
		return box.Slice[uint64](c.values)
	case t == Float:
		return box.Slice[float32](c.values)
	case t == Double:
		return box.Slice[float64](c.values)
	case t == Timestamp:
		return box.Slice[time.Time](c.values)
	case t == VarChar || t == NChar || t.IsDecimal():
		return box.Slice[string](c.values)
	case t.Variable():
		return box.Slice[[]byte](c.values)
	}
	return box.Slice[int64](c.values)
}
