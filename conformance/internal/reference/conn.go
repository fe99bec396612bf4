package reference

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"net"
	"sync"
	"sync/atomic"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/placeholder"
)

var (
	_ sqldriver.Conn               = (*conn)(nil)
	_ sqldriver.Pinger             = (*conn)(nil)
	_ sqldriver.SessionResetter    = (*conn)(nil)
	_ sqldriver.Validator          = (*conn)(nil)
	_ sqldriver.ConnPrepareContext = (*conn)(nil)
	_ sqldriver.ConnBeginTx        = (*conn)(nil)
	_ sqldriver.ExecerContext      = (*conn)(nil)
	_ sqldriver.QueryerContext     = (*conn)(nil)
	_ sqldriver.NamedValueChecker  = (*conn)(nil)
	_ driver.Identifier            = (*conn)(nil)
	_ driver.RequestExecer         = (*conn)(nil)
	_ driver.RequestQueryer        = (*conn)(nil)
	_ driver.ServerInformer        = (*conn)(nil)
	_ driver.AppenderOpener        = (*conn)(nil)
)

// lexical is where SQLite's statements have text and comments.
var lexical = &placeholder.IoTDB

type conn struct {
	connector *connector
	net       net.Conn
	session   *session
	broken    atomic.Bool
	closed    atomic.Bool
	pong      chan struct{}
	reader    sync.WaitGroup
}

func newConn(c *connector, nc net.Conn, s *session) *conn {
	x := &conn{connector: c, net: nc, session: s, pong: make(chan struct{}, 1)}
	x.reader.Add(1)
	go x.watch()
	return x
}

// watch takes the answers to pings and notices the end of the connection. It ends
// with it: Close and the server both close the socket.
func (c *conn) watch() {
	defer c.reader.Done()
	defer close(c.pong)
	for b := make([]byte, 1); ; {
		if _, err := c.net.Read(b); err != nil {
			c.broken.Store(true)
			return
		}
		select {
		case c.pong <- struct{}{}:
		default: // of a ping that was given up
		}
	}
}

func (c *conn) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	err := c.net.Close()
	c.reader.Wait()
	<-c.session.ended
	return err
}

// usable is the gate before anything is sent.
func (c *conn) usable(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return wrap(err, "", c.connector.addr, 0)
	}
	if c.closed.Load() {
		return closed("connection")
	}
	if c.broken.Load() || c.session.ctx.Err() != nil {
		return sqldriver.ErrBadConn
	}
	return nil
}

func (c *conn) fail(err error, op string, id uint64) error {
	if errors.Is(err, errDropped) {
		c.broken.Store(true)
	}
	return wrap(err, op, c.connector.addr, id)
}

func (c *conn) IsValid() bool { return c.usable(context.Background()) == nil }

func (c *conn) Ping(ctx context.Context) error {
	if err := c.usable(ctx); err != nil {
		return err
	}
	if _, err := c.net.Write([]byte{'p'}); err != nil {
		return c.fail(errDropped, "ping", 0)
	}
	select {
	case _, ok := <-c.pong:
		if !ok {
			return c.fail(errDropped, "ping", 0)
		}
		return nil
	case <-ctx.Done():
		c.broken.Store(true) // the answer to come is nobody's
		return c.fail(ctx.Err(), "ping", 0)
	}
}

func (c *conn) ResetSession(ctx context.Context) error {
	if err := c.usable(ctx); err != nil {
		return err
	}
	return c.session.use(c.connector.database)
}

// check looks at a statement and its arguments before they are sent.
func (c *conn) check(text string, args []sqldriver.NamedValue) ([]any, error) {
	if statement, rest := lexical.First(text); rest != "" {
		return nil, programming("there is text after the first statement")
	} else if statement == "" {
		return nil, programming("the statement is empty")
	}
	_, n, err := lexical.Marks(text)
	if err != nil {
		return nil, programming(err.Error())
	}
	if n != len(args) {
		return nil, programming("the number of arguments is not that of the placeholders")
	}
	values := make([]any, len(args))
	for i, a := range args {
		if a.Name != "" {
			return nil, driver.NotSupported(Engine, "", "a named argument")
		}
		values[i] = a.Value
	}
	return values, nil
}

func (c *conn) ExecContext(ctx context.Context, text string, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	return c.exec(ctx, driver.RequestID(ctx), text, args)
}

func (c *conn) exec(ctx context.Context, id uint64, text string, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	values, err := c.check(text, args)
	if err != nil {
		return nil, c.fail(err, "exec", id)
	}
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	text, _ = lexical.First(text)
	res, err := c.session.exec(ctx, text, id, values)
	if err != nil {
		return nil, c.fail(c.session.cause(err), "exec", id)
	}
	if res == nil {
		return sqldriver.RowsAffected(0), nil
	}
	return res, nil
}

func (c *conn) QueryContext(ctx context.Context, text string, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	return c.query(ctx, driver.RequestID(ctx), text, args)
}

func (c *conn) query(ctx context.Context, id uint64, text string, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	values, err := c.check(text, args)
	if err != nil {
		return nil, c.fail(err, "query", id)
	}
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	text, _ = lexical.First(text)
	// The rows end with the query's context and with the session.
	rctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(c.session.ctx, cancel)
	sqlite, err := c.session.query(rctx, text, id, values)
	if err == nil {
		var r *rows
		if r, err = newRows(ctx, c, text, id, sqlite); err == nil {
			r.release = func() { stop(); cancel() }
			return r, nil
		}
	}
	stop()
	cancel()
	return nil, c.fail(c.session.cause(err), "query", id)
}

func (c *conn) Prepare(text string) (sqldriver.Stmt, error) {
	return c.PrepareContext(context.Background(), text)
}

func (c *conn) BeginTx(ctx context.Context, options sqldriver.TxOptions) (sqldriver.Tx, error) {
	if options.ReadOnly || options.Isolation != 0 {
		return nil, driver.NotSupported(Engine, "", "a read-only transaction or an isolation level")
	}
	if _, err := c.ExecContext(ctx, "BEGIN", nil); err != nil {
		return nil, err
	}
	return tx{c}, nil
}

func (c *conn) Begin() (sqldriver.Tx, error) {
	return c.BeginTx(context.Background(), sqldriver.TxOptions{})
}

type tx struct{ c *conn }

func (t tx) Commit() error   { return t.end("COMMIT") }
func (t tx) Rollback() error { return t.end("ROLLBACK") }

func (t tx) end(text string) error {
	_, err := t.c.ExecContext(context.Background(), text, nil)
	return err
}
