// Package catalog holds the databases and tables of the embedded store. Nothing in it locks:
// whoever changes it excludes everybody else. Slices of a Table are replaced, never written to, so
// that one taken under a lock stays valid after it.
package catalog

import (
	"sort"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// Catalog is the set of databases.
type Catalog struct {
	databases map[string]*Database
	lastID    int64
}

// Database is one database.
type Database struct {
	Name      string
	Precision block.Precision
	Keep      time.Duration // how far back a timestamp may lie
	Created   time.Time
	VGroups   int // how many logs the tables are spread over
	tables    map[string]*Table
}

// Kind is the kind of a table.
type Kind uint8

// The kinds of tables.
const (
	Normal Kind = iota
	Super
	Child
)

// Column is a column or a tag. ID names it in the table's storage and stays when others come and
// go.
type Column struct {
	block.Field
	ID                      int
	Encode, Compress, Level string
}

// Table is a table of any kind. Columns[0] is the primary timestamp. Tags are those of a super
// table, also seen through its children.
type Table struct {
	ID       int64
	Name     string
	Database *Database
	Kind     Kind
	Columns  []Column
	Tags     []Column
	Parent   *Table // of a child
	Values   []any  // of a child: a value a tag
	Created  time.Time
	Summed   []string // of a super table: the columns in SHOW CREATE TABLE's SMA, those it was made with

	children map[string]*Table
	lastCol  int
}

// New returns an empty catalogue.
func New() *Catalog { return &Catalog{databases: map[string]*Database{}} }

// Database finds a database.
func (c *Catalog) Database(name string) (*Database, error) {
	if d := c.databases[name]; d != nil {
		return d, nil
	}
	return nil, sqlerr.ErrDatabaseNotExist
}

// Databases lists the databases by name.
func (c *Catalog) Databases() []*Database {
	return sorted(c.databases, func(d *Database) string { return d.Name })
}

// AddDatabase adds a database, whose name must be free.
func (c *Catalog) AddDatabase(d *Database) {
	d.tables = map[string]*Table{}
	c.databases[d.Name] = d
}

// DropDatabase removes a database.
func (c *Catalog) DropDatabase(name string) { delete(c.databases, name) }

// Table finds a table.
func (d *Database) Table(name string) (*Table, error) {
	if t := d.tables[name]; t != nil {
		return t, nil
	}
	return nil, sqlerr.ErrTableNotExist
}

// Tables lists the tables by name, children included.
func (d *Database) Tables() []*Table {
	return sorted(d.tables, func(t *Table) string { return t.Name })
}

// NewID is the number of a table to be added.
func (c *Catalog) NewID() int64 {
	c.lastID++
	return c.lastID
}

// Add puts a table into its database. It has a number of NewID and its columns are numbered from 0;
// the name must be free.
func (c *Catalog) Add(t *Table) {
	t.lastCol = len(t.Columns)
	if t.Kind == Super {
		t.children = map[string]*Table{}
	}
	if t.Parent != nil {
		t.Parent.children[t.Name] = t
	}
	t.Database.tables[t.Name] = t
}

// Remove takes a table out of its database, with its children.
func (c *Catalog) Remove(t *Table) {
	for name := range t.children {
		delete(t.Database.tables, name)
	}
	if t.Parent != nil {
		delete(t.Parent.children, t.Name)
	}
	delete(t.Database.tables, t.Name)
}

// Children lists the child tables of a super table by name.
func (t *Table) Children() []*Table {
	return sorted(t.children, func(t *Table) string { return t.Name })
}

// Shape is the table that holds columns and storage: the super table of a child, else the table
// itself.
func (t *Table) Shape() *Table {
	if t.Parent != nil {
		return t.Parent
	}
	return t
}

// FindColumn is the place of a column among Columns, -1 if there is none.
func (t *Table) FindColumn(name string) int { return find(t.Shape().Columns, name) }

// FindTag is the place of a tag among Tags, -1 if there is none.
func (t *Table) FindTag(name string) int { return find(t.Shape().Tags, name) }

func find(cols []Column, name string) int {
	for i := range cols {
		if cols[i].Name == name {
			return i
		}
	}
	return -1
}

// NextColumn is the number of a column to be added.
func (t *Table) NextColumn() int {
	t.lastCol++
	return t.lastCol - 1
}

// AddColumn appends a column, which has a number of NextColumn.
func (t *Table) AddColumn(col Column) {
	t.Columns = append(t.Columns[:len(t.Columns):len(t.Columns)], col)
}

// DropColumn removes a column.
func (t *Table) DropColumn(i int) { t.Columns = without(t.Columns, i) }

// SetColumn replaces a column's definition; it keeps its number.
func (t *Table) SetColumn(i int, col Column) { t.Columns = with(t.Columns, i, col) }

// AddTag appends a tag; children have NULL for it.
func (t *Table) AddTag(tag Column) {
	t.Tags = append(t.Tags[:len(t.Tags):len(t.Tags)], tag)
	for _, c := range t.children {
		c.Values = append(c.Values[:len(c.Values):len(c.Values)], nil)
	}
}

// DropTag removes a tag and the children's values of it.
func (t *Table) DropTag(i int) {
	t.Tags = without(t.Tags, i)
	for _, c := range t.children {
		c.Values = without(c.Values, i)
	}
}

// SetTag replaces a tag's definition.
func (t *Table) SetTag(i int, tag Column) { t.Tags = with(t.Tags, i, tag) }

// SetValue replaces a child's value of a tag.
func (t *Table) SetValue(i int, v any) { t.Values = with(t.Values, i, v) }

func without[T any](list []T, i int) []T {
	return append(append(make([]T, 0, len(list)-1), list[:i]...), list[i+1:]...)
}

func with[T any](list []T, i int, v T) []T {
	list = append([]T(nil), list...)
	list[i] = v
	return list
}

func sorted[T any](m map[string]T, name func(T) string) []T {
	list := make([]T, 0, len(m))
	for _, v := range m {
		list = append(list, v)
	}
	sort.Slice(list, func(i, j int) bool { return name(list[i]) < name(list[j]) })
	return list
}
