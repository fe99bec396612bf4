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
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
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
	into   insert // of an INSERT
	blob   blobUse
	params []parameter

	// id by which the server knows the statement; 0 if it has to be made.
	id uint64
	// listed is the id of the request under which the server lists the first
	// execution; it counts up from there.
	listed uint64
	// open is the result of the last execution.
	open *result
	// text tells that the server has refused to bind values to this query.
	text   bool
	closed bool
}

var _ transport.Stmt = (*stmt)(nil)

// apart keeps request ids of stmt2_init away from generated ones by flipping the
// top of their time, 25 days. The server counts up from the id that a statement
// was made with, and must not come upon one that it would kill another for.
const apart = 1 << 39

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
		if s.into, ok = parseInsert(sql); !ok {
			return nil, transport.ErrText
		}
	case len(w) == 1 && fold(w[0]) == "select" && !misread(sql):
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
	k := newCall("prepare", requestID)
	k.wireID = driver.NewRequestID() ^ apart
	r, err := c.text(ctx, k, actionStmtInit, func(id uint64) any {
		return stmtInitArgs{ReqID: id, SingleStbInsert: s.insert, SingleTableBindOnce: s.insert}
	}, c.lateStmt)
	if err != nil {
		return err
	}
	if r.StmtID == 0 {
		c.retire()
		return c.protocol("prepare", requestID, false, fmt.Errorf("a statement without an id"))
	}
	listed := k.wireID
	k = newCall("prepare", requestID)
	k.stmt = r.StmtID
	r, err = c.text(ctx, k, actionStmtPrepare, func(id uint64) any {
		return stmtPrepareArgs{ReqID: id, StmtID: k.stmt, SQL: s.sql, GetFields: true}
	}, c.lateStep)
	if err != nil {
		if !k.abandoned {
			c.closeStmt(k.stmt)
		}
		return withoutMark(err)
	}
	params, err := parametersOf(r, s.inputs)
	if err != nil || r.IsInsert != s.insert {
		c.closeStmt(k.stmt)
		return transport.ErrText
	}
	s.id, s.listed, s.params = k.stmt, listed, params
	return nil
}

