package dwsdriver

import (
	"context"
	"errors"
	"io"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/session"
)

const opCopy = "copy"

var _ driver.Copier = (*conn)(nil)

// CopyFrom implements [driver.Copier]: psycopg2's copy_expert with a file to read.
// [CopyFromStdin] writes such a statement. Either all rows are in or none: when the
// reader fails, the context ends or the server refuses a row, the server
// takes back what it has. Outside of a transaction the rows are committed when
// CopyFrom returns.
//
// The call ends with its context also while the reader has nothing to give. The
// reader is then read once more in vain, by a goroutine that ends with that read.
func (c *conn) CopyFrom(ctx context.Context, statement string, r io.Reader) (int64, error) {
	id := driver.RequestID(ctx)
	in, err := c.session.CopyIn(ctx, statement)
	if err != nil {
		return 0, plain(c.fail(opCopy, id, ctx, err))
	}
	source := newSource(ctx, r)
	defer source.stop()
	for {
		chunk, err := source.next()
		if len(chunk) > 0 {
			if _, err := in.Write(chunk); err != nil {
				_, err = in.Close()
				return 0, takenBack(plain(c.fail(opCopy, id, ctx, err)))
			}
		}
		if err == io.EOF {
			n, err := in.Close()
			return n, plain(c.fail(opCopy, id, ctx, err))
		}
		if err != nil {
			return 0, c.copyFailed(ctx, id, "the reader failed", err, in.Abort("the client could not read its data"))
		}
	}
}

// takenBack says of an error that came before the data's end that nothing was
// done: a server takes a COPY back that was not completed.
func takenBack(err error) error {
	var e *driver.Error
	if errors.As(err, &e) {
		e.OutcomeUnknown = false
	}
	return err
}

// CopyTo implements [driver.Copier]: psycopg2's copy_expert with a file to write.
// [CopyToStdout] writes such a statement. The number of rows is 0 on servers that
// do not tell. When the writer fails the statement is cancelled.
//
// The call ends with its context also while the writer takes nothing. The goroutine
// that writes then ends with that write.
func (c *conn) CopyTo(ctx context.Context, statement string, w io.Writer) (int64, error) {
	id := driver.RequestID(ctx)
	sink := newSink(ctx, w)
	n, err := c.session.CopyOut(ctx, statement, sink)
	if failed := sink.close(); failed != nil {
		return 0, c.copyFailed(ctx, id, "the writer failed", failed, err)
	}
	return n, plain(c.fail(opCopy, id, ctx, err))
}

// copyFailed is the error of a COPY whose reader or writer has failed. after is what
// became of the session.
func (c *conn) copyFailed(ctx context.Context, id uint64, message string, failed, after error) error {
	if ctx.Err() != nil {
		unknown := false
		if stopped := (*session.CanceledError)(nil); errors.As(after, &stopped) {
			unknown = stopped.Unknown
		}
		return plain(c.fail(opCopy, id, ctx, &session.CanceledError{Err: ctx.Err(), Unknown: unknown}))
	}
	return &driver.Error{Kind: driver.ErrInterface, Engine: engine, Op: opCopy, Host: c.host.Addr, RequestID: id, Message: message, Err: failed}
}
