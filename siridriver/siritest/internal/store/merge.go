package store

import (
	"math"
	"slices"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
)

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
