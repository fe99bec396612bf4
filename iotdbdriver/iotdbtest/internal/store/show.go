package store

import (
	"context"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

const (
	weekMillis = 604800000
	// Version and Build are those of the server that the store is held against.
	Version = "2.0.1-beta"
	Build   = "5f31648"
)

func columns(t datatype.Type, names ...string) []Column {
	list := make([]Column, len(names))
	for i, n := range names {
		list[i] = Column{n, t}
	}
	return list
}

func ttlOf(ttl string) string {
	if ttl == "" {
		return "INF"
	}
	return ttl
}

func (s *Session) describe(b describe) (*Result, error) {
	n, err := s.qualified(b.name)
	if err != nil {
		return nil, err
	}
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	names := columns(datatype.Text, "ColumnName", "DataType", "Category")
	if b.details {
		names = append(names, Column{"Status", datatype.Text})
	}
	var rows [][]any
	add := func(values ...any) {
		if b.details {
			values = append(values, "USING")
		}
		rows = append(rows, values)
	}
	if n.database == "information_schema" {
		list, ok := schemaColumns[n.table]
		if !ok {
			return nil, fail(CodeNoTable, "Table 'information_schema.%s' does not exist.", n.table)
		}
		for i, c := range list {
			category := "ATTRIBUTE"
			if i == 0 {
				category = "TAG"
			}
			add(c.Name, c.Type.String(), category)
		}
		return listed(names, rows), nil
	}
	t, missing := s.store.find(n)
	if missing != nil {
		return nil, missing
	}
	for _, f := range t.columns {
		add(f.name, f.typ.String(), f.category.String())
	}
	return listed(names, rows), nil
}

func (s *Session) show(ctx context.Context, b show, args []any) (*Result, error) {
	one := func(name string, t datatype.Type, v any) (*Result, error) {
		return listed([]Column{{name, t}}, [][]any{{v}}), nil
	}
	switch b.what {
	case "current_database":
		var v any
		if s.Database != "" {
			v = s.Database
		}
		return one("CurrentDatabase", datatype.String, v)
	case "current_user":
		return one("CurrentUser", datatype.String, s.User)
	case "current_sql_dialect":
		if s.tree {
			return one("CurrentSqlDialect", datatype.String, "TREE")
		}
		return one("CurrentSqlDialect", datatype.String, "TABLE")
	case "current_timestamp":
		ts, _ := s.store.timestamp(time.Now())
		return one("CurrentTimestamp", datatype.Timestamp, ts)
	case "version":
		return listed(columns(datatype.Text, "Version", "BuildInfo"), [][]any{{Version, Build}}), nil
	case "variables":
		return listed(columns(datatype.Text, "Variable", "Value"), [][]any{
			{"ClusterName", "iotdbtest"}, {"TimestampPrecision", s.store.precision},
		}), nil
	case "functions":
		return listed(columns(datatype.Text, "FunctionName", "FunctionType", "ClassName(UDF)", "State"), nil), nil
	case "cluster", "datanodes", "confignodes":
		return listed([]Column{
			{"NodeID", datatype.Int32}, {"NodeType", datatype.Text}, {"Status", datatype.Text},
			{"InternalAddress", datatype.Text}, {"InternalPort", datatype.Int32}, {"Version", datatype.Text}, {"BuildInfo", datatype.Text},
		}, [][]any{{int32(1), "DataNode", "Running", "127.0.0.1", int32(10730), Version, Build}}), nil
	case "databases":
		return s.databases(b.details), nil
	case "tables":
		return s.tables(b)
	case "devices":
		return s.devices(ctx, b, args)
	case "queries":
		sel := &selection{items: []item{{x: star{}}}, from: &relation{table: name{"information_schema", "queries"}, alias: "queries"}, where: b.where}
		return s.query(ctx, sel, args)
	}
	return nil, unsupported("SHOW " + b.what)
}

func (s *Session) databases(details bool) *Result {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	cols := []Column{
		{"Database", datatype.Text}, {"TTL(ms)", datatype.Text}, {"SchemaReplicationFactor", datatype.Int32},
		{"DataReplicationFactor", datatype.Int32}, {"TimePartitionInterval", datatype.Int64},
	}
	width := len(cols)
	if details {
		cols = append(cols, Column{"SchemaRegionGroupNum", datatype.Int32}, Column{"DataRegionGroupNum", datatype.Int32})
		width = len(cols)
	}
	rows := [][]any{append([]any{"information_schema", "INF"}, make([]any, width-2)...)}
	for _, d := range s.store.sorted() {
		rows = append(rows, []any{d.name, "INF", int32(1), int32(1), int64(weekMillis), int32(1), int32(1)}[:width])
	}
	return listed(cols, rows)
}

func (s *Session) tables(b show) (*Result, error) {
	of := b.from.database
	if of == "" {
		n, err := s.qualified(name{})
		if err != nil {
			return nil, err
		}
		of = n.database
	}
	cols := columns(datatype.Text, "TableName", "TTL(ms)", "Status")
	width := 2
	if b.details {
		width = 3
	}
	var rows [][]any
	if of == "information_schema" {
		for _, name := range []string{"databases", "tables", "columns", "queries"} {
			rows = append(rows, []any{name, "INF", "USING"}[:width])
		}
		return listed(cols[:width], rows), nil
	}
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	d := s.store.databases[of]
	if d == nil {
		return nil, fail(CodeNoDatabase, "Unknown database %s", of)
	}
	for _, t := range d.sorted() {
		rows = append(rows, []any{t.name, ttlOf(t.ttl), "USING"}[:width])
	}
	return listed(cols[:width], rows), nil
}

// devices runs SHOW DEVICES and COUNT DEVICES.
func (s *Session) devices(ctx context.Context, b show, args []any) (*Result, error) {
	n, err := s.qualified(b.from)
	if err != nil {
		return nil, err
	}
	var q fragment
	r := &Result{}
	err = func() error {
		s.store.mu.RLock()
		defer s.store.mu.RUnlock()
		t, missing := s.store.find(n)
		if missing != nil {
			return missing
		}
		scope := fieldScope(t, t.devices(), catTag, catAttribute)
		names := []string{"count(*)"}
		r.Columns = []Column{{"count(devices)", datatype.Int64}}
		if !b.count {
			names, r.Columns = nil, nil
			for _, c := range scope {
				names = append(names, c.x.sql)
				r.Columns = append(r.Columns, Column{c.name, c.typ})
			}
		}
		if names == nil { // a table without tags has one device, without a name
			names, r.Columns = []string{"NULL"}, []Column{{"", datatype.String}}
		}
		text := "select " + strings.Join(names, ", ")
		q = fragment{sql: text + " from " + t.devices()}
		if b.where != nil {
			c := &compiler{session: s, args: args, now: time.Now()}
			q = compose("%s where %s", q, c.boolean(b.where, scope, "WHERE clause").fragment)
		}
		return nil
	}()
	if err != nil {
		return nil, err
	}
	for i, c := range r.Columns {
		r.Blocks, r.Index = append(r.Blocks, c.Type), append(r.Index, int32(i))
	}
	if r.rows, err = s.store.db.Reader().QueryContext(ctx, q.sql, q.args...); err != nil {
		return nil, broken(ctx, err)
	}
	return r, nil
}

// schemaColumns are the tables of information_schema.
var schemaColumns = map[string][]Column{
	"databases": {
		{"database", datatype.String}, {"ttl(ms)", datatype.String}, {"schema_replication_factor", datatype.Int32},
		{"data_replication_factor", datatype.Int32}, {"time_partition_interval", datatype.Int64},
		{"schema_region_group_num", datatype.Int32}, {"data_region_group_num", datatype.Int32},
	},
	"tables":  columns(datatype.String, "database", "table_name", "ttl(ms)", "status"),
	"columns": columns(datatype.String, "database", "table_name", "column_name", "datatype", "category", "status"),
	"queries": {
		{"query_id", datatype.String}, {"start_time", datatype.Timestamp}, {"datanode_id", datatype.Int32},
		{"elapsed_time", datatype.Float}, {"statement", datatype.String},
	},
}

// information is a table of information_schema.
func (c *compiler) information(table, alias, sqlAlias string) (fragment, []scoped) {
	list, ok := schemaColumns[table]
	if !ok {
		panic(fail(CodeNoTable, "Table 'information_schema.%s' does not exist.", table))
	}
	var scope []scoped
	for _, col := range list {
		scope = append(scope, scoped{name: col.Name, typ: col.Type})
	}
	store := c.session.store
	var rows [][]any
	switch table {
	case "databases":
		rows = append(rows, []any{"information_schema", "INF", nil, nil, nil, nil, nil})
		for _, d := range store.sorted() {
			rows = append(rows, []any{d.name, "INF", 1, 1, weekMillis, 1, 1})
		}
	case "tables":
		for _, name := range []string{"databases", "tables", "columns", "queries"} {
			rows = append(rows, []any{"information_schema", name, "INF", "USING"})
		}
		for _, d := range store.sorted() {
			for _, t := range d.sorted() {
				rows = append(rows, []any{d.name, t.name, ttlOf(t.ttl), "USING"})
			}
		}
	case "columns":
		for _, d := range store.sorted() {
			for _, t := range d.sorted() {
				for _, f := range t.columns {
					rows = append(rows, []any{d.name, t.name, f.name, f.typ.String(), f.category.String(), "USING"})
				}
			}
		}
	case "queries":
		for _, q := range store.Running() {
			ts, _ := store.timestamp(q.Started)
			rows = append(rows, []any{q.ID, ts, 1, time.Since(q.Started).Seconds(), q.Statement})
		}
	}
	return virtual(alias, sqlAlias, scope, rows)
}
