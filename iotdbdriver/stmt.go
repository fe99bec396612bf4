package iotdbdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"

	"github.com/gaugesql/gaugesql/driver"
)

// stmt is a prepared statement: on the server where that can, otherwise its text,
// into which arguments are written.
type stmt struct {
	c      *conn
	query  string
	inputs int
	server *prepared // nil: its text
	closed bool
}

var (
	_ sqldriver.Stmt              = (*stmt)(nil)
	_ sqldriver.StmtExecContext   = (*stmt)(nil)
	_ sqldriver.StmtQueryContext  = (*stmt)(nil)
	_ sqldriver.NamedValueChecker = (*stmt)(nil)
)

// PrepareContext implements [sqldriver.ConnPrepareContext].
func (c *conn) PrepareContext(ctx context.Context, query string) (sqldriver.Stmt, error) {
	if c.closed {
		return nil, c.closedError(opPrepare)
	}
	id := driver.RequestID(ctx)
	if err := ctx.Err(); err != nil {
		return nil, c.session.link.Canceled(ctx, opPrepare, id, false)
	}
	query, err := c.single(opPrepare, id, query)
	if err != nil {
		return nil, err
	}
	_, inputs, err := c.connector.lexer().Marks(query)
	if err != nil {
		return nil, c.argumentError(opPrepare, id, err)
	}
	p, err := c.prepare(ctx, id, query, inputs)
	if err != nil {
		return nil, gate(err)
	}
	return &stmt{c: c, query: query, inputs: inputs, server: p}, nil
}

// Prepare implements [sqldriver.Conn].
func (c *conn) Prepare(query string) (sqldriver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// NumInput implements [sqldriver.Stmt].
func (s *stmt) NumInput() int { return s.inputs }

// CheckNamedValue implements [sqldriver.NamedValueChecker].
func (s *stmt) CheckNamedValue(v *sqldriver.NamedValue) error { return s.c.CheckNamedValue(v) }

// ExecContext implements [sqldriver.StmtExecContext].
func (s *stmt) ExecContext(ctx context.Context, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	id := driver.RequestID(ctx)
	r, err := s.run(ctx, opExec, id, args)
	if errors.Is(err, errText) {
		return s.c.exec(ctx, id, s.query, args)
	}
	if err != nil {
		return nil, gate(err)
	}
	return result{}, r.Close()
}

// QueryContext implements [sqldriver.StmtQueryContext].
func (s *stmt) QueryContext(ctx context.Context, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	id := driver.RequestID(ctx)
	r, err := s.run(ctx, opQuery, id, args)
	if errors.Is(err, errText) {
		return s.c.query(ctx, id, s.query, args)
	}
	if err != nil {
		return nil, gate(err)
	}
	return r, nil
}

// run runs what the server has prepared; errText asks for the text.
func (s *stmt) run(ctx context.Context, op string, id uint64, args []sqldriver.NamedValue) (*rows, error) {
	if err := s.usable(); err != nil {
		return nil, err
	}
	if s.server == nil || len(args) != s.inputs {
		return nil, errText
	}
	return s.c.runPrepared(ctx, op, id, s.server, args)
}

// Close implements [sqldriver.Stmt]. It waits for the server for partingTimeout at
// most.
func (s *stmt) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	if s.server == nil || s.c.closed {
		return nil
	}
	link := s.c.session.link
	if link.Busy() {
		// With a page that rows of another statement have asked for: that may take
		// longer than a parting word may.
		s.c.unwanted = append(s.c.unwanted, s.server)
		return nil
	}
	// Without an answer the connection is closed, and with it the server forgets the
	// statement.
	ctx, cancel := context.WithTimeout(context.Background(), partingTimeout)
	defer cancel()
	err := s.c.deallocate(ctx, 0, s.server)
	if ctx.Err() != nil && err != nil {
		return link.Error(driver.ErrTimeout, opClose, 0, "no answer within "+partingTimeout.String()+", the connection was closed", nil)
	}
	return plain(err)
}

func (s *stmt) usable() error {
	switch {
	case s.closed:
		return s.c.session.link.Error(driver.ErrInterface, "statement", 0, "the statement is closed", nil)
	case s.c.closed:
		return s.c.closedError("statement")
	}
	return nil
}

// Exec implements [sqldriver.Stmt].
func (s *stmt) Exec(args []sqldriver.Value) (sqldriver.Result, error) {
	return s.ExecContext(context.Background(), numbered(args))
}

// Query implements [sqldriver.Stmt].
func (s *stmt) Query(args []sqldriver.Value) (sqldriver.Rows, error) {
	return s.QueryContext(context.Background(), numbered(args))
}

func numbered(args []sqldriver.Value) []sqldriver.NamedValue {
	named := make([]sqldriver.NamedValue, len(args))
	for i, arg := range args {
		named[i] = sqldriver.NamedValue{Ordinal: i + 1, Value: arg}
	}
	return named
}
