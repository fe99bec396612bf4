package login

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/gaussauth"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/script"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

func TestEveryMethodOfEveryProtocol(t *testing.T) {
	for _, method := range []gaussauth.Method{gaussauth.MD5, gaussauth.SHA256, gaussauth.SHA256MD5, gaussauth.MD5SHA256} {
		for _, protocol := range []uint32{wire.Protocol30, wire.Protocol350, wire.Protocol351} {
			srv := script.New(t, func(s *script.Server) {
				s.Method = method
				if protocol != wire.Protocol351 || method == gaussauth.MD5SHA256 {
					s.Keys = gaussauth.NewKeys(user, password, script.Salt, gaussauth.DefaultIterations)
				}
			})
			at := target(srv)
			at.Protocol = protocol
			s, err := open(t, at)
			if err != nil {
				t.Errorf("%v over %#x: %v", method, protocol, err)
				continue
			}
			if srv.Announced.Load() != protocol || s.Method != method.String() || srv.Attempts.Load() != 1 {
				t.Errorf("%v over %#x: announced %#x, method %q, %d attempts", method, protocol, srv.Announced.Load(), s.Method, srv.Attempts.Load())
			}
			at.Config.Password = "wrong"
			_, err = open(t, at)
			var refused *RefusedError
			var below *pq.Error
			if protocol == wire.Protocol30 && method == gaussauth.SHA256 {
				if err != gaussauth.ErrSignature || srv.Attempts.Load() != 1 {
					t.Errorf("%v over %#x: %v", method, protocol, err)
				}
				continue
			}
			if !errors.As(err, &refused) || !errors.As(err, &below) || below.Code != "28P01" || below.Column != "" || refused.Module != "SECURITY" || !refused.Answered {
				t.Errorf("%v over %#x: %v", method, protocol, err)
			}
			if srv.Attempts.Load() != 2 {
				t.Errorf("%v over %#x: %d attempts", method, protocol, srv.Attempts.Load())
			}
		}
	}
}

func TestProtocol351IsAnnouncedAndTheSessionKnowsWhatTheServerTold(t *testing.T) {
	srv := script.New(t, nil)
	at := target(srv)
	at.Config.ApplicationName = "report"
	at.Config.Runtime = map[string]string{"extra_float_digits": "3"}
	s, err := open(t, at)
	if err != nil {
		t.Fatal(err)
	}
	if srv.Announced.Load() != wire.Protocol351 {
		t.Errorf("announced %#x", srv.Announced.Load())
	}
	params := *srv.Params.Load()
	for _, want := range []string{"user", user, "database", "gaussdb", "application_name", "report", "extra_float_digits", "3"} {
		if !slices.Contains(params, want) {
			t.Errorf("no %q in %q", want, params)
		}
	}
	if s.PID != 7 || s.Secret != 0xff000001 || s.Status != 'I' || s.ServerVersion() != 90204 || s.TLS != nil || s.Conn != s.Socket {
		t.Errorf("%+v", s)
	}
	if s.Parameters["TimeZone"] != "Asia/Shanghai" || len(s.Notices) != 1 || s.Notices[0].Message != "the password expires" {
		t.Errorf("%+v", s)
	}
	typ, body, _, _, ok, err := wire.Next(s.Unread)
	if len(s.Unread) > 0 && (typ != wire.NotificationResponse || string(body) != "early" || !ok || err != nil) {
		t.Errorf("unread %q", s.Unread)
	}
}

