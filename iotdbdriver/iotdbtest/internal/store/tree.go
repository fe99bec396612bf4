package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// The tree model, as much of it as drivers and their tests need: databases, series,
// INSERT, SELECT of one device, DELETE, SHOW. A device is a table without tags in the
// database Store.tree, whose name is the path; names count letter case.

// treeSyntax is how the tree model complains.
func treeSyntax(p *parser) {
	t := p.peek()
	line := 1 + strings.Count(p.sql[:t.start], "\n")
	panic(fail(CodeSyntax, "Error occurred while parsing SQL to physical plan: line %d:%d mismatched input '%s'",
		line, t.start-strings.LastIndexByte(p.sql[:t.start], '\n')-1, t.text))
}

// path reads root.a.b, whose last nodes may be * or **.
func (p *parser) path() string {
	if !p.accept("root") {
		treeSyntax(p)
	}
	nodes := []string{"root"}
	for p.accept(".") {
		switch t := p.peek(); {
		case p.accept("*", "*"):
			nodes = append(nodes, "**")
		case p.accept("*"):
			nodes = append(nodes, "*")
		case t.kind == word || t.kind == quoted:
			nodes = append(nodes, p.take().text)
		default:
			treeSyntax(p)
		}
	}
	return strings.Join(nodes, ".")
}

// node reads the name of a measurement.
func (p *parser) node() string {
	if t := p.peek(); t.kind != word && t.kind != quoted {
		treeSyntax(p)
	}
	return p.take().text
}

func split(path string) (device, measurement string) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path
	}
	return path[:i], path[i+1:]
}

