package literal

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
)

// The kinds of geometry and their numbers in WKB.
var wkbKinds = map[string]uint32{
	"POINT": 1, "LINESTRING": 2, "POLYGON": 3, "MULTIPOINT": 4, "MULTILINESTRING": 5, "MULTIPOLYGON": 6, "GEOMETRYCOLLECTION": 7,
}

// WKB turns well-known text ("POINT(1 2)") into little-endian well-known binary. Points have two
// coordinates.
func WKB(wkt string) ([]byte, bool) {
	p := wktParser{s: wkt}
	p.geometry(0)
	p.space()
	if p.bad || p.s != "" {
		return nil, false
	}
	return p.out, true
}

type wktParser struct {
	s   string
	out []byte
	bad bool
}

func (p *wktParser) space() { p.s = strings.TrimLeft(p.s, " \t\r\n") }

func (p *wktParser) take(c byte) bool {
	p.space()
	if p.s == "" || p.s[0] != c {
		return false
	}
	p.s = p.s[1:]
	return true
}

func (p *wktParser) expect(c byte) {
	if !p.take(c) {
		p.bad = true
	}
}

func (p *wktParser) word() string {
	p.space()
	n := 0
	for n < len(p.s) && (p.s[n]|0x20 >= 'a' && p.s[n]|0x20 <= 'z') {
		n++
	}
	w := strings.ToUpper(p.s[:n])
	p.s = p.s[n:]
	return w
}

func (p *wktParser) header(kind uint32) {
	p.out = append(p.out, 1)
	p.out = binary.LittleEndian.AppendUint32(p.out, kind)
}

func (p *wktParser) geometry(depth int) {
	kind := wkbKinds[p.word()]
	if kind == 0 || depth > 8 {
		p.bad = true
		return
	}
	p.header(kind)
	if rest := strings.TrimLeft(p.s, " \t"); len(rest) >= 5 && strings.EqualFold(rest[:5], "EMPTY") {
		p.s = rest[5:]
		p.bad = kind == 1 // an empty point has no binary form here
		p.out = binary.LittleEndian.AppendUint32(p.out, 0)
		return
	}
	switch kind {
	case 1:
		p.expect('(')
		p.point()
		p.expect(')')
	case 2:
		p.points()
	case 3:
		p.list(p.points)
	case 4:
		p.list(func() {
			p.header(1)
			bracket := p.take('(')
			p.point()
			if bracket {
				p.expect(')')
			}
		})
	case 5:
		p.list(func() { p.header(2); p.points() })
	case 6:
		p.list(func() { p.header(3); p.list(p.points) })
	case 7:
		p.list(func() { p.geometry(depth + 1) })
	}
}

// list reads (item, item, ...) behind a count.
func (p *wktParser) list(item func()) {
	at := len(p.out)
	p.out = append(p.out, 0, 0, 0, 0)
	p.expect('(')
	n := uint32(0)
	for !p.bad {
		item()
		n++
		if !p.take(',') {
			break
		}
	}
	p.expect(')')
	binary.LittleEndian.PutUint32(p.out[at:], n)
}

func (p *wktParser) points() { p.list(p.point) }

func (p *wktParser) point() {
	for range 2 {
		p.space()
		n := strings.IndexAny(p.s, " \t\r\n,()")
		if n < 0 {
			n = len(p.s)
		}
		f, err := strconv.ParseFloat(p.s[:n], 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			p.bad = true
			return
		}
		p.s = p.s[n:]
		p.out = binary.LittleEndian.AppendUint64(p.out, math.Float64bits(f))
	}
}

// ValidWKB reports whether b is one complete geometry in well-known binary, of two dimensions and
// either byte order.
func ValidWKB(b []byte) bool {
	rest, ok := skipWKB(b, 0)
	return ok && len(rest) == 0
}

func skipWKB(b []byte, depth int) (rest []byte, ok bool) {
	if len(b) < 5 || b[0] > 1 || depth > 8 {
		return nil, false
	}
	var order binary.ByteOrder = binary.BigEndian
	if b[0] == 1 {
		order = binary.LittleEndian
	}
	kind := order.Uint32(b[1:])
	b = b[5:]
	points := func(n uint32) bool {
		if uint64(len(b)) < uint64(n)*16 {
			return false
		}
		b = b[n*16:]
		return true
	}
	count := func() (n uint32) {
		if len(b) < 4 {
			ok = false
			return 0
		}
		n = order.Uint32(b)
		b = b[4:]
		return n
	}
	ok = true
	switch kind {
	case 1:
		return b[min(16, len(b)):], len(b) >= 16
	case 2:
		n := count()
		ok = ok && points(n)
	case 3:
		for n := count(); ok && n > 0; n-- {
			m := count()
			ok = ok && points(m)
		}
	case 4, 5, 6, 7:
		for n := count(); ok && n > 0; n-- {
			b, ok = skipWKB(b, depth+1)
		}
	default:
		return nil, false
	}
	return b, ok
}