func TestVersionNumber(t *testing.T) {
	for text, want := range map[string]int{"9.2.4": 90204, "15.18 (Debian 15.18-0+deb12u1)": 150018, "16beta1": 160000, "": 0, "x": 0, "9": 90000, "99999999999.1": 0} {
		if got := versionNumber(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestTLSModes(t *testing.T) {
	serve, trust := withTLS(t)
	_, stranger := withTLS(t)
	tests := []struct {
		name      string
		mode      TLSMode
		config    *tls.Config
		encrypted bool // the server can
		want      string
	}{
		{"disable", Disable, nil, true, "plain"},
		{"allow", Allow, trust, true, "plain"},
		{"prefer", Prefer, trust, true, "tls"},
		{"prefer, server cannot", Prefer, trust, false, "plain"},
		{"prefer, server not trusted", Prefer, stranger, true, "*login.TLSError"},
		{"prefer, no version in common", Prefer, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS11}, true, "plain"},
		{"require", Require, trust, true, "tls"},
		{"require, server cannot", Require, trust, false, "*login.TLSError"},
		{"require, server not trusted", Require, stranger, true, "*login.TLSError"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := script.New(t, func(s *script.Server) {
				if tt.encrypted {
					serve(s)
				}
			})
			at := target(srv)
			at.Mode, at.TLS = tt.mode, tt.config
			s, err := open(t, at)
			got := "plain"
			var unencrypted *TLSError
			switch {
			case errors.As(err, &unencrypted):
				got = "*login.TLSError"
				if srv.Attempts.Load() != 0 || srv.Plain.Load() != 0 {
					t.Error("a login was tried")
				}
			case err != nil:
				t.Fatal(err)
			case s.TLS != nil:
				got = "tls"
			}
			if got != tt.want {
				t.Errorf("got %s, %v, want %s", got, err, tt.want)
			}
		})
	}
}

// A refusal after a proof is final: failed logins lock accounts.
func TestAllowAndPreferTryAPasswordOnce(t *testing.T) {
	serve, trust := withTLS(t)
	for _, mode := range []TLSMode{Allow, Prefer} {
		srv := script.New(t, serve)
		at := target(srv)
		at.Mode, at.TLS, at.Config.Password = mode, trust, "wrong"
		_, err := open(t, at)
		if !errors.As(err, new(*RefusedError)) || srv.Attempts.Load() != 1 || srv.Dials.Load() != 1 {
			t.Errorf("mode %d: %v, %d attempts, %d dials", mode, err, srv.Attempts.Load(), srv.Dials.Load())
		}
	}
}

func TestAllowGoesOnToTLSWhenRefusedBeforeTheProof(t *testing.T) {
	serve, trust := withTLS(t)
	srv := script.New(t, func(s *script.Server) {
		serve(s)
		s.Play = func(c *script.Client) {
			if !c.Encrypted {
				c.Refuse("28000", "no pg_hba.conf entry for host")
				return
			}
			if c.Login() {
				c.Greet()
			}
		}
	})
	at := target(srv)
	at.Mode, at.TLS = Allow, trust
	s, err := open(t, at)
	if err != nil || s.TLS == nil || srv.Attempts.Load() != 1 {
		t.Errorf("%v, %d attempts", err, srv.Attempts.Load())
	}
}

func TestTheFirstByteBehindTheTLSAnswerIsNotReadInClear(t *testing.T) {
	serve, trust := withTLS(t)
	srv := script.New(t, func(s *script.Server) { serve(s) })
	// A man in the middle adds a message in clear to the server's answer.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		io.ReadFull(c, make([]byte, 8))
		c.Write(append([]byte{'S'}, wire.Append(nil, wire.Authentication, []byte{0, 0, 0, 3})...))
		io.Copy(io.Discard, c)
	}()
	at := target(srv)
	at.Addr, at.Mode, at.TLS = l.Addr().String(), Require, trust
	if _, err := open(t, at); !errors.As(err, new(*TLSError)) {
		t.Error(err)
	}
	l.Close()
	<-done
}

