package ws

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
)

const (
	firstBuffer = 16 << 10
	// maxPooled is the largest buffer that is kept for the next message. Blocks of
	// 4096 rows are usually smaller.
	maxPooled = 4 << 20
	// longestSilence is after how long without a frame a connection counts as lost,
	// once the server is known to ping, which it does every 54 s.
	longestSilence = 150 * time.Second
)

// buffers lends memory for messages, from their first byte until they are
// decoded. A connection that waits holds none, but for one that blocks of an open
// result come to, see [Conn.lend].
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, firstBuffer); return &b }}

// read is the reader goroutine. It ends when the socket does.
func (c *Conn) read() {
	defer c.work.Done()
	pings := false
	answer := c.ws.PingHandler()
	c.ws.SetPingHandler(func(data string) error {
		pings = true
		c.ws.SetReadDeadline(time.Now().Add(c.silence))
		return answer(data)
	})
	for {
		messageType, r, err := c.ws.NextReader()
		if err != nil {
			c.fail(readFailure(err))
			return
		}
		if pings {
			c.ws.SetReadDeadline(time.Now().Add(c.silence))
		}
		lent := c.lend()
		*lent, err = readMessage(r, (*lent)[:0], c.settings.MaxMessageBytes)
		if err != nil {
			c.fail(readFailure(err))
			return
		}
		if err := c.dispatch(messageType, lent); err != nil {
			c.fail(failure{kind: driver.ErrInternal, message: "the server's message makes no sense", err: err})
			return
		}
	}
}

// lend returns memory for a message: that of the block before, if another was to
// come, else some from the buffers.
func (c *Conn) lend() *[]byte {
	if lent := c.spare.Swap(nil); lent != nil {
		return lent
	}
	return buffers.Get().(*[]byte)
}

// giveBack returns the memory of a message that nobody looks at any more.
func giveBack(lent *[]byte) {
	if lent != nil && cap(*lent) <= maxPooled {
		buffers.Put(lent)
	}
}

// readMessage appends the message to buf. Its size is checked here too, since
// the library checks it before decompression.
func readMessage(r io.Reader, buf []byte, limit int64) ([]byte, error) {
	for {
		if len(buf) == cap(buf) {
			bigger := make([]byte, len(buf), 2*cap(buf))
			copy(bigger, buf)
			buf = bigger
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return buf, websocket.ErrReadLimit
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
}

// readFailure explains the end of a socket.
func readFailure(err error) failure {
	var closed *websocket.CloseError
	switch {
	case errors.Is(err, websocket.ErrReadLimit):
		return failure{driver.ErrInternal, "a message of the server is longer than the limit, max_message_size", err}
	case errors.As(err, &closed):
		if closed.Code == websocket.CloseAbnormalClosure { // no close frame: the end of TCP
			return failure{err: errServerClosed}
		}
		return failure{err: fmt.Errorf("%w: %w", errServerClosed, err)}
	case errors.Is(err, io.EOF):
		return failure{err: errServerClosed}
	}
	return failure{err: err}
}

// dispatch hands a message to the call that waits for it, and its memory back. An
// error means that the rest of the stream cannot be trusted.
func (c *Conn) dispatch(messageType int, lent *[]byte) error {
	kept := false
	defer func() {
		if !kept {
			giveBack(lent)
		}
	}()
	message := *lent
	if messageType == textMessage {
		r, err := parseReply(message)
		if err != nil {
			return err
		}
		k := c.take(r.ReqID)
		if k == nil {
			c.discard(r)
			return nil
		}
		c.complete(k, func() { c.textReply(k, r) })
		return nil
	}
	if frame.IsRawReply(message) {
		return c.dispatchRaw(message)
	}
	r, err := frame.ParseFetchReply(message)
	if err != nil {
		return err
	}
	k := c.take(r.ReqID)
	if k == nil {
		return nil
	}
	if k.result == nil {
		return fmt.Errorf("a block in reply to %s", k.op)
	}
	c.complete(k, func() {
		c.fetchReply(k, &r)
		if k.unfinished && cap(message) <= maxPooled {
			c.spare.Store(lent) // until the next block, or the end of the result
			kept = true
		}
	})
	return nil
}

// take removes the call with the id from those that wait. nil: there is none.
func (c *Conn) take(id uint64) *call {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.pending[id]
	delete(c.pending, id)
	return k
}

// complete sets the call's outcome and lets its waiter, or late, have it.
func (c *Conn) complete(k *call, set func()) {
	set()
	c.mu.Lock()
	k.answered = true
	abandoned := k.abandoned
	if abandoned {
		if k.executes {
			c.stale--
		}
		close(k.ended)
	}
	c.mu.Unlock()
	k.done <- struct{}{}
	if abandoned && k.late != nil {
		c.later(func() { k.late(k) })
	}
}

// textReply sets the outcome of a call that was answered with text.
func (c *Conn) textReply(k *call, r *reply) {
	k.reply = r
	switch {
	case r.Code != 0:
		k.err = c.server(k.op, k.requestID, r.Code, r.Message)
	case k.result != nil || k.raw != nil:
		c.retire()
		k.err = c.protocol(k.op, k.requestID, false, fmt.Errorf("a fetch was answered by %q", r.Action))
	}
}

// fetchReply sets the outcome of a fetch.
func (c *Conn) fetchReply(k *call, r *frame.FetchReply) {
	res := k.result
	switch {
	case r.Code != 0:
		k.err = c.server(k.op, k.requestID, int64(r.Code), r.Message)
	case r.ID != res.id:
		c.retire()
		k.err = c.protocol(k.op, k.requestID, false, fmt.Errorf("a block of result %d in place of %d", r.ID, res.id))
	case r.Finished:
	default:
		b, err := block.Decode(r.Block, res.precision, c.settings.Location)
		if err == nil {
			err = res.check(b)
		}
		if err != nil {
			c.retire()
			k.err = c.protocol(k.op, k.requestID, false, err)
			k.unfinished = true
			return
		}
		k.block, k.unfinished = b, true
	}
}

// discard frees what a reply carries that nobody waits for.
func (c *Conn) discard(r *reply) {
	if r.Code != 0 {
		return
	}
	switch {
	case r.ID != 0:
		c.later(func() { c.free(r.ID) })
	case r.Action == actionStmtInit && r.StmtID != 0:
		c.later(func() { c.closeStmt(r.StmtID) })
	}
}
