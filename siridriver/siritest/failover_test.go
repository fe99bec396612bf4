package siritest_test

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/siridriver"
	"github.com/gaugesql/gaugesql/siridriver/siritest"
)

// open connects the driver to a cluster, with waits that suit a test.
func open(t *testing.T, c *siritest.Cluster, hostOptions ...string) *sql.DB {
	t.Helper()
	config, err := siridriver.ParseDSN(c.DSN("", hostOptions...))
	if err != nil {
		t.Fatal(err)
	}
	config.InactiveTime, config.MaxWaitRetry = 50*time.Millisecond, 50*time.Millisecond
	config.KeepAlive, config.PingTimeout = 100*time.Millisecond, 100*time.Millisecond
	connector, err := siridriver.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

// TestFailoverUnderLoad lets servers be killed, hang, restart and refuse while many
// insert: what was acknowledged is there, and nothing is there twice.
func TestFailoverUnderLoad(t *testing.T) {
	c := siritest.NewCluster(4)
	defer c.Close()
	db := open(t, c, "weight=3", "", "", "backup=true")
	const writers = 8
	ctx, stop := context.WithCancel(context.Background())
	defer stop()

	acknowledged := make([]map[int64]bool, writers)
	var done atomic.Int64
	var wg sync.WaitGroup
	for w := range writers {
		acknowledged[w] = map[int64]bool{}
		wg.Add(1)
		go func() {
			defer wg.Done()
			insert := fmt.Sprintf("INSERT INTO w%d (time, value) VALUES (?, ?)", w)
			for id := int64(1); ctx.Err() == nil; id++ {
				one, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
				_, err := db.ExecContext(one, insert, id, id)
				cancel()
				if err == nil {
					acknowledged[w][id] = true
					done.Add(1)
				}
			}
		}()
	}
	// progress waits until so many more inserts have been acknowledged.
	progress := func(what string, n int64) {
		t.Helper()
		deadline := time.Now().Add(20 * time.Second)
		for want := done.Load() + n; done.Load() < want; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: no insert succeeds", what)
			}
		}
	}
	const some = 100
	progress("all up", some)
	for round := range 3 {
		s := c.Server(round)
		s.Stop()
		progress("one killed", some)
		if err := s.Resume(); err != nil {
			t.Fatal(err)
		}
		s.Pause()
		progress("one hangs", some)
		s.Continue()
		s.SetStatus(siritest.Running | siritest.BackupMode)
		progress("one in backup mode", some)
		s.SetStatus(siritest.Running)
		if err := s.Restart(); err != nil {
			t.Fatal(err)
		}
		c.Fault(siritest.On{Action: "insert", Times: 5}, siritest.DropAfter)
		progress("answers are lost", some)
	}
	for i := range 3 {
		c.Server(i).Stop()
	}
	progress("the backup alone", some)
	if c.Server(3).Executed("w") == 0 {
		t.Error("the backup served nothing")
	}
	stop()
	wg.Wait()

	for w := range writers {
		stored := map[int64]int{}
		for _, p := range c.Points("", fmt.Sprint("w", w)) {
			stored[p.Time]++
			if stored[p.Time] > 1 {
				t.Errorf("point %d of writer %d is there twice", p.Time, w)
			}
		}
		for id := range acknowledged[w] {
			if stored[id] != 1 {
				t.Errorf("point %d of writer %d was acknowledged and is not there", id, w)
			}
		}
	}
	t.Logf("%d inserts acknowledged", done.Load())
}

func TestWeightsSpreadTheLoad(t *testing.T) {
	c := siritest.NewCluster(3)
	defer c.Close()
	db, err := sql.Open("siridb", c.DSN("", "weight=3", "weight=1", "backup=true"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range c.Servers()[:2] { // let both be connected
		for deadline := time.Now().Add(5 * time.Second); s.Connections() == 0; time.Sleep(time.Millisecond) {
			if err := db.Ping(); err != nil || time.Now().After(deadline) {
				t.Fatal("not all connected", err)
			}
		}
	}
	for range 100 { // and logged in
		if _, err := db.Exec("count users"); err != nil {
			t.Fatal(err)
		}
	}
	c.ForgetStatements()
	const n = 4000
	for range n {
		if _, err := db.Exec("count users"); err != nil {
			t.Fatal(err)
		}
	}
	share := float64(c.Server(0).Executed("count")) / n
	if math.Abs(share-.75) > .05 {
		t.Errorf("the server of weight 3 of 4 had %.1f %%", 100*share)
	}
	if got := c.Server(2).Executed("count"); got != 0 {
		t.Errorf("the backup had %d", got)
	}
}
