package dwsdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/session"
)

// fail makes a driver.Error of what a session returned.
func (c *conn) fail(op string, id uint64, ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if id == 0 {
		id = driver.RequestID(ctx)
	}
	e := &driver.Error{Kind: driver.ErrConnection, Engine: engine, Op: op, Host: c.host.Addr, RequestID: id, Err: err}
	switch x := err.(type) {
	case *session.ServerError:
		return c.said(op, id, x)
	case *session.NotSentError:
		if said, ok := x.Err.(*session.ServerError); ok {
			return unsent{c.said(op, id, said)}
		}
		e.Message, e.Err = "the connection was lost before the statement was sent", x.Err
		return unsent{e}
	case *session.LostError:
		e.OutcomeUnknown = true
		e.Message, e.Err = "connection lost before the reply came", x.Err
	case *session.CanceledError:
		e.Kind, e.Err, e.OutcomeUnknown = driver.ErrOperational, x.Err, x.Unknown
		if errors.Is(x.Err, context.DeadlineExceeded) {
			e.Kind = driver.ErrTimeout
		}
	case *session.ProtocolError:
		e.Kind, e.Err, e.OutcomeUnknown = driver.ErrInternal, x.Err, true
	case *session.EncodingError:
		e.Kind, e.Err, e.Message, e.OutcomeUnknown = driver.ErrNotSupported, nil, x.Error(), true
		e.Hint = "Go's text is UTF-8, and the server converts; COPY takes and gives other encodings by CopyOptions.Encoding"
	case *session.ResultError:
		e.Kind, e.Err = driver.ErrResult, x.Err
	case *session.ArgumentError:
		e.Kind, e.Err, e.Message = driver.ErrProgramming, nil, x.Error()
		var inner *driver.Error
		if errors.As(x.Err, &inner) {
			e.Kind = inner.Kind
		}
	case *driver.Error:
		return x
	default:
		switch {
		case errors.Is(err, session.ErrClosed), errors.Is(err, session.ErrBusy):
			e.Kind = driver.ErrInterface
		case errors.Is(err, session.ErrCopyIn), errors.Is(err, session.ErrCopyOut):
			e.Kind = driver.ErrNotSupported
			e.OutcomeUnknown = errors.Is(err, session.ErrCopyOut) // what it copies may be the rows of a DELETE
		}
		e.Err, e.Message = nil, err.Error()
	}
	return e
}

// said makes the error of what the server answered.
func (c *conn) said(op string, id uint64, said *session.ServerError) *driver.Error {
	e := serverError(op, c.host.Addr, id, said.Fields)
	e.OutcomeUnknown = said.Unknown
	if said.Stale {
		e.Hint = "what the statement was prepared for has changed since; roll the transaction back and do it again"
	}
	return e
}

// explained adds to the error of a statement in a transaction why the coordinator
// did not run it again.
func explained(err error) error {
	var e *driver.Error
	if errors.As(err, &e) {
		inTransaction(e)
	}
	return err
}

// unsent marks the error of a statement of which nothing has left the process.
type unsent struct{ err *driver.Error }

func (e unsent) Error() string { return e.err.Error() }
func (e unsent) Unwrap() error { return e.err }

// badConn lets database/sql run the statement again on another connection. If
// there is none to be had, or the connection is a sql.Conn, the caller still
// sees what happened.
type badConn struct{ err *driver.Error }

func (e badConn) Error() string   { return e.err.Error() }
func (e badConn) Unwrap() []error { return []error{sqldriver.ErrBadConn, e.err} }

// gate is the one place where a statement becomes repeatable for database/sql: if
// nothing of it has left the process.
func gate(err error) error {
	if e, ok := err.(unsent); ok {
		return badConn(e)
	}
	return err
}

// plain is gate for calls that database/sql does not repeat.
func plain(err error) error {
	switch e := err.(type) {
	case unsent:
		return e.err
	case badConn:
		return e.err
	}
	return err
}
