package store

import (
	"bytes"
	"context"
	"database/sql"
	"strings"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
)

// batch is the rows of one INSERT, in order, and the child tables it makes.
type batch struct {
	groups   []*rowGroup
	children []*catalog.Table
	byName   map[*catalog.Database]map[string]*catalog.Table
	indexed  int // of children, how many are in byName
}

// rowGroup is rows next to each other that go to one table's storage with the same columns given.
type rowGroup struct {
	shape  *catalog.Table
	given  []byte           // 1 for a column that is given
	values []any            // of all rows: tid, then the given columns
	tables []*catalog.Table // a row each
	rows   int
}

// child finds a table that the batch makes.
func (b *batch) child(d *catalog.Database, name string) *catalog.Table {
	for ; b.indexed < len(b.children); b.indexed++ {
		t := b.children[b.indexed]
		if b.byName == nil {
			b.byName = map[*catalog.Database]map[string]*catalog.Table{}
		}
		if b.byName[t.Database] == nil {
			b.byName[t.Database] = map[string]*catalog.Table{}
		}
		b.byName[t.Database][t.Name] = t
	}
	return b.byName[d][name]
}

// add appends a row of a table. given has 1 for each column that has a value.
func (b *batch) add(shape, table *catalog.Table, values []any, given []byte) {
	var g *rowGroup
	if n := len(b.groups); n > 0 {
		g = b.groups[n-1]
	}
	if g == nil || g.shape != shape || !bytes.Equal(g.given, given) {
		g = &rowGroup{shape: shape, given: given}
		b.groups = append(b.groups, g)
	}
	g.values = append(g.values, table.ID)
	g.tables = append(g.tables, table)
	for i, v := range values {
		if given[i] == 1 {
			g.values = append(g.values, encode(v))
		}
	}
	g.rows++
}

// write puts all rows into the storage, or none.
func (b *batch) write(ctx context.Context, s *Store) error {
	if len(b.groups) == 0 {
		return nil
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		for _, g := range b.groups {
			if err := g.write(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// maxParams and maxRows bound one statement of SQLite.
const (
	maxParams = 16000
	maxRows   = 200
)

func (g *rowGroup) write(ctx context.Context, tx *sql.Tx) error {
	width := len(g.values) / g.rows
	step := max(1, min(maxRows, maxParams/width))
	var text string
	for left, n := g.values, 0; len(left) > 0; left = left[n*width:] {
		rows := min(step, len(left)/width)
		if rows != n {
			n, text = rows, g.statement(rows, width)
		}
		if _, err := tx.ExecContext(ctx, text, left[:n*width]...); err != nil {
			return err
		}
	}
	return nil
}

// statement is an insert of so many rows that overwrites what is there, except for the columns that
// are not given.
func (g *rowGroup) statement(rows, width int) string {
	var b strings.Builder
	b.WriteString("insert into " + storageName(g.shape) + " (tid")
	var names []string
	for i, c := range g.shape.Columns {
		if g.given[i] == 1 {
			names = append(names, columnName(c))
		}
	}
	for _, n := range names {
		b.WriteString(", " + n)
	}
	row := "(?" + strings.Repeat(",?", width-1) + ")"
	b.WriteString(") values " + row + strings.Repeat(","+row, rows-1) + " on conflict (tid, ts) do ")
	sep := "update set "
	for _, n := range names[1:] {
		b.WriteString(sep + n + " = excluded." + n)
		sep = ", "
	}
	if len(names) == 1 {
		b.WriteString("nothing")
	}
	return b.String()
}
