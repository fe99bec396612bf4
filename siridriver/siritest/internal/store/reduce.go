package store

import (
	"math"
	"slices"
	"sort"
)

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
