// Package result decodes the data of query responses: points straight into
// vectors, tables row by row. Nothing builds a tree.
package result

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
)

// TimeitKey is the last key of the answer to a statement with timeit.
const TimeitKey = "__timeit__"

// Type is the type of a series' values; a series has but one.
type Type uint8

// The types. NoType is a series without points.
const (
	NoType Type = iota
	Integer
	Float
	String
)

var typeNames = [...]string{"", "INTEGER", "FLOAT", "STRING"}

// String returns the server's word for the type in capitals, "" for NoType.
func (t Type) String() string { return typeNames[t] }

// Series is where a series of a select result lies.
type Series struct {
	Name   string
	Type   Type
	Points int
	// begin is the offset of the first point.
	begin int
}

// Select is the answer to a select statement.
type Select struct {
	Series []Series
	// Timeit holds the durations that timeit asked for; nil without it.
	Timeit []Timing
	data   []byte
}

// Points is the number of points of all series.
func (s *Select) Points() (n int) {
	for i := range s.Series {
		n += s.Series[i].Points
	}
	return n
}

// Timing is how long one server worked on a statement.
type Timing struct {
	Server string
	// Seconds of work.
	Seconds float64
}

// ParseSelect finds the series in the data of a select's answer and checks
// every byte of it, so that reading the points cannot fail. Timeit says that the
// statement asked for timing. The result keeps the data.
func ParseSelect(data []byte, timeit bool) (*Select, error) {
	r := &Select{data: data}
	d := qpack.NewDecoder(data)
	for s := d.Map(); s.Next(d); {
		name := d.Raw()
		if !s.Next(d) {
			break
		}
		if timeit && string(name) == TimeitKey && isTimeit(d) {
			r.Timeit = readTimeit(d)
			continue
		}
		series := Series{Name: string(name)}
		scan(d, data, &series)
		if d.Err() != nil {
			break
		}
		r.Series = append(r.Series, series)
	}
	return r, d.Close()
}

// sizes gives the length with its tag of numbers and of raws below 100 bytes, 0 for
// everything else.
var sizes = func() (table [256]uint8) {
	for tag := range table {
		switch {
		case tag < 0x7c, tag >= 0x7d && tag <= 0x7f:
			table[tag] = 1
		case tag == 0xe8:
			table[tag] = 2
		case tag == 0xe9:
			table[tag] = 3
		case tag == 0xea:
			table[tag] = 5
		case tag == 0xeb, tag == 0xec:
			table[tag] = 9
		case tag >= rawTag && tag < rawTag+maxShortRaw:
			table[tag] = uint8(1 + tag - rawTag)
		}
	}
	return table
}()

// typeOf is the type of a value that has a size.
func typeOf(tag byte) Type {
	switch {
	case tag == 0xec || tag >= 0x7d && tag <= 0x7f:
		return Float
	case tag >= rawTag && tag < rawTag+maxShortRaw:
		return String
	}
	return Integer
}

const (
	pairTag  = 0xef
	int64Tag = 0xeb
	// Tags from rawTag on are raws of so many bytes.
	rawTag      = 0x80
	maxShortRaw = 100
)

// scan counts and checks the points of one series.
func scan(d *qpack.Decoder, data []byte, series *Series) {
	points := d.Array()
	series.begin = d.Offset()
	for points.Next(d) {
		if points.Open() && scanPlain(d, data, series) {
			continue
		}
		t := NoType
		pair := d.Array()
		if pair.Next(d) {
			d.Int()
		}
		if pair.Next(d) {
			switch d.Kind() {
			case qpack.Int:
				t = Integer
			case qpack.Float:
				t = Float
			case qpack.Raw:
				t = String
			default:
				d.Fail("%s as the value of a point", d.Kind())
			}
			d.Skip()
		}
		if pair.Next(d) || t == NoType {
			d.Fail("a point that is not a time and a value")
		}
		if d.Err() == nil && series.Points > 0 && t != series.Type {
			d.Fail("values of two types in one series")
		}
		series.Type = t
		series.Points++
	}
}

// scanPlain is scan for points in the server's own form, nearly all, without a call
// each. It stops before the first point that is another, and is
// false if that is the first of all.
func scanPlain(d *qpack.Decoder, data []byte, series *Series) bool {
	begin := d.Offset()
	off, count, typ := begin, 0, series.Type
	for off+11 <= len(data) && data[off] == pairTag && data[off+1] == int64Tag {
		tag := data[off+10]
		end, t := off+10+int(sizes[tag]), typeOf(tag)
		if end == off+10 || end > len(data) || t != typ && typ != NoType {
			break
		}
		typ = t
		off = end
		count++
	}
	series.Type = typ
	series.Points += count
	d.Seek(off)
	return off > begin
}