// covers reports whether a pattern of a path is that of a path: * is a node, ** any
// number of them.
func covers(pattern, path string) bool {
	a, b := strings.Split(pattern, "."), strings.Split(path, ".")
	for i, node := range a {
		if node == "**" {
			return len(b) > i
		}
		if i >= len(b) || node != "*" && node != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}

func (s *Session) executeTree(ctx context.Context, sql string) (r *Result, err error) {
	tokens, err := lex(sql)
	if err != nil {
		return nil, fail(CodeSyntax, "Error occurred while parsing SQL to physical plan: %v", err)
	}
	p := &parser{sql: sql, tokens: tokens}
	defer func() {
		if x := recover(); x != nil {
			e, ok := x.(*Error)
			if !ok {
				panic(x)
			}
			r, err = nil, e
		}
	}()
	run := s.treeStatement(p)
	p.accept(";")
	if p.peek().kind != end {
		treeSyntax(p)
	}
	return run(ctx)
}

// work is a statement that was read.
type work = func(context.Context) (*Result, error)

// locked is a statement that changes something.
func (s *Session) locked(f func(ctx context.Context) error) work {
	return func(ctx context.Context) (*Result, error) {
		s.store.mu.Lock()
		defer s.store.mu.Unlock()
		return done(f(ctx))
	}
}

func (s *Session) treeStatement(p *parser) work {
	switch {
	case p.accept("create", "database"), p.accept("set", "storage", "group", "to"):
		path := p.path()
		return s.locked(func(context.Context) error { return s.store.createTreeDatabase(path) })
	case p.accept("delete", "database"), p.accept("drop", "database"):
		path := p.path()
		return s.locked(func(context.Context) error { return s.store.dropTreeDatabase(path) })
	case p.accept("create", "timeseries"):
		return s.createSeries(p)
	case p.accept("create", "aligned", "timeseries"):
		return s.createAligned(p)
	case p.accept("delete", "timeseries"), p.accept("drop", "timeseries"):
		path := p.path()
		return s.locked(func(context.Context) error { return s.store.dropSeries(path) })
	case p.accept("insert", "into"):
		return s.treeInsert(p)
	case p.accept("delete", "from"):
		return s.treeDelete(p)
	case p.accept("select"):
		return s.treeSelect(p)
	case p.accept("show"):
		return s.treeShow(p)
	case p.accept("count", "timeseries"):
		path := p.path()
		return func(context.Context) (*Result, error) {
			return listed([]Column{{"count(timeseries)", datatype.Int64}}, [][]any{{int64(len(s.store.series(path)))}}), nil
		}
	case p.accept("kill", "query"):
		t := p.take()
		return func(context.Context) (*Result, error) { return nil, &Kill{ID: t.text} }
	case p.accept("flush"):
		return func(context.Context) (*Result, error) { return &Result{}, nil }
	}
	treeSyntax(p)
	return nil
}

func (s *Store) createTreeDatabase(path string) error {
	for name := range s.treeNames {
		if name == path || strings.HasPrefix(path, name+".") || strings.HasPrefix(name, path+".") {
			return fail(CodeDatabaseExists, "%s has already been created as database", name)
		}
	}
	s.treeNames[path] = true
	return nil
}

func (s *Store) dropTreeDatabase(path string) error {
	if !s.treeNames[path] {
		return fail(CodePathMissing, "Path [%s] does not exist", path)
	}
	delete(s.treeNames, path)
	for name, t := range s.tree.tables {
		if strings.HasPrefix(name, path+".") {
			delete(s.tree.tables, name)
			if err := s.dropTables(t); err != nil {
				return err
			}
		}
	}
	return nil
}

// databaseOf is the database of a path, which is made of its first two nodes if there
// is none, as by enable_auto_create_schema.
func (s *Store) databaseOf(path string) string {
	for name := range s.treeNames {
		if strings.HasPrefix(path, name+".") {
			return name
		}
	}
	nodes := strings.SplitN(path, ".", 3)
	name := strings.Join(nodes[:min(2, len(nodes))], ".")
	s.treeNames[name] = true
	return name
}

// device returns a device, which is made if it does not exist.
func (s *Store) device(path string, aligned bool) (*table, error) {
	if t := s.tree.tables[path]; t != nil {
		return t, nil
	}
	s.databaseOf(path)
	t, err := s.newTable(s.tree, path, "", nil)
	if err == nil {
		t.aligned = aligned
	}
	return t, err
}

// dataType reads a type.
func (p *parser) dataType() datatype.Type {
	name := p.node()
	t, ok := datatype.Of(name)
	if !ok || !t.Column() {
		panic(fail(CodeSemantic, "Unsupported datatype: %s", name))
	}
	// Encodings and the like are read and dropped.
	for p.peek().kind == word && !p.is("with") && p.at+1 < len(p.tokens) && p.tokens[p.at+1].text == "=" {
		p.at += 3
		p.accept(",")
	}
	return t
}

func (s *Session) createSeries(p *parser) work {
	device, name := split(p.path())
	p.accept("with")
	if p.accept("datatype") {
		p.expect("=")
	}
	t := p.dataType()
	for p.accept(",") {
		p.node()
		p.expect("=")
		p.take()
	}
	return s.locked(func(context.Context) error {
		return s.store.addSeries(device, false, &field{name: name, typ: t, category: catField})
	})
}

func (s *Session) createAligned(p *parser) work {
	device := p.path()
	var fields []*field
	p.expect("(")
	p.list(func() {
		name := p.node()
		fields = append(fields, &field{name: name, typ: p.dataType(), category: catField})
	})
	p.expect(")")
	return s.locked(func(context.Context) error { return s.store.addSeries(device, true, fields...) })
}

func (s *Store) addSeries(device string, aligned bool, fields ...*field) error {
	t, err := s.device(device, aligned)
	if err != nil {
		return err
	}
	for _, f := range fields {
		if t.field(f.name) != nil {
			return fail(CodePathExists, "Path [%s.%s] already exist", device, f.name)
		}
	}
	for _, f := range fields {
		if err := s.addField(t, f); err != nil {
			return err
		}
	}
	return nil
}

// series are the fields of all devices that a pattern covers.
func (s *Store) series(pattern string) (list []named) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.seriesLocked(pattern)
}

// named is a series.
type named struct {
	device *table
	field  *field
}

func (n named) path() string { return n.device.name + "." + n.field.name }

func (s *Store) seriesLocked(pattern string) (list []named) {
	for _, t := range s.tree.sorted() {
		for _, f := range t.columns[1:] {
			if n := (named{t, f}); covers(pattern, n.path()) {
				list = append(list, n)
			}
		}
	}
	return list
}

