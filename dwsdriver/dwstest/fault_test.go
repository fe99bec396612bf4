package dwstest_test

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/message"
)

func TestFaults(t *testing.T) {
	const ended, silent = "ended", "silent"
	for _, test := range []struct {
		fault dwstest.Fault
		ran   int
		want  string
	}{
		{dwstest.DropBefore, 0, ended}, {dwstest.DropAfter, 1, ended}, {dwstest.HalfReply, 1, ended}, {dwstest.Restart, 0, ended},
		{dwstest.LoseReply, 1, silent}, {dwstest.StallReply, 1, silent}, {dwstest.StopReading, 0, silent}, {dwstest.Announce(1 << 12), 1, silent},
		{dwstest.Truncate(6), 1, silent},
		{dwstest.Corrupt, 1, "any"}, {dwstest.CorruptBody, 1, "any"},
		{dwstest.Answer(message.Append(nil, 'Z', []byte{'I'})), 1, "ZI"},
		{dwstest.ErrorCode("22012", "division by zero"), 0, "E22012 ZI"},
		{dwstest.Fatal("57P01", "terminating connection"), 0, ended},
		{dwstest.Notice("01000", "look"), 1, "N01000 INSERT_0_1 ZI"},
		{dwstest.Delay(time.Millisecond), 1, "INSERT_0_1 ZI"}, {dwstest.DelayReply(time.Millisecond), 1, "INSERT_0_1 ZI"},
		{dwstest.NodeFailure, 1, "INSERT_0_1 ZI"},
	} {
		t.Run(test.fault.String(), func(t *testing.T) {
			s := dwstest.NewServer()
			defer s.Close()
			c := connect(t, s)
			c.want("create table t (a int)", "CREATE_TABLE ZI")
			rule := s.Fault(dwstest.On{Action: "query", SQL: "INTO T", Times: 1}, test.fault)
			c.send('Q', message.Text("insert into t values (1)"))
			wait := 5 * time.Second
			if test.want == silent {
				wait = 50 * time.Millisecond
			}
			got, err := c.reply(wait)
			var e net.Error
			timeout := errors.As(err, &e) && e.Timeout()
			switch test.want {
			case "any":
			case ended:
				if err == nil || timeout {
					t.Errorf("%q, %v, want the end of the connection", got, err)
				}
			case silent:
				if !timeout {
					t.Errorf("%q, %v, want no answer", got, err)
				}
			default:
				if err != nil || got != test.want {
					t.Errorf("%q, %v, want %q", got, err, test.want)
				}
			}
			if rule.Hits() != 1 {
				t.Errorf("%d hits", rule.Hits())
			}
			if n := s.Executed("insert"); n != test.ran {
				t.Errorf("it ran %d times", n)
			}
			// The server is well.
			want := map[int]string{0: "(0) SELECT_1 ZI", 1: "(1) SELECT_1 ZI"}[test.ran]
			if got := connectAgain(t, s).query("select count(*) from t"); got != "T "+want {
				t.Errorf("the table has %s", got)
			}
		})
	}
}

