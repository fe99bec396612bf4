package reference

import (
	"context"
	sqldriver "database/sql/driver"
	"fmt"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
)

func (c *conn) Engine() string    { return Engine }
func (c *conn) Transport() string { return "" }

func (c *conn) ServerInfo(ctx context.Context) (driver.Info, error) {
	if err := c.usable(ctx); err != nil {
		return driver.Info{}, err
	}
	return driver.Info{
		Engine: Engine, Version: "1.0", Host: c.connector.addr, SessionID: c.session.name,
		Database: c.session.current(), User: "user",
	}, nil
}

func (c *conn) ExecRequest(ctx context.Context, id uint64, text string, args ...any) (sqldriver.Result, error) {
	values, err := c.values(args)
	if err != nil {
		return nil, err
	}
	return c.exec(ctx, id, text, values)
}

func (c *conn) QueryRequest(ctx context.Context, id uint64, text string, args ...any) (sqldriver.Rows, error) {
	values, err := c.values(args)
	if err != nil {
		return nil, err
	}
	return c.query(ctx, id, text, values)
}

func (c *conn) values(args []any) ([]sqldriver.NamedValue, error) {
	list := named(args)
	for i := range list {
		if err := c.CheckNamedValue(&list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// OpenAppender returns an appender that writes rows with INSERT.
func (c *conn) OpenAppender(_ context.Context, options driver.AppendOptions) (driver.Appender, error) {
	return &appender{c: c, options: options}, nil
}

type appender struct {
	c       *conn
	options driver.AppendOptions
	values  []any
	rows    int64
	written int64
	closed  bool
}

func (a *appender) Append(ctx context.Context, values ...any) error {
	if a.closed {
		return closed("appender")
	}
	if len(values) != len(a.options.Columns) {
		return programming(fmt.Sprintf("a row of %d values for %d columns", len(values), len(a.options.Columns)))
	}
	a.values = append(a.values, values...)
	if a.rows++; a.rows == 100 {
		return a.Flush(ctx)
	}
	return nil
}

func (a *appender) Flush(ctx context.Context) error {
	if a.rows == 0 {
		return nil
	}
	row := "(" + strings.Repeat(", ?", len(a.options.Columns))[2:] + ")"
	text := fmt.Sprintf("INSERT INTO %s (%s) VALUES %s", a.options.Table, strings.Join(a.options.Columns, ", "),
		strings.Repeat(", "+row, int(a.rows))[2:])
	_, err := a.c.ExecRequest(ctx, driver.RequestID(ctx), text, a.values...)
	if err != nil {
		err = &driver.AppendError{Written: a.written, First: a.written, Last: a.written + a.rows - 1, Err: err}
	} else {
		a.written += a.rows
	}
	a.values, a.rows = nil, 0
	return err
}

func (a *appender) Written() int64 { return a.written }

func (a *appender) Close(ctx context.Context) error {
	if a.closed {
		return nil
	}
	err := a.Flush(ctx)
	a.closed = true
	return err
}

func (a *appender) AppendTo(context.Context, string, []any, ...any) error {
	return driver.NotSupported(Engine, "", "AppendTo")
}

func (a *appender) AppendColumns(context.Context, ...driver.Column) error {
	return driver.NotSupported(Engine, "", "AppendColumns")
}

func (a *appender) AppendTable(context.Context, driver.BindTable) error {
	return driver.NotSupported(Engine, "", "AppendTable")
}
