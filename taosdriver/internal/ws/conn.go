package ws

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// Name of the transport in errors.
const Name = "ws"

const (
	textMessage   = websocket.TextMessage
	binaryMessage = websocket.BinaryMessage

	// maxStale is how many abandoned statements a connection may have unanswered
	// before it is better replaced. Closing one with several prepared ones under way
	// leaves them behind on the server, so it is not few.
	maxStale = 64
	// closeTimeout bounds the sending of a close frame.
	closeTimeout = 50 * time.Millisecond
)

// Conn is a connection to /ws.
type Conn struct {
	settings *transport.Settings
	origin   transport.Origin
	version  string
	silence  time.Duration // see longestSilence

	ws  *websocket.Conn
	net *netConn
	// writing has one element while a message is written.
	writing chan struct{}

	mu      sync.Mutex
	pending map[uint64]*call
	// stale is the number of statements in pending that are abandoned.
	stale int
	cause failure

	// spare is the memory of the last block of an open result, for the next.
	spare atomic.Pointer[[]byte]

	// dead is closed when nothing can be sent or received any more.
	dead chan struct{}
	// retired is set when the connection should not be used for new calls.
	retired atomic.Bool
	// beforeSend, in tests, sees each message before its context is looked at.
	beforeSend func([]byte)
	// work counts the reader and the goroutines that free what came too late. They
	// end with the socket at the latest.
	work sync.WaitGroup
}

var _ transport.Conn = (*Conn)(nil)

// failure is why a connection is dead.
type failure struct {
	// kind and message are those of errors; nil means a lost connection.
	kind    error
	message string
	err     error
}

var (
	errClosed       = errors.New("closed by this side")
	errServerClosed = errors.New("the server ended the connection")
)

// send writes one message. sent tells, of a failed one, whether a part of it
// has left the process.
func (c *Conn) send(ctx context.Context, messageType int, message []byte) (sent bool, err error) {
	if c.beforeSend != nil {
		c.beforeSend(message)
	}
	select {
	case c.writing <- struct{}{}:
	case <-ctx.Done():
		return false, ctx.Err()
	case <-c.dead:
		return false, c.failure().err
	}
	defer func() { <-c.writing }()
	select {
	case <-c.dead:
		return false, c.failure().err
	default:
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	var deadline time.Time
	if d := c.settings.WriteTimeout; d > 0 {
		deadline = time.Now().Add(d)
	}
	before, interrupt := c.net.beginWrite()
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, interrupt)
		defer stop()
	}
	c.ws.SetWriteDeadline(deadline)
	err = c.ws.WriteMessage(messageType, message)
	written := c.net.endWrite(before, err == nil)
	if err != nil {
		c.fail(failure{err: err})
	}
	return written > 0, err
}

// fail makes the connection dead, for the first cause given.
func (c *Conn) fail(cause failure) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.dead:
		return
	default:
	}
	c.cause = cause
	close(c.dead)
	c.net.Conn.Close() // ends the reader
}

// failure returns why the connection is dead.
func (c *Conn) failure() failure {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}

// retire lets the connection leave the pool without disturbing what it does.
func (c *Conn) retire() { c.retired.Store(true) }

// Alive implements transport.Conn. The reader notices the end of the socket, or,
// if it has not come to run since, a look at the socket does.
func (c *Conn) Alive() bool {
	select {
	case <-c.dead:
		return false
	default:
	}
	if c.retired.Load() || c.net.ended() {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stale <= maxStale
}

// Close implements transport.Conn.
func (c *Conn) Close() error {
	select {
	case <-c.dead:
	default:
		goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		c.ws.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(closeTimeout))
	}
	c.fail(failure{err: errClosed})
	c.work.Wait()
	return nil
}

// later runs f in a goroutine that Close waits for. f must end when the socket
// does.
func (c *Conn) later(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.dead: // the server frees everything
		return
	default:
	}
	c.work.Add(1)
	go func() {
		defer c.work.Done()
		f()
	}()
}

// server returns the error that the server reported. If it says that the session
// is gone, the connection is retired and the error marked NotSent.
func (c *Conn) server(op string, requestID uint64, code int64, message string) error {
	err := c.origin.Server(op, requestID, int(code&0xffff), message)
	if !transport.NotExecuted(err.Code, message) {
		return err
	}
	c.retire()
	return transport.NotSent(err)
}

// protocol returns the error for bytes that make no sense.
func (c *Conn) protocol(op string, requestID uint64, executed bool, err error) *driver.Error {
	e := c.origin.Error(driver.ErrInternal, op, requestID, "the server's reply makes no sense", err)
	e.OutcomeUnknown = executed
	return e
}
