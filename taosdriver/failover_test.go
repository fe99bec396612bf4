package taosdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// adapters starts n adapters of one database, as serveMeters does, and returns a
// DSN of all, the last first. The database returned is reached by the first.
func adapters(t testing.TB, n int, parameters string) (all []*taostest.Server, db *sql.DB, dsn string) {
	t.Helper()
	first, db := serveMeters(t)
	all = append(all, first)
	for range n - 1 {
		srv := taostest.NewServer(taostest.Beside(first))
		t.Cleanup(srv.Close)
		all = append(all, srv)
	}
	var addresses []string
	for _, srv := range all {
		addresses = append([]string{srv.Addr()}, addresses...)
	}
	return all, db, "taos+ws://root:taosdata@" + strings.Join(addresses, ",") + "/?" + parameters
}

func TestAnAdapterDiesUnderLoad(t *testing.T) {
	all, db, dsn := adapters(t, 3, "balance=round_robin&host_rest=100ms")
	exec(t, db, "create table power.log (ts timestamp, v int)")
	pool, err := sql.Open("taos", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	pool.SetMaxIdleConns(8)
	const workers, each = 8, 60
	var done, unknown atomic.Int64
	var wg sync.WaitGroup
	half := make(chan struct{})
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range each {
				v := w*each + i
				_, err := pool.Exec(fmt.Sprintf("insert into power.log values (%d, %d)", moment(v).UnixMilli(), v))
				var e *driver.Error
				switch {
				case err == nil:
				case errors.As(err, &e) && e.OutcomeUnknown:
					unknown.Add(1) // in flight when the adapter died
				default:
					t.Errorf("statement %d: %v", v, err)
				}
				if done.Add(1) == workers*each/2 {
					close(half)
				}
			}
		}()
	}
	<-half
	all[1].Stop()
	wg.Wait()
	if n := unknown.Load(); n > workers {
		t.Errorf("%d statements with an unknown outcome, more than were in flight", n)
	}
	ran := map[string]int{}
	hosts := 0
	for _, srv := range all {
		n := 0
		for _, st := range srv.Statements() {
			if strings.HasPrefix(st.SQL, "insert into power.log") {
				ran[st.SQL]++
				n++
			}
		}
		if n > 0 {
			hosts++
		}
	}
	for sql, n := range ran {
		if n != 1 {
			t.Errorf("%s ran %d times", sql, n)
		}
	}
	if hosts != 3 {
		t.Errorf("%d of 3 adapters were used", hosts)
	}
	var rows int64
	if err := db.QueryRow("select count(*) from power.log").Scan(&rows); err != nil || rows < workers*each-unknown.Load() {
		t.Errorf("%d rows of %d, %d unknown (%v)", rows, workers*each, unknown.Load(), err)
	}

	// It comes back and is used again.
	if err := all[1].Resume(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(patience)
	for all[1].Sessions() == 0 {
		if time.Now().After(deadline) {
			t.Fatal("an adapter that came back is not used")
		}
		fresh, err := sql.Open("taos", dsn)
		if err != nil {
			t.Fatal(err)
		}
		conns := make([]*sql.Conn, 3)
		for i := range conns {
			if conns[i], err = fresh.Conn(background); err != nil {
				t.Fatal(err)
			}
		}
		if all[1].Sessions() > 0 {
			fresh.Close()
			break
		}
		fresh.Close()
		time.Sleep(20 * time.Millisecond)
	}
}

