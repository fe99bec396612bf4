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
	if err := checkRange(st.Range); err != nil {
		return nil, err
	}
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
	series = d.filter(series, st.Where)

	var results []*selected
	points := int64(0)
	for i, s := range st.Selections {
		for _, other := range st.Selections[:i] {
			if other.Prefix == s.Prefix && other.Suffix == s.Suffix {
				return nil, wrong("When using multiple select methods, add a prefix and/or suffix to the selection to make them unique.")
			}
		}
		var merged *selected
		if st.Merge != nil {
			merged = &selected{name: s.Prefix + st.Merge.As + s.Suffix}
			results = append(results, merged)
		}
		if len(series) == 0 {
			continue
		}
		steps, err := chain(s.Functions)
		if err != nil {
			return nil, err
		}
		for _, one := range series {
			// It is looked at before each series, so that one alone may have more.
			if points > d.pointsLimit {
				return nil, wrong("Query has reached the maximum number of selected points (%d). Please use another time window, "+
					"an aggregation function or select less series to reduce the number of points.", d.pointsLimit)
			}
			p, err := run(cut(&one.Points, st.Range), steps)
			if err != nil {
				return nil, err
			}
			points += int64(p.Len())
			if merged != nil {
				merged.parts = append(merged.parts, p)
			} else {
				results = append(results, &selected{s.Prefix + one.Name + s.Suffix, []*Points{p}})
			}
		}
	}
	q.selected += points
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

// merge makes one sequence of several. Integers become floats beside floats.
func merge(parts []*Points) (*Points, *Error) {
	var filled []*Points
	for _, p := range parts {
		if p.Len() > 0 {
			filled = append(filled, p)
		}
	}
	if len(filled) == 0 {
		return &Points{}, nil
	}
	if len(filled) == 1 {
		return filled[0], nil
	}
	kind := filled[0].Kind
	for _, p := range filled[1:] {
		if p.Kind != kind {
			if p.Kind == String || kind == String {
				return nil, wrong("Cannot merge string and number series.")
			}
			kind = Float
		}
	}
	// Of two or three the last comes first where times are equal.
	if len(filled) < 4 {
		slices.Reverse(filled)
	}
	out := &Points{Kind: kind}
	for _, p := range filled {
		out.Times = append(out.Times, p.Times...)
		switch kind {
		case String:
			out.Strings = append(out.Strings, p.Strings...)
		case Int:
			out.Ints = append(out.Ints, p.Ints...)
		default:
			for i := range p.Len() {
				out.Floats = append(out.Floats, p.number(i))
			}
		}
	}
	out.sort()
	return out, nil
}

// appendPoints appends the points as an array of pairs.
func (q *query) appendPoints(dst []byte, p *Points) []byte {
	dst = qpack.OpenArray(dst)
	for i, ts := range p.Times {
		dst = qpack.AppendInt(qpack.AppendArray(dst, 2), q.scale(ts))
		switch p.Kind {
		case Int:
			dst = qpack.AppendInt(dst, p.Ints[i])
		case Float:
			dst = qpack.AppendFloat(dst, p.Floats[i])
		default:
			dst = qpack.AppendRaw(dst, p.Strings[i])
		}
	}
	return qpack.CloseArray(dst)
}

// scale converts a time to the precision that was asked for, as the server does:
// with a factor of 32 bits, so that most results are wrong.
func (q *query) scale(ts int64) int64 {
	if q.factor == 0 {
		return ts
	}
	return truncate(float64(ts) * q.factor)
}

// scaling is the factor for a precision, 0 for none.
func scaling(asked int, own Precision) float64 {
	if asked < 0 {
		return 0
	}
	return float64(float32(math.Pow(1000, float64(asked)-float64(own))))
}
