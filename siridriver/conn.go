package siridriver

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/arguments"
	"github.com/gaugesql/gaugesql/siridriver/internal/cluster"
	"github.com/gaugesql/gaugesql/siridriver/internal/query"
	"github.com/gaugesql/gaugesql/siridriver/internal/result"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// conn is a connection as database/sql sees it: a user of the connector's
// cluster, without a socket or a session of its own.
type conn struct {
	connector *Connector
	config    *Config
	cluster   *cluster.Cluster
	owned     bool // the connector belongs to this connection
	broken    bool // a host was lost in the middle of a statement
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
	_ driver.SeriesInserter        = (*conn)(nil)
	_ driver.AppenderOpener        = (*conn)(nil)
	_ ServiceOpener                = (*conn)(nil)
)

// The names of operations in errors.
const (
	opExec    = "exec"
	opQuery   = "query"
	opInsert  = "insert"
	opPrepare = "prepare"
	opPing    = "ping"
	opInfo    = "info"
	opAppend  = "append"
)

// do sends a request and expects an answer of a type.
func (c *conn) do(ctx context.Context, r cluster.Request, want wire.Type) (cluster.Reply, error) {
	if c.closed {
		return cluster.Reply{}, wrong(driver.ErrInterface, r.Op, r.ID, "the connection is closed")
	}
	r.PoolWait = c.config.PoolWait
	reply, err := c.cluster.Do(ctx, r)
	if err == nil {
		err = cluster.Refused(r.Op, r.ID, reply, want)
	}
	var e *driver.Error
	if errors.As(err, &e) && (e.OutcomeUnknown || errors.Is(e, driver.ErrConnection)) {
		c.broken = true
	}
	return reply, err
}

// Ping implements [sqldriver.Pinger] by a round trip to one of the hosts.
func (c *conn) Ping(ctx context.Context) error {
	_, err := c.do(ctx, cluster.Request{
		Op: opPing, Type: wire.Ping, Package: wire.Begin(nil), ID: driver.RequestID(ctx), Timeout: c.config.PingTimeout,
	}, wire.Ack)
	return err
}

// unit is the precision of the database.
func (c *conn) unit(ctx context.Context, op string, id uint64) (Precision, error) {
	if c.closed {
		return "", wrong(driver.ErrInterface, op, id, "the connection is closed")
	}
	info, err := c.cluster.Info(ctx)
	return Precision(info.Precision), err
}

// ExecContext implements [sqldriver.ExecerContext].
func (c *conn) ExecContext(ctx context.Context, text string, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	return c.exec(ctx, driver.RequestID(ctx), text, args)
}

// QueryContext implements [sqldriver.QueryerContext].
func (c *conn) QueryContext(ctx context.Context, text string, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	return c.query(ctx, driver.RequestID(ctx), text, args)
}

// ExecRequest implements [driver.RequestExecer]. The id appears in errors and
// logs; SiriDB itself knows none.
func (c *conn) ExecRequest(ctx context.Context, id uint64, text string, args ...any) (sqldriver.Result, error) {
	id, values, err := request(id, args)
	if err != nil {
		return nil, refusal(opExec, id, err)
	}
	return c.exec(ctx, id, text, values)
}

// QueryRequest implements [driver.RequestQueryer], as ExecRequest does.
func (c *conn) QueryRequest(ctx context.Context, id uint64, text string, args ...any) (sqldriver.Rows, error) {
	id, values, err := request(id, args)
	if err != nil {
		return nil, refusal(opQuery, id, err)
	}
	return c.query(ctx, id, text, values)
}

// request completes the id and converts the arguments as database/sql does.
func request(id uint64, args []any) (uint64, []sqldriver.NamedValue, error) {
	if id == 0 {
		id = driver.NewRequestID()
	}
	values, err := arguments.Named(args, checkValue)
	return id, values, err
}

func (c *conn) exec(ctx context.Context, id uint64, text string, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	s, err := query.Parse(text)
	if err != nil {
		return nil, refusal(opExec, id, err)
	}
	return c.execStatement(ctx, id, s, args)
}

func (c *conn) query(ctx context.Context, id uint64, text string, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	s, err := query.Parse(text)
	if err != nil {
		return nil, refusal(opQuery, id, err)
	}
	return c.queryStatement(ctx, id, s, args)
}

func (c *conn) execStatement(ctx context.Context, id uint64, s *query.Statement, args []sqldriver.NamedValue) (sqldriver.Result, error) {
	if s.Kind == query.Insert {
		points, err := c.insert(ctx, opExec, id, s, args)
		return affected(points), err
	}
	reply, err := c.send(ctx, opExec, id, s, args)
	if err != nil {
		return nil, err
	}
	return affected(wire.Affected(wire.Message(reply.Data))), nil
}

