package session

import (
	"context"
	"errors"
	"fmt"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// ServerError is what the server answered.
type ServerError struct {
	*wire.Fields
	// Unknown is true if the server has ended the session while it was to answer a
	// request: it may have been carried out.
	Unknown bool
	// Refused is true if the server had not begun to execute the statement.
	Refused bool
	// Stale is true if the statement was refused since what it was prepared for has
	// changed, in a transaction, which has therefore failed.
	Stale bool
}

func (e *ServerError) Error() string { return e.Message }

// Unwrap returns the error as lib/pq has it.
func (e *ServerError) Unwrap() error { return e.PQ() }

// NotSentError is a session that was found dead before anything of the request had
// left the process.
type NotSentError struct{ Err error }

func (e *NotSentError) Error() string { return e.Err.Error() }
func (e *NotSentError) Unwrap() error { return e.Err }

// LostError is a connection that was lost after something had been sent: the
// request may have been carried out.
type LostError struct{ Err error }

func (e *LostError) Error() string { return "connection lost before the reply came: " + e.Err.Error() }
func (e *LostError) Unwrap() error { return e.Err }

// CanceledError is a request that its context has ended.
type CanceledError struct {
	// Err is the context's error, and its cause where that says more.
	Err error
	// Unknown is true if the request was sent and the server did not say in time
	// what became of it.
	Unknown bool
}

func (e *CanceledError) Error() string { return e.Err.Error() }
func (e *CanceledError) Unwrap() error { return e.Err }

// canceled makes the error of a context that has ended.
func canceled(ctx context.Context, unknown bool) *CanceledError {
	err := ctx.Err()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, err) {
		err = errors.Join(err, cause)
	}
	return &CanceledError{err, unknown}
}

// ProtocolError is a server that says what it cannot say at that point. The
// session is over.
type ProtocolError struct{ Err error }

func (e *ProtocolError) Error() string { return e.Err.Error() }
func (e *ProtocolError) Unwrap() error { return e.Err }

// EncodingError is a statement that has made the server send and take texts in an
// encoding other than UTF-8. The session is over, as what follows would be misread;
// the statement may have been carried out.
type EncodingError struct{ Encoding string }

func (e *EncodingError) Error() string {
	return fmt.Sprintf("the statement has set client_encoding to %q; the connection was ended, as texts would be misread and miswritten", e.Encoding)
}

// ResultError is a row that cannot be read. The session goes on.
type ResultError struct{ Err error }

func (e *ResultError) Error() string { return e.Err.Error() }
func (e *ResultError) Unwrap() error { return e.Err }

// ArgumentError is a mistake in the use of a statement: the number of arguments,
// a value that has no form. Nothing was sent.
type ArgumentError struct{ Err error }

func (e *ArgumentError) Error() string { return e.Err.Error() }
func (e *ArgumentError) Unwrap() error { return e.Err }

var (
	// ErrClosed is a session that this side has closed.
	ErrClosed = errors.New("the connection is closed")
	// ErrBusy is a request while a COPY is under way, or many rows of another
	// statement are not read.
	ErrBusy = errors.New("rows of an earlier statement, too many to keep, are open on this connection: close them first, or use another connection")
	// ErrCopyIn and ErrCopyOut are a COPY that came as an ordinary statement.
	ErrCopyIn  = errors.New("COPY FROM STDIN takes its rows from Copier.CopyFrom")
	ErrCopyOut = errors.New("COPY TO STDOUT gives its rows to Copier.CopyTo")

	errEnded = errors.New("the server has closed the connection")
	errNUL   = errors.New("the statement holds a zero byte")
)
