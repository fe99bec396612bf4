package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/siridriver/internal/script"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func testConfig(servers ...*script.Server) Config {
	c := Config{
		User: "iris", Password: "siri", Database: "dbtest",
		ConnectTimeout: 2 * time.Second, PingTimeout: 2 * time.Second, WriteTimeout: 2 * time.Second,
		InactiveTime: time.Minute, FirstWaitRetry: 20 * time.Millisecond, MaxWaitRetry: 50 * time.Millisecond,
		MaxResponse: 1 << 20, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	for _, s := range servers {
		c.Hosts = append(c.Hosts, hosts.Host{Network: "tcp", Addr: s.Addr})
	}
	return c
}

func start(t testing.TB, config Config) *Cluster {
	c := New(config)
	t.Cleanup(c.Close)
	return c
}

func query(text string) Request {
	return Request{Op: "query", Type: wire.Query, Package: wire.AppendQuery(wire.Begin(nil), text), Timeout: 5 * time.Second, PoolWait: 5 * time.Second}
}

func within(t *testing.T, d time.Duration, what string, fn func()) {
	t.Helper()
	began := time.Now()
	fn()
	if took := time.Since(began); took > d {
		t.Errorf("%s took %v, more than %v", what, took, d)
	}
}

// eventually waits for a condition that another goroutine brings about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 5 s: %s", what)
		}
	}
}

func TestLoginTellsPrecision(t *testing.T) {
	s := script.Start(t, script.AnswerIn("ns"))
	info, err := start(t, testConfig(s)).Ready(context.Background())
	if err != nil || info != (Info{"ns", "2.0.55", "NAIVE"}) {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestPrecisionOfAUserWhoMayNotShow(t *testing.T) {
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		switch {
		case strings.HasPrefix(p.Query, "show"):
			c.Fail(p, wire.ErrAccess, "Access denied. User 'x' has no 'show' privileges.")
		case p.Query == "1s":
			c.Reply(p.PID, wire.QueryResult, []byte("\xfd\x84calc\xea\x40\x42\x0f\x00"))
		default:
			script.Answer(c, p)
		}
	})
	info, err := start(t, testConfig(s)).Ready(context.Background())
	if err != nil || info.Precision != "us" {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestAnswersOutOfOrder(t *testing.T) {
	var mu sync.Mutex
	var waiting []script.Package
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if !strings.HasPrefix(p.Query, "q") {
			script.Answer(c, p)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if waiting = append(waiting, p); len(waiting) < 50 {
			return
		}
		for i := range waiting {
			w := waiting[len(waiting)-1-i]
			c.Reply(w.PID, wire.QueryResult, []byte(w.Query))
		}
	})
	c := start(t, testConfig(s))
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			text := fmt.Sprint("q", i)
			if r, err := c.Do(context.Background(), query(text)); err != nil || string(r.Data) != text {
				t.Errorf("%s was answered %q, %v", text, r.Data, err)
			}
		}()
	}
	wg.Wait()
}

func TestLateAnswerIsDropped(t *testing.T) {
	release := make(chan struct{})
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		switch p.Query {
		case "slow":
			go func() {
				<-release
				c.Reply(p.PID, wire.QueryResult, []byte("late"))
				c.Reply(9999, wire.QueryResult, []byte("to nobody"))
			}()
		case "quick":
			c.Reply(p.PID, wire.QueryResult, []byte("quick"))
		default:
			script.Answer(c, p)
		}
	})
	c := start(t, testConfig(s))
	if _, err := c.Ready(context.Background()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	within(t, 120*time.Millisecond, "a cancelled query", func() {
		_, err := c.Do(ctx, query("slow"))
		var e *driver.Error
		if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || !e.OutcomeUnknown {
			t.Errorf("cancelled: %v", err)
		}
	})
	close(release)
	for range 20 {
		if r, err := c.Do(context.Background(), query("quick")); err != nil || string(r.Data) != "quick" {
			t.Fatalf("%q, %v", r.Data, err)
		}
	}
	if n := s.Seen(wire.Auth); n != 1 {
		t.Errorf("%d logins", n)
	}
}