func TestAllAdaptersAreDeadAndComeBack(t *testing.T) {
	all, _, dsn := adapters(t, 2, "host_rest=50ms&connect_timeout=2s")
	pool, err := sql.Open("taos", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := pool.Ping(); err != nil {
		t.Fatal(err)
	}
	for _, srv := range all {
		srv.Stop()
	}
	err = pool.Ping()
	if !errors.Is(err, driver.ErrConnection) {
		t.Errorf("got %v", err)
	}
	for _, srv := range all {
		if !strings.Contains(err.Error(), srv.Addr()) {
			t.Errorf("%v does not name %s", err, srv.Addr())
		}
	}
	if err := all[0].Resume(); err != nil {
		t.Fatal(err)
	}
	if err := pool.Ping(); err != nil {
		t.Errorf("an adapter is back, and a ping fails: %v", err)
	}
}

func TestConsumersLiveThroughTheDeathOfAnAdapter(t *testing.T) {
	all, db, dsn := adapters(t, 3, "host_rest=100ms")
	const total = 400
	c := consumeAt(t, dsn, nil, "meters")
	written := make(chan struct{})
	go func() {
		defer close(written)
		write(t, db, 0, total)
	}()
	seen := map[int64]int{}
	committed := map[int64]bool{}
	deaths := 0
	deadline := time.Now().Add(3 * patience)
	for len(seen) < total && time.Now().Before(deadline) {
		m, err := c.Poll(background, 100*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if m == nil {
			continue
		}
		for _, v := range values(t, m) {
			seen[v]++
			if committed[v] {
				t.Errorf("%d was committed and came again", v)
			}
		}
		if m.Offset%2 == 0 {
			continue // handed out and not committed for now
		}
		if err := c.Commit(background, m); err != nil {
			t.Fatal(err)
		}
		for _, v := range values(t, m) {
			committed[v] = true
		}
		if deaths < 2 && len(seen) > (deaths+1)*total/3 {
			deaths++
			all[3-deaths].Stop()
		}
	}
	<-written
	if len(seen) != total || deaths != 2 {
		t.Errorf("%d of %d values through %d deaths", len(seen), total, deaths)
	}
}

func TestNoConsumerLosesWhatWasWrittenWhileItWasLost(t *testing.T) {
	for _, reset := range []string{"earliest", "latest"} {
		t.Run(reset, func(t *testing.T) {
			srv, db := serveMeters(t)
			write(t, db, 0, 4)
			c := consume(t, srv, map[string]string{"auto.offset.reset": reset}, "meters")
			want := 8
			if reset == "earliest" {
				want = 12
			}
			write(t, db, 4, 8)
			seen := map[int64]int{}
			m, err := c.Poll(background, time.Second) // one message of several, not committed
			if err != nil || m == nil {
				t.Fatal(m, err)
			}
			for _, v := range values(t, m) {
				seen[v]++
			}
			srv.DropConnections()
			write(t, db, 8, 12) // on a new connection, while the consumer has none
			for v, n := range collect(t, c, want) {
				seen[v] += n
			}
			for v, n := range seen {
				if n > 2 || reset == "latest" && v < 4 {
					t.Errorf("%d came %d times", v, n)
				}
			}
		})
	}
}

func TestASeekOutlivesItsConnection(t *testing.T) {
	srv, db := serveMeters(t)
	write(t, db, 0, 8)
	c := consume(t, srv, nil, "meters")
	collect(t, c, 8)
	if err := c.CommitAll(background); err != nil {
		t.Fatal(err)
	}
	assigned, err := c.Assignment(background, "meters")
	if err != nil {
		t.Fatal(err)
	}
	to := assigned[0].TopicOffset
	to.Offset = 0
	if err := c.Seek(background, to); err != nil {
		t.Fatal(err)
	}
	srv.DropConnections()
	if m, err := c.Poll(background, time.Second); err != nil || m == nil || m.Partition != to.Partition || m.Offset != 0 {
		t.Errorf("got %+v, %v", m, err)
	}
}

func TestCommitsOutliveTheirConnection(t *testing.T) {
	srv, db := serveMeters(t)
	write(t, db, 0, 8)
	for name, commit := range map[string]func(driver.Consumer, []*driver.Message) error{
		"messages": func(c driver.Consumer, ms []*driver.Message) error { return c.Commit(background, ms...) },
		"all":      func(c driver.Consumer, _ []*driver.Message) error { return c.CommitAll(background) },
		"offsets": func(c driver.Consumer, ms []*driver.Message) error {
			for _, m := range ms {
				o := m.TopicOffset
				o.Offset = m.Next
				if err := c.CommitOffsets(background, o); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			properties := map[string]string{"group.id": name}
			c := consume(t, srv, properties, "meters")
			var messages []*driver.Message
			for rows := 0; rows < 8; {
				m, err := c.Poll(background, time.Second)
				if err != nil || m == nil {
					t.Fatal(m, err)
				}
				rows += len(values(t, m))
				messages = append(messages, m)
			}
			srv.DropConnections()
			if err := commit(c, messages); err != nil {
				t.Fatal(err)
			}
			c.Close(background)
			quiet(t, consume(t, srv, properties, "meters"))
		})
	}
}

// Until the server has noticed the end of the subscription before, a place is still
// that one's, and what is asked of it is refused.
func TestPlacesAreWaitedForWhenASubscriptionIsTakenUpAgain(t *testing.T) {
	type call func(context.Context, driver.Consumer, *driver.Message) error
	for name, c := range map[string]struct {
		action string
		call   call
	}{
		"commit": {"commit_offset", func(ctx context.Context, c driver.Consumer, m *driver.Message) error { return c.Commit(ctx, m) }},
		"commit all": {"commit_offset", func(ctx context.Context, c driver.Consumer, _ *driver.Message) error {
			return c.CommitAll(ctx)
		}},
		"commit offsets": {"commit_offset", func(ctx context.Context, c driver.Consumer, m *driver.Message) error {
			o := m.TopicOffset
			o.Offset = m.Next
			return c.CommitOffsets(ctx, o)
		}},
		"seek": {"seek", func(ctx context.Context, c driver.Consumer, m *driver.Message) error {
			return c.Seek(ctx, m.TopicOffset)
		}},
		"committed": {"committed", func(ctx context.Context, c driver.Consumer, m *driver.Message) error {
			_, err := c.Committed(ctx, m.TopicOffset)
			return err
		}},
		"position": {"position", func(ctx context.Context, c driver.Consumer, m *driver.Message) error {
			_, err := c.Position(ctx, m.TopicOffset)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			srv, db := serveMeters(t)
			write(t, db, 0, 1)
			consumer := consume(t, srv, nil, "meters")
			m, err := consumer.Poll(background, patience)
			if err != nil || m == nil {
				t.Fatal(m, err)
			}
			srv.DropConnections()
			write(t, db, 1, 3) // comes while it waits
			foreign := taostest.ErrorCode(0x4008, "VgId does not belong to this consumer")
			rule := srv.Fault(taostest.On{Action: c.action}, foreign)
			ctx, cancel := context.WithCancel(background)
			go func() {
				<-rule.Hit()
				cancel()
			}()
			if err := c.call(ctx, consumer, m); !errors.Is(err, context.Canceled) || !errors.Is(err, driver.ErrConsumer) {
				t.Errorf("given up: %v", err)
			}
			rule.Remove()
			rule = srv.Fault(taostest.On{Action: c.action, Times: 3}, foreign)
			if err := c.call(background, consumer, m); err != nil || rule.Hits() != 3 {
				t.Errorf("%v after %d refusals", err, rule.Hits())
			}
			if c.action == "commit_offset" {
				if at, err := consumer.Committed(background, m.TopicOffset); err != nil || at[0].Offset != m.Next {
					t.Errorf("committed %v (%v), want %d", at, err, m.Next)
				}
			}
			// What came while it waited has not been handed out.
			write(t, db, 3, 5)
			seen := map[int64]int{}
			for deadline := time.Now().Add(patience); len(seen) < 4 && time.Now().Before(deadline); {
				m, err := consumer.Poll(background, 100*time.Millisecond)
				if err != nil {
					t.Fatal(err)
				}
				if m == nil {
					continue
				}
				for _, v := range values(t, m) {
					if v > 0 {
						seen[v]++
					}
				}
			}
			for v := range int64(4) {
				if seen[v+1] != 1 {
					t.Errorf("%d came %d times", v+1, seen[v+1])
				}
			}
		})
	}
}

func TestAllAdaptersOfAConsumerAreDead(t *testing.T) {
	all, db, dsn := adapters(t, 2, "host_rest=50ms&connect_timeout=2s")
	write(t, db, 0, 4)
	c := consumeAt(t, dsn, map[string]string{"ws.reconnectTimeout": "0"}, "meters")
	collect(t, c, 4)
	for _, srv := range all {
		srv.Stop()
	}
	start := time.Now()
	_, err := c.Poll(background, 100*time.Millisecond)
	if !errors.Is(err, driver.ErrConnection) || !errors.Is(err, driver.ErrConsumer) {
		t.Errorf("got %v", err)
	}
	if d := time.Since(start); d > patience/2 {
		t.Errorf("took %v", d)
	}
	for m, err := range c.Messages(background) {
		if m != nil || !errors.Is(err, driver.ErrConnection) {
			t.Errorf("got %+v, %v", m, err)
		}
	}
	ctx, cancel := context.WithCancel(background)
	time.AfterFunc(50*time.Millisecond, cancel)
	start = time.Now()
	if _, err := c.Poll(ctx, time.Hour); !errors.Is(err, context.Canceled) || time.Since(start) > time.Second {
		t.Errorf("got %v after %v", err, time.Since(start))
	}
	for _, srv := range all {
		if err := srv.Resume(); err != nil {
			t.Fatal(err)
		}
	}
	collect(t, c, 4) // nothing was committed
}

func TestMessagesWaitForAnAdapterToComeBack(t *testing.T) {
	srv, db := serveMeters(t)
	write(t, db, 0, 4)
	c := consume(t, srv, nil, "meters")
	back := make(chan error, 1)
	seen := map[int64]int{}
	for m, err := range c.Messages(background) {
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range values(t, m) {
			seen[v]++
		}
		if len(seen) == 4 {
			if err := c.CommitAll(background); err != nil {
				t.Fatal(err)
			}
			srv.Stop()
			time.AfterFunc(300*time.Millisecond, func() { back <- srv.Resume() })
			time.AfterFunc(600*time.Millisecond, func() { write(t, db, 100, 101) })
		}
		if len(seen) == 5 {
			break
		}
	}
	if err := <-back; err != nil {
		t.Fatal(err)
	}
	for v, n := range seen {
		if n != 1 {
			t.Errorf("%d came %d times", v, n)
		}
	}
}

func TestLostMessagesComeAgain(t *testing.T) {
	for _, c := range []struct {
		action string
		fault  taostest.Fault
	}{
		{"poll", taostest.DropBefore},
		{"poll", taostest.DropAfter},
		{"poll", taostest.Truncate(3)},
		{"fetch_raw_data", taostest.DropBefore},
		{"fetch_raw_data", taostest.DropAfter},
		{"fetch_raw_data", taostest.HalfBody},
		{"fetch_raw_data", taostest.Truncate(9)},
		{"fetch_raw_data", taostest.Corrupt},
		{"fetch_raw_data", taostest.ErrorCode(0xffff, "message has been freed")},
		{"poll", taostest.ErrorCode(0x03e6, "Consumer not exist")},
	} {
		t.Run(c.action+" "+c.fault.String(), func(t *testing.T) {
			srv, db := serveMeters(t)
			write(t, db, 0, 4)
			consumer := consume(t, srv, nil, "meters")
			rule := srv.Fault(taostest.On{Action: c.action, Times: 1}, c.fault)
			seen := map[int64]int{}
			for range 50 {
				m, err := consumer.Poll(background, 50*time.Millisecond)
				if err != nil {
					// Told once, and the next poll goes on.
					if errors.Is(err, driver.ErrConsumer) && rule.Hits() == 1 {
						continue
					}
					t.Fatal(err)
				}
				if m == nil && len(seen) == 4 {
					break
				}
				if m != nil {
					for _, v := range values(t, m) {
						seen[v]++
					}
				}
			}
			if len(seen) != 4 || rule.Hits() != 1 {
				t.Errorf("got %v, %d hits", seen, rule.Hits())
			}
		})
	}
}

func TestAConsumerThatShallNotReconnect(t *testing.T) {
	srv, db := serveMeters(t)
	write(t, db, 0, 4)
	c := consume(t, srv, map[string]string{"ws.autoReconnect": "false"}, "meters")
	collect(t, c, 4)
	srv.DropConnections()
	for range 2 {
		if _, err := c.Poll(background, time.Second); !errors.Is(err, driver.ErrConnection) {
			t.Errorf("got %v", err)
		}
	}
}

// A server that cannot tell just then where a lost subscription is to begin again, or
// has not noticed the end of the consumer before, is asked again: from the latest
// message on, some would be left out.
func TestASubscriptionIsNotTakenUpAgainAtAPlaceUnknown(t *testing.T) {
	for name, fault := range map[string]struct {
		action string
		code   int
	}{
		"committed busy": {"committed", 0x0023}, "committed away": {"committed", 0x4008},
		"seek busy": {"seek", 0x0023}, "seek away": {"seek", 0x4008},
	} {
		t.Run(name, func(t *testing.T) {
			srv, db := serveMeters(t)
			c := consume(t, srv, map[string]string{"auto.offset.reset": "latest"}, "meters")
			write(t, db, 0, 4)
			m, err := c.Poll(background, time.Second)
			if err != nil || m == nil {
				t.Fatal(m, err)
			}
			seen := map[int64]int{}
			for _, v := range values(t, m) {
				seen[v]++
			}
			srv.DropConnections()
			write(t, db, 4, 8)
			rule := srv.Fault(taostest.On{Action: fault.action, Times: 1}, taostest.ErrorCode(fault.code, "not now"))
			for v, n := range collect(t, c, 8) {
				seen[v] += n
			}
			if rule.Hits() != 1 {
				t.Errorf("%d faults", rule.Hits())
			}
		})
	}
}

func TestMessagesDoNotPressAServerThatIsBusy(t *testing.T) {
	srv, db := serveMeters(t)
	write(t, db, 0, 1)
	c := consume(t, srv, map[string]string{"ws.reconnectTimeout": "700ms"}, "meters")
	rule := srv.Fault(taostest.On{Action: "poll"}, taostest.ErrorCode(0x0023, "busy"))
	for m, err := range c.Messages(background) {
		if m != nil || !errors.Is(err, driver.ErrServer) {
			t.Errorf("got %v, %v", m, err)
		}
	}
	if n := rule.Hits(); n < 1 || n > 10 {
		t.Errorf("%d polls in 0.7 s", n)
	}
}
