package taosdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/arguments"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/internal/placeholder"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// conn is a connection as database/sql sees it. It translates and keeps the
// rules of the pool; what is spoken to the server is the transport's.
type conn struct {
	connector *Connector
	t         transport.Conn
	host      hosts.Host
	origin    transport.Origin
	serial    int64

	// changed tells that a statement may have changed the session, lasting that it
	// cannot be brought back.
	changed, lasting bool
	// changes counts the statements that did.
	changes int
	closed  bool
	// owned are the prepared statements that end with the use of the connection, the
	// generation.
	owned      map[*binding]struct{}
	generation int
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
	_ driver.Extender              = (*conn)(nil)
	_ driver.Identifier            = (*conn)(nil)
	_ driver.RequestExecer         = (*conn)(nil)
	_ driver.RequestQueryer        = (*conn)(nil)
	_ driver.ServerInformer        = (*conn)(nil)
)

// Ping implements [sqldriver.Pinger] by a round trip to the server.
func (c *conn) Ping(ctx context.Context) error {
	if c.closed {
		return c.closedError("ping")
	}
	return gate(c.t.Ping(ctx))
}

// ExecContext implements [sqldriver.ExecerContext].
func (c *conn) ExecContext(ctx context.Context, query string, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	return c.exec(ctx, driver.RequestID(ctx), query, args)
}

// QueryContext implements [sqldriver.QueryerContext].
func (c *conn) QueryContext(ctx context.Context, query string, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	return c.query(ctx, driver.RequestID(ctx), query, args)
}

// ExecRequest implements [driver.RequestExecer].
func (c *conn) ExecRequest(ctx context.Context, id uint64, query string, args ...any) (sqldriver.Result, error) {
	id, values, err := c.request(id, args)
	if err != nil {
		return nil, err
	}
	return c.exec(ctx, id, query, values)
}

// QueryRequest implements [driver.RequestQueryer].
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

func (c *conn) exec(ctx context.Context, id uint64, query string, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	reply, err := c.run(ctx, id, query, args)
	if err != nil {
		return nil, err
	}
	if reply.Result != nil {
		reply.Result.Close()
	}
	return result{affected: reply.Affected, origin: c.origin}, nil
}

func (c *conn) query(ctx context.Context, id uint64, query string, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	reply, err := c.run(ctx, id, query, args)
	if err != nil {
		return nil, err
	}
	return newRows(ctx, reply), nil
}

// run runs a statement with its arguments written into the text.
func (c *conn) run(ctx context.Context, id uint64, query string, args []sqldriver.NamedValue) (*transport.Reply, error) {
	if c.closed {
		return nil, c.closedError("query")
	}
	if err := c.single("query", id, query); err != nil {
		return nil, err
	}
	write := appendOperand
	if isInsert(query) {
		write = appendArgument
	}
	text, err := placeholder.Expand(&placeholder.TDengine, query, args, write)
	if err != nil {
		return nil, c.argumentError("query", id, err)
	}
	if len(text) > frame.MaxSQL {
		return nil, c.origin.Error(driver.ErrProgramming, "query", id,
			fmt.Sprintf("a statement of %d bytes is longer than the %d that the server takes", len(text), frame.MaxSQL), nil)
	}
	return c.send(ctx, id, text)
}

// send runs the text and keeps account of what it does to the session.
func (c *conn) send(ctx context.Context, id uint64, text string) (*transport.Reply, error) {
	effect := effectOf(text)
	if effect != noEffect {
		c.changed = true
		c.changes++
		c.lasting = c.lasting || effect == lastingEffect
	}
	reply, err := c.t.Query(ctx, id, text)
	if err != nil && effect != noEffect {
		if e := asError(err); e == nil || e.OutcomeUnknown {
			// It may take effect later, when somebody else has the session.
			c.lasting = true
		}
	}
	return reply, gate(err)
}

// single refuses texts that the server would run only the beginning of, without
// an error.
func (c *conn) single(op string, id uint64, query string) error {
	statement, rest := query, ""
	if strings.IndexByte(query, ';') >= 0 { // spares most the scan
		statement, rest = placeholder.TDengine.First(query)
	}
	scanner := placeholder.TDengine.Scan(statement)
	if _, ok := scanner.Next(); !ok {
		return c.origin.Error(driver.ErrProgramming, op, id, "the statement is empty", nil)
	}
	if rest != "" {
		return c.origin.Error(driver.ErrProgramming, op, id,
			"there is text after the semicolon, and the server runs one statement at a time", nil)
	}
	return nil
}

