package rest

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gaugesql/gaugesql/driver"
)

func TestTLS(t *testing.T) {
	srv := &recorder{}
	srv.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		srv.keep(q)
		io.WriteString(w, versionReply)
	}))
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	host := strings.TrimPrefix(srv.URL, "https://")

	s := settings()
	s.TLS = &tls.Config{RootCAs: srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	c := connect(t, host, s)
	if err := c.Ping(background); err != nil {
		t.Error(err)
	}

	for _, f := range []struct {
		name, host, hint string
		tls              *tls.Config
	}{
		{"a certificate that is not trusted", host, "", &tls.Config{}},
		{"plain HTTP to a TLS server", host, "taos+https", nil},
		{"TLS to a plain server", newServer(t, nil).host(), "taos+http,", &tls.Config{}},
	} {
		s.TLS = f.tls
		_, err := NewDialer(s).Connect(background, f.host)
		var e *driver.Error
		if !errors.As(err, &e) || !errors.Is(err, driver.ErrConnection) || !strings.Contains(e.Hint, f.hint) || e.Op != "connect" {
			t.Errorf("%s: %v", f.name, err)
		}
	}
}

// connectProxy is a proxy for TLS that serves CONNECT.
func connectProxy(t *testing.T) (*url.URL, *atomic.Int32) {
	var used atomic.Int32
	host := rawServer(t, func(conn net.Conn, in *bufio.Reader) {
		q, err := http.ReadRequest(in)
		if err != nil || q.Method != http.MethodConnect {
			return
		}
		server, err := net.Dial("tcp", q.Host)
		if err != nil {
			return
		}
		defer server.Close()
		used.Add(1)
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		go func() {
			io.Copy(server, in)
			server.Close()
		}()
		io.Copy(conn, server)
	})
	return &url.URL{Scheme: "http", Host: host}, &used
}

func TestBehindAProxy(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		sql, _ := io.ReadAll(q.Body)
		if string(sql) == "insert" {
			conn, _, _ := w.(http.Hijacker).Hijack()
			conn.Close()
			return
		}
		io.WriteString(w, versionReply)
	}))
	srv.StartTLS()
	defer srv.Close()
	s := settings()
	s.TLS = &tls.Config{RootCAs: srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	c := newConn(&s, strings.TrimPrefix(srv.URL, "https://"))
	defer c.Close()
	proxy, used := connectProxy(t)
	c.http.Proxy = http.ProxyURL(proxy)

	for range 2 {
		if err := c.Ping(background); err != nil {
			t.Fatal(err)
		}
	}
	if n := used.Load(); n != 1 {
		t.Errorf("the proxy was used %d times", n)
	}
	var e *driver.Error
	if _, err := c.Query(background, 1, "insert"); !errors.As(err, &e) || !e.OutcomeUnknown {
		t.Errorf("lost behind the proxy: %v", err)
	}
}
