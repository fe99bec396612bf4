package conformance_test

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/conformance"
	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

const topicDatabase = "gaugesql_topics"

// TestTaosConsumer runs what is to be said of subscriptions against the embedded
// server.
func TestTaosConsumer(t *testing.T) {
	server := taostest.NewServer()
	defer server.Close()
	consumers(t, server.DSN("ws", ""))
}

// TestRealTDengineConsumer runs the same against the server of
// CONFORMANCE_TAOS_DSN, whose account may create databases and topics. Over REST
// there are no subscriptions.
func TestRealTDengineConsumer(t *testing.T) {
	const variable = "CONFORMANCE_TAOS_DSN"
	dsn := os.Getenv(variable)
	if dsn == "" {
		conformance.SkipUnset(t, variable)
	}
	if strings.Contains(dsn, "http") {
		t.Skip("no subscriptions over REST")
	}
	consumers(t, dsn)
}

// subscriptions are the checks' server and names.
type subscriptions struct {
	config *taosdriver.Config
	db     *sql.DB
	group  int

	mu    sync.Mutex
	conns []net.Conn // of consumers
}

func consumers(t *testing.T, dsn string) {
	config, err := taosdriver.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("taos", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := &subscriptions{config: config, db: db}
	clean := func() {
		for _, topic := range []string{"table", "query", "meta"} {
			s.exec(t, "drop topic if exists gaugesql_"+topic)
		}
		s.exec(t, "drop database if exists "+topicDatabase)
	}
	clean()
	s.exec(t, "create database "+topicDatabase+" vgroups 2 precision 'us'")
	s.exec(t, "create stable "+topicDatabase+".m (ts timestamp, v int, s nchar(10)) tags (g int)")
	s.exec(t, "create topic gaugesql_table as stable "+topicDatabase+".m")
	s.exec(t, "create topic gaugesql_query as select ts, v, tbname from "+topicDatabase+".m where v % 2 = 0")
	s.exec(t, "create topic gaugesql_meta with meta as database "+topicDatabase)
	defer clean()
	s.write(t, 0, 40)
	t.Run("rows of a super table", s.rows)
	t.Run("rows of a query", s.query)
	t.Run("changes of the schema", s.meta)
	t.Run("committed offsets", s.committed)
	t.Run("a lost connection", s.lost)
	t.Run("the latest", s.latest)
	t.Run("a lost connection of a group that reads the latest", s.lostLatest)
	t.Run("a wrong password", s.password)
}

func (s *subscriptions) exec(t *testing.T, statement string) {
	t.Helper()
	var err error
	for range 20 { // a topic is let go of some time after its last consumer
		if _, err = s.db.Exec(statement); err == nil {
			return
		}
		if c := taosdriver.Code(err); c != 0x03eb && c != 0x03ed && c != 0x03d3 {
			break
		}
		time.Sleep(500 * time.Millisecond)
	}
	t.Fatalf("%s: %v", statement, err)
}

// write inserts the values from up to to, spread over four tables.
func (s *subscriptions) write(t *testing.T, from, to int) {
	t.Helper()
	at := time.Now().UTC().Truncate(24 * time.Hour)
	for i := from; i < to; i++ {
		s.exec(t, fmt.Sprintf("insert into %s.d%d using %[1]s.m tags (%[2]d) values (%d, %d, '第%[4]d')", topicDatabase, i%4,
			at.Add(time.Duration(i)*time.Microsecond).UnixMicro(), i))
	}
}

// open returns a consumer of a group of its own.
func (s *subscriptions) open(t *testing.T, properties map[string]string, topic string) driver.Consumer {
	t.Helper()
	s.group++
	all := map[string]string{
		"group.id": fmt.Sprintf("gaugesql_%d_%d", time.Now().UnixNano(), s.group), "auto.offset.reset": "earliest", "enable.auto.commit": "false",
	}
	for key, value := range properties {
		all[key] = value
	}
	config := s.config.Clone()
	config.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err == nil {
			s.mu.Lock()
			s.conns = append(s.conns, c)
			s.mu.Unlock()
		}
		return c, err
	}
	ctx := context.Background()
	c, err := taosdriver.NewConsumer(ctx, config, all)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(ctx) })
	if err := c.Subscribe(ctx, topic); err != nil {
		t.Fatal(err)
	}
	return c
}

// drop ends the connections of all consumers.
func (s *subscriptions) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.Close()
	}
	s.conns = nil
}

