package sabotage

import (
	"context"
	sqldriver "database/sql/driver"
	"reflect"
)

// Hooks are called in place of the driver's methods; next is the method itself.
// A nil hook changes nothing.
type Hooks struct {
	Connect        func(ctx context.Context, next func(context.Context) (sqldriver.Conn, error)) (sqldriver.Conn, error)
	CloseConnector func(next func() error) error

	CloseConn func(c *Conn, next func() error) error
	Ping      func(ctx context.Context, c *Conn, next func(context.Context) error) error
	Reset     func(ctx context.Context, c *Conn, next func(context.Context) error) error
	Valid     func(c *Conn, next func() bool) bool
	Begin     func(ctx context.Context, options sqldriver.TxOptions, next func(context.Context, sqldriver.TxOptions) (sqldriver.Tx, error)) (sqldriver.Tx, error)
	Check     func(c *Conn, v *sqldriver.NamedValue, next func(*sqldriver.NamedValue) error) error

	// Extension sets *target, a pointer to an interface of package driver, and
	// returns true to stand in for the connection's own.
	Extension func(c *Conn, target any) bool

	// Exec and Query are for plain and prepared statements.
	Exec  func(ctx context.Context, call *Call, next func(context.Context, *Call) (sqldriver.Result, error)) (sqldriver.Result, error)
	Query func(ctx context.Context, call *Call, next func(context.Context, *Call) (sqldriver.Rows, error)) (sqldriver.Rows, error)

	Prepare   func(ctx context.Context, c *Conn, query string, next func(context.Context, string) (sqldriver.Stmt, error)) (sqldriver.Stmt, error)
	CloseStmt func(s *Stmt, next func() error) error
	NumInput  func(n int) int

	Columns    func(names []string) []string
	Next       func(r *Rows, dest []sqldriver.Value, next func([]sqldriver.Value) error) error
	CloseRows  func(r *Rows, next func() error) error
	NextResult func(r *Rows) bool
	Metadata   func(r *Rows, m *Metadata)
}

// Call is a statement on its way.
type Call struct {
	Conn *Conn
	// Query is the text. A prepared statement has its own; a change is not seen.
	Query string
	Args  []sqldriver.NamedValue
	// Prepared is nil for a plain statement.
	Prepared *Stmt
}

// Metadata describes a column as the RowsColumnType interfaces do.
type Metadata struct {
	Name             string
	DatabaseType     string
	Scan             reflect.Type
	Length           int64
	HasLength        bool
	Nullable, Known  bool
	Precision, Scale int64
	HasDecimal       bool
}