func TestOwnTimeoutIsNotTheContexts(t *testing.T) {
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Query != "never" {
			script.Answer(c, p)
		}
	})
	c := start(t, testConfig(s))
	r := query("never")
	r.Timeout = 50 * time.Millisecond
	_, err := c.Do(context.Background(), r)
	if !errors.Is(err, driver.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("own limit: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err = c.Do(ctx, query("never")); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, driver.ErrTimeout) {
		t.Errorf("the caller's limit: %v", err)
	}
}

func TestServerRestartsBetweenRequests(t *testing.T) {
	s := script.Start(t, nil)
	config := testConfig(s)
	config.FirstWaitRetry, config.MaxWaitRetry = time.Hour, time.Hour // only who asks gets one
	c := start(t, config)
	for range 3 {
		if _, err := c.Do(context.Background(), query("x")); err != nil {
			t.Fatal(err)
		}
		s.Stop()
		s.Restart(t)
	}
	s.Stop()
	within(t, time.Second, "a request to a stopped server", func() {
		_, err := c.Do(context.Background(), query("x"))
		var e *driver.Error
		if !errors.Is(err, driver.ErrConnection) || !errors.As(err, &e) || e.OutcomeUnknown {
			t.Errorf("stopped: %v", err)
		}
	})
	s.Restart(t)
	if _, err := c.Do(context.Background(), query("x")); err != nil {
		t.Errorf("after the restart: %v", err)
	}
	if got := len(s.Queries()); got != 4 {
		t.Errorf("%d queries arrived, want 4", got)
	}
}

func TestConnectionLostAfterSendingIsNotRepeated(t *testing.T) {
	executed := map[string]int{}
	var mu sync.Mutex
	drop := func(c *script.Conn, p script.Package) {
		if strings.HasPrefix(p.Query, "drop") || p.Type == wire.Insert {
			mu.Lock()
			executed[p.Query]++
			mu.Unlock()
			c.Close()
			return
		}
		script.Answer(c, p)
	}
	c := start(t, testConfig(script.Start(t, drop), script.Start(t, drop)))
	for i := range 10 {
		_, err := c.Do(context.Background(), query(fmt.Sprint("drop ", i)))
		var e *driver.Error
		if !errors.Is(err, driver.ErrConnection) || !errors.As(err, &e) || !e.OutcomeUnknown {
			t.Errorf("dropped: %v", err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for q, n := range executed {
		if n != 1 {
			t.Errorf("%q ran %d times", q, n)
		}
	}
	if len(executed) != 10 {
		t.Errorf("%d of 10 ran", len(executed))
	}
}

func TestBusyServerHandsOverToAnother(t *testing.T) {
	var refusing atomic.Bool
	refusing.Store(true)
	busy := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Query == "x" && refusing.Load() {
			c.Fail(p, wire.ErrServer, "Server '127.0.0.1:1' is currently not accessible")
			return
		}
		script.Answer(c, p)
	})
	other := script.Start(t, nil)
	c := start(t, testConfig(busy, other))
	for range 40 {
		if r, err := c.Do(context.Background(), query("x")); err != nil || r.Host != other.Addr {
			t.Fatalf("answered by %s, %v", r.Host, err)
		}
	}
	if n := len(busy.Queries()); n > 1 {
		t.Errorf("the inactive host was asked %d times", n)
	}
	other.Stop()
	refusing.Store(false)
	if r, err := c.Do(context.Background(), query("x")); err != nil || r.Host != busy.Addr || r.Type != wire.QueryResult {
		t.Errorf("with no other host: %v %v, %v", r.Host, r.Type, err)
	}
}

func TestOnlyServerBusyIsAnAnswer(t *testing.T) {
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Query == "x" {
			c.Fail(p, wire.ErrServer, "busy")
			return
		}
		script.Answer(c, p)
	})
	r, err := start(t, testConfig(s)).Do(context.Background(), query("x"))
	if err != nil || r.Type != wire.ErrServer || !errors.Is(Refused("query", 0, r, wire.QueryResult), driver.ErrServer) {
		t.Errorf("%v, %v", r.Type, err)
	}
}

