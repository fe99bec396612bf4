package ws

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/placeholder"
	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/prepare"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// stmt is a statement of stmt2, in the one order of steps that the server
// survives: init, prepare, then bind, exec and, of a query, result, any number
// of times. An INSERT is never executed without a bind and its result never
// asked for. After an error of any step the server repeats the error for ever;
// the statement is then closed and made again by the next use.
type stmt struct {
	c      *Conn
	sql    string
	inputs int
	insert bool
	into   prepare.Insert // of an INSERT
	blob   blobUse

	// made is what the server has of the statement; nil if it has to be made.
	made *stmt2
	// text tells that the server has refused to bind values to this query.
	text   bool
	closed bool
}

var _ transport.Stmt = (*stmt)(nil)

// Prepare implements transport.Conn.
func (c *Conn) Prepare(ctx context.Context, requestID uint64, sql string) (transport.Stmt, error) {
	if !c.supports(needStmt2) {
		return nil, transport.ErrText
	}
	_, inputs, err := placeholder.TDengine.Marks(sql)
	if err != nil || inputs == 0 {
		return nil, transport.ErrText
	}
	s := &stmt{c: c, sql: sql, inputs: inputs}
	var words [1]string
	switch w := placeholder.TDengine.Words(sql, words[:0]); {
	case len(w) == 1 && fold(w[0]) == "insert":
		var ok bool
		s.insert = true
		if s.into, ok = prepare.ParseInsert(sql); !ok || s.into.Bound {
			return nil, transport.ErrText
		}
	case len(w) == 1 && fold(w[0]) == "select" && !prepare.Misread(sql):
	default:
		return nil, transport.ErrText
	}
	if err := s.prepare(ctx, requestID); err != nil {
		var e *driver.Error
		if !s.insert && errors.As(err, &e) && e.Code != 0 && e.Kind != driver.ErrConnection {
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

// prepare makes the statement on the server.
func (s *stmt) prepare(ctx context.Context, requestID uint64) error {
	c := s.c
	if s.insert { // each time: the table may have another BLOB since
		var err error
		if s.blob, err = c.blobUse(ctx, requestID, s.into); err != nil || s.blob == blobLeftOut {
			return errorOr(err, transport.ErrText)
		}
	}
	made, err := c.makeStmt(ctx, requestID, driver.NewRequestID()^apart, s.sql,
		transport.Stmt2Options{SingleSuperTable: s.insert, BindTableOnce: s.insert, Fields: true})
	if err != nil {
		return err
	}
	if made.strange != nil || made.inputs != s.inputs || made.insert != s.insert {
		made.Close()
		return transport.ErrText
	}
	s.made = made
	return nil
}

// bindable reports whether the placeholders are ones that this transport binds
// values to.
func (s *stmt) bindable() bool {
	if !s.insert {
		return true
	}
	columns, blob := 0, s.blob != blobNamed
	for _, p := range s.made.params {
		switch p.Role {
		case bind2.ColumnRole:
			columns++
			blob = blob || p.Type == block.Blob
		case bind2.TagRole:
		default:
			return false
		}
		// Before 3.4 the text of a decimal would be stored as if it were the number.
		if p.Type.IsDecimal() && !s.c.supports(needDecimalText) {
			return false
		}
	}
	return columns > 0 && blob // otherwise executing would end the server
}

// NumInput implements transport.Stmt.
func (s *stmt) NumInput() int { return s.inputs }

// Exec implements transport.Stmt.
func (s *stmt) Exec(ctx context.Context, requestID uint64, args []sqldriver.Value) (int64, error) {
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
func (s *stmt) Query(ctx context.Context, requestID uint64, args []sqldriver.Value) (*transport.Reply, error) {
	affected, err := s.execute(ctx, requestID, args)
	if err != nil {
		return nil, err
	}
	if s.insert {
		return &transport.Reply{Update: true, Affected: affected}, nil
	}
	return s.made.Result(ctx, requestID)
}

// execute binds the values and runs the statement. Errors of the values, and
// ErrText, come before anything is sent.
func (s *stmt) execute(ctx context.Context, requestID uint64, args []sqldriver.Value) (affected int64, err error) {
	if s.closed {
		return 0, s.c.origin.Error(driver.ErrStatement, "statement", requestID, "the statement is closed", nil)
	}
	if s.text || s.made != nil && s.made.read() {
		return 0, transport.ErrText // somebody still reads the last result
	}
	if s.made == nil || s.made.id == 0 {
		if err := s.prepare(ctx, requestID); err != nil {
			return 0, err
		}
		if !s.bindable() { // the table has changed
			s.made.Close()
			return 0, transport.ErrText
		}
	}
	table, err := s.table(requestID, args)
	if err != nil {
		return 0, err
	}
	if err := s.made.Bind(ctx, requestID, []bind2.Table{table}); err != nil {
		var e *driver.Error
		if !s.insert && errors.As(err, &e) && e.Code != 0 && e.Kind != driver.ErrConnection {
			s.text = true
			return 0, transport.ErrText
		}
		return 0, err
	}
	return s.made.Exec(ctx, requestID)
}

// table returns the values as what is bound.
func (s *stmt) table(requestID uint64, args []sqldriver.Value) (t bind2.Table, err error) {
	if len(args) != s.inputs {
		return t, s.c.origin.Error(driver.ErrProgramming, "statement", requestID,
			fmt.Sprintf("got %d arguments for %d placeholders", len(args), s.inputs), nil)
	}
	for i, arg := range args {
		var p bind2.Param
		if s.insert {
			p = s.made.params[i]
		}
		column, err := p.Bind(arg)
		if errors.Is(err, transport.ErrText) {
			return t, err
		}
		if err != nil {
			return t, s.c.origin.Error(driver.ErrData, "bind", requestID, fmt.Sprintf("argument %d%s: %v", i+1, p.Of(), err), nil)
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
func (s *stmt) Close() error {
	s.closed = true
	if s.made == nil {
		return nil
	}
	return s.made.Close()
}
