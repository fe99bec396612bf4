package siritest

import (
	"io"
	"net"
	"sync"

	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// conn is one connection. Its reader serves requests in their order, all but those
// that a fault or a hung pool keeps waiting; its writer sends what is answered.
type conn struct {
	life   *life
	nc     net.Conn
	number int
	work   sync.WaitGroup // requests that wait

	session session

	mu     sync.Mutex
	wake   sync.Cond
	queue  []message
	over   bool
	frozen bool
}

// message is a package on its way out.
type message struct {
	data   []byte // header and data
	lose   bool   // is not sent
	half   bool   // is cut in the middle and the connection with it
	hangUp bool   // the connection ends after it
}

func newConn(l *life, nc net.Conn) *conn {
	c := &conn{life: l, nc: nc}
	c.wake.L = &c.mu
	return c
}

// HangUp ends the connection without a word.
func (c *conn) HangUp() {
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
	c.wake.Broadcast()
	_ = c.nc.Close()
}

// freeze makes the connection neither read nor write any more. It stays open.
func (c *conn) freeze() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen = true
}

func (c *conn) isFrozen() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.frozen
}

// send puts a package into the queue.
func (c *conn) send(m message) {
	if m.lose && !m.hangUp {
		return
	}
	c.mu.Lock()
	c.queue = append(c.queue, m)
	c.mu.Unlock()
	c.wake.Signal()
}

// write sends what is in the queue until the connection ends.
func (c *conn) write() {
	for {
		c.mu.Lock()
		for len(c.queue) == 0 && !c.over {
			c.wake.Wait()
		}
		if c.over {
			c.mu.Unlock()
			return
		}
		m := c.queue[0]
		c.queue = c.queue[1:]
		frozen := c.frozen
		c.mu.Unlock()
		if frozen || !c.life.srv.gate.Pass(c.life.Context) {
			continue
		}
		if m.half {
			m.data = m.data[:len(m.data)/2]
		}
		if !m.lose {
			if _, err := c.nc.Write(m.data); err != nil {
				c.HangUp()
				return
			}
		}
		if m.half || m.hangUp {
			c.HangUp()
			return
		}
	}
}

// read serves requests until the connection ends. A half close by the client lets
// the answers out that are due.
func (c *conn) read() {
	x := c.exchange("connect", "")
	if x.meet() != nil {
		return
	}
	header := make([]byte, wire.HeaderSize)
	for {
		if _, err := io.ReadFull(c.nc, header); err != nil {
			c.finish(err)
			return
		}
		h, err := wire.ParseHeader(header)
		if err != nil || h.Len > wire.MaxRequest {
			return // without an answer
		}
		data := make([]byte, h.Len)
		if _, err := io.ReadFull(c.nc, data); err != nil {
			return
		}
		if !c.life.srv.gate.Pass(c.life.Context) {
			return
		}
		if c.isFrozen() {
			<-c.life.Context.Done()
			return
		}
		c.serve(h, data)
	}
}

// finish waits for the answers that are due to a client that only writes no more.
func (c *conn) finish(err error) {
	if err != io.EOF {
		return
	}
	c.work.Wait()
	c.mu.Lock()
	c.queue = append(c.queue, message{lose: true, hangUp: true})
	c.mu.Unlock()
	c.wake.Signal()
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.over {
		c.wake.Wait()
	}
}
