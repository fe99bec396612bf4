package tsblock

import (
	"fmt"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// TimeColumn is the block column that is no value column: the time of a row, of
// the tree model.
const TimeColumn = -1

// maxColumns bounds the number of a block column. Blocks can have columns that the
// result does not show, so that its own number of columns is no bound.
const maxColumns = 1 << 16

// Layout says what the columns of a result are and where its blocks have them.
type Layout struct {
	// Types of the result's columns. [datatype.Unknown] takes values as they are
	// stored.
	Types []datatype.Type
	// Blocks has the block column of each column of the result, or [TimeColumn].
	// Several may share one; then their types are the same.
	Blocks []int
	// Units of a timestamp in a second: 1e3, 1e6 or 1e9.
	Units int64
	// Location of the instants; nil is UTC.
	Location *time.Location

	// users has for each block column, time column first, a column of the result
	// that shows it, or -1.
	users []int
}

// NewLayout checks a layout. Blocks may be nil: then the columns are those of the
// blocks in order.
func NewLayout(l Layout) (*Layout, error) {
	if l.Blocks == nil {
		l.Blocks = make([]int, len(l.Types))
		for i := range l.Blocks {
			l.Blocks[i] = i
		}
	}
	if len(l.Blocks) != len(l.Types) {
		return nil, fmt.Errorf("%d types for %d columns", len(l.Types), len(l.Blocks))
	}
	switch l.Units {
	case 1e3, 1e6, 1e9:
	default:
		return nil, fmt.Errorf("a second of %d units", l.Units)
	}
	if l.Location == nil {
		l.Location = time.UTC
	}
	for i, b := range l.Blocks {
		if b < TimeColumn || b >= maxColumns {
			return nil, fmt.Errorf("column %d is column %d of the blocks", i, b)
		}
		for len(l.users) <= b+1 {
			l.users = append(l.users, -1)
		}
		if u := l.users[b+1]; u < 0 {
			l.users[b+1] = i
		} else if l.Types[u] != l.Types[i] {
			return nil, fmt.Errorf("column %d of the blocks is of type %s and of type %s", b, l.Types[u], l.Types[i])
		}
	}
	return &l, nil
}

// user is the result column that shows a block column, -1 for none.
func (l *Layout) user(block int) int {
	if block+1 < len(l.users) {
		return l.users[block+1]
	}
	return -1
}
