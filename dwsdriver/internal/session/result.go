package session

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

const (
	// maxBlock bounds the rows of a block.
	maxBlock = 1024
	// fewRows in a block are no large result.
	fewRows = 32
)

// Result hands out the rows of a statement block by block.
type Result struct {
	s   *Session
	ctx context.Context
	r   *reply
	// columns of this result set, in the format of their values; nil if it has no
	// rows.
	columns []wire.Column
	decoder *wire.Decoder
	traits
	st *statement // nil for several

	bytes int // that were read
	// ahead are blocks that were read before they were asked for.
	ahead []*wire.Block

	set  bool  // this result set has not come to its end
	more bool  // another follows
	done bool  // the server is ready for the next request
	err  error // what ended the rows, other than their end
}

// query runs a statement by the extended protocol and reads up to its first row.
func (s *Session) query(ctx context.Context, st *statement, comment string, args []driver.NamedValue) (*Result, error) {
	q := &Result{s: s, ctx: ctx, traits: st.traits, st: st}
	r, err := s.start(ctx, st, comment, args, true, q.begin)
	if err != nil {
		return nil, err
	}
	return q, q.describe(r.columns)
}

// queryPlain runs several statements by the simple protocol.
func (s *Session) queryPlain(ctx context.Context, text string, t traits) (*Result, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	s.effects |= t.effect
	s.out = wire.AppendQuery(s.out[:0], text)
	if err := s.send(ctx); err != nil {
		return nil, err
	}
	q := &Result{s: s, ctx: ctx, traits: t}
	if err := q.begin(new(reply)); err != nil {
		return nil, err
	}
	if q.r.err != nil {
		return nil, q.r.err
	}
	return q, q.describe(q.r.columns)
}

// begin reads up to the first row, to the end of a statement that has none, or to
// the end of the request if it has failed.
func (q *Result) begin(r *reply) error {
	q.r, q.set, q.done = r, false, false // it may be the second try
	s := q.s
	for {
		t, length, err := s.peek()
		if err != nil {
			return err
		}
		if t == wire.DataRow || t == wire.CommandComplete && r.columns != nil {
			q.set = true
			s.open = q
			return nil
		}
		body := s.in.bytes()[wire.HeaderSize:length:length]
		s.in.use(length)
		over, err := s.take(r, t, body)
		if err != nil {
			return err
		}
		if over {
			q.done = true
			r.err = s.because(q.ctx, r.err)
			return nil
		}
	}
}

// describe prepares for rows of these columns.
func (q *Result) describe(columns []wire.Column) error {
	q.columns = columns
	q.decoder = nil
	if !q.set {
		return nil
	}
	d, err := wire.NewDecoder(columns, q.s.options.Location)
	if err != nil {
		return q.s.broken(err)
	}
	q.decoder = d
	return nil
}

// Columns describe the rows of this result set. There are none if the statement
// returns no rows.
func (q *Result) Columns() []wire.Column { return q.columns }

// Outcome is that of the statement whose rows have come to their end.
func (q *Result) Outcome() Outcome { return Outcome{q.r.tag, q.r.rows} }

// Next returns the next rows of this result set, and io.EOF behind the last. An
// error other than io.EOF is final.
func (q *Result) Next() (*wire.Block, error) {
	if len(q.ahead) > 0 {
		block := q.ahead[0]
		q.ahead = q.ahead[1:]
		return block, nil
	}
	return q.read()
}

func (q *Result) read() (*wire.Block, error) {
	if q.err != nil {
		return nil, q.err
	}
	if !q.set {
		return nil, io.EOF
	}
	s := q.s
	if s.watch.over() {
		q.err = canceled(q.ctx, !q.done && !q.reads)
		return nil, q.err
	}
	if q.done = q.done || !s.Alive(); q.done {
		q.set = false
		if !s.Alive() {
			q.err = s.failure
			return nil, q.err
		}
		return nil, io.EOF
	}
	t, _, err := s.peek()
	if err == errHurried {
		return nil, err
	}
	if err != nil {
		return nil, q.fail(err)
	}
	if t != wire.DataRow {
		return nil, q.end()
	}
	rows, length, err := wire.Rows(s.in.bytes(), maxBlock)
	if err != nil {
		return nil, q.fail(s.broken(err))
	}
	if q.st != nil && rows > fewRows {
		q.st.large = true
	}
	block, err := q.decoder.Decode(s.in.bytes()[:length], rows)
	s.in.use(length)
	q.bytes += length
	if err != nil {
		if errors.Is(err, wire.ErrMalformed) {
			return nil, q.fail(s.broken(err))
		}
		q.err = &ResultError{err}
		return nil, q.err
	}
	return block, nil
}

// maxAbsorbed is how much of a result is kept so that another statement can run.
const maxAbsorbed = 1 << 20

