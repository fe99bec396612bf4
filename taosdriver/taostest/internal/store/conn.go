package store

import (
	"context"
	"database/sql/driver"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/eval"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/query"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// conn is one session. It holds no resource: any number of its results can be open while it runs
// the next statement.
type conn struct {
	store    *Store
	database string
	zone     *time.Location
	closed   bool
}

var (
	_ driver.Conn               = (*conn)(nil)
	_ driver.ConnPrepareContext = (*conn)(nil)
	_ driver.ConnBeginTx        = (*conn)(nil)
	_ driver.ExecerContext      = (*conn)(nil)
	_ driver.QueryerContext     = (*conn)(nil)
	_ driver.Pinger             = (*conn)(nil)
	_ driver.SessionResetter    = (*conn)(nil)
	_ driver.Validator          = (*conn)(nil)
	_ driver.NamedValueChecker  = (*conn)(nil)
)

// CurrentDatabase is the session's database, "" if there is none.
func (c *conn) CurrentDatabase() string { return c.database }

// SetTimezone sets the zone in which timestamps without one are read and formatted; nil is UTC.
// timezone() shows the location's name. To TDengine a zone it does not know is UTC under that name:
// time.FixedZone(name, 0).
func (c *conn) SetTimezone(loc *time.Location) {
	if loc == nil {
		loc = time.UTC
	}
	c.zone = loc
}

func (c *conn) Close() error {
	c.closed = true
	return nil
}

func (c *conn) Ping(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.store.ctx.Err() != nil {
		return driver.ErrBadConn
	}
	return nil
}

// IsValid reports whether the session can still be used.
func (c *conn) IsValid() bool { return !c.closed && c.store.ctx.Err() == nil }

// ResetSession goes back to no database and UTC.
func (c *conn) ResetSession(context.Context) error {
	if !c.IsValid() {
		return driver.ErrBadConn
	}
	c.database, c.zone = "", time.UTC
	return nil
}

func (c *conn) Begin() (driver.Tx, error) { return c.BeginTx(context.Background(), driver.TxOptions{}) }

// BeginTx fails: TDengine has no transactions.
func (c *conn) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) {
	return nil, sqlerr.Unsupported("transactions")
}

func (c *conn) Prepare(sql string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), sql)
}

// PrepareContext parses a statement and, if it is a query without parameters, looks its tables and
// columns up. Everything else is looked at when it runs.
func (c *conn) PrepareContext(ctx context.Context, sql string) (driver.Stmt, error) {
	st, err := parse.Parse(sql)
	if err != nil {
		return nil, err
	}
	if q, ok := st.(*parse.Query); ok && q.Params.Count == 0 {
		if _, err := c.plan(ctx, q, nil); err != nil {
			return nil, fault(err)
		}
	}
	return &stmt{conn: c, parsed: st}, nil
}

func (c *conn) ExecContext(ctx context.Context, sql string, args []driver.NamedValue) (driver.Result, error) {
	st, err := parse.Parse(sql)
	if err != nil {
		return nil, err
	}
	return c.exec(ctx, st, values(args))
}

func (c *conn) QueryContext(ctx context.Context, sql string, args []driver.NamedValue) (driver.Rows, error) {
	st, err := parse.Parse(sql)
	if err != nil {
		return nil, err
	}
	return c.query(ctx, st, values(args))
}

// exec runs a statement. The rows of a query are read and dropped.
func (c *conn) exec(ctx context.Context, st parse.Statement, args []any) (driver.Result, error) {
	ctx, end, err := c.store.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	res, affected, err := c.run(ctx, st, args)
	if err != nil {
		return nil, fault(err)
	}
	if res != nil {
		defer res.Close()
		for err == nil {
			_, err = res.Next()
		}
		if err := fault(ignoreEOF(err)); err != nil {
			return nil, err
		}
	}
	return driver.RowsAffected(affected), nil
}