func (s *Store) dropSeries(pattern string) error {
	list := s.seriesLocked(pattern)
	if list == nil {
		return fail(CodePathMissing, "Timeseries [%s] does not exist or is represented by device template", pattern)
	}
	for _, n := range list {
		n.device.columns = slices.DeleteFunc(n.device.columns, func(f *field) bool { return f == n.field })
		if len(n.device.columns) == 1 {
			delete(s.tree.tables, n.device.name)
			if err := s.dropTables(n.device); err != nil {
				return err
			}
		}
	}
	return nil
}

func isTime(name string) bool {
	return strings.EqualFold(name, "time") || strings.EqualFold(name, "timestamp")
}

func (s *Session) treeInsert(p *parser) work {
	device := p.path()
	var names []string
	p.expect("(")
	p.list(func() { names = append(names, p.node()) })
	p.expect(")")
	aligned := p.accept("aligned")
	if !p.accept("values") {
		p.expect("value")
	}
	var rows [][]node
	p.list(func() {
		var row []node
		p.expect("(")
		p.list(func() { row = append(row, p.expression()) })
		p.expect(")")
		rows = append(rows, row)
	})
	return s.locked(func(ctx context.Context) error { return s.insertRows(ctx, device, aligned, names, rows) })
}

// inferred is the type that a literal gives to a series that it makes.
func inferred(k constant) datatype.Type {
	switch k.typ {
	case datatype.Boolean, datatype.Blob:
		return k.typ
	case datatype.Int32, datatype.Int64, datatype.Double:
		return datatype.Double
	}
	return datatype.Text
}

func (s *Session) insertRows(ctx context.Context, device string, aligned bool, names []string, rows [][]node) error {
	at := slices.IndexFunc(names, isTime)
	t, err := s.store.device(device, aligned)
	if err != nil {
		return err
	}
	b := &batch{table: t}
	bad := make([]error, len(names))
	for i, row := range rows {
		if len(row) != len(names) {
			return fail(CodeSemantic, "the measurementList's size %d is not consistent with the valueList's size %d", len(names)-1, len(row)-1)
		}
		ts, _ := s.store.timestamp(time.Now())
		var values []any
		for n, x := range row {
			k, err := s.value(x, nil, time.Now())
			if err != nil {
				return fail(CodeSyntax, "Error occurred while parsing SQL to physical plan: an expression among values")
			}
			if n == at {
				if ts, err = s.time(k); err != nil {
					return err
				}
				continue
			}
			f := t.field(names[n])
			if f == nil {
				f = &field{name: names[n], typ: inferred(k), category: catField}
				if err := s.store.addField(t, f); err != nil {
					return err
				}
			}
			if i == 0 {
				b.fields = append(b.fields, f)
			}
			v, err := s.literal(k, f.typ)
			if err != nil && bad[n] == nil {
				bad[n] = err
				if k.typ == datatype.String {
					bad[n] = errors.New(strings.Replace(err.Error(), "input "+k.raw, "input '"+k.raw+"'", 1))
				}
			}
			values = append(values, v)
		}
		b.times, b.rows = append(b.times, ts), append(b.rows, values)
	}
	var refused, reasons []string
	for n, err := range bad {
		if err != nil {
			refused, reasons = append(refused, names[n]), append(reasons, err.Error())
			b.leaveOut(t.field(names[n]))
		}
	}
	if err := s.store.write(ctx, b); err != nil {
		return err
	}
	if refused != nil {
		return fail(CodePartial, "Fail to insert measurements [%s] caused by [%s]", strings.Join(refused, ", "), strings.Join(reasons, ", "))
	}
	return nil
}

