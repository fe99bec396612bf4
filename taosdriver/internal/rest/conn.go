package rest

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// Conn is a connection over HTTP: at most one idle TCP connection, and the
// session that the server does not keep.
type Conn struct {
	settings *transport.Settings
	origin   transport.Origin
	http     *http.Transport
	base     url.URL
	query    string         // of every request, encoded
	zone     *time.Location // in which the server prints times, nil for UTC

	database string // as the last USE or the settings have it
	broken   atomic.Bool
}

var _ transport.Conn = (*Conn)(nil)

// Query sends the statement. USE is remembered, since the server forgets it.
func (c *Conn) Query(ctx context.Context, requestID uint64, sql string) (*transport.Reply, error) {
	k := classify(sql)
	if k.use && k.database == "" {
		err := c.origin.Error(driver.ErrNotSupported, "query", requestID, "the name after USE cannot be read", nil)
		err.Hint = "over HTTP the driver keeps the current database: write USE name, without anything behind it"
		return nil, err
	}
	reply, err := c.run(ctx, "query", requestID, sql, c.database)
	if err == nil && k.use {
		c.database = k.database
	}
	return reply, err
}

// Prepare has nothing to prepare with.
func (c *Conn) Prepare(context.Context, uint64, string) (transport.Stmt, error) {
	return nil, transport.ErrText
}

// Ping implements transport.Conn. With its server away the adapter looks for it for
// 20 s before it answers; the context may end that.
func (c *Conn) Ping(ctx context.Context) error {
	reply, err := c.run(ctx, "ping", driver.NewRequestID(), transport.PingSQL, "")
	if err != nil {
		return err
	}
	return c.drain(ctx, reply)
}

// Restore forgets a USE. There is nothing to tell the server.
func (c *Conn) Restore(context.Context) error {
	c.database = c.settings.Database
	return nil
}

// Info asks for the server's version.
func (c *Conn) Info(ctx context.Context) (transport.Info, error) {
	info := transport.Info{Host: c.origin.Host, Database: c.database}
	reply, err := c.run(ctx, "server info", driver.NewRequestID(), "select server_version()", "")
	if err != nil {
		return info, err
	}
	if reply.Result == nil {
		return info, c.origin.Error(driver.ErrInternal, "server info", 0, "the server gave no version", nil)
	}
	defer reply.Result.Close()
	b, err := reply.Result.Next(ctx)
	if err != nil && err != io.EOF {
		return info, err
	}
	if b != nil {
		info.Version, _ = b.Columns[0].Value(0).(string)
	}
	return info, nil
}

// Alive is false once a request was lost on its way.
func (c *Conn) Alive() bool { return !c.broken.Load() }

// Close closes the idle TCP connection. Open results keep theirs until they are
// closed.
func (c *Conn) Close() error {
	c.broken.Store(true)
	c.http.CloseIdleConnections()
	return nil
}

// run makes a request and reads the reply up to its first rows, or all of it if
// it is an update.
func (c *Conn) run(ctx context.Context, op string, requestID uint64, sql, database string) (*transport.Reply, error) {
	x, err := c.send(ctx, op, requestID, sql, database)
	if err != nil {
		return nil, err
	}
	return x.reply(ctx)
}

// drain reads a result to its end, so that its TCP connection can be used again.
func (c *Conn) drain(ctx context.Context, reply *transport.Reply) error {
	if reply.Result == nil {
		return nil
	}
	defer reply.Result.Close()
	for {
		if _, err := reply.Result.Next(ctx); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// result is the rows behind a reply.
type result struct {
	x     *exchange
	first *block.Block // read already, nil once handed out
	end   bool         // first is the only one, or there is none
}

// Next returns the next block.
func (r *result) Next(ctx context.Context) (*block.Block, error) {
	b := r.first
	r.first = nil
	switch {
	case b != nil && (r.end || ctx.Err() == nil):
		return b, nil
	case r.end:
		return nil, io.EOF
	}
	b, err := r.x.next(ctx)
	r.end = err != nil
	return b, err
}

// Close ends the request if there are rows left, and with it its TCP connection.
func (r *result) Close() error {
	r.first, r.end = nil, true
	r.x.close()
	return nil
}
