// Package client is a connection to an IoTDB server that makes calls, one at a
// time: it owns the socket, ends every wait with its context, knows whether
// anything of a request has left the process, and bounds what a reply may take.
// What calls mean is not its business.
package client

import (
	"context"
	"errors"

	"github.com/gaugesql/gaugesql/driver"
)

// Engine is the name of IoTDB in errors.
const Engine = "iotdb"

// Origin makes errors that say where they come from.
type Origin struct{ Host string }

// Error returns an error that the driver found itself. Message and cause may each
// be empty.
func (o Origin) Error(kind error, op string, id uint64, message string, cause error) *driver.Error {
	return &driver.Error{Kind: kind, Engine: Engine, Host: o.Host, Op: op, RequestID: id, Message: message, Err: cause}
}

// Canceled returns the error of a call that ctx ended. errors.Is finds ctx.Err()
// in it, and the context's cause if it has one of its own. Sent tells that the
// request had left the process.
func (o Origin) Canceled(ctx context.Context, op string, id uint64, sent bool) *driver.Error {
	kind, cause := driver.ErrOperational, ctx.Err()
	if errors.Is(cause, context.DeadlineExceeded) {
		kind = driver.ErrTimeout
	}
	if c := context.Cause(ctx); c != nil && !errors.Is(c, cause) {
		cause = errors.Join(cause, c)
	}
	e := o.Error(kind, op, id, "", cause)
	e.OutcomeUnknown = sent
	return e
}

// notSent marks an error whose request was certainly not executed.
type notSent struct{ err *driver.Error }

func (e notSent) Error() string { return e.err.Error() }
func (e notSent) Unwrap() error { return e.err }

// NotSent marks err: nothing of the request has left the process, or the server
// says that it did nothing. The connection must not be alive any more.
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
