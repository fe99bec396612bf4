package login

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// A server that greets without end is left.
const (
	maxGreeting = 64 << 10 // of a message
	maxMessages = 1000
)

// bridge is the connection that lib/pq has during the login. It is used by the
// goroutine of [bridge.run] alone.
type bridge struct {
	ctx     context.Context // of the login, which the bridge does not outlive
	session *Session
	target  *Target

	in       []byte // of the server, not yet read as messages
	messages int
	toPQ     []byte // what lib/pq may read
	fromPQ   []byte // what it has written, as far as it is not a whole message
	started  bool   // the first message is sent

	pending  *question // what the next message of lib/pq answers
	sasl     bool
	answered bool
	passfile bool // there is a password file that is not used
	err      error
}

// Dial implements lib/pq's Dialer.
func (b *bridge) Dial(string, string) (net.Conn, error) { return b, nil }

// DialTimeout implements lib/pq's Dialer.
func (b *bridge) DialTimeout(string, string, time.Duration) (net.Conn, error) { return b, nil }

// Read implements net.Conn: it takes messages of the server until one is for
// lib/pq. It never reads behind the first ReadyForQuery.
func (b *bridge) Read(p []byte) (int, error) {
	for len(b.toPQ) == 0 {
		if b.err == nil && b.session.Status != 0 {
			b.err = malformed(fmt.Errorf("lib/pq asks for more than a login"))
		}
		if b.err == nil {
			b.err = b.step()
		}
		if b.err != nil {
			return 0, b.err
		}
	}
	n := copy(p, b.toPQ)
	b.toPQ = b.toPQ[n:]
	return n, nil
}

// step takes one message of the server.
func (b *bridge) step() error {
	t, body, err := b.receive()
	if err != nil {
		return err
	}
	if b.messages++; b.messages > maxMessages {
		return malformed(errTooMuch)
	}
	s := b.session
	switch t {
	case wire.Authentication:
		return b.authentication(body)
	case wire.ParameterStatus:
		name, rest, ok := wire.String(body)
		value, rest, ok2 := wire.String(rest)
		if !ok || !ok2 || len(rest) != 0 {
			return malformed(wire.Malformed(t))
		}
		s.Parameters[string(name)] = string(value)
	case wire.BackendKeyData:
		if len(body) != 8 {
			return malformed(wire.Malformed(t))
		}
		s.PID, s.Secret = binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])
		b.toPQ = wire.Append(nil, t, body)
	case wire.NoticeResponse:
		fields, err := wire.ParseFields(t, body)
		if err != nil {
			return malformed(err)
		}
		s.Notices = append(s.Notices, fields)
	case wire.ErrorResponse:
		fields, err := wire.ParseFields(t, body)
		if err != nil {
			return malformed(err)
		}
		return &RefusedError{Fields: fields, Answered: b.answered, Method: s.Method}
	case wire.ReadyForQuery:
		if len(body) != 1 || s.Method == "" {
			return malformed(wire.Malformed(t))
		}
		if err := s.fresh(wire.Status(body[0])); err != nil {
			return malformed(err)
		}
		s.Status, s.Unread = body[0], append([]byte(nil), b.in...)
		b.toPQ = wire.Append(nil, t, body)
	case wire.NegotiateProtocolVersion, wire.NotificationResponse:
		// PostgreSQL has no 3.51 and goes on with 3.0. A session that is not ready
		// listens to nothing.
	default:
		return malformed(fmt.Errorf("the server answers the login with a message of type %q", byte(t)))
	}
	return nil
}

// receive reads a message. Its body is valid until the next call.
func (b *bridge) receive() (wire.Type, []byte, error) {
	for {
		if len(b.in) > 0 && wire.Type(b.in[0]) == wire.ErrorResponse && len(b.in) >= wire.HeaderSize {
			if n := binary.BigEndian.Uint32(b.in[1:]); n < 8 || n > wire.MaxError {
				return 0, nil, b.plain()
			}
		}
		t, body, rest, length, ok, err := wire.Next(b.in)
		switch {
		case err != nil:
			return 0, nil, malformed(fmt.Errorf("%w; is this the port of a DWS coordinator?", err))
		case ok:
			b.in = rest
			return t, body, nil
		case length > maxGreeting:
			return 0, nil, malformed(errTooMuch)
		}
		if err := b.fill(); err != nil {
			return 0, nil, err
		}
	}
}

// fill reads what there is.
func (b *bridge) fill() error {
	var chunk [4 << 10]byte
	n, err := b.session.Conn.Read(chunk[:])
	b.in = append(b.in, chunk[:n]...)
	if n > 0 {
		return nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// plain makes the error of a server that speaks before it knows the protocol.
func (b *bridge) plain() error {
	for len(b.in) < wire.MaxError && !containsNUL(b.in) && b.fill() == nil {
	}
	fields := wire.PlainError(b.in)
	if fields.Message == "" {
		return malformed(wire.Malformed(wire.ErrorResponse))
	}
	return &RefusedError{Fields: fields}
}

func containsNUL(b []byte) bool {
	_, _, ok := wire.String(b)
	return ok
}

// Write implements net.Conn: it takes messages of lib/pq. What is wrong with them
// is reported by the next Read, as lib/pq takes a failed write for one that can
// be tried again.
func (b *bridge) Write(p []byte) (int, error) {
	b.fromPQ = append(b.fromPQ, p...)
	for b.err == nil {
		if !b.started {
			if len(b.fromPQ) < 8 {
				break
			}
			n, ok := wire.FirstLength(b.fromPQ)
			if !ok {
				b.err = malformed(fmt.Errorf("the session parameters are too long for a login"))
				break
			}
			if len(b.fromPQ) < n {
				break
			}
			first := b.fromPQ[:n:n]
			b.fromPQ, b.started = b.fromPQ[n:], true
			binary.BigEndian.PutUint32(first[4:], b.target.protocol())
			b.send(first)
			continue
		}
		t, body, rest, _, ok, err := wire.Next(b.fromPQ)
		if err != nil {
			b.err = malformed(err)
		}
		if !ok {
			break
		}
		b.fromPQ = rest
		switch {
		case t == wire.Terminate:
		case t == wire.Password:
			if err := b.answer(body); err != nil {
				b.err = err
			}
		default:
			b.err = malformed(fmt.Errorf("lib/pq sends a message of type %q in a login", byte(t)))
		}
	}
	return len(p), nil
}

func (b *bridge) send(message []byte) {
	if _, err := b.session.Conn.Write(message); err != nil && b.err == nil {
		b.err = err
	}
}

// Close implements net.Conn. The socket is closed by who opened it.
func (b *bridge) Close() error { return nil }

// LocalAddr implements net.Conn.
func (b *bridge) LocalAddr() net.Addr { return b.session.Socket.LocalAddr() }

// RemoteAddr implements net.Conn.
func (b *bridge) RemoteAddr() net.Addr { return b.session.Socket.RemoteAddr() }

// SetDeadline implements net.Conn. The login's time is its context's.
func (b *bridge) SetDeadline(time.Time) error { return nil }

// SetReadDeadline implements net.Conn.
func (b *bridge) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline implements net.Conn.
func (b *bridge) SetWriteDeadline(time.Time) error { return nil }

var _ net.Conn = (*bridge)(nil)

// loopback reports whether the server is on this machine.
func (b *bridge) loopback() bool {
	addr, ok := b.session.Socket.RemoteAddr().(*net.TCPAddr)
	return ok && addr.IP.IsLoopback()
}
