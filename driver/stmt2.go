package driver

import (
	"context"
	sqldriver "database/sql/driver"
)

// Stmt2Preparer prepares statements for columnar binding (TDengine's stmt2).
type Stmt2Preparer interface {
	// PrepareStmt2 prepares an INSERT or a SELECT with at least one "?". In an
	// INSERT a "?" may stand for the table name, for tags and for columns.
	// Errors: ErrProgramming for the statement, ErrStatement for its use.
	PrepareStmt2(ctx context.Context, query string, options Stmt2Options) (Stmt2, error)
}

// Stmt2Options are those of the server's stmt2_init.
type Stmt2Options struct {
	// RequestID under which the statement is made; 0 asks for a generated one.
	RequestID uint64
	// SingleSuperTable promises that all tables are children of one super table.
	SingleSuperTable bool
	// BindTableOnce promises that a table is bound at most once before Exec.
	BindTableOnce bool
}

// Stmt2 is a prepared statement with columnar binding. It belongs to its
// connection and is used by one goroutine at a time.
type Stmt2 interface {
	// IsInsert tells an INSERT from a SELECT.
	IsInsert() bool
	// Fields describes the placeholders of an INSERT in the order of the text.
	// For a SELECT only their number is known.
	Fields() []Stmt2Field
	// Bind adds the rows of the tables to the batch; several calls add up. For a
	// SELECT it takes one table without a name whose columns have one row each.
	// Wrong types, lengths and counts are found before anything is sent and
	// reported as ErrStatement or ErrData with table, column and row.
	Bind(ctx context.Context, tables ...BindTable) error
	// BindArrays is Bind with independent arrays: names[i], tags[i], columns[i]
	// make one table. names or tags may be nil where the statement has none.
	BindArrays(ctx context.Context, names []string, tags [][]any, columns [][]Column) error
	// Exec runs the batch of an INSERT and returns the number of rows written.
	Exec(ctx context.Context) (int64, error)
	// Query runs a SELECT with the values bound. Close the rows before the next
	// call on the statement.
	Query(ctx context.Context) (sqldriver.Rows, error)
	// Close frees the statement on the server. It may be called twice.
	Close() error
}

// BindTable is the part of a batch that goes into one table.
type BindTable struct {
	// Name of the table, "db.table" or "table"; empty if the statement names it.
	Name string
	// Tags for tables created on the fly, one value a tag placeholder.
	Tags []any
	// Columns, one a column placeholder, all of the same length.
	Columns []Column
}

// Stmt2Field describes one placeholder.
type Stmt2Field struct {
	// Name of the column or tag; "tbname" for the table name.
	Name string
	// Role says what the placeholder stands for.
	Role Stmt2Role
	// DatabaseType is the type's name: "TIMESTAMP", "VARCHAR".
	DatabaseType string
	// Length is the storage length in bytes.
	Length int
	// Precision and Scale of a DECIMAL; Precision of a TIMESTAMP is its number
	// of fractional digits: 3, 6 or 9.
	Precision, Scale int
}

// Stmt2Role is what a placeholder stands for.
type Stmt2Role uint8

// The roles, with the numbers that stmt2_prepare reports as bind_type.
const (
	Stmt2Column    Stmt2Role = 1
	Stmt2Tag       Stmt2Role = 2
	Stmt2Query     Stmt2Role = 3
	Stmt2TableName Stmt2Role = 4
)
