package login

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// Session is what a login makes. The socket is the caller's.
type Session struct {
	// Conn carries messages, encrypted if TLS is on. Socket is what it stands on:
	// Conn itself without TLS.
	Conn, Socket net.Conn
	// Unread was read behind the first ReadyForQuery and comes before what Conn
	// holds. Empty but for a notice that came at once.
	Unread []byte
	// Parameters are those that the server reported, by name.
	Parameters map[string]string
	// PID and Secret are the session's for cancel requests. With a thread pool PID
	// is a logical id, and no process of the server. Both 0 means that the server
	// cannot cancel.
	PID, Secret uint32
	// Status is that of the first ReadyForQuery: 'I'.
	Status byte
	// Method is the name of how the user logged in: "sha256", "none".
	Method string
	// Notices came before the session was ready.
	Notices []*wire.Fields
	// TLS describes the encryption. nil without.
	TLS *tls.ConnectionState

	target *Target
	addr   net.Addr
}

// fresh refuses a session that is not as a login makes it. One that a pooler hands
// over in a transaction has what somebody else began: statements would run in it
// and be lost with it.
func (s *Session) fresh(status wire.Status) error {
	if status != wire.Idle {
		return fmt.Errorf("the server hands over a session that is in a transaction (status %q); a pooler before it may not end its clients' sessions", byte(status))
	}
	if encoding, told := s.Parameters[wire.EncodingParameter]; told && !wire.IsUTF8(encoding) {
		return fmt.Errorf("the session's client_encoding is %q, though UTF8 was asked for: texts would be misread", encoding)
	}
	return nil
}

// ServerVersion is the server's number as PostgreSQL counts: 9.2.4 is 90204, 15.3
// is 150003. 0 if the server did not tell.
func (s *Session) ServerVersion() int {
	return versionNumber(s.Parameters["server_version"])
}

func versionNumber(text string) int {
	var parts [3]int
	n := 0
	for n < len(parts) {
		digits := 0
		for digits < len(text) && '0' <= text[digits] && text[digits] <= '9' {
			digits++
		}
		v, err := strconv.Atoi(text[:digits])
		if err != nil || v > 9999 {
			break
		}
		parts[n] = v
		n++
		if text = text[digits:]; text == "" || text[0] != '.' {
			break
		}
		text = text[1:]
	}
	if parts[0] >= 10 {
		return parts[0]*10000 + parts[1]
	}
	return parts[0]*10000 + parts[1]*100 + parts[2]
}

// Cancel asks the server to cancel what the session runs, over a connection of
// its own, encrypted as the session's is; that is no login. It returns when the
// server has taken the request, which may be before the statement ends.
func (s *Session) Cancel(ctx context.Context) error {
	if s.PID == 0 && s.Secret == 0 {
		return errNoCancel
	}
	addr := s.target.Addr
	if s.addr != nil && (s.target.Dial == nil || s.target.Direct) {
		// The name may stand for several coordinators.
		addr = s.addr.String()
	}
	socket, err := s.target.dial(ctx, s.target.Network, addr)
	if err != nil {
		return ended(ctx, &DialError{err})
	}
	defer socket.Close()
	conn := socket
	if s.TLS != nil {
		var encrypted bool
		if conn, encrypted, err = s.target.encrypt(ctx, socket); err == nil && !encrypted {
			err = errNoTLS
		}
		if err != nil {
			return ended(ctx, err)
		}
	}
	defer watch(ctx, socket)()
	if _, err := conn.Write(wire.AppendCancel(nil, s.PID, s.Secret)); err != nil {
		return ended(ctx, err)
	}
	// The server says nothing and closes when it has done what it can. Some close
	// so fast that a reset is seen.
	_, _ = io.Copy(io.Discard, io.LimitReader(conn, 1<<10))
	return ctx.Err()
}

// watch makes reads and writes of the socket fail when ctx ends. The function
// that it returns ends the watch and reports whether ctx was still alive.
func watch(ctx context.Context, socket net.Conn) (unwatch func() bool) {
	return context.AfterFunc(ctx, func() { _ = socket.SetDeadline(time.Unix(1, 0)) })
}

// ended is err or, if ctx is over, its error: what fails then fails because of it.
func ended(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
