package store

import (
	"slices"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

func (s *Session) createDatabase(b createDatabase) error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	if s.store.databases[b.name] != nil || b.name == "information_schema" {
		if b.ifNot {
			return nil
		}
		return fail(CodeDatabaseExists, "Database %s already exists", b.name)
	}
	s.store.databases[b.name] = &database{b.name, map[string]*table{}}
	return nil
}

func (s *Session) dropDatabase(b dropDatabase) error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	d := s.store.databases[b.name]
	if d == nil {
		if b.ifExists {
			return nil
		}
		return fail(CodeNoDatabase, "Database %s doesn't exist", b.name)
	}
	delete(s.store.databases, b.name)
	return s.store.dropTables(d.sorted()...)
}

func (s *Session) createTable(b createTable) error {
	n, err := s.qualified(b.name)
	if err != nil {
		return err
	}
	var fields []*field
	seen := map[string]bool{"time": true}
	for _, d := range b.columns {
		if d.name == "time" && (d.category == "time" || d.typ == datatype.Timestamp && d.category == "") {
			continue
		}
		f, err := d.field()
		if err != nil {
			return err
		}
		if seen[f.name] {
			return fail(CodeSemantic, "Columns in table shall not share the same name %s.", f.name)
		}
		seen[f.name] = true
		fields = append(fields, f)
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	d := s.store.databases[n.database]
	if d == nil {
		return fail(CodeNoDatabase, "Unknown database %s", n.database)
	}
	if d.tables[n.table] != nil {
		if b.ifNot {
			return nil
		}
		return fail(CodeTableExists, "Table '%s.%s' already exists.", n.database, n.table)
	}
	_, err = s.store.newTable(d, n.table, b.ttl, fields)
	return err
}

// field checks the definition of a column.
func (d *definition) field() (*field, error) {
	if !d.typ.Column() {
		return nil, fail(CodeSemantic, "Unknown type: %s", d.typeName)
	}
	f := &field{name: d.name, typ: d.typ, category: catField}
	switch d.category {
	case "tag":
		f.category = catTag
	case "attribute":
		f.category = catAttribute
	case "time":
		if d.typ != datatype.Timestamp {
			return nil, fail(CodeSemantic, "The time column's type shall be 'timestamp'.")
		}
		return nil, fail(CodeSemantic, "The time column's name shall be 'time'.")
	}
	if f.category != catField && !textual(f.typ) {
		return nil, fail(CodeSemantic, "DataType of %s Column should only be STRING, current is %s", f.category, f.typ)
	}
	return f, nil
}

func (s *Session) dropTable(b dropTable) error {
	n, err := s.qualified(b.name)
	if err != nil {
		return err
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	t, missing := s.store.find(n)
	if missing != nil {
		if b.ifExists {
			return nil
		}
		return missing
	}
	delete(s.store.databases[n.database].tables, n.table)
	return s.store.dropTables(t)
}

// alter runs f with a table, under the lock.
func (s *Session) alter(n name, ifExists bool, f func(*table) error) error {
	n, err := s.qualified(n)
	if err != nil {
		return err
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	t, missing := s.store.find(n)
	if missing != nil {
		if ifExists {
			return nil
		}
		return missing
	}
	return f(t)
}

func (s *Session) addColumn(b addColumn) error {
	f, err := b.column.field()
	if err != nil {
		return err
	}
	return s.alter(b.name, b.ifExists, func(t *table) error {
		if t.field(f.name) != nil {
			if b.ifNot {
				return nil
			}
			return fail(CodeColumnExists, "Column '%s' already exist", f.name)
		}
		return s.store.addField(t, f)
	})
}

func (s *Session) dropColumn(b dropColumn) error {
	return s.alter(b.name, b.ifExists, func(t *table) error {
		f := t.field(b.column)
		switch {
		case f == nil && b.colExists:
			return nil
		case f == nil:
			return fail(CodeNoColumn, "Column %s in table '%s' does not exist.", b.column, t.name)
		case f.category == catTime || f.category == catTag:
			return fail(CodeSemantic, "Dropping tag or time column is not supported.")
		}
		// What SQLite keeps of it is never seen again: numbers are not used twice.
		t.columns = slices.DeleteFunc(t.columns, func(other *field) bool { return other == f })
		return nil
	})
}

func (s *Session) setTTL(b setTTL) error {
	return s.alter(b.name, false, func(t *table) error {
		t.ttl = b.ttl
		return nil
	})
}
