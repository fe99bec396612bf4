package siritest_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
	"github.com/gaugesql/gaugesql/siridriver/siritest"
)

func TestServersOfAClusterShareTheirData(t *testing.T) {
	c := siritest.NewCluster(3)
	defer c.Close()
	login(t, c.Server(0), "dbtest").insert("x", 1, 2)
	for _, s := range c.Servers() {
		if got := fmt.Sprint(login(t, s, "dbtest").must("select * from 'x'")); got != "[{x [[1 1] [2 2]]}]" {
			t.Error(got)
		}
	}
	if c.Executed("x") != 4 || c.Server(0).Executed("x") != 2 || c.Server(1).Executed("x") != 1 {
		t.Error(c.Executed("x"), c.Server(0).Executed("x"), c.Server(1).Executed("x"))
	}
	want := fmt.Sprintf("siridb://iris:siri@%s;weight=3,%s,%s;backup=true/dbtest", c.Server(0).Addr(), c.Server(1).Addr(), c.Server(2).Addr())
	if got := c.DSN("", "weight=3", "", "backup=true"); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got := c.Server(1).DSN("other"); got != "siridb://iris:siri@"+c.Server(1).Addr()+"/other" {
		t.Error(got)
	}
}

func TestStatesDecideWhatIsAnswered(t *testing.T) {
	// Rows are states, columns requests, as the real server's are.
	requests := []string{"show", "list series", "count series", "count series length", "select * from *", "create group `g` for /x/", "insert"}
	for _, test := range []struct {
		name  string
		state func(*siritest.Cluster)
		want  []wire.Type
	}{
		{"running", func(*siritest.Cluster) {}, []wire.Type{0, 0, 0, 0, 0, 0, 1}},
		{"reindexing", func(c *siritest.Cluster) { c.Server(0).SetStatus(siritest.Running | siritest.Reindexing) }, []wire.Type{0, 0, 0, 0, 0, 0, 1}},
		{"synchronizing", func(c *siritest.Cluster) { c.Server(0).SetStatus(siritest.Running | siritest.Synchronizing) }, []wire.Type{0, 0, 0, 67, 67, 67, 67}},
		{"backup mode", func(c *siritest.Cluster) { c.Server(0).SetStatus(siritest.Running | siritest.BackupMode) }, []wire.Type{0, 0, 0, 67, 67, 67, 67}},
		{"a replica down", func(c *siritest.Cluster) { c.Server(1).Stop() }, []wire.Type{0, 0, 0, 0, 0, 0, 1}},
		{"a pool down", func(c *siritest.Cluster) { c.Server(2).Stop() }, []wire.Type{0, 0, 68, 68, 68, 68, 68}},
		{"a pool in backup mode", func(c *siritest.Cluster) { c.Server(2).SetStatus(siritest.Running | siritest.BackupMode) }, []wire.Type{0, 0, 0, 68, 68, 68, 68}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := siritest.NewCluster(3, siritest.WithPools(2, 1))
			defer c.Close()
			cl := login(t, c.Server(0), "dbtest")
			for i := range 10 {
				cl.insert(fmt.Sprint("k", i), 1)
			}
			test.state(c)
			for i, r := range requests {
				var tp wire.Type
				var v any
				if r == "insert" {
					tp, v = cl.insert("k0", 2)
				} else {
					tp, v = cl.query(r)
				}
				if tp != test.want[i] {
					t.Errorf("%s: %d %v, want %d", r, tp, v, test.want[i])
				}
				// A pool that is away leaves a part, and no error.
				if n := fmt.Sprint(v); r == "list series" && strings.HasPrefix(test.name, "a pool") != (strings.Count(n, "k") < 10) {
					t.Errorf("%s: %s", r, n)
				}
			}
		})
	}
}

func TestPoolThatHangs(t *testing.T) {
	c := siritest.NewCluster(2, siritest.WithPools(1, 1), siritest.WithPoolTimeout(30*time.Millisecond))
	defer c.Close()
	cl := login(t, c.Server(0), "dbtest")
	c.Server(1).Pause()
	if tp, v := cl.query("select * from *"); tp != wire.ErrQuery || v != "Error occurred while sending request to at least '"+c.Server(1).Name()+"'" {
		t.Errorf("%d %v", tp, v)
	}
	if tp, v := cl.insert("x", 1); tp != wire.ErrInsert || !strings.HasPrefix(fmt.Sprint(v), "Error occurred while sending points to at least") {
		t.Errorf("%d %v", tp, v)
	}
	cl.must("show status")
	c.Server(1).Continue()
	cl.must("select * from *")
}

func TestPausedServerServesWhatCameIn(t *testing.T) {
	srv := siritest.NewServer()
	defer srv.Close()
	c := login(t, srv, "dbtest")
	srv.Pause()
	srv.Pause() // is paused
	for range 3 {
		c.send(wire.Ping, nil)
	}
	late := dial(t, "tcp", srv.Addr()) // connects all the same
	late.send(wire.Ping, nil)
	c.silence(30 * time.Millisecond)
	late.silence(30 * time.Millisecond)
	srv.Continue()
	for range 3 {
		if _, err := c.receive(5 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := late.receive(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	srv.Pause()
	c.send(wire.Ping, nil)
	// The end of a paused server waits for nobody.
}

func TestLifeOfAServer(t *testing.T) {
	srv := siritest.NewServer()
	defer srv.Close()
	c := login(t, srv, "dbtest")
	c.insert("x", 1)
	srv.DropConnections()
	c.gone()
	c = login(t, srv, "dbtest")
	srv.Stop()
	c.gone()
	if nc, err := net.Dial("tcp", srv.Addr()); err == nil {
		nc.Close()
		t.Error("a stopped server takes a connection")
	}
	srv.Shutdown(time.Hour) // is down
	if err := srv.Resume(); err != nil {
		t.Fatal(err)
	}
	c = login(t, srv, "dbtest")
	if got := len(srv.Points("", "x")); got != 1 {
		t.Errorf("%d points after a restart", got)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		srv.Shutdown(time.Hour)
	}()
	for {
		if tp, _ := c.call(wire.Ping, nil); tp == wire.ErrServer {
			break
		}
	}
	if tp, v := dial(t, "tcp", srv.Addr()).query("now"); tp != wire.ErrServer || v != "Not accepting the request because the sever is not running" {
		t.Errorf("without a login: %d %v", tp, v)
	}
	srv.Close() // does not wait an hour
	<-done
	if err := srv.Resume(); err == nil {
		t.Error("a closed server starts again")
	}
}