// read polls until each of n values came at least once, and returns how often.
func (s *subscriptions) read(t *testing.T, c driver.Consumer, n int, each func(*driver.Message)) map[int64]int {
	t.Helper()
	seen := map[int64]int{}
	deadline := time.Now().Add(30 * time.Second)
	for len(seen) < n {
		m, err := c.Poll(context.Background(), time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if m == nil {
			if time.Now().After(deadline) {
				t.Fatalf("%d of %d values", len(seen), n)
			}
			continue
		}
		for _, d := range m.Data {
			for _, v := range d.Column(1).Values.([]int64) {
				seen[v]++
			}
		}
		if each != nil {
			each(m)
		}
	}
	return seen
}

func once(t *testing.T, seen map[int64]int) {
	t.Helper()
	for v, n := range seen {
		if n != 1 {
			t.Errorf("%d came %d times", v, n)
		}
	}
}

func (s *subscriptions) rows(t *testing.T) {
	c := s.open(t, nil, "gaugesql_table")
	once(t, s.read(t, c, 40, func(m *driver.Message) {
		if m.Topic != "gaugesql_table" || m.Database != topicDatabase || m.Meta != nil || m.Next <= m.Offset {
			t.Errorf("got %+v", m)
		}
		for _, d := range m.Data {
			rows, dest := d.Rows(), make([]sqldriver.Value, 3)
			for i := 0; rows.Next(dest) == nil; i++ {
				v := dest[1].(int64)
				at, _ := dest[0].(time.Time)
				if d.Table != fmt.Sprint("d", v%4) || dest[2] != fmt.Sprint("第", v) || at.Nanosecond() != int(v)*1000 {
					t.Errorf("in %s: %v", d.Table, dest)
				}
			}
		}
	}))
}

func (s *subscriptions) query(t *testing.T) {
	c := s.open(t, nil, "gaugesql_query")
	seen := s.read(t, c, 20, nil)
	once(t, seen)
	for v := range seen {
		if v%2 != 0 {
			t.Errorf("%d is not of the query", v)
		}
	}
}

func (s *subscriptions) meta(t *testing.T) {
	c := s.open(t, nil, "gaugesql_meta")
	meta := 0
	s.read(t, c, 40, func(m *driver.Message) {
		if m.Meta != nil {
			meta++
			if !strings.Contains(string(m.Meta), `"type"`) {
				t.Errorf("got %s", m.Meta)
			}
		}
	})
	if meta == 0 {
		t.Error("no message tells of the tables")
	}
}

func (s *subscriptions) committed(t *testing.T) {
	ctx := context.Background()
	group := map[string]string{"group.id": fmt.Sprint("gaugesql_committed_", time.Now().UnixNano())}
	c := s.open(t, group, "gaugesql_table")
	var messages []*driver.Message
	s.read(t, c, 40, func(m *driver.Message) { messages = append(messages, m) })
	assigned, err := c.Assignment(ctx, "gaugesql_table")
	if err != nil || len(assigned) != 2 {
		t.Fatal(assigned, err)
	}
	if at, err := c.Committed(ctx, assigned[0].TopicOffset); err != nil || at[0].Offset != -1 {
		t.Errorf("committed %v, %v", at, err)
	}
	if err := c.Commit(ctx, messages...); err != nil {
		t.Fatal(err)
	}
	for _, a := range assigned {
		if at, err := c.Committed(ctx, a.TopicOffset); err != nil || at[0].Offset < 0 {
			t.Errorf("committed %v, %v", at, err)
		}
	}
	if err := c.Seek(ctx, messages[0].TopicOffset); err != nil {
		t.Fatal(err)
	}
	if m, err := c.Poll(ctx, 5*time.Second); err != nil || m == nil || m.Partition != messages[0].Partition {
		t.Errorf("behind a seek: %+v, %v", m, err)
	}
	if err := c.Seek(ctx, driver.TopicOffset{Topic: "gaugesql_table", Partition: 9999}); taosdriver.Code(err) != 0x4008 {
		t.Errorf("a vgroup that is not there: %v", err)
	}
	if err := c.Close(ctx); err != nil {
		t.Error(err)
	}
	c = s.open(t, group, "gaugesql_table")
	if m, err := c.Poll(ctx, time.Second); m != nil || err != nil {
		t.Errorf("what is committed came again: %+v, %v", m, err)
	}
}

func (s *subscriptions) lost(t *testing.T) {
	ctx := context.Background()
	c := s.open(t, nil, "gaugesql_table")
	first, err := c.Poll(ctx, 5*time.Second)
	if err != nil || first == nil {
		t.Fatal(first, err)
	}
	if err := c.Commit(ctx, first); err != nil {
		t.Fatal(err)
	}
	s.drop()
	rest := 40
	committed := map[int64]bool{}
	for _, d := range first.Data {
		rest -= d.Len
		for _, v := range d.Column(1).Values.([]int64) {
			committed[v] = true
		}
	}
	for v := range s.read(t, c, rest, nil) {
		if committed[v] {
			t.Errorf("%d was committed and came again", v)
		}
	}
}

func (s *subscriptions) latest(t *testing.T) {
	c := s.open(t, map[string]string{"auto.offset.reset": "latest"}, "gaugesql_table")
	s.write(t, 36, 40) // again, behind the subscription and before the first poll
	once(t, s.read(t, c, 4, nil))
}

func (s *subscriptions) lostLatest(t *testing.T) {
	c := s.open(t, map[string]string{"auto.offset.reset": "latest"}, "gaugesql_table")
	s.drop()
	s.write(t, 40, 48)
	seen := s.read(t, c, 8, nil)
	once(t, seen)
	for v := range seen {
		if v < 40 {
			t.Errorf("%d was written before the subscription", v)
		}
	}
}

func (s *subscriptions) password(t *testing.T) {
	ctx := context.Background()
	c, err := taosdriver.NewConsumer(ctx, s.config, map[string]string{"group.id": "g", "td.connect.pass": "wr0ng"})
	if err == nil { // libtaos logs in here already
		defer c.Close(ctx)
		err = c.Subscribe(ctx, "gaugesql_table")
	}
	if !errors.Is(err, driver.ErrAuthentication) || !errors.Is(err, driver.ErrConsumer) || strings.Contains(err.Error(), "wr0ng") {
		t.Errorf("got %v", err)
	}
}
