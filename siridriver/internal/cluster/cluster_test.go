package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
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

// promptly fails the test if a call does not end within 100 ms of the end of its
// context, not once in many tries: a busy machine may hold up some of them. The
// context ends when reached returns.
func promptly(t *testing.T, what string, reached func(), call func(context.Context)) {
	t.Helper()
	const tries, most = 20, 100 * time.Millisecond
	var took []time.Duration
	for range tries {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan time.Time, 1)
		go func() {
			reached()
			ended <- time.Now()
			cancel()
		}()
		call(ctx)
		d := time.Since(<-ended)
		if d < 0 {
			t.Fatalf("%s ended before its context", what)
		}
		if d <= most {
			return
		}
		took = append(took, d)
	}
	t.Errorf("%s took %v behind the end of its context, never less than %v", what, took, most)
}

func shortly() { time.Sleep(20 * time.Millisecond) }

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
	promptly(t, "a cancelled query", shortly, func(ctx context.Context) {
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

func TestRefusedLoginEndsTheWait(t *testing.T) {
	for typ, kind := range map[wire.Type]error{
		wire.ErrCredentials: driver.ErrAuthentication, wire.ErrUnknownDatabase: ErrIndex, wire.ErrServer: driver.ErrServer,
	} {
		s := script.Start(t, func(c *script.Conn, p script.Package) { c.Reply(p.PID, typ, nil) })
		config := testConfig(s)
		config.ConnectTimeout = time.Minute
		c := start(t, config)
		within(t, 10*time.Second, "a refused login", func() {
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

func TestSilentServer(t *testing.T) {
	s := script.Start(t, func(*script.Conn, script.Package) {})
	config := testConfig(s)
	config.ConnectTimeout = 100 * time.Millisecond
	c := start(t, config)
	within(t, 3*time.Second, "a login without an answer", func() {
		if _, err := c.Ready(context.Background()); !errors.Is(err, driver.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
}

func TestCancelledLogin(t *testing.T) {
	c := start(t, testConfig(script.Start(t, func(*script.Conn, script.Package) {})))
	promptly(t, "a cancelled login", shortly, func(ctx context.Context) {
		if _, err := c.Ready(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
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
