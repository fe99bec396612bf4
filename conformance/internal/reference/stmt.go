package reference

import (
	"context"
	sqldriver "database/sql/driver"
	"sync/atomic"

	"github.com/gaugesql/gaugesql/driver"
)

var (
	_ sqldriver.Stmt             = (*stmt)(nil)
	_ sqldriver.StmtExecContext  = (*stmt)(nil)
	_ sqldriver.StmtQueryContext = (*stmt)(nil)
)

type stmt struct {
	c      *conn
	text   string
	inputs int
	closed atomic.Bool
}

// PrepareContext lets SQLite prepare the statement, to find its mistakes.
func (c *conn) PrepareContext(ctx context.Context, text string) (sqldriver.Stmt, error) {
	_, inputs, err := lexical.Marks(text)
	if err != nil {
		return nil, programming(err.Error())
	}
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	if f := c.session.server.strikes(Delay, text); f != nil {
		if err := c.session.wait(ctx, f.delay); err != nil {
			return nil, c.fail(err, "prepare", 0)
		}
	}
	c.session.server.opened(1)
	return &stmt{c: c, text: text, inputs: inputs}, nil
}

func (s *stmt) Close() error {
	if !s.closed.Swap(true) {
		s.c.session.server.opened(-1)
	}
	return nil
}

func (s *stmt) NumInput() int { return s.inputs }

func (s *stmt) ExecContext(ctx context.Context, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	if s.closed.Load() {
		return nil, closed("statement")
	}
	return s.c.exec(ctx, driver.RequestID(ctx), s.text, args)
}

func (s *stmt) QueryContext(ctx context.Context, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	if s.closed.Load() {
		return nil, closed("statement")
	}
	return s.c.query(ctx, driver.RequestID(ctx), s.text, args)
}

func (s *stmt) Exec(args []sqldriver.Value) (sqldriver.Result, error) {
	return s.ExecContext(context.Background(), named(args))
}

func (s *stmt) Query(args []sqldriver.Value) (sqldriver.Rows, error) {
	return s.QueryContext(context.Background(), named(args))
}

func named[T any](args []T) []sqldriver.NamedValue {
	list := make([]sqldriver.NamedValue, len(args))
	for i, v := range args {
		list[i] = sqldriver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return list
}
