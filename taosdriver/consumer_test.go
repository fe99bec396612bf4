package taosdriver_test

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// serveMeters starts a server with the super table meters, its topic and a way to
// write.
func serveMeters(t testing.TB, options ...taostest.Option) (*taostest.Server, *sql.DB) {
	t.Helper()
	srv := taostest.NewServer(options...)
	t.Cleanup(srv.Close)
	db := open(t, srv, "", nil)
	t.Cleanup(func() { db.Close() })
	for _, q := range []string{
		"create database power vgroups 2",
		"create stable power.meters (ts timestamp, v int, s varchar(20)) tags (g int)",
		"create topic meters as stable power.meters",
	} {
		exec(t, db, q)
	}
	return srv, db
}

// write inserts rows with the values from up to to, one statement each, spread over
// four tables.
func write(t testing.TB, db *sql.DB, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		q := fmt.Sprintf("insert into power.d%d using power.meters tags (%d) values (%d, %d, 's%d')", i%4, i%4, moment(i).UnixMilli(), i, i)
		exec(t, db, q)
	}
}

// consume returns a consumer of the server's, subscribed to the topics, that reads
// from the earliest message and commits nothing by itself.
func consume(t testing.TB, srv *taostest.Server, properties map[string]string, topics ...string) driver.Consumer {
	t.Helper()
	return consumeAt(t, srv.DSN("ws", ""), properties, topics...)
}

