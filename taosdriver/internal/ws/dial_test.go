package ws

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// dialError returns the error of a connection that must fail.
func dialError(t *testing.T, host string, with ...func(*transport.Settings)) *driver.Error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := NewDialer(testSettings(with...)).Connect(ctx, host)
	if err == nil {
		c.Close()
		t.Fatal("no error")
	}
	if _, marked := transport.WasNotSent(err); marked {
		t.Error("Connect's error is marked as repeatable")
	}
	var e *driver.Error
	if !errors.As(err, &e) {
		t.Fatalf("%T: %v", err, err)
	}
	if e.Host != host || e.Transport != Name || e.Op != "connect" || e.Kind == nil {
		t.Errorf("incomplete: %+v", e)
	}
	return e
}

func TestLoginRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		script func(*peer)
		with   func(*transport.Settings)
		kind   error
		code   int
		says   string
	}{
		{name: "wrong password", kind: driver.ErrAuthentication, code: 855, says: "Authentication failure",
			script: func(p *peer) {
				p.answer(p.expect("version"), fields{"version": "3.3.7.5"})
				p.refuse(p.expect("conn"), 855, "Authentication failure")
			}},
		{name: "unknown database", kind: driver.ErrProgramming, code: 904, says: "Database not exist",
			script: func(p *peer) {
				p.answer(p.expect("version"), fields{"version": "3.3.7.5"})
				p.refuse(p.expect("conn"), 904, "Database not exist")
			}},
		{name: "the session is gone at once", kind: driver.ErrConnection, code: 0x213, says: "disconnected",
			script: func(p *peer) {
				p.answer(p.expect("version"), fields{"version": "3.3.7.5"})
				p.refuse(p.expect("conn"), 0x213, "disconnected")
			}},
		{name: "server too old", kind: driver.ErrNotSupported, says: "needs TDengine 3.3.2 or newer, the server is 3.0.4.1",
			script: func(p *peer) { p.answer(p.expect("version"), fields{"version": "3.0.4.1"}) }},
		{name: "server without the action version", kind: driver.ErrNotSupported, says: "does not tell its version",
			script: func(p *peer) { p.refuse(p.expect("version"), 0xffff, "unknown action") }},
		{name: "time zone on a server too old for it", kind: driver.ErrNotSupported, says: "3.3.5",
			script: func(p *peer) { p.answer(p.expect("version"), fields{"version": "3.3.4.8"}) },
			with:   func(s *transport.Settings) { s.Timezone = "Asia/Shanghai" }},
		{name: "second factor on a server too old for it", kind: driver.ErrNotSupported, says: "3.4.0",
			script: func(p *peer) { p.answer(p.expect("version"), fields{"version": "3.3.7.5"}) },
			with:   func(s *transport.Settings) { s.TOTPCode = "123456" }},
		{name: "socket ends during the login", kind: driver.ErrConnection, says: "ended the connection",
			script: func(p *peer) { p.expect("version"); p.drop() }},
		{name: "garbage during the login", kind: driver.ErrInternal, says: "makes no sense",
			script: func(p *peer) { p.expect("version"); p.write(textMessage, []byte("what?")); <-p.gone }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := script(t, c.script)
			if c.with == nil {
				c.with = func(*transport.Settings) {}
			}
			e := dialError(t, s.host, c.with)
			if !errors.Is(e, c.kind) || e.Code != c.code || !strings.Contains(e.Error(), c.says) {
				t.Errorf("got %v of kind %v, code %d; want %v, %d, %q", e, e.Kind, e.Code, c.kind, c.code, c.says)
			}
			if strings.Contains(e.Error(), "taosdata") {
				t.Error("the password is in the error")
			}
		})
	}
}

func TestLoginSendsWhatTheSettingsSay(t *testing.T) {
	args := make(chan map[string]any, 1)
	s := script(t, func(p *peer) {
		p.answer(p.expect("version"), fields{"version": "3.4.0.0"})
		m := p.expect("conn")
		args <- m.args
		p.answer(m, nil)
		<-p.gone
	})
	s.connect(t, func(s *transport.Settings) {
		s.Database, s.Timezone, s.App, s.BIMode, s.TOTPCode = "power", "Asia/Shanghai", "app", true, "1"
	})
	got := <-args
	for name, want := range map[string]string{
		"user": "root", "password": "taosdata", "db": "power", "tz": "Asia/Shanghai", "app": "app", "totp_code": "1",
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %s", name, got[name], want)
		}
	}
	if n, ok := got["mode"]; !ok || number(n) != 0 {
		t.Errorf("mode is %v, want 0", n)
	}
}

func TestUpgradeRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		kind   error
		says   string
	}{
		{"no such path", 404, "404 page not found", driver.ErrInterface, "is this taosAdapter"},
		{"bad token", 401, `{"code":4357,"desc":"no auth info"}`, driver.ErrAuthentication, "no auth info"},
		{"not on the whitelist", 403, "", driver.ErrPermission, "whitelist"},
		{"proxy that does not upgrade", 400, "Bad Request\n", driver.ErrConnection, "upgrades"},
		{"web server", 200, "<html>hello</html>", driver.ErrConnection, `"200 OK"`},
		{"overloaded", 503, "", driver.ErrServer, "503"},
		{"redirection", 302, "", driver.ErrConnection, "not followed"},
		{"TLS port of a Go server", 400, "Client sent an HTTP request to an HTTPS server.\n", driver.ErrConnection, "use wss"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			}))
			defer s.Close()
			e := dialError(t, s.Listener.Addr().String(), func(s *transport.Settings) { s.Token = "s3cret" })
			if !errors.Is(e, c.kind) || !strings.Contains(e.Error(), c.says) {
				t.Errorf("got %v of kind %v; want %v, %q", e, e.Kind, c.kind, c.says)
			}
			if strings.Contains(e.Error(), "s3cret") {
				t.Error("the token is in the error")
			}
		})
	}
}

