package iotdbtest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/gaugesql/gaugesql/internal/authority"
	"github.com/gaugesql/gaugesql/internal/lifecycle"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest/internal/store"
)

// Server is an IoTDB server in this process, on a port of 127.0.0.1. All methods may
// be called from several goroutines.
type Server struct {
	options   *options
	shared    *shared
	owner     bool // of what is shared
	authority *authority.Authority
	tls       *tls.Config
	protocol  rpc.Protocol
	lives     *lifecycle.Server[*life]

	rules  rules
	record record
}

// shared is what the nodes of a cluster have in common.
type shared struct {
	options *options
	store   *store.Store
	running registry
	numbers counter
}

// NewServer starts a server and panics if it cannot, as httptest.NewServer does.
// Close must be called when it is no longer needed.
func NewServer(opts ...Option) *Server {
	s, err := Start(opts...)
	if err != nil {
		panic(fmt.Sprintf("iotdbtest: %v", err))
	}
	return s
}

// Start starts a server. The error is that of an option, of listening, or of making
// certificates.
func Start(opts ...Option) (*Server, error) {
	o := newOptions(opts)
	s := &Server{options: o, authority: new(authority.Authority)}
	s.lives = lifecycle.New("iotdbtest", o.address, s.listen)
	if o.compact {
		s.protocol = rpc.Compact
	}
	if o.wantTLS {
		var err error
		if s.authority, err = authority.New("iotdbtest", "iotdbtest client"); err != nil {
			return nil, err
		}
		s.tls = s.authority.Config(o.tls, o.clientCert)
		if o.tls != nil && len(o.tls.Certificates) > 0 {
			s.authority = new(authority.Authority)
		}
	}
	if o.beside != nil {
		s.shared = o.beside.shared
		o.db = s.shared.options.db
	} else if err := s.open(); err != nil {
		return nil, err
	}
	if err := s.Resume(); err != nil {
		s.closeStore()
		return nil, err
	}
	return s, nil
}

// open makes what the nodes will share.
func (s *Server) open() error {
	s.owner = true
	s.shared = &shared{options: s.options}
	var err error
	if s.shared.store, err = store.New(s.options.precision); err != nil {
		return err
	}
	s.shared.store.Running = s.shared.running.list
	for _, name := range s.options.databases {
		if err := s.shared.store.CreateDatabase(name); err != nil {
			s.closeStore()
			return err
		}
	}
	return nil
}

// Addr returns the server's address, "127.0.0.1:port".
func (s *Server) Addr() string { return s.lives.Addr() }

// DSN returns the data source name that connects to the server, in the table model.
// The database may be empty for the first one of [WithDatabase], or none.
func (s *Server) DSN(database string) string {
	o := s.shared.options
	if database == "" && len(o.databases) > 0 {
		database = o.databases[0]
	}
	u := url.URL{Scheme: "iotdb", User: url.UserPassword(o.user, o.users[o.user]), Host: s.Addr(), Path: "/" + database}
	if s.tls != nil {
		u.Scheme = "iotdb+tls"
	}
	if s.options.compact {
		u.RawQuery = "compression=true"
	}
	return strings.TrimSuffix(u.String(), "/")
}

// CertPool returns what trusts the certificate that the server has made, nil without
// one.
func (s *Server) CertPool() *x509.CertPool { return s.authority.Pool }

// CertPEM returns the certificate of CertPool as PEM.
func (s *Server) CertPEM() []byte { return s.authority.PEM }

// ClientCertificate returns the certificate that clients show under
// [WithClientCertificate].
func (s *Server) ClientCertificate() tls.Certificate { return s.authority.Client }

// Stop ends every connection at once. New connections are refused until
// [Server.Resume]. The data stays.
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

// Restart is Stop and Resume: it ends every connection and listens on the same port
// again.
func (s *Server) Restart() error { return s.lives.Restart() }

// DropConnections ends every connection without a word, as a network failure does.
// What is being carried out goes on.
func (s *Server) DropConnections() {
	if l := s.lives.Current(); l != nil {
		l.Drop()
	}
}

// Close stops the server for good and waits for everything it has started. The
// embedded store's data is gone then, unless the server is [Beside] another; a
// database of [WithDB] stays open.
func (s *Server) Close() {
	s.lives.Close()
	s.closeStore()
}

func (s *Server) closeStore() {
	if s.owner && s.shared.store != nil {
		_ = s.shared.store.Close()
	}
}
