package taostest

import (
	"database/sql"
	"io"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// source is what a result is read from, row by row.
type source interface {
	fields() []block.Field
	precision() block.Precision
	// next appends a row to every column. It returns io.EOF at the end.
	next(*block.Builder) error
	close() error
}

// listSource is a source of rows that the server has made itself.
type listSource struct {
	columns []block.Field
	rows    [][]any
}

func (s *listSource) fields() []block.Field { return s.columns }

func (s *listSource) precision() block.Precision { return block.Milli }

func (s *listSource) next(b *block.Builder) error {
	if len(s.rows) == 0 {
		return io.EOF
	}
	for i, v := range s.rows[0] {
		if err := b.Column(i).Append(v); err != nil {
			return err
		}
	}
	s.rows = s.rows[1:]
	return nil
}

func (s *listSource) close() error { return nil }

// rowsSource reads from a database.
type rowsSource struct {
	rows    *sql.Rows
	columns []block.Field
	unit    block.Precision
	first   []any // a row read ahead to learn the columns' types
	cells   []cell
	dest    []any
}

// newRowsSource learns the columns' types, from the first row where the
// database does not tell them.
func newRowsSource(rows *sql.Rows) (*rowsSource, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	s := &rowsSource{rows: rows, columns: make([]block.Field, len(types)), unit: block.Milli}
	unknown, timed := false, false
	for i, t := range types {
		f, unit, ok := fieldOf(t)
		s.columns[i] = f
		unknown = unknown || !ok
		if ok && f.Type == block.Timestamp && !timed {
			s.unit, timed = unit, true
		}
	}
	if unknown {
		if err := s.readAhead(); err != nil {
			return nil, err
		}
		for i, f := range s.columns {
			if f.Type != block.Null {
				continue
			}
			var v any
			if s.first != nil {
				v = s.first[i]
			}
			s.columns[i] = fieldFor(f.Name, v)
			if s.columns[i].Type == block.Timestamp && !timed {
				s.unit, timed = block.Nano, true
			}
		}
	}
	s.cells, s.dest = make([]cell, len(types)), make([]any, len(types))
	for i := range s.cells {
		s.dest[i] = &s.cells[i]
	}
	return s, nil
}

// readAhead reads the first row, if there is one.
func (s *rowsSource) readAhead() error {
	if !s.rows.Next() {
		return s.rows.Err()
	}
	row, dest := make([]any, len(s.columns)), make([]any, len(s.columns))
	for i := range row {
		dest[i] = &row[i]
	}
	s.first = row
	return s.rows.Scan(dest...)
}

func (s *rowsSource) fields() []block.Field { return s.columns }

func (s *rowsSource) precision() block.Precision { return s.unit }

func (s *rowsSource) next(b *block.Builder) error {
	if s.first != nil {
		for i, v := range s.first {
			c := cell{column: b.Column(i)}
			if err := c.Scan(v); err != nil {
				return err
			}
		}
		s.first = nil
		return nil
	}
	if !s.rows.Next() {
		if err := s.rows.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	if s.cells[0].column != b.Column(0) {
		for i := range s.cells {
			s.cells[i].column = b.Column(i)
		}
	}
	return s.rows.Scan(s.dest...)
}

func (s *rowsSource) close() error { return s.rows.Close() }
