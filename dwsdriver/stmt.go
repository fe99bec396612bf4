package dwsdriver

import (
	"context"
	sqldriver "database/sql/driver"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/session"
)

// stmt is a prepared statement: the server keeps it until Close, and beyond that
// while the connection's cache does.
type stmt struct {
	c        *conn
	prepared *session.Prepared
	closed   bool
}

var (
	_ sqldriver.Stmt              = (*stmt)(nil)
	_ sqldriver.StmtExecContext   = (*stmt)(nil)
	_ sqldriver.StmtQueryContext  = (*stmt)(nil)
	_ sqldriver.NamedValueChecker = (*stmt)(nil)
)

// PrepareContext implements [sqldriver.ConnPrepareContext]: the server parses the
// statement, unless the connection has it in its cache.
func (c *conn) PrepareContext(ctx context.Context, query string) (sqldriver.Stmt, error) {
	id, _ := driver.RequestIDFrom(ctx)
	p, err := c.session.Prepare(ctx, query)
	if err != nil {
		return nil, gate(c.fail(opPrepare, id, ctx, err))
	}
	return &stmt{c: c, prepared: p}, nil
}

// Prepare implements [sqldriver.Conn].
func (c *conn) Prepare(query string) (sqldriver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// NumInput implements [sqldriver.Stmt].
func (s *stmt) NumInput() int { return s.prepared.Args() }

// CheckNamedValue implements [sqldriver.NamedValueChecker].
func (s *stmt) CheckNamedValue(v *sqldriver.NamedValue) error { return s.c.CheckNamedValue(v) }

// ExecContext implements [sqldriver.StmtExecContext].
func (s *stmt) ExecContext(ctx context.Context, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	id, _ := driver.RequestIDFrom(ctx)
	if s.closed {
		return nil, s.closedError(opExec, id)
	}
	var out session.Outcome
	err := s.c.repeat(ctx, opExec, id, s.prepared.Text(), func() (err error) {
		out, err = s.prepared.Exec(ctx, s.c.comment(id), args)
		return err
	})
	if err != nil {
		return nil, err
	}
	return result{out.Rows, out.Tag}, nil
}

// QueryContext implements [sqldriver.StmtQueryContext].
func (s *stmt) QueryContext(ctx context.Context, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	id, _ := driver.RequestIDFrom(ctx)
	if s.closed {
		return nil, s.closedError(opQuery, id)
	}
	var q *session.Result
	err := s.c.repeat(ctx, opQuery, id, s.prepared.Text(), func() (err error) {
		q, err = s.prepared.Query(ctx, s.c.comment(id), args)
		return err
	})
	if err != nil {
		return nil, err
	}
	r := newRows(s.c, q, ctx, id)
	if fetches(s.prepared.Text()) {
		if err := r.readAhead(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Exec implements [sqldriver.Stmt].
func (s *stmt) Exec(args []sqldriver.Value) (sqldriver.Result, error) {
	return s.ExecContext(context.Background(), numbered(args))
}

// Query implements [sqldriver.Stmt].
func (s *stmt) Query(args []sqldriver.Value) (sqldriver.Rows, error) {
	return s.QueryContext(context.Background(), numbered(args))
}

// Close implements [sqldriver.Stmt]. It costs no round trip.
func (s *stmt) Close() error {
	s.closed = true
	s.prepared.Close()
	return nil
}

func (s *stmt) closedError(op string, id uint64) error {
	return wrong(driver.ErrInterface, op, id, "the statement is closed")
}

func numbered(args []sqldriver.Value) []sqldriver.NamedValue {
	named := make([]sqldriver.NamedValue, len(args))
	for i, arg := range args {
		named[i] = sqldriver.NamedValue{Ordinal: i + 1, Value: arg}
	}
	return named
}
