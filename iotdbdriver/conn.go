package iotdbdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/arguments"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/internal/placeholder"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/client"
)

// conn is a connection as database/sql sees it. It translates and keeps the
// rules of the pool; what is spoken to the server is the session's.
type conn struct {
	connector *Connector
	session   *session
	host      hosts.Host
	serial    int64

	// changed is what statements may have changed of the session.
	changed effect
	// prepares counts the statements that the server was asked to prepare.
	prepares int
	owned    bool // the connector belongs to this connection
	closed   bool
	// unwanted are prepared statements that the server has not been told to forget.
	unwanted []*prepared
	// nodes are sessions that redirection has opened.
	nodes nodes
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
)

// Ping implements [sqldriver.Pinger] by a statement: calls that need no session
// would prove the socket only.
func (c *conn) Ping(ctx context.Context) error {
	if c.closed {
		return c.closedError(opPing)
	}
	r, err := c.run(ctx, opPing, driver.RequestID(ctx), "SHOW VERSION")
	if err != nil {
		return gate(err)
	}
	return r.Close()
}

// ExecContext implements [sqldriver.ExecerContext].
func (c *conn) ExecContext(ctx context.Context, query string, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	return c.exec(ctx, driver.RequestID(ctx), query, args)
}

// QueryContext implements [sqldriver.QueryerContext].
func (c *conn) QueryContext(ctx context.Context, query string, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	return c.query(ctx, driver.RequestID(ctx), query, args)
}

// ExecRequest implements [driver.RequestExecer]. The id appears in errors and
// logs; IoTDB itself knows none.
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

func (c *conn) exec(ctx context.Context, id uint64, query string, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	text, err := c.text(ctx, opExec, id, query, args)
	if err != nil {
		return nil, gate(err)
	}
	r, err := c.run(ctx, opExec, id, text)
	if err != nil {
		return nil, gate(err)
	}
	return result{}, r.Close()
}

func (c *conn) query(ctx context.Context, id uint64, query string, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	text, err := c.text(ctx, opQuery, id, query, args)
	if err != nil {
		return nil, gate(err)
	}
	r, err := c.run(ctx, opQuery, id, text)
	if err != nil {
		return nil, gate(err)
	}
	return r, nil
}

// text is the statement with its arguments written into it, without a semicolon at
// its end, which the table model does not take.
func (c *conn) text(ctx context.Context, op string, id uint64, query string, args []sqldriver.NamedValue) (string, error) {
	if c.closed {
		return "", c.closedError(op)
	}
	query, err := c.single(op, id, query)
	if err != nil {
		return "", err
	}
	text, err := placeholder.Expand(c.connector.lexer(), query, args, c.writer(query))
	if err != nil {
		return "", c.argumentError(op, id, err)
	}
	if isInsert(text) {
		bytes := slices.ContainsFunc(args, func(arg sqldriver.NamedValue) bool { _, ok := arg.Value.([]byte); return ok })
		err = c.checkInsert(ctx, op, id, text, bytes)
	}
	return text, err
}

// run sends a statement and keeps account of what it does to the session.
func (c *conn) run(ctx context.Context, op string, id uint64, text string) (*rows, error) {
	effect := effectOf(text)
	c.changed |= effect
	mark := ""
	if c.connector.killer != nil && ctx.Done() != nil && !isInsert(text) {
		// Behind the statement it moves none of the positions that messages tell.
		mark = c.connector.marks.next()
		text += mark
	}
	if err := c.session.fits(ctx, op, id, len(text)); err != nil {
		return nil, err
	}
	if c.connector.config.CheckTables && changesTables(text) {
		// Before, so that nothing is remembered that is asked meanwhile, and after.
		c.connector.schemas.forgetAll()
		defer c.connector.schemas.forgetAll()
	}
	timeout := c.timeout(ctx)
	k, _ := c.session.execute(op, id, text, timeout)
	r, err := c.await(ctx, k, timeout, mark)
	if tableChanged(Code(err)) && isInsert(text) {
		c.connector.schemas.forgetAll()
	}
	return r, err
}

// await runs an execution and returns its rows. If nobody waits for it any more,
// the query of that mark is ended on the server.
func (c *conn) await(ctx context.Context, k *execution, timeout int64, mark string) (*rows, error) {
	abandon := func(error) {
		if mark != "" {
			c.connector.killer.add(abandoned{host: c.host.Addr, mark: mark, id: k.ID})
		}
	}
	if err := c.session.do(ctx, k); err != nil {
		// A server that has answered, if by failing, is not at work any more.
		if e := asError(err); e != nil && e.OutcomeUnknown && !c.session.link.Alive() {
			abandon(err)
		}
		return nil, err
	}
	return newRows(ctx, c.session, k, timeout, abandon)
}

// timeoutMargin is by how much the server's patience outlasts the context, so that
// it is the context's end that is seen.
const timeoutMargin = 2 * time.Second

// timeout is that of the server for a statement, in milliseconds: until the
// context's deadline, or the Config's.
func (c *conn) timeout(ctx context.Context) int64 {
	d := c.connector.config.QueryTimeout
	if deadline, ok := ctx.Deadline(); ok {
		d = time.Until(deadline) + timeoutMargin
	}
	return d.Milliseconds()
}

