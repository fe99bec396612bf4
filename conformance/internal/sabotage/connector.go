package sabotage

import (
	"context"
	sqldriver "database/sql/driver"
	"io"
)

// Wrap returns the connector with the hooks in between.
func Wrap(c sqldriver.Connector, h *Hooks) sqldriver.Connector { return &connector{c, h} }

type connector struct {
	inner sqldriver.Connector
	hooks *Hooks
}

func (c *connector) Driver() sqldriver.Driver { return c.inner.Driver() }

func (c *connector) Close() error {
	next := func() error {
		if closer, ok := c.inner.(io.Closer); ok {
			return closer.Close()
		}
		return nil
	}
	if c.hooks.CloseConnector != nil {
		return c.hooks.CloseConnector(next)
	}
	return next()
}

func (c *connector) Connect(ctx context.Context) (sqldriver.Conn, error) {
	next := func(ctx context.Context) (sqldriver.Conn, error) {
		inner, err := c.inner.Connect(ctx)
		if err != nil {
			return nil, err
		}
		return &Conn{Inner: inner, hooks: c.hooks}, nil
	}
	if c.hooks.Connect != nil {
		return c.hooks.Connect(ctx, next)
	}
	return next(ctx)
}
