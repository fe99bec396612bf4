package conformance_test

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gaugesql/gaugesql/conformance"
	"github.com/gaugesql/gaugesql/conformance/internal/reference"
	"github.com/gaugesql/gaugesql/conformance/internal/sabotage"
	"github.com/gaugesql/gaugesql/driver"
)

var referenceDriver = reference.Driver{}

type (
	connect = func(context.Context) (sqldriver.Conn, error)
	onConn  = func(context.Context) error
)

// neverSpoiled are the checks that no sabotage makes fail, and why.
var neverSpoiled = map[string]string{
	"an untrusted certificate is refused": "the reference has no TLS; it has a test of its own",
}

func hooks(h sabotage.Hooks) func() *sabotage.Hooks {
	return func() *sabotage.Hooks { return &h }
}

var spoiledConnections = []spoiled{
	{name: "pings are answered from memory", hooks: hooks(sabotage.Hooks{
		Ping: func(context.Context, *sabotage.Conn, onConn) error { return nil },
	})},
	{name: "pings always fail", hooks: hooks(sabotage.Hooks{
		Ping: func(context.Context, *sabotage.Conn, onConn) error { return errors.New("no") },
	})},
	{name: "a failed connect hides behind ErrBadConn", hooks: hooks(sabotage.Hooks{
		Connect: func(ctx context.Context, next connect) (sqldriver.Conn, error) {
			c, err := next(ctx)
			if err != nil && ctx.Err() == nil {
				err = sqldriver.ErrBadConn
			}
			return c, err
		},
	})},
	{name: "a failed login is tried again", hooks: hooks(sabotage.Hooks{
		Connect: func(ctx context.Context, next connect) (sqldriver.Conn, error) {
			c, err := next(ctx)
			if err != nil && ctx.Err() == nil {
				return next(ctx)
			}
			return c, err
		},
	})},
	{name: "every failure to connect looks alike", hooks: hooks(sabotage.Hooks{
		Connect: func(ctx context.Context, next connect) (sqldriver.Conn, error) {
			c, err := next(ctx)
			if err != nil && ctx.Err() == nil {
				err = &driver.Error{Kind: driver.ErrServer, Engine: reference.Engine, Message: "cannot connect"}
			}
			return c, err
		},
	})},
	{name: "connecting ignores its context", hooks: hooks(sabotage.Hooks{
		Connect: func(ctx context.Context, next connect) (sqldriver.Conn, error) {
			limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			return next(limited)
		},
	})},
	{name: "a connection ends with the context that it was made under", hooks: hooks(sabotage.Hooks{
		Connect: func(ctx context.Context, next connect) (sqldriver.Conn, error) {
			c, err := next(ctx)
			if err == nil {
				c.(*sabotage.Conn).State = ctx
			}
			return c, err
		},
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			if made := call.Conn.State.(context.Context); made.Err() != nil && ctx.Err() == nil {
				return nil, errBusy
			}
			return next(ctx, call)
		},
	})},
	{name: "a malformed DSN is accepted", target: func(t *conformance.Target) {
		t.Open = func(dsn string) (sqldriver.Connector, error) {
			c, err := referenceDriver.OpenConnector(dsn)
			if err != nil {
				return failingConnector{err}, nil
			}
			return c, nil
		}
	}},
	{name: "an unknown parameter is refused without its name", target: func(t *conformance.Target) {
		t.Open = func(dsn string) (sqldriver.Connector, error) {
			c, err := referenceDriver.OpenConnector(dsn)
			if err != nil {
				return nil, errors.New("bad DSN")
			}
			return c, nil
		}
	}},
	{name: "an unknown database is ignored", target: func(t *conformance.Target) {
		t.DSNs.UnknownDatabase = t.DSN
	}},
	{name: "any password will do", target: func(t *conformance.Target) {
		t.DSNs.WrongPassword = t.DSN
	}},
	{name: "the DSN leads to another driver", target: func(t *conformance.Target) {
		open := referenceDriver.OpenConnector
		t.Open, t.DriverName = open, "sqlite"
	}},
	{name: "closing a pool closes the others", hooks: func() *sabotage.Hooks {
		var mu sync.Mutex
		var open []sqldriver.Conn
		return &sabotage.Hooks{
			Connect: func(ctx context.Context, next connect) (sqldriver.Conn, error) {
				c, err := next(ctx)
				if err == nil {
					mu.Lock()
					defer mu.Unlock()
					open = append(open, c)
				}
				return c, err
			},
			CloseConnector: func(next func() error) error {
				mu.Lock()
				defer mu.Unlock()
				for _, c := range open {
					c.Close()
				}
				open = nil
				return next()
			},
		}
	}},
	{name: "what a borrower changed stays", hooks: hooks(sabotage.Hooks{
		Reset: func(_ context.Context, c *sabotage.Conn, _ onConn) error {
			if !c.IsValid() {
				return sqldriver.ErrBadConn
			}
			return nil
		},
	})},
	{name: "a broken connection stays in the pool", hooks: hooks(sabotage.Hooks{
		Valid: func(*sabotage.Conn, func() bool) bool { return true },
		Reset: func(context.Context, *sabotage.Conn, onConn) error { return nil },
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			res, err := next(ctx, call)
			return res, lost(err)
		},
	})},
	{name: "idle connections are not looked at", hooks: hooks(sabotage.Hooks{
		Reset: func(ctx context.Context, c *sabotage.Conn, next onConn) error {
			if err := next(ctx); err != sqldriver.ErrBadConn {
				return err
			}
			return nil
		},
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			res, err := next(ctx, call)
			return res, lost(err)
		},
		Query: func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
			rows, err := next(ctx, call)
			return rows, lost(err)
		},
	})},
	{name: "a goroutine stays for each connection", hooks: func() *sabotage.Hooks {
		return &sabotage.Hooks{Connect: func(ctx context.Context, next connect) (sqldriver.Conn, error) {
			leak()
			return next(ctx)
		}}
	}},
	{name: "a goroutine stays for each cancellation", hooks: hooks(sabotage.Hooks{
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			res, err := next(ctx, call)
			if ctx.Err() != nil {
				leak()
			}
			return res, err
		},
	})},
	{name: "a goroutine stays for each query", heap: true, hooks: hooks(sabotage.Hooks{
		Query: func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
			leak()
			return next(ctx, call)
		},
	})},
	{name: "memory stays for each statement", heap: true, hooks: func() *sabotage.Hooks {
		var kept [][]byte
		var mu sync.Mutex
		return &sabotage.Hooks{CloseStmt: func(s *sabotage.Stmt, next func() error) error {
			mu.Lock()
			defer mu.Unlock()
			kept = append(kept, make([]byte, 4096))
			return next()
		}}
	}},
	{name: "a result is read whole", heap: true, hooks: hooks(sabotage.Hooks{
		Query: func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
			rows, err := next(ctx, call)
			if err == nil {
				return readWhole(rows)
			}
			return rows, err
		},
	})},
	{name: "connections are not closed", hooks: hooks(sabotage.Hooks{
		CloseConn: func(c *sabotage.Conn, next func() error) error {
			return nil // the server closes them when it ends
		},
	})},
	{name: "a pool cannot open many connections one after the other", hooks: func() *sabotage.Hooks {
		var closed atomic.Int32
		return &sabotage.Hooks{
			Connect: func(ctx context.Context, next connect) (sqldriver.Conn, error) {
				if closed.Load() > 4 {
					return nil, errBusy
				}
				return next(ctx)
			},
			CloseConn: func(c *sabotage.Conn, next func() error) error {
				if c.IsValid() { // closed by the pool, not lost
					closed.Add(1)
				}
				return next()
			},
			CloseConnector: func(next func() error) error {
				closed.Store(0)
				return next()
			},
		}
	}},
	{name: "rows panic once their pool is closed", hooks: func() *sabotage.Hooks {
		var closed atomic.Bool
		return &sabotage.Hooks{
			Connect: func(ctx context.Context, next connect) (sqldriver.Conn, error) {
				closed.Store(false)
				return next(ctx)
			},
			CloseConnector: func(next func() error) error {
				closed.Store(true)
				return next()
			},
			Next: func(r *sabotage.Rows, dest []sqldriver.Value, next next) error {
				if closed.Load() {
					panic("nil pointer")
				}
				return next(dest)
			},
		}
	}},
	{name: "rows panic once their connection is closed", hooks: hooks(sabotage.Hooks{
		Next: func(r *sabotage.Rows, dest []sqldriver.Value, next func([]sqldriver.Value) error) error {
			if !r.Call.Conn.IsValid() {
				panic("nil pointer")
			}
			return next(dest)
		},
	})},
	{name: "connections are not used again", hooks: hooks(sabotage.Hooks{
		Valid: func(*sabotage.Conn, func() bool) bool { return false },
	})},
	{name: "ten connections at once are too many", hooks: func() *sabotage.Hooks {
		var mu sync.Mutex
		n := 0
		return &sabotage.Hooks{
			Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
				mu.Lock()
				n++
				busy := n > 6
				mu.Unlock()
				defer func() {
					mu.Lock()
					n--
					mu.Unlock()
				}()
				if busy {
					return nil, errors.New("server busy")
				}
				time.Sleep(time.Millisecond)
				return next(ctx, call)
			},
		}
	}},
	{name: "transactions begin and do nothing", hooks: hooks(sabotage.Hooks{
		Begin: func(context.Context, sqldriver.TxOptions, func(context.Context, sqldriver.TxOptions) (sqldriver.Tx, error)) (sqldriver.Tx, error) {
			return noTx{}, nil
		},
	})},
	{name: "a commit rolls back", hooks: hooks(sabotage.Hooks{
		Begin: func(ctx context.Context, o sqldriver.TxOptions, next func(context.Context, sqldriver.TxOptions) (sqldriver.Tx, error)) (sqldriver.Tx, error) {
			tx, err := next(ctx, o)
			return rollingBack{tx}, err
		},
	})},
	{name: "transactions begin where there are none", target: func(t *conformance.Target) {
		t.Declared = without(t.Declared, conformance.Transactions)
	}},
	{name: "interfaces are missing", target: func(t *conformance.Target) {
		t.Open = func(dsn string) (sqldriver.Connector, error) {
			c, err := referenceDriver.OpenConnector(dsn)
			return connectOnly{c}, err
		}
	}},
	{name: "interfaces are implemented and not promised", target: func(t *conformance.Target) {
		t.Interfaces = conformance.AllInterfacesBut("Pinger")
	}},
}

// lost turns ErrBadConn into an error that database/sql does not retry on.
func lost(err error) error {
	if errors.Is(err, sqldriver.ErrBadConn) {
		return &driver.Error{Kind: driver.ErrConnection, Engine: reference.Engine, Message: "the connection is lost", OutcomeUnknown: true}
	}
	return err
}

type failingConnector struct{ err error }

func (c failingConnector) Connect(context.Context) (sqldriver.Conn, error) { return nil, c.err }
func (c failingConnector) Driver() sqldriver.Driver                        { return referenceDriver }

type connectOnly struct{ sqldriver.Connector }

type noTx struct{}

func (noTx) Commit() error   { return nil }
func (noTx) Rollback() error { return nil }

type rollingBack struct{ sqldriver.Tx }

func (t rollingBack) Commit() error { return t.Rollback() }
