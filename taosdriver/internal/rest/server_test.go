package rest

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// settings for a server in this process.
func settings() transport.Settings {
	return transport.Settings{
		User: "root", Password: "secret-password", Location: time.UTC,
		ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second,
		MaxMessageBytes: 1 << 20, Dial: new(net.Dialer).DialContext,
	}
}

// request is one that a test server got.
type request struct {
	method, path, query, sql string
	header                   http.Header
}

// recorder answers like taosAdapter and keeps what was asked.
type recorder struct {
	*httptest.Server
	mu       sync.Mutex
	requests []request
	accepted int
}

// newServer starts a server that answers statements by their text; others get the
// reply of an update.
func newServer(t *testing.T, replies map[string]string) *recorder {
	t.Helper()
	r := new(recorder)
	r.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		sql := r.keep(q)
		reply, ok := replies[sql]
		if !ok {
			reply = updateReply
			if sql == roundTrip || sql == transport.PingSQL || sql == "select server_version()" {
				reply = versionReply
			}
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		io.WriteString(w, reply)
	}))
	r.start(t)
	return r
}

func (r *recorder) start(t *testing.T) {
	r.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			r.mu.Lock()
			r.accepted++
			r.mu.Unlock()
		}
	}
	r.Start()
	t.Cleanup(r.Close)
}

const (
	updateReply  = `{"code":0,"column_meta":[["affected_rows","INT",4]],"data":[[2]],"rows":1}`
	versionReply = `{"code":0,"column_meta":[["server_version()","VARCHAR",7]],"data":[["3.3.7.5"]],"rows":1}`
)

func (r *recorder) keep(q *http.Request) (sql string) {
	body, _ := io.ReadAll(q.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, request{q.Method, q.URL.EscapedPath(), q.URL.RawQuery, string(body), q.Header})
	return string(body)
}

func (r *recorder) last() request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests[len(r.requests)-1]
}

func (r *recorder) host() string { return strings.TrimPrefix(r.URL, "http://") }

// connect opens a connection that ends with the test.
func connect(t *testing.T, host string, s transport.Settings) *Conn {
	t.Helper()
	conn, err := NewDialer(s).Connect(context.Background(), host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.(*Conn)
}

// rawServer hands each connection to serve, for what net/http's server cannot
// do. All connections are closed when the test ends.
func rawServer(t *testing.T, serve func(conn net.Conn, in *bufio.Reader)) (host string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	all.Add(1)
	go func() {
		defer all.Done()
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			all.Add(1)
			go func() {
				defer all.Done()
				defer conn.Close()
				serve(conn, bufio.NewReader(conn))
			}()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, conn := range open {
			conn.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return l.Addr().String()
}

// readRequest reads a whole request and returns the statement.
func readRequest(in *bufio.Reader) (sql string, ok bool) {
	q, err := http.ReadRequest(in)
	if err != nil {
		return "", false
	}
	body, err := io.ReadAll(q.Body)
	return string(body), err == nil
}

// answer writes a whole reply that leaves the connection open.
func answer(conn net.Conn, body string) {
	io.WriteString(conn, chunkedHead)
	chunk(conn, body)
	io.WriteString(conn, "0\r\n\r\n")
}

const chunkedHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

func chunk(conn net.Conn, text string) {
	const digits = "0123456789abcdef"
	var size []byte
	for n := len(text); n > 0; n >>= 4 {
		size = append([]byte{digits[n&15]}, size...)
	}
	io.WriteString(conn, string(size)+"\r\n"+text+"\r\n")
}
