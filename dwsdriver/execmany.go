package dwsdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"iter"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/arguments"
)

const opExecMany = "executemany"

// ManyExecer runs one statement with many lists of arguments: psycopg2's executemany.
// Find it with [driver.With] or [driver.WithDB].
type ManyExecer interface {
	// ExecMany runs the statement with each row's arguments, in order, and returns the
	// number of rows that it wrote in all. The statement is prepared once, and the
	// arguments of some hundred rows are sent together, so that a round trip
	// serves them all.
	//
	// Outside of a transaction each portion of rows is committed by itself, as a
	// whole: an error is a [driver.AppendError] that says which rows are in. In a
	// transaction an error leaves the transaction to be rolled back.
	ExecMany(ctx context.Context, query string, rows iter.Seq[[]any]) (int64, error)
}

var _ ManyExecer = (*conn)(nil)

// ExecMany implements [ManyExecer].
func (c *conn) ExecMany(ctx context.Context, query string, rows iter.Seq[[]any]) (int64, error) {
	id := driver.RequestID(ctx)
	p, err := c.session.Prepare(ctx, query)
	if err != nil {
		return 0, plain(c.fail(opExecMany, id, ctx, err))
	}
	defer p.Close()
	next, stop := iter.Pull(rows)
	defer stop()
	var written, done int64
	for {
		var refused error
		n, sent, err := p.ExecMany(ctx, func() ([]sqldriver.NamedValue, bool) {
			row, ok := next()
			if !ok {
				return nil, false
			}
			var values []sqldriver.NamedValue
			if values, refused = arguments.Named(row, c.CheckNamedValue); refused == nil {
				refused = p.Check(len(values))
			}
			return values, refused == nil
		})
		if err == nil {
			written, done = written+n, done+int64(sent)
			if refused == nil {
				if sent == 0 {
					return written, nil
				}
				continue
			}
			err, sent = refused, 1
		}
		e := plain(c.fail(opExecMany, id, ctx, err))
		failure := &driver.AppendError{Written: done, First: done, Last: done + int64(max(sent, 1)) - 1, Err: e}
		var known *driver.Error
		if errors.As(e, &known) {
			failure.Unknown = known.OutcomeUnknown
		}
		return written, failure
	}
}
