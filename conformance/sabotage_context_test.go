package conformance_test

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gaugesql/gaugesql/conformance"
	"github.com/gaugesql/gaugesql/conformance/internal/reference"
	"github.com/gaugesql/gaugesql/conformance/internal/sabotage"
	"github.com/gaugesql/gaugesql/driver"
)

func isSlow(call *sabotage.Call) bool { return strings.Contains(call.Query, "SLEEP") }

// deaf gives a context that does not end with its parent, but before the test.
func deaf(ctx context.Context) context.Context {
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	_ = context.AfterFunc(late, cancel)
	return late
}

var spoiledContexts = []spoiled{
	{name: "statements ignore their context", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if isSlow(call) {
			ctx = deaf(ctx)
		}
		return next(ctx, call)
	})},
	{name: "queries ignore their context", hooks: onQuery(func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
		if isSlow(call) {
			ctx = deaf(ctx)
		}
		return next(ctx, call)
	})},
	{name: "writes ignore their context", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if isInsert(call) {
			ctx = deaf(ctx)
		}
		return next(ctx, call)
	})},
	{name: "preparing ignores its context", hooks: hooks(sabotage.Hooks{
		Prepare: func(ctx context.Context, c *sabotage.Conn, text string, next prepare) (sqldriver.Stmt, error) {
			return next(deaf(ctx), text)
		},
	})},
	{name: "a context that has ended is not looked at", hooks: hooks(sabotage.Hooks{
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			if ctx.Err() != nil {
				next(context.WithoutCancel(ctx), call)
			}
			return next(ctx, call)
		},
		Query: func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
			return next(ctx, call)
		},
	})},
	{name: "reading rows ignores its context", hooks: onQuery(func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
		if strings.Contains(call.Query, "printf") {
			ctx = deaf(ctx)
		}
		return next(ctx, call)
	})},
	{name: "the context's error is hidden", hooks: hooks(sabotage.Hooks{
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			res, err := next(ctx, call)
			return res, anonymous(ctx, err)
		},
	})},
	{name: "a deadline is a cancellation", hooks: hooks(sabotage.Hooks{
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			res, err := next(ctx, call)
			if errors.Is(err, context.DeadlineExceeded) && isSlow(call) {
				err = context.Canceled
			}
			return res, err
		},
	})},
	{name: "a cancellation takes its time to clean up", hooks: hooks(sabotage.Hooks{
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			res, err := next(ctx, call)
			if ctx.Err() != nil && isSlow(call) {
				call.Conn.State = time.Now().Add(time.Second)
			}
			return res, err
		},
		Reset: func(ctx context.Context, c *sabotage.Conn, next onConn) error {
			if until, ok := c.State.(time.Time); ok {
				time.Sleep(time.Until(until))
				c.State = nil
			}
			return next(ctx)
		},
	})},
	{name: "a late reply is the next query's", hooks: hooks(sabotage.Hooks{
		Query: func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
			if late, ok := call.Conn.State.(string); ok && call.Prepared == nil && len(call.Args) == 0 {
				call.Conn.State = nil
				call.Query = late
				return next(ctx, call)
			}
			text := call.Query
			rows, err := next(ctx, call)
			if errors.Is(err, context.DeadlineExceeded) && !isSlow(call) {
				call.Conn.State = text
			}
			return rows, err
		},
	})},
	{name: "a connection is lost with the context of its last statement", hooks: hooks(sabotage.Hooks{
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			res, err := next(ctx, call)
			if err == nil && isInsert(call) && ctx.Done() != nil {
				call.Conn.State = ctx
			}
			return res, err
		},
		Reset: func(ctx context.Context, c *sabotage.Conn, next onConn) error {
			if last, ok := c.State.(context.Context); ok && last.Err() != nil {
				return sqldriver.ErrBadConn
			}
			return next(ctx)
		},
	})},
	{name: "a cancelled statement runs on at the server", hooks: hooks(sabotage.Hooks{
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			deadline, ok := ctx.Deadline()
			if !isSlow(call) || !ok || time.Until(deadline) < 5*time.Second {
				return next(ctx, call)
			}
			type reply struct {
				res sqldriver.Result
				err error
			}
			done := make(chan reply, 1)
			go func() {
				ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 4*time.Second)
				defer cancel()
				res, err := next(ctx, call)
				done <- reply{res, err}
			}()
			select {
			case r := <-done:
				return r.res, r.err
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		},
	}), target: func(t *conformance.Target) { t.Timeout = 6 * time.Second }},
	{name: "confirmed writes are not there", hooks: func() *sabotage.Hooks {
		var n atomic.Int64
		return &sabotage.Hooks{Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			// Rows of the sixth goroutine of the check that restarts the server.
			if isInsert(call) && call.Prepared == nil && len(call.Args) == 2 {
				if v, ok := call.Args[1].Value.(int64); ok && v >= 5000 && v < 6000 && n.Add(1) == 1 {
					return sqldriver.RowsAffected(1), nil
				}
			}
			return next(ctx, call)
		}}
	}},
}

// anonymous is an error without the context's.
func anonymous(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return errors.New("i/o timeout")
	}
	return err
}

