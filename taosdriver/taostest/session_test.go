package taostest

import (
	"slices"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestServeEachMessageByItself(t *testing.T) {
	srv := start(t)
	c := connect(t, srv, "")
	slow := c.tell("query", `"sql":"select taostest_sleep(300)"`)
	fast := c.tell("query", `"sql":"select 1"`)
	if r := c.hear(); r.ReqID != fast {
		t.Errorf("first came the reply to %d, want %d", r.ReqID, fast)
	}
	if r := c.hear(); r.ReqID != slow || r.Code != 0 {
		t.Errorf("then %+v", r)
	}
}

func TestCloseLetsQueriesFinish(t *testing.T) {
	srv := start(t)
	c := connect(t, srv, "")
	id := c.tell("query", `"sql":"select taostest_sleep(100)"`)
	waitFor(t, "the query", func() bool { return len(srv.running.visible(0)) == 1 })
	if err := c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if r := c.hear(); r.ReqID != id || r.Code != 0 {
		t.Errorf("after the close frame: %+v", r)
	}
	if r := c.hear(); !websocket.IsCloseError(r.err, websocket.CloseAbnormalClosure) {
		t.Errorf("got %+v, want the end without a close frame", r)
	}
}

func TestResultsOfOneSessionAreOpenSideBySide(t *testing.T) {
	srv := power(t, WithBlockRows(2))
	c := connect(t, srv, "d")
	a, b := c.must("SELECT v FROM many ORDER BY ts"), c.must("SELECT v FROM many ORDER BY ts DESC")
	c.must(insert1)
	if got := srv.OpenResults(); got != 2 {
		t.Errorf("%d open results, want 2", got)
	}
	for range 2 {
		for _, r := range []reply{a, b} {
			if f, err := c.fetch(r.ID); err != nil || f.Finished {
				t.Fatalf("%+v %v", f, err)
			}
		}
	}
	if got, want := c.rows(b), []string{"4", "3", "2", "1"}; !slices.Equal(got, want) {
		t.Errorf("the rest of the second: %v, want %v", got, want)
	}
	c.tell("free_result", `"id":1`)
	c.silent()
}

func TestFreeingAResult(t *testing.T) {
	srv := power(t)
	c := connect(t, srv, "d")
	r := c.must("SELECT v FROM many")
	c.tell("free_result", `"id":1`)
	waitFor(t, "the end of the result", func() bool { return srv.OpenResults() == 0 })
	if f, err := c.fetch(r.ID); err != nil || f.Code != 0xffff || f.Message != "result is nil" {
		t.Errorf("fetch: %+v %v", f, err)
	}
}

func TestDatabaseBelongsToTheSession(t *testing.T) {
	srv := power(t)
	a, b := connect(t, srv, ""), connect(t, srv, "")
	a.must("USE d")
	if got := a.ask("get_current_db", "").DB; got != "d" {
		t.Errorf("database %q, want d", got)
	}
	if got := b.ask("get_current_db", "").DB; got != "" {
		t.Errorf("the other session has the database %q", got)
	}
	for range 4 { // whichever connections serve it
		a.must("SELECT * FROM t")
	}
	if r := b.query("SELECT * FROM t"); r.Code != 0x2616 {
		t.Errorf("without a database: %+v", r)
	}
}

func TestDroppedDatabaseKeepsItsName(t *testing.T) {
	srv := power(t)
	a, b := connect(t, srv, "d"), connect(t, srv, "")
	b.must("DROP DATABASE d")
	for sql, want := range map[string]int{
		"SELECT 1": 0, "SELECT * FROM t": 0x0388, "CREATE TABLE t (ts TIMESTAMP, v INT)": 0x0388, "INSERT INTO t VALUES (now, 1)": 0x0388,
	} {
		if r := a.query(sql); r.Code != want {
			t.Errorf("%s: %+v, want 0x%04x", sql, r, want)
		}
	}
	a.must("CREATE DATABASE d")
	a.must("CREATE TABLE t (ts TIMESTAMP, v INT)")
	a.must("DROP DATABASE d")
	if got := a.ask("get_current_db", "").DB; got != "d" {
		t.Errorf("database %q, want d", got)
	}
	if r := a.query("USE d"); r.Code != 0x0388 {
		t.Errorf("use: %+v", r)
	}
}

func TestPings(t *testing.T) {
	srv := start(t, WithPingInterval(20*time.Millisecond))
	c := connect(t, srv, "")
	pings := 0
	c.ws.SetPingHandler(func(string) error {
		if pings++; pings == 3 {
			return errSilent // ends the read
		}
		return c.ws.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Second))
	})
	if _, err := c.read(); err != errSilent { //nolint:errorlint // handed through as it is
		t.Errorf("after %d pings: %v", pings, err)
	}
}

