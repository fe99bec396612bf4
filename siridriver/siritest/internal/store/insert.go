package store

import (
	"strconv"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
)

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
