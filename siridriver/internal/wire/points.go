package wire

import (
	"encoding/binary"
	"slices"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
)

// Limits of what may be inserted.
const (
	// MaxName is the longest name of a series in bytes. It ends at the first NUL.
	MaxName = 65534
	// MaxString is the longest string value in bytes that is known to be safe, and
	// how much the strings of one series in one package may be together: the server
	// writes up to 128 of them at a time, and 32 MiB or more at a time kill it.
	MaxString = 31 << 20
	// MaxPoint is the room that a point takes at most, beside the bytes of a string.
	MaxPoint = 1 + 9 + 9
)

// pairTag is the tag of the array of two that a point is.
const pairTag = 0xef

// AppendTime begins a point with its timestamp, in units of the database. The
// value goes next, by qpack.AppendInt, AppendFloat or AppendRaw.
func AppendTime(dst []byte, ts int64) []byte {
	if ts > latestShort { // all but the times of the seventies
		dst = append(dst, pairTag, 0xeb, 0, 0, 0, 0, 0, 0, 0, 0)
		binary.LittleEndian.PutUint64(dst[len(dst)-8:], uint64(ts))
		return dst
	}
	return qpack.AppendInt(append(dst, pairTag), ts)
}

// seriesRoom is what a series takes beside its points and the bytes of its name:
// the name's header, open and close of the array, close of the package's map.
const seriesRoom = 5 + 2 + 1

// Package is an insert request ready to be sealed: all of its points are stored
// or none.
type Package struct {
	// Data begins with room for the header.
	Data []byte
	// Points in the package.
	Points int
}

// Packer writes series after series into as few insert packages as they need.
// A series that does not fit is continued in the next package.
type Packer struct {
	// Limit of a package's data in bytes, at most and by default MaxRequest.
	Limit int
	// Buffer, unless nil, gives memory for a package: a slice without elements,
	// whose array nobody else has.
	Buffer func() []byte

	done   []Package
	pkg    []byte
	series int // begun in pkg
	points int // in pkg
	array  int // where the array of points of the last series begins; 0 if none
	count  int // points in it
	text   int // bytes of strings in it
	name   string
}

func (p *Packer) limit() int {
	if p.Limit <= 0 || p.Limit > MaxRequest {
		return HeaderSize + MaxRequest
	}
	return HeaderSize + p.Limit
}

// Grow makes room for n more bytes, as far as they go into one package.
func (p *Packer) Grow(n int) {
	p.lend()
	n = min(n, p.limit()-len(p.pkg))
	if n > cap(p.pkg)-len(p.pkg) {
		p.pkg = append(make([]byte, 0, len(p.pkg)+n), p.pkg...)
	}
}

// lend gets memory for the package if it has none.
func (p *Packer) lend() {
	if p.pkg == nil && p.Buffer != nil {
		p.pkg = p.Buffer()
	}
}

// Series begins a series; the points that follow are its. One without points is
// left out.
func (p *Packer) Series(name string) {
	p.endSeries()
	p.name = name
}

// Room makes sure that a point with a string of n bytes, or without one, can be
// written to the slice that it returns. The caller gives the slice with the
// point appended to [Packer.Put].
func (p *Packer) Room(n int) []byte {
	if p.array == 0 {
		p.beginSeries(n)
	} else if len(p.pkg)+MaxPoint+n+2 > p.limit() || n > 0 && p.text+n > MaxString {
		p.endPackage()
		p.beginSeries(n)
	}
	p.text += n
	return p.pkg
}

// Put takes the slice of Room with n points appended.
func (p *Packer) Put(pkg []byte, n int) {
	p.pkg = pkg
	p.count += n
	p.points += n
}

// Ints appends points of integers, times and values of one length.
func (p *Packer) Ints(times, values []int64) {
	for len(times) > 0 {
		dst := p.Room(0)
		n := min(len(times), p.fit(len(dst)))
		p.Put(appendInts(dst, times[:n], values), n)
		times, values = times[n:], values[n:]
	}
}

// appendInts appends points of integers. Room for the longest is made once, so
// that each is written without asking for it.
func appendInts(dst []byte, times, values []int64) []byte {
	values = values[:len(times)]
	dst = slices.Grow(dst, len(times)*MaxPoint)
	end := len(dst)
	dst = dst[:cap(dst)]
	for i, ts := range times {
		b := (*[MaxPoint]byte)(dst[end:])
		if ts > latestShort {
			binary.LittleEndian.PutUint16(b[:], longTime)
			binary.LittleEndian.PutUint64(b[2:], uint64(ts))
			end += 10 + qpack.PutInt(b[10:], values[i])
			continue
		}
		n := putShortTime(b[:], ts)
		end += n + qpack.PutInt(b[n:], values[i])
	}
	return dst[:end]
}

