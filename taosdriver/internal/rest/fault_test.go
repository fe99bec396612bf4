package rest

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// prompt is how soon a call must return once its context is done. The promise is
// 100 ms; the rest is for a machine that does much else.
const prompt = time.Second

func TestARequestLostAfterItWasSentIsNotRepeated(t *testing.T) {
	for name, reply := range map[string]string{
		"no reply":                    "",
		"half a status line":          "HTTP/1.1 2",
		"header without a body":       chunkedHead,
		"a body cut in its chunk":     chunkedHead + "ff\r\n" + updateReply[:40],
		"a body that ends in order":   "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + updateReply[:40],
		"a body until the connection": "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + updateReply[:40],
	} {
		var executed atomic.Int32
		host := rawServer(t, func(conn net.Conn, in *bufio.Reader) {
			for {
				sql, ok := readRequest(in)
				if !ok {
					return
				}
				if sql == "insert" {
					executed.Add(1)
					io.WriteString(conn, reply)
					return
				}
				answer(conn, versionReply)
			}
		})
		c := connect(t, host, settings())
		if err := c.Ping(background); err != nil { // now the connection is a used one
			t.Fatal(err)
		}
		_, err := c.Query(background, 77, "insert")
		var e *driver.Error
		if !errors.As(err, &e) || !errors.Is(err, driver.ErrConnection) || !e.OutcomeUnknown || e.RequestID != 77 {
			t.Errorf("%s: %v", name, err)
		}
		if _, marked := transport.WasNotSent(err); marked {
			t.Errorf("%s: the error is marked for a repetition", name)
		}
		if n := executed.Load(); n != 1 || c.Alive() {
			t.Errorf("%s: executed %d times, alive %v", name, n, c.Alive())
		}
	}
}

// A server that closes the connection right behind each reply races with the
// next request. Whoever wins, no statement runs twice, and one that is reported as
// certain has run once.
func TestAConnectionClosedWhileIdleIsReplaced(t *testing.T) {
	var executed sync.Map
	host := rawServer(t, func(conn net.Conn, in *bufio.Reader) {
		if sql, ok := readRequest(in); ok {
			n, _ := executed.LoadOrStore(sql, new(atomic.Int32))
			n.(*atomic.Int32).Add(1)
			answer(conn, updateReply)
		}
	})
	replaced := 0
	for i := range 200 {
		c := newConn(new(transport.Settings), host)
		s := settings()
		c.settings, c.http.DialContext = &s, (&dialer{dial: s.Dial}).plain
		first, second := "insert "+strings.Repeat("a", i+1), "insert "+strings.Repeat("b", i+1)
		if _, err := c.Query(background, 1, first); err != nil {
			t.Fatal(err)
		}
		_, err := c.Query(background, 2, second)
		var runs int32
		if n, ok := executed.Load(second); ok {
			runs = n.(*atomic.Int32).Load()
		}
		var e *driver.Error
		switch {
		case err == nil && runs == 1:
			replaced++
		case errors.As(err, &e) && e.OutcomeUnknown && runs <= 1:
		default:
			t.Fatalf("ran %d times, %v", runs, err)
		}
		c.Close()
	}
	if replaced == 0 {
		t.Error("no idle connection was replaced")
	}
}

func TestProgressOfAFailedRequest(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	go io.Copy(io.Discard, b)
	defer b.Close()

	fresh := func() *wire { return &wire{Conn: a} }
	used := fresh()
	used.Write([]byte("the request before"))
	for _, c := range []struct {
		name   string
		wire   *wire
		reused bool
		write  bool
		want   progress
	}{
		{"no connection", nil, false, false, unsent},
		{"a fresh connection, nothing written", fresh(), false, false, unsent},
		{"a used connection, nothing written", used, true, false, stale},
		{"a fresh connection, written", fresh(), false, true, written},
		{"a used connection, written", &wire{Conn: a, written: 5}, true, true, written},
	} {
		var u usedWire
		if c.wire != nil {
			u.before.Store(c.wire.begin(c.reused))
			u.reused.Store(c.reused)
			u.wire.Store(c.wire)
			if c.write {
				c.wire.Write([]byte("x"))
			}
		}
		if got := u.progress(); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
		if c.wire == nil {
			continue
		}
		// What was judged cannot be overtaken by a late write.
		if n, err := c.wire.Write([]byte("late")); n != 0 || err != errSealed {
			t.Errorf("%s: a late write: %d, %v", c.name, n, err)
		}
	}
	var u usedWire
	u.other.Store(true)
	if got := u.progress(); got != written {
		t.Errorf("a connection of someone else: %d", got)
	}
	a.Close()
	failing := &wire{Conn: a}
	failing.Write([]byte("x"))
	if failing.seal() == 0 {
		t.Error("a failed write may have sent something and is not counted")
	}
}

