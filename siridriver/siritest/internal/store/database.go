package store

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/parse"
)

// Precision is the unit of a database's times.
type Precision int

// The precisions: 1000 to the power of the number is how many there are in a
// second.
const (
	Second Precision = iota
	Milli
	Micro
	Nano
)

var precisions = []string{"s", "ms", "us", "ns"}

func (p Precision) String() string { return precisions[p] }

// ParsePrecision reads "s", "ms", "us" or "ns".
func ParsePrecision(s string) (Precision, error) {
	i := slices.Index(precisions, s)
	if i < 0 {
		return 0, fmt.Errorf("invalid time precision: '%s' (expecting s, ms, us or ns)", s)
	}
	return Precision(i), nil
}

// second is the number of units in a second.
func (p Precision) second() int64 { return [...]int64{1, 1e3, 1e6, 1e9}[p] }

// max is the latest time.
func (p Precision) max() int64 {
	if p == Second {
		return 1<<32 - 1
	}
	return 1<<63 - 1
}

// Database is a database with everything in it.
type Database struct {
	Name      string
	Precision Precision

	bufferSize               int64
	durationNum, durationLog int64
	fragile                  bool // the first insert kills the server

	mu            sync.RWMutex
	zone          string
	location      *time.Location
	dropThreshold float64
	listLimit     int64
	pointsLimit   int64
	expirationNum int64
	expirationLog int64
	tee           string
	lastID        int
	series        map[string]*Series
	order         []*Series // by ID
	groups        map[string]*group
	tags          map[string]*tag
	users         []*User
	received      map[int]int64 // points by server
	selected      map[int]int64
}

// newDatabase makes a database with the user iris. Durations of 0 are the
// server's own choice.
func newDatabase(name string, p Precision, bufferSize, durationNum, durationLog int64) *Database {
	d := &Database{
		Name: name, Precision: p, bufferSize: bufferSize, durationNum: durationNum, durationLog: durationLog,
		// The defaults are computed in 32 bits, which gives 0 for nanoseconds and
		// a division by it.
		fragile:       p == Nano && (durationNum == 0 || durationLog == 0),
		zone:          "NAIVE",
		location:      time.UTC,
		dropThreshold: 1,
		listLimit:     10000,
		pointsLimit:   1000000,
		series:        map[string]*Series{},
		groups:        map[string]*group{},
		tags:          map[string]*tag{},
		users:         []*User{{name: "iris", password: "siri", rights: full}},
		received:      map[int]int64{},
		selected:      map[int]int64{},
	}
	if d.durationNum == 0 {
		d.durationNum = 7 * 24 * 3600 * p.second()
	}
	if d.durationLog == 0 {
		d.durationLog = 24 * 3600 * p.second()
	}
	return d
}

// clock is what times in a query depend on.
func (d *Database) clock(now time.Time) parse.Clock {
	unit := int64(time.Second) / d.Precision.second()
	return parse.Clock{
		Now:    now.UnixNano() / unit,
		Second: d.Precision.second(),
		Max:    d.Precision.max(),
		Date:   func(s string) int64 { return parseDate(s, d.location) },
	}
}

// Points returns a copy of the points of a series, nil if there is none.
func (d *Database) Points(name string) *Points {
	d.mu.RLock()
	defer d.mu.RUnlock()
	s := d.series[name]
	if s == nil {
		return nil
	}
	p := s.Points
	return &Points{p.Kind, slices.Clone(p.Times), slices.Clone(p.Ints), slices.Clone(p.Floats), slices.Clone(p.Strings)}
}

// drop removes series from everything that knows them.
func (d *Database) drop(gone []*Series) {
	set := make(map[*Series]bool, len(gone))
	for _, s := range gone {
		set[s] = true
		delete(d.series, s.Name)
	}
	d.order = slices.DeleteFunc(d.order, func(s *Series) bool { return set[s] })
	for _, g := range d.groups {
		g.series = slices.DeleteFunc(g.series, func(s *Series) bool { return set[s] })
	}
	for _, t := range d.tags {
		for s := range set {
			delete(t.series, s)
		}
	}
}
