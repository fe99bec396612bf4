package parse

import "slices"

// columns are what lists can show, in the order of the grammar.
var columns = map[string][]string{
	"series": {"name", "type", "length", "start", "end", "shard_duration", "pool"},
	"tags":   {"name", "series"},
	"users":  {"name", "access"},
	"shards": {"sid", "pool", "server", "size", "start", "end", "type", "status"},
	"groups": {"expression", "name", "series"},
	"servers": {"address", "buffer_path", "buffer_size", "dbpath", "ip_support", "libuv", "name", "port", "uuid", "pool", "version", "online",
		"startup_time", "status", "active_handles", "active_tasks", "fifo_files", "idle_percentage", "idle_time", "log_level", "max_open_files",
		"mem_usage", "open_files", "received_points", "reindex_progress", "selected_points", "sync_progress", "uptime"},
	"pools": {"pool", "servers", "series"},
}

// properties are the names that show knows, in the order of the grammar.
var properties = []string{"active_handles", "active_tasks", "buffer_path", "buffer_size", "dbname", "dbpath", "drop_threshold", "duration_log",
	"duration_num", "fifo_files", "expiration_log", "expiration_num", "idle_percentage", "idle_time", "ip_support", "libuv", "list_limit", "log_level",
	"max_open_files", "mem_usage", "open_files", "pool", "received_points", "reindex_progress", "selected_points", "select_points_limit", "server",
	"startup_time", "status", "sync_progress", "tee", "time_precision", "timezone", "uptime", "uuid", "version", "who_am_i"}

// words reads a list of words with commas between them.
func (p *parser) words(known []string) (list []string, ok bool) {
	for {
		w, ok := p.keyword(known...)
		if !ok {
			return nil, false
		}
		list = append(list, w)
		if !p.token(",") {
			return list, true
		}
	}
}

// optionalWords reads a list of words, or none if the first is not there.
func (p *parser) optionalWords(known []string) ([]string, bool) {
	p.skip()
	at := p.pos
	list, ok := p.words(known)
	return list, ok || p.pos == at
}

func (p *parser) listStmt() (_ Body, ok bool) {
	l := &List{}
	if l.What, ok = p.keyword("series", "tags", "users", "shards", "groups", "servers", "pools"); !ok {
		return nil, false
	}
	if l.Columns, ok = p.optionalWords(columns[l.What]); !ok {
		return nil, false
	}
	if l.What == "series" {
		if l.Series, ok = p.optionalSeries(); !ok {
			return nil, false
		}
	}
	if l.Where, ok = p.where(l.What); !ok {
		return nil, false
	}
	if p.is("limit") {
		n, ok := p.count()
		l.Limit = &n
		return l, ok
	}
	return l, ok
}

func (p *parser) countStmt() (_ Body, ok bool) {
	c := &Count{}
	if c.What, ok = p.keyword("groups", "pools", "series", "servers", "shards", "users", "tags"); !ok {
		return nil, false
	}
	// Nothing but the text of an error depends on whether this comes first or last.
	of := countable[c.What]
	if slices.Contains(of, p.word()) {
		c.Of, _ = p.keyword(of...)
	}
	if c.What == "series" {
		if c.Series, ok = p.optionalSeries(); !ok {
			return nil, false
		}
	}
	if c.Where, ok = p.where(c.What); !ok {
		return nil, false
	}
	if c.Of == "" && c.Series == nil && c.Where == nil {
		p.keyword(of...)
	}
	return c, true
}

// countable are the sums that count can make.
var countable = map[string][]string{"series": {"length"}, "servers": {"received_points", "selected_points"}, "shards": {"size"}}

func (p *parser) showStmt() (Body, bool) {
	names, ok := p.optionalWords(properties)
	return &Show{names}, ok
}

// topics are the help pages: the words that may follow each.
var topics = map[string][]string{
	"help":        {"access", "alter", "count", "create", "drop", "functions", "grant", "list", "noaccess", "revoke", "select", "show", "timeit", "timezones"},
	"help_alter":  {"database", "group", "server", "servers", "user"},
	"help_count":  {"groups", "pools", "series", "servers", "shards", "users"},
	"help_create": {"group", "user"},
	"help_drop":   {"group", "series", "server", "shards", "user"},
	"help_list":   {"groups", "pools", "series", "servers", "shards", "users"},
}

func (p *parser) helpStmt() (Body, bool) {
	if !p.is("help") && !p.token("?") {
		return nil, false
	}
	h := &Help{"help"}
	for {
		w, ok := p.keyword(topics[h.Topic]...)
		if !ok {
			return h, true
		}
		h.Topic += "_" + w
	}
}
