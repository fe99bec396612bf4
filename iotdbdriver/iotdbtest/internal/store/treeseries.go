package store

import (
	"context"
	"slices"
	"strings"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// Databases, devices and series of the tree model.

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
