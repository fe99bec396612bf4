package store

import (
	"math"

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
