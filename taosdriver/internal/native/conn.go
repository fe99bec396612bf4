//go:build (linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// Conn is a session of libtaos, which keeps the network connections behind it and
// makes them again when they are lost.
type Conn struct {
	lib      *library
	settings *transport.Settings
	origin   transport.Origin
	version  string

	taos handle
	// retired is set when the connection should not be used for new calls.
	retired atomic.Bool

	mu sync.Mutex
	// closed is set by Close. The session ends once uses is 0: the calls under way
	// and what they have brought that is not freed.
	closed bool
	uses   int
	// results and statements are the numbers of those that are open: killing ends
	// them too.
	results, statements int
}

var _ transport.Conn = (*Conn)(nil)

// use counts a use of the session, which done ends. It reports false if the
// connection is closed.
func (c *Conn) use() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.uses++
	return true
}

// keep counts another use by somebody who has one.
func (c *Conn) keep() {
	c.mu.Lock()
	c.uses++
	c.mu.Unlock()
}

// done ends a use.
func (c *Conn) done() {
	c.mu.Lock()
	c.uses--
	end := c.closed && c.uses == 0
	c.mu.Unlock()
	if end {
		c.lib.Close(c.taos)
	}
}

// Close implements transport.Conn. Calls that are still under way go on; the last
// of them closes the session.
func (c *Conn) Close() error {
	c.mu.Lock()
	end := !c.closed && c.uses == 0
	c.closed = true
	c.mu.Unlock()
	if end {
		c.lib.Close(c.taos)
	}
	return nil
}

// Alive implements transport.Conn.
func (c *Conn) Alive() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.closed && !c.retired.Load()
}

// retire lets the connection leave the pool.
func (c *Conn) retire() { c.retired.Store(true) }

// Version is the server's.
func (c *Conn) Version() string { return c.version }

// task is a call of the library as its caller sees it.
type task struct {
	op        string
	requestID uint64
	// executes tells that the server works for the call as for a statement.
	executes bool
	// call uses the library and keeps the outcome, which late frees if nobody waits
	// for it any more. late may be nil.
	call, late func()
	// stop asks the library to end the call, without waiting; it reports whether it
	// could. nil: it cannot, and nobody else is to.
	stop func() bool

	// left is set if the call is still under way, so that late will run. stopped is
	// set if it was asked to end, and so may have failed for no other reason.
	left, stopped bool
}

// run makes the call and returns when it has returned, ctx has ended or the read
// timeout is up. nil means that the outcome is there. A call that was left retires
// the connection.
func (c *Conn) run(ctx context.Context, t *task) error {
	if ctx.Err() != nil {
		return c.origin.Canceled(ctx, t.op, t.requestID, false)
	}
	if !c.use() {
		return transport.NotSent(c.origin.Error(driver.ErrConnection, t.op, t.requestID, "the connection is closed", nil))
	}
	late := t.late
	if late == nil {
		late = func() {}
	}
	f := fly(t.call, late, c.done)
	l, stopped := f.wait(ctx, c.settings.ReadTimeout, t.stop)
	t.stopped = stopped
	if l == returned {
		return nil
	}
	t.left = true
	c.retire()
	if t.executes && t.stop != nil && c.settings.Abandoned != nil {
		c.settings.Abandoned(transport.Abandoned{Host: c.origin.Host, RequestID: t.requestID, Ended: f.ended})
	}
	if l == canceled {
		return c.origin.Canceled(ctx, t.op, t.requestID, t.executes)
	}
	return c.overdue(t)
}

// overdue is the error of a call that the read timeout has ended.
func (c *Conn) overdue(t *task) error {
	e := c.origin.Error(driver.ErrTimeout, t.op, t.requestID, "no reply within the read timeout of "+c.settings.ReadTimeout.String(), nil)
	e.OutcomeUnknown = t.executes
	return e
}

// reason returns the error of a call that has returned with err: its own, unless it
// was asked to end. The library tries again by itself when it loses the server, so
// that nobody knows what became of the first try.
func (c *Conn) reason(ctx context.Context, t *task, err error) error {
	switch {
	case err == nil || !t.stopped:
		if e, ok := err.(*driver.Error); ok && t.executes && (e.Kind == driver.ErrConnection || e.Kind == driver.ErrTimeout) {
			e.OutcomeUnknown = true
		}
		return err
	case ctx.Err() != nil:
		return c.origin.Canceled(ctx, t.op, t.requestID, t.executes)
	}
	return c.overdue(t)
}

// kill ends what the session does. It reports false, and does nothing, if that
// would hit more than the call under way: another call, which may have begun since
// its caller has left this one, or a prepared statement, which would answer its next
// execution that it was killed.
func (c *Conn) kill() bool {
	c.mu.Lock()
	defer c.mu.Unlock() // nothing begins meanwhile
	if c.settings.KeepAbandoned || c.uses > 1 || c.results > 0 || c.statements > 0 {
		return false
	}
	c.lib.KillQuery(c.taos)
	return true
}

// failed returns the error that the library keeps for a result or, without one, for
// the thread.
func (c *Conn) failed(op string, requestID uint64, res handle) error {
	return c.server(op, requestID, c.lib.Errno(res), c.lib.Errstr(res))
}

// refused is failed for functions that return a code.
func (c *Conn) refused(op string, requestID uint64, code int32) error {
	return c.server(op, requestID, code, c.lib.Errstr(nil))
}

// server returns the error of a code. If it says that the session is gone, the
// connection is retired and the error marked NotSent.
func (c *Conn) server(op string, requestID uint64, code int32, message string) error {
	if code&0xffff == 0 && code >= 0 {
		// A failure without a reason: the code 0 would not be one.
		return c.origin.Error(driver.ErrInternal, op, requestID, "libtaos gives no reason: "+message, nil)
	}
	e := c.origin.Server(op, requestID, int(uint32(code)), message)
	if !transport.NotExecuted(e.Code, message) {
		return e
	}
	c.retire()
	if op == "connect" {
		return e
	}
	return transport.NotSent(e)
}

// protocol returns the error for what makes no sense.
func (c *Conn) protocol(op string, requestID uint64, executed bool, err error) error {
	e := c.origin.Error(driver.ErrInternal, op, requestID, "what libtaos hands out makes no sense", err)
	e.OutcomeUnknown = executed
	return e
}

// nul returns an error for text that C would cut.
func (c *Conn) nul(op string, requestID uint64, sql string) error {
	if strings.IndexByte(sql, 0) < 0 {
		return nil
	}
	return c.origin.Error(driver.ErrProgramming, op, requestID, "the statement holds a NUL, at which libtaos would cut it", nil)
}
