package store

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// What is wrong with an insert request, with the server's texts.
const (
	errContainer = "Expecting an array or map containing series and points."
	errPoints    = "Expecting an array with points."
	errNoPoint   = "Expecting a series to have at least one point."
	errTime      = "Expecting an integer value as time-stamp."
	errTimeRange = "Received at least one time-stamp which is out-of-range."
	errValue     = "Unsupported value received. (only integer, float and string values are supported)."
	errName      = "Expecting a series name (string value) with an array of points where each point should be an integer time-stamp with a value."
	errPair      = "Expecting a map with name and points."
)

// Tags of qpack that an insert request is read by.
const (
	tagPair      = 0xef // the array of 2
	tagNamed     = 0xf5 // the map of 2
	tagOpen      = 0xfc
	tagCloseList = 0xfe
	tagCloseMap  = 0xff
	tagEnd       = -1
)

// killer is the length from which a string value ends the server.
const killer = 32 << 20

// insertion reads an insert request as the server does: tag by tag, with as
// little regard to what encloses what.
type insertion struct {
	data []byte
	d    *qpack.Decoder
	max  int64
	// point takes a point: an int64, a float64 or bytes.
	point  func(ts int64, kind qpack.Kind, i int64, f float64, s []byte)
	series func(name []byte)
	points int
	kills  bool
}

// peek is the tag that comes next.
func (r *insertion) peek() int {
	if at := r.d.Offset(); at < len(r.data) && r.d.Err() == nil {
		return int(r.data[at])
	}
	return tagEnd
}

// pass consumes a tag.
func (r *insertion) pass() { r.d.Seek(r.d.Offset() + 1) }

func refuse(text string) *Error { return &Error{wire.ErrInsert, text} }

func (r *insertion) read() *Error {
	switch r.d.Kind() {
	case qpack.Map:
		r.pass()
		return r.readMap()
	case qpack.Array:
		r.pass()
		return r.readList()
	}
	return refuse(errContainer)
}

// name reads the name of a series.
func (r *insertion) name() bool {
	if r.d.Kind() != qpack.Raw {
		return false
	}
	name := r.d.Raw()
	if len(name) == 0 || len(name) > wire.MaxName {
		return false
	}
	if i := bytes.IndexByte(name, 0); i >= 0 {
		name = name[:i]
	}
	r.series(name)
	return true
}

func (r *insertion) readMap() *Error {
	for r.d.Kind() == qpack.Raw {
		if !r.name() {
			return refuse(errName)
		}
		if err := r.readPoints(); err != nil {
			return err
		}
	}
	if t := r.peek(); t != tagEnd && t != tagCloseMap {
		return refuse(errName)
	}
	return nil
}

// readList reads maps of a name and its points, in either order.
func (r *insertion) readList() *Error {
	for r.peek() == tagNamed {
		r.pass()
		key, ok := r.key()
		if !ok {
			return refuse(errPair)
		}
		if strings.HasPrefix("points", key) {
			// The name comes behind: read the points twice.
			at := r.d.Offset()
			point, series := r.point, r.series
			r.point, r.series = func(int64, qpack.Kind, int64, float64, []byte) {}, func([]byte) {}
			before := r.points
			err := r.readPoints()
			r.point, r.series, r.points = point, series, before
			if err != nil {
				return err
			}
			if key, ok = r.key(); !ok || !strings.HasPrefix("name", key) || !r.name() {
				return refuse(errPair)
			}
			end := r.d.Offset()
			r.d.Seek(at)
			if err := r.readPoints(); err != nil {
				return err
			}
			r.d.Seek(end)
			continue
		}
		if !strings.HasPrefix("name", key) || !r.name() {
			return refuse(errPair)
		}
		if key, ok = r.key(); !ok || !strings.HasPrefix("points", key) {
			return refuse(errPair)
		}
		if err := r.readPoints(); err != nil {
			return err
		}
	}
	if t := r.peek(); t != tagEnd && t != tagCloseList {
		return refuse(errName)
	}
	return nil
}