func consumeAt(t testing.TB, dsn string, properties map[string]string, topics ...string) driver.Consumer {
	t.Helper()
	all := map[string]string{"group.id": "g", "auto.offset.reset": "earliest", "enable.auto.commit": "false"}
	maps.Copy(all, properties)
	c, err := taosdriver.OpenConsumer(background, dsn, all)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(background) })
	if len(topics) > 0 {
		if err := c.Subscribe(background, topics...); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// values returns those of the column v.
func values(t testing.TB, m *driver.Message) []int64 {
	t.Helper()
	var out []int64
	for _, d := range m.Data {
		i := slices.Index(d.Columns, "v")
		out = append(out, d.Column(i).Values.([]int64)...)
		rows, dest := d.Rows(), make([]sqldriver.Value, len(d.Columns))
		for k := 0; ; k++ {
			if err := rows.Next(dest); err == io.EOF {
				if k != d.Len {
					t.Errorf("%d rows in place of %d", k, d.Len)
				}
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if dest[i] != out[len(out)-d.Len+k] {
				t.Errorf("row %d has %v, the column %v", k, dest[i], out[len(out)-d.Len+k])
			}
		}
	}
	return out
}

// collect polls until it has seen n different values, and returns how often each
// came.
func collect(t testing.TB, c driver.Consumer, n int) map[int64]int {
	t.Helper()
	seen := map[int64]int{}
	deadline := time.Now().Add(patience)
	for len(seen) < n {
		m, err := c.Poll(background, 100*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if m == nil {
			if time.Now().After(deadline) {
				t.Fatalf("%d of %d values in %v", len(seen), n, patience)
			}
			continue
		}
		for _, v := range values(t, m) {
			seen[v]++
		}
	}
	return seen
}

// quiet fails the test if a message comes.
func quiet(t testing.TB, c driver.Consumer) {
	t.Helper()
	if m, err := c.Poll(background, 20*time.Millisecond); m != nil || err != nil {
		t.Fatalf("got %+v, %v; want nothing", m, err)
	}
}

func TestConsumerHandsOutRowsByTable(t *testing.T) {
	srv, db := serveMeters(t)
	write(t, db, 0, 8)
	exec(t, db, fmt.Sprintf("insert into power.d0 (ts, v) values (%d, null)", moment(100).UnixMilli()))
	c := consume(t, srv, nil, "meters")
	tables := map[string]int{}
	for rows := 0; rows < 9; {
		m, err := c.Poll(background, time.Second)
		if err != nil || m == nil {
			t.Fatal(m, err)
		}
		if m.Topic != "meters" || m.Database != "power" || m.Meta != nil || m.Next <= m.Offset {
			t.Errorf("got %+v", m)
		}
		for _, d := range m.Data {
			tables[d.Table] += d.Len
			rows += d.Len
			if !slices.Equal(d.Columns, []string{"ts", "v", "s"}) {
				t.Errorf("columns %v", d.Columns)
			}
			v := d.Column(1)
			r := d.Rows()
			types := r.(sqldriver.RowsColumnTypeDatabaseTypeName)
			if types.ColumnTypeDatabaseTypeName(0) != "TIMESTAMP" || types.ColumnTypeDatabaseTypeName(2) != "VARCHAR" {
				t.Error("the rows do not tell their types")
			}
			dest := make([]sqldriver.Value, 3)
			for i := 0; r.Next(dest) == nil; i++ {
				if dest[1] == nil {
					if v.State(i) != driver.Null || d.Column(2).State(i) != driver.Null {
						t.Error("a NULL in the rows is none in the column")
					}
					continue
				}
				if !dest[0].(time.Time).Equal(moment(int(dest[1].(int64)))) || dest[2] != fmt.Sprint("s", dest[1]) {
					t.Errorf("got %v", dest)
				}
			}
		}
	}
	if want := map[string]int{"d0": 3, "d1": 2, "d2": 2, "d3": 2}; !maps.Equal(tables, want) {
		t.Errorf("got %v, want %v", tables, want)
	}
	quiet(t, c)
}

func TestConsumedRowsAsStructs(t *testing.T) {
	srv, db := serveMeters(t)
	write(t, db, 7, 8)
	m, err := consume(t, srv, nil, "meters").Poll(background, time.Second)
	if err != nil || m == nil {
		t.Fatal(m, err)
	}
	got, err := driver.ScanStructs[struct {
		TS time.Time
		V  int16
		S  *string
	}](m.Data[0].Rows())
	if err != nil || len(got) != 1 || !got[0].TS.Equal(moment(7)) || got[0].V != 7 || *got[0].S != "s7" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestConsumerOfQueriesAndDatabases(t *testing.T) {
	srv, db := serveMeters(t)
	exec(t, db, "create topic some as select ts, v, g, tbname from power.meters where v > 4")
	exec(t, db, "create topic all_of_it with meta as database power")
	write(t, db, 0, 8)
	c := consume(t, srv, nil, "some")
	if seen := collect(t, c, 3); len(seen) != 3 || seen[7] != 1 {
		t.Errorf("got %v", seen)
	}
	quiet(t, c)
	exec(t, db, "alter stable power.meters add column d double")
	exec(t, db, "drop table power.d3")
	if err := c.Subscribe(background, "all_of_it"); err != nil { // in place of the other
		t.Fatal(err)
	}
	if topics, err := c.Subscription(background); err != nil || !slices.Equal(topics, []string{"all_of_it"}) {
		t.Errorf("got %v, %v", topics, err)
	}
	kinds := map[string]int{}
	for range 100 {
		m, err := c.Poll(background, 50*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if m == nil {
			break
		}
		switch {
		case m.Meta == nil:
			kinds["data"]++
		case len(m.Data) > 0:
			kinds["both"]++
		default:
			kinds["meta"]++
			if m.Next != m.Offset {
				t.Errorf("a message of metadata at %d ends at %d", m.Offset, m.Next)
			}
		}
	}
	// Created and altered in both vgroups, dropped in one; four tables with rows.
	if kinds["meta"] != 5 || kinds["both"] != 4 || kinds["data"] == 0 {
		t.Errorf("got %v", kinds)
	}
}

func TestConsumerGoesOnWhereItsGroupCommitted(t *testing.T) {
	srv, db := serveMeters(t)
	write(t, db, 0, 8)
	c := consume(t, srv, nil, "meters")
	first, err := c.Poll(background, time.Second)
	if err != nil || first == nil {
		t.Fatal(first, err)
	}
	if err := c.Commit(background, first, nil, first); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Poll(background, time.Second); err != nil { // handed out, not committed
		t.Fatal(err)
	}
	c.Close(background)
	c = consume(t, srv, nil, "meters")
	seen := collect(t, c, 8-len(values(t, first)))
	for _, v := range values(t, first) {
		if seen[v] != 0 {
			t.Errorf("%d came again", v)
		}
	}
	if err := c.CommitAll(background); err != nil {
		t.Fatal(err)
	}
	c.Close(background)
	quiet(t, consume(t, srv, nil, "meters"))
	// Another group has offsets of its own.
	collect(t, consume(t, srv, map[string]string{"group.id": "other"}, "meters"), 8)
}

func TestConsumersOfAGroupShare(t *testing.T) {
	srv, db := serveMeters(t)
	a, b := consume(t, srv, nil, "meters"), consume(t, srv, nil, "meters")
	write(t, db, 0, 8)
	seen := map[int64]int{}
	for range 10 {
		for _, c := range []driver.Consumer{a, b} {
			if m, err := c.Poll(background, 10*time.Millisecond); err != nil {
				t.Fatal(err)
			} else if m != nil {
				for _, v := range values(t, m) {
					seen[v]++
				}
			}
		}
	}
	for v, n := range seen {
		if n != 1 {
			t.Errorf("%d came %d times", v, n)
		}
	}
	if len(seen) != 8 {
		t.Errorf("got %v", seen)
	}
}

func TestConsumerOffsets(t *testing.T) {
	srv, db := serveMeters(t)
	write(t, db, 0, 8)
	c := consume(t, srv, nil, "meters")
	// The server wants an assignment or a poll before this; the driver sees to it.
	assigned, err := c.Assignment(background, "meters")
	if err != nil || len(assigned) != 2 {
		t.Fatal(assigned, err)
	}
	one, two := assigned[0].TopicOffset, assigned[1].TopicOffset
	if assigned[0].Begin != 0 || assigned[0].End == 0 || one.Offset != 0 {
		t.Errorf("got %+v", assigned[0])
	}
	committed, err := c.Committed(background, two, one)
	if err != nil || committed[0].Offset != -1 || committed[0].Partition != two.Partition || committed[1].Offset != -1 {
		t.Errorf("got %+v, %v", committed, err)
	}
	collect(t, c, 8)
	at, err := c.Position(background, one)
	if err != nil || at[0].Offset != assigned[0].End {
		t.Errorf("got %+v, %v; want %d", at, err, assigned[0].End)
	}
	one.Offset = 1
	if err := c.Seek(background, one); err != nil {
		t.Fatal(err)
	}
	if m, err := c.Poll(background, time.Second); err != nil || m == nil || m.Partition != one.Partition || m.Offset != 1 {
		t.Errorf("got %+v, %v", m, err)
	}
	if err := c.CommitOffsets(background, one); err != nil {
		t.Fatal(err)
	}
	if committed, err = c.Committed(background, one); err != nil || committed[0].Offset != 1 {
		t.Errorf("got %+v, %v", committed, err)
	}
	for name, f := range map[string]func() error{
		"out of range": func() error {
			return c.Seek(background, driver.TopicOffset{Topic: "meters", Partition: one.Partition, Offset: 999})
		},
		"other vgroup": func() error { return c.Seek(background, driver.TopicOffset{Topic: "meters", Partition: 999}) },
		"other topic":  func() error { _, err := c.Assignment(background, "other"); return err },
		"no such offset": func() error {
			return c.CommitOffsets(background, driver.TopicOffset{Topic: "meters", Partition: one.Partition, Offset: 999})
		},
	} {
		if err := f(); !errors.Is(err, driver.ErrConsumer) || taosdriver.Code(err)>>8 != 0x40 {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := c.Unsubscribe(background); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Poll(background, 0); !errors.Is(err, driver.ErrInterface) || !errors.Is(err, driver.ErrConsumer) {
		t.Errorf("a poll without a subscription: %v", err)
	}
}

func TestConsumerSeeksBeforeItsFirstPoll(t *testing.T) {
	srv, db := serveMeters(t)
	write(t, db, 0, 8)
	other := consume(t, srv, map[string]string{"group.id": "other"}, "meters")
	assigned, err := other.Assignment(background, "meters")
	if err != nil {
		t.Fatal(err)
	}
	c := consume(t, srv, nil, "meters")
	to := assigned[0].TopicOffset
	to.Offset = assigned[0].End - 1
	if err := c.Seek(background, to); err != nil {
		t.Fatal(err)
	}
	at, err := c.Position(background, to)
	if err != nil || at[0].Offset != to.Offset {
		t.Errorf("got %v, %v", at, err)
	}
}

func TestMessagesEndsWithItsContext(t *testing.T) {
	srv, db := serveMeters(t)
	write(t, db, 0, 8)
	c := consume(t, srv, nil, "meters")
	n := 0
	for m, err := range c.Messages(background) {
		if err != nil {
			t.Fatal(err)
		}
		if n += len(values(t, m)); n == 8 {
			break
		}
	}
	ctx, cancel := context.WithCancel(background)
	time.AfterFunc(20*time.Millisecond, cancel)
	ends := 0
	start := time.Now()
	for m, err := range c.Messages(ctx) {
		ends++
		if m != nil || !errors.Is(err, context.Canceled) || !errors.Is(err, driver.ErrConsumer) {
			t.Errorf("got %+v, %v", m, err)
		}
	}
	if ends != 1 || time.Since(start) > time.Second {
		t.Errorf("%d ends in %v", ends, time.Since(start))
	}
}

func TestAMessageThatCameTooLateIsHandedOutNext(t *testing.T) {
	for _, action := range []string{"poll", "fetch_raw_data"} {
		t.Run(action, func(t *testing.T) {
			srv, db := serveMeters(t)
			c := consume(t, srv, nil, "meters")
			write(t, db, 0, 1)
			slow := srv.Fault(taostest.On{Action: action, Times: 1}, taostest.DelayReply(300*time.Millisecond))
			ctx, cancel := context.WithCancel(background)
			go func() {
				<-slow.Hit()
				cancel()
			}()
			start := time.Now()
			if m, err := c.Poll(ctx, 5*time.Second); !errors.Is(err, context.Canceled) {
				t.Fatalf("got %+v, %v", m, err)
			}
			if d := time.Since(start); d > time.Second {
				t.Errorf("took %v", d)
			}
			// It has not been handed out: to commit all positions must leave it.
			if err := c.CommitAll(background); err != nil {
				t.Fatal(err)
			}
			seen := collect(t, c, 1)
			if seen[0] != 1 {
				t.Errorf("got %v", seen)
			}
			c.Close(background)
			if seen := collect(t, consume(t, srv, nil, "meters"), 1); seen[0] != 1 {
				t.Errorf("what was not handed out is committed: got %v", seen)
			}
		})
	}
}

func TestAutoCommitIsOfWhatWasHandedOut(t *testing.T) {
	srv, db := serveMeters(t)
	write(t, db, 0, 4)
	properties := map[string]string{"enable.auto.commit": "true", "auto.commit.interval.ms": "0"}
	c := consume(t, srv, properties, "meters")
	first, err := c.Poll(background, time.Second)
	if err != nil || first == nil {
		t.Fatal(first, err)
	}
	if at, err := c.Committed(background, first.TopicOffset); err != nil || at[0].Offset != -1 {
		t.Errorf("committed %v (%v) before the next poll", at, err)
	}
	second, err := c.Poll(background, time.Second)
	if err != nil || second == nil {
		t.Fatal(second, err)
	}
	if at, err := c.Committed(background, first.TopicOffset); err != nil || at[0].Offset != first.Next {
		t.Errorf("committed %v (%v), want %d", at, err, first.Next)
	}
	collect(t, c, 4-len(values(t, first))-len(values(t, second)))
	c.Close(background) // commits the rest
	quiet(t, consume(t, srv, nil, "meters"))

	// With the interval not over, closing commits too.
	c = consume(t, srv, map[string]string{"group.id": "slow", "enable.auto.commit": "true"}, "meters")
	collect(t, c, 4)
	c.Close(background)
	quiet(t, consume(t, srv, map[string]string{"group.id": "slow"}, "meters"))
}

func TestConsumerOfAConnection(t *testing.T) {
	srv, db := serveMeters(t)
	write(t, db, 0, 4)
	conn, err := db.Conn(background)
	if err != nil {
		t.Fatal(err)
	}
	var c driver.Consumer
	err = driver.With(conn, func(o driver.ConsumerOpener) (err error) {
		c, err = o.OpenConsumer(background, map[string]string{"group.id": "g", "auto.offset.reset": "earliest"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(background)
	conn.Close() // it outlives the connection
	if err := c.Subscribe(background, "meters"); err != nil {
		t.Fatal(err)
	}
	collect(t, c, 4)

	rest, err := sql.Open("taos", srv.DSN("http", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer rest.Close()
	err = driver.WithDB(background, rest, func(driver.ConsumerOpener) error { return nil })
	if !errors.Is(err, driver.ErrNotSupported) {
		t.Errorf("over REST: %v", err)
	}
}

func TestCloseEndsARunningPoll(t *testing.T) {
	srv, _ := serveMeters(t)
	c := consume(t, srv, nil, "meters")
	polled := make(chan error)
	go func() {
		_, err := c.Poll(background, time.Hour)
		polled <- err
	}()
	time.Sleep(20 * time.Millisecond)
	if err := c.Close(background); err != nil {
		t.Error(err)
	}
	if err := <-polled; !errors.Is(err, driver.ErrInterface) || !strings.Contains(err.Error(), "closed") {
		t.Errorf("got %v", err)
	}
	if err := c.Close(background); err != nil {
		t.Error(err)
	}
	if err := c.Subscribe(background, "meters"); !errors.Is(err, driver.ErrInterface) {
		t.Errorf("got %v", err)
	}
}

func TestConsumerOfSeveralGoroutines(t *testing.T) {
	srv, db := serveMeters(t)
	write(t, db, 0, 4)
	c := consume(t, srv, nil, "meters")
	done := make(chan error)
	ctx, cancel := context.WithCancel(background)
	go func() {
		for {
			if _, err := c.Poll(ctx, 5*time.Millisecond); err != nil {
				done <- err
				return
			}
		}
	}()
	for range 20 {
		if err := c.CommitAll(background); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Assignment(background, "meters"); err != nil {
			t.Fatal(err)
		}
		late, end := context.WithTimeout(background, time.Microsecond)
		c.CommitAll(late) // may be too late for its turn
		end()
	}
	srv.DropConnections()
	if err := c.CommitAll(background); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestConsumerErrorsTellWhatIsWrong(t *testing.T) {
	srv, _ := serveMeters(t)
	for name, c := range map[string]struct {
		properties map[string]string
		topics     []string
		kind       error
		text       string
	}{
		"wrong password":   {map[string]string{"td.connect.pass": "wrong"}, []string{"meters"}, driver.ErrAuthentication, "0x0357"},
		"unknown topic":    {nil, []string{"nope"}, driver.ErrProgramming, "Topic not exist"},
		"unknown property": {map[string]string{"no.such.key": "1"}, []string{"meters"}, driver.ErrInterface, "property"},
		"no topics":        {nil, nil, driver.ErrInterface, "no topics"},
		"twice":            {nil, []string{"meters", "meters"}, driver.ErrInterface, "twice"},
		"NUL":              {nil, []string{"meters\x00"}, driver.ErrInterface, "NUL"},
	} {
		t.Run(name, func(t *testing.T) {
			err := consume(t, srv, c.properties).Subscribe(background, c.topics...)
			if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.text) || strings.Contains(err.Error(), "wrong") {
				t.Errorf("got %v", err)
			}
		})
	}
}
