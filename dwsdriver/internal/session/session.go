package session

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"os"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
	"github.com/gaugesql/gaugesql/internal/peek"
)

// Grace is how long the server has to answer a request whose context has ended,
// before the session is given up.
const Grace = 70 * time.Millisecond

// Options say how a session runs statements.
type Options struct {
	// Location of dates and times. nil is UTC.
	Location *time.Location
	// Cache is how many statements are prepared on the server at a time. 0 is none.
	Cache int
	// Meet is called, outside of a transaction, when it is first of use to know which
	// types the server may send in its binary format, which it tells by
	// SetBinaryResults, with the help of [Session.Probe]. It may be nil.
	Meet func(ctx context.Context) error
	// BinaryParameters sends arguments in the binary format where their type is their
	// parameter's.
	BinaryParameters bool
	// Cancel asks the server to cancel what the session runs. nil: it cannot be asked.
	Cancel func(ctx context.Context) error
	// CancelTimeout bounds Cancel. 0 is 5 s.
	CancelTimeout time.Duration
	// Notice is called with what the server says besides its answers, in the
	// goroutine that uses the session. It may be nil.
	Notice func(*wire.Fields)
}

// Session is a session on a coordinator.
type Session struct {
	conn    net.Conn
	socket  peek.Socket
	plain   bool // conn is the socket itself
	options Options

	in     input
	out    []byte
	status wire.Status
	// parameters are as the server reports them, initial as they were at first.
	parameters, initial map[string]string
	reported            bool // a parameter, since the last reset
	cache               cache
	closing             int // names of cache.forgotten that the batch being made closes
	// binary are the types that the server sends in its binary format, once met.
	binary  []wire.OID
	met     bool
	effects effects
	bound   wire.Arguments // of the request that is being made

	open    *Result // whose rows are not read to the end
	copying bool
	watch   watch
	// hurried is the context of whoever waits for the rows of another statement to be
	// read. nil: nobody does.
	hurried context.Context
	// looked is when the socket was last looked at.
	looked time.Time
	// rolledBack: the last transaction that ended was rolled back.
	rolledBack bool
	failure    error // why the session is over
	closed     bool
}

// New makes a session of a connection that is ready for its first request.
// Socket is what conn stands on; unread comes before what conn holds.
func New(conn, socket net.Conn, unread []byte, parameters map[string]string, options Options) *Session {
	if options.Location == nil {
		options.Location = time.UTC
	}
	if options.CancelTimeout <= 0 {
		options.CancelTimeout = 5 * time.Second
	}
	return &Session{
		conn: conn, socket: peek.At(socket), plain: conn == socket, options: options,
		in: newInput(unread), status: wire.Idle, cache: newCache(options.Cache),
		parameters: maps.Clone(parameters), initial: maps.Clone(parameters),
	}
}

// SetBinaryResults says which types the server is to send in its binary format.
func (s *Session) SetBinaryResults(types []wire.OID) { s.binary, s.met = types, true }

// Status is that after the last request.
func (s *Session) Status() wire.Status { return s.status }

// RolledBack reports whether the transaction that ended last was rolled back.
func (s *Session) RolledBack() bool { return s.rolledBack }

// Parameter returns a parameter as the server has reported it last.
func (s *Session) Parameter(name string) string { return s.parameters[name] }

// Parameters returns all of them.
func (s *Session) Parameters() map[string]string { return maps.Clone(s.parameters) }

// Alive reports whether the session can be used.
func (s *Session) Alive() bool { return !s.closed && s.failure == nil }

// Busy reports whether rows or a COPY are open.
func (s *Session) Busy() bool { return s.open != nil || s.copying }

// Close ends the session. It waits for nothing.
func (s *Session) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	if s.failure == nil {
		if s.open == nil && !s.copying {
			_ = s.conn.SetWriteDeadline(time.Now().Add(Grace))
			_, _ = s.conn.Write(wire.AppendTerminate(nil))
		}
		s.giveUp(ErrClosed)
	}
	return nil
}

