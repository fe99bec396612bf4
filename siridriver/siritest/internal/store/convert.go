package store

import (
	"math"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
)

// add appends a point and converts it silently to the type of the series.
func (s *Series) add(ts int64, kind qpack.Kind, i int64, f float64, raw []byte) {
	p := &s.Points
	switch p.Kind {
	case Int:
		switch kind {
		case qpack.Float:
			i = truncate(f)
		case qpack.Raw:
			i = leadingInt(string(raw))
		}
		p.addInt(ts, i)
	case Float:
		switch kind {
		case qpack.Int:
			f = float64(i)
		case qpack.Raw:
			f = leadingFloat(string(raw))
		}
		p.addFloat(ts, f)
	default:
		text := string(raw)
		switch kind {
		case qpack.Int:
			text = strconv.FormatInt(i, 10)
		case qpack.Float:
			text = strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(f, 'f', 6, 64), "+"))
		}
		p.Times, p.Strings = append(p.Times, ts), append(p.Strings, text)
	}
}

// truncate converts like the server's processor: what has no integer becomes the
// least one.
func truncate(f float64) int64 {
	if f >= -(1<<63) && f < 1<<63 {
		return int64(f)
	}
	return math.MinInt64
}

// leadingInt reads the integer that a text begins with, 0 if it does with none.
func leadingInt(s string) int64 {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	n := 0
	if n < len(s) && (s[n] == '-' || s[n] == '+') {
		n++
	}
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	v, _ := strconv.ParseInt(strings.TrimPrefix(s[:n], "+"), 10, 64) // the nearest, or 0
	return v
}

// leadingFloat reads the decimal number that a text begins with, 0 if it does
// with none.
func leadingFloat(s string) float64 {
	n := 0
	if n < len(s) && s[n] == '-' {
		n++
	}
	point := false
	for n < len(s) && (s[n] >= '0' && s[n] <= '9' || s[n] == '.' && !point) {
		point = point || s[n] == '.'
		n++
	}
	v, _ := strconv.ParseFloat(s[:n], 64) // infinite, or 0
	return v
}