func TestWrongServer(t *testing.T) {
	raw := func(t *testing.T, serve func(net.Conn)) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				serve(c)
				c.Close()
			}
		}()
		return l.Addr().String()
	}
	first := func(c net.Conn) { c.Read(make([]byte, 1024)) }
	t.Run("nobody listens", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		if e := dialError(t, l.Addr().String()); !errors.Is(e, driver.ErrConnection) || !strings.Contains(e.Error(), "refused") {
			t.Error(e)
		}
	})
	t.Run("ends the connection", func(t *testing.T) {
		e := dialError(t, raw(t, first))
		if !errors.Is(e, driver.ErrConnection) || !strings.Contains(e.Error(), "during the handshake") {
			t.Error(e)
		}
	})
	t.Run("is no web server", func(t *testing.T) {
		e := dialError(t, raw(t, func(c net.Conn) { first(c); io.WriteString(c, "\x00\x01\x02 native\n") }))
		if !errors.Is(e, driver.ErrConnection) || !strings.Contains(e.Error(), "does not speak HTTP") {
			t.Error(e)
		}
	})
	t.Run("answers with a TLS alert", func(t *testing.T) {
		e := dialError(t, raw(t, func(c net.Conn) { first(c); io.WriteString(c, "\x15\x03\x01\x00\x02\x02\x46\n") }))
		if !strings.Contains(e.Error(), "use wss") {
			t.Error(e)
		}
	})
	t.Run("never ends its headers", func(t *testing.T) {
		e := dialError(t, raw(t, func(c net.Conn) {
			first(c)
			io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nX: ")
			for {
				if _, err := c.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}))
		if !errors.Is(e, driver.ErrConnection) || !strings.Contains(e.Error(), "handshake does not end") {
			t.Error(e)
		}
	})
}

func TestTLS(t *testing.T) {
	run := func(p *peer) { p.login(); <-p.gone }
	secure, plain := scriptTLS(t, true, run), script(t, run)
	pool := x509.NewCertPool()
	pool.AddCert(secure.http.Certificate())
	trusted := func(s *transport.Settings) { s.TLS = &tls.Config{RootCAs: pool, ServerName: "example.com"} }
	secure.connect(t, trusted)
	for _, c := range []struct {
		name string
		host string
		with func(*transport.Settings)
		says string
	}{
		{"unknown authority", secure.host, func(s *transport.Settings) { s.TLS = &tls.Config{} }, "tls_ca"},
		{"other name", secure.host, func(s *transport.Settings) {
			s.TLS = &tls.Config{RootCAs: pool, ServerName: "other.example"}
		}, "tls_server_name"},
		{"server without TLS", plain.host, trusted, "does not speak TLS"},
		{"client without TLS", secure.host, func(*transport.Settings) {}, "use wss"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if e := dialError(t, c.host, c.with); !errors.Is(e, driver.ErrConnection) || !strings.Contains(e.Error(), c.says) {
				t.Errorf("got %v, want %q", e, c.says)
			}
		})
	}
}

func TestConnectEndsWithItsContext(t *testing.T) {
	hold := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	defer silent.Close()
	defer close(hold)
	reached := make(chan struct{}, 1)
	mute := script(t, func(p *peer) {
		p.expect("version")
		reached <- struct{}{}
		<-p.gone
	})
	for name, host := range map[string]string{"before the upgrade": silent.Listener.Addr().String(), "before the login": mute.host} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(context.Background())
			cause := errors.New("changed my mind")
			go func() {
				if host == mute.host {
					<-reached
				} else {
					time.Sleep(20 * time.Millisecond) // nothing tells that the request is there
				}
				cancel(cause)
			}()
			start := time.Now()
			_, err := NewDialer(testSettings()).Connect(ctx, host)
			soon(t, start)
			if !errors.Is(err, context.Canceled) || !errors.Is(err, cause) {
				t.Error(err)
			}
		})
	}
}

func TestVersions(t *testing.T) {
	for text, want := range map[string]string{
		"3.3.7.5": "3.3.7", "3.4.0.0.alpha": "3.4.0", "3.3": "3.3.0", "4": "4.0.0", "3.3.7-rc1": "3.3.7", "3.99999999999999999999.1": "3.0.0",
	} {
		v, ok := transport.ParseVersion(text)
		if !ok || v.String() != want {
			t.Errorf("%s is %v, %v; want %s", text, v, ok, want)
		}
	}
	for _, text := range []string{"", "v3", "x.y", "0.0"} {
		if v, ok := transport.ParseVersion(text); ok {
			t.Errorf("%q is %v", text, v)
		}
	}
	c := &Conn{version: "3.3.2"}
	if !c.supports(version{3, 3, 2}) || c.supports(version{3, 3, 2, 1}) || c.supports(version{4}) {
		t.Error("comparison")
	}
}
