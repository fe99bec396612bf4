package query

import (
	"reflect"
	"slices"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/eval"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// maxLabel is the length at which the server cuts the name of a result column.
const maxLabel = 64

// term plans one SELECT.
type term struct {
	Result
	p     *Planner
	sel   *parse.Select
	items []parse.Item
	scope *scope
	comp  eval.Compiler // over the rows of the source

	grouped  bool
	aggs     []eval.Aggregate
	outputs  []eval.Node // result columns, then hidden sort keys
	keys     []sortKey
	cond     condition
	scanSort []ScanKey // the order of the source serves as ORDER BY
}

func (p *Planner) term(s *parse.Select, q *parse.Query) (*term, error) {
	rel, err := p.relationOf(s.From)
	if err != nil {
		return nil, err
	}
	t := &term{p: p, sel: s, scope: newScope(rel), comp: p.Compiler}
	t.scope.window = s.Window != nil
	t.comp.Precision, t.comp.Scope = rel.precision, t.scope
	t.Precision = rel.precision
	if err := t.expand(); err != nil {
		return nil, err
	}
	t.grouped = s.Window != nil || s.GroupBy != nil || s.Having != nil || slices.ContainsFunc(t.items, func(it parse.Item) bool {
		return aggregates(it.Expr)
	}) || slices.ContainsFunc(q.OrderBy, func(o parse.OrderItem) bool { return aggregates(o.Expr) })
	if t.cond, err = t.where(s.Where); err != nil {
		return nil, err
	}
	if err := t.build(q); err != nil {
		return nil, err
	}
	return t, nil
}

// Aggregates reports whether an expression calls an aggregate.
func Aggregates(e parse.Expr) bool { return aggregates(e) }

// aggregates reports whether an expression calls an aggregate.
func aggregates(e parse.Expr) bool {
	if call, ok := e.(*parse.Call); ok && eval.IsAggregate(call.Name) {
		return true
	}
	found := false
	parse.Children(e, func(x parse.Expr) { found = found || aggregates(x) })
	return found
}

// expand replaces * by the columns of the source, and first(*) and its like by one call a column.
func (t *term) expand() error {
	rel := t.scope.rel
	for _, it := range t.sel.Items {
		switch e := it.Expr.(type) {
		case *parse.Star:
			if t.sel.From == nil || e.Table != "" && e.Table != rel.alias && (rel.alias != "" || e.Table != rel.name) {
				return sqlerr.Column("*")
			}
			cols := rel.columns
			if rel.starTags {
				cols = append(cols[:len(cols):len(cols)], rel.tags...)
			}
			for _, f := range cols {
				t.items = append(t.items, parse.Item{Expr: &parse.Column{Name: f.Name}, Label: f.Name})
			}
			continue
		case *parse.Call:
			if len(e.Args) == 1 && eval.Expands(e.Name) {
				if _, star := e.Args[0].(*parse.Star); star {
					for _, f := range rel.columns {
						call := &parse.Call{Name: e.Name, Args: []parse.Expr{&parse.Column{Name: f.Name}}}
						t.items = append(t.items, parse.Item{Expr: call, Label: e.Name + "(" + f.Name + ")"})
					}
					continue
				}
			}
		}
		t.items = append(t.items, it)
	}
	return nil
}

// build compiles the outputs and lays the stages one over the other.
func (t *term) build(q *parse.Query) error {
	partition, keys, err := t.groupKeys()
	if err != nil {
		return err
	}
	out := t.comp
	var gs *groupScope
	if t.grouped {
		gs = &groupScope{scope: t.scope, isKey: t.isKey}
		out.Scope = gs
		out.Keys, out.KeyScope = t.keyExprs(), t.scope
		out.Aggregate = t.aggregate
	}
	var having eval.Node
	if t.sel.Having != nil {
		if having, err = out.Compile(t.sel.Having); err != nil {
			return err
		}
	}
	for _, it := range t.items {
		n, err := out.Compile(it.Expr)
		if err != nil {
			return err
		}
		f := n.Field
		f.Name = it.Label[:min(len(it.Label), maxLabel)]
		t.Fields = append(t.Fields, f)
		t.outputs = append(t.outputs, n)
	}
	if err := t.order(q.OrderBy, &out); err != nil {
		return err
	}
	if gs != nil && gs.loose && !slices.ContainsFunc(t.aggs, func(a eval.Aggregate) bool { return a.Selects }) {
		return sqlerr.ErrNotSingleGroup
	}

	var source Cursor = t.source()
	if !t.cond.all && !t.cond.none {
		source = &filter{Cursor: source, ctx: t.comp.Ctx, cond: t.cond.node}
	}
	if t.grouped {
		g := &grouping{ctx: t.comp.Ctx, partition: partition, keys: append(partition[:len(partition):len(partition)], keys...), aggs: t.aggs,
			width: len(t.scope.rel.columns), tags: len(t.scope.rel.tags)}
		if t.sel.Window != nil {
			if g.intervals, err = newIntervals(t.sel.Window, t.Precision, t.comp.Location); err != nil {
				return err
			}
			if t.scope.rel.time < 0 {
				return sqlerr.ErrWindowWithoutTime
			}
			t.scope.need[t.scope.rel.time] = true
		}
		from, none := source, t.cond.none
		source = &opened{open: func() (Cursor, error) {
			if none {
				// What cannot hold of any row is answered without running, not even for count(*).
				return &cursorList{}, nil
			}
			return g.run(from)
		}}
		if t.sel.Having != nil {
			source = &filter{Cursor: source, ctx: t.comp.Ctx, cond: having}
		}
	}
	if partition == nil && t.sel.SLimit != nil {
		partition = keys
	}
	return t.finish(source, partition, q)
}

// finish puts projection, DISTINCT, partitions, order and limits over the source.
func (t *term) finish(source Cursor, partition []eval.Node, q *parse.Query) error {
	width := len(t.Fields)
	perPartition := partition != nil && (q.OrderBy == nil || t.sel.SLimit != nil)
	if perPartition {
		t.outputs = append(t.outputs, partition...)
	}
	t.rows = &project{from: source, ctx: t.comp.Ctx, nodes: t.outputs}
	if t.sel.Distinct {
		t.rows = &distinct{rows: t.rows, width: width, seen: map[string]bool{}}
	}
	limit := q.Limit
	if perPartition {
		pt := &partitions{rows: t.rows, from: len(t.outputs) - len(partition)}
		var err error
		if q.OrderBy == nil { // LIMIT is of each partition
			if pt.offset, pt.count, err = t.p.limitOf(limit); err != nil {
				return err
			}
			limit = nil
		} else {
			_, pt.count, _ = t.p.limitOf(nil)
		}
		if pt.skip, pt.most, err = t.p.limitOf(t.sel.SLimit); err != nil {
			return err
		}
		t.rows = &lazy{start: pt.run}
	} else if t.sel.SLimit != nil {
		return sqlerr.ErrSLimitAlone
	}
	if t.keys != nil && t.scanSort == nil {
		t.rows = sorted(t.rows, t.keys)
	}
	if len(t.outputs) > width {
		t.rows = &trimmed{rows: t.rows, width: width}
	}
	return t.p.limit(limit, &t.Result)
}

// source reads the relation.
func (t *term) source() Cursor {
	rel := t.scope.rel
	if rel.scan == nil {
		none := t.cond.none
		return &opened{open: func() (Cursor, error) {
			if none {
				return &cursorList{}, nil
			}
			return rel.rows()
		}}
	}
	return &opened{open: func() (Cursor, error) {
		switch {
		case t.cond.none:
			return &cursorList{}, nil
		case (t.sel.Distinct && t.scope.tags || t.sel.TagsOnly) && !slices.Contains(t.scope.need, true):
			return rel.members(), nil
		}
		s := *rel.scan
		s.Need, s.Range, s.Order = t.scope.need, t.cond.times, t.scanSort
		if t.cond.only != nil {
			s.Only = t.cond.only
		}
		return rel.open(s)
	}}
}

// groupKeys compiles PARTITION BY and GROUP BY.
func (t *term) groupKeys() (partition, keys []eval.Node, err error) {
	for _, it := range t.sel.PartitionBy {
		n, err := t.comp.Compile(it.Expr)
		if err != nil {
			return nil, nil, err
		}
		partition = append(partition, n)
	}
	for _, e := range t.sel.GroupBy {
		if lit, ok := e.(*parse.Literal); ok && lit.Kind == parse.IntegerLiteral {
			return nil, nil, sqlerr.Unsupported("group by a number")
		}
		n, err := t.comp.Compile(e)
		if err != nil {
			return nil, nil, err
		}
		keys = append(keys, n)
	}
	if t.sel.Window != nil && keys != nil {
		return nil, nil, sqlerr.ErrGroupAndWindow
	}
	return partition, keys, nil
}

func (t *term) keyExprs() []parse.Expr {
	list := slices.Clone(t.sel.GroupBy)
	for _, it := range t.sel.PartitionBy {
		list = append(list, it.Expr)
	}
	return list
}

// isKey reports whether a column is a key of the groups, or a tag where tbname is one.
func (t *term) isKey(table, name string) bool {
	column, tag := t.scope.find(table, name)
	for _, e := range t.keyExprs() {
		k, ok := e.(*parse.Column)
		if !ok {
			continue
		}
		kc, kt := t.scope.find(k.Table, k.Name)
		switch {
		case k.Name == name && kc == column && kt == tag:
			return true
		case k.Name == "tbname" && tag >= 0:
			return true
		}
	}
	return t.scope.rel.isTable && !t.scope.rel.starTags && (tag >= 0 || name == "tbname") // of one table they do not vary
}

// aggregate compiles a call of an aggregate into a place among Aggs.
func (t *term) aggregate(call *parse.Call) (eval.Node, error) {
	if slices.ContainsFunc(call.Args, aggregates) {
		return eval.Node{}, sqlerr.ErrAggregateNesting
	}
	comp := t.comp
	comp.Aggregate = nil
	a, err := comp.NewAggregate(call)
	if err != nil {
		return eval.Node{}, err
	}
	i := len(t.aggs)
	t.aggs = append(t.aggs, a)
	return eval.Node{Field: a.Field, Eval: func(r *eval.Row) any { return r.Aggs[i] }}, nil
}

// order finds the keys of ORDER BY among the outputs or adds them as hidden ones. Columns of the
// source alone are left to the scan.
func (t *term) order(items []parse.OrderItem, comp *eval.Compiler) error {
	scan := !t.grouped && t.scope.rel.scan != nil && t.sel.PartitionBy == nil && len(items) > 0
	var scanKeys []ScanKey
	for _, o := range items {
		i, ok := outputOf(o.Expr, t.Fields)
		if i < 0 {
			return sqlerr.ErrWrongOrdinal
		}
		e := o.Expr
		if !ok {
			i = slices.IndexFunc(t.items, func(it parse.Item) bool { return reflect.DeepEqual(it.Expr, o.Expr) })
			ok = i >= 0
		}
		if ok {
			e = t.items[i].Expr
		} else {
			if t.sel.Distinct {
				return sqlerr.ErrNotSelected
			}
			n, err := comp.Compile(e)
			if err != nil {
				return err
			}
			i = len(t.outputs)
			t.outputs = append(t.outputs, n)
		}
		k := keyOf(o, i, t.outputs[i].Field)
		t.keys = append(t.keys, k)
		sk, ok := t.scanKey(e, k)
		scan = scan && ok
		scanKeys = append(scanKeys, sk)
	}
	if scan {
		t.scanSort = scanKeys
	}
	return nil
}

func (t *term) scanKey(e parse.Expr, k sortKey) (ScanKey, bool) {
	c, ok := e.(*parse.Column)
	if !ok || k.nullsFirst == k.desc {
		return ScanKey{}, false
	}
	column, _ := t.scope.find(c.Table, c.Name)
	if column < 0 {
		return ScanKey{}, false
	}
	switch f := t.scope.rel.columns[column]; {
	case f.Type.IsDecimal(), f.Type == block.JSON:
		return ScanKey{}, false
	}
	return ScanKey{Column: column, Desc: k.desc}, true
}
