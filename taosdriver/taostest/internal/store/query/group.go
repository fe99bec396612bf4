package query

import (
	"context"
	"io"
	"sort"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/eval"
)

// grouping aggregates rows into groups: one a key of PARTITION BY and GROUP BY, and of those one a
// window.
type grouping struct {
	ctx       context.Context
	partition []eval.Node // the first keys; windows are in order within them
	keys      []eval.Node
	aggs      []eval.Aggregate
	intervals *intervals
	width     int // of the source, in columns
	tags      int
}

type group struct {
	partition int // in the order of appearance
	window    eval.Window
	first     *eval.Row
	states    []eval.State
}

// run reads all rows and gives one row a group: its Aggs and Window, and the columns of the row
// that an aggregate chose, else of the first row.
func (g *grouping) run(from Cursor) (Cursor, error) {
	defer from.Close()
	groups := map[string]*group{}
	partitions := map[string]int{}
	var order []*group
	var key []byte
	values := make([]any, len(g.keys))
	for {
		r, err := from.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		key = key[:0]
		part := 0
		if len(g.keys) > 0 {
			for i, n := range g.keys {
				values[i] = n.Eval(r)
			}
			key = appendKey(key, values[:len(g.partition)])
			var seen bool
			if part, seen = partitions[string(key)]; !seen {
				part = len(partitions)
				partitions[string(key)] = part
			}
			key = appendKey(key, values[len(g.partition):])
		}
		add := func(w eval.Window) {
			k := key
			if g.intervals != nil {
				k = appendKey(k, []any{w.Start})
			}
			gr := groups[string(k)]
			if gr == nil {
				gr = &group{partition: part, window: w, first: r, states: make([]eval.State, len(g.aggs))}
				for i, a := range g.aggs {
					gr.states[i] = a.New()
				}
				groups[string(k)] = gr
				order = append(order, gr)
			}
			for _, s := range gr.states {
				s.Add(r)
			}
		}
		if g.intervals == nil {
			add(eval.Window{})
		} else {
			g.intervals.windows(r.Time, add)
		}
		if err := g.ctx.Err(); err != nil {
			return nil, err
		}
	}
	if g.intervals != nil {
		sort.SliceStable(order, func(i, j int) bool {
			if order[i].partition != order[j].partition {
				return order[i].partition < order[j].partition
			}
			return order[i].window.Start < order[j].window.Start
		})
	}
	out := make([]*eval.Row, 0, len(order)+1)
	for _, gr := range order {
		out = append(out, gr.row())
	}
	if len(order) == 0 && len(g.keys) == 0 && g.intervals == nil && g.counts() {
		out = append(out, g.empty())
	}
	return &cursorList{out}, nil
}

// counts reports whether an aggregate has a result without any row. Without one the server answers
// no row at all.
func (g *grouping) counts() bool {
	for _, a := range g.aggs {
		if a.Counts {
			return true
		}
	}
	return false
}

func (gr *group) row() *eval.Row {
	r := *gr.first
	chosen := false
	r.Window = gr.window
	r.Aggs = make([]any, len(gr.states))
	for i, s := range gr.states {
		r.Aggs[i] = s.Result()
		if from := s.Row(); from != nil && !chosen {
			r.Cols, r.Tags, r.Table, r.Time, chosen = from.Cols, from.Tags, from.Table, from.Time, true
		}
	}
	return &r
}

// empty is the row of no rows.
func (g *grouping) empty() *eval.Row {
	r := &eval.Row{Cols: make([]any, g.width), Tags: make([]any, g.tags), Aggs: make([]any, len(g.aggs))}
	for i, a := range g.aggs {
		r.Aggs[i] = a.New().Result()
	}
	return r
}
