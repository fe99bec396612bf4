package store

import (
	"maps"
	"slices"

	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/parse"
)

// objects returns the objects of a kind by their properties, in the order in
// which they are listed. Of series only those of pools that can be reached.
func (q *query) objects(what string, terms parse.Series) (list []property, err *Error) {
	d := q.db
	switch what {
	case "series":
		series, err := d.match(terms, q.now)
		if err != nil {
			return nil, err
		}
		visible := q.view.visible()
		for _, s := range series {
			if visible[s.Pool] {
				list = append(list, d.seriesProperty(s))
			}
		}
	case "users":
		for _, u := range d.users {
			list = append(list, func(name string) any {
				if name == "name" {
					return u.name
				}
				return u.rights
			})
		}
	case "groups":
		for _, name := range slices.Sorted(maps.Keys(d.groups)) {
			g := d.groups[name]
			list = append(list, func(name string) any {
				switch name {
				case "name":
					return g.name
				case "expression":
					return g.source
				}
				return int64(len(g.members(q.now)))
			})
		}
	case "tags":
		for _, name := range slices.Sorted(maps.Keys(d.tags)) {
			t := d.tags[name]
			list = append(list, func(name string) any {
				if name == "name" {
					return t.name
				}
				return int64(len(t.series))
			})
		}
	case "pools":
		list = q.pools()
	case "servers":
		for i := range q.view.nodes {
			list = append(list, func(name string) any { return q.nodeProperty(i, name) })
		}
	case "shards":
		list = q.shards()
	}
	return list, nil
}

func (q *query) pools() (list []property) {
	visible := q.view.visible()
	for pool := range q.view.pools {
		if !visible[pool] {
			continue
		}
		servers, series := int64(0), int64(0)
		for _, n := range q.view.nodes {
			if n.Pool == pool {
				servers++
			}
		}
		for _, s := range q.db.order {
			if s.Pool == pool {
				series++
			}
		}
		list = append(list, func(name string) any {
			return map[string]int64{"pool": int64(pool), "servers": servers, "series": series}[name]
		})
	}
	return list
}

// nodeProperty is a property of a server. What a machine would have to be
// measured for is what the real server says right after its start.
func (q *query) nodeProperty(i int, name string) any {
	n := q.view.nodes[i]
	switch name {
	case "name":
		return n.Name
	case "address":
		return n.Host
	case "port":
		return int64(n.Port)
	case "uuid":
		return n.UUID
	case "pool":
		return int64(n.Pool)
	case "version":
		return n.Version
	case "online":
		return n.Status != 0
	case "status":
		return n.Status.String()
	case "log_level":
		return n.LogLevel
	case "received_points":
		return q.db.received[i]
	case "selected_points":
		return q.db.selected[i]
	case "uptime":
		return int64(q.now.Sub(n.Started).Seconds())
	case "buffer_size":
		return q.db.bufferSize
	case "buffer_path", "dbpath":
		return "/var/lib/siridb/" + q.db.Name + "/"
	case "ip_support":
		return "IPV4ONLY"
	case "libuv":
		return "1.44.2"
	case "sync_progress", "reindex_progress":
		return "not available"
	case "max_open_files":
		return int64(512)
	case "mem_usage":
		return int64(5)
	case "open_files":
		return int64(3)
	case "active_handles":
		return int64(14)
	case "active_tasks":
		return int64(1)
	case "idle_percentage":
		return int64(100)
	case "idle_time":
		return int64(q.now.Sub(n.Started).Seconds())
	}
	return int64(0) // fifo_files, startup_time
}

// setting is a property that show tells.
func (q *query) setting(name string) any {
	d := q.db
	switch name {
	case "dbname":
		return d.Name
	case "time_precision":
		return d.Precision.String()
	case "timezone":
		return d.zone
	case "drop_threshold":
		return d.dropThreshold
	case "duration_log":
		return d.durationLog
	case "duration_num":
		return d.durationNum
	case "expiration_log":
		return unlessZero(d.expirationLog)
	case "expiration_num":
		return unlessZero(d.expirationNum)
	case "list_limit":
		return d.listLimit
	case "select_points_limit":
		return d.pointsLimit
	case "tee":
		if d.tee == "" {
			return "disabled"
		}
		return d.tee
	case "who_am_i":
		return q.User.name
	case "server":
		name = "name"
	}
	return q.nodeProperty(q.view.self, name)
}

func unlessZero(v int64) any {
	if v == 0 {
		return nil
	}
	return v
}