func TestAServerThatIsGoneIsCertain(t *testing.T) {
	host := rawServer(t, func(conn net.Conn, in *bufio.Reader) {
		if _, ok := readRequest(in); ok {
			answer(conn, versionReply)
		}
	})
	s := settings()
	var down atomic.Bool
	dial := s.Dial
	s.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if down.Load() {
			return nil, errors.New("connection refused")
		}
		return dial(ctx, network, addr)
	}
	c := connect(t, host, s)
	down.Store(true)
	c.http.CloseIdleConnections()
	_, err := c.Query(background, 1, "insert")
	var e *driver.Error
	if _, marked := transport.WasNotSent(err); !marked || !errors.As(err, &e) || e.OutcomeUnknown || !errors.Is(err, driver.ErrConnection) {
		t.Errorf("%v", err)
	}
	if c.Alive() {
		t.Error("alive")
	}
}

// mute is a server that answers the login and then lets reply begin an answer
// and waits for the client to go.
func mute(t *testing.T, begin string) (host string, got, gone chan struct{}) {
	got, gone = make(chan struct{}, 1), make(chan struct{}, 1)
	host = rawServer(t, func(conn net.Conn, in *bufio.Reader) {
		for {
			sql, ok := readRequest(in)
			if !ok {
				return
			}
			if sql == roundTrip || sql == transport.PingSQL {
				answer(conn, versionReply)
				continue
			}
			io.WriteString(conn, begin)
			got <- struct{}{}
			io.Copy(io.Discard, in)
			gone <- struct{}{}
			return
		}
	})
	return host, got, gone
}

// someRows is the beginning of a long reply, past the first block.
func someRows() string {
	return chunkedHead + "4000\r\n" + body(100_000, "x")[:0x4000] + "\r\n"
}

func TestCancelWhileWaitingForTheReply(t *testing.T) {
	for name, begin := range map[string]string{
		"before the header":  "",
		"before the body":    chunkedHead,
		"in the first block": chunkedHead + "ffff\r\n" + body(10, "x")[:60],
	} {
		host, got, gone := mute(t, begin)
		s := settings()
		var abandoned []transport.Abandoned
		s.Abandoned = func(a transport.Abandoned) { abandoned = append(abandoned, a) }
		c := connect(t, host, s)
		ctx, cancel := context.WithCancel(background)
		var at time.Time
		go func() {
			<-got
			at = time.Now()
			cancel()
		}()
		_, err := c.Query(ctx, 42, "select slow")
		if late := time.Since(at); late > prompt {
			t.Errorf("%s: returned after %v", name, late)
		}
		var e *driver.Error
		if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || e.RequestID != 42 || !e.OutcomeUnknown {
			t.Errorf("%s: %v", name, err)
		}
		if len(abandoned) != 1 || abandoned[0].RequestID != 42 || abandoned[0].Host != host {
			t.Errorf("%s: abandoned %+v", name, abandoned)
		}
		<-gone // the TCP connection was closed
		if err := c.Ping(background); err != nil || !c.Alive() {
			t.Errorf("%s: afterwards %v", name, err)
		}
	}
}

func TestCancelBetweenBlocks(t *testing.T) {
	host, _, gone := mute(t, someRows())
	s := settings()
	abandoned := make(chan transport.Abandoned, 2)
	s.Abandoned = func(a transport.Abandoned) { abandoned <- a }
	c := connect(t, host, s)

	// The context of Query governs Query alone.
	queryCtx, cancelQuery := context.WithCancel(background)
	reply, err := c.Query(queryCtx, 43, "select slow")
	if err != nil {
		t.Fatal(err)
	}
	cancelQuery()
	if _, err := reply.Result.Next(background); err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithTimeout(background, 20*time.Millisecond)
	defer cancel()
	_, err = reply.Result.Next(ctx)
	if end, _ := ctx.Deadline(); time.Since(end) > prompt {
		t.Errorf("returned %v after the deadline", time.Since(end))
	}
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, driver.ErrTimeout) {
		t.Error(err)
	}
	if a := <-abandoned; a.RequestID != 43 {
		t.Errorf("%+v", a)
	}
	<-gone
	if _, err := reply.Result.Next(background); err != io.EOF {
		t.Errorf("behind an error: %v", err)
	}
	reply.Result.Close()
}

func TestAContextThatIsDoneSendsNothing(t *testing.T) {
	srv := newServer(t, nil)
	s := settings()
	s.Abandoned = func(transport.Abandoned) { t.Error("abandoned what was not sent") }
	c := connect(t, srv.host(), s)
	before := len(srv.requests)
	ctx, cancel := context.WithCancel(background)
	cancel()
	if _, err := c.Query(ctx, 1, "insert"); !errors.Is(err, context.Canceled) || len(srv.requests) != before {
		t.Errorf("%v, %d requests", err, len(srv.requests)-before)
	}
	if !c.Alive() {
		t.Error("not alive")
	}
}

func TestCancelWhileDialing(t *testing.T) {
	s := settings()
	s.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(background, 20*time.Millisecond)
	defer cancel()
	_, err := NewDialer(s).Connect(ctx, "127.0.0.1:6041")
	if end, _ := ctx.Deadline(); time.Since(end) > prompt {
		t.Errorf("returned %v after the deadline", time.Since(end))
	}
	var e *driver.Error
	if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &e) || e.OutcomeUnknown {
		t.Error(err)
	}
}