func TestPoolErrorIsWaitedFor(t *testing.T) {
	var refused atomic.Int32
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Query == "x" && refused.Add(1) < 4 || p.Query == "down" {
			c.Fail(p, wire.ErrPool, "no pool")
			return
		}
		script.Answer(c, p)
	})
	c := start(t, testConfig(s))
	if r, err := c.Do(context.Background(), query("x")); err != nil || r.Type != wire.QueryResult {
		t.Errorf("%v, %v", r.Type, err)
	}
	r := query("down")
	r.PoolWait = 120 * time.Millisecond
	if r, err := c.Do(context.Background(), r); err != nil || r.Type != wire.ErrPool {
		t.Errorf("after the wait: %v, %v", r.Type, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 80*time.Millisecond)
	defer cancel()
	within(t, 180*time.Millisecond, "waiting for a pool", func() {
		_, err := c.Do(ctx, query("down"))
		if !errors.Is(err, driver.ErrPool) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("interrupted: %v", err)
		}
	})
}

func TestRefusedLoginEndsTheWait(t *testing.T) {
	for typ, kind := range map[wire.Type]error{
		wire.ErrCredentials: driver.ErrAuthentication, wire.ErrUnknownDatabase: ErrIndex, wire.ErrServer: driver.ErrServer,
	} {
		s := script.Start(t, func(c *script.Conn, p script.Package) { c.Reply(p.PID, typ, nil) })
		c := start(t, testConfig(s))
		within(t, time.Second, "a refused login", func() {
			_, err := c.Ready(context.Background())
			if !errors.Is(err, kind) || strings.Contains(err.Error(), "siri\"") {
				t.Errorf("%d: %v", typ, err)
			}
		})
		if typ == wire.ErrServer {
			continue
		}
		logins := s.Seen(wire.Auth)
		time.Sleep(150 * time.Millisecond) // several times the wait between attempts
		if n := s.Seen(wire.Auth); n > logins+1 {
			t.Errorf("%d: tried %d times more though nobody asked", typ, n-logins)
		}
	}
}

func TestNobodyThere(t *testing.T) {
	a, b := script.Start(t, nil), script.Start(t, nil)
	a.Stop()
	b.Stop()
	c := start(t, testConfig(a, b))
	within(t, time.Second, "connecting to closed ports", func() {
		_, err := c.Ready(context.Background())
		if !errors.Is(err, driver.ErrConnection) || !strings.Contains(err.Error(), a.Addr) || !strings.Contains(err.Error(), b.Addr) {
			t.Errorf("%v", err)
		}
	})
	a.Restart(t)
	if _, err := c.Ready(context.Background()); err != nil {
		t.Errorf("after one has come: %v", err)
	}
}

