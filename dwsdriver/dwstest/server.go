package dwstest

import (
	"fmt"
	"net"

	"github.com/gaugesql/gaugesql/internal/lifecycle"
)

// Server is a coordinator in this process, on a port of 127.0.0.1. It is one of a
// [Cluster], or alone. All methods may be called from several goroutines.
type Server struct {
	cluster *Cluster
	index   int
	lives   *lifecycle.Server[*life]
	gate    lifecycle.Gate // shut while the server is paused
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
	addr := ""
	if index == 0 {
		addr = c.options.address
	}
	s := &Server{cluster: c, index: index}
	s.lives = lifecycle.New("dwstest", addr, func(ln net.Listener) (*life, error) { return newLife(s, ln), nil })
	return s
}

// Addr returns the server's address, "127.0.0.1:port".
func (s *Server) Addr() string { return s.lives.Addr() }

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
func (s *Server) Pause() { s.gate.Shut() }

// Continue ends a [Server.Pause]. What has come in meanwhile is served now.
func (s *Server) Continue() { s.gate.Open() }

// Stop ends every connection at once, as SIGKILL does. New connections are refused
// until [Server.Resume]. The data stays.
func (s *Server) Stop() { s.lives.Stop() }

// Resume listens again after [Server.Stop], on the same port.
func (s *Server) Resume() error { return s.lives.Resume() }

// Restart is Stop and Resume: it ends every connection and listens on the same
// port again.
func (s *Server) Restart() error { return s.lives.Restart() }

// DropConnections ends every connection without a word, as a network failure does.
// Statements that run are not stopped.
func (s *Server) DropConnections() {
	if l := s.lives.Current(); l != nil {
		l.Drop()
	}
}

// Terminate ends every connection as an administrator does: with the FATAL error
// 57P01 ahead of the end.
func (s *Server) Terminate() {
	if l := s.lives.Current(); l != nil {
		l.Each(func(c *conn) {
			c.fatal("57P01", "terminating connection due to administrator command")
			c.HangUp()
		})
	}
}

// Close stops the server for good and waits for everything it has started, with
// all other servers of its cluster. The embedded store's data is gone then.
func (s *Server) Close() { s.cluster.Close() }