// Cursor reads the points of one series in order.
type Cursor struct {
	Series
	d    qpack.Decoder
	data []byte
	left int
}

// Cursor returns a cursor before the first point of series i.
func (s *Select) Cursor(i int) Cursor {
	c := Cursor{Series: s.Series[i], data: s.data, left: s.Series[i].Points}
	c.d = *qpack.NewDecoder(s.data)
	c.d.Seek(c.begin)
	return c
}

// Left is the number of points not yet read.
func (c *Cursor) Left() int { return c.left }

// time reads the beginning of a point, up to its value.
func (c *Cursor) time() int64 {
	off := c.d.Offset()
	if off+19 <= len(c.data) && c.data[off] == pairTag && c.data[off+1] == int64Tag {
		c.d.Seek(off + 10)
		return int64(binary.LittleEndian.Uint64(c.data[off+2:]))
	}
	pair := c.d.Array()
	pair.Next(&c.d)
	ts := c.d.Int()
	pair.Next(&c.d)
	return ts
}

// end reads the close of a point that was written as an open array.
func (c *Cursor) end() {
	if c.d.Kind() == qpack.Close {
		c.d.Seek(c.d.Offset() + 1)
	}
	c.left--
}

// Ints reads len(times) points of integers; no more may be asked for than are left.
func (c *Cursor) Ints(times, values []int64) {
	for i := range times {
		off := c.d.Offset()
		if off+19 <= len(c.data) && c.data[off] == pairTag && c.data[off+1] == int64Tag && c.data[off+10] == int64Tag {
			times[i] = int64(binary.LittleEndian.Uint64(c.data[off+2:]))
			values[i] = int64(binary.LittleEndian.Uint64(c.data[off+11:]))
			c.d.Seek(off + 19)
			c.left--
			continue
		}
		times[i] = c.time()
		values[i] = c.d.Int()
		c.end()
	}
}

// Floats reads len(times) points of floats.
func (c *Cursor) Floats(times []int64, values []float64) {
	for i := range times {
		off := c.d.Offset()
		if off+19 <= len(c.data) && c.data[off] == pairTag && c.data[off+1] == int64Tag && c.data[off+10] == 0xec {
			times[i] = int64(binary.LittleEndian.Uint64(c.data[off+2:]))
			values[i] = math.Float64frombits(binary.LittleEndian.Uint64(c.data[off+11:]))
			c.d.Seek(off + 19)
			c.left--
			continue
		}
		times[i] = c.time()
		values[i] = c.d.Float()
		c.end()
	}
}

// Strings reads len(times) points of strings. The strings share one copy of
// their bytes.
func (c *Cursor) Strings(times []int64, values []string) {
	ahead, size := *c, 0
	for range times {
		_, raw := ahead.text()
		size += len(raw)
	}
	var text strings.Builder
	text.Grow(size)
	for i := range times {
		ts, raw := c.text()
		times[i] = ts
		begin := text.Len()
		text.Write(raw)
		values[i] = text.String()[begin:]
	}
}

// text reads a point of a string.
func (c *Cursor) text() (int64, []byte) {
	off := c.d.Offset()
	if off+11 <= len(c.data) && c.data[off] == pairTag && c.data[off+1] == int64Tag {
		if n := int(c.data[off+10]) - rawTag; n >= 0 && n < maxShortRaw && off+11+n <= len(c.data) {
			c.d.Seek(off + 11 + n)
			c.left--
			return int64(binary.LittleEndian.Uint64(c.data[off+2:])), c.data[off+11 : off+11+n]
		}
	}
	ts, raw := c.time(), c.d.Raw()
	c.end()
	return ts, raw
}

func isTimeit(d *qpack.Decoder) bool {
	peek := *d
	list := peek.Array()
	return list.Next(&peek) && peek.Kind() == qpack.Map
}

func readTimeit(d *qpack.Decoder) []Timing {
	timings := []Timing{}
	for list := d.Array(); list.Next(d); {
		var t Timing
		for m := d.Map(); m.Next(d); {
			key := d.Raw()
			if !m.Next(d) {
				break
			}
			switch {
			case string(key) == "server" && d.Kind() == qpack.Raw:
				t.Server = d.String()
			case string(key) == "time" && d.Kind() == qpack.Float:
				t.Seconds = d.Float()
			default:
				d.Skip()
			}
		}
		timings = append(timings, t)
	}
	return timings
}

// ErrShape is data that is not what the statement's answer looks like.
var ErrShape = errors.New("unexpected form of a response")

func shape(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrShape, fmt.Sprintf(format, args...))
}