func TestSilentServer(t *testing.T) {
	s := script.Start(t, func(*script.Conn, script.Package) {})
	config := testConfig(s)
	config.ConnectTimeout = 100 * time.Millisecond
	c := start(t, config)
	within(t, 500*time.Millisecond, "a login without an answer", func() {
		if _, err := c.Ready(context.Background()); !errors.Is(err, driver.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	within(t, 120*time.Millisecond, "a cancelled login", func() {
		if _, err := c.Ready(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

func TestWeightsAndBackups(t *testing.T) {
	a, b, backup := script.Start(t, nil), script.Start(t, nil), script.Start(t, nil)
	config := testConfig(a, b, backup)
	config.Hosts[0].Weight, config.Hosts[1].Weight, config.Hosts[2].Backup = 3, 1, true
	c := start(t, config)
	eventually(t, "all hosts are up", func() bool {
		c.Ready(context.Background())
		return a.Seen(wire.Auth)+b.Seen(wire.Auth)+backup.Seen(wire.Auth) == 3
	})
	ask := func(n int) {
		t.Helper()
		for range n {
			if _, err := c.Do(context.Background(), query("x")); err != nil {
				t.Fatal(err)
			}
		}
	}
	ask(4000)
	na, nb, nc := len(a.Queries()), len(b.Queries()), len(backup.Queries())
	if na < 2850 || na > 3150 || na+nb != 4000 || nc != 0 {
		t.Errorf("3:1 and a backup got %d, %d and %d", na, nb, nc)
	}
	a.Stop()
	b.Stop()
	eventually(t, "the backup serves", func() bool {
		c.Do(context.Background(), query("x"))
		return len(backup.Queries()) > 0
	})
	ask(10)
	b.Restart(t)
	eventually(t, "the host that came back serves", func() bool {
		c.Do(context.Background(), query("x"))
		return len(b.Queries()) > nb
	})
	nc = len(backup.Queries())
	ask(10)
	if n := len(backup.Queries()); n != nc {
		t.Errorf("the backup serves on: %d", n-nc)
	}
}

func TestKeepAliveAndLostPing(t *testing.T) {
	var deaf atomic.Bool
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Type != wire.Ping || !deaf.Load() {
			script.Answer(c, p)
		}
	})
	config := testConfig(s)
	config.KeepAlive, config.PingTimeout = 10*time.Millisecond, 30*time.Millisecond
	c := start(t, config)
	if _, err := c.Ready(context.Background()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "five pings", func() bool { return s.Seen(wire.Ping) >= 5 })
	if n := s.Seen(wire.Auth); n != 1 {
		t.Errorf("%d logins while pings were answered", n)
	}
	deaf.Store(true)
	eventually(t, "a new connection after a ping without answer", func() bool { return s.Seen(wire.Auth) >= 2 })
}

func TestSuspectAfterATimeoutIsAskedForASign(t *testing.T) {
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Query != "never" && p.Type != wire.Ping {
			script.Answer(c, p)
		}
	})
	config := testConfig(s)
	config.PingTimeout = 50 * time.Millisecond
	c := start(t, config)
	r := query("never")
	r.Timeout = 20 * time.Millisecond
	if _, err := c.Do(context.Background(), r); !errors.Is(err, driver.ErrTimeout) {
		t.Fatal(err)
	}
	eventually(t, "a hung connection is replaced", func() bool { return s.Seen(wire.Auth) >= 2 })
}

func TestHostileServer(t *testing.T) {
	header := func(n uint32, pid uint16) []byte {
		return wire.AppendHeader(nil, wire.Header{Len: n, PID: pid, Type: wire.QueryResult})
	}
	for name, test := range map[string]struct {
		answer func(c *script.Conn, p script.Package)
		kind   error
	}{
		"a bad check byte":          {func(c *script.Conn, p script.Package) { c.Send([]byte{0, 0, 0, 0, 1, 0, 0, 0}) }, driver.ErrInternal},
		"an HTTP server":            {func(c *script.Conn, p script.Package) { c.Send([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) }, driver.ErrInternal},
		"4 GiB announced":           {func(c *script.Conn, p script.Package) { c.Send(header(1<<32-1, p.PID)); c.Close() }, driver.ErrConnection},
		"an answer cut short":       {func(c *script.Conn, p script.Package) { c.Send(append(header(100, p.PID), 1)); c.Close() }, driver.ErrConnection},
		"half a header":             {func(c *script.Conn, p script.Package) { c.Send([]byte{1, 2, 3}); c.Close() }, driver.ErrConnection},
		"a close without an answer": {func(c *script.Conn, p script.Package) { c.Close() }, driver.ErrConnection},
		"more than the limit": {func(c *script.Conn, p script.Package) {
			c.Send(append(header(2<<20, p.PID), make([]byte, 2<<20)...))
		}, driver.ErrResult},
	} {
		s := script.Start(t, func(c *script.Conn, p script.Package) {
			if p.Query == "x" {
				test.answer(c, p)
				return
			}
			script.Answer(c, p)
		})
		c := start(t, testConfig(s))
		if _, err := c.Do(context.Background(), query("x")); !errors.Is(err, test.kind) {
			t.Errorf("%s: %v", name, err)
		}
		if r, err := c.Do(context.Background(), query("y")); err != nil || r.Type != wire.QueryResult {
			t.Errorf("%s: afterwards: %v", name, err)
		}
	}
}

func TestWriterIsNotHeldUpByOneWhoLeaves(t *testing.T) {
	// A server that reads nothing: a large request fills the socket's buffers.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	hold := make(chan struct{})
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		for i := range 2 { // the login and its query
			var header [wire.HeaderSize]byte
			io.ReadFull(conn, header[:])
			h, _ := wire.ParseHeader(header[:])
			io.CopyN(io.Discard, conn, int64(h.Len))
			pkg := wire.Begin(nil)
			typ := wire.AuthOK
			if i == 1 {
				pkg, typ = append(pkg, "\xfd\x84data\xfc\xf5\x84name\x8etime_precision\x85value\x82ms"...), wire.QueryResult
			}
			wire.Seal(pkg, h.PID, typ)
			conn.Write(pkg)
		}
		<-hold
	}()
	config := testConfig()
	config.Hosts = []hosts.Host{{Network: "tcp", Addr: l.Addr().String()}}
	config.WriteTimeout = time.Minute
	c := start(t, config)
	if _, err := c.Ready(context.Background()); err != nil {
		t.Fatal(err)
	}
	large := func() Request {
		return Request{Op: "insert", Type: wire.Insert, Package: make([]byte, 32<<20)}
	}
	for i, unknown := range []bool{true, false} { // being written, and waiting for its turn
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		within(t, 200*time.Millisecond, "a request that cannot be written", func() {
			_, err := c.Do(ctx, large())
			var e *driver.Error
			if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &e) || e.OutcomeUnknown != unknown {
				t.Errorf("request %d: %v", i, err)
			}
		})
		cancel()
	}
	close(hold)
	<-accepted
}

func TestRequestLeftWhileItIsWrittenMayBeCarriedOut(t *testing.T) {
	inserted := make(chan int, 1)
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Type == wire.Insert {
			inserted <- int(p.Len)
		}
		script.Answer(c, p)
	})
	held := &heldConn{begun: make(chan struct{}), release: make(chan struct{})}
	config := testConfig(s)
	config.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, network, addr)
		held.Conn = conn
		return held, err
	}
	c := start(t, config)
	if _, err := c.Ready(context.Background()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-held.begun
		cancel()
	}()
	const size = 3 * chunk
	_, err := c.Do(ctx, Request{Op: "insert", Type: wire.Insert, Package: make([]byte, wire.HeaderSize+size)})
	var e *driver.Error
	if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || !e.OutcomeUnknown {
		t.Errorf("left in the middle: %v", err)
	}
	close(held.release)
	if got := <-inserted; got != size {
		t.Errorf("%d bytes arrived", got)
	}
}

