package transport

import (
	"context"
	"errors"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
)

// Engine is the name of TDengine in errors.
const Engine = "tdengine"

// Origin makes errors that say where they come from.
type Origin struct {
	// Transport is "ws", "http" or "native".
	Transport string
	// Host is "host:port".
	Host string
}

// Error returns an error that the driver found itself. message and cause may
// each be empty.
func (o Origin) Error(kind error, op string, requestID uint64, message string, cause error) *driver.Error {
	return &driver.Error{
		Kind: kind, Engine: Engine, Transport: o.Transport, Host: o.Host,
		Op: op, RequestID: requestID, Message: message, Err: cause,
	}
}

// Server returns the error that the server reported with the code, which is cut
// to 16 bits as its documentation counts.
func (o Origin) Server(op string, requestID uint64, code int, message string) *driver.Error {
	code &= 0xffff
	message = strings.TrimRight(message, ". \r\n")
	if message == "" || strings.EqualFold(message, "success") {
		// After a failed step of a prepared statement the next one repeats the
		// code with a message of its own.
		message = Name(code)
	}
	e := o.Error(Kind(code, message), op, requestID, message, nil)
	e.Code = code
	return e
}

// Lost returns the error of a connection that was lost after the request had
// left the process.
func (o Origin) Lost(op string, requestID uint64, cause error) *driver.Error {
	e := o.Error(driver.ErrConnection, op, requestID, "connection lost before the reply came", cause)
	e.OutcomeUnknown = true
	return e
}

// Canceled returns the error of a call that ctx ended. errors.Is finds ctx.Err()
// in it, and the context's cause if it has one of its own. sent tells that the
// request had left the process.
func (o Origin) Canceled(ctx context.Context, op string, requestID uint64, sent bool) *driver.Error {
	kind, cause := driver.ErrOperational, ctx.Err()
	if errors.Is(cause, context.DeadlineExceeded) {
		kind = driver.ErrTimeout
	}
	if c := context.Cause(ctx); c != nil && !errors.Is(c, cause) {
		cause = errors.Join(cause, c)
	}
	e := o.Error(kind, op, requestID, "", cause)
	e.OutcomeUnknown = sent
	return e
}

// notSent marks an error whose request was certainly not executed.
type notSent struct{ err *driver.Error }

func (e notSent) Error() string { return e.err.Error() }
func (e notSent) Unwrap() error { return e.err }

// NotSent marks err: nothing of the request has left the process, or the server
// says that it did not take it. The connection must not be alive any more.
func NotSent(err *driver.Error) error { return notSent{err} }

// WasNotSent reports whether err is marked by [NotSent], and returns the error
// without the mark.
func WasNotSent(err error) (*driver.Error, bool) {
	var e notSent
	if errors.As(err, &e) {
		return e.err, true
	}
	return nil, false
}

// NotExecuted reports whether the server's code says that the session is gone
// and the request was not executed: 0x020B invalid connection, 0x0213
// disconnected, 0x0215 connection killed, and the adapter's "server not
// connected".
func NotExecuted(code int, message string) bool {
	switch code & 0xffff {
	case 0x020b, 0x0213, 0x0215:
		return true
	case 0xffff:
		return strings.EqualFold(strings.TrimSpace(message), "server not connected")
	}
	return false
}
