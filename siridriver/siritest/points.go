package siritest

import "github.com/gaugesql/gaugesql/siridriver/siritest/internal/store"

// Point is one point of a series.
type Point struct {
	// Time in units of the database.
	Time int64
	// Value is an int64, a float64 or a string, of one type in a series.
	Value any
}

// Points returns the points of a series of a database, which may be empty for the
// first one, in the order of time; nil if there is no such series.
func (c *Cluster) Points(database, series string) []Point {
	if database == "" {
		database = c.options.databases[0].name
	}
	d := c.store.Database(database)
	if d == nil {
		return nil
	}
	p := d.Points(series)
	if p == nil {
		return nil
	}
	list := make([]Point, p.Len())
	for i, ts := range p.Times {
		switch p.Kind {
		case store.Int:
			list[i] = Point{ts, p.Ints[i]}
		case store.Float:
			list[i] = Point{ts, p.Floats[i]}
		default:
			list[i] = Point{ts, p.Strings[i]}
		}
	}
	return list
}

// Points is [Cluster.Points] of the server's cluster.
func (s *Server) Points(database, series string) []Point { return s.cluster.Points(database, series) }