const (
	// latestShort is the last timestamp that takes less than nine bytes.
	latestShort = 1<<31 - 1
	// longTime is what stands before the eight bytes of those that take nine: the
	// tags of the pair and of the integer.
	longTime = 0xeb<<8 | pairTag
)

// putShortTime is AppendTime to the beginning of b, which has room for ten bytes.
func putShortTime(b []byte, ts int64) int {
	b[0] = pairTag
	return 1 + qpack.PutInt(b[1:], ts)
}

// Floats appends points of floats, times and values of one length.
func (p *Packer) Floats(times []int64, values []float64) {
	for len(times) > 0 {
		dst := p.Room(0)
		n := min(len(times), p.fit(len(dst)))
		p.Put(appendFloats(dst, times[:n], values), n)
		times, values = times[n:], values[n:]
	}
}

// appendFloats appends points of floats, as appendInts those of integers.
func appendFloats(dst []byte, times []int64, values []float64) []byte {
	values = values[:len(times)]
	dst = slices.Grow(dst, len(times)*MaxPoint)
	end := len(dst)
	dst = dst[:cap(dst)]
	for i, ts := range times {
		b := (*[MaxPoint]byte)(dst[end:])
		if ts > latestShort {
			binary.LittleEndian.PutUint16(b[:], longTime)
			binary.LittleEndian.PutUint64(b[2:], uint64(ts))
			end += 10 + qpack.PutFloat(b[10:], values[i])
			continue
		}
		n := putShortTime(b[:], ts)
		end += n + qpack.PutFloat(b[n:], values[i])
	}
	return dst[:end]
}

// Strings appends points of strings, times and values of one length.
func (p *Packer) Strings(times []int64, values []string) {
	for len(times) > 0 {
		dst := p.Room(len(values[0]))
		dst, n := p.appendStrings(dst, times, values)
		p.Put(dst, n)
		times, values = times[n:], values[n:]
	}
}

// appendStrings appends points of strings, as many as go into the package. There is
// room for the first, which is counted already.
func (p *Packer) appendStrings(dst []byte, times []int64, values []string) ([]byte, int) {
	values = values[:len(times)]
	limit, text := p.limit()-2, p.text-len(values[0])
	end := len(dst)
	dst = dst[:cap(dst)]
	for i, ts := range times {
		v := values[i]
		next := end + MaxPoint + len(v)
		if i > 0 && (next > limit || text+len(v) > MaxString) {
			p.text = text
			return dst[:end], i
		}
		if next > len(dst) {
			dst = slices.Grow(dst[:end], next-end)
			dst = dst[:cap(dst)]
		}
		b := dst[end:next]
		n := 10
		if ts > latestShort {
			binary.LittleEndian.PutUint16(b, longTime)
			binary.LittleEndian.PutUint64(b[2:], uint64(ts))
		} else {
			n = putShortTime(b, ts)
		}
		n += qpack.PutRawHeader(b[n:], len(v))
		end += n + copy(b[n:], v)
		text += len(v)
	}
	p.text = text
	return dst[:end], len(times)
}

// fit returns how many numeric points go behind used bytes, at least one.
func (p *Packer) fit(used int) int { return max(1, (p.limit()-used-2)/MaxPoint) }

// Packages ends the last package and returns all of them.
func (p *Packer) Packages() []Package {
	p.endPackage()
	done := p.done
	p.done = nil
	return done
}

func (p *Packer) beginSeries(n int) {
	if len(p.pkg)+len(p.name)+seriesRoom+MaxPoint+n > p.limit() {
		p.endPackage()
	}
	if p.series == 0 {
		p.lend()
		p.pkg = append(Begin(p.pkg[:0]), 0) // the map's tag
	}
	p.pkg = qpack.AppendRaw(p.pkg, p.name)
	p.array = len(p.pkg)
	p.pkg = append(p.pkg, 0) // the array's tag
	p.series++
}

// endSeries writes the tag of the array of points, now that their number is known.
func (p *Packer) endSeries() {
	if p.array == 0 {
		return
	}
	qpack.AppendArray(p.pkg[:p.array], p.count)
	p.pkg = qpack.EndArray(p.pkg, p.count)
	p.array, p.count, p.text = 0, 0, 0
}

func (p *Packer) endPackage() {
	p.endSeries()
	if p.series == 0 {
		return
	}
	qpack.AppendMap(p.pkg[:HeaderSize], p.series)
	p.pkg = qpack.EndMap(p.pkg, p.series)
	p.done = append(p.done, Package{p.pkg, p.points})
	p.pkg, p.series, p.points = nil, 0, 0
}