// heldConn holds the first write of a large request until it is released.
type heldConn struct {
	net.Conn
	begun, release chan struct{}
	held           atomic.Bool
}

func (c *heldConn) Write(b []byte) (int, error) {
	if len(b) == chunk && c.held.CompareAndSwap(false, true) {
		close(c.begun)
		<-c.release
	}
	return c.Conn.Write(b)
}

func TestRequestLeftBeforeItIsWrittenIsNotWritten(t *testing.T) {
	client, server := net.Pipe()
	defer server.Close()
	config := testConfig()
	s := newSession(client, "pipe", &config, nil)
	defer s.close()
	c := newCall(wire.Query, wire.Begin(nil))
	if got := c.leave(); got != nothing {
		t.Fatalf("left with %d sent", got)
	}
	s.send(c) // would wait for a reader
	if len(s.pending) != 0 {
		t.Error("it waits for an answer")
	}
}

func TestPackagesOfThoseWhoLeftAreNotKept(t *testing.T) {
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Type != wire.Insert {
			script.Answer(c, p)
		}
	})
	c := start(t, testConfig(s))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Do(ctx, Request{Op: "insert", Type: wire.Insert, Package: make([]byte, 1<<20)})
	}()
	eventually(t, "the insert has arrived", func() bool { return s.Seen(wire.Insert) == 1 })
	cancel()
	<-done
	c.mu.Lock()
	session := c.links[s.Addr].session
	c.mu.Unlock()
	eventually(t, "the bytes of a request that is never answered are let go", func() bool {
		session.mu.Lock()
		defer session.mu.Unlock()
		for _, call := range session.pending {
			if call.pkg != nil {
				return false
			}
		}
		return len(session.pending) == 1
	})
}

func TestCloseEndsWaits(t *testing.T) {
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Query != "never" {
			script.Answer(c, p)
		}
	})
	c := New(testConfig(s))
	if _, err := c.Ready(context.Background()); err != nil {
		t.Fatal(err)
	}
	failed := make(chan error)
	go func() {
		_, err := c.Do(context.Background(), query("never"))
		failed <- err
	}()
	eventually(t, "the query has arrived", func() bool { return len(s.Queries()) == 1 })
	c.Close()
	c.Close()
	if err := <-failed; !errors.Is(err, driver.ErrConnection) {
		t.Errorf("waiting: %v", err)
	}
	if _, err := c.Do(context.Background(), query("x")); !errors.Is(err, driver.ErrInterface) {
		t.Errorf("closed: %v", err)
	}
}

