// Package script is a coordinator for tests that says what it is told to. It lets
// users in by the keys of their password, and is not package dwstest: it can
// also say what no server would.
package script

import (
	"bufio"
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

	"github.com/gaugesql/gaugesql/dwsdriver/internal/gaussauth"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// The account of the server.
const (
	User     = "dbadmin"
	Password = "Gauss@123"
)

// Iterations are few, as the race detector makes each slow.
const Iterations = 100

// Salt of the account's password.
var Salt = [32]byte{1, 2, 3}

// Server answers logins by a script.
type Server struct {
	// Addr is "host:port".
	Addr string
	// TLS lets it encrypt; nil refuses.
	TLS *tls.Config
	// Keys of the account, and the method to ask for.
	Keys   gaussauth.Keys
	Method gaussauth.Method
	// Play replaces the whole conversation behind the first message.
	Play func(*Client)
	// Session is the conversation behind the login. Without it the server
	// reads and says nothing.
	Session func(*Client)

	// Announced is the version of the last client, Params its parameters.
	Announced atomic.Uint32
	Params    atomic.Pointer[[]string]
	// Dials, Plain and Attempts count connections, first messages without TLS and
	// proofs of a password.
	Dials, Plain, Attempts atomic.Int32
	// Cancels receives the keys of cancel requests.
	Cancels chan [2]uint32

	listener net.Listener
	wait     sync.WaitGroup
	mu       sync.Mutex
	conns    map[net.Conn]bool
}

// Client is what a server sees of one.
type Client struct {
	*Server
	net.Conn
	In        *bufio.Reader
	Version   uint32
	Encrypted bool
}

// New starts a server, which stops at the end of the test.
func New(t testing.TB, configure func(*Server)) *Server {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{
		Addr: l.Addr().String(), listener: l, Method: gaussauth.SHA256, Keys: gaussauth.NewKeys(User, Password, Salt, Iterations),
		Cancels: make(chan [2]uint32, 10), conns: make(map[net.Conn]bool),
	}
	if configure != nil {
		configure(s)
	}
	s.wait.Add(1)
	go s.accept()
	t.Cleanup(s.Stop)
	return s
}

// Stop ends the server and its connections.
func (s *Server) Stop() {
	s.listener.Close()
	s.mu.Lock()
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.wait.Wait()
}

func (s *Server) accept() {
	defer s.wait.Done()
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.Dials.Add(1)
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
			s.serve(&Client{Server: s, Conn: c, In: bufio.NewReader(c)})
		}()
	}
}

// startup reads the first message behind its length.
func (c *Client) startup() []byte {
	var length [4]byte
	if _, err := io.ReadFull(c.In, length[:]); err != nil {
		return nil
	}
	n, ok := wire.FirstLength(length[:])
	if !ok {
		return nil
	}
	body := make([]byte, n-4)
	if _, err := io.ReadFull(c.In, body); err != nil {
		return nil
	}
	return body
}

func (s *Server) serve(c *Client) {
	for {
		body := c.startup()
		if body == nil {
			return
		}
		switch version := binary.BigEndian.Uint32(body); version {
		case wire.SSLCode:
			if s.TLS == nil {
				c.Write([]byte{'N'})
				continue
			}
			c.Write([]byte{'S'})
			conn := tls.Server(c.Conn, s.TLS)
			if conn.Handshake() != nil {
				return
			}
			c.Conn, c.In, c.Encrypted = conn, bufio.NewReader(conn), true
		case wire.CancelCode:
			pid, secret, _ := wire.ParseCancel(body[4:])
			select {
			case s.Cancels <- [2]uint32{pid, secret}:
			default: // a test that does not count them
			}
			return
		default:
			c.Version = version
			s.Announced.Store(version)
			_, params, _ := wire.ParseStartup(body)
			s.Params.Store(&params)
			if !c.Encrypted {
				s.Plain.Add(1)
			}
			if s.Play != nil {
				s.Play(c)
				return
			}
			if c.Login() {
				c.Greet()
				if s.Session != nil {
					s.Session(c)
				}
				io.Copy(io.Discard, c.In)
			}
			return
		}
	}
}

// Login lets the user in who knows the password.
func (c *Client) Login() bool {
	protocol := map[uint32]int{wire.Protocol30: 30, wire.Protocol350: 350, wire.Protocol351: 351}[c.Version]
	r := c.Keys.Request(c.Method, protocol, [4]byte{9, 8, 7, 6})
	c.Write(wire.Append(nil, wire.Authentication, r.Append(nil)))
	t, body := c.Message()
	if t != wire.Password {
		return false
	}
	c.Attempts.Add(1)
	text, _, _ := wire.String(body)
	if !c.Keys.Verify(r, string(text)) {
		c.Refuse("28P01", "Invalid username/password,login denied.")
		return false
	}
	return true
}

// Message reads one; its type is 0 at the end of the connection.
func (c *Client) Message() (wire.Type, []byte) {
	var header [wire.HeaderSize]byte
	if _, err := io.ReadFull(c.In, header[:]); err != nil {
		return 0, nil
	}
	t, n, err := wire.Header(header[:])
	if err != nil {
		return 0, nil
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(c.In, body); err != nil {
		return 0, nil
	}
	return t, body
}

// Refuse ends a login.
func (c *Client) Refuse(code, message string) {
	f := wire.Fields{Severity: "FATAL", Code: code, Message: message, InternalCode: "0", Module: "SECURITY"}
	c.Write(wire.Append(nil, wire.ErrorResponse, f.Append(nil)))
}

// Greet is what follows a login.
func (c *Client) Greet() {
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

// Certificate makes a certificate for 127.0.0.1 and the pool that trusts it.
func Certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
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