// argumentError completes an error of placeholder.Expand.
func (c *conn) argumentError(op string, id uint64, err error) error {
	kind, text := driver.ErrProgramming, err.Error()
	if e := asError(err); e != nil {
		// "argument 2: " and the message, without naming the engine twice.
		prefix, _ := strings.CutSuffix(text, e.Error())
		kind, text = e.Kind, prefix+e.Message
	}
	return c.origin.Error(kind, op, id, text, nil)
}

// PrepareContext implements [sqldriver.ConnPrepareContext].
func (c *conn) PrepareContext(ctx context.Context, query string) (sqldriver.Stmt, error) {
	if c.closed {
		return nil, c.closedError("prepare")
	}
	id := driver.RequestID(ctx)
	if err := c.single("prepare", id, query); err != nil {
		return nil, err
	}
	_, inputs, err := placeholder.TDengine.Marks(query)
	if err != nil {
		return nil, c.argumentError("prepare", id, err)
	}
	s := &stmt{c: c, query: query, inputs: inputs}
	if inputs == 0 || !preparable(query) {
		return s, ctx.Err()
	}
	s.t, err = c.t.Prepare(ctx, id, query)
	if err != nil && !errors.Is(err, transport.ErrText) {
		return nil, gate(err)
	}
	return s, nil
}

// Prepare implements [sqldriver.Conn].
func (c *conn) Prepare(query string) (sqldriver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// BeginTx implements [sqldriver.ConnBeginTx]: TDengine has no transactions.
func (c *conn) BeginTx(context.Context, sqldriver.TxOptions) (sqldriver.Tx, error) {
	return nil, driver.NotSupported(transport.Engine, c.Transport(), "a transaction")
}

// Begin implements [sqldriver.Conn].
func (c *conn) Begin() (sqldriver.Tx, error) {
	return c.BeginTx(context.Background(), sqldriver.TxOptions{})
}

// IsValid implements [sqldriver.Validator].
func (c *conn) IsValid() bool { return !c.closed && !c.lasting && c.t.Alive() }

// ResetSession implements [sqldriver.SessionResetter]: the next borrower finds
// the DSN's database and time zone. It costs nothing unless a statement has
// changed the session.
func (c *conn) ResetSession(ctx context.Context) error {
	if !c.IsValid() {
		return sqldriver.ErrBadConn
	}
	c.orphan()
	if !c.changed {
		return nil
	}
	if err := c.t.Restore(ctx); err != nil {
		c.lasting = true
		c.connector.debug(ctx, "session not restored", "host", c.host.Addr, "conn", c.serial, "error", err)
		return sqldriver.ErrBadConn // database/sql looks at no other error
	}
	c.changed = false
	return nil
}

// Close implements [sqldriver.Conn].
func (c *conn) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	c.orphan()
	c.connector.hosts.Closed(c.host)
	c.connector.debug(context.Background(), "closed", "host", c.host.Addr, "conn", c.serial)
	return c.t.Close()
}

func (c *conn) closedError(op string) error {
	return c.origin.Error(driver.ErrInterface, op, 0, "the connection is closed", nil)
}

// Extension implements [driver.Extender].
func (c *conn) Extension(target any) bool {
	switch t := target.(type) {
	case *driver.RequestExecer:
		*t = c
	case *driver.RequestQueryer:
		*t = c
	case *driver.ServerInformer:
		*t = c
	case *driver.SchemalessInserter:
		w, ok := c.t.(transport.LineWriter)
		if ok {
			*t = schemaless{c, w}
		}
		return ok
	case *driver.Stmt2Preparer:
		p, ok := c.t.(transport.Stmt2Conn)
		if ok {
			*t = stmt2Preparer{c, p}
		}
		return ok
	case *driver.ConsumerOpener:
		_, ok := c.connector.dialer.(transport.ConsumerDialer)
		if ok {
			*t = consumerOpener{c}
		}
		return ok
	case *driver.AppenderOpener:
		p, ok := c.t.(transport.Stmt2Conn)
		if ok {
			*t = appenderOpener{c, p}
		}
		return ok
	default:
		return false
	}
	return true
}

// Engine implements [driver.Identifier].
func (c *conn) Engine() string { return transport.Engine }

// Transport implements [driver.Identifier].
func (c *conn) Transport() string { return string(c.connector.config.Transport) }

// ServerInfo implements [driver.ServerInformer].
func (c *conn) ServerInfo(ctx context.Context) (driver.Info, error) {
	if c.closed {
		return driver.Info{}, c.closedError("info")
	}
	i, err := c.t.Info(ctx)
	if err != nil {
		return driver.Info{}, gate(err)
	}
	info := driver.Info{
		Engine: transport.Engine, Version: i.Version, Host: i.Host, Database: i.Database,
		User: c.connector.config.User, Parameters: i.Parameters,
	}
	if zone := c.connector.config.SessionTimezone; zone != nil {
		info.TimeZone = zone.String()
	}
	return info, nil
}
