package block

import (
	"database/sql/driver"

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