// single cuts off a semicolon at the end and refuses what follows one: the server
// runs one statement at a time.
func (c *conn) single(op string, id uint64, query string) (string, error) {
	statement, rest := c.connector.lexer().First(query)
	scanner := c.connector.lexer().Scan(statement)
	if _, ok := scanner.Next(); !ok {
		return "", c.session.link.Error(driver.ErrProgramming, op, id, "the statement is empty", nil)
	}
	if rest != "" {
		return "", c.session.link.Error(driver.ErrProgramming, op, id,
			"there is text after the semicolon, and the server runs one statement at a time", nil)
	}
	return statement, nil
}

// argumentError completes an error of placeholder.Expand.
func (c *conn) argumentError(op string, id uint64, err error) error {
	kind, text := driver.ErrProgramming, err.Error()
	if e := asError(err); e != nil {
		// "argument 2: " and the message, without naming the engine twice.
		prefix := text[:max(0, len(text)-len(e.Error()))]
		kind, text = e.Kind, prefix+e.Message
	}
	return c.session.link.Error(kind, op, id, text, nil)
}

// BeginTx implements [sqldriver.ConnBeginTx]: IoTDB has no transactions.
func (c *conn) BeginTx(context.Context, sqldriver.TxOptions) (sqldriver.Tx, error) {
	return nil, driver.NotSupported(client.Engine, "", "a transaction")
}

// Begin implements [sqldriver.Conn].
func (c *conn) Begin() (sqldriver.Tx, error) {
	return c.BeginTx(context.Background(), sqldriver.TxOptions{})
}

// IsValid implements [sqldriver.Validator]. A connection whose session cannot be
// brought back is of no more use, nor one on which somebody has left a result open that
// still waits for a page.
func (c *conn) IsValid() bool {
	link := c.session.link
	return !c.closed && link.Alive() && !link.Busy() && !c.lasting()
}

// lasting reports whether a statement has changed the session for good. A database
// that was selected is one if the DSN has none to go back to: neither a new login on
// the connection nor the end of the session makes the server forget it.
func (c *conn) lasting() bool {
	return c.changed&lastingEffect != 0 || c.changed&databaseEffect != 0 && c.connector.config.Database == ""
}

// ResetSession implements [sqldriver.SessionResetter]: the next borrower finds
// the DSN's database. It costs nothing unless a statement has selected another.
func (c *conn) ResetSession(ctx context.Context) error {
	if !c.IsValid() || c.session.link.Ended() {
		return sqldriver.ErrBadConn
	}
	err := c.dropUnwanted(ctx)
	if err == nil && c.changed != 0 {
		err = c.session.use(ctx, opReset)
	}
	if err != nil {
		c.session.link.Close()
		c.connector.debug(ctx, "session not restored", "host", c.host.Addr, "conn", c.serial, "error", err)
		return sqldriver.ErrBadConn // database/sql looks at no other error
	}
	c.changed = 0
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
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	err := c.session.close(ctx)
	c.nodes.close(ctx)
	if c.owned {
		err = errors.Join(err, c.connector.Close())
	}
	return err
}

func (c *conn) closedError(op string) error {
	return c.session.link.Error(driver.ErrInterface, op, 0, "the connection is closed", nil)
}

// Engine implements [driver.Identifier].
func (c *conn) Engine() string { return client.Engine }

// Transport implements [driver.Identifier].
func (c *conn) Transport() string { return "" }

// ServerInfo implements [driver.ServerInformer].
func (c *conn) ServerInfo(ctx context.Context) (driver.Info, error) {
	if c.closed {
		return driver.Info{}, c.closedError(opInfo)
	}
	id := driver.RequestID(ctx)
	p, err := c.session.properties(ctx, opInfo, id)
	if err != nil {
		return driver.Info{}, gate(err)
	}
	config := c.connector.config
	info := driver.Info{
		Engine: client.Engine, Version: p.Version, Host: c.host.Addr, SessionID: itoa(c.session.id), User: config.User,
		Parameters: map[string]string{
			"timestamp_precision": p.TimestampPrecision, "build_info": p.BuildInfo, "sql_dialect": string(config.Dialect),
			"max_concurrent_client_num": itoa(p.MaxClients),
		},
	}
	if p.MaxFrame != nil {
		info.Parameters["thrift_max_frame_size"] = itoa(*p.MaxFrame)
	}
	info.TimeZone, _ = zoneID(config.TimeZone)
	if config.Dialect == Tree {
		return info, nil
	}
	info.Database, err = c.currentDatabase(ctx, id)
	return info, gate(err)
}

// currentDatabase asks the server.
func (c *conn) currentDatabase(ctx context.Context, id uint64) (string, error) {
	r, err := c.run(ctx, opInfo, id, "SHOW CURRENT_DATABASE")
	if err != nil {
		return "", err
	}
	defer r.Close()
	dest := make([]sqldriver.Value, len(r.names))
	if len(dest) == 0 {
		return "", nil
	}
	if err := r.Next(dest); err == io.EOF {
		return "", nil
	} else if err != nil {
		return "", err
	}
	name, _ := dest[0].(string)
	return name, nil
}