// giveUp ends the session for a reason.
func (s *Session) giveUp(reason error) {
	if s.failure == nil {
		s.failure = reason
	}
	s.open, s.copying = nil, false
	s.unwatch()
	_ = s.conn.SetDeadline(time.Now().Add(Grace)) // for TLS, which says good-bye
	_ = s.conn.Close()
	s.in = input{}
	s.out = nil
}

// begin is called before a request is written.
func (s *Session) begin(ctx context.Context) error {
	s.closing = 0
	switch {
	case s.closed:
		return ErrClosed
	case s.failure != nil:
		return &NotSentError{s.failure}
	case s.copying:
		return ErrBusy
	case s.open != nil && !s.open.Absorb(ctx):
		if ctx.Err() != nil {
			return canceled(ctx, false)
		}
		return ErrBusy
	case s.failure != nil: // found while the rest of the rows was read
		return &NotSentError{s.failure}
	case ctx.Err() != nil:
		return canceled(ctx, false)
	}
	if time.Since(s.looked) < justNow {
		return nil
	}
	return s.look()
}

// justNow is how long a look at the socket is good for: that of a connection which
// comes from the pool serves its first statement as well.
const justNow = time.Millisecond

// Look finds out, without a round trip, that the server has ended the session. The
// error is a [NotSentError].
func (s *Session) Look() error {
	if s.failure != nil {
		return &NotSentError{s.failure}
	}
	return s.look()
}

// patience is how long an encrypted record may take whose beginning is there.
const patience = 2 * time.Millisecond

// longestLook bounds how long a server is heard that does not stop to talk. The
// request goes on to hear it, and ends with its context.
const longestLook = 5 * time.Millisecond

func (s *Session) look() error {
	for end := time.Now().Add(longestLook); time.Now().Before(end); {
		if err := s.heard(); err != nil {
			s.giveUp(err)
			return &NotSentError{err}
		}
		switch s.socket.Look() {
		case peek.Ended:
			s.giveUp(errEnded)
			return &NotSentError{errEnded}
		case peek.Readable:
		default:
			s.looked = time.Now()
			return nil
		}
		_ = s.conn.SetReadDeadline(time.Now().Add(patience))
		err := s.in.fill(s.conn, 0)
		_ = s.conn.SetReadDeadline(time.Time{})
		if err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				return nil
			}
			if errors.Is(err, io.EOF) {
				err = errEnded
			}
			s.giveUp(err)
			return &NotSentError{err}
		}
	}
	return nil
}

// Bounds of the parameters that a server reports, of which GaussDB has some hundred,
// and of the bytes of each.
const (
	maxParameters = 1000
	maxParameter  = 64 << 10
)

// heard takes what the server has said unasked.
func (s *Session) heard() error {
	for s.in.r < s.in.w {
		t, body, _, length, ok, err := wire.Next(s.in.bytes())
		if err != nil {
			return &ProtocolError{err}
		}
		if !ok {
			return nil
		}
		s.in.use(length)
		if t == wire.ErrorResponse {
			fields, err := wire.ParseFields(t, body)
			if err != nil {
				return &ProtocolError{err}
			}
			return &ServerError{Fields: fields, Refused: true}
		}
		aside, err := s.aside(t, body)
		if err != nil {
			return err
		}
		if !aside {
			return unexpected(t)
		}
	}
	return nil
}

// aside takes the messages that may come at any time.
func (s *Session) aside(t wire.Type, body []byte) (bool, error) {
	switch t {
	case wire.NoticeResponse:
		fields, err := wire.ParseFields(t, body)
		if err != nil {
			return true, &ProtocolError{err}
		}
		if s.options.Notice != nil {
			s.options.Notice(fields)
		}
		return true, nil
	case wire.ParameterStatus:
		name, value, err := wire.ParseParameterStatus(body)
		if err != nil {
			return true, &ProtocolError{err}
		}
		if _, known := s.parameters[name]; !known && len(s.parameters) >= maxParameters || len(body) > maxParameter {
			return true, &ProtocolError{errors.New("the server reports parameters without end")}
		}
		s.parameters[name] = value
		s.reported = true
		if name == wire.EncodingParameter && !wire.IsUTF8(value) {
			return true, &EncodingError{value}
		}
		return true, nil
	case wire.NotificationResponse:
		return true, nil
	}
	return false, nil
}
