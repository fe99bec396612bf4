package login

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"io"
	"math/big"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lib/pq"
	"go.uber.org/goleak"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/gaussauth"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server answers logins by a script. It knows the keys of a password, not the
// password.
type server struct {
	t        testing.TB
	listener net.Listener
	tls      *tls.Config // nil refuses TLS
	keys     gaussauth.Keys
	method   gaussauth.Method
	// play replaces the whole conversation behind the first message.
	play func(c *client)

	wait     sync.WaitGroup
	first    atomic.Uint32 // version that the last client announced
	params   atomic.Pointer[[]string]
	attempts atomic.Int32 // proofs received
	dials    atomic.Int32
	plain    atomic.Int32 // first messages without TLS
	cancels  chan [2]uint32

	mu    sync.Mutex
	conns map[net.Conn]bool
}

// client is what a server sees of one.
type client struct {
	*server
	net.Conn
	in      *bufio.Reader
	version uint32
	tls     bool
}

const (
	user     = "dbadmin"
	password = "Gauss@123"
)

var salt = [32]byte{1, 2, 3}

func newServer(t testing.TB, configure func(*server)) *server {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{
		t: t, listener: l, method: gaussauth.SHA256, keys: gaussauth.NewKeys(user, password, salt, 10000),
		cancels: make(chan [2]uint32, 10), conns: make(map[net.Conn]bool),
	}
	if configure != nil {
		configure(s)
	}
	s.wait.Add(1)
	go s.accept()
	t.Cleanup(func() {
		l.Close()
		s.mu.Lock()
		for c := range s.conns {
			c.Close()
		}
		s.mu.Unlock()
		s.wait.Wait()
	})
	return s
}

func (s *server) accept() {
	defer s.wait.Done()
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.dials.Add(1)
		s.mu.Lock()
		s.conns[c] = true
		s.mu.Unlock()
		s.wait.Add(1)
		go func() {
			defer s.wait.Done()
			defer func() {
				c.Close()
				s.mu.Lock()
				delete(s.conns, c)
				s.mu.Unlock()
			}()
			s.serve(&client{server: s, Conn: c, in: bufio.NewReader(c)})
		}()
	}
}

func (s *server) target() Target {
	host, port, _ := net.SplitHostPort(s.listener.Addr().String())
	_ = port
	return Target{
		Network: "tcp", Addr: s.listener.Addr().String(),
		Config: pq.Config{Host: host, Port: 8000, User: user, Password: password, Database: "gaussdb", Passfile: "/nonexistent"},
	}
}

// startup reads the first message behind its length.
func (c *client) startup() []byte {
	var length [4]byte
	if _, err := io.ReadFull(c.in, length[:]); err != nil {
		return nil
	}
	n, ok := wire.FirstLength(length[:])
	if !ok {
		return nil
	}
	body := make([]byte, n-4)
	if _, err := io.ReadFull(c.in, body); err != nil {
		return nil
	}
	return body
}

func (s *server) serve(c *client) {
	for {
		body := c.startup()
		if body == nil {
			return
		}
		switch version := binary.BigEndian.Uint32(body); version {
		case wire.SSLCode:
			if s.tls == nil {
				c.Write([]byte{'N'})
				continue
			}
			c.Write([]byte{'S'})
			conn := tls.Server(c.Conn, s.tls)
			if conn.Handshake() != nil {
				return
			}
			c.Conn, c.in, c.tls = conn, bufio.NewReader(conn), true
		case wire.CancelCode:
			pid, secret, _ := wire.ParseCancel(body[4:])
			s.cancels <- [2]uint32{pid, secret}
			return
		default:
			c.version = version
			s.first.Store(version)
			_, params, _ := wire.ParseStartup(body)
			s.params.Store(&params)
			if !c.tls {
				s.plain.Add(1)
			}
			if s.play != nil {
				s.play(c)
				return
			}
			if c.login() {
				c.greet()
				io.Copy(io.Discard, c.in)
			}
			return
		}
	}
}

// login lets the user in who knows the password.
func (c *client) login() bool {
	protocol := map[uint32]int{wire.Protocol30: 30, wire.Protocol350: 350, wire.Protocol351: 351}[c.version]
	r := c.keys.Request(c.method, protocol, [4]byte{9, 8, 7, 6})
	c.Write(wire.Append(nil, wire.Authentication, r.Append(nil)))
	t, body := c.message()
	if t != wire.Password {
		return false
	}
	c.attempts.Add(1)
	text, _, _ := wire.String(body)
	if !c.keys.Verify(r, string(text)) {
		c.refuse("28P01", "Invalid username/password,login denied.")
		return false
	}
	return true
}

func (c *client) message() (wire.Type, []byte) {
	var header [wire.HeaderSize]byte
	if _, err := io.ReadFull(c.in, header[:]); err != nil {
		return 0, nil
	}
	t, n, err := wire.Header(header[:])
	if err != nil {
		return 0, nil
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(c.in, body); err != nil {
		return 0, nil
	}
	return t, body
}

func (c *client) refuse(code, message string) {
	f := wire.Fields{Severity: "FATAL", Code: code, Message: message, InternalCode: "0", Module: "SECURITY"}
	c.Write(wire.Append(nil, wire.ErrorResponse, f.Append(nil)))
}

// greet is what follows a login.
func (c *client) greet() {
	b := wire.Append(nil, wire.Authentication, []byte{0, 0, 0, 0})
	for _, p := range []string{"server_version\x009.2.4\x00", "TimeZone\x00Asia/Shanghai\x00", "is_sysadmin\x00on\x00"} {
		b = wire.Append(b, wire.ParameterStatus, []byte(p))
	}
	b = wire.Append(b, wire.BackendKeyData, []byte{0, 0, 0, 7, 0xff, 0, 0, 1})
	b = wire.Append(b, wire.NoticeResponse, (&wire.Fields{Severity: "NOTICE", Code: "00000", Message: "the password expires"}).Append(nil))
	b = wire.Append(b, wire.ReadyForQuery, []byte{'I'})
	b = wire.Append(b, wire.NotificationResponse, []byte("early"))
	c.Write(b)
}

// certificate makes a certificate for 127.0.0.1 and the pool that trusts it.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "coordinator"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func withTLS(t testing.TB) (func(*server), *tls.Config) {
	cert, pool := certificate(t)
	return func(s *server) { s.tls = &tls.Config{Certificates: []tls.Certificate{cert}} }, &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}
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