func TestReadTimeout(t *testing.T) {
	for name, begin := range map[string]string{"no header": "", "no body": chunkedHead} {
		host, _, gone := mute(t, begin)
		s := settings()
		abandoned := 0
		s.Abandoned = func(transport.Abandoned) { abandoned++ }
		c := connect(t, host, s)
		c.settings.ReadTimeout = 50 * time.Millisecond // the login had longer
		_, err := c.Query(background, 1, "select slow")
		var e *driver.Error
		if !errors.Is(err, driver.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &e) || !e.OutcomeUnknown {
			t.Errorf("%s: %v", name, err)
		}
		if abandoned != 1 || c.Alive() {
			t.Errorf("%s: abandoned %d times, alive %v", name, abandoned, c.Alive())
		}
		<-gone
	}
}

func TestBytesRenewTheReadTimeout(t *testing.T) {
	const pause, pieces = 20 * time.Millisecond, 40
	text := body(200, "x")
	host := rawServer(t, func(conn net.Conn, in *bufio.Reader) {
		if _, ok := readRequest(in); !ok {
			return
		}
		io.WriteString(conn, chunkedHead)
		for i := range pieces {
			time.Sleep(pause) // a slow server is what is tested
			chunk(conn, text[i*len(text)/pieces:(i+1)*len(text)/pieces])
		}
		io.WriteString(conn, "0\r\n\r\n")
	})
	s := settings()
	s.ReadTimeout = pause * pieces * 3 / 4
	c := newConn(&s, host)
	defer c.Close()
	reply, err := c.Query(background, 1, "select slow")
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Result.Close()
	if b, err := reply.Result.Next(background); err != nil || b.Rows != 200 {
		t.Errorf("%v, %v", b, err)
	}
}

func TestTheReadTimeoutRestsBetweenBlocks(t *testing.T) {
	srv := newServer(t, map[string]string{"select long": body(50_000, "x")})
	s := settings()
	s.ReadTimeout = 300 * time.Millisecond
	c := connect(t, srv.host(), s)
	reply, err := c.Query(background, 1, "select long")
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Result.Close()
	time.Sleep(s.ReadTimeout * 4 / 3) // the application is at work on the first rows
	for err == nil {
		_, err = reply.Result.Next(background)
	}
	if err != io.EOF {
		t.Error(err)
	}
}

func TestWriteTimeout(t *testing.T) {
	held := make(chan struct{})
	defer close(held)
	host := rawServer(t, func(conn net.Conn, in *bufio.Reader) { <-held })
	s := settings()
	s.WriteTimeout = 50 * time.Millisecond
	c := newConn(&s, host)
	defer c.Close()
	_, err := c.Query(background, 1, strings.Repeat("x", 32<<20)) // more than sockets buffer
	var e *driver.Error
	if !errors.Is(err, driver.ErrTimeout) || !errors.Is(err, errWriteTimeout) || !errors.As(err, &e) || !e.OutcomeUnknown {
		t.Error(err)
	}
}

func TestReplies(t *testing.T) {
	for _, f := range []struct {
		name, reply string
		kind        error
		contains    string
	}{
		{"an empty body", "", driver.ErrResult, "infinite"},
		{"a web page", "<html>It works!</html>", driver.ErrInternal, "JSON"},
		{"a wrong count", `{"code":0,"column_meta":[["v","INT",4]],"data":[[1]],"rows":2}`, driver.ErrInternal, "rows"},
		{"a value too large", `{"code":0,"column_meta":[["v","VARCHAR",4]],"data":[["` + strings.Repeat("x", 2<<20), driver.ErrInternal, "too large"},
		{"a limiter's text", `"query memory exceeds threshold"`, driver.ErrServer, "memory"},
	} {
		srv := newServer(t, map[string]string{"select x": f.reply})
		c := connect(t, srv.host(), settings())
		_, err := c.Query(background, 1, "select x")
		if !errors.Is(err, f.kind) || !strings.Contains(err.Error(), f.contains) {
			t.Errorf("%s: %v", f.name, err)
		}
	}
}

func TestARowThatFailsLateEndsTheResult(t *testing.T) {
	good := body(1000, "x")
	srv := newServer(t, map[string]string{"select x": strings.Replace(good, `[900,`, `["900",`, 1)})
	c := connect(t, srv.host(), settings())
	reply, err := c.Query(background, 1, "select x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reply.Result.Next(background); err != nil {
		t.Fatal(err)
	}
	var e *driver.Error
	if _, err := reply.Result.Next(background); !errors.Is(err, driver.ErrInternal) || !errors.As(err, &e) || e.Op != "fetch" {
		t.Error(err)
	}
	reply.Result.Close()
}

func TestAReplyThatIsNotHTTP(t *testing.T) {
	host := rawServer(t, func(conn net.Conn, in *bufio.Reader) {
		readRequest(in)
		io.WriteString(conn, "SSH-2.0-OpenSSH_9.6\r\n")
	})
	_, err := NewDialer(settings()).Connect(background, host)
	if !errors.Is(err, driver.ErrConnection) || !strings.Contains(err.Error(), "6041") {
		t.Error(err)
	}
}
