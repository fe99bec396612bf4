package dwstest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
)

// Server is a coordinator in this process, on a port of 127.0.0.1. It is one of a
// [Cluster], or alone. All methods may be called from several goroutines.
type Server struct {
	cluster *Cluster
	index   int
	addr    string

	background sync.WaitGroup // restarts after a fault

	lifecycle sync.Mutex // held by Stop, Resume, Close
	closed    bool

	mu   sync.Mutex
	life *life         // nil while stopped
	gate chan struct{} // closed while the server is not paused
}

// NewServer starts a server and panics if it cannot, as httptest.NewServer does.
// Close must be called when it is no longer needed.
func NewServer(opts ...Option) *Server {
	s, err := Start(opts...)
	if err != nil {
		panic(fmt.Sprintf("dwstest: %v", err))
	}
	return s
}

// Start starts a server. The error is that of an option or of listening on
// 127.0.0.1.
func Start(opts ...Option) (*Server, error) {
	c, err := StartCluster(1, opts...)
	if err != nil {
		return nil, err
	}
	return c.servers[0], nil
}

func newServer(c *Cluster, index int) *Server {
	open := make(chan struct{})
	close(open)
	addr := "127.0.0.1:0"
	if index == 0 && c.options.address != "" {
		addr = c.options.address
	}
	return &Server{cluster: c, index: index, addr: addr, gate: open}
}

// Addr returns the server's address, "127.0.0.1:port".
func (s *Server) Addr() string { return s.addr }

// DSN returns the data source name that connects to this server alone, see
// [Cluster.DSN].
func (s *Server) DSN(database string) string { return s.cluster.dsn(database, s) }

// User returns the account that DSN names, and its password.
func (s *Server) User() (user, password string) {
	o := s.cluster.options
	return o.user, o.users[o.user]
}

// Cluster returns the cluster that the server belongs to, of one if it is alone.
func (s *Server) Cluster() *Cluster { return s.cluster }

// Pause stops the server where it is, as SIGSTOP does: connections stay, new ones
// open, nothing is answered until [Server.Continue].
func (s *Server) Pause() {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.gate:
		s.gate = make(chan struct{})
	default: // is paused
	}
}

// Continue ends a [Server.Pause]. What has come in meanwhile is served now.
func (s *Server) Continue() {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.gate:
	default:
		close(s.gate)
	}
}

// pass waits while the server is paused. It is false if the life has ended.
func (s *Server) pass(ctx context.Context) bool {
	for {
		s.mu.Lock()
		gate := s.gate
		s.mu.Unlock()
		select {
		case <-gate:
			s.mu.Lock()
			same := gate == s.gate
			s.mu.Unlock()
			if same {
				return ctx.Err() == nil
			}
		case <-ctx.Done():
			return false
		}
	}
}

// Stop ends every connection at once, as SIGKILL does. New connections are refused
// until [Server.Resume]. The data stays.
func (s *Server) Stop() {
	s.lifecycle.Lock()
	defer s.lifecycle.Unlock()
	s.stop()
}

func (s *Server) stop() {
	s.mu.Lock()
	l := s.life
	s.life = nil
	s.mu.Unlock()
	if l != nil {
		l.stop()
	}
}

// Resume listens again after [Server.Stop], on the same port.
func (s *Server) Resume() error {
	s.lifecycle.Lock()
	defer s.lifecycle.Unlock()
	return s.resume()
}

func (s *Server) resume() error {
	if s.closed {
		return errors.New("dwstest: server closed")
	}
	if s.current() != nil {
		return nil
	}
	ln, err := net.Listen("tcp", s.addr)
	if err != nil {
		return err
	}
	l := newLife(s, ln)
	s.mu.Lock()
	if strings.HasSuffix(s.addr, ":0") {
		s.addr = ln.Addr().String() // for good, before anybody knows the server
	}
	s.life = l
	s.mu.Unlock()
	l.start()
	return nil
}

// Restart is Stop and Resume: it ends every connection and listens on the same
// port again.
func (s *Server) Restart() error {
	s.lifecycle.Lock()
	defer s.lifecycle.Unlock()
	s.stop()
	return s.resume()
}

// DropConnections ends every connection without a word, as a network failure does.
// Statements that run are not stopped.
func (s *Server) DropConnections() {
	if l := s.current(); l != nil {
		l.each(func(c *conn) { c.hangUp() })
	}
}

// Terminate ends every connection as an administrator does: with the FATAL error
// 57P01 ahead of the end.
func (s *Server) Terminate() {
	if l := s.current(); l != nil {
		l.each(func(c *conn) {
			c.fatal("57P01", "terminating connection due to administrator command")
			c.hangUp()
		})
	}
}

// Close stops the server for good and waits for everything it has started, with
// all other servers of its cluster. The embedded store's data is gone then.
func (s *Server) Close() { s.cluster.Close() }

func (s *Server) close() {
	s.lifecycle.Lock()
	s.stop()
	s.closed = true
	s.lifecycle.Unlock()
	s.background.Wait()
}

// current returns the server's life, nil while it is stopped.
func (s *Server) current() *life {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.life
}

// again restarts the server from within one of its own requests.
func (s *Server) again() {
	s.background.Add(1)
	go func() {
		defer s.background.Done()
		// It fails only if the port was taken meanwhile or the server is closed;
		// either way connections are refused, as after a real crash.
		_ = s.Restart()
	}()
}
