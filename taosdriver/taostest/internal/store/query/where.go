package query

import (
	"math"
	"slices"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/eval"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
)

// condition is a compiled WHERE.
type condition struct {
	node  eval.Node
	none  bool // it holds of no row, known beforehand
	all   bool // there is none
	times Range
	only  []int64 // members it can hold of; nil: any
}

func sortIDs(ids []int64) { slices.Sort(ids) }

// where compiles a condition and finds out which times and members it leaves. The whole of it is
// checked against rows all the same.
func (t *term) where(e parse.Expr) (condition, error) {
	c := condition{times: Always, all: e == nil}
	if e == nil {
		return c, nil
	}
	var err error
	if c.node, err = t.comp.Compile(e); err != nil {
		return c, err
	}
	if c.node.Const {
		c.all = c.node.True(&eval.Row{})
		c.none = !c.all
		return c, nil
	}
	for _, part := range conjuncts(e, nil) {
		n, err := t.comp.Compile(part)
		if err != nil {
			return c, err
		}
		if n.Const && !n.True(&eval.Row{}) {
			c.none = true
		}
		if t.scope.rel.scan == nil {
			continue
		}
		c.times = c.times.intersect(t.timesOf(part))
		if err := t.membersOf(part, &c); err != nil {
			return c, err
		}
	}
	return c, nil
}

// conjuncts are the parts of a condition that must all hold.
func conjuncts(e parse.Expr, list []parse.Expr) []parse.Expr {
	if b, ok := e.(*parse.Binary); ok && b.Op == "and" {
		return conjuncts(b.R, conjuncts(b.L, list))
	}
	return append(list, e)
}

// timesOf is the range of the primary timestamp that a condition of the form ts < constant leaves.
func (t *term) timesOf(e parse.Expr) Range {
	switch e := e.(type) {
	case *parse.Between:
		lo, ok1 := t.time(e.Lo)
		hi, ok2 := t.time(e.Hi)
		if !e.Not && t.isTime(e.X) && ok1 && ok2 {
			return Range{lo, hi}
		}
	case *parse.Binary:
		op, v, isTime := e.Op, e.R, t.isTime(e.L)
		if !isTime && t.isTime(e.R) {
			isTime, v = true, e.L
			switch op { // constant < ts
			case "<", "<=":
				op = ">" + op[1:]
			case ">", ">=":
				op = "<" + op[1:]
			}
		}
		if !isTime {
			return Always
		}
		ts, ok := t.time(v)
		if !ok {
			return Always
		}
		switch op {
		case "=":
			return Range{ts, ts}
		case "<", "<=":
			return Range{math.MinInt64, ts}
		case ">", ">=":
			return Range{ts, math.MaxInt64}
		}
	}
	return Always
}

func (t *term) isTime(e parse.Expr) bool {
	c, ok := e.(*parse.Column)
	if !ok {
		return false
	}
	column, _ := t.scope.find(c.Table, c.Name)
	return column >= 0 && column == t.scope.rel.time
}

func (t *term) time(e parse.Expr) (int64, bool) {
	n, err := t.comp.Compile(e)
	if err != nil {
		return 0, false
	}
	return t.comp.TimeOf(n)
}

// maxOnly bounds how many members a scan is told of one by one.
const maxOnly = 200

// membersOf finds the members that a condition on tags alone leaves.
func (t *term) membersOf(e parse.Expr, c *condition) error {
	alone := newScope(t.scope.rel)
	comp := t.comp
	comp.Scope = alone
	n, err := comp.Compile(e)
	if err != nil || n.Const || !alone.tags || slices.Contains(alone.need, true) || waits(e) {
		return err
	}
	left := []int64{}
	for id, m := range t.scope.rel.scan.Members {
		if n.True(&eval.Row{Tags: m.Tags, Table: m.Name}) && (c.only == nil || slices.Contains(c.only, id)) {
			left = append(left, id)
		}
	}
	if len(left) <= maxOnly {
		sortIDs(left)
		c.only = left
	}
	return nil
}

// waits reports whether an expression calls the store's own sleep, which planning must not.
func waits(e parse.Expr) bool {
	if call, ok := e.(*parse.Call); ok && call.Name == "taostest_sleep" {
		return true
	}
	found := false
	parse.Children(e, func(x parse.Expr) { found = found || waits(x) })
	return found
}