// connectAgain is connect to a server that may be starting.
func connectAgain(t *testing.T, s *dwstest.Server) *client {
	t.Helper()
	for range 100 {
		if nc, err := net.Dial("tcp", s.Addr()); err == nil {
			nc.Close()
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return connect(t, s)
}

// A data node that fails is the coordinator's business, where the statement may be run
// again, and the client's where not.
func TestRetriesOfTheCoordinator(t *testing.T) {
	s := dwstest.NewServer()
	defer s.Close()
	c := connect(t, s)
	c.want("create table t (a int)", "CREATE_TABLE ZI")
	s.Fault(dwstest.On{Action: "query", SQL: "insert into t"}, dwstest.NodeFailure)

	c.want("insert into t values (1)", "INSERT_0_1 ZI")
	if st := s.Statements(); st[len(st)-1].Retried != 1 {
		t.Errorf("%+v", st[len(st)-1])
	}
	c.send('S')
	if got, _ := c.reply(time.Second); got != "ZI" {
		t.Errorf("got %s", got)
	}
	batch := func(flush bool) string {
		out := extended("insert into t values ($1)", "2")
		if flush {
			out = message.Append(out, 'H')
		}
		_, _ = c.nc.Write(message.Append(out, 'S'))
		got, err := c.reply(5 * time.Second)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := batch(false); got != "1 2 n INSERT_0_1 ZI" {
		t.Errorf("got %s", got)
	}
	if got := batch(true); got != "E08006 ZI" {
		t.Errorf("with a Flush: %s", got)
	}
	c.want("begin", "BEGIN ZT")
	c.want("insert into t values (3)", "E08006 ZE")
	c.want("commit", "ROLLBACK ZI")
	c.want("insert into t values (4); insert into t values (5)", "E08006 ZI")

	never := dwstest.NewServer(dwstest.WithQueryRetries(0))
	defer never.Close()
	never.Fault(dwstest.On{SQL: "select"}, dwstest.NodeFailure)
	connect(t, never).want("select 1", "E08006 ZI")
}

func TestCancel(t *testing.T) {
	s := dwstest.NewServer()
	defer s.Close()
	c := connect(t, s)
	cancel := func(secret uint32) {
		k := dial(t, s)
		k.send(0, message.Uint32(message.CodeCancel), message.Uint32(c.pid), message.Uint32(secret))
		if _, err := k.r.ReadByte(); err == nil {
			t.Error("a request to cancel is answered")
		}
	}
	cancels := 0
	s.Fault(dwstest.On{SQL: "delayed", Times: 1}, dwstest.Delay(time.Minute))
	for _, text := range []string{"select pg_sleep(60)", "select 'delayed'",
		"select count(*) from generate_series(1, 1000000000) a"} {
		c.send('Q', message.Text(text))
		answered := make(chan struct{})
		var got string
		var err error
		go func() {
			defer close(answered)
			got, err = c.reply(30 * time.Second)
		}()
		// Nothing tells that it runs, and before that there is nothing to cancel.
		for over := false; !over; {
			select {
			case <-answered:
				t.Errorf("%s: answered before it was cancelled", text)
				over = true
				continue
			case <-time.After(50 * time.Millisecond):
			}
			cancel(c.secret + 1) // is nobody's
			cancel(c.secret)
			cancels += 2
			select {
			case <-answered:
				over = true
			case <-time.After(time.Second):
			}
		}
		if err != nil || !strings.HasSuffix(got, "E57014 ZI") {
			t.Errorf("%s: %s, %v", text, got, err)
		}
		c.want("select 1", "T (1) SELECT_1 ZI")
	}
	if s.Cancels() != cancels {
		t.Errorf("%d requests to cancel of %d", s.Cancels(), cancels)
	}
}

func TestLifeOfAServer(t *testing.T) {
	s := dwstest.NewServer()
	defer s.Close()
	c := connect(t, s)
	c.want("create table t (a int)", "CREATE_TABLE ZI")

	s.Pause()
	c.send('Q', message.Text("insert into t values (1)"))
	if got, err := c.reply(30 * time.Millisecond); err == nil {
		t.Errorf("a paused server answers %s", got)
	}
	s.Continue()
	if got, err := c.reply(5 * time.Second); err != nil || got != "INSERT_0_1 ZI" {
		t.Errorf("%s, %v", got, err)
	}

	s.Terminate()
	if got, err := c.reply(5 * time.Second); err == nil || got != "E57P01" {
		t.Errorf("%s, %v", got, err)
	}
	c = connect(t, s)
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.reply(5 * time.Second); err == nil {
		t.Error("a connection outlives a restart")
	}
	c = connect(t, s)
	c.want("select * from t", "T (1) SELECT_1 ZI")

	s.DropConnections()
	s.Stop()
	if _, err := net.Dial("tcp", s.Addr()); err == nil {
		t.Error("a stopped server listens")
	}
	if err := s.Resume(); err != nil {
		t.Fatal(err)
	}
	connect(t, s).want("select count(*) from t", "T (1) SELECT_1 ZI")
	if s.Connections() < 1 || s.Opened() < 4 {
		t.Errorf("%d of %d connections", s.Connections(), s.Opened())
	}
}

func TestCluster(t *testing.T) {
	c := dwstest.NewCluster(3)
	defer c.Close()
	connect(t, c.Server(0)).want("create table t (a int)", "CREATE_TABLE ZI")
	connect(t, c.Server(1)).want("insert into t values (7)", "INSERT_0_1 ZI")
	third := connect(t, c.Server(2))
	third.want("select a from t", "T (7) SELECT_1 ZI")
	got := third.query("select node_host || ':' || node_port from pg_catalog.pgxc_node where node_type = 'C' order by node_name")
	want := "T (" + c.Server(0).Addr() + ") (" + c.Server(1).Addr() + ") (" + c.Server(2).Addr() + ") SELECT_3 ZI"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if c.Executed("into t") != 1 || c.Server(1).Executed("into t") != 1 || c.Server(0).Executed("into t") != 0 {
		t.Error("statements are not counted by server")
	}
}
