package siritest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/store"
)

// Server is a SiriDB server in this process, on a port of 127.0.0.1. It is one of
// a [Cluster], or alone. All methods may be called from several goroutines.
type Server struct {
	cluster *Cluster
	index   int
	pool    int
	addr    string // of the port for clients

	background sync.WaitGroup // restarts after a crash

	lifecycle sync.Mutex // held by Stop, Resume, Close
	closed    bool

	mu       sync.Mutex
	life     *life // nil while stopped
	status   Status
	closing  bool // on its way down
	started  time.Time
	logLevel string
	gate     chan struct{} // closed while the server is not paused
}

// Status is the state of a server, a set of bits.
type Status = store.Status

// The states. A server that is Running, or Running|Reindexing, reads and writes
// points; in any other state it answers with a server error (67).
const (
	Running       = store.Running
	Synchronizing = store.Synchronizing
	Reindexing    = store.Reindexing
	BackupMode    = store.BackupMode
)

// NewServer starts a server and panics if it cannot, as httptest.NewServer does.
// Close must be called when it is no longer needed.
func NewServer(opts ...Option) *Server {
	s, err := Start(opts...)
	if err != nil {
		panic(fmt.Sprintf("siritest: %v", err))
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

func newServer(c *Cluster, index, pool int) *Server {
	open := make(chan struct{})
	close(open)
	addr := "127.0.0.1:0"
	if index == 0 && c.options.address != "" {
		addr = c.options.address
	}
	return &Server{cluster: c, index: index, pool: pool, addr: addr, status: Running, logLevel: "info", gate: open}
}

// Addr returns the server's address, "127.0.0.1:port".
func (s *Server) Addr() string { return s.addr }

// Name returns the name by which the servers know each other, "127.0.0.1:port" of
// the port between them, which is not the one of Addr.
func (s *Server) Name() string { return s.node().Name }

// DSN returns the data source name that connects to this server alone. The
// database may be empty for the first one.
func (s *Server) DSN(database string) string {
	only := &Cluster{options: s.cluster.options, servers: []*Server{s}}
	return only.DSN(database)
}

// Cluster returns the cluster that the server belongs to, of one if it is alone.
func (s *Server) Cluster() *Cluster { return s.cluster }

// SetStatus changes the state of the server until it is changed again.
func (s *Server) SetStatus(status Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

// node is what the servers know of this one.
func (s *Server) node() store.Node {
	host, text, _ := net.SplitHostPort(s.addr)
	port, _ := strconv.Atoi(text)
	// A real server listens for others on another port.
	if port += 10; port > 65535 {
		port -= 20
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := store.Node{
		Name: net.JoinHostPort(host, strconv.Itoa(port)), Host: host, Port: port, Pool: s.pool, Version: s.cluster.options.version,
		UUID:   fmt.Sprintf("00000000-0000-4000-8000-%012x", s.index+1),
		Status: s.status, LogLevel: s.logLevel, Started: s.started,
	}
	if s.life == nil || s.closing {
		n.Status = 0
	}
	return n
}

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

func (s *Server) isPaused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.gate:
		return false
	default:
		return true
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
			if !s.isPaused() {
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
	s.life, s.closing = nil, false
	s.mu.Unlock()
	if l != nil {
		l.stop()
	}
}

// Shutdown ends the server as SIGTERM does: for some time, 3 s in the real one, it
// answers every request with a server error (67), then every connection ends. It
// returns when that is done. New connections are refused until [Server.Resume].
func (s *Server) Shutdown(grace time.Duration) {
	s.mu.Lock()
	l := s.life
	s.closing = l != nil
	s.mu.Unlock()
	if l == nil {
		return
	}
	pause(l.ctx, grace)
	s.lifecycle.Lock()
	defer s.lifecycle.Unlock()
	if s.current() == l {
		s.stop()
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
		return errors.New("siritest: server closed")
	}
	if s.current() != nil {
		return nil
	}
	ln, err := net.Listen("tcp", s.addr)
	if err != nil {
		return err
	}
	listeners := []net.Listener{ln}
	if path := s.cluster.options.socket; path != "" && s.index == 0 {
		socket, err := net.Listen("unix", path)
		if err != nil {
			_ = ln.Close()
			return err
		}
		listeners = append(listeners, socket)
	}
	l := newLife(s, listeners)
	s.mu.Lock()
	if s.life == nil && strings.HasSuffix(s.addr, ":0") {
		s.addr = ln.Addr().String() // for good, before anybody knows the server
	}
	s.life, s.started = l, time.Now()
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
// What is being carried out goes on.
func (s *Server) DropConnections() {
	if l := s.current(); l != nil {
		l.drop()
	}
}

// Close stops the server for good and waits for everything it has started, with
// all other servers of its cluster. The data is gone then.
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

// crash is what a real server's process does on certain requests: it dies with all
// its connections. This one starts again at once.
func (s *Server) crash(why string) {
	s.cluster.record.crash(s.index, why)
	s.cluster.options.log.Error("crash", "why", why)
	s.again()
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
