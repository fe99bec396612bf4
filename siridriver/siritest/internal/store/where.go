package store

import (
	"slices"
	"strings"

	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/parse"
)

// property returns the value of an object's property: an int64, a float64, a
// string, a bool or nil.
type property func(name string) any

// holds reports whether a condition is met. None always is.
func holds(c parse.Cond, of property) bool {
	switch c := c.(type) {
	case *parse.And:
		return holds(c.A, of) && holds(c.B, of)
	case *parse.Or:
		return holds(c.A, of) || holds(c.B, of)
	case *parse.Compare:
		return compareProperty(c, of(c.Field))
	}
	return true
}

func compareProperty(c *parse.Compare, value any) bool {
	want := c.Value
	switch c.Field {
	case "online":
		want = want == "true"
	case "access":
		return relation(c.Op, int64(value.(rights)), int64(rightsOf([]string{want.(string)})))
	case "log_level":
		level := func(v any) int64 { return int64(slices.Index(parse.LogLevels, v.(string))) }
		return relation(c.Op, level(value), level(want))
	}
	switch v := value.(type) {
	case int64:
		want, ok := want.(int64)
		return ok && relation(c.Op, v, want)
	case string:
		want, ok := want.(string)
		return ok && textRelation(c.Op, v, want)
	case bool:
		return (v == want) == (c.Op == "==")
	}
	return false
}

func relation[T int64 | float64 | string](op string, a, b T) bool {
	switch op {
	case "==":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	}
	return a >= b
}

func textRelation(op, a, b string) bool {
	switch op {
	case "~":
		return strings.Contains(a, b)
	case "!~":
		return !strings.Contains(a, b)
	}
	return relation(op, a, b)
}

// property returns the properties of a series.
func (d *Database) seriesProperty(s *Series) property {
	return func(name string) any {
		switch name {
		case "name":
			return s.Name
		case "type":
			return s.Points.Kind.String()
		case "length":
			return int64(s.Points.Len())
		case "start":
			return s.start()
		case "end":
			return s.end()
		case "pool":
			return int64(s.Pool)
		case "shard_duration":
			return d.shardDuration(s)
		}
		return nil
	}
}

// filter keeps the series that meet a condition.
func (d *Database) filter(list []*Series, c parse.Cond) []*Series {
	if c == nil {
		return list
	}
	var kept []*Series
	for _, s := range list {
		if holds(c, d.seriesProperty(s)) {
			kept = append(kept, s)
		}
	}
	return kept
}