func rekind(f func(e *driver.Error)) func() *sabotage.Hooks {
	change := func(err error) error {
		var e *driver.Error
		if errors.As(err, &e) {
			f(e)
		}
		return err
	}
	return hooks(sabotage.Hooks{
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			res, err := next(ctx, call)
			return res, change(err)
		},
		Query: func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
			rows, err := next(ctx, call)
			return rows, change(err)
		},
	})
}

var spoiledErrors = []spoiled{
	{name: "mistakes in statements are operational errors", hooks: rekind(func(e *driver.Error) {
		if e.Kind == driver.ErrProgramming && strings.Contains(e.Message, "syntax") {
			e.Kind = driver.ErrOperational
		}
	})},
	{name: "an unknown column is no error", hooks: onQuery(func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
		call.Query = strings.Replace(call.Query, "no_such_column", "1", 1)
		return next(ctx, call)
	})},
	{name: "creating what exists is no error", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		call.Query = strings.Replace(call.Query, "CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1)
		return next(ctx, call)
	})},
	{name: "errors have no code", hooks: rekind(func(e *driver.Error) { e.Code = 0 })},
	{name: "errors name no engine", hooks: rekind(func(e *driver.Error) { e.Engine = "" })},
	{name: "data errors are internal errors", hooks: rekind(func(e *driver.Error) {
		if e.Kind == driver.ErrData {
			e.Kind = driver.ErrInternal
		}
	})},
	{name: "the outcome is not said to be unknown", hooks: rekind(func(e *driver.Error) { e.OutcomeUnknown = false })},
	{name: "an error spoils the connection", hooks: hooks(sabotage.Hooks{
		Query: func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
			rows, err := next(ctx, call)
			if err != nil && strings.Contains(err.Error(), "syntax") {
				call.Conn.State = "spoiled"
			}
			return rows, err
		},
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			if call.Conn.State == "spoiled" {
				return nil, errBusy
			}
			return next(ctx, call)
		},
	})},
	{name: "errors show the password", hooks: hooks(sabotage.Hooks{
		Connect: func(ctx context.Context, next connect) (sqldriver.Conn, error) {
			c, err := next(ctx)
			var e *driver.Error
			if errors.As(err, &e) && errors.Is(err, driver.ErrConnection) {
				e.Message = "user:" + reference.Password + "@host"
			}
			return c, err
		},
	})},
}

var spoiledExtensions = []spoiled{
	{name: "request ids are not in errors", hooks: rekind(func(e *driver.Error) { e.RequestID = 0 })},
	{name: "request ids are not sent", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if isInsert(call) {
			ctx = driver.WithRequestID(ctx, 0)
		}
		return next(ctx, call)
	})},
	{name: "request ids given to extensions are ignored", hooks: onExtension(func(c *sabotage.Conn, target any) bool {
		switch t := target.(type) {
		case *driver.RequestExecer:
			*t = forgetful{c.Inner}
		case *driver.RequestQueryer:
			*t = forgetful{c.Inner}
		default:
			return false
		}
		return true
	})},
	{name: "the server's information is made up", hooks: onExtension(func(c *sabotage.Conn, target any) bool {
		t, ok := target.(*driver.ServerInformer)
		if ok {
			*t = liar{}
		}
		return ok
	})},
	{name: "an appender loses its last row", hooks: onExtension(func(c *sabotage.Conn, target any) bool {
		t, ok := target.(*driver.AppenderOpener)
		if ok {
			*t = lossyOpener{c.Inner.(driver.AppenderOpener)}
		}
		return ok
	})},
	{name: "an extension is declared and missing", target: func(t *conformance.Target) {
		t.Extensions = append(t.Extensions, "TwoPhase")
	}},
	{name: "an extension is there and not declared", target: func(t *conformance.Target) {
		t.Extensions = without(t.Extensions, "AppenderOpener")
	}},
}

func onExtension(f func(c *sabotage.Conn, target any) bool) func() *sabotage.Hooks {
	return hooks(sabotage.Hooks{Extension: f})
}

// forgetful runs statements under ids of its own.
type forgetful struct{ inner any }

func (f forgetful) ExecRequest(ctx context.Context, _ uint64, query string, args ...any) (sqldriver.Result, error) {
	return f.inner.(driver.RequestExecer).ExecRequest(ctx, 1, query, args...)
}

func (f forgetful) QueryRequest(ctx context.Context, _ uint64, query string, args ...any) (sqldriver.Rows, error) {
	return f.inner.(driver.RequestQueryer).QueryRequest(ctx, 1, query, args...)
}

type liar struct{}

func (liar) ServerInfo(context.Context) (driver.Info, error) {
	return driver.Info{Engine: reference.Engine, Version: "1.0", Database: "main"}, nil
}

type lossyOpener struct{ driver.AppenderOpener }

func (o lossyOpener) OpenAppender(ctx context.Context, options driver.AppendOptions) (driver.Appender, error) {
	a, err := o.AppenderOpener.OpenAppender(ctx, options)
	return &lossyAppender{Appender: a, columns: len(options.Columns)}, err
}

// lossyAppender writes a row when the next one comes, and fills up short ones.
type lossyAppender struct {
	driver.Appender
	columns int
	last    []any
}

func (a *lossyAppender) Append(ctx context.Context, values ...any) error {
	for len(values) < a.columns {
		values = append(values, nil)
		a.last = values
	}
	if a.last != nil {
		if err := a.Appender.Append(ctx, a.last...); err != nil {
			return err
		}
	}
	a.last = values
	return nil
}
