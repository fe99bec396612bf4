package client

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/peek"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
)

// Settings are what all connections of a connector share.
type Settings struct {
	Protocol rpc.Protocol
	// TLS is nil for none. Its ServerName may be empty for the host's.
	TLS *tls.Config
	// Dial opens network connections.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// MaxFrame is the largest reply.
	MaxFrame int64
	// ReadTimeout bounds the wait for a reply, WriteTimeout the sending of a
	// request; 0 is no bound.
	ReadTimeout, WriteTimeout time.Duration
}

// Conn is a connection. It is used by one goroutine at a time; what ends a call from
// outside is its context.
type Conn struct {
	Origin
	settings *Settings
	socket   *socket
	conn     net.Conn // the socket, or TLS on it
	r        *bufio.Reader
	sequence int32
	waiting  *Call // sent and not answered
	dead     bool
	answered bool // the server has understood us at least once
}

// Dial connects to "host:port".
func Dial(ctx context.Context, settings *Settings, addr string) (*Conn, error) {
	c := &Conn{Origin: Origin{addr}, settings: settings}
	raw, err := settings.Dial(ctx, "tcp", addr)
	if err != nil {
		if ctx.Err() != nil {
			return nil, c.Canceled(ctx, "connect", 0, false)
		}
		return nil, c.Error(driver.ErrConnection, "connect", 0, "", err)
	}
	c.socket = newSocket(raw)
	c.conn = c.socket
	if settings.TLS != nil {
		if err := c.handshake(ctx); err != nil {
			raw.Close()
			return nil, err
		}
	}
	c.r = bufio.NewReaderSize(c.conn, 16<<10)
	return c, nil
}

func (c *Conn) handshake(ctx context.Context) error {
	config := c.settings.TLS
	if config.ServerName == "" {
		config = config.Clone()
		config.ServerName, _, _ = net.SplitHostPort(c.Host)
	}
	client := tls.Client(c.socket, config)
	if err := client.HandshakeContext(ctx); err != nil {
		if ctx.Err() != nil {
			return c.Canceled(ctx, "connect", 0, false)
		}
		e := c.Error(driver.ErrConnection, "connect", 0, "the TLS handshake failed", err)
		var certificate *tls.CertificateVerificationError
		var alert tls.AlertError
		if !errors.As(err, &certificate) && !errors.As(err, &alert) {
			e.Hint = "the server may not speak TLS on this port; iotdb:// is without"
		}
		return e
	}
	c.conn = client
	return nil
}

// Call is a request and its reply.
type Call struct {
	// Op and ID are what errors say.
	Op string
	ID uint64
	// Method is one of package rpc; Arguments and Result are its own.
	Method            string
	Arguments, Result rpc.Struct
	// Executes tells that the server does something for the request, so that losing
	// the reply leaves the outcome unknown.
	Executes bool
	// Limit replaces Settings.ReadTimeout, if not 0.
	Limit time.Duration

	sequence int32
	frame    *lent
	err      error
	done     bool
}

// Release gives the memory of the reply back: values of type []byte of Result
// are gone then.
func (k *Call) Release() {
	if k.frame != nil {
		k.frame.release()
		k.frame = nil
	}
}

// Do is Send and Receive.
func (c *Conn) Do(ctx context.Context, k *Call) error {
	if err := c.Send(ctx, k); err != nil {
		return err
	}
	return c.Receive(ctx, k)
}

// Send sends the request. A reply that another call waits for is received first
// and kept for it. An error is marked [NotSent] if nothing of the request has left
// the process.
func (c *Conn) Send(ctx context.Context, k *Call) error {
	if err := ctx.Err(); err != nil {
		return c.Canceled(ctx, k.Op, k.ID, false)
	}
	if w := c.waiting; w != nil {
		c.Receive(ctx, w)
		if ctx.Err() != nil {
			return c.Canceled(ctx, k.Op, k.ID, false)
		}
	}
	if c.Ended() {
		c.Close()
		return NotSent(c.Error(driver.ErrConnection, k.Op, k.ID, "the connection is closed", nil))
	}
	c.sequence++
	k.sequence = c.sequence
	parts, err := rpc.Encode(c.settings.Protocol, k.Method, rpc.Call, k.sequence, k.Arguments)
	if err != nil {
		return c.Error(driver.ErrProgramming, k.Op, k.ID, "", err)
	}
	before, size := c.socket.written.Load(), 0
	for _, part := range parts {
		size += len(part)
	}
	end := c.socket.begin(ctx, c.settings.WriteTimeout)
	var n int
	if c.conn == net.Conn(c.socket) {
		n, err = c.socket.writeAll(parts)
	} else {
		n, err = writeEach(c.conn, parts)
	}
	end()
	if err == nil {
		c.waiting = k
		return nil
	}
	c.Close()
	sent := c.socket.written.Load() > before
	// A request cut short is none for the server: it was not executed.
	unknown := k.Executes && n == size
	switch {
	case ctx.Err() != nil:
		return c.Canceled(ctx, k.Op, k.ID, unknown)
	case sent:
		kind := driver.ErrConnection
		if errors.Is(err, os.ErrDeadlineExceeded) {
			kind = driver.ErrTimeout
		}
		e := c.Error(kind, k.Op, k.ID, "the request could not be sent whole", err)
		if e.OutcomeUnknown = unknown; unknown {
			e.Message = "the connection failed when the request was sent"
		}
		return e
	}
	return NotSent(c.Error(driver.ErrConnection, k.Op, k.ID, "the connection is closed", err))
}