// insertTree writes a tablet.
func (s *Session) insertTree(ctx context.Context, in Tablet) error {
	if !strings.HasPrefix(in.Table, "root.") {
		return fail(codeIllegalPath, "%s is not a legal path", in.Table)
	}
	var fields []*field
	for _, c := range in.Columns {
		fields = append(fields, &field{name: c.Name, typ: c.Type, category: catField})
	}
	for _, ts := range in.Times {
		if err := s.store.checkTime(ts); err != nil {
			return err
		}
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	t, err := s.store.device(in.Table, in.Aligned)
	if err != nil {
		return err
	}
	return s.store.writeColumns(ctx, t, fields, in)
}

// treeDelete removes values of series, or whole rows if all series are meant.
func (s *Session) treeDelete(p *parser) work {
	pattern := p.path()
	var where node
	if p.accept("where") {
		where = p.expression()
	}
	return s.locked(func(ctx context.Context) error {
		for _, n := range s.store.seriesLocked(pattern) {
			t := n.device
			q := fragment{sql: "update " + t.rows() + " set " + n.field.sql() + " = NULL"}
			if strings.HasSuffix(pattern, ".*") || strings.HasSuffix(pattern, ".**") {
				q.sql = "delete from " + t.rows()
			}
			if where != nil {
				c := &compiler{session: s, now: time.Now()}
				scope := []scoped{{"", "time", datatype.Timestamp, fragment{sql: t.rows() + ".time"}, false}}
				q = compose("%s where %s", q, c.boolean(where, scope, "WHERE clause").fragment)
			}
			if _, err := s.store.db.Writer().ExecContext(context.WithoutCancel(ctx), q.sql, q.args...); err != nil {
				return fail(CodeExecute, "%v", err)
			}
		}
		return nil
	})
}

func (s *Session) treeShow(p *parser) work {
	pattern := func() string {
		if p.is("root") {
			return p.path()
		}
		return "root.**"
	}
	switch {
	case p.accept("version"):
		return func(context.Context) (*Result, error) {
			return listed(columns(datatype.Text, "Version", "BuildInfo"), [][]any{{Version, Build}}), nil
		}
	case p.accept("databases"):
		path := pattern()
		return func(context.Context) (*Result, error) { return s.treeDatabases(path), nil }
	case p.accept("timeseries"):
		path := pattern()
		return func(context.Context) (*Result, error) {
			var rows [][]any
			for _, n := range s.store.series(path) {
				rows = append(rows, []any{n.path(), nil, s.store.databaseOf(n.device.name), n.field.typ.String(), "PLAIN", "LZ4", nil, nil, nil, nil, "BASE"})
			}
			return listed(columns(datatype.Text, "Timeseries", "Alias", "Database", "DataType", "Encoding", "Compression",
				"Tags", "Attributes", "Deadband", "DeadbandParameters", "ViewType"), rows), nil
		}
	case p.accept("devices"):
		path := pattern()
		return func(context.Context) (*Result, error) {
			s.store.mu.RLock()
			defer s.store.mu.RUnlock()
			var rows [][]any
			for _, t := range s.store.tree.sorted() {
				if covers(path, t.name) {
					rows = append(rows, []any{t.name, fmt.Sprint(t.aligned), nil, "INF"})
				}
			}
			return listed(columns(datatype.Text, "Device", "IsAligned", "Template", "TTL(ms)"), rows), nil
		}
	case p.accept("queries"):
		return func(context.Context) (*Result, error) {
			var rows [][]any
			for _, q := range s.store.Running() {
				rows = append(rows, []any{q.ID, int32(1), float32(time.Since(q.Started).Seconds()), q.Statement})
			}
			return listed([]Column{{"QueryId", datatype.Text}, {"DataNodeId", datatype.Int32}, {"ElapsedTime", datatype.Float}, {"Statement", datatype.Text}}, rows), nil
		}
	}
	treeSyntax(p)
	return nil
}

func (s *Session) treeDatabases(pattern string) *Result {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	var names []string
	for name := range s.store.treeNames {
		if covers(pattern, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var rows [][]any
	for _, name := range names {
		rows = append(rows, []any{name, int32(1), int32(1), int64(0), int64(weekMillis)})
	}
	return listed([]Column{
		{"Database", datatype.Text}, {"SchemaReplicationFactor", datatype.Int32}, {"DataReplicationFactor", datatype.Int32},
		{"TimePartitionOrigin", datatype.Int64}, {"TimePartitionInterval", datatype.Int64},
	}, rows)
}
