package store

import (
	"math"
	"slices"
	"sort"

	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/parse"
)

// step is a function of a chain, ready to run on the points of any series.
type step struct {
	name   string
	group  int64 // width of the buckets, 0 for none
	limit  int64 // most points, 0 for any
	offset int64
	span   float64 // what derivative is scaled to
	filter *filter
}

// chain prepares functions.
func chain(functions []parse.Function) ([]*step, *Error) {
	var steps []*step
	for _, f := range functions {
		s := &step{name: f.Name, span: 1}
		switch f.Name {
		case "all":
			continue
		case "offset":
			if len(steps) == 0 || steps[len(steps)-1].group == 0 {
				return nil, wrong("Offset must be used after an aggregation method.")
			}
			last := steps[len(steps)-1]
			last.offset = f.Args[0] % last.group
			continue
		case "limit":
			if f.Args[0] <= 0 {
				return nil, wrong("Limit must be an integer value larger than zero.")
			}
			s.name, s.limit = f.Of, f.Args[0]
		case "filter":
			var err *Error
			if s.filter, err = newFilter(f.Filter); err != nil {
				return nil, err
			}
		case "derivative":
			if len(f.Args) > 0 {
				if f.Args[0] == 0 {
					return nil, wrong("Time-span must be an integer value larger than zero.")
				}
				s.span = float64(f.Args[0])
			}
			if len(f.Args) > 1 {
				if s.group = f.Args[1]; s.group == 0 {
					return nil, wrong("Group by time must be an integer value larger than zero.")
				}
				s.span /= float64(s.group)
			}
		default:
			if len(f.Args) > 0 {
				if s.group = f.Args[0]; s.group == 0 {
					return nil, wrong("Group by time must be an integer value larger than zero.")
				}
			}
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// run applies a chain as long as there are points.
func run(p *Points, steps []*step) (*Points, *Error) {
	for _, s := range steps {
		if p.Len() == 0 {
			break
		}
		var err *Error
		if p, err = s.run(p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (s *step) run(p *Points) (*Points, *Error) {
	if s.limit > 0 {
		if int64(p.Len()) <= s.limit {
			return p, nil
		}
		first, last := p.Times[0], p.Times[p.Len()-1]
		by := *s
		by.group = (last-first)/s.limit + 1
		by.offset = (first - 1) % by.group
		return by.buckets(p)
	}
	if s.group > 0 {
		return s.buckets(p)
	}
	switch s.name {
	case "difference", "derivative", "interval", "timeval":
		return s.pairs(p)
	case "filter":
		return s.filter.run(p)
	}
	out := &Points{Kind: resultKind(s.name, p.Kind)}
	ts := p.Times[p.Len()-1]
	if s.name == "first" {
		ts = p.Times[0]
	}
	return out, s.reduce(out, ts, p)
}

// resultKind is the kind of what an aggregation makes of a kind.
func resultKind(name string, k Kind) Kind {
	switch name {
	case "mean", "median", "variance", "pvariance", "stddev", "derivative":
		return Float
	case "count", "timeval", "interval":
		return Int
	}
	return k
}

// buckets groups points by time and makes one of each group, at its end.
func (s *step) buckets(p *Points) (*Points, *Error) {
	out := &Points{Kind: resultKind(s.name, p.Kind)}
	label := func(i int) int64 {
		up := uint64(p.Times[i]) + uint64(s.group) - 1
		return int64(up/uint64(s.group)*uint64(s.group)) + s.offset
	}
	for start := 0; start < p.Len(); {
		end, ts := start+1, label(start)
		for end < p.Len() && p.Times[end] <= ts {
			end++
		}
		if err := s.reduce(out, ts, p.slice(start, end)); err != nil {
			return nil, err
		}
		start = end
	}
	return out, nil
}

// pairs makes a point of each two neighbours, timeval one of each point.
func (s *step) pairs(p *Points) (*Points, *Error) {
	if p.Kind == String && (s.name == "difference" || s.name == "derivative") {
		return nil, wrong("Cannot use %s() on string type.", s.name)
	}
	out := &Points{Kind: resultKind(s.name, p.Kind)}
	if s.name == "timeval" {
		out.Times, out.Ints = p.Times, p.Times
		return out, nil
	}
	for i := 1; i < p.Len(); i++ {
		ts, elapsed := p.Times[i], p.Times[i]-p.Times[i-1]
		switch {
		case s.name == "interval":
			out.addInt(ts, elapsed)
		case s.name == "derivative":
			out.addFloat(ts, (p.number(i)-p.number(i-1))/float64(elapsed)*s.span)
		case p.Kind == Float:
			out.addFloat(ts, p.Floats[i]-p.Floats[i-1])
		default:
			v, err := difference(p.Ints[i-1], p.Ints[i])
			if err != nil {
				return nil, err
			}
			out.addInt(ts, v)
		}
	}
	return out, nil
}

func difference(first, last int64) (int64, *Error) {
	if first > 0 && last < math.MinInt64+first || first < 0 && last > math.MaxInt64+first {
		return 0, wrong("Overflow detected while using difference().")
	}
	return last - first, nil
}

// reduce makes one point of some, which are at least one.
func (s *step) reduce(out *Points, ts int64, p *Points) *Error {
	n := p.Len()
	switch s.name {
	case "count":
		out.addInt(ts, int64(n))
		return nil
	case "first", "last":
		i := 0
		if s.name == "last" {
			i = n - 1
		}
		if p.Kind == String {
			ts = p.Times[i] // strings keep their time, for no reason
		}
		out.add(ts, p, i)
		return nil
	}
	if p.Kind == String {
		return wrong("Cannot use %s() on string type.", s.name)
	}
	switch s.name {
	case "min", "max":
		out.add(ts, p, extreme(p, s.name == "max"))
	case "sum":
		return sum(out, ts, p)
	case "mean":
		out.addFloat(ts, total(p)/float64(n))
	case "median_low":
		out.add(ts, p, nth(p, (n-1)/2))
	case "median_high":
		out.add(ts, p, nth(p, n/2))
	case "median":
		a, b := p.number(nth(p, (n-1)/2)), p.number(nth(p, n/2))
		if n%2 == 1 {
			out.addFloat(ts, a)
		} else {
			out.addFloat(ts, (a+b)/2)
		}
	case "pvariance":
		out.addFloat(ts, squares(p)/float64(n))
	case "variance", "stddev":
		v := 0.0
		if n > 1 {
			v = squares(p) / float64(n-1)
		}
		if s.name == "stddev" {
			v = math.Sqrt(v)
		}
		out.addFloat(ts, v)
	case "derivative":
		out.addFloat(ts, (p.number(n-1)-p.number(0))*s.span)
	case "difference":
		if p.Kind == Float {
			out.addFloat(ts, p.Floats[n-1]-p.Floats[0])
			return nil
		}
		v, err := difference(p.Ints[0], p.Ints[n-1])
		out.addInt(ts, v)
		return err
	}
	return nil
}

// extreme is the index of the first largest or least value. A NaN wins only if
// it is the first.
func extreme(p *Points, largest bool) int {
	best := 0
	for i := 1; i < p.Len(); i++ {
		var less, more bool
		if p.Kind == Int {
			less, more = p.Ints[i] < p.Ints[best], p.Ints[i] > p.Ints[best]
		} else {
			less, more = p.Floats[i] < p.Floats[best], p.Floats[i] > p.Floats[best]
		}
		if largest && more || !largest && less {
			best = i
		}
	}
	return best
}

func sum(out *Points, ts int64, p *Points) *Error {
	if p.Kind == Float {
		out.addFloat(ts, total(p))
		return nil
	}
	s := int64(0)
	for _, v := range p.Ints {
		if v > 0 && s > math.MaxInt64-v || v < 0 && s < math.MinInt64-v {
			return wrong("Overflow detected while using sum().")
		}
		s += v
	}
	out.addInt(ts, s)
	return nil
}

func total(p *Points) float64 {
	s := 0.0
	for i := range p.Len() {
		s += p.number(i)
	}
	return s
}

// squares is the sum of the squared distances from the mean.
func squares(p *Points) float64 {
	mean, s := total(p)/float64(p.Len()), 0.0
	for i := range p.Len() {
		d := p.number(i) - mean
		s += d * d
	}
	return s
}

// nth is the index of the value that is at place n in order of size.
func nth(p *Points, n int) int {
	order := make([]int, p.Len())
	for i := range order {
		order[i] = i
	}
	if p.Kind == Int {
		slices.SortStableFunc(order, func(a, b int) int {
			switch {
			case p.Ints[a] < p.Ints[b]:
				return -1
			case p.Ints[a] > p.Ints[b]:
				return 1
			}
			return 0
		})
	} else {
		sort.SliceStable(order, func(i, j int) bool { return p.Floats[order[i]] < p.Floats[order[j]] })
	}
	return order[n]
}
