package store

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/internal/embedded"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// Store holds the databases of a server. Sessions of it run on any number of
// goroutines, each of them on one at a time.
type Store struct {
	// Running lists the queries that run, for information_schema.queries.
	Running func() []Running

	precision string
	units     int64 // of timestamps in a second

	db *embedded.Database

	mu        sync.RWMutex
	databases map[string]*database
	tree      *database // devices by their paths
	treeNames map[string]bool
	serial    int64
}

// Running is a query that runs.
type Running struct {
	ID        string
	Started   time.Time
	Statement string
}

type database struct {
	name   string
	tables map[string]*table
}

type table struct {
	id      int64
	name    string
	ttl     string
	columns []*field // in the order of DESCRIBE, time first
	serial  int      // of columns
	aligned bool     // of the tree model
}

type category uint8

const (
	catTag category = iota
	catField
	catAttribute
	catTime
)

var categoryNames = [...]string{"TAG", "FIELD", "ATTRIBUTE", "TIME"}

func (c category) String() string { return categoryNames[c] }

// field is a column of a table.
type field struct {
	id       int // 0 is time
	name     string
	typ      datatype.Type
	category category
}

// sql is the column's name in SQLite.
func (f *field) sql() string {
	if f.id == 0 {
		return "time"
	}
	return fmt.Sprintf("c%d", f.id)
}

func (t *table) rows() string    { return fmt.Sprintf("t%d", t.id) }
func (t *table) devices() string { return fmt.Sprintf("d%d", t.id) }

func (t *table) field(name string) *field {
	for _, f := range t.columns {
		if f.name == name {
			return f
		}
	}
	return nil
}

func (t *table) of(c category) []*field {
	var list []*field
	for _, f := range t.columns {
		if f.category == c {
			list = append(list, f)
		}
	}
	return list
}

// New makes an empty store whose timestamps are in "ms", "us" or "ns".
func New(precision string) (*Store, error) {
	units := map[string]int64{"ms": 1e3, "us": 1e6, "ns": 1e9}[precision]
	if units == 0 {
		return nil, fmt.Errorf("precision %q is none of ms, us, ns", precision)
	}
	if err := register(); err != nil {
		return nil, err
	}
	db, err := embedded.Open()
	if err != nil {
		return nil, err
	}
	return &Store{
		Running:   func() []Running { return nil },
		precision: precision, units: units, db: db, databases: map[string]*database{},
		tree: &database{tables: map[string]*table{}}, treeNames: map[string]bool{},
	}, nil
}

// Close removes everything.
func (s *Store) Close() error { return s.db.Close() }

// CreateDatabase makes a database of the table model unless it is there.
func (s *Store) CreateDatabase(name string) error {
	return (&Session{store: s}).createDatabase(createDatabase{strings.ToLower(name), true})
}

// Units is the number of timestamp units in a second.
func (s *Store) Units() int64 { return s.units }

// Precision is the unit's name.
func (s *Store) Precision() string { return s.precision }

// find returns a table; the caller holds the lock.
func (s *Store) find(n name) (*table, *Error) {
	if d := s.databases[n.database]; d != nil {
		if t := d.tables[n.table]; t != nil {
			return t, nil
		}
	}
	return nil, fail(CodeNoTable, "Table '%s.%s' does not exist.", n.database, n.table)
}

// HasDatabase reports whether a database of the table model exists.
func (s *Store) HasDatabase(name string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.databases[name] != nil
}

func (s *Store) sorted() []*database {
	return slices.SortedFunc(maps.Values(s.databases), func(a, b *database) int { return cmp.Compare(a.name, b.name) })
}

func (d *database) sorted() []*table {
	return slices.SortedFunc(maps.Values(d.tables), func(a, b *table) int { return cmp.Compare(a.name, b.name) })
}

// newTable makes a table; the caller holds the lock for writing.
func (s *Store) newTable(d *database, name, ttl string, columns []*field) (*table, error) {
	s.serial++
	t := &table{id: s.serial, name: name, ttl: ttl, columns: []*field{{name: "time", typ: datatype.Timestamp, category: catTime}}}
	for _, statement := range []string{
		"create table " + t.rows() + " (dev text not null, time integer not null, primary key (dev, time)) without rowid",
		"create table " + t.devices() + " (dev text not null primary key) without rowid",
	} {
		if _, err := s.db.Writer().Exec(statement); err != nil {
			return nil, err
		}
	}
	for _, f := range columns {
		if err := s.addField(t, f); err != nil {
			return nil, err
		}
	}
	d.tables[name] = t
	return t, nil
}

func (s *Store) addField(t *table, f *field) error {
	t.serial++
	f.id = t.serial
	var in []string
	if f.category != catAttribute {
		in = append(in, t.rows())
	}
	if f.category != catField {
		in = append(in, t.devices())
	}
	for _, storage := range in {
		if _, err := s.db.Writer().Exec("alter table " + storage + " add column " + f.sql()); err != nil {
			return err
		}
	}
	t.columns = append(t.columns, f)
	return nil
}

func (s *Store) dropTables(tables ...*table) error {
	for _, t := range tables {
		if _, err := s.db.Writer().Exec("drop table " + t.rows() + "; drop table " + t.devices()); err != nil {
			return err
		}
	}
	return nil
}
