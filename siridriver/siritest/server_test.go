package siritest_test

import (
	"fmt"
	"io"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
	"github.com/gaugesql/gaugesql/siridriver/siritest"
)

func TestRequestsThatAreNeverAnswered(t *testing.T) {
	srv := siritest.NewServer()
	defer srv.Close()
	c := login(t, srv, "dbtest")
	text := qpack.AppendRaw(nil, "now")
	for _, tp := range []wire.Type{4, 5, 11, 33, 64, 127, 128, 255} {
		c.send(tp, nil)
	}
	for _, data := range [][]byte{nil, {}, text, qpack.AppendMap(nil, 0), {0xed}, {0xee, 0x05}, {0xee, 0xfb}, {0xee, 0xed}, {0xee, 0x83, 'n'}} {
		c.send(wire.Query, data)
	}
	for _, data := range [][]byte{nil, text, append([]byte{0xef}, append(text, text...)...)} {
		c.send(wire.Auth, data)
	}
	c.silence(50 * time.Millisecond)
	if tp, v := c.query("1 + 1"); tp != wire.QueryResult {
		t.Errorf("then: %d %v", tp, v)
	}
}

func TestConnectionEndsWithoutAnAnswer(t *testing.T) {
	srv := siritest.NewServer()
	defer srv.Close()
	for name, bytes := range map[string][]byte{
		"wrong check byte": {0, 0, 0, 0, 1, 0, 3, 3},
		"too large":        {1, 0, 0x80, 2, 1, 0, 1, 0xfe}, // 40 MiB and 1
		"TLS":              {0x16, 3, 1, 2, 0, 1, 0, 1},
		"HTTP":             []byte("GET / HTTP/1.1\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, "tcp", srv.Addr())
			c.write(bytes)
			c.gone()
		})
	}
	t.Run("40 MiB are read", func(t *testing.T) {
		c := login(t, srv, "dbtest")
		if tp, data := c.call(wire.Insert, make([]byte, wire.MaxRequest)); tp != wire.ErrInsert {
			t.Errorf("%d %x", tp, data)
		}
	})
}

