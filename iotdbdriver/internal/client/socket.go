package client

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gaugesql/gaugesql/internal/peek"
)

// socket is the network connection below TLS. It counts what has left the
// process, and a context can interrupt what waits for it.
type socket struct {
	net.Conn
	look    peek.Socket
	written atomic.Int64

	mu   sync.Mutex
	turn int // of the waits; odd while one is going on
}

func newSocket(c net.Conn) *socket { return &socket{Conn: c, look: peek.At(c)} }

func (s *socket) Write(b []byte) (int, error) {
	n, err := s.Conn.Write(b)
	s.written.Add(int64(n))
	return n, err
}

// writeAll writes the parts with as few calls as the system allows, and returns how
// many bytes were taken.
func (s *socket) writeAll(parts net.Buffers) (int, error) {
	n, err := parts.WriteTo(s.Conn)
	s.written.Add(n)
	return int(n), err
}

// past is a deadline that lets every wait fail.
var past = time.Unix(1, 0)

// begin opens a wait that ends with ctx and after the limit, if that is not 0.
// The function that it returns closes it: from then on ctx has no effect.
func (s *socket) begin(ctx context.Context, limit time.Duration) (end func()) {
	var deadline time.Time
	if limit > 0 {
		deadline = time.Now().Add(limit)
	}
	s.mu.Lock()
	s.turn++
	turn := s.turn
	s.Conn.SetDeadline(deadline)
	s.mu.Unlock()
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.turn == turn {
			s.Conn.SetDeadline(past)
		}
	})
	return func() {
		stop()
		s.mu.Lock()
		s.turn++
		s.mu.Unlock()
	}
}
