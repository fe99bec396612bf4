package conformance

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Dialect is how an engine writes the statements of the checks. Every table has
// a key column, which a time-series database needs, and columns of its own.
// A nil function has the default that its comment tells.
type Dialect struct {
	// Key is the first column of every table.
	Key Key
	// Types are the column types, each with values to write and read back. The first
	// of a sort is what the checks use that need a column of that sort.
	Types []Type

	// Create makes the table with its key and the columns; empty if the first insert
	// does. Default: CREATE TABLE table (key KEYTYPE, column TYPE, ...).
	Create func(table string, columns []Column) string
	// Path is the table's name as extensions take it. Default: the name.
	Path func(table string) string
	// Drop removes the table. Default: DROP TABLE table.
	Drop func(table string) string
	// Insert writes rows, whose values are literals or placeholders. The first
	// column is the key. Default: INSERT INTO table (columns) VALUES (...), (...).
	Insert func(table string, columns []string, rows ...[]string) string
	// Select reads columns of the rows that the condition holds for, in the order
	// of the key; where may be empty. Default: SELECT columns FROM table
	// WHERE where ORDER BY key.
	Select func(table string, columns []string, where string) string
	// OneColumn: a table has its key and one column, v, as a series has.
	OneColumn bool
	// Leading is the number of columns that the results of Select have before those
	// asked for, such as the series and the time of a point.
	Leading int
	// Delete removes the row with the key, a literal. nil: rows cannot be deleted.
	Delete func(table, key string) string

	// Placeholder returns the n-th placeholder, counted from 1. Default: "?".
	Placeholder func(n int) string
	// Quote returns the name as an identifier that may hold any text. nil: there
	// is no such thing.
	Quote func(name string) string
	// Text returns the text as a literal. Default: in single quotes, those inside
	// doubled.
	Text func(s string) string
	// Comments are comments that hold the text "?" or a quote, each with whatever ends it:
	// "/* ? */", "-- it's ?\n".
	Comments []string
	// QueryComments tells that comments are taken in queries and not in an INSERT.
	QueryComments bool

	// LongText is the length in bytes of the longest text that the suite may write
	// into a column of the type LongTextDDL.
	LongText    int
	LongTextDDL string

	// Slow returns a query of one row that takes that long on the server.
	Slow func(d time.Duration) string
	// Large returns a query of n rows whose last two columns are the numbers 0 to n-1
	// and a text of about 200 bytes, with the marker in its text as a comment or a
	// condition. nil: the suite writes the rows into a table.
	Large func(n int, marker string) string
	// Sessions are the things that a statement changes for those that follow it on
	// the connection.
	Sessions []Session

	// SyntaxError is a statement that no server accepts. Default: "SELEKT FORM WO".
	SyntaxError string
	// Mistakes returns statements that must be refused as programming errors beside
	// SyntaxError. Default: a Select of a table, and one of a column, that do not exist.
	Mistakes func(table string) map[string]string
	// CreateAgain: creating a table that exists is an error.
	CreateAgain bool
	// FoldsNames: the engine changes letters of column names and aliases.
	FoldsNames bool
}

// Key describes the key column of the checks' tables.
type Key struct {
	// Name. Default: "k".
	Name string
	// Type as CREATE TABLE spells it.
	Type string
	// Value returns the key of row n as an argument; keys of different n differ and
	// are in the order of n.
	Value func(n int) any
	// Literal returns it as a literal.
	Literal func(n int) string
}

// Column is a column to be created.
type Column struct {
	Name string
	// Type as CREATE TABLE spells it.
	Type string
}

// Session is one piece of a session's state.
type Session struct {
	// Name in words: "current database".
	Name string
	// Setup are statements that make Change possible. They may run more than once.
	Setup []string
	// Change is the statement that changes the state.
	Change string
	// Probe is a query of one row and one column that shows the state.
	Probe string
}

// Sort says what a type is for.
type Sort string

// The sorts of types.
const (
	Integer  Sort = "integer"  // 64 bits, signed
	Unsigned Sort = "unsigned" // 64 bits, unsigned
	Double   Sort = "double"   // IEEE 754, 64 bits
	Float    Sort = "float"    // IEEE 754, 32 bits
	Bool     Sort = "bool"
	Text     Sort = "text"    // any Unicode text of 200 bytes at least
	Bytes    Sort = "bytes"   // any bytes, 256 at least
	Time     Sort = "time"    // instants
	Decimal  Sort = "decimal" // exact decimal numbers, as text
	JSON     Sort = "json"
	Other    Sort = "other" // seen by the checks that go through all types
)

