package query

import (
	"context"
	"math"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/eval"
)

// Storage keeps the rows of tables.
type Storage interface {
	// Scan reads the rows of a table. The context ends it at any time.
	Scan(ctx context.Context, s Scan) (Cursor, error)
}

// Cursor gives rows one by one; io.EOF ends them. Rows are fresh each time.
type Cursor interface {
	Next() (*eval.Row, error)
	Close() error
}

// Scan says what to read of a table.
type Scan struct {
	Table   *catalog.Table   // a super or normal table
	Columns []catalog.Column // of the table, as the query knows it
	Need    []bool           // the columns to fetch; the others stay nil
	Range   Range
	Members map[int64]Member // the tables whose rows are wanted, by number
	Only    []int64          // if not nil, rows of these members only
	Order   []ScanKey
}

// Member is a table as its rows see it.
type Member struct {
	Name string
	Tags []any
}

// ScanKey is one key of a scan's order: a column's place in Columns.
type ScanKey struct {
	Column int
	Desc   bool
}

// Range is a range of time, both ends included.
type Range struct{ From, To int64 }

// Always is the range without limits.
var Always = Range{math.MinInt64, math.MaxInt64}

// intersect is what both ranges have.
func (r Range) intersect(o Range) Range { return Range{max(r.From, o.From), min(r.To, o.To)} }
