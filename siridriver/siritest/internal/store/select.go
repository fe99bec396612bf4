package store

import (
	"cmp"
	"math"
	"slices"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/parse"
)

// maxEnds is the most points that head and tail can ask for.
const maxEnds = 1000000

// selected is one series of a result: its parts have yet to be merged.
type selected struct {
	name  string
	parts []*Points
}

// sel runs a select. The result is sorted by name.
func (q *query) sel(st *parse.Select) ([]byte, *Error) {
	d := q.db
	series, err := d.match(st.From, q.now)
	if err != nil {
		return nil, err
	}
	var using []*step
	if st.Merge != nil {
		if using, err = chain(st.Merge.Using); err != nil {
			return nil, err
		}
	}
	if err := checkRange(st.Range); err != nil {
		return nil, err
	}
	series = d.filter(series, st.Where)

	within := st.Range
	if (within.Kind == "head" || within.Kind == "tail") && !slices.ContainsFunc(st.Selections, needsPoints) {
		within = parse.Range{} // the server takes a shortcut that forgets it
	}

	var results []*selected
	// The server works from the last one to the first.
	for i, s := range slices.Backward(st.Selections) {
		for _, other := range st.Selections[i+1:] {
			if other.Prefix == s.Prefix && other.Suffix == s.Suffix {
				return nil, wrong("When using multiple select methods, add a prefix and/or suffix to the selection to make them unique.")
			}
		}
		found, err := q.aggregate(series, s, within)
		if err != nil {
			return nil, err
		}
		if st.Merge == nil {
			results = append(results, found...)
			continue
		}
		merged := &selected{name: s.Prefix + st.Merge.As + s.Suffix}
		for _, f := range found {
			merged.parts = append(merged.parts, f.parts...)
		}
		results = append(results, merged)
	}
	slices.SortStableFunc(results, func(a, b *selected) int { return cmp.Compare(a.name, b.name) })

	data := qpack.OpenMap(nil)
	for _, r := range results {
		p, err := merge(r.parts)
		if err == nil {
			p, err = run(p, using)
		}
		if err != nil {
			return nil, err
		}
		data = q.appendPoints(qpack.AppendRaw(data, r.name), p)
	}
	return data, nil
}

// aggregate applies a selection to the points of each series in a range.
func (q *query) aggregate(series []*Series, s parse.Selection, within parse.Range) (found []*selected, err *Error) {
	if len(series) == 0 {
		return nil, nil
	}
	steps, err := chain(s.Functions)
	if err != nil {
		return nil, err
	}
	for _, one := range series {
		// It is looked at before each series, so that one alone may have more.
		if limit := q.db.pointsLimit; q.selected > limit {
			return nil, wrong("Query has reached the maximum number of selected points (%d). Please use another time window, "+
				"an aggregation function or select less series to reduce the number of points.", limit)
		}
		p, err := run(cut(&one.Points, within), steps)
		if err != nil {
			return nil, err
		}
		q.selected += int64(p.Len())
		found = append(found, &selected{s.Prefix + one.Name + s.Suffix, []*Points{p}})
	}
	return found, nil
}

// needsPoints reports whether a selection begins with anything but a function of
// the whole series whose answer the server has at hand.
func needsPoints(s parse.Selection) bool {
	first := s.Functions[0]
	switch first.Name {
	case "count", "first", "last":
		return len(first.Args) > 0
	}
	return true
}

func checkRange(r parse.Range) *Error {
	switch r.Kind {
	case "between":
		if r.A > r.B {
			return wrong("Start time (%d) should not be greater than end time (%d)", r.A, r.B)
		}
	case "head":
		if r.A <= 0 || r.A > maxEnds {
			return wrong("Head must be a value between 1 and %d, got %d", maxEnds, r.A)
		}
	case "tail":
		if r.A <= 0 || r.A > maxEnds {
			return wrong("Tail must be a value between 1 and %d, got %d", maxEnds, r.A)
		}
	}
	return nil
}

// cut returns the points in a range.
func cut(p *Points, r parse.Range) *Points {
	n := p.Len()
	switch r.Kind {
	case "after":
		i, _ := slices.BinarySearch(p.Times, r.A)
		return p.slice(i, n)
	case "before":
		return p.between(math.MinInt64, r.A)
	case "between":
		return p.between(r.A, r.B)
	case "head":
		return p.slice(0, min(n, int(r.A)))
	case "tail":
		return p.slice(n-min(n, int(r.A)), n)
	}
	return p.slice(0, n)
}