func TestSilentClientIsCutOff(t *testing.T) {
	srv := start(t, WithPingInterval(10*time.Millisecond))
	c := connect(t, srv, "")
	c.ws.SetPingHandler(func(string) error { return nil })
	began := time.Now()
	_, err := c.read()
	if took := time.Since(began); err == nil || took > 5*time.Second {
		t.Errorf("%v after %v", err, took)
	}
	waitFor(t, "the end of the connection", func() bool { return srv.Connections() == 0 })
}

func TestRestart(t *testing.T) {
	srv := power(t)
	addr := srv.Addr()
	c := connect(t, srv, "d")
	if err := srv.Restart(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.read(); err == nil {
		t.Error("the connection survived")
	}
	if srv.Addr() != addr {
		t.Errorf("address %s, was %s", srv.Addr(), addr)
	}
	connect(t, srv, "d").must("SELECT * FROM many")
}

func TestStopAndResume(t *testing.T) {
	srv := start(t)
	srv.Stop()
	if _, _, err := websocket.DefaultDialer.Dial("ws://"+srv.Addr()+"/ws", nil); err == nil {
		t.Error("connected to a stopped server")
	}
	if err := srv.Resume(); err != nil {
		t.Fatal(err)
	}
	connect(t, srv, "")
	srv.Close()
	if err := srv.Resume(); err == nil {
		t.Error("resumed a closed server")
	}
}

func TestDropConnectionsLeavesQueriesRunning(t *testing.T) {
	srv := start(t)
	c := connect(t, srv, "")
	c.tell("query", `"sql":"select taostest_sleep(200)"`)
	waitFor(t, "the query", func() bool { return len(srv.running.visible(0)) == 1 })
	srv.DropConnections()
	if _, err := c.read(); err == nil {
		t.Error("the connection survived")
	}
	if n := len(srv.running.visible(0)); n != 1 {
		t.Errorf("%d queries run, want 1", n)
	}
	waitFor(t, "the end of the query", func() bool { return len(srv.running.visible(0)) == 0 })
	if st := srv.Statements(); len(st) != 1 || st[0].Code != 0 {
		t.Errorf("statements %+v", st)
	}
}

func TestCrashes(t *testing.T) {
	tests := map[string]func(*client){
		"empty binary message": func(c *client) { _ = c.ws.WriteMessage(websocket.BinaryMessage, nil) },
		"null option":          func(c *client) { c.tell("options_connection", `"options":[null]`) },
		"exec without bind": func(c *client) {
			c.ask("stmt2_init", "")
			c.ask("stmt2_prepare", `"stmt_id":1,"sql":"insert into d.t values(?,?)","get_fields":true`)
			c.tell("stmt2_exec", `"stmt_id":1`)
		},
		"insert without parameters": func(c *client) {
			c.ask("stmt2_init", "")
			c.ask("stmt2_prepare", `"stmt_id":1,"sql":"`+insert1+`","get_fields":true`)
			c.tell("stmt2_exec", `"stmt_id":1`)
		},
		"result without exec": func(c *client) {
			c.ask("stmt2_init", "")
			c.ask("stmt2_prepare", `"stmt_id":1,"sql":"select * from d.t where v = ?","get_fields":true`)
			c.tell("stmt2_result", `"stmt_id":1`)
		},
	}
	for name, provoke := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := power(t)
			bystander, c := connect(t, srv, ""), connect(t, srv, "")
			provoke(c)
			for _, other := range []*client{c, bystander} {
				if data, err := other.read(); err == nil {
					t.Errorf("got %q, want the end of the connection", data)
				}
			}
			waitFor(t, "the restart", func() bool { return srv.lives.Current() != nil && len(srv.Crashes()) == 1 })
			connect(t, srv, "").must("select 1")
		})
	}
}
