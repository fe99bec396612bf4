// Package stmt prepares statements for database/sql on a transport's stmt2: those
// of which every parameter can be bound and that the server survives. Values are
// bound a row at a time; whatever else is to be written into the text, for which
// the answer is [transport.ErrText].
package stmt

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/placeholder"
	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/prepare"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// statement takes the steps of stmt2 in the one order that the server survives:
// prepare, then bind, exec and, of a query, result, any number of times. An INSERT
// is never executed without a bind and its result never asked for. After an error
// of any step the server repeats the error for ever; the statement is then closed
// and made again by the next use.
type statement struct {
	c      transport.Stmt2Conn
	origin transport.Origin
	sql    string
	inputs int
	insert bool
	into   prepare.Insert // of an INSERT
	blob   blobUse

	// made is what the server has of the statement; nil if it has to be made.
	made transport.Stmt2
	// open is the result of the last execution.
	open *openResult
	// text tells that the server has refused to bind values to this query.
	text   bool
	closed bool
}

var _ transport.Stmt = (*statement)(nil)

// decimalText is the oldest server that stores the text of a decimal as the number.
var decimalText = transport.Version{3, 4, 0}

// Prepare prepares a statement on c, which makes errors by origin. It answers as
// transport.Conn.Prepare does.
func Prepare(ctx context.Context, c transport.Stmt2Conn, origin transport.Origin, requestID uint64, sql string) (transport.Stmt, error) {
	_, inputs, err := placeholder.TDengine.Marks(sql)
	if err != nil || inputs == 0 {
		return nil, transport.ErrText
	}
	s := &statement{c: c, origin: origin, sql: sql, inputs: inputs}
	var words [1]string
	switch w := placeholder.TDengine.Words(sql, words[:0]); {
	case len(w) == 1 && strings.EqualFold(w[0], "insert"):
		var ok bool
		s.insert = true
		if s.into, ok = prepare.ParseInsert(sql); !ok || s.into.Bound {
			return nil, transport.ErrText
		}
	case len(w) == 1 && strings.EqualFold(w[0], "select") && !prepare.Misread(sql):
	default:
		return nil, transport.ErrText
	}
	if err := s.prepare(ctx, requestID); err != nil {
		if !s.insert && refused(err) {
			// Whether it is the statement or only its being prepared, the server
			// will tell of the text.
			err = transport.ErrText
		}
		return nil, err
	}
	if !s.bindable() {
		s.Close()
		return nil, transport.ErrText
	}
	return s, nil
}

// refused reports whether the server has answered, and by an error of the request.
func refused(err error) bool {
	var e *driver.Error
	return errors.As(err, &e) && e.Code != 0 && e.Kind != driver.ErrConnection
}

// prepare makes the statement on the server.
func (s *statement) prepare(ctx context.Context, requestID uint64) error {
	if s.insert { // each time: the table may have another BLOB since
		var err error
		s.blob, err = useOfBlob(ctx, s.c, requestID, s.into)
		if err != nil {
			return err
		}
		if s.blob == blobLeftOut {
			return transport.ErrText
		}
	}
	made, err := s.c.Stmt2(ctx, requestID, s.sql, transport.Stmt2Options{
		SingleSuperTable: s.insert, BindTableOnce: s.insert, Fields: true, Apart: true,
	})
	if errors.Is(err, driver.ErrInternal) && s.c.Alive() {
		return transport.ErrText // placeholders of which this driver understands nothing
	}
	if err != nil {
		return err
	}
	if made.Inputs() != s.inputs || made.IsInsert() != s.insert {
		made.Close()
		return transport.ErrText
	}
	s.made = made
	return nil
}

// bindable reports whether the placeholders are ones that values can be bound to.
func (s *statement) bindable() bool {
	if !s.insert {
		return true
	}
	columns, blob := 0, s.blob != blobNamed
	for _, p := range s.made.Params() {
		switch p.Role {
		case bind2.ColumnRole:
			columns++
			blob = blob || p.Type == block.Blob
		case bind2.TagRole:
		default:
			return false
		}
		// Before 3.4 the text of a decimal would be stored as if it were the number.
		if p.Type.IsDecimal() && !transport.AtLeast(s.c.Version(), decimalText) {
			return false
		}
	}
	return columns > 0 && blob // otherwise executing would end the server
}

