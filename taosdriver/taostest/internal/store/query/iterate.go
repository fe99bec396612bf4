package query

import (
	"context"
	"io"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/eval"
)

// rows gives result rows: the visible columns, then hidden sort keys. io.EOF ends them.
type rows interface {
	next() ([]any, error)
	close() error
}

// list is rows at hand.
type list struct{ rows [][]any }

func (l *list) next() ([]any, error) {
	if len(l.rows) == 0 {
		return nil, io.EOF
	}
	r := l.rows[0]
	l.rows = l.rows[1:]
	return r, nil
}

func (l *list) close() error { return nil }

// cursorList is a Cursor over rows at hand.
type cursorList struct{ rows []*eval.Row }

func (l *cursorList) Next() (*eval.Row, error) {
	if len(l.rows) == 0 {
		return nil, io.EOF
	}
	r := l.rows[0]
	l.rows = l.rows[1:]
	return r, nil
}

func (l *cursorList) Close() error { return nil }

// filter passes the rows for which a condition holds.
type filter struct {
	Cursor
	ctx  context.Context
	cond eval.Node
}

func (f *filter) Next() (*eval.Row, error) {
	for {
		r, err := f.Cursor.Next()
		if err != nil {
			return nil, err
		}
		ok := f.cond.True(r)
		if err := f.ctx.Err(); err != nil { // the condition may have waited
			return nil, err
		}
		if ok {
			return r, nil
		}
	}
}

// project computes result rows.
type project struct {
	from  Cursor
	ctx   context.Context
	nodes []eval.Node
}

func (p *project) next() ([]any, error) {
	r, err := p.from.Next()
	if err != nil {
		return nil, err
	}
	out := make([]any, len(p.nodes))
	for i, n := range p.nodes {
		out[i] = n.Eval(r)
	}
	return out, p.ctx.Err()
}

func (p *project) close() error { return p.from.Close() }

// limited drops rows before an offset and ends after a count.
type limited struct {
	rows
	offset, count int64
}

func (l *limited) next() ([]any, error) {
	for ; l.offset > 0; l.offset-- {
		if _, err := l.rows.next(); err != nil {
			return nil, err
		}
	}
	if l.count <= 0 {
		return nil, io.EOF
	}
	l.count--
	return l.rows.next()
}

// distinct passes the first of equal rows.
type distinct struct {
	rows
	width int
	seen  map[string]bool
}

func (d *distinct) next() ([]any, error) {
	for {
		r, err := d.rows.next()
		if err != nil {
			return nil, err
		}
		k := string(appendKey(nil, r[:d.width]))
		if !d.seen[k] {
			d.seen[k] = true
			return r, nil
		}
	}
}

// chain is one after another.
type chain struct{ parts []rows }

func (c *chain) next() ([]any, error) {
	for len(c.parts) > 0 {
		r, err := c.parts[0].next()
		if err != io.EOF {
			return r, err
		}
		if err := c.parts[0].close(); err != nil {
			return nil, err
		}
		c.parts = c.parts[1:]
	}
	return nil, io.EOF
}

func (c *chain) close() error {
	var first error
	for _, p := range c.parts {
		if err := p.close(); err != nil && first == nil {
			first = err
		}
	}
	c.parts = nil
	return first
}

// lazy starts its rows at the first use.
type lazy struct {
	start func() (rows, error)
	rows  rows
}

func (l *lazy) next() ([]any, error) {
	if l.rows == nil {
		r, err := l.start()
		if err != nil {
			return nil, err
		}
		l.rows = r
	}
	return l.rows.next()
}

func (l *lazy) close() error {
	if l.rows == nil {
		return nil
	}
	return l.rows.close()
}

// drain reads all rows and closes them.
func drain(r rows) ([][]any, error) {
	defer r.close()
	var all [][]any
	for {
		row, err := r.next()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
}
