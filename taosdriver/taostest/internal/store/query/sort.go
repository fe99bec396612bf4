package query

import (
	"sort"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/eval"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
)

// sortKey is one key of ORDER BY: a place in the result row. NULLs come first in ascending order.
type sortKey struct {
	column     int
	field      block.Field
	desc       bool
	nullsFirst bool
}

// sorted reads all rows and gives them in order; rows with equal keys stay as they came.
func sorted(r rows, keys []sortKey) rows {
	return &lazy{start: func() (rows, error) {
		all, err := drain(r)
		if err != nil {
			return nil, err
		}
		sort.SliceStable(all, func(i, j int) bool { return less(all[i], all[j], keys) })
		return &list{all}, nil
	}}
}

func less(a, b []any, keys []sortKey) bool {
	for _, k := range keys {
		x, y := a[k.column], b[k.column]
		switch {
		case x == nil && y == nil:
			continue
		case x == nil:
			return k.nullsFirst
		case y == nil:
			return !k.nullsFirst
		}
		var order int
		if k.field.Type.IsDecimal() {
			order = literal.CompareDecimals(x.(string), y.(string))
		} else {
			order, _ = eval.Compare(x, y)
		}
		if order != 0 {
			return order < 0 != k.desc
		}
	}
	return false
}

// trimmed cuts hidden columns off.
type trimmed struct {
	rows
	width int
}

func (t *trimmed) next() ([]any, error) {
	r, err := t.rows.next()
	if err != nil {
		return nil, err
	}
	return r[:t.width:t.width], nil
}

// peeked gives a row that was read ahead, then the rest.
type peeked struct {
	rows
	first []any
	err   error
}

// peek reads the first row now, so that errors and waiting show at once.
func peek(r rows) *peeked {
	p := &peeked{rows: r}
	p.first, p.err = r.next()
	return p
}

func (p *peeked) next() ([]any, error) {
	if r := p.first; r != nil {
		p.first = nil
		return r, nil
	}
	if p.err != nil {
		return nil, p.err
	}
	return p.rows.next()
}
