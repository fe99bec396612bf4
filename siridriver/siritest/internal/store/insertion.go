package store

import (
	"bytes"
	"math"
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
