package login

import (
	"context"
	"crypto/tls"
	"net"
	"testing"
	"time"

	"github.com/lib/pq"
	"go.uber.org/goleak"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	user     = script.User
	password = script.Password
)

func target(s *script.Server) Target {
	host, _, _ := net.SplitHostPort(s.Addr)
	return Target{
		Network: "tcp", Addr: s.Addr,
		Config: pq.Config{Host: host, Port: 8000, User: user, Password: password, Database: "gaussdb", Passfile: "/nonexistent"},
	}
}

func withTLS(t testing.TB) (func(*script.Server), *tls.Config) {
	cert, pool := script.Certificate(t)
	return func(s *script.Server) { s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}} }, &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}
}

func open(t testing.TB, target Target) (*Session, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	s, err := Open(ctx, target)
	if err == nil {
		t.Cleanup(func() { s.Conn.Close() })
	}
	return s, err
}