// writeEach writes the parts, small ones together, and returns how many bytes were
// taken.
func writeEach(w io.Writer, parts net.Buffers) (taken int, err error) {
	for len(parts) > 0 {
		b := parts[0]
		parts = parts[1:]
		if len(b) < 1<<10 && len(parts) > 0 {
			b = append(append(make([]byte, 0, len(b)+len(parts[0])), b...), parts[0]...)
			parts = parts[1:]
		}
		n, err := w.Write(b)
		taken += n
		if err != nil {
			return taken, err
		}
	}
	return taken, nil
}

// Receive waits for the reply to a request that was sent.
func (c *Conn) Receive(ctx context.Context, k *Call) error {
	if k.done {
		return k.err
	}
	if c.waiting != k || c.dead {
		e := c.Error(driver.ErrConnection, k.Op, k.ID, "connection lost before the reply came", nil)
		e.OutcomeUnknown = k.Executes
		return e
	}
	c.waiting = nil
	limit := c.settings.ReadTimeout
	if k.Limit != 0 {
		limit = k.Limit
	}
	end := c.socket.begin(ctx, limit)
	frame, err := readFrame(c.r, c.settings.MaxFrame)
	end()
	k.done = true
	if err != nil {
		c.Close()
		k.err = c.lost(ctx, k, limit, err)
		return k.err
	}
	k.frame = frame
	k.err = c.decode(k)
	if k.err != nil {
		k.Release()
	}
	return k.err
}

// decode reads the reply.
func (c *Conn) decode(k *Call) error {
	m, err := rpc.ParseMessage(c.settings.Protocol, *k.frame.b)
	switch {
	case err != nil:
	case m.Sequence != k.sequence || m.Kind == rpc.Call || m.Name != k.Method && m.Kind != rpc.Exception:
		err = fmt.Errorf("message %d of kind %d to %q in place of the reply to request %d, %s", m.Sequence, m.Kind, m.Name, k.sequence, k.Method)
	default:
		c.answered = true
		if err = m.Decode(k.Result); err == nil {
			return nil
		}
		var e *rpc.ApplicationError
		if errors.As(err, &e) {
			return e // the connection is as good as before
		}
	}
	c.Close()
	e := c.Error(driver.ErrInternal, k.Op, k.ID, "the server's reply makes no sense", err)
	e.OutcomeUnknown = k.Executes
	return e
}

// lost explains a reply that did not come.
func (c *Conn) lost(ctx context.Context, k *Call, limit time.Duration, err error) error {
	if ctx.Err() != nil {
		return c.Canceled(ctx, k.Op, k.ID, k.Executes)
	}
	e := c.Error(driver.ErrConnection, k.Op, k.ID, "connection lost before the reply came", err)
	e.OutcomeUnknown = k.Executes
	var large *frameTooLarge
	switch {
	case errors.As(err, &large) && !c.answered && large.tlsRecord():
		e.Message, e.Err = "the server answers with TLS", nil
		e.Hint = "use iotdb+tls://"
	case errors.As(err, &large):
		e.Kind, e.Message = driver.ErrResult, "the server's reply is longer than max_frame_size"
	case errors.Is(err, os.ErrDeadlineExceeded):
		e.Kind, e.Err = driver.ErrTimeout, nil
		e.Message = "no reply within the read timeout of " + limit.String()
	case !c.answered && errors.Is(err, io.EOF):
		e.Message = "the server closed the connection on the first request"
		e.Hint = "does it speak the " + c.settings.Protocol.String() + " protocol (parameter compression)"
		if c.settings.TLS == nil {
			e.Hint += ", or TLS (iotdb+tls://)"
		}
		e.Hint += "?"
	}
	return e
}

// Alive reports whether calls can be made, as far as this side knows.
func (c *Conn) Alive() bool { return !c.dead }

// Busy reports whether a request was sent whose reply nobody has waited for yet.
func (c *Conn) Busy() bool { return c.waiting != nil }

// Ended reports whether the other side is known to have ended the connection. A
// server that says something while nothing was asked is about to: over TLS its
// farewell is a message.
func (c *Conn) Ended() bool {
	if c.dead {
		return true
	}
	if c.answered && c.waiting == nil && c.r.Buffered() > 0 {
		return true // it came behind the reply
	}
	switch c.socket.look.Look() {
	case peek.Ended:
		return true
	case peek.Readable:
		// Before the first reply it may be what belongs to the handshake.
		return c.answered && c.waiting == nil
	}
	return false
}

// Close ends the connection at once. One that has ended already is no error.
func (c *Conn) Close() error {
	if c.dead {
		return nil
	}
	c.dead = true
	if w := c.waiting; w != nil {
		c.waiting = nil
		w.done = true
		e := c.Error(driver.ErrConnection, w.Op, w.ID, "connection lost before the reply came", nil)
		e.OutcomeUnknown = w.Executes
		w.err = e
	}
	return c.socket.Conn.Close()
}