// Type is a column type and what must come out of a column of it.
type Type struct {
	// DDL as CREATE TABLE spells it: "VARCHAR(200)".
	DDL string
	// Sort of the values.
	Sort Sort
	// Samples are values of the type: ordinary ones and both ends of the range.
	Samples []Sample
	// Refuses are arguments that must be refused, since the type cannot hold them.
	Refuses []any
	// NotNull: the column cannot hold NULL.
	NotNull bool
	// TimePrecision is the finest step of a Time. Default: 1 ns.
	TimePrecision time.Duration

	// Setup returns the statements that make the table with the column "v" of this
	// type, where [Dialect.Create] cannot. Store then returns the statement that
	// writes row n with the literal.
	Setup func(table string) []string
	Store func(table string, n int, literal string) string

	// DatabaseType is what ColumnType.DatabaseTypeName says.
	DatabaseType string
	// Scan is what ColumnType.ScanType says. nil: not compared.
	Scan reflect.Type
	// Length is what ColumnType.Length says; 0: it says that there is none.
	Length int64
	// Precision and Scale are what ColumnType.DecimalSize says; both 0: it says
	// that there is none.
	Precision, Scale int64
	// Nullable is what ColumnType.Nullable says. Default: not compared.
	Nullable Nullable
}

// Nullable is what a column's metadata tells about NULL.
type Nullable int

// The answers of ColumnType.Nullable.
const (
	NotCompared  Nullable = iota
	CanBeNull             // true, true
	CannotBeNull          // false, true
	NotKnown              // _, false
)

// Sample is a value of a type.
type Sample struct {
	// Literal that writes it. Empty: there is none, it is written as an argument.
	Literal string
	// Value that writes it as an argument. nil: it is written as a literal only.
	Value any
	// Want is what comes out, as a Go type that the value can be scanned into.
	// Default: Value.
	Want any
}

func (s Sample) want() any {
	if s.Want != nil {
		return s.Want
	}
	return s.Value
}

func (s Sample) String() string {
	if s.Literal != "" {
		return clip(s.Literal)
	}
	return clip(fmt.Sprintf("%T %v", s.Value, s.Value))
}

func (d *Dialect) typeOf(s Sort) (Type, bool) {
	for _, t := range d.Types {
		if t.Sort == s {
			return t, true
		}
	}
	return Type{}, false
}

func (d *Dialect) key() string {
	if d.Key.Name != "" {
		return d.Key.Name
	}
	return "k"
}

func (d *Dialect) create(table string, columns []Column) string {
	if d.Create != nil {
		return d.Create(table, columns)
	}
	parts := []string{d.key() + " " + d.Key.Type}
	for _, c := range columns {
		parts = append(parts, c.Name+" "+c.Type)
	}
	return fmt.Sprintf("CREATE TABLE %s (%s)", table, strings.Join(parts, ", "))
}

func (d *Dialect) path(table string) string {
	if d.Path != nil {
		return d.Path(table)
	}
	return table
}

func (d *Dialect) drop(table string) string {
	if d.Drop != nil {
		return d.Drop(table)
	}
	return "DROP TABLE " + table
}

func (d *Dialect) insert(table string, columns []string, rows ...[]string) string {
	columns = append([]string{d.key()}, columns...)
	if d.Insert != nil {
		return d.Insert(table, columns, rows...)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "INSERT INTO %s (%s) VALUES ", table, strings.Join(columns, ", "))
	for i, row := range rows {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(" + strings.Join(row, ", ") + ")")
	}
	return b.String()
}

// insertArgs is an insert of one row with a placeholder for the key and for
// each column.
func (d *Dialect) insertArgs(table string, columns ...string) string {
	row := make([]string, len(columns)+1)
	for i := range row {
		row[i] = d.placeholder(i + 1)
	}
	return d.insert(table, columns, row)
}

func (d *Dialect) selects(table string, columns []string, where string) string {
	if d.Select != nil {
		return d.Select(table, columns, where)
	}
	if where != "" {
		where = " WHERE " + where
	}
	return fmt.Sprintf("SELECT %s FROM %s%s ORDER BY %s", strings.Join(columns, ", "), table, where, d.key())
}

func (d *Dialect) placeholder(n int) string {
	if d.Placeholder != nil {
		return d.Placeholder(n)
	}
	return "?"
}

func (d *Dialect) text(s string) string {
	if d.Text != nil {
		return d.Text(s)
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// mistakes are wrong statements by what is wrong with them.
func (d *Dialect) mistakes(table, unknown string) map[string]string {
	if d.Mistakes != nil {
		return d.Mistakes(table)
	}
	return map[string]string{
		"unknown table":  d.selects(unknown, []string{"v"}, ""),
		"unknown column": d.selects(table, []string{"no_such_column"}, ""),
	}
}

func (d *Dialect) syntaxError() string {
	if d.SyntaxError != "" {
		return d.SyntaxError
	}
	return "SELEKT FORM WO"
}

// clip shortens a text for a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return s
}
