package store

import (
	"context"
	"database/sql"
	"io"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// Column is a column of a result.
type Column struct {
	Name string
	Type datatype.Type
}

// Result is what a statement gives. It must be closed.
type Result struct {
	// Database is the one that a USE has selected.
	Database string
	// Columns of the result, nil if there is none.
	Columns []Column
	// Blocks are the types of the columns that rows have, Index tells for each
	// column which of them it is.
	Blocks []datatype.Type
	Index  []int32
	// Names is true for results of queries, which have a map of their columns' names.
	Names bool
	// Time is true if the first value of a row is a time that no column shows (tree
	// model); Blocks and Index do not count it.
	Time bool

	rows *sql.Rows
	list [][]any
	next func(row []any) error
	end  func()
}

// NewResult is a result whose rows come from elsewhere: next fills a row or returns
// io.EOF, end is called once.
func NewResult(columns []Column, next func(row []any) error, end func()) *Result {
	r := listed(columns, nil)
	r.next, r.end = next, end
	return r
}

// Width is the number of values in a row.
func (r *Result) Width() int {
	if r.Time {
		return len(r.Blocks) + 1
	}
	return len(r.Blocks)
}

// Next puts the next row into row, which has Width values, or returns io.EOF.
func (r *Result) Next(ctx context.Context, row []any) error {
	if r.next != nil {
		return r.next(row)
	}
	if r.rows == nil {
		if len(r.list) == 0 {
			return io.EOF
		}
		copy(row, r.list[0])
		r.list = r.list[1:]
		return nil
	}
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return broken(ctx, err)
		}
		return io.EOF
	}
	ptrs := make([]any, len(row))
	for i := range row {
		ptrs[i] = &row[i]
	}
	if err := r.rows.Scan(ptrs...); err != nil {
		return broken(ctx, err)
	}
	types := r.Blocks
	if r.Time {
		types = append([]datatype.Type{datatype.Timestamp}, types...)
	}
	for i, v := range row {
		var err error
		if row[i], err = decode(types[i], v); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the query.
func (r *Result) Close() {
	if r.rows != nil {
		_ = r.rows.Close()
	}
	if r.end != nil {
		r.end()
	}
}

// listed is a result of rows that are at hand.
func listed(columns []Column, rows [][]any) *Result {
	r := &Result{Columns: columns, list: rows}
	for i, c := range columns {
		r.Blocks = append(r.Blocks, c.Type)
		r.Index = append(r.Index, int32(i))
	}
	return r
}

// table1 is a result of one column of texts.
func table1(name string, values []string) *Result {
	rows := make([][]any, len(values))
	for i, v := range values {
		rows[i] = []any{v}
	}
	return listed([]Column{{name, datatype.Text}}, rows)
}