func TestContextEndsEveryStage(t *testing.T) {
	serve, trust := withTLS(t)
	silent := func(c *script.Client) { io.Copy(io.Discard, c.In) }
	tests := []struct {
		name      string
		configure func(*script.Server)
		mode      TLSMode
		deaf      bool // nobody answers at all
	}{
		{"the request for TLS", nil, Require, true},
		{"the first message", func(s *script.Server) { s.Play = silent }, Disable, false},
		{"the first message under TLS", func(s *script.Server) { serve(s); s.Play = silent }, Require, false},
		{"the proof", func(s *script.Server) {
			s.Play = func(c *script.Client) {
				r := c.Keys.Request(gaussauth.SHA256, 351, [4]byte{})
				c.Write(wire.Append(nil, wire.Authentication, r.Append(nil)))
				silent(c)
			}
		}, Disable, false},
		{"the work on the proof", func(s *script.Server) {
			s.Play = func(c *script.Client) {
				r := c.Keys.Request(gaussauth.SHA256, 351, [4]byte{})
				r.Iterations = gaussauth.MaxIterations
				c.Write(wire.Append(nil, wire.Authentication, r.Append(nil)))
				silent(c)
			}
		}, Disable, false},
		{"the greeting", func(s *script.Server) {
			s.Play = func(c *script.Client) {
				if c.Login() {
					c.Write(wire.Append(nil, wire.Authentication, []byte{0, 0, 0, 0}))
				}
				silent(c)
			}
		}, Disable, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := script.New(t, tt.configure)
			at := target(srv)
			at.Mode, at.TLS = tt.mode, trust
			if tt.deaf {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				at.Addr = l.Addr().String()
			}
			for _, cause := range []error{context.Canceled, context.DeadlineExceeded} {
				end := time.Now().Add(50 * time.Millisecond)
				ctx, cancel := context.WithDeadline(context.Background(), end)
				if cause == context.Canceled {
					cancel()
					ctx, cancel = context.WithCancel(context.Background())
					time.AfterFunc(time.Until(end), cancel)
				}
				_, err := Open(ctx, at)
				late := time.Since(end)
				cancel()
				if !errors.Is(err, cause) || late > time.Second {
					t.Errorf("%v, %v after the end", err, late)
				}
			}
		})
	}
}