// NumInput implements transport.Stmt.
func (s *statement) NumInput() int { return s.inputs }

// Exec implements transport.Stmt.
func (s *statement) Exec(ctx context.Context, requestID uint64, args []sqldriver.Value) (int64, error) {
	if !s.insert {
		reply, err := s.Query(ctx, requestID, args)
		if err != nil {
			return 0, err
		}
		return 0, reply.Result.Close()
	}
	return s.execute(ctx, requestID, args)
}

// Query implements transport.Stmt. An INSERT has an update's reply.
func (s *statement) Query(ctx context.Context, requestID uint64, args []sqldriver.Value) (*transport.Reply, error) {
	affected, err := s.execute(ctx, requestID, args)
	if err != nil {
		return nil, err
	}
	if s.insert {
		return &transport.Reply{Update: true, Affected: affected}, nil
	}
	reply, err := s.made.Result(ctx, requestID)
	if err != nil {
		return nil, s.failed(err)
	}
	s.open = &openResult{Result: reply.Result}
	reply.Result = s.open
	return reply, nil
}

// execute binds the values and runs the statement. Errors of the values, and
// ErrText, come before anything is sent.
func (s *statement) execute(ctx context.Context, requestID uint64, args []sqldriver.Value) (affected int64, err error) {
	if s.closed {
		return 0, s.origin.Error(driver.ErrStatement, "statement", requestID, "the statement is closed", nil)
	}
	if s.text || s.open != nil && !s.open.done {
		return 0, transport.ErrText // somebody still reads the last result
	}
	s.open = nil
	if s.made == nil {
		if err := s.prepare(ctx, requestID); err != nil {
			return 0, err
		}
		if !s.bindable() { // the table has changed
			s.drop()
			return 0, transport.ErrText
		}
	}
	table, err := s.table(requestID, args)
	if err != nil {
		return 0, err
	}
	if err := s.made.Bind(ctx, requestID, []bind2.Table{table}); err != nil {
		s.failed(err)
		if !s.insert && refused(err) {
			s.text = true
			return 0, transport.ErrText
		}
		return 0, err
	}
	if affected, err = s.made.Exec(ctx, requestID); err != nil {
		return 0, s.failed(err)
	}
	return affected, nil
}

// failed gives up what the server has of the statement after an error of a step.
func (s *statement) failed(err error) error {
	s.drop()
	return err
}

func (s *statement) drop() {
	if s.made != nil {
		s.made.Close()
		s.made = nil
	}
}

// table returns the values as what is bound.
func (s *statement) table(requestID uint64, args []sqldriver.Value) (t bind2.Table, err error) {
	if len(args) != s.inputs {
		return t, s.origin.Error(driver.ErrProgramming, "statement", requestID,
			fmt.Sprintf("got %d arguments for %d placeholders", len(args), s.inputs), nil)
	}
	params := s.made.Params()
	for i, arg := range args {
		var p bind2.Param
		if s.insert {
			p = params[i]
		}
		column, err := p.Bind(arg)
		if errors.Is(err, transport.ErrText) {
			return t, err
		}
		if err != nil {
			return t, s.origin.Error(driver.ErrData, "bind", requestID, fmt.Sprintf("argument %d%s: %v", i+1, p.Of(), err), nil)
		}
		if p.Role == bind2.TagRole {
			t.Tags = append(t.Tags, column)
		} else {
			t.Columns = append(t.Columns, column)
		}
	}
	return t, nil
}

// Close implements transport.Stmt.
func (s *statement) Close() error {
	s.closed = true
	if s.made == nil {
		return nil
	}
	return s.made.Close()
}

// openResult knows when nobody reads it any more.
type openResult struct {
	transport.Result
	done bool
}

func (r *openResult) Next(ctx context.Context) (*block.Block, error) {
	b, err := r.Result.Next(ctx)
	r.done = r.done || err != nil
	return b, err
}

func (r *openResult) Close() error {
	r.done = true
	return r.Result.Close()
}
