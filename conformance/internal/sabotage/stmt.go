package sabotage

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
)

// Stmt is a prepared statement with hooks.
type Stmt struct {
	Inner sqldriver.Stmt
	Conn  *Conn
	Text  string
	// State is the hooks' own.
	State any
}

func (s *Stmt) Close() error {
	if s.Conn.hooks.CloseStmt != nil {
		return s.Conn.hooks.CloseStmt(s, s.Inner.Close)
	}
	return s.Inner.Close()
}

func (s *Stmt) NumInput() int {
	if s.Conn.hooks.NumInput != nil {
		return s.Conn.hooks.NumInput(s.Inner.NumInput())
	}
	return s.Inner.NumInput()
}

func (s *Stmt) ExecContext(ctx context.Context, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	return s.Conn.exec(ctx, &Call{Conn: s.Conn, Query: s.Text, Args: args, Prepared: s})
}

func (s *Stmt) QueryContext(ctx context.Context, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	return s.Conn.query(ctx, &Call{Conn: s.Conn, Query: s.Text, Args: args, Prepared: s})
}

var errOld = errors.New("sabotage: database/sql uses the methods with a context")

func (s *Stmt) Exec([]sqldriver.Value) (sqldriver.Result, error) { return nil, errOld }
func (s *Stmt) Query([]sqldriver.Value) (sqldriver.Rows, error)  { return nil, errOld }
