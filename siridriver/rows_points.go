package siridriver

import (
	sqldriver "database/sql/driver"
	"io"
	"time"

	"github.com/gaugesql/gaugesql/internal/box"
	"github.com/gaugesql/gaugesql/siridriver/internal/result"
)

// newPointRows returns the rows of the answer to a select.
func newPointRows(selected *result.Select, f form, wide bool) *rows {
	var points set
	if wide {
		points = newWideSet(selected, f)
	} else {
		points = newLongSet(selected, f)
	}
	sets := []set{points}
	if selected.Timeit != nil {
		sets = append(sets, timeitSet(selected.Timeit))
	}
	return newRows(f, sets...)
}

// chunkPoints is how many points are decoded at a time: enough that the vectors'
// allocations do not count, few enough that one kept cell does not hold much.
const chunkPoints = 1024

// chunk is some points of a series as vectors, whose elements are handed out
// where they lie. They are therefore never written again.
type chunk struct {
	cursor result.Cursor
	form   *form
	raw    []int64 // scratch: the times as the server sent them
	times  box.Vector
	values box.Vector
	n, i   int

	instants slab[time.Time]
	ints     slab[int64]
	floats   slab[float64]
	strings  slab[string]
}

// slab cuts vectors off a larger allocation, so that series of few points do
// not cost one each.
type slab[T any] struct {
	free []T
	size int // of the next allocation
}

func (s *slab[T]) take(n int) []T {
	if len(s.free) < n {
		s.free = make([]T, max(n, s.size))
		s.size = min(2*len(s.free), chunkPoints)
	}
	cut := s.free[:n:n]
	s.free = s.free[n:]
	return cut
}

// load decodes the next points; false at the end of the series.
func (c *chunk) load(limit int) (bool, error) {
	c.n, c.i = min(c.cursor.Left(), limit), 0
	if c.n == 0 {
		return false, nil
	}
	if cap(c.raw) < c.n {
		c.raw = make([]int64, c.n)
	}
	raw := c.raw[:c.n]
	switch c.cursor.Type {
	case result.Integer:
		v := c.ints.take(c.n)
		c.cursor.Ints(raw, v)
		c.values = box.Of(v)
	case result.Float:
		v := c.floats.take(c.n)
		c.cursor.Floats(raw, v)
		c.values = box.Of(v)
	default:
		v := c.strings.take(c.n)
		c.cursor.Strings(raw, v)
		c.values = box.Of(v)
	}
	if c.form.integers == "" {
		times := c.instants.take(c.n)
		c.form.unit.times(times, raw, c.form.zone())
		c.times = box.Of(times)
		return true, nil
	}
	times := c.ints.take(c.n)
	for i, ts := range raw {
		n, err := c.form.integer(ts)
		if err != nil {
			return false, err
		}
		times[i] = n
	}
	c.times = box.Of(times)
	return true, nil
}

// longSet is the form series, time, value: the points of one series after the
// other.
type longSet struct {
	selected *result.Select
	form     form
	cols     []column
	names    box.Vector
	next     int // series
	name     any
	chunk    chunk
}

func newLongSet(selected *result.Select, f form) *longSet {
	s := &longSet{selected: selected, form: f}
	s.chunk.form = &s.form
	names := make([]string, len(selected.Series))
	for i := range names {
		names[i] = selected.Series[i].Name
	}
	s.names = box.Of(names)
	s.cols = []column{{"series", typeString, false}, f.timeColumn("time", false), {"value", valueType(selected.Series), false}}
	return s
}

// valueType is the type of all series that have points, "" if they differ.
func valueType(series []result.Series) (typ string) {
	for i := range series {
		t := series[i].Type.String()
		if t == "" || t == typ {
			continue
		}
		if typ != "" {
			return ""
		}
		typ = t
	}
	return typ
}

func (s *longSet) columns() []column { return s.cols }

func (s *longSet) advance() error {
	c := &s.chunk
	if c.i++; c.i < c.n {
		return nil
	}
	for {
		loaded, err := c.load(chunkPoints)
		if loaded || err != nil {
			return err
		}
		if s.next == len(s.selected.Series) {
			return io.EOF
		}
		c.cursor = s.selected.Cursor(s.next)
		s.name = s.names.At(s.next)
		s.next++
	}
}

func (s *longSet) fill(dest []sqldriver.Value) {
	if len(dest) != 3 {
		cellByCell(s, dest)
		return
	}
	i := s.chunk.i
	dest[0], dest[1], dest[2] = s.name, s.chunk.times.At(i), s.chunk.values.At(i)
}

func (s *longSet) value(i int) any {
	switch i {
	case 0:
		return s.name
	case 1:
		return s.chunk.times.At(s.chunk.i)
	}
	return s.chunk.values.At(s.chunk.i)
}

// wideSet is the form time, and a column for each series: the series merged by
// time. Points of equal time in one series make a row each.
type wideSet struct {
	form   form
	cols   []column
	series []chunk
	turn   []bool // which series have a point in the row
	ts     int64
	at     any
}

// wideChunk is smaller: all series are open at a time.
const wideChunk = 256

func newWideSet(selected *result.Select, f form) *wideSet {
	s := &wideSet{form: f, cols: []column{f.timeColumn("time", false)}}
	s.series = make([]chunk, len(selected.Series))
	s.turn = make([]bool, len(selected.Series))
	for i := range selected.Series {
		s.series[i] = chunk{cursor: selected.Cursor(i), form: &s.form}
		s.cols = append(s.cols, column{selected.Series[i].Name, selected.Series[i].Type.String(), true})
	}
	return s
}

func (s *wideSet) columns() []column { return s.cols }

func (s *wideSet) advance() error {
	found := false
	for i := range s.series {
		c := &s.series[i]
		if s.turn[i] || c.n == 0 {
			s.turn[i] = false
			if c.i++; c.i >= c.n {
				if _, err := c.load(wideChunk); err != nil {
					return err
				}
			}
		}
		if c.i < c.n && (!found || c.raw[c.i] < s.ts) {
			found, s.ts, s.at = true, c.raw[c.i], c.times.At(c.i)
		}
	}
	if !found {
		return io.EOF
	}
	for i := range s.series {
		c := &s.series[i]
		s.turn[i] = c.i < c.n && c.raw[c.i] == s.ts
	}
	return nil
}

func (s *wideSet) fill(dest []sqldriver.Value) { cellByCell(s, dest) }

func (s *wideSet) value(i int) any {
	if i == 0 {
		return s.at
	}
	if !s.turn[i-1] {
		return nil
	}
	c := &s.series[i-1]
	return c.values.At(c.i)
}
