package store

import (
	"maps"
	"math"
	"slices"
)

// shardDuration is how much time a shard of the series covers: for numbers 0
// until the server has found out by the points, which this one never does.
func (d *Database) shardDuration(s *Series) int64 {
	if s.Points.Kind == String {
		return d.durationLog
	}
	return 0
}

// shards are made up: one for each stretch of time in which a pool has points of
// a type.
func (q *query) shards() (list []property) {
	d := q.db
	type key struct {
		start int64
		text  bool
		pool  int
	}
	sizes := map[key]int64{}
	visible := q.view.visible()
	for _, s := range d.order {
		if !visible[s.Pool] {
			continue
		}
		duration := d.durationNum
		if s.Points.Kind == String {
			duration = d.durationLog
		}
		for i := 0; i < s.Points.Len(); {
			start := s.Points.Times[i] / duration * duration
			j := s.Points.Len()
			if start <= math.MaxInt64-duration {
				j, _ = slices.BinarySearch(s.Points.Times, start+duration)
			}
			sizes[key{start, s.Points.Kind == String, s.Pool}] += int64(j-i) * 16
			i = j
		}
	}
	keys := slices.SortedFunc(maps.Keys(sizes), func(a, b key) int {
		if a.start != b.start {
			return int(max(-1, min(1, a.start-b.start)))
		}
		if a.text != b.text {
			return map[bool]int{true: 1, false: -1}[a.text]
		}
		return a.pool - b.pool
	})
	for _, k := range keys {
		server := ""
		for _, n := range q.view.nodes {
			if n.Pool == k.pool && server == "" {
				server = n.Name
			}
		}
		duration, kind := d.durationNum, "number"
		if k.text {
			duration, kind = d.durationLog, "log"
		}
		list = append(list, func(name string) any {
			switch name {
			case "sid":
				if k.text {
					return k.start + 1
				}
				return k.start
			case "pool":
				return int64(k.pool)
			case "server":
				return server
			case "size":
				return sizes[k]
			case "start":
				return k.start
			case "end":
				return k.start + duration
			case "type":
				return kind
			}
			return "" // status
		})
	}
	return list
}
