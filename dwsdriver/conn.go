package dwsdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"fmt"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/login"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/session"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
	"github.com/gaugesql/gaugesql/internal/arguments"
	"github.com/gaugesql/gaugesql/internal/hosts"
)

// conn is a session on a coordinator, as database/sql sees it.
type conn struct {
	connector *Connector
	login     *login.Session
	session   *session.Session
	host      hosts.Host
	serial    int64
	server    *server // nil until it is met
	tables    tables
	xa        twoPhase
	closed    bool
}

var (
	_ sqldriver.Conn               = (*conn)(nil)
	_ sqldriver.ConnPrepareContext = (*conn)(nil)
	_ sqldriver.ConnBeginTx        = (*conn)(nil)
	_ sqldriver.ExecerContext      = (*conn)(nil)
	_ sqldriver.QueryerContext     = (*conn)(nil)
	_ sqldriver.Pinger             = (*conn)(nil)
	_ sqldriver.SessionResetter    = (*conn)(nil)
	_ sqldriver.Validator          = (*conn)(nil)
	_ sqldriver.NamedValueChecker  = (*conn)(nil)
	_ driver.Identifier            = (*conn)(nil)
	_ driver.RequestExecer         = (*conn)(nil)
	_ driver.RequestQueryer        = (*conn)(nil)
	_ driver.ServerInformer        = (*conn)(nil)
	_ driver.Extender              = (*conn)(nil)
)

// The names of operations in errors.
const (
	opExec     = "exec"
	opQuery    = "query"
	opPrepare  = "prepare"
	opPing     = "ping"
	opInfo     = "info"
	opBegin    = "begin"
	opCommit   = "commit"
	opRollback = "rollback"
)

// newConn makes the connection of a session that is logged in.
func newConn(c *Connector, s *login.Session, h hosts.Host, serial int64) *conn {
	cn := &conn{connector: c, login: s, host: h, serial: serial}
	config := c.config
	options := session.Options{
		Location: config.Location, Cache: config.StatementCache, BinaryParameters: config.BinaryParameters,
		Cancel: s.Cancel, CancelTimeout: config.ConnectTimeout,
	}
	if config.OnNotice != nil {
		options.Notice = func(f *wire.Fields) { config.OnNotice((*Notice)(f)) }
		for _, f := range s.Notices {
			options.Notice(f)
		}
	}
	options.Meet = cn.meetForResults
	cn.session = session.New(s.Conn, s.Socket, s.Unread, s.Parameters, options)
	if known, ok := c.servers.Load(h.Addr); ok {
		cn.know(known.(*server))
	}
	return cn
}

// Ping implements [sqldriver.Pinger] by a round trip to the coordinator.
func (c *conn) Ping(ctx context.Context) error {
	return gate(c.fail(opPing, 0, ctx, c.session.Ping(ctx)))
}

// ExecContext implements [sqldriver.ExecerContext]. Without arguments the text may
// hold several statements; the number of rows is then the last one's.
func (c *conn) ExecContext(ctx context.Context, query string, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	id, _ := driver.RequestIDFrom(ctx)
	return c.exec(ctx, id, query, args)
}

// QueryContext implements [sqldriver.QueryerContext]. Without arguments the text
// may hold several statements, whose results are those of the statements that
// return rows.
func (c *conn) QueryContext(ctx context.Context, query string, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	id, _ := driver.RequestIDFrom(ctx)
	return c.query(ctx, id, query, args)
}

// ExecRequest implements [driver.RequestExecer]. The id appears in errors and
// logs, and in the statement's text if Config.RequestComments is set.
func (c *conn) ExecRequest(ctx context.Context, id uint64, query string, args ...any) (sqldriver.Result, error) {
	id, values, err := c.request(id, args)
	if err != nil {
		return nil, err
	}
	return c.exec(ctx, id, query, values)
}

// QueryRequest implements [driver.RequestQueryer], as ExecRequest does.
func (c *conn) QueryRequest(ctx context.Context, id uint64, query string, args ...any) (sqldriver.Rows, error) {
	id, values, err := c.request(id, args)
	if err != nil {
		return nil, err
	}
	return c.query(ctx, id, query, values)
}

// request completes the id and converts the arguments as database/sql does.
func (c *conn) request(id uint64, args []any) (uint64, []sqldriver.NamedValue, error) {
	if id == 0 {
		id = driver.NewRequestID()
	}
	values, err := arguments.Named(args, c.CheckNamedValue)
	return id, values, err
}

// text is a statement as it is sent.
func (c *conn) text(query string, id uint64) session.Text {
	return session.Text{SQL: query, Comment: c.comment(id)}
}

// comment names the request to whoever looks at the server, if that is wanted.
func (c *conn) comment(id uint64) string {
	if !c.connector.config.RequestComments || id == 0 {
		return ""
	}
	return fmt.Sprintf("/* request %#x */ ", id)
}

func (c *conn) exec(ctx context.Context, id uint64, query string, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	var out session.Outcome
	err := c.repeat(ctx, opExec, id, query, func() (err error) {
		out, err = c.session.Exec(ctx, c.text(query, id), args)
		return err
	})
	if err != nil {
		return nil, err
	}
	return result{out.Rows, out.Tag}, nil
}

func (c *conn) query(ctx context.Context, id uint64, query string, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	var q *session.Result
	err := c.repeat(ctx, opQuery, id, query, func() (err error) {
		q, err = c.session.Query(ctx, c.text(query, id), args)
		return err
	})
	if err != nil {
		return nil, err
	}
	r := newRows(c, q, ctx, id)
	if fetches(query) {
		if err := r.readAhead(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// repeat runs a statement, again if the configuration and the server allow it.
func (c *conn) repeat(ctx context.Context, op string, id uint64, query string, run func() error) error {
	free := c.session.Status() == wire.Idle
	once := func() error { return refused(query, c.fail(op, id, ctx, run())) }
	var err error
	if free && c.connector.config.mayRepeat(ctx, query) {
		err = c.connector.retry(ctx, op, id, transient, once)
	} else {
		err = once()
	}
	if err != nil && !free {
		err = explained(err)
	}
	return gate(err)
}

// IsValid implements [sqldriver.Validator]: a session that holds what only its end
// takes away, such as a temporary table or a transaction left open, does not go
// back to the pool.
func (c *conn) IsValid() bool { return !c.closed && c.session.Alive() && !c.session.Lasting() }

// ResetSession implements [sqldriver.SessionResetter]. It costs a round trip only
// if a statement may have changed the session's settings.
func (c *conn) ResetSession(ctx context.Context) error {
	if !c.IsValid() {
		return sqldriver.ErrBadConn
	}
	c.xa = twoPhase{}
	err := c.session.Look()
	if err == nil {
		err = c.session.Reset(ctx, c.connector.config.ResetAlways)
	}
	if err != nil {
		c.connector.debug(ctx, "session given up", "host", c.host.Addr, "conn", c.serial, "error", err)
		return sqldriver.ErrBadConn // database/sql looks at no other error
	}
	return nil
}

// Close implements [sqldriver.Conn].
func (c *conn) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	c.connector.hosts.Closed(c.host)
	c.connector.debug(context.Background(), "closed", "host", c.host.Addr, "conn", c.serial)
	return c.session.Close()
}

// Engine implements [driver.Identifier].
func (c *conn) Engine() string { return engine }

// Transport implements [driver.Identifier].
func (c *conn) Transport() string { return "" }