func (r *insertion) key() (string, bool) {
	if r.d.Kind() != qpack.Raw {
		return "", false
	}
	return r.d.String(), r.d.Err() == nil
}

func (r *insertion) readPoints() *Error {
	if r.d.Kind() != qpack.Array {
		return refuse(errPoints)
	}
	r.pass()
	if t := r.peek(); t != tagPair && t != tagOpen {
		return refuse(errNoPoint)
	}
	for {
		t := r.peek()
		if t != tagPair && t != tagOpen {
			break
		}
		r.pass()
		if r.d.Kind() != qpack.Int {
			return refuse(errTime)
		}
		ts := r.d.Int()
		if r.d.Err() != nil {
			return refuse(errTime)
		}
		if ts < 0 || ts > r.max {
			return refuse(errTimeRange)
		}
		var i int64
		var f float64
		var s []byte
		kind := r.d.Kind()
		switch kind {
		case qpack.Int:
			i = r.d.Int()
		case qpack.Float:
			f = r.d.Float()
		case qpack.Raw:
			s = r.d.Raw()
			r.kills = r.kills || len(s) >= killer
			if n := bytes.IndexByte(s, 0); n >= 0 {
				s = s[:n]
			}
		default:
			return refuse(errValue)
		}
		if r.d.Err() != nil {
			return refuse(errValue)
		}
		r.points++
		r.point(ts, kind, i, f, s)
		if t == tagOpen {
			if r.peek() != tagCloseList {
				return refuse(errName)
			}
			r.pass()
		}
	}
	if r.peek() == tagCloseList {
		r.pass()
	}
	return nil
}

// Names returns the names of the series in an insert request, as far as they
// can be read, at most some.
func Names(data []byte, most int) (names []string) {
	r := &insertion{data: data, d: qpack.NewDecoder(data), max: math.MaxInt64}
	r.point = func(int64, qpack.Kind, int64, float64, []byte) {}
	r.series = func(name []byte) {
		if len(names) < most {
			names = append(names, string(name))
		}
	}
	_ = r.read() // what can be read is enough
	return names
}

// insert stores the points of a request, all or none. It returns their number.
func (d *Database) insert(data []byte, pools int, server int) (int, error) {
	check := &insertion{data: data, d: qpack.NewDecoder(data), max: d.Precision.max()}
	check.point = func(int64, qpack.Kind, int64, float64, []byte) {}
	check.series = func([]byte) {}
	if err := check.read(); err != nil {
		return 0, err
	}
	if check.kills {
		return 0, &Crash{"a string value of " + strconv.Itoa(killer) + " bytes or more"}
	}
	if d.fragile && check.points > 0 {
		return 0, &Crash{"the first insert into a database in ns that was made without durations"}
	}

	d.mu.Lock()
	defer d.mu.Unlock()
	d.received[server] += int64(check.points)
	var name []byte
	var current *Series
	touched := map[*Series]bool{}
	r := &insertion{data: data, d: qpack.NewDecoder(data), max: d.Precision.max()}
	r.series = func(n []byte) { name, current = n, nil }
	r.point = func(ts int64, kind qpack.Kind, i int64, f float64, s []byte) {
		if current == nil {
			current = d.open(string(name), kind, pools)
			touched[current] = true
		}
		current.add(ts, kind, i, f, s)
	}
	_ = r.read() // has been checked
	for s := range touched {
		s.Points.sort()
	}
	return check.points, nil
}

// open returns the series of the name. If it is new, its first point decides its
// type.
func (d *Database) open(name string, kind qpack.Kind, pools int) *Series {
	if s := d.series[name]; s != nil {
		return s
	}
	d.lastID++
	s := &Series{ID: d.lastID, Name: name, Pool: poolOf(name, pools)}
	switch kind {
	case qpack.Float:
		s.Points.Kind = Float
	case qpack.Raw:
		s.Points.Kind = String
	}
	d.series[name] = s
	d.order = append(d.order, s)
	for _, g := range d.groups {
		if g.regex.MatchString(name) {
			g.series = append(g.series, s)
		}
	}
	return s
}

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
