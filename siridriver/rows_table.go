package siridriver

import (
	sqldriver "database/sql/driver"
	"io"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/result"
)

// newTableRows returns the rows of the answer to anything but a select.
func newTableRows(t *result.Table, f form) *rows {
	var sets []set
	if t.Columns != nil {
		sets = append(sets, newTableSet(t, f))
	}
	if t.Timeit != nil {
		sets = append(sets, timeitSet(t.Timeit))
	}
	return newRows(f, sets...)
}

// tableSet is a table as the server sent it, with its times in form.
type tableSet struct {
	table *result.Table
	form  form
	cols  []column
	times []bool // of the columns
	next  int
	row   []any
	cell  []any // times of the row
}

var kindTypes = map[qpack.Kind]string{
	qpack.Int: typeInteger, qpack.Float: typeFloat, qpack.Raw: typeString, qpack.Bool: typeBoolean,
}

// isTime tells the columns that hold times: where series and shards begin and end.
func isTime(table, column string) bool {
	return (table == "series" || table == "shards") && (column == "start" || column == "end")
}

func newTableSet(t *result.Table, f form) *tableSet {
	s := &tableSet{table: t, form: f, times: make([]bool, len(t.Columns)), cell: make([]any, len(t.Columns))}
	for i, name := range t.Columns {
		c := column{name: name, typ: kindTypes[t.Kinds[i]], nullable: true}
		if isTime(t.Name, name) && (t.Kinds[i] == qpack.Int || t.Kinds[i] == qpack.Null) {
			c, s.times[i] = f.timeColumn(name, true), true
		}
		s.cols = append(s.cols, c)
	}
	return s
}

func (s *tableSet) columns() []column { return s.cols }

func (s *tableSet) advance() error {
	if s.next == s.table.Rows {
		return io.EOF
	}
	s.row = s.table.Row(s.next)
	s.next++
	for i, isTime := range s.times {
		if !isTime {
			continue
		}
		s.cell[i] = nil
		if ts, ok := s.row[i].(int64); ok {
			var err error
			if s.cell[i], err = s.form.value(ts); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *tableSet) fill(dest []sqldriver.Value) { cellByCell(s, dest) }

func (s *tableSet) value(i int) any {
	if s.times[i] {
		return s.cell[i]
	}
	return s.row[i]
}
