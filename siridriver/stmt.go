package siridriver

import (
	"context"
	sqldriver "database/sql/driver"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver/internal/cluster"
	"github.com/gaugesql/gaugesql/siridriver/internal/query"
)

// stmt is a statement that has been read once. SiriDB knows no prepared
// statements, so nothing is kept on the server.
type stmt struct {
	conn      *conn
	statement *query.Statement
	closed    bool
}

var (
	_ sqldriver.Stmt              = (*stmt)(nil)
	_ sqldriver.StmtExecContext   = (*stmt)(nil)
	_ sqldriver.StmtQueryContext  = (*stmt)(nil)
	_ sqldriver.NamedValueChecker = (*stmt)(nil)
)

// PrepareContext implements [sqldriver.ConnPrepareContext] without a round trip.
func (c *conn) PrepareContext(ctx context.Context, text string) (sqldriver.Stmt, error) {
	id := driver.RequestID(ctx)
	if c.closed {
		return nil, wrong(driver.ErrInterface, opPrepare, id, "the connection is closed")
	}
	if err := ctx.Err(); err != nil {
		return nil, &driver.Error{Kind: driver.ErrOperational, Engine: cluster.Engine, Op: opPrepare, RequestID: id, Err: err}
	}
	s, err := query.Parse(text)
	if err != nil {
		return nil, refusal(opPrepare, id, err)
	}
	return &stmt{conn: c, statement: s}, nil
}

// Prepare implements [sqldriver.Conn].
func (c *conn) Prepare(text string) (sqldriver.Stmt, error) {
	return c.PrepareContext(context.Background(), text)
}

// NumInput implements [sqldriver.Stmt].
func (s *stmt) NumInput() int { return s.statement.Args }

// CheckNamedValue implements [sqldriver.NamedValueChecker].
func (s *stmt) CheckNamedValue(v *sqldriver.NamedValue) error { return checkValue(v) }

// ExecContext implements [sqldriver.StmtExecContext].
func (s *stmt) ExecContext(ctx context.Context, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	id := driver.RequestID(ctx)
	if s.closed {
		return nil, wrong(driver.ErrInterface, opExec, id, "the statement is closed")
	}
	return s.conn.execStatement(ctx, id, s.statement, args)
}

// QueryContext implements [sqldriver.StmtQueryContext].
func (s *stmt) QueryContext(ctx context.Context, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	id := driver.RequestID(ctx)
	if s.closed {
		return nil, wrong(driver.ErrInterface, opQuery, id, "the statement is closed")
	}
	return s.conn.queryStatement(ctx, id, s.statement, args)
}

// Exec implements [sqldriver.Stmt].
func (s *stmt) Exec(args []sqldriver.Value) (sqldriver.Result, error) {
	return s.ExecContext(context.Background(), named(args))
}

// Query implements [sqldriver.Stmt].
func (s *stmt) Query(args []sqldriver.Value) (sqldriver.Rows, error) {
	return s.QueryContext(context.Background(), named(args))
}

// Close implements [sqldriver.Stmt].
func (s *stmt) Close() error {
	s.closed = true
	return nil
}

func named(args []sqldriver.Value) []sqldriver.NamedValue {
	list := make([]sqldriver.NamedValue, len(args))
	for i, v := range args {
		list[i] = sqldriver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return list
}