func (c *conn) queryStatement(ctx context.Context, id uint64, s *query.Statement, args []sqldriver.NamedValue) (sqldriver.Rows, error) {
	if s.Kind == query.Insert {
		points, err := c.insert(ctx, opQuery, id, s, args)
		if err != nil {
			return nil, err
		}
		return messageRows(fmt.Sprintf("Successfully inserted %d point(s).", points)), nil
	}
	reply, err := c.send(ctx, opQuery, id, s, args)
	if err != nil {
		return nil, err
	}
	form := form{unit: Precision(reply.Info.Precision), integers: c.config.precision(ctx), location: c.config.Location}
	if s.Kind != query.Select {
		table, err := result.ParseTable(reply.Data)
		if err != nil {
			return nil, unreadable(opQuery, reply.Host, id, err)
		}
		return newTableRows(table, form), nil
	}
	selected, err := result.ParseSelect(reply.Data, s.Timeit)
	if err != nil {
		return nil, unreadable(opQuery, reply.Host, id, err)
	}
	return newPointRows(selected, form, c.config.wide(ctx)), nil
}

// maxText is the longest statement that the server takes.
const maxText = wire.MaxQuery - 4

// send writes the arguments into the statement and sends it.
func (c *conn) send(ctx context.Context, op string, id uint64, s *query.Statement, args []sqldriver.NamedValue) (cluster.Reply, error) {
	var unit Precision
	if needsUnit(args) {
		var err error
		if unit, err = c.unit(ctx, op, id); err != nil {
			return cluster.Reply{}, err
		}
	}
	text, err := query.Expand(s, args, func(dst []byte, arg sqldriver.NamedValue) ([]byte, error) {
		return literal(dst, arg.Value, unit)
	})
	if err != nil {
		return cluster.Reply{}, refusal(op, id, err)
	}
	if query.DividesByMinusOne(text) {
		return cluster.Reply{}, wrong(driver.ErrData, op, id, "a division by -1, which can end the server")
	}
	if len(text) > maxText {
		return cluster.Reply{}, wrong(ErrQuery, op, id, fmt.Sprintf("a statement of %d bytes; the server takes %d", len(text), maxText))
	}
	return c.do(ctx, cluster.Request{
		Op: op, Type: wire.Query, Package: wire.AppendQuery(wire.Begin(make([]byte, 0, len(text)+16)), text),
		ID: id, Timeout: c.config.QueryTimeout, Precision: string(unit),
	}, wire.QueryResult)
}

// affected is the result of a statement.
type affected int64

// RowsAffected implements [sqldriver.Result]: the points inserted, series or
// shards dropped, series tagged. The server counts nothing else.
func (n affected) RowsAffected() (int64, error) { return int64(n), nil }

// LastInsertId implements [sqldriver.Result] with an error of kind
// ErrNotSupported.
func (n affected) LastInsertId() (int64, error) {
	return 0, driver.NotSupported(cluster.Engine, "", "LastInsertId")
}

// BeginTx implements [sqldriver.ConnBeginTx] with an error of kind
// ErrNotSupported.
func (c *conn) BeginTx(context.Context, sqldriver.TxOptions) (sqldriver.Tx, error) {
	return nil, driver.NotSupported(cluster.Engine, "", "a transaction")
}

// Begin implements [sqldriver.Conn].
func (c *conn) Begin() (sqldriver.Tx, error) {
	return c.BeginTx(context.Background(), sqldriver.TxOptions{})
}

// IsValid implements [sqldriver.Validator].
func (c *conn) IsValid() bool { return !c.closed && !c.broken }

// ResetSession implements [sqldriver.SessionResetter]. There is nothing that a
// statement could change for the next borrower.
func (c *conn) ResetSession(context.Context) error {
	if !c.IsValid() {
		return sqldriver.ErrBadConn
	}
	return nil
}

// Close implements [sqldriver.Conn]. The hosts stay connected for the others.
func (c *conn) Close() error {
	if c.owned && !c.closed {
		c.closed = true
		return c.connector.Close()
	}
	c.closed = true
	return nil
}

// Engine implements [driver.Identifier].
func (c *conn) Engine() string { return cluster.Engine }

// Transport implements [driver.Identifier].
func (c *conn) Transport() string { return "" }

// ServerInfo implements [driver.ServerInformer]. Parameters are what the
// statement show tells of the host that answers it; for a user who may not show
// there are none.
func (c *conn) ServerInfo(ctx context.Context) (driver.Info, error) {
	id := driver.RequestID(ctx)
	info := driver.Info{Engine: cluster.Engine, Database: c.config.Database, User: c.config.User}
	if info.User == "" {
		info.User = defaultUser
	}
	show, err := query.Parse("show")
	if err != nil {
		return info, refusal(opInfo, id, err)
	}
	reply, err := c.send(ctx, opInfo, id, show, nil)
	if errors.Is(err, ErrUserAuth) {
		return info, nil
	}
	if err != nil {
		return info, err
	}
	info.Host = reply.Host
	table, err := result.ParseTable(reply.Data)
	if err != nil {
		return info, unreadable(opInfo, reply.Host, id, err)
	}
	info.Parameters = make(map[string]string, table.Rows)
	for i := range table.Rows {
		row := table.Row(i)
		if len(row) == 2 && row[1] != nil {
			info.Parameters[fmt.Sprint(row[0])] = fmt.Sprint(row[1])
		}
	}
	info.Version = info.Parameters["version"]
	if info.TimeZone = info.Parameters["timezone"]; strings.EqualFold(info.TimeZone, "NAIVE") {
		info.TimeZone = "UTC" // what the server's word means
	}
	return info, nil
}
