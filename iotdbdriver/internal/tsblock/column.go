package tsblock

import (
	"database/sql/driver"
	"math/bits"

	"github.com/gaugesql/gaugesql/internal/box"
)

// Block is a batch of rows in columns. It does not change once made and is safe
// for use by several goroutines.
type Block struct {
	Rows int
	// columns of the result, not of the block.
	columns []*Column
}

// Row copies the values of row i to dest, which has an element a column.
func (b *Block) Row(i int, dest []driver.Value) {
	for k, c := range b.columns {
		dest[k] = c.Value(i)
	}
}

// Value returns the value of a column of the result in row i without an
// allocation: see [Column.Value].
func (b *Block) Value(i, column int) driver.Value { return b.columns[column].Value(i) }

// Column is a column of a block.
type Column struct {
	values box.Vector // of what is not NULL, if packed
	nulls  *nulls     // nil if none is NULL
	packed bool       // NULLs have no element in values
	mask   int        // of the row; 0 for a value that is repeated
}

// Value returns the value in row i, which must be below Block.Rows, without an
// allocation:
//
//	BOOLEAN               bool
//	INT32, INT64          int64
//	FLOAT, DOUBLE         float32, float64
//	TIMESTAMP             time.Time
//	DATE                  time.Time, its midnight in UTC
//	TEXT, STRING          string
//	BLOB, OBJECT          []byte, not to be written to
//	NULL                  nil
func (c *Column) Value(i int) driver.Value {
	i &= c.mask
	if c.nulls == nil {
		return c.values.At(i)
	}
	before, null := c.nulls.at(i)
	switch {
	case null:
		return nil
	case c.packed:
		i -= before
	}
	return c.values.At(i)
}

// nulls are bits of NULLs, the most significant first, 64 to a word.
type nulls struct {
	words  []uint64
	before []int32 // NULLs before each word
	count  int
}

// newNulls returns the bits of the positions, nil if none of them is set.
func newNulls(raw []byte, positions int) *nulls {
	n := &nulls{words: make([]uint64, (positions+63)/64)}
	for i, b := range raw {
		n.words[i/8] |= uint64(b) << (56 - i%8*8)
	}
	if rest := positions % 64; rest != 0 {
		n.words[len(n.words)-1] &= ^uint64(0) << (64 - rest)
	}
	n.before = make([]int32, len(n.words))
	for i, w := range n.words {
		n.before[i] = int32(n.count)
		n.count += bits.OnesCount64(w)
	}
	if n.count == 0 {
		return nil
	}
	return n
}

// at tells whether position i is NULL, and how many are before it.
func (n *nulls) at(i int) (before int, null bool) {
	w, bit := n.words[i/64], uint(i%64)
	return int(n.before[i/64]) + bits.OnesCount64(w&^(^uint64(0)>>bit)), w&(1<<63>>bit) != 0
}