func TestHalfCloseLetsAnswersOut(t *testing.T) {
	srv := siritest.NewServer()
	defer srv.Close()
	c := login(t, srv, "dbtest")
	srv.Fault(siritest.On{Action: "query", Times: 1}, siritest.Delay(50*time.Millisecond))
	for range 3 {
		c.send(wire.Query, wire.AppendQuery(nil, "now"))
	}
	if err := c.nc.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := c.receive(5 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.receive(5 * time.Second); err != io.EOF {
		t.Errorf("%v, want EOF", err)
	}
}

func TestUnixSocketSpeaksTheSame(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	srv := siritest.NewServer(siritest.WithUnixSocket(path))
	defer srv.Close()
	c := dial(t, "unix", path)
	if got := c.auth("iris", "siri", "dbtest"); got != wire.AuthOK {
		t.Fatal(got)
	}
	c.insert("x", 1)
	if err := srv.Restart(); err != nil {
		t.Fatal(err)
	}
	c = dial(t, "unix", path)
	c.auth("iris", "siri", "dbtest")
	if got := fmt.Sprint(c.must("count series")); got != "[{series 1}]" {
		t.Error(got)
	}
}

func TestAccountsOfLiveConnections(t *testing.T) {
	srv := siritest.NewServer(siritest.WithUser("boss", "secret"))
	defer srv.Close()
	admin := dial(t, "tcp", srv.Addr())
	if got := admin.auth("boss", "secret", "dbtest"); got != wire.AuthOK {
		t.Fatal(got)
	}
	admin.must(`create user "bob" set password "pass"`)
	bob := dial(t, "tcp", srv.Addr())
	// User and password end at the first NUL.
	if got := bob.auth("bob\x00x", "pass\x00y", "dbtest"); got != wire.AuthOK {
		t.Fatal(got)
	}
	check := func(what string, want wire.Type) {
		t.Helper()
		if tp, v := bob.query("select * from *"); tp != want {
			t.Errorf("%s: %d %v, want %d", what, tp, v, want)
		}
	}
	check("no right", wire.ErrAccess)
	admin.must(`grant select to user "bob"`)
	check("granted", wire.QueryResult)
	admin.must(`revoke select from user "bob"`)
	check("revoked", wire.ErrAccess)
	admin.must(`grant full to user "bob" set password "other"`)
	admin.must(`alter user "bob" set name "robert"`)
	if got := fmt.Sprint(bob.must("show who_am_i")); got != "[{data [[{name who_am_i} {value robert}]]}]" {
		t.Error(got)
	}
	admin.must(`drop user "robert"`)
	check("dropped", wire.QueryResult)
	if got := bob.auth("robert", "other", "dbtest"); got != wire.ErrCredentials {
		t.Errorf("login of a dropped user: %d", got)
	}
	check("after a login that failed", wire.QueryResult)
}

func TestDroppedDatabaseGoesOnForThoseInIt(t *testing.T) {
	srv := siritest.NewServer()
	defer srv.Close()
	c := login(t, srv, "dbtest")
	request, err := wire.AppendService(nil, "sa", "siri", wire.DropDatabase, qpack.Pairs{{Key: "database", Value: "dbtest"}})
	if err != nil {
		t.Fatal(err)
	}
	if tp, _ := c.call(wire.Service, request); tp != wire.ServiceOK {
		t.Fatal(tp)
	}
	if tp, v := c.insert("x", 1); tp != wire.InsertResult {
		t.Error(tp, v)
	}
	if got := c.auth("iris", "siri", "dbtest"); got != wire.ErrUnknownDatabase {
		t.Errorf("login: %d", got)
	}
}

func TestRequestsThatKillTheServer(t *testing.T) {
	srv := siritest.NewServer()
	defer srv.Close()
	c := login(t, srv, "dbtest")
	data := qpack.AppendRaw(qpack.AppendMap(nil, 1), "x")
	data = qpack.AppendRaw(wire.AppendTime(qpack.AppendArray(data, 1), 1), strings.Repeat("x", 32<<20))
	c.send(wire.Insert, data)
	c.gone()

	request, err := wire.AppendService(nil, "sa", "siri", wire.NewDatabase, qpack.Pairs{{Key: "dbname", Value: "nano"}, {Key: "time_precision", Value: "ns"}})
	if err != nil {
		t.Fatal(err)
	}
	c = redial(t, srv)
	if tp, v := c.call(wire.Service, request); tp != wire.ServiceOK {
		t.Fatal(tp, v)
	}
	if got := c.auth("iris", "siri", "nano"); got != wire.AuthOK {
		t.Fatal(got)
	}
	c.send(wire.Insert, points("x", 1))
	c.gone()
	redial(t, srv)
	if lines := srv.Crashes(); len(lines) != 2 {
		t.Errorf("crashes %q", lines)
	}
}

// redial connects to a server that is about to start again.
func redial(t *testing.T, srv *siritest.Server) *client {
	t.Helper()
	for start := time.Now(); ; runtime.Gosched() {
		nc, err := net.Dial("tcp", srv.Addr())
		if err == nil {
			c := &client{t: t, nc: nc}
			t.Cleanup(c.close)
			c.send(wire.Ping, nil)
			if _, err := c.receive(5 * time.Second); err == nil {
				return c
			}
			c.close()
		}
		if time.Since(start) > 5*time.Second {
			t.Fatal("the server does not start again")
		}
	}
}

func TestRequestsOfAConnectionKeepTheirOrder(t *testing.T) {
	srv := siritest.NewServer()
	defer srv.Close()
	c := login(t, srv, "dbtest")
	for i := range 100 {
		c.send(wire.Insert, points(fmt.Sprint("s", i), 1))
		c.send(wire.Query, wire.AppendQuery(nil, "count series"))
		_, _ = c.receive(5 * time.Second) // the next one shows it
		pkg, err := c.receive(5 * time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(c.value(pkg[wire.HeaderSize:])); got != fmt.Sprintf("[{series %d}]", i+1) {
			t.Fatalf("after %d inserts %s", i+1, got)
		}
	}
}

func TestManyAtATime(t *testing.T) {
	srv := siritest.NewServer()
	defer srv.Close()
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c := dial(t, "tcp", srv.Addr())
			c.auth("iris", "siri", "dbtest")
			name := fmt.Sprint("s", i)
			for j := range 20 {
				c.insert(name, int64(j))
				c.query("select * from /s.*/")
				c.query("list series name, length where length > 3")
				c.query(fmt.Sprintf("create group `g%d` for /.*%d/", i*100+j, j))
				c.query("select mean(1h) from `g" + fmt.Sprint(i*100+j) + "`")
				c.query("alter series * tag `t" + fmt.Sprint(i) + "`")
			}
		}()
	}
	wg.Wait()
	for i := range 20 {
		if got := len(srv.Points("", fmt.Sprint("s", i))); got != 20 {
			t.Errorf("series %d has %d points", i, got)
		}
	}
}

func TestOptionsThatAreWrong(t *testing.T) {
	for name, opt := range map[string]siritest.Option{
		"precision":     siritest.WithDatabase("x1", "min"),
		"database name": siritest.WithDatabase("no good", "s"),
		"pools":         siritest.WithPools(1, 1),
		"empty pool":    siritest.WithPools(1, 0),
		"address":       siritest.WithAddress("256.0.0.1:1"),
	} {
		if srv, err := siritest.Start(opt); err == nil {
			srv.Close()
			t.Errorf("%s: started", name)
		}
	}
}