// query runs a statement up to the first row. A statement that is no query has a result without
// columns.
func (c *conn) query(ctx context.Context, st parse.Statement, args []any) (driver.Rows, error) {
	ctx, end, err := c.store.begin(ctx)
	if err != nil {
		return nil, err
	}
	res, _, err := c.run(ctx, st, args)
	if err == nil && res != nil {
		if err = res.Start(); err != nil {
			res.Close()
		}
	}
	if err != nil {
		end()
		return nil, fault(err)
	}
	if res == nil {
		res = query.Rows(nil, nil)
	}
	return &rows{Result: res, end: end}, nil
}

// run executes a statement: a query gives a result, any other the number of rows affected.
func (c *conn) run(ctx context.Context, st parse.Statement, args []any) (*query.Result, int64, error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	if err := checkArgs(st, args); err != nil {
		return nil, 0, err
	}
	switch st := st.(type) {
	case *parse.Query:
		res, err := c.plan(ctx, st, args)
		return res, 0, err
	case *parse.Insert:
		n, err := c.insert(ctx, st, [][]any{args})
		return nil, n, err
	case *parse.Delete:
		n, err := c.delete(ctx, st, args)
		return nil, n, err
	case *parse.Show:
		res, err := c.show(st)
		return res, 0, err
	case *parse.Describe:
		res, err := c.describe(st)
		return res, 0, err
	case *parse.Use:
		return nil, 0, c.use(st.Name)
	}
	return nil, 0, c.define(ctx, st)
}

// params are the parameters of a statement, and its text.
func params(st parse.Statement) (parse.Params, string) {
	switch st := st.(type) {
	case *parse.Query:
		return st.Params, st.Source
	case *parse.Insert:
		return st.Params, st.Source
	case *parse.Delete:
		return st.Params, st.Source
	}
	return parse.Params{}, ""
}

// checkArgs compares the numbers of parameters and arguments. A statement sent without any
// arguments is told off for its question mark as the server does.
func checkArgs(st parse.Statement, args []any) error {
	p, source := params(st)
	switch _, insert := st.(*parse.Insert); {
	case p.Count == len(args):
		return nil
	case len(args) > 0:
		return sqlerr.Newf(sqlerr.Usage, "%d parameters in the statement, %d arguments", p.Count, len(args))
	case insert:
		return sqlerr.InsertNear(source[p.First:], "? only used in stmt")
	}
	return sqlerr.Near(source[p.First:])
}

func (c *conn) use(name string) error {
	c.store.mu.RLock()
	defer c.store.mu.RUnlock()
	if _, err := c.store.catalog.Database(name); err != nil && !isSchema(name) {
		return err
	}
	c.database = name
	return nil
}

// env is what literals of a statement mean.
func (c *conn) env(p block.Precision) literal.Env {
	return literal.Env{Precision: p, Location: c.zone, Now: c.store.Now()}
}

// databaseOf is the database of a name, the current one if it has none. The catalogue must be
// locked.
func (c *conn) databaseOf(n parse.Name) (*catalog.Database, error) {
	name := n.DB
	if name == "" {
		name = c.database
	}
	if name == "" {
		return nil, sqlerr.ErrNoDatabase
	}
	return c.store.catalog.Database(name)
}

// table finds a table. The catalogue must be locked.
func (c *conn) table(n parse.Name) (*catalog.Table, error) {
	d, err := c.databaseOf(n)
	if err != nil {
		return nil, err
	}
	return d.Table(n.Table)
}

func (c *conn) plan(ctx context.Context, q *parse.Query, args []any) (*query.Result, error) {
	c.store.mu.RLock()
	defer c.store.mu.RUnlock()
	p := &query.Planner{Compiler: c.compiler(ctx, args), Storage: c.store, Table: c.table, Virtual: c.virtual}
	return p.Plan(q)
}

func (c *conn) compiler(ctx context.Context, args []any) eval.Compiler {
	return eval.Compiler{
		Env: c.env(block.Milli), Ctx: ctx, Args: args,
		Database: c.database, Version: c.store.Version, User: c.store.User,
	}
}
