package store

import (
	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/parse"
)

// defaults are the columns that a list has when none are asked for.
var defaults = map[string][]string{
	"series": {"name"}, "users": {"name", "access"}, "groups": {"name"}, "tags": {"name"}, "pools": {"pool", "servers", "series"},
	"servers": {"name", "pool", "version", "online", "status"}, "shards": {"sid", "pool", "server", "start", "end"},
}

// list runs a list statement.
func (q *query) list(l *parse.List) ([]byte, *Error) {
	limit := q.db.listLimit
	if l.Limit != nil {
		if *l.Limit <= 0 || *l.Limit > limit {
			return nil, wrong("Limit must be a value between 1 and %d but received: %d (optionally the limit can be changed, see 'help alter database')", limit, *l.Limit)
		}
		limit = *l.Limit
	}
	columns := l.Columns
	if columns == nil {
		columns = defaults[l.What]
	}
	objects, err := q.objects(l.What, l.Series)
	if err != nil {
		return nil, err
	}
	data := qpack.AppendRaw(qpack.OpenMap(nil), "columns")
	data = qpack.OpenArray(data)
	for _, c := range columns {
		data = qpack.AppendRaw(data, c)
	}
	data = qpack.AppendRaw(qpack.CloseArray(data), l.What)
	data = qpack.OpenArray(data)
	for _, of := range objects {
		if !holds(l.Where, of) {
			continue
		}
		if limit--; limit < 0 {
			break
		}
		data = qpack.OpenArray(data)
		for _, c := range columns {
			v := of(c)
			if r, ok := v.(rights); ok {
				v = r.String()
			}
			data = appendAny(data, v)
		}
		data = qpack.CloseArray(data)
	}
	return qpack.CloseArray(data), nil
}

// count runs a count statement.
func (q *query) count(c *parse.Count) ([]byte, *Error) {
	switch {
	case c.What == "series" && c.Of == "":
		if err := q.view.online(); err != nil {
			return nil, err
		}
	case c.What == "series", c.What == "pools":
		if err := q.view.accessible(); err != nil {
			return nil, err
		}
	}
	objects, err := q.objects(c.What, c.Series)
	if err != nil {
		return nil, err
	}
	n := int64(0)
	for _, of := range objects {
		switch {
		case !holds(c.Where, of):
		case c.Of != "":
			n += of(c.Of).(int64)
		default:
			n++
		}
	}
	key := c.What
	if c.Of != "" {
		key += "_" + c.Of
	}
	return qpack.AppendInt(qpack.AppendRaw(qpack.OpenMap(nil), key), n), nil
}

// everything is what show tells when it is asked for nothing in particular, in its
// own order.
var everything = []string{"active_handles", "active_tasks", "buffer_path", "buffer_size", "dbname", "dbpath", "drop_threshold", "duration_log",
	"duration_num", "expiration_log", "expiration_num", "fifo_files", "idle_percentage", "idle_time", "ip_support", "libuv", "list_limit", "log_level",
	"max_open_files", "mem_usage", "open_files", "pool", "received_points", "reindex_progress", "selected_points", "select_points_limit", "server",
	"startup_time", "status", "sync_progress", "tee", "timezone", "time_precision", "uptime", "uuid", "version", "who_am_i"}

// show runs a show statement.
func (q *query) show(s *parse.Show) ([]byte, *Error) {
	names := s.Names
	if names == nil {
		names = everything
	}
	data := qpack.AppendRaw(qpack.OpenMap(nil), "data")
	data = qpack.OpenArray(data)
	for _, name := range names {
		data = qpack.AppendMap(data, 2)
		data = qpack.AppendRaw(data, "name")
		data = qpack.AppendRaw(data, name)
		data = qpack.AppendRaw(data, "value")
		data = appendAny(data, q.setting(name))
	}
	return qpack.CloseArray(data), nil
}
