package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// treeShow reads what follows SHOW in the tree model.
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
