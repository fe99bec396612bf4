package sabotage

import (
	"context"
	sqldriver "database/sql/driver"
)

// Conn is a connection with hooks.
type Conn struct {
	Inner sqldriver.Conn
	// State is the hooks' own.
	State any
	hooks *Hooks
}

// Raw lets driver.As find what is inside.
func (c *Conn) Raw() sqldriver.Conn { return c.Inner }

// Extension lets driver.As find what the hook puts in the place of what is inside.
func (c *Conn) Extension(target any) bool {
	return c.hooks.Extension != nil && c.hooks.Extension(c, target)
}

func (c *Conn) Close() error {
	if c.hooks.CloseConn != nil {
		return c.hooks.CloseConn(c, c.Inner.Close)
	}
	return c.Inner.Close()
}

func (c *Conn) Ping(ctx context.Context) error {
	next := c.Inner.(sqldriver.Pinger).Ping
	if c.hooks.Ping != nil {
		return c.hooks.Ping(ctx, c, next)
	}
	return next(ctx)
}

func (c *Conn) ResetSession(ctx context.Context) error {
	next := c.Inner.(sqldriver.SessionResetter).ResetSession
	if c.hooks.Reset != nil {
		return c.hooks.Reset(ctx, c, next)
	}
	return next(ctx)
}

func (c *Conn) IsValid() bool {
	next := c.Inner.(sqldriver.Validator).IsValid
	if c.hooks.Valid != nil {
		return c.hooks.Valid(c, next)
	}
	return next()
}

func (c *Conn) BeginTx(ctx context.Context, options sqldriver.TxOptions) (sqldriver.Tx, error) {
	next := c.Inner.(sqldriver.ConnBeginTx).BeginTx
	if c.hooks.Begin != nil {
		return c.hooks.Begin(ctx, options, next)
	}
	return next(ctx, options)
}

func (c *Conn) Begin() (sqldriver.Tx, error) {
	return c.BeginTx(context.Background(), sqldriver.TxOptions{})
}

func (c *Conn) CheckNamedValue(v *sqldriver.NamedValue) error {
	next := c.Inner.(sqldriver.NamedValueChecker).CheckNamedValue
	if c.hooks.Check != nil {
		return c.hooks.Check(c, v, next)
	}
	return next(v)
}

func (c *Conn) ExecContext(ctx context.Context, query string, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	return c.exec(ctx, &Call{Conn: c, Query: query, Args: args})
}

func (c *Conn) exec(ctx context.Context, call *Call) (sqldriver.Result, error) {
	next := func(ctx context.Context, call *Call) (sqldriver.Result, error) {
		if s := call.Prepared; s != nil {
			return s.Inner.(sqldriver.StmtExecContext).ExecContext(ctx, call.Args)
		}
		return c.Inner.(sqldriver.ExecerContext).ExecContext(ctx, call.Query, call.Args)
	}
	if c.hooks.Exec != nil {
		return c.hooks.Exec(ctx, call, next)
	}
	return next(ctx, call)
}

func (c *Conn) QueryContext(ctx context.Context, query string, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	return c.query(ctx, &Call{Conn: c, Query: query, Args: args})
}

func (c *Conn) query(ctx context.Context, call *Call) (sqldriver.Rows, error) {
	next := func(ctx context.Context, call *Call) (sqldriver.Rows, error) {
		var inner sqldriver.Rows
		var err error
		if s := call.Prepared; s != nil {
			inner, err = s.Inner.(sqldriver.StmtQueryContext).QueryContext(ctx, call.Args)
		} else {
			inner, err = c.Inner.(sqldriver.QueryerContext).QueryContext(ctx, call.Query, call.Args)
		}
		if err != nil {
			return nil, err
		}
		return &Rows{Inner: inner, Call: call, hooks: c.hooks}, nil
	}
	if c.hooks.Query != nil {
		return c.hooks.Query(ctx, call, next)
	}
	return next(ctx, call)
}

func (c *Conn) Prepare(query string) (sqldriver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *Conn) PrepareContext(ctx context.Context, query string) (sqldriver.Stmt, error) {
	next := func(ctx context.Context, query string) (sqldriver.Stmt, error) {
		inner, err := c.Inner.(sqldriver.ConnPrepareContext).PrepareContext(ctx, query)
		if err != nil {
			return nil, err
		}
		return &Stmt{Inner: inner, Conn: c, Text: query}, nil
	}
	if c.hooks.Prepare != nil {
		return c.hooks.Prepare(ctx, c, query, next)
	}
	return next(ctx, query)
}
