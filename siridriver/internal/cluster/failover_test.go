package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver/internal/script"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

func TestServerRestartsBetweenRequests(t *testing.T) {
	s := script.Start(t, nil)
	config := testConfig(s)
	config.FirstWaitRetry, config.MaxWaitRetry = time.Hour, time.Hour // only who asks gets one
	config.ConnectTimeout = time.Minute
	c := start(t, config)
	for range 3 {
		if _, err := c.Do(context.Background(), query("x")); err != nil {
			t.Fatal(err)
		}
		s.Stop()
		s.Restart(t)
	}
	s.Stop()
	within(t, 10*time.Second, "a request to a stopped server", func() {
		r := query("x")
		r.Timeout, r.PoolWait = time.Minute, time.Minute
		_, err := c.Do(context.Background(), r)
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
	var refused, down atomic.Int32
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Query == "x" && refused.Add(1) < 4 || p.Query == "down" && down.Add(1) > 0 {
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
	again := func() { // asked twice, it has seen the first refusal
		before := down.Load()
		for deadline := time.Now().Add(5 * time.Second); down.Load() < before+2 && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
	}
	promptly(t, "waiting for a pool", again, func(ctx context.Context) {
		_, err := c.Do(ctx, query("down"))
		if !errors.Is(err, driver.ErrPool) || !errors.Is(err, context.Canceled) {
			t.Errorf("interrupted: %v", err)
		}
	})
}

func TestNobodyThere(t *testing.T) {
	a, b := script.Start(t, nil), script.Start(t, nil)
	a.Stop()
	b.Stop()
	config := testConfig(a, b)
	config.ConnectTimeout = time.Minute
	c := start(t, config)
	within(t, 10*time.Second, "connecting to closed ports", func() {
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
