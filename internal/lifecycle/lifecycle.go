// Package lifecycle starts, stops and restarts the embedded test servers.
package lifecycle

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// Life is what a server is between a start and a stop.
type Life interface {
	comparable
	// Start begins to serve and returns at once.
	Start()
	// Stop ends all that the life has started and waits for it.
	Stop()
}

// Server has one life at a time, all of them on the same port. Its methods may be
// called from several goroutines.
type Server[L Life] struct {
	name string
	born func(net.Listener) (L, error)

	background sync.WaitGroup // restarts from within requests

	changing sync.Mutex // held by whatever begins or ends a life
	closed   bool

	mu   sync.Mutex
	addr string
	life L // the zero value while stopped
}

// New makes a server that is stopped. The name stands in its errors. An empty address
// is any port of 127.0.0.1; the system chooses that, or port 0 of another address, at
// the first start, for good. What is born of a listener is a life that has not started
// yet; after an error the listener is closed.
func New[L Life](name, address string, born func(net.Listener) (L, error)) *Server[L] {
	return &Server[L]{name: name, addr: cmp.Or(address, "127.0.0.1:0"), born: born}
}

// Addr returns the address, "127.0.0.1:port".
func (s *Server[L]) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// Current returns the life, the zero value while the server is stopped.
func (s *Server[L]) Current() L {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.life
}

// Stop ends the life, if there is one.
func (s *Server[L]) Stop() {
	s.changing.Lock()
	defer s.changing.Unlock()
	s.stop()
}

// End is [Server.Stop] if l is the current life, else it does nothing.
func (s *Server[L]) End(l L) {
	s.changing.Lock()
	defer s.changing.Unlock()
	if s.Current() == l {
		s.stop()
	}
}

// Resume begins a life, if there is none.
func (s *Server[L]) Resume() error {
	s.changing.Lock()
	defer s.changing.Unlock()
	return s.resume()
}

// Restart is Stop and Resume.
func (s *Server[L]) Restart() error {
	s.changing.Lock()
	defer s.changing.Unlock()
	s.stop()
	return s.resume()
}

// Again is [Server.Restart] from within a request, which the restart waits for: it
// happens in the background. It does nothing if the life ends another way first.
func (s *Server[L]) Again() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var none L
	l := s.life
	if l == none {
		return
	}
	s.background.Add(1)
	go func() { // Close waits for it
		defer s.background.Done()
		s.changing.Lock()
		defer s.changing.Unlock()
		if s.Current() == l {
			s.stop()
			// It fails only if the port was taken meanwhile: connections are refused
			// then, as by a server that is down.
			_ = s.resume()
		}
	}()
}

// Close stops the server for good and waits for all that it has started.
func (s *Server[L]) Close() {
	s.changing.Lock()
	s.stop()
	s.closed = true
	s.changing.Unlock()
	s.background.Wait()
}

func (s *Server[L]) stop() {
	var none L
	s.mu.Lock()
	l := s.life
	s.life = none
	s.mu.Unlock()
	if l != none {
		l.Stop()
	}
}

func (s *Server[L]) resume() error {
	if s.closed {
		return fmt.Errorf("%s: server closed", s.name)
	}
	var none L
	if s.Current() != none {
		return nil
	}
	ln, err := net.Listen("tcp", s.addr)
	if err != nil {
		return err
	}
	l, err := s.born(ln)
	if err != nil {
		_ = ln.Close()
		return err
	}
	s.mu.Lock()
	if strings.HasSuffix(s.addr, ":0") {
		s.addr = ln.Addr().String()
	}
	s.life = l
	s.mu.Unlock()
	l.Start()
	return nil
}

// Pause waits, but not longer than a life whose context is given.
func Pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
