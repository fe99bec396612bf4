package siritest

import (
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/internal/lifecycle"
	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/store"
)

// Server is a SiriDB server in this process, on a port of 127.0.0.1. It is one of
// a [Cluster], or alone. All methods may be called from several goroutines.
type Server struct {
	cluster *Cluster
	index   int
	pool    int
	lives   *lifecycle.Server[*life]
	gate    lifecycle.Gate // shut while the server is paused

	mu       sync.Mutex
	status   Status
	started  time.Time
	logLevel string
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
	addr := ""
	if index == 0 {
		addr = c.options.address
	}
	s := &Server{cluster: c, index: index, pool: pool, status: Running, logLevel: "info"}
	s.lives = lifecycle.New("siritest", addr, s.listen)
	return s
}

// Addr returns the server's address, "127.0.0.1:port".
func (s *Server) Addr() string { return s.lives.Addr() }

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
	host, text, _ := net.SplitHostPort(s.Addr())
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
	if l := s.lives.Current(); l == nil || l.closing.Load() {
		n.Status = 0
	}
	return n
}

// Pause stops the server where it is, as SIGSTOP does: connections stay, new ones
// open, nothing is answered until [Server.Continue].
func (s *Server) Pause() { s.gate.Shut() }

// Continue ends a [Server.Pause]. What has come in meanwhile is served now.
func (s *Server) Continue() { s.gate.Open() }

// Stop ends every connection at once, as SIGKILL does. New connections are refused
// until [Server.Resume]. The data stays.
func (s *Server) Stop() { s.lives.Stop() }

// Shutdown ends the server as SIGTERM does: for some time, 3 s in the real one, it
// answers every request with a server error (67), then every connection ends. It
// returns when that is done. New connections are refused until [Server.Resume].
func (s *Server) Shutdown(grace time.Duration) {
	l := s.lives.Current()
	if l == nil {
		return
	}
	l.closing.Store(true)
	lifecycle.Pause(l.Context, grace)
	s.lives.End(l)
}

// Resume listens again after [Server.Stop], on the same port.
func (s *Server) Resume() error { return s.lives.Resume() }

// listen makes what [Server.Resume] starts.
func (s *Server) listen(ln net.Listener) (*life, error) {
	listeners := []net.Listener{ln}
	if path := s.cluster.options.socket; path != "" && s.index == 0 {
		socket, err := net.Listen("unix", path)
		if err != nil {
			return nil, err
		}
		listeners = append(listeners, socket)
	}
	s.mu.Lock()
	s.started = time.Now()
	s.mu.Unlock()
	return newLife(s, listeners), nil
}

// Restart is Stop and Resume: it ends every connection and listens on the same
// port again.
func (s *Server) Restart() error { return s.lives.Restart() }

// DropConnections ends every connection without a word, as a network failure does.
// What is being carried out goes on.
func (s *Server) DropConnections() {
	if l := s.lives.Current(); l != nil {
		l.Drop()
	}
}

// Close stops the server for good and waits for everything it has started, with
// all other servers of its cluster. The data is gone then.
func (s *Server) Close() { s.cluster.Close() }

// crash is what a real server's process does on certain requests: it dies with all
// its connections. This one starts again at once.
func (s *Server) crash(why string) {
	s.cluster.record.crash(s.index, why)
	s.cluster.options.log.Error("crash", "why", why)
	s.lives.Again()
}