func TestCancelCostsNoLogin(t *testing.T) {
	serve, trust := withTLS(t)
	for _, mode := range []TLSMode{Disable, Require} {
		srv := script.New(t, serve)
		at := target(srv)
		at.Mode, at.TLS = mode, trust
		s, err := open(t, at)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Cancel(context.Background()); err != nil {
			t.Error(err)
		}
		if got := <-srv.Cancels; got != [2]uint32{7, 0xff000001} {
			t.Errorf("mode %d: %v", mode, got)
		}
		if srv.Attempts.Load() != 1 {
			t.Errorf("mode %d: %d attempts", mode, srv.Attempts.Load())
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := s.Cancel(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

func TestWhatTheServerSaysIsReported(t *testing.T) {
	auth := func(body string) func(*script.Client) {
		return func(c *script.Client) {
			c.Write(wire.Append(nil, wire.Authentication, []byte(body)))
			io.Copy(io.Discard, c.In)
		}
	}
	tests := []struct {
		name, want string
		play       func(*script.Client)
	}{
		{"SM3", "method 13 (SM3)", auth("\x00\x00\x00\x0d\x00\x00\x00\x03")},
		{"IAM", "method 14 (IAM)", auth("\x00\x00\x00\x0e")},
		{"unknown method", "method 77, which is unknown", auth("\x00\x00\x00\x4d")},
		{"SHA256 cut short", "malformed authentication request", auth("\x00\x00\x00\x0a\x00\x00\x00\x02abc")},
		{"too many iterations", "iterations", auth("\x00\x00\x00\x0a\x00\x00\x00\x02" + strings.Repeat("0", 72) + "\xff\xff\xff\xff")},
		{"SASL of another kind", "no SASL mechanism", auth("\x00\x00\x00\x0aPLAIN\x00\x00")},
		{"no code", "malformed message of type 'R'", auth("\x00")},
		{"unknown database", "does not exist", func(c *script.Client) { c.Refuse("3D000", `database "x" does not exist`) }},
		{"no process", "could not fork", func(c *script.Client) { c.Write([]byte("Ecould not fork new process\n\x00")) }},
		{"no process, and gone", "could not fork", func(c *script.Client) { c.Write([]byte("Ecould not fork new process\n")) }},
		{"the connection is cut", "unexpected EOF", func(*script.Client) {}},
		{"a web server", "is this the port of a DWS coordinator?", func(c *script.Client) { c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) }},
		{"ready before the login", "malformed message of type 'Z'", func(c *script.Client) { c.Write(wire.Append(nil, wire.ReadyForQuery, []byte{'I'})) }},
		{"rows in the login", "message of type \"D\"", func(c *script.Client) { c.Write(wire.Append(nil, wire.DataRow, nil)) }},
		{"a greeting without end", "does not come to an end", func(c *script.Client) {
			for range maxMessages + 1 {
				if _, err := c.Write(wire.Append(nil, wire.ParameterStatus, []byte("a\x00b\x00"))); err != nil {
					return
				}
			}
		}},
		{"a long message", "does not come to an end", func(c *script.Client) { c.Write([]byte{'N', 0x10, 0, 0, 0}) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := script.New(t, func(s *script.Server) { s.Play = tt.play })
			s, err := open(t, target(srv))
			if s != nil || err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "'D'", `"D"`), tt.want) {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			if strings.Contains(err.Error(), password) {
				t.Errorf("the password is in %v", err)
			}
		})
	}
}

func TestAPasswordIsNotSentInClearToAnotherMachine(t *testing.T) {
	play := func(c *script.Client) {
		c.Write(wire.Append(nil, wire.Authentication, []byte{0, 0, 0, 3}))
		if typ, body := c.Message(); typ == wire.Password && string(body) == password+"\x00" {
			c.Greet()
		}
	}
	srv := script.New(t, func(s *script.Server) { s.Play = play })
	if s, err := open(t, target(srv)); err != nil || s.Method != "password" {
		t.Error(err) // this machine
	}
	at := target(srv)
	at.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		return elsewhere{c}, err
	}
	if _, err := open(t, at); !errors.Is(err, ErrClearText) {
		t.Error(err)
	}
	serve, trust := withTLS(t)
	srv = script.New(t, func(s *script.Server) { serve(s); s.Play = play })
	at.Addr, at.Mode, at.TLS = srv.Addr, Require, trust
	if _, err := open(t, at); err != nil {
		t.Error(err)
	}
}

// elsewhere is a connection to another machine.
type elsewhere struct{ net.Conn }

func (elsewhere) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 8000} }

func TestMethodsNotAllowedAreRefusedBeforeTheProof(t *testing.T) {
	srv := script.New(t, func(s *script.Server) { s.Method = gaussauth.MD5 })
	at := target(srv)
	at.Methods = []string{"sha256", "scram-sha-256"}
	_, err := open(t, at)
	var method *MethodError
	if !errors.As(err, &method) || method.Method != "md5" || srv.Attempts.Load() != 0 {
		t.Error(err)
	}
	srv = script.New(t, func(s *script.Server) { s.Play = (*script.Client).Greet })
	at.Addr = srv.Addr
	if _, err = open(t, at); !errors.As(err, &method) || method.Method != "none" {
		t.Error(err)
	}
	at.Methods = nil
	if s, err := open(t, at); err != nil || s.Method != "none" {
		t.Error(err)
	}
}

func TestWithoutAPasswordNothingIsTried(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("127.0.0.1:8000:gaussdb:"+user+":"+password+"\n"), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	srv := script.New(t, nil)
	at := target(srv)
	at.Config.Password = ""
	if _, err := open(t, at); !errors.Is(err, ErrNoPassword) {
		t.Error(err)
	}
	at.Config.Passfile = file("lax", 0o644)
	if _, err := open(t, at); !errors.Is(err, ErrPassfile) || !errors.Is(err, ErrNoPassword) {
		t.Error(err)
	}
	if srv.Attempts.Load() != 0 {
		t.Errorf("%d attempts", srv.Attempts.Load())
	}
	at.Config.Passfile = file("private", 0o600)
	if _, err := open(t, at); err != nil || srv.Attempts.Load() != 1 {
		t.Error(err)
	}
}