// Absorb reads the rest of a result that is not large, so that the session is free
// for other statements while its rows are handed out. It reports whether it is. It
// ends with ctx, which is that of such a statement, and leaves the rest of the rows
// where it is.
func (q *Result) Absorb(ctx context.Context) bool {
	defer q.s.hurry(ctx)()
	for limit := q.bytes + maxAbsorbed; !q.done && q.set && q.bytes < limit; {
		block, err := q.read()
		if err != nil {
			break
		}
		q.ahead = append(q.ahead, block.Clone())
	}
	return q.s.open != q
}

// MayBeOuter reports whether a column of the result may be NULL that cannot be so
// in its table.
func (q *Result) MayBeOuter() bool { return q.outer }

// fail ends the rows by an error that has ended the session.
func (q *Result) fail(err error) error {
	q.set, q.done, q.err = false, true, err
	return err
}

// end reads what follows the rows of a result set: up to the next one's rows, or
// to the end of the request.
func (q *Result) end() error {
	s, r := q.s, q.r
	q.set, q.more = false, false
	for {
		t, length, err := s.peek()
		if err == errHurried {
			q.set = true // to come back here
			return err
		}
		if err != nil {
			return q.fail(err)
		}
		if t == wire.DataRow || t == wire.RowDescription && r.extended {
			return q.fail(s.broken(unexpected(t)))
		}
		body := s.in.bytes()[wire.HeaderSize:length:length]
		s.in.use(length)
		over, err := s.take(r, t, body)
		if err != nil {
			return q.fail(err)
		}
		if over {
			q.done = true
			if q.err = s.because(q.ctx, r.err); q.err != nil {
				return q.err
			}
			return io.EOF
		}
		if t == wire.RowDescription {
			q.more = true
			return io.EOF
		}
	}
}

// More reports whether another result set follows, once the rows of this one are
// at their end.
func (q *Result) More() bool { return q.more }

// NextSet goes on to the next result set, over what is left of this one's rows.
// It returns io.EOF if there is none.
func (q *Result) NextSet() error {
	q.ahead = nil
	for q.set {
		if _, err := q.read(); err != nil && err != io.EOF {
			return err
		}
	}
	if q.err != nil {
		return q.err
	}
	if !q.more {
		return io.EOF
	}
	q.more, q.set = false, true
	return q.describe(slices.Clone(q.r.columns))
}

// Limits of the rows that are read and thrown away before the statement is
// cancelled instead.
const (
	maxDrain     = 1 << 20
	maxDrainTime = 50 * time.Millisecond
)

// Close ends the rows and makes the session ready for the next request. What is
// left of the rows is read and thrown away; if that is much, and the statement
// only reads, and it is in no transaction, it is cancelled, or if that fails the
// session is ended. A statement that may write is always read to its end: to cancel
// it would take back what it has written, and nobody would learn of it.
//
// An error of the statement that no call of Next has returned is returned.
func (q *Result) Close() error {
	s := q.s
	q.ahead = nil
	if q.done || !s.Alive() || s.open != q {
		q.done, q.set, q.more = true, false, false
		return nil
	}
	seen := q.err != nil
	q.set, q.more = false, false
	began, drained, stopped := time.Now(), 0, false
	for !q.done {
		t, length, err := s.peek()
		if err != nil {
			q.fail(err)
			break
		}
		if t == wire.DataRow {
			_, length, err = wire.Rows(s.in.bytes(), maxBlock)
			if err != nil {
				q.fail(s.broken(err))
				break
			}
			s.in.use(length)
			drained += length
			if !stopped && (drained > maxDrain || time.Since(began) > maxDrainTime) {
				if stopped = true; q.reads && s.status == wire.Idle && !s.watch.over() {
					if s.stopOrEnd(); !s.Alive() {
						q.done = true
						return nil
					}
				}
			}
			continue
		}
		body := s.in.bytes()[wire.HeaderSize:length:length]
		s.in.use(length)
		if q.done, err = s.take(q.r, t, body); err != nil {
			q.fail(err)
			break
		}
	}
	if q.err == nil {
		q.err = s.because(q.ctx, q.r.err)
		if e, ok := q.err.(*ServerError); ok && stopped && e.Code == queryCanceled {
			q.err = nil
		}
	}
	if seen {
		return nil
	}
	return q.err
}

// stopOrEnd asks the server to cancel what runs, and waits until it has heard. The
// answer is to be read by the caller. If that fails the session is ended: the
// request may be on its way, and would meet the next statement.
func (s *Session) stopOrEnd() {
	if s.options.Cancel == nil {
		return
	}
	ctx, release := context.WithTimeout(context.Background(), s.options.CancelTimeout)
	defer release()
	if s.watch.ctx != nil {
		defer context.AfterFunc(s.watch.ctx, release)()
	}
	if err := s.options.Cancel(ctx); err != nil {
		s.giveUp(&LostError{err})
	}
}
