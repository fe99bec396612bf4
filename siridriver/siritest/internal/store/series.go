package store

import (
	"cmp"
	"slices"
	"sort"
)

// Kind is the type of the values of a series.
type Kind uint8

// The kinds.
const (
	Int Kind = iota
	Float
	String
)

// Points are times with values of one kind: one of the other slices is as long
// as Times.
type Points struct {
	Kind    Kind
	Times   []int64
	Ints    []int64
	Floats  []float64
	Strings []string
}

// Len is the number of points.
func (p *Points) Len() int { return len(p.Times) }

func (p *Points) Less(i, j int) bool { return p.Times[i] < p.Times[j] }

func (p *Points) Swap(i, j int) {
	p.Times[i], p.Times[j] = p.Times[j], p.Times[i]
	switch p.Kind {
	case Int:
		p.Ints[i], p.Ints[j] = p.Ints[j], p.Ints[i]
	case Float:
		p.Floats[i], p.Floats[j] = p.Floats[j], p.Floats[i]
	default:
		p.Strings[i], p.Strings[j] = p.Strings[j], p.Strings[i]
	}
}

// sort orders the points by time; equal times stay in the order of arrival.
func (p *Points) sort() {
	if !slices.IsSorted(p.Times) {
		sort.Stable(p)
	}
}

// slice returns the points from i to j, which share memory with p.
func (p *Points) slice(i, j int) *Points {
	s := &Points{Kind: p.Kind, Times: p.Times[i:j]}
	switch p.Kind {
	case Int:
		s.Ints = p.Ints[i:j]
	case Float:
		s.Floats = p.Floats[i:j]
	default:
		s.Strings = p.Strings[i:j]
	}
	return s
}

// add appends a point of other, which is of the same kind, at a time.
func (p *Points) add(ts int64, other *Points, i int) {
	p.Times = append(p.Times, ts)
	switch p.Kind {
	case Int:
		p.Ints = append(p.Ints, other.Ints[i])
	case Float:
		p.Floats = append(p.Floats, other.Floats[i])
	default:
		p.Strings = append(p.Strings, other.Strings[i])
	}
}

func (p *Points) addInt(ts, v int64) {
	p.Times, p.Ints = append(p.Times, ts), append(p.Ints, v)
}

func (p *Points) addFloat(ts int64, v float64) {
	p.Times, p.Floats = append(p.Times, ts), append(p.Floats, v)
}

// number is the i-th value as a float.
func (p *Points) number(i int) float64 {
	if p.Kind == Int {
		return float64(p.Ints[i])
	}
	return p.Floats[i]
}

// between returns the points from a, inclusive, to b, exclusive.
func (p *Points) between(a, b int64) *Points {
	i, _ := slices.BinarySearch(p.Times, a)
	j, _ := slices.BinarySearch(p.Times, b)
	return p.slice(i, max(i, j))
}

// Series is a named sequence of points, in the order of their times.
type Series struct {
	ID     int
	Name   string
	Pool   int
	Points Points
}

func (s *Series) start() int64 { return s.Points.Times[0] }

func (s *Series) end() int64 { return s.Points.Times[len(s.Points.Times)-1] }

func (k Kind) String() string { return [...]string{"integer", "float", "string"}[k] }

// byID orders series by their age, which is how the server walks through them.
func byID(a, b *Series) int { return cmp.Compare(a.ID, b.ID) }
