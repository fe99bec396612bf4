package query

import (
	"io"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/eval"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
)

// relationOf finds what FROM names.
func (p *Planner) relationOf(f *parse.From) (*relation, error) {
	switch {
	case f == nil:
		return &relation{time: -1, rows: func() (Cursor, error) { return &cursorList{[]*eval.Row{{}}}, nil }}, nil
	case f.Query != nil:
		return p.subquery(f)
	}
	v, err := p.Virtual(f.Table)
	if err != nil {
		return nil, err
	}
	if v != nil {
		return &relation{name: f.Table.Table, alias: f.Alias, columns: v.Columns, time: -1, rows: func() (Cursor, error) {
			return rowsCursor(&list{v.Rows}, -1), nil
		}}, nil
	}
	t, err := p.Table(f.Table)
	if err != nil {
		return nil, err
	}
	return p.tableRelation(t, f.Alias), nil
}

func (p *Planner) tableRelation(t *catalog.Table, alias string) *relation {
	shape := t.Shape()
	r := &relation{name: t.Name, alias: alias, isTable: true, starTags: t.Kind == catalog.Super, precision: t.Database.Precision}
	for _, c := range shape.Columns {
		r.columns = append(r.columns, c.Field)
	}
	for _, c := range shape.Tags {
		r.tags = append(r.tags, c.Field)
	}
	s := &Scan{Table: shape, Columns: shape.Columns, Range: Always, Members: map[int64]Member{}}
	switch t.Kind {
	case catalog.Super:
		for _, c := range t.Children() {
			s.Members[c.ID] = Member{c.Name, c.Values}
		}
	case catalog.Child:
		s.Members[t.ID] = Member{t.Name, t.Values}
		s.Only = []int64{t.ID}
	default:
		s.Members[t.ID] = Member{Name: t.Name}
		s.Only = []int64{t.ID}
	}
	r.scan = s
	r.open = func(s Scan) (Cursor, error) { return p.Storage.Scan(p.Compiler.Ctx, s) }
	return r
}

func (p *Planner) subquery(f *parse.From) (*relation, error) {
	res, err := p.Plan(f.Query)
	if err != nil {
		return nil, err
	}
	r := &relation{alias: f.Alias, columns: res.Fields, time: -1, precision: res.Precision}
	for i, c := range res.Fields {
		if c.Type == block.Timestamp {
			r.time = i
			break
		}
	}
	r.rows = func() (Cursor, error) { return rowsCursor(res.rows, r.time), nil }
	return r, nil
}

// rowsCursor gives result rows as rows of a source. Without a column of time they are numbered.
func rowsCursor(r rows, time int) Cursor { return &resultCursor{rows: r, time: time} }

type resultCursor struct {
	rows rows
	time int
	n    int64
}

func (c *resultCursor) Next() (*eval.Row, error) {
	values, err := c.rows.next()
	if err != nil {
		return nil, err
	}
	r := &eval.Row{Cols: values, Time: c.n}
	c.n++
	if c.time >= 0 {
		r.Time, _ = values[c.time].(int64)
	}
	return r, nil
}

func (c *resultCursor) Close() error { return c.rows.close() }

// members is a source of one row a table, with tags and name alone.
func (r *relation) members() Cursor {
	l := &cursorList{}
	ids := make([]int64, 0, len(r.scan.Members))
	for id := range r.scan.Members {
		ids = append(ids, id)
	}
	sortIDs(ids)
	for _, id := range ids {
		m := r.scan.Members[id]
		l.rows = append(l.rows, &eval.Row{Cols: make([]any, len(r.columns)), Tags: m.Tags, Table: m.Name})
	}
	return l
}

func isEOF(err error) bool { return err == io.EOF }

// opened opens a cursor at the first row asked for, so that planning reads nothing.
type opened struct {
	open   func() (Cursor, error)
	cursor Cursor
}

func (o *opened) Next() (*eval.Row, error) {
	if o.cursor == nil {
		c, err := o.open()
		if err != nil {
			return nil, err
		}
		o.cursor = c
	}
	return o.cursor.Next()
}

func (o *opened) Close() error {
	if o.cursor == nil {
		return nil
	}
	return o.cursor.Close()
}
