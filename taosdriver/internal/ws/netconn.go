package ws

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gaugesql/gaugesql/internal/peek"
)

// maxHandshake bounds what the TLS and HTTP handshakes may read.
const maxHandshake = 256 << 10

var errHandshakeTooLong = errors.New("the handshake does not end")

// netConn is the network connection below TLS and WebSocket. It knows whether
// anything of a message has left the process, and a message being written can
// be cut short.
type netConn struct {
	net.Conn
	socket  peek.Socket
	written atomic.Int64
	// handshake is what may still be read before the upgrade is done. Negative:
	// it is done.
	handshake int64

	mu          sync.Mutex
	writing     bool
	turn        int // of the writes
	interrupted bool
}

func newNetConn(c net.Conn) *netConn {
	return &netConn{Conn: c, socket: peek.At(c), handshake: maxHandshake}
}

// ended reports whether the other side is known to have ended the connection,
// also if the reader has had no time yet to notice.
func (c *netConn) ended() bool { return c.socket.Look() == peek.Ended }

func (c *netConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.handshake >= 0 {
		if c.handshake -= int64(n); c.handshake < 0 {
			return 0, errHandshakeTooLong
		}
	}
	return n, err
}

func (c *netConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.written.Add(int64(n))
	return n, err
}

// SetWriteDeadline is called by the WebSocket library before each write. It does
// not undo an interruption.
func (c *netConn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.interrupted {
		return nil
	}
	return c.Conn.SetWriteDeadline(t)
}

// beginWrite returns the number of bytes written before, and what cuts the write
// short. That does nothing to a later write.
func (c *netConn) beginWrite() (before int64, interrupt func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writing = true
	c.turn++
	turn := c.turn
	return c.written.Load(), func() { c.interrupt(turn) }
}

// endWrite returns the number of bytes written since. An interruption that came
// too late for a message that is whole is undone.
func (c *netConn) endWrite(before int64, whole bool) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writing = false
	if whole && c.interrupted {
		c.interrupted = false
		c.Conn.SetWriteDeadline(time.Time{})
	}
	return c.written.Load() - before
}

// lastChance is how long a write may go on when its context has ended. Cut short
// it costs the connection, and nearly every write is done by then.
const lastChance = 40 * time.Millisecond

// interrupt makes the write between beginWrite and endWrite, if it is still that
// one, fail unless it is done soon.
func (c *netConn) interrupt(turn int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.writing && c.turn == turn {
		c.interrupted = true
		c.Conn.SetWriteDeadline(time.Now().Add(lastChance))
	}
}
