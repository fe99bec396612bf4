package query

import (
	"math"
	"strconv"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/eval"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// Planner plans queries for one session. Tables are looked up while planning only.
type Planner struct {
	Compiler eval.Compiler // a template: Precision and Scope are set here
	Storage  Storage
	Table    func(parse.Name) (*catalog.Table, error)
	// Virtual finds tables that are made up, nil if there is none of the name.
	Virtual func(parse.Name) (*Virtual, error)
}

// Virtual is a table made up from something else, such as those of information_schema.
type Virtual struct {
	Columns []block.Field
	Rows    [][]any
}

// Result is a planned query. Nothing is read before Start or the first Next.
type Result struct {
	Fields    []block.Field
	Precision block.Precision // of timestamps
	rows      rows
}

// Start runs the query up to its first row.
func (r *Result) Start() error {
	p := peek(r.rows)
	r.rows = p
	if p.first == nil && !isEOF(p.err) {
		return p.err
	}
	return nil
}

// Next gives a row; io.EOF ends them.
func (r *Result) Next() ([]any, error) { return r.rows.next() }

// Close ends the query.
func (r *Result) Close() error { return r.rows.close() }

// Rows makes a result of values at hand.
func Rows(fields []block.Field, values [][]any) *Result {
	return &Result{Fields: fields, rows: &list{values}}
}

// Plan plans a query.
func (p *Planner) Plan(q *parse.Query) (*Result, error) {
	if len(q.Terms) == 1 {
		t, err := p.term(q.Terms[0], q)
		if err != nil {
			return nil, err
		}
		return &t.Result, nil
	}
	return p.union(q)
}

// union plans the terms one after another; ORDER BY and LIMIT are of the whole.
func (p *Planner) union(q *parse.Query) (*Result, error) {
	var parts []*Result
	for _, s := range q.Terms {
		t, err := p.term(s, &parse.Query{Source: q.Source})
		if err != nil {
			return nil, err
		}
		parts = append(parts, &t.Result)
	}
	out := &Result{Fields: append([]block.Field(nil), parts[0].Fields...), Precision: parts[0].Precision}
	for _, part := range parts[1:] {
		if len(part.Fields) != len(out.Fields) {
			return nil, sqlerr.ErrUnionColumns
		}
		for i, f := range part.Fields {
			if f.Type != out.Fields[i].Type || f.Bytes > out.Fields[i].Bytes {
				name := out.Fields[i].Name
				out.Fields[i] = eval.Common(out.Fields[i], f)
				out.Fields[i].Name = name
			}
		}
	}
	chained := &chain{}
	lastDistinct := -1
	for i, all := range q.All {
		if !all {
			lastDistinct = i
		}
	}
	for i, part := range parts {
		chained.parts = append(chained.parts, &converted{rows: part.rows, c: &p.Compiler, from: part.Fields, to: out.Fields})
		// UNION without ALL makes everything up to it distinct.
		if i > 0 && i-1 == lastDistinct {
			chained = &chain{parts: []rows{&distinct{rows: chained, width: len(out.Fields), seen: map[string]bool{}}}}
		}
	}
	out.rows = chained
	var keys []sortKey
	for _, o := range q.OrderBy {
		i, ok := outputOf(o.Expr, out.Fields)
		if !ok {
			return nil, sqlerr.ErrNotSelected
		}
		if i < 0 {
			return nil, sqlerr.ErrWrongOrdinal
		}
		keys = append(keys, keyOf(o, i, out.Fields[i]))
	}
	if keys != nil {
		out.rows = sorted(out.rows, keys)
	}
	return out, p.limit(q.Limit, out)
}

// converted gives the values of rows other types.
type converted struct {
	rows
	c        *eval.Compiler
	from, to []block.Field
}

func (v *converted) next() ([]any, error) {
	r, err := v.rows.next()
	if err != nil {
		return nil, err
	}
	for i := range r {
		r[i] = v.c.Cast(r[i], v.from[i], v.to[i])
	}
	return r, nil
}

// outputOf finds the result column that a key of ORDER BY names by number or label; -1 if the
// number is none.
func outputOf(e parse.Expr, fields []block.Field) (int, bool) {
	switch e := e.(type) {
	case *parse.Literal:
		if e.Kind == parse.IntegerLiteral {
			n, err := strconv.Atoi(e.Text)
			if err != nil || n < 1 || n > len(fields) {
				return -1, true
			}
			return n - 1, true
		}
	case *parse.Column:
		for i, f := range fields {
			if e.Table == "" && f.Name == e.Name {
				return i, true
			}
		}
	}
	return 0, false
}

func keyOf(o parse.OrderItem, column int, f block.Field) sortKey {
	k := sortKey{column: column, field: f, desc: o.Desc, nullsFirst: !o.Desc}
	if o.NullsFirst != nil {
		k.nullsFirst = *o.NullsFirst
	}
	return k
}

// limit puts LIMIT on a result.
func (p *Planner) limit(l *parse.Limit, r *Result) error {
	offset, count, err := p.limitOf(l)
	if err == nil && l != nil {
		r.rows = &limited{rows: r.rows, offset: offset, count: count}
	}
	return err
}

func (p *Planner) limitOf(l *parse.Limit) (offset, count int64, err error) {
	if l == nil {
		return 0, math.MaxInt64, nil
	}
	if count, err = p.limitNumber(l.Count); err != nil {
		return 0, 0, err
	}
	if l.Offset != nil {
		offset, err = p.limitNumber(l.Offset)
	}
	return offset, count, err
}

func (p *Planner) limitNumber(e parse.Expr) (int64, error) {
	n, err := p.Compiler.Compile(e)
	if err != nil {
		return 0, err
	}
	v, ok := n.Eval(nil).(int64)
	if !ok || v < 0 {
		return 0, sqlerr.ErrNegativeOffset
	}
	return v, nil
}
