//go:build (linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// stmt2 is a statement that the library has prepared. What its rules forbid ends
// this very process; those who use it keep the order of the steps.
type stmt2 struct {
	c      *Conn
	stmt   handle // nil once it is closed
	insert bool
	inputs int
	params []bind2.Param
	// requestID is that of the statement, by which the server lists the first
	// execution; it counts up from there.
	requestID uint64
	// open is the result of the last execution.
	open *result
	// message is kept from one bind to the next.
	message []byte
}

var (
	_ transport.Stmt2     = (*stmt2)(nil)
	_ transport.Stmt2Conn = (*Conn)(nil)
)

// apart keeps request ids of statements away from generated ones by flipping the
// top of their time, 25 days. The library counts up from the id that a statement
// was made with, and must not come upon one that it would kill another for.
const apart = 1 << 39

// allColumns is the column of taos_stmt2_bind_param for a bind of all.
const allColumns = -1

// maxKept is the largest bind data whose memory is kept for the next.
const maxKept = 16 << 20

// Stmt2 implements transport.Stmt2Conn.
func (c *Conn) Stmt2(ctx context.Context, requestID uint64, sql string, o transport.Stmt2Options) (transport.Stmt2, error) {
	if err := c.lib.require(c.origin, "prepare", "stmt2", "binding columns"); err != nil {
		return nil, err
	}
	if err := c.nul("prepare", requestID, sql); err != nil {
		return nil, err
	}
	s := &stmt2{c: c, requestID: requestID}
	if requestID == 0 || o.Apart {
		s.requestID = driver.NewRequestID() ^ apart
	}
	if requestID == 0 {
		requestID = s.requestID ^ apart
	}
	if !c.useStatement() {
		return nil, transport.NotSent(c.origin.Error(driver.ErrConnection, "prepare", requestID, "the connection is closed", nil))
	}
	var failure error
	t := &task{
		op: "prepare", requestID: requestID,
		call: func() { failure = s.prepare(requestID, sql, o) },
		late: func() { c.closeStmt(s.stmt) },
	}
	if err := c.run(ctx, t); err != nil {
		if !t.left {
			c.closeStmt(nil)
		}
		return nil, err
	}
	if failure != nil {
		go c.closeStmt(s.stmt) // see Close
		return nil, failure
	}
	return s, nil
}

// prepare makes the statement and prepares it.
func (s *stmt2) prepare(requestID uint64, sql string, o transport.Stmt2Options) error {
	c := s.c
	s.stmt = c.lib.StmtInit(c.taos, &stmtOption{
		requestID: int64(s.requestID), singleSuperTable: o.SingleSuperTable, singleTableBindOnce: o.BindTableOnce,
	})
	if s.stmt == nil {
		return c.failed("prepare", requestID, nil)
	}
	if code := c.lib.StmtPrepare(s.stmt, sql, uintptr(len(sql))); code != 0 {
		return s.failed(s.stmt, "prepare", requestID, code)
	}
	var insert int32
	if code := c.lib.StmtIsInsert(s.stmt, &insert); code != 0 {
		return s.failed(s.stmt, "prepare", requestID, code)
	}
	s.insert = insert != 0
	if s.insert && !o.Fields {
		return nil
	}
	var count int32
	var fields handle
	if code := c.lib.StmtGetFields(s.stmt, &count, &fields); code != 0 {
		return s.failed(s.stmt, "prepare", requestID, code)
	}
	if fields != nil {
		defer c.lib.StmtFreeFields(s.stmt, fields)
	}
	if count < 0 || count > maxColumns {
		return c.protocol("prepare", requestID, false, fmt.Errorf("%d placeholders", count))
	}
	s.inputs = int(count)
	if !s.insert || count == 0 {
		return nil
	}
	if fields == nil {
		return c.protocol("prepare", requestID, false, errFields)
	}
	var err error
	if s.params, err = paramsOf(unsafe.Slice((*placeholderField)(fields), count)); err != nil {
		return c.protocol("prepare", requestID, false, err)
	}
	return nil
}

// paramsOf copies the placeholders of an INSERT out of the library.
func paramsOf(fields []placeholderField) ([]bind2.Param, error) {
	params := make([]bind2.Param, len(fields))
	for i := range fields {
		f := &fields[i]
		t := block.Type(f.typ)
		if !t.Valid() {
			return nil, fmt.Errorf("unknown type %d", f.typ)
		}
		params[i] = bind2.Param{Name: text(f.name[:]), Type: t, Role: bind2.Role(f.role), Bytes: int64(f.bytes)}
		switch params[i].Role {
		case bind2.ColumnRole, bind2.TagRole, bind2.TableNameRole:
		default:
			return nil, fmt.Errorf("unknown role %d of a placeholder", f.role)
		}
		if t == block.Timestamp {
			if params[i].Precision = block.Precision(f.precision); !params[i].Precision.Valid() {
				return nil, errPrecision
			}
		}
	}
	return params, nil
}

// IsInsert implements transport.Stmt2.
func (s *stmt2) IsInsert() bool { return s.insert }

// Inputs implements transport.Stmt2.
func (s *stmt2) Inputs() int { return s.inputs }

