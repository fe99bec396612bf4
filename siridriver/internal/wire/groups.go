package wire

import (
	"slices"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
)

// Groups collects points that come in any order of series, for one insert
// package. It encodes each point at once and keeps the memory of the series of
// one package for the next.
type Groups struct {
	// Buffer, unless nil, gives memory for a package, as that of a [Packer] does.
	Buffer func() []byte

	index  map[string]int
	groups []group
	used   int // groups with points
	size   int // bytes of the data that Package will make, at most
	points int
	last   int // the group that was used last
}

type group struct {
	name   string
	points []byte
	count  int
	text   int // bytes of strings
}

// Points is the number of points collected.
func (g *Groups) Points() int { return g.points }

// Size is the size in bytes of the package's data.
func (g *Groups) Size() int { return g.size + 2 }

// Cost is what a point adds to Size at most; n is the length of its value if
// that is a string.
func (g *Groups) Cost(series string, n int) int {
	if i, ok := g.find(series); ok && g.groups[i].count > 0 {
		return MaxPoint + n
	}
	return len(series) + seriesRoom + MaxPoint + n
}

// Takes reports whether a string of n bytes may go into the package beside
// those of its series that are in it, see [MaxString]. The first one may.
func (g *Groups) Takes(series string, n int) bool {
	i, ok := g.find(series)
	return !ok || g.groups[i].text == 0 || g.groups[i].text+n <= MaxString
}

// Int adds a point.
func (g *Groups) Int(series string, ts, value int64) {
	p := g.begin(series)
	before := len(p.points)
	p.points = qpack.AppendInt(AppendTime(p.points, ts), value)
	g.size += len(p.points) - before
}

// Float adds a point.
func (g *Groups) Float(series string, ts int64, value float64) {
	p := g.begin(series)
	before := len(p.points)
	p.points = qpack.AppendFloat(AppendTime(p.points, ts), value)
	g.size += len(p.points) - before
}

// String adds a point.
func (g *Groups) String(series string, ts int64, value string) {
	p := g.begin(series)
	before := len(p.points)
	p.points = qpack.AppendRaw(AppendTime(p.points, ts), value)
	p.text += len(value)
	g.size += len(p.points) - before
}

// find looks for the group of a series, where the last one was to begin with:
// points of a series often come together.
func (g *Groups) find(series string) (int, bool) {
	if g.last < len(g.groups) && g.groups[g.last].name == series {
		return g.last, true
	}
	i, ok := g.index[series]
	if ok {
		g.last = i
	}
	return i, ok
}

func (g *Groups) begin(series string) *group {
	i, ok := g.find(series)
	if !ok {
		if g.index == nil {
			g.index = make(map[string]int)
		}
		i = len(g.groups)
		g.index[series] = i
		g.groups = append(g.groups, group{name: series})
	}
	p := &g.groups[i]
	if p.count == 0 {
		g.used++
		g.size += len(series) + seriesRoom
	}
	p.count++
	g.points++
	return p
}

// maxKept bounds the series whose buffers are kept for the next package.
const maxKept = 100_000

// minKept is the room in bytes that a series keeps however little it needs.
const minKept = 512

// Package makes the package and starts anew. Series stand in the order in which
// they first came.
func (g *Groups) Package() Package {
	var data []byte
	if g.Buffer != nil {
		data = g.Buffer()
	}
	data = Begin(slices.Grow(data, HeaderSize+g.Size()))
	data = qpack.AppendMap(data, g.used)
	for i := range g.groups {
		p := &g.groups[i]
		if p.count == 0 {
			p.points = nil // room for series that come and go would add up
			continue
		}
		data = qpack.AppendRaw(data, p.name)
		data = qpack.AppendArray(data, p.count)
		data = append(data, p.points...)
		data = qpack.EndArray(data, p.count)
		if cap(p.points) > 4*len(p.points)+minKept {
			p.points = nil
		}
		p.points, p.count, p.text = p.points[:0], 0, 0
	}
	data = qpack.EndMap(data, g.used)
	pkg := Package{data, g.points}
	if len(g.groups) > maxKept {
		g.index, g.groups = nil, nil
	}
	g.used, g.size, g.points = 0, 0, 0
	return pkg
}