func TestPackageIDsWrapAndAreNotReused(t *testing.T) {
	client, server := net.Pipe()
	defer server.Close()
	config := testConfig()
	s := newSession(client, "pipe", &config, nil)
	defer s.close()
	held := newCall(wire.Query, wire.Begin(nil))
	if err := s.register(held); err != nil {
		t.Fatal(err)
	}
	pid := s.lastPID()
	for range 1 << 17 {
		c := newCall(wire.Query, wire.Begin(nil))
		if err := s.register(c); err != nil {
			t.Fatal(err)
		}
		if s.lastPID() == pid {
			t.Fatal("the id of a waiting request was given again")
		}
		s.settle(s.lastPID(), c)
	}
	for range maxPending - 1 {
		if err := s.register(newCall(wire.Query, wire.Begin(nil))); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.register(newCall(wire.Query, wire.Begin(nil))); !errors.Is(err, errTooMany) {
		t.Errorf("with all in use: %v", err)
	}
}

func TestManyUsersOnTwoHostsThatComeAndGo(t *testing.T) {
	a, b := script.Start(t, nil), script.Start(t, nil)
	c := start(t, testConfig(a, b))
	var wg sync.WaitGroup
	stop := make(chan struct{})
	var ok, unknown atomic.Int64
	for range 80 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				_, err := c.Do(context.Background(), query("x"))
				var e *driver.Error
				switch {
				case err == nil:
					ok.Add(1)
				case errors.As(err, &e) && e.OutcomeUnknown:
					unknown.Add(1)
				case !errors.Is(err, driver.ErrConnection):
					t.Errorf("%v", err)
				}
			}
		}()
	}
	for range 5 {
		for _, s := range []*script.Server{a, b} {
			before := ok.Load()
			eventually(t, "requests are served", func() bool { return ok.Load() > before+100 })
			s.Stop()
			before = ok.Load()
			eventually(t, "the other host serves", func() bool { return ok.Load() > before+100 })
			s.Restart(t)
		}
	}
	close(stop)
	wg.Wait()
	arrived := int64(len(a.Queries()) + len(b.Queries()))
	if arrived < ok.Load() || arrived > ok.Load()+unknown.Load() {
		t.Errorf("%d arrived, %d succeeded, %d are unknown: something ran twice or not at all", arrived, ok.Load(), unknown.Load())
	}
}

func TestForgottenLoginIsMadeAgain(t *testing.T) {
	var forgotten atomic.Int32
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Query == "x" && forgotten.Add(1) == 1 || p.Query == "never" {
			c.Reply(p.PID, wire.ErrNotAuthentic, nil)
			return
		}
		script.Answer(c, p)
	})
	c := start(t, testConfig(s))
	if r, err := c.Do(context.Background(), query("x")); err != nil || r.Type != wire.QueryResult || s.Seen(wire.Auth) != 2 {
		t.Errorf("%v after %d logins, %v", r.Type, s.Seen(wire.Auth), err)
	}
	r, err := c.Do(context.Background(), query("never"))
	if err != nil || !errors.Is(Refused("query", 0, r, wire.QueryResult), driver.ErrAuthentication) {
		t.Errorf("%v, %v", r.Type, err)
	}
}

func TestPrecisionThatChangedStopsARequest(t *testing.T) {
	var precision atomic.Value
	precision.Store("ms")
	s := script.Start(t, func(c *script.Conn, p script.Package) { script.AnswerIn(precision.Load().(string))(c, p) })
	c := start(t, testConfig(s))
	r := query("x")
	r.Precision = "ms"
	if _, err := c.Do(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	precision.Store("ns") // the database was dropped and made anew
	s.Drop()
	eventually(t, "a new login", func() bool { return s.Seen(wire.Auth) == 2 })
	r = query("y")
	r.Precision = "ms"
	if _, err := c.Do(context.Background(), r); !errors.Is(err, driver.ErrOperational) || !strings.Contains(err.Error(), "nothing was sent") {
		t.Errorf("%v", err)
	}
	if info, err := c.Info(context.Background()); info.Precision != "ns" || err != nil {
		t.Errorf("%+v, %v", info, err)
	}
	if q := s.Queries(); len(q) != 1 {
		t.Errorf("sent %q", q)
	}
}