// Params implements transport.Stmt2.
func (s *stmt2) Params() []bind2.Param { return s.params }

// Bind implements transport.Stmt2.
func (s *stmt2) Bind(ctx context.Context, requestID uint64, tables []bind2.Table) error {
	c := s.c
	if err := s.usable(ctx, "bind", requestID); err != nil {
		return err
	}
	b, message, err := newBinding(s.message, tables)
	if s.message = nil; err != nil {
		return c.origin.Error(driver.ErrData, "bind", requestID, "", err)
	}
	var failure error
	stmt := s.stmt
	t := &task{op: "bind", requestID: requestID, call: func() {
		defer b.release()
		if code := c.lib.StmtBind(stmt, &b.tables, allColumns); code != 0 {
			failure = s.failed(stmt, "bind", requestID, code)
		}
	}}
	err = s.step(ctx, t, &failure)
	if !t.left {
		b.release() // the call may never have been made
	}
	if err == nil && cap(message) <= maxKept {
		s.message = message
	}
	return err
}

// Exec implements transport.Stmt2.
func (s *stmt2) Exec(ctx context.Context, requestID uint64) (int64, error) {
	c := s.c
	if err := s.usable(ctx, "execute", requestID); err != nil {
		return 0, err
	}
	var affected int32
	var failure error
	stmt := s.stmt
	// It is not to be killed: taos_stmt2_exec would never return (3.3.7.5).
	t := &task{
		op: "execute", requestID: requestID, executes: true,
		call: func() {
			if code := c.lib.StmtExec(stmt, &affected); code != 0 {
				failure = s.failed(stmt, "execute", requestID, code)
			}
		},
	}
	if err := s.step(ctx, t, &failure); err != nil {
		return 0, err
	}
	s.requestID++
	return int64(affected), nil
}

// Result implements transport.Stmt2.
func (s *stmt2) Result(ctx context.Context, requestID uint64) (*transport.Reply, error) {
	c := s.c
	if err := s.usable(ctx, "query", requestID); err != nil {
		return nil, err
	}
	var out outcome
	stmt := s.stmt
	err := s.step(ctx, &task{op: "query", requestID: requestID, call: func() {
		out = c.take("query", requestID, c.lib.StmtResult(stmt), false)
	}}, &out.err)
	if err != nil {
		return nil, err
	}
	if out.res == nil {
		s.Close()
		return nil, c.protocol("query", requestID, true, errors.New("a query without a result"))
	}
	for i := range out.fields {
		out.fields[i].Bytes = declaredBytes(out.fields[i].Type, out.fields[i].Bytes)
	}
	reply := c.reply(ctx, &out, requestID, s)
	s.open = reply.Result.(*result)
	s.open.listedID = s.requestID - 1
	return reply, nil
}

// usable returns an error if the statement is closed. It waits for what is under
// way of the last result: the library takes no step beside a fetch.
func (s *stmt2) usable(ctx context.Context, op string, requestID uint64) error {
	if s.stmt == nil {
		return s.c.origin.Error(driver.ErrStatement, op, requestID, "the statement is closed", nil)
	}
	if s.open == nil {
		return nil
	}
	select {
	case <-s.open.settled:
		s.open = nil
		return nil
	case <-ctx.Done():
		return s.c.origin.Canceled(ctx, op, requestID, false)
	}
}

// step makes one call for the statement. An error closes it: the library would
// only repeat it.
func (s *stmt2) step(ctx context.Context, t *task, failure *error) error {
	c, stmt := s.c, s.stmt
	t.late = func() { c.closeStmt(stmt) }
	err := c.run(ctx, t)
	if t.left {
		s.stmt = nil // the goroutine closes it
		return err
	}
	if e, ok := transport.WasNotSent(err); ok {
		err = e // a step before has been sent
	} else if err == nil {
		err = c.reason(ctx, t, *failure)
	}
	if err != nil {
		s.Close()
	}
	return err
}

// failed returns the error of a code that a step returned.
func (s *stmt2) failed(stmt handle, op string, requestID uint64, code int32) error {
	return s.c.server(op, requestID, code, s.c.lib.StmtError(stmt))
}

// Close implements transport.Stmt2. The library may wait for threads of its own, so
// that this does not wait for the library.
func (s *stmt2) Close() error {
	c, stmt, r := s.c, s.stmt, s.open
	s.stmt, s.open, s.message = nil, nil, nil
	if stmt == nil {
		return nil
	}
	go func() {
		if r != nil { // it may still be read; whoever does closes it
			<-r.settled
		}
		c.closeStmt(stmt)
	}()
	return nil
}

// closeStmt frees a statement, of which nothing is under way, and ends its use of
// the session.
func (c *Conn) closeStmt(stmt handle) {
	if stmt != nil {
		c.lib.StmtClose(stmt)
	}
	c.mu.Lock()
	c.statements--
	c.mu.Unlock()
	c.done()
}

// useStatement counts a statement and its use of the session, until closeStmt.
func (c *Conn) useStatement() bool {
	if !c.use() {
		return false
	}
	c.mu.Lock()
	c.statements++
	c.mu.Unlock()
	return true
}