// bindable reports whether the placeholders are ones that this transport binds
// values to.
func (s *stmt) bindable() bool {
	if !s.insert {
		return true
	}
	columns, blob := 0, s.blob != blobNamed
	for _, p := range s.params {
		switch {
		case p.role == bindColumn:
			columns++
			blob = blob || p.typ == block.Blob
		case p.role != bindTag:
			return false
		}
		// Before 3.4 the text of a decimal would be stored as if it were the number.
		if p.typ.IsDecimal() && !s.c.supports(needDecimalText) {
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
	k, err := s.execute(ctx, requestID, args)
	if err != nil {
		return 0, err
	}
	return k.reply.Affected, nil
}

// Query implements transport.Stmt. An INSERT has an update's reply.
func (s *stmt) Query(ctx context.Context, requestID uint64, args []sqldriver.Value) (*transport.Reply, error) {
	executed, err := s.execute(ctx, requestID, args)
	if err != nil {
		return nil, err
	}
	if s.insert {
		return &transport.Reply{Update: true, Affected: executed.reply.Affected}, nil
	}
	k := s.step("query", requestID)
	_, err = s.c.text(ctx, k, actionStmtResult, s.args, s.c.lateStep)
	if err != nil {
		return nil, s.failed(k, err)
	}
	reply, err := s.c.result(ctx, k, true)
	if err != nil {
		s.drop()
		return nil, err
	}
	s.open = reply.Result.(*result)
	s.open.wireID, s.open.listed = executed.wireID, executed.listed
	return reply, nil
}

// execute binds the values and runs the statement. Errors of the values, and
// ErrText, come before anything is sent.
func (s *stmt) execute(ctx context.Context, requestID uint64, args []sqldriver.Value) (*call, error) {
	c := s.c
	if s.closed {
		return nil, c.origin.Error(driver.ErrStatement, "statement", requestID, "the statement is closed", nil)
	}
	if s.text || s.open != nil && s.open.fetch != nil {
		return nil, transport.ErrText // somebody still reads the last result
	}
	if s.id == 0 {
		if err := s.prepare(ctx, requestID); err != nil {
			return nil, err
		}
		if !s.bindable() { // the table has changed
			s.drop()
			return nil, transport.ErrText
		}
	}
	data, err := s.bindData(requestID, args)
	if err != nil {
		return nil, err
	}
	if err := s.settle(ctx, requestID); err != nil {
		return nil, err
	}
	k := s.step("bind", requestID)
	err = c.start(ctx, k, binaryMessage, func(wireID uint64) []byte {
		head := make([]byte, 0, frame.HeaderSize+6+len(data))
		return append(frame.AppendBind(head, wireID, s.id, frame.AllColumns), data...)
	})
	if err != nil {
		return nil, err // what could not be sent has changed nothing
	}
	if err := c.wait(ctx, k, c.lateStep); err != nil {
		err = s.failed(k, err)
		var e *driver.Error
		if !s.insert && k.received && errors.As(err, &e) && e.Code != 0 && e.Kind != driver.ErrConnection {
			s.text = true
			return nil, transport.ErrText
		}
		return nil, err
	}
	k = s.step("execute", requestID)
	k.executes = true
	k.listed, s.listed = s.listed, s.listed+1
	if _, err := c.text(ctx, k, actionStmtExec, s.args, c.lateStep); err != nil {
		return nil, s.failed(k, err)
	}
	return k, nil
}

// bindData returns the values in the form of the bind message.
func (s *stmt) bindData(requestID uint64, args []sqldriver.Value) ([]byte, error) {
	if len(args) != s.inputs {
		return nil, s.c.origin.Error(driver.ErrProgramming, "statement", requestID,
			fmt.Sprintf("got %d arguments for %d placeholders", len(args), s.inputs), nil)
	}
	var t bind2.Table
	for i, arg := range args {
		var p parameter
		if s.insert {
			p = s.params[i]
		}
		column, err := p.bind(arg)
		if errors.Is(err, transport.ErrText) {
			return nil, err
		}
		if err != nil {
			kind := driver.ErrData
			return nil, s.c.origin.Error(kind, "bind", requestID, fmt.Sprintf("argument %d%s: %v", i+1, p.of(), err), nil)
		}
		if p.role == bindTag {
			t.Tags = append(t.Tags, column)
		} else {
			t.Columns = append(t.Columns, column)
		}
	}
	data, err := bind2.AppendTo(nil, []bind2.Table{t})
	if err != nil {
		return nil, s.c.origin.Error(driver.ErrData, "bind", requestID, "", err)
	}
	return data, nil
}

// step returns a call that the statement is under way in.
func (s *stmt) step(op string, requestID uint64) *call {
	k := newCall(op, requestID)
	k.stmt = s.id
	return k
}

func (s *stmt) args(wireID uint64) any { return stmtArgs{wireID, s.id} }

// failed gives up the statement on the server after an error of the call. Where
// the reply is still to come, the call's late closes it.
func (s *stmt) failed(k *call, err error) error {
	if k.abandoned {
		s.id, s.open = 0, nil
	}
	s.drop()
	if k.received {
		return err
	}
	return withoutMark(err) // a step before has been sent
}

// drop closes the statement on the server; it is made again when needed.
func (s *stmt) drop() {
	if s.id != 0 {
		s.c.closeStmt(s.id)
	}
	s.id, s.open = 0, nil
}

// settle makes sure that nothing of the last result is under way: a fetch beside
// an execution would never be answered.
func (s *stmt) settle(ctx context.Context, requestID uint64) error {
	r := s.open
	if r == nil {
		return nil
	}
	select {
	case <-r.settled:
	case <-ctx.Done():
		return s.c.origin.Canceled(ctx, "statement", requestID, false)
	case <-s.c.dead:
		return nil // sending will tell
	}
	s.open = nil
	if !r.freed.Load() {
		return nil
	}
	// There is no reply to the freeing, and what is sent now could overtake it.
	k := newCall("statement", driver.NewRequestID())
	_, err := s.c.text(ctx, k, actionCurrentDB, func(id uint64) any { return plainArgs{id} }, nil)
	return err
}

// Close implements transport.Stmt.
func (s *stmt) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	id, r := s.id, s.open
	s.id, s.open = 0, nil
	if id == 0 {
		return nil
	}
	if r != nil {
		select {
		case <-r.settled:
		default: // it may still be read; whoever does closes it
			s.c.later(func() {
				select {
				case <-r.settled:
					s.c.closeStmt(id)
				case <-s.c.dead:
				}
			})
			return nil
		}
	}
	s.c.closeStmt(id)
	return nil
}

// closeStmt frees a statement of which nothing is under way. It does not wait for
// the reply.
func (c *Conn) closeStmt(id uint64) {
	k := newCall("close statement", driver.NewRequestID())
	err := c.start(context.Background(), k, textMessage, func(req uint64) []byte {
		return marshal(actionStmtClose, stmtArgs{req, id})
	})
	if err == nil {
		c.abandon(k, nil)
	}
}

// lateStmt closes the statement that a late reply to stmt2_init brings.
func (c *Conn) lateStmt(k *call) {
	if k.reply != nil && k.reply.Code == 0 && k.reply.StmtID != 0 {
		c.closeStmt(k.reply.StmtID)
	}
}

// lateStep closes the statement whose step was answered too late, with the
// result that the reply may carry.
func (c *Conn) lateStep(k *call) {
	c.lateResult(k)
	c.closeStmt(k.stmt)
}
