package qpack

import (
	"errors"
	"fmt"
	"math"
)

// ErrMalformed is what every error of a [Decoder] wraps.
var ErrMalformed = errors.New("malformed qpack")

// Decoder reads values one after the other. Its methods report a problem once
// and for all through [Decoder.Err]: after it they return zero values and
// consume nothing. It never panics and allocates nothing but its error.
type Decoder struct {
	data []byte
	off  int
	err  error
}

// NewDecoder returns a decoder of data, which it does not copy.
func NewDecoder(data []byte) *Decoder { return &Decoder{data: data} }

// Err returns the first problem, or nil.
func (d *Decoder) Err() error { return d.err }

// Offset is the number of bytes consumed.
func (d *Decoder) Offset() int { return d.off }

// Seek makes offset the next byte to read. It must be one that
// [Decoder.Offset] returned for the same data.
func (d *Decoder) Seek(offset int) { d.off = offset }

// Fail makes err, wrapped and with the place, the decoder's error if it has none.
func (d *Decoder) Fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w at byte %d: %s", ErrMalformed, d.off, fmt.Sprintf(format, args...))
	}
}

// Kind tells what comes next without consuming it.
func (d *Decoder) Kind() Kind {
	if d.err != nil || d.off >= len(d.data) {
		return End
	}
	return kinds[d.data[d.off]]
}

// take consumes n bytes. It returns nil if they are not there.
func (d *Decoder) take(n uint64) []byte {
	if n > uint64(len(d.data)-d.off) {
		d.Fail("%d bytes wanted, %d there", n, len(d.data)-d.off)
		return nil
	}
	end := d.off + int(n)
	b := d.data[d.off:end:end]
	d.off = end
	return b
}

// tag consumes the next tag if it is of the kind.
func (d *Decoder) tag(want Kind) (byte, bool) {
	if k := d.Kind(); k != want {
		d.Fail("%s where %s is expected", k, want)
		return 0, false
	}
	d.off++
	return d.data[d.off-1], true
}

// Int reads an integer of any width.
func (d *Decoder) Int() int64 {
	tag, ok := d.tag(Int)
	if !ok {
		return 0
	}
	return d.int(tag)
}

func (d *Decoder) int(tag byte) int64 {
	switch {
	case tag < tagNegativeInt:
		return int64(tag)
	case tag < tagHook:
		return 63 - int64(tag)
	case tag == tagInt64:
		if b := d.take(8); b != nil {
			return int64(le.Uint64(b))
		}
	case tag == tagInt8:
		if b := d.take(1); b != nil {
			return int64(int8(b[0]))
		}
	case tag == tagInt16:
		if b := d.take(2); b != nil {
			return int64(int16(le.Uint16(b)))
		}
	default:
		if b := d.take(4); b != nil {
			return int64(int32(le.Uint32(b)))
		}
	}
	return 0
}

// Float reads a float.
func (d *Decoder) Float() float64 {
	tag, ok := d.tag(Float)
	if !ok {
		return 0
	}
	if tag != tagDouble {
		return float64(int(tag) - tagZero)
	}
	if b := d.take(8); b != nil {
		return math.Float64frombits(le.Uint64(b))
	}
	return 0
}

// Raw reads a raw. The bytes are part of the decoder's data.
func (d *Decoder) Raw() []byte {
	tag, ok := d.tag(Raw)
	if !ok {
		return nil
	}
	n := uint64(tag - tagRaw)
	if tag >= tagRaw8 {
		width := uint64(1) << (tag - tagRaw8)
		b := d.take(width)
		if b == nil {
			return nil
		}
		n = 0
		for i, c := range b {
			n |= uint64(c) << (8 * i)
		}
	}
	return d.take(n)
}

// String reads a raw as text, which need not be UTF-8.
func (d *Decoder) String() string { return string(d.Raw()) }

// Bool reads true or false.
func (d *Decoder) Bool() bool {
	tag, _ := d.tag(Bool)
	return tag == tagTrue
}

// Null reads null.
func (d *Decoder) Null() { d.tag(Null) }

// Scope is a container that is being read. The zero Scope is empty.
type Scope struct {
	left  int  // elements to come, maps count keys and values; -1 if open
	close byte // that ends an open one
	key   bool // of an open map: a key comes next
}

// Array begins an array; [Scope.Next] leads through its elements.
func (d *Decoder) Array() Scope {
	tag, ok := d.tag(Array)
	switch {
	case !ok:
		return Scope{}
	case tag == tagArrayOpen:
		return Scope{left: -1, close: tagArrayClose}
	}
	return Scope{left: int(tag - tagArray)}
}

// Map begins a map; [Scope.Next] leads through keys and values in turn.
func (d *Decoder) Map() Scope {
	tag, ok := d.tag(Map)
	switch {
	case !ok:
		return Scope{}
	case tag == tagMapOpen:
		return Scope{left: -1, close: tagMapClose}
	}
	return Scope{left: 2 * int(tag-tagMap)}
}

// Open reports whether the container has no length: its elements go on until its
// close or the end of the data.
func (s *Scope) Open() bool { return s.left < 0 }

// Next reports whether the container has another element, of a map: another
// key or value. It consumes the close of an open container; the end of the data
// closes it as well.
func (s *Scope) Next(d *Decoder) bool {
	if d.err != nil || s.left == 0 {
		return false
	}
	if s.left > 0 {
		if d.off >= len(d.data) {
			d.Fail("%d elements of a container are missing", s.left)
			return false
		}
		s.left--
		return true
	}
	if d.off < len(d.data) && kinds[d.data[d.off]] != Close {
		s.key = !s.key
		return true
	}
	if s.close == tagMapClose && s.key {
		d.Fail("a key without a value")
		return false
	}
	if d.off < len(d.data) {
		if d.data[d.off] != s.close {
			d.Fail("a close of the other kind")
			return false
		}
		d.off++
	}
	s.left = 0
	return false
}

// maxDepth bounds nesting; responses of the server have at most four levels.
const maxDepth = 64

// Skip reads one value of any kind and forgets it.
func (d *Decoder) Skip() {
	var stack [maxDepth]Scope
	depth := 0
	for {
		switch k := d.Kind(); k {
		case Int:
			d.Int()
		case Float:
			d.Float()
		case Raw:
			d.Raw()
		case Bool, Null:
			d.off++
		case Array, Map:
			if depth == maxDepth {
				d.Fail("more than %d levels", maxDepth)
				return
			}
			if k == Array {
				stack[depth] = d.Array()
			} else {
				stack[depth] = d.Map()
			}
			depth++
		default:
			d.Fail("%s where a value is expected", k)
		}
		for depth > 0 && !stack[depth-1].Next(d) {
			if d.err != nil {
				return
			}
			depth--
		}
		if depth == 0 || d.err != nil {
			return
		}
	}
}

// Close reports an error if anything is left after the last value.
func (d *Decoder) Close() error {
	if d.err == nil && d.off < len(d.data) {
		d.Fail("%d bytes after the last value", len(d.data)-d.off)
	}
	return d.err
}
