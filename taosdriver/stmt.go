package taosdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// stmt is a prepared statement: on the server where that can bind the
// statement's parameters, otherwise its text, into which they are written.
type stmt struct {
	c      *conn
	query  string
	inputs int
	t      transport.Stmt // nil: text
	closed bool
}

var (
	_ sqldriver.Stmt              = (*stmt)(nil)
	_ sqldriver.StmtExecContext   = (*stmt)(nil)
	_ sqldriver.StmtQueryContext  = (*stmt)(nil)
	_ sqldriver.NamedValueChecker = (*stmt)(nil)
)

// NumInput implements [sqldriver.Stmt].
func (s *stmt) NumInput() int { return s.inputs }

// ExecContext implements [sqldriver.StmtExecContext].
func (s *stmt) ExecContext(ctx context.Context, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	id := driver.RequestID(ctx)
	if err := s.usable(); err != nil {
		return nil, err
	}
	if s.t == nil {
		return s.c.exec(ctx, id, s.query, args)
	}
	values, err := s.values(id, args)
	if err != nil {
		return nil, err
	}
	affected, err := s.t.Exec(ctx, id, values)
	if errors.Is(err, transport.ErrText) {
		return s.c.exec(ctx, id, s.query, args)
	}
	if err != nil {
		return nil, gate(err)
	}
	return result{affected: affected, origin: s.c.origin}, nil
}

// QueryContext implements [sqldriver.StmtQueryContext].
func (s *stmt) QueryContext(ctx context.Context, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	id := driver.RequestID(ctx)
	if err := s.usable(); err != nil {
		return nil, err
	}
	if s.t == nil {
		return s.c.query(ctx, id, s.query, args)
	}
	values, err := s.values(id, args)
	if err != nil {
		return nil, err
	}
	reply, err := s.t.Query(ctx, id, values)
	if errors.Is(err, transport.ErrText) {
		return s.c.query(ctx, id, s.query, args)
	}
	if err != nil {
		return nil, gate(err)
	}
	return newRows(ctx, reply), nil
}

// CheckNamedValue implements [sqldriver.NamedValueChecker].
func (s *stmt) CheckNamedValue(v *sqldriver.NamedValue) error { return s.c.CheckNamedValue(v) }

// Close implements [sqldriver.Stmt].
func (s *stmt) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	if s.t == nil {
		return nil
	}
	return plain(s.t.Close())
}

func (s *stmt) usable() error {
	switch {
	case s.closed:
		return s.c.origin.Error(driver.ErrInterface, "statement", 0, "the statement is closed", nil)
	case s.c.closed:
		return s.c.closedError("statement")
	}
	return nil
}

// values checks the number of arguments, which database/sql does too.
func (s *stmt) values(id uint64, args []sqldriver.NamedValue) ([]sqldriver.Value, error) {
	if len(args) != s.inputs {
		return nil, s.c.origin.Error(driver.ErrProgramming, "statement", id,
			fmt.Sprintf("got %d arguments for %d placeholders", len(args), s.inputs), nil)
	}
	values := make([]sqldriver.Value, len(args))
	for i, arg := range args {
		values[i] = arg.Value
	}
	return values, nil
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
