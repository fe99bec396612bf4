package siridriver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver"
	"github.com/gaugesql/gaugesql/siridriver/siritest"
)

// TestFailoverUnderLoad writes from many goroutines while servers are killed,
// hung, closed and restarted, and then counts: what was acknowledged is there,
// and nothing is there twice.
func TestFailoverUnderLoad(t *testing.T) {
	c := siritest.NewCluster(4)
	defer c.Close()
	config, err := siridriver.ParseDSN(c.DSN("", "weight=3", "", "", "backup=true"))
	if err != nil {
		t.Fatal(err)
	}
	config.PingTimeout, config.ConnectTimeout = 100*time.Millisecond, 200*time.Millisecond
	config.InactiveTime, config.MaxWaitRetry = 50*time.Millisecond, 50*time.Millisecond
	config.InsertTimeout, config.PoolWait = 300*time.Millisecond, 300*time.Millisecond
	config.KeepAlive = 100 * time.Millisecond
	connector, err := siridriver.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()

	const writers = 40
	var acknowledged [writers]map[int]bool
	var ok, unknown atomic.Int64
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for w := range writers {
		acknowledged[w] = map[int]bool{}
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				_, err := db.Exec("INSERT INTO ? VALUES (?, ?)", fmt.Sprint("s", w), i, i)
				var e *driver.Error
				switch {
				case err == nil:
					acknowledged[w][i] = true
					ok.Add(1)
				case errors.As(err, &e) && e.OutcomeUnknown:
					unknown.Add(1)
				case !errors.Is(err, driver.ErrOperational):
					t.Errorf("%v", err)
				}
			}
		}()
	}
	served := func(what string) {
		t.Helper()
		before := ok.Load()
		for deadline := time.Now().Add(10 * time.Second); ok.Load() < before+200; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("nothing is served: %s", what)
			}
		}
	}
	served("at first")
	for i := range 3 {
		s := c.Server(i)
		s.Stop()
		served("one is killed")
		check(t, s.Resume())
		served("it has restarted")
		s.Pause()
		for range 10 { // longer than until all writers have met it
			served("one hangs")
		}
		s.Continue()
		served("it goes on")
	}
	for i := range 3 {
		c.Server(i).Stop()
	}
	served("only the backup is left")
	for i := range 3 {
		check(t, c.Server(i).Resume())
	}
	served("all are back")
	close(stop)
	wg.Wait()

	total := 0
	for w := range writers {
		seen := map[int]int{}
		for _, p := range c.Points("", fmt.Sprint("s", w)) {
			seen[int(p.Value.(int64))]++
		}
		for i := range acknowledged[w] {
			if seen[i] == 0 {
				t.Errorf("writer %d: point %d was acknowledged and is not there", w, i)
			}
		}
		for i, n := range seen {
			if n != 1 {
				t.Errorf("writer %d: point %d is there %d times", w, i, n)
			}
		}
		total += len(seen)
	}
	t.Logf("%d acknowledged, %d unknown, %d stored", ok.Load(), unknown.Load(), total)
	if n := int64(total); n < ok.Load() || n > ok.Load()+unknown.Load() {
		t.Errorf("%d stored", total)
	}
}

func TestPoolWithoutServer(t *testing.T) {
	c := siritest.NewCluster(2, siritest.WithPools(1, 1))
	defer c.Close()
	db, err := sql.Open("siridb", c.DSN("")+"?pool_wait=100ms")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(); err != nil {
		t.Fatal(err)
	}
	c.Server(1).Stop()
	if _, err := db.Exec("INSERT INTO a VALUES (1, 1)"); !errors.Is(err, siridriver.ErrPool) || siridriver.Code(err) != 68 {
		t.Errorf("insert: %v", err)
	}
	if err := db.Ping(); err != nil {
		t.Errorf("ping: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	restarted := make(chan error, 1)
	time.AfterFunc(30*time.Millisecond, func() { restarted <- c.Server(1).Resume() })
	if _, err := db.ExecContext(ctx, "INSERT INTO a VALUES (1, 1)"); err != nil {
		t.Errorf("after the pool is back: %v", err)
	}
	if err := <-restarted; err != nil {
		t.Fatal(err)
	}
	if n := len(c.Points("", "a")); n != 1 {
		t.Errorf("%d points", n)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
