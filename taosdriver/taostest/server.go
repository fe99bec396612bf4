package taostest

import (
	"crypto/tls"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"

	"github.com/gaugesql/gaugesql/internal/authority"
	"github.com/gaugesql/gaugesql/internal/lifecycle"
)

// Server is a TDengine server in this process: taosAdapter's WebSocket and REST
// protocol on a port of 127.0.0.1, in front of an embedded store or any other
// database. All methods may be called from several goroutines.
type Server struct {
	options   *options
	db        *sql.DB
	authority *authority.Authority
	tls       *tls.Config
	lives     *lifecycle.Server[*life]

	rules   rules
	record  record
	running registry

	schema sync.Mutex // held while lines without a schema change tables
}

// NewServer starts a server and panics if it cannot, as httptest.NewServer does.
// Close must be called when it is no longer needed.
func NewServer(opts ...Option) *Server {
	s, err := Start(opts...)
	if err != nil {
		panic(fmt.Sprintf("taostest: %v", err))
	}
	return s
}

// Start starts a server. The error is that of listening on 127.0.0.1, or of
// making certificates.
func Start(opts ...Option) (*Server, error) {
	o := newOptions(opts)
	s := &Server{options: o, db: o.db, authority: new(authority.Authority)}
	s.lives = lifecycle.New("taostest", "", s.listen)
	if o.wantTLS {
		var err error
		if s.authority, s.tls, err = newTLS(o); err != nil {
			return nil, err
		}
	}
	if s.db == nil {
		s.db = openStore(o)
	}
	if err := s.Resume(); err != nil {
		s.closeDB()
		return nil, err
	}
	return s, nil
}

// Addr returns the server's address, "127.0.0.1:port".
func (s *Server) Addr() string { return s.lives.Addr() }

// DSN returns the data source name that connects to the server. The protocol is
// "ws" or "http"; with TLS both "ws" and "wss" give "wss", and likewise for
// HTTP. The database may be empty.
func (s *Server) DSN(protocol, database string) string {
	if s.tls != nil {
		protocol = strings.TrimSuffix(protocol, "s") + "s"
		if strings.HasPrefix(protocol, "w") {
			protocol = "wss"
		}
	}
	u := url.URL{
		Scheme: "taos+" + protocol,
		User:   url.UserPassword(s.options.user, s.options.users[s.options.user]),
		Host:   s.Addr(),
		Path:   "/" + database,
	}
	if s.options.token != "" {
		u.RawQuery = url.Values{"token": {s.options.token}}.Encode()
	}
	return u.String()
}

// Stop ends every connection and everything that runs for one. New connections
// are refused until [Server.Resume]. The data stays.
func (s *Server) Stop() { s.lives.Stop() }

// Resume listens again after [Server.Stop], on the same port.
func (s *Server) Resume() error { return s.lives.Resume() }

// listen makes what [Server.Resume] starts.
func (s *Server) listen(ln net.Listener) (*life, error) {
	if s.tls != nil {
		ln = tls.NewListener(ln, s.tls)
	}
	return newLife(s, ln), nil
}

// Restart is Stop and Resume: it ends every connection and listens on the same
// port again.
func (s *Server) Restart() error { return s.lives.Restart() }

// DropConnections ends every connection without a word, as a network failure
// does. Statements that run are not stopped.
func (s *Server) DropConnections() {
	if l := s.lives.Current(); l != nil {
		l.Drop()
	}
}

// Close stops the server for good and waits for everything it has started. The
// embedded store's data is gone then; a database of [WithDB] stays open.
func (s *Server) Close() {
	s.lives.Close()
	s.closeDB()
}

func (s *Server) closeDB() {
	if s.options.db == nil {
		_ = s.db.Close()
	}
}

// crash is what a real server's process does on certain requests: it dies with
// all its connections. This one starts again at once.
func (s *Server) crash(why string) {
	s.record.crash(why)
	s.options.log.Error("crash", "why", why)
	s.lives.Again()
}
