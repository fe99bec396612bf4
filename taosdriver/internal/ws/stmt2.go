package ws

import (
	"context"
	"fmt"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// stmt2 is a statement as the server has it, and the steps that it takes. Those
// who use it keep the order of the steps.
type stmt2 struct {
	c *Conn
	// id by which the server knows the statement; 0 once it is closed.
	id     uint64
	insert bool
	inputs int
	params []bind2.Param
	// listed is the id of the request under which the server lists the next
	// execution; it counts up.
	listed uint64
	// executed is the last execution.
	executed *call
	// open is the result of the last execution.
	open *result
	// message is kept from one bind to the next.
	message []byte
}

var (
	_ transport.Stmt2     = (*stmt2)(nil)
	_ transport.Stmt2Conn = (*Conn)(nil)
)

// apart keeps request ids of stmt2_init away from generated ones by flipping the
// top of their time, 25 days. The server counts up from the id that a statement
// was made with, and must not come upon one that it would kill another for.
const apart = 1 << 39

// maxKept is the largest bind message whose memory is kept for the next.
const maxKept = 16 << 20

// Version implements transport.Stmt2Conn.
func (c *Conn) Version() string { return c.version }

// Stmt2 implements transport.Stmt2Conn.
func (c *Conn) Stmt2(ctx context.Context, requestID uint64, sql string, o transport.Stmt2Options) (transport.Stmt2, error) {
	if err := c.require("prepare", needStmt2, "binding columns"); err != nil {
		return nil, err
	}
	k := newCall("prepare", requestID)
	if requestID == 0 || o.Apart {
		k.wireID = driver.NewRequestID() ^ apart
	}
	if requestID == 0 {
		k.requestID = k.wireID ^ apart
	}
	r, err := c.text(ctx, k, actionStmtInit, func(id uint64) any {
		return stmtInitArgs{ReqID: id, SingleStbInsert: o.SingleSuperTable, SingleTableBindOnce: o.BindTableOnce}
	}, c.lateStmt)
	if err != nil {
		return nil, err
	}
	if r.StmtID == 0 {
		c.retire()
		return nil, c.protocol("prepare", requestID, false, fmt.Errorf("a statement without an id"))
	}
	s := &stmt2{c: c, id: r.StmtID, listed: k.wireID}
	k = s.step("prepare", k.requestID)
	r, err = c.text(ctx, k, actionStmtPrepare, func(id uint64) any {
		return stmtPrepareArgs{ReqID: id, StmtID: k.stmt, SQL: sql, GetFields: o.Fields}
	}, c.lateStep)
	if err != nil {
		return nil, s.failed(k, withoutMark(err))
	}
	s.insert, s.inputs = r.IsInsert, int(r.FieldsCount)
	if s.insert {
		s.inputs = len(r.Fields)
		if s.params, err = parametersOf(r); err != nil {
			s.Close()
			return nil, c.protocol("prepare", k.requestID, false, err)
		}
	}
	return s, nil
}

// IsInsert implements transport.Stmt2.
func (s *stmt2) IsInsert() bool { return s.insert }

// Inputs implements transport.Stmt2.
func (s *stmt2) Inputs() int { return s.inputs }

// Params implements transport.Stmt2.
func (s *stmt2) Params() []bind2.Param { return s.params }

// Bind implements transport.Stmt2.
func (s *stmt2) Bind(ctx context.Context, requestID uint64, tables []bind2.Table) error {
	if err := s.usable(requestID); err != nil {
		return err
	}
	c := s.c
	message, err := bind2.AppendTo(append(s.message[:0], make([]byte, frame.BindSize)...), tables)
	if err != nil {
		return c.origin.Error(driver.ErrData, "bind", requestID, "", err)
	}
	if cap(message) <= maxKept {
		s.message = message
	}
	if err := s.settle(ctx, requestID); err != nil {
		return err
	}
	k := s.step("bind", requestID)
	err = c.start(ctx, k, binaryMessage, func(wireID uint64) []byte {
		frame.AppendBind(message[:0], wireID, s.id, frame.AllColumns)
		return message
	})
	if err != nil {
		return err // what could not be sent has changed nothing
	}
	if err := c.wait(ctx, k, c.lateStep); err != nil {
		return s.failed(k, err)
	}
	return nil
}

// Exec implements transport.Stmt2.
func (s *stmt2) Exec(ctx context.Context, requestID uint64) (int64, error) {
	if err := s.usable(requestID); err != nil {
		return 0, err
	}
	k := s.step("execute", requestID)
	k.executes = true
	k.listed, s.listed = s.listed, s.listed+1
	if _, err := s.c.text(ctx, k, actionStmtExec, s.args, s.c.lateStep); err != nil {
		return 0, s.failed(k, err)
	}
	s.executed = k
	return k.reply.Affected, nil
}

// Result implements transport.Stmt2.
func (s *stmt2) Result(ctx context.Context, requestID uint64) (*transport.Reply, error) {
	if err := s.usable(requestID); err != nil {
		return nil, err
	}
	k := s.step("query", requestID)
	if _, err := s.c.text(ctx, k, actionStmtResult, s.args, s.c.lateStep); err != nil {
		return nil, s.failed(k, err)
	}
	reply, err := s.c.result(ctx, k, true)
	if err != nil {
		s.drop()
		return nil, err
	}
	s.open = reply.Result.(*result)
	s.open.wireID, s.open.listed = s.executed.wireID, s.executed.listed
	return reply, nil
}

// usable returns an error if the statement was closed by an error of a step.
func (s *stmt2) usable(requestID uint64) error {
	if s.id == 0 {
		return s.c.origin.Error(driver.ErrStatement, "statement", requestID, "the statement is closed", nil)
	}
	return nil
}

// step returns a call that the statement is under way in.
func (s *stmt2) step(op string, requestID uint64) *call {
	k := newCall(op, requestID)
	k.stmt = s.id
	return k
}

func (s *stmt2) args(wireID uint64) any { return stmtArgs{wireID, s.id} }

// failed gives up the statement on the server after an error of the call. Where
// the reply is still to come, the call's late closes it.
func (s *stmt2) failed(k *call, err error) error {
	if k.abandoned {
		s.id, s.open = 0, nil
	}
	s.drop()
	if k.received {
		return err
	}
	return withoutMark(err) // a step before has been sent
}

// withoutMark returns err for a request that is one of several of which others
// have been sent.
func withoutMark(err error) error {
	if e, ok := transport.WasNotSent(err); ok {
		return e
	}
	return err
}

// drop closes the statement on the server.
func (s *stmt2) drop() {
	if s.id != 0 {
		s.c.closeStmt(s.id)
	}
	s.id, s.open = 0, nil
}

// settle makes sure that nothing of the last result is under way: a fetch beside
// an execution would never be answered.
func (s *stmt2) settle(ctx context.Context, requestID uint64) error {
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

// Close implements transport.Stmt2.
func (s *stmt2) Close() error {
	id, r := s.id, s.open
	s.id, s.open, s.message = 0, nil, nil
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
