package parse

// kind is what a property is compared with.
type kind int

const (
	integers kind = iota
	texts
	moments
	words // bool_operator and one of the field's words
	ranks // int_operator and one of the field's words
)

// The operators, as the server names them in errors.
const (
	boolOperators = "== !="
	intOperators  = "== != <= >= < >"
	textOperators = "== != <= >= !~ < > ~"
)

type field struct {
	name  string
	kind  kind
	words []string
}

func fields(k kind, names ...string) []field {
	list := make([]field, len(names))
	for i, name := range names {
		list[i] = field{name: name, kind: k}
	}
	return list
}

func join(lists ...[]field) (all []field) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// Rights are the words for what a user may do, in the order of the grammar.
var Rights = []string{"read", "write", "modify", "full", "select", "show", "list", "count", "create", "insert", "drop", "grant", "revoke", "alter"}

// LogLevels are the words for levels of the server's log, from the least.
var LogLevels = []string{"debug", "info", "warning", "error", "critical"}

// conditions are the properties that each kind of object can be chosen by, in
// the order of the grammar.
var conditions = map[string][]field{
	"groups": join(fields(integers, "series"), fields(texts, "expression", "name")),
	"tags":   join(fields(texts, "name"), fields(integers, "series")),
	"pools":  fields(integers, "pool", "servers", "series"),
	"series": join(fields(integers, "length", "pool"), fields(texts, "name"), fields(moments, "start", "end", "shard_duration"),
		[]field{{"type", words, []string{"string", "integer", "float"}}}),
	"servers": join(
		fields(integers, "active_handles", "active_tasks", "buffer_size", "fifo_files", "idle_percentage", "idle_time", "port", "pool", "startup_time",
			"max_open_files", "mem_usage", "open_files", "received_points", "selected_points", "uptime"),
		fields(texts, "address", "buffer_path", "dbpath", "ip_support", "libuv", "name", "uuid", "version", "status", "reindex_progress", "sync_progress"),
		[]field{{"online", words, []string{"true", "false"}}, {"log_level", ranks, LogLevels}}),
	"shards": join(fields(integers, "sid", "pool", "size"), fields(texts, "server", "status"), fields(moments, "start", "end"),
		[]field{{"type", words, []string{"number", "log"}}}),
	"users": join(fields(texts, "name"), []field{{"access", ranks, Rights}}),
}

// where reads a where clause if there is one. cond is nil if not.
func (p *parser) where(what string) (cond Cond, ok bool) {
	if !p.is("where") {
		return nil, true
	}
	return p.or(conditions[what])
}

func (p *parser) or(fields []field) (Cond, bool) {
	if p.depth++; p.depth > maxDepth {
		p.err = ErrTooDeep
		return nil, false
	}
	defer func() { p.depth-- }()
	a, ok := p.and(fields)
	for ok && p.is("or") {
		var b Cond
		b, ok = p.and(fields)
		a = &Or{a, b}
	}
	return a, ok
}

func (p *parser) and(fields []field) (Cond, bool) {
	a, ok := p.comparison(fields)
	for ok && p.is("and") {
		var b Cond
		b, ok = p.comparison(fields)
		a = &And{a, b}
	}
	return a, ok
}

func (p *parser) comparison(fields []field) (Cond, bool) {
	for _, f := range fields {
		if p.is(f.name) {
			return p.compare(f)
		}
	}
	if !p.token("(") {
		return nil, false
	}
	c, ok := p.or(fields)
	return c, ok && p.token(")")
}

func (p *parser) compare(f field) (Cond, bool) {
	c, ok := &Compare{Field: f.name}, false
	operators := intOperators
	switch f.kind {
	case texts:
		operators = textOperators
	case words:
		operators = boolOperators
	}
	if c.Op, ok = p.tokens(operators); !ok {
		return nil, false
	}
	switch f.kind {
	case texts:
		c.Value, ok = p.text()
	case integers:
		c.Value, ok = p.count()
	case moments:
		c.Value, ok = p.moment()
	default:
		c.Value, ok = p.keyword(f.words...)
	}
	return c, ok
}
