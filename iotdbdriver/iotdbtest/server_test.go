package iotdbtest

import (
	"crypto/tls"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
)

func TestLogin(t *testing.T) {
	srv, _ := start(t, WithUser("ann", "s3cret"))
	for _, test := range []struct {
		user, password, dialect string
		code                    int32
	}{
		{"ann", "s3cret", "table", 200}, {"root", "root", "TREE", 200}, {"root", "wrong", "table", 801},
		{"nobody", "root", "table", 801}, {"root", "root", "graph", 205},
	} {
		c, err := dial(srv.Addr(), rpc.Binary, nil)
		if err != nil {
			t.Fatal(err)
		}
		reply, err := c.login(test.user, test.password, "db1", test.dialect)
		if err != nil || reply.Status.Code != test.code {
			t.Errorf("%v: %v, %v", test, reply.Status, err)
		}
		if test.code != 200 && (reply.SessionID == nil || *reply.SessionID != -1) {
			t.Errorf("%v: session %v", test, reply.SessionID)
		}
		c.close()
	}
	if n := srv.Logins(); n != 6 {
		t.Errorf("%d logins", n)
	}
}

func TestNotLoggedIn(t *testing.T) {
	srv, _ := start(t)
	c, err := dial(srv.Addr(), rpc.Binary, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	reply, err := c.execute("show databases", 0)
	if err != nil || reply.Status.Code != 802 {
		t.Errorf("status %v, %v", reply.Status, err)
	}
	if err := c.call(rpc.CloseSession, rpc.Arguments(&rpc.CloseSessionRequest{}), rpc.Result(&rpc.Status{})); err != nil {
		t.Error(err)
	}
	var p rpc.Properties
	if err := c.call(rpc.GetProperties, &rpc.NoArguments{}, rpc.Result(&p)); err != nil || p.TimestampPrecision != "ms" || *p.MaxFrame != 64<<20 {
		t.Errorf("properties %+v, %v", p, err)
	}
	err = c.call(rpc.PrepareStatement, rpc.Arguments(&rpc.PrepareRequest{SQL: "select 1", Name: "a"}), rpc.Result(&rpc.PrepareReply{}))
	if !rpc.UnknownMethod(err) {
		t.Errorf("a server without prepared statements says %v", err)
	}
	if reply, err := c.login("root", "root", "", "table"); err != nil || reply.Status.Code != 200 {
		t.Error("the connection is of no use after all that")
	}
	if err := c.call(rpc.CloseSession, rpc.Arguments(&rpc.CloseSessionRequest{}), rpc.Result(&rpc.Status{})); err != nil {
		t.Error(err)
	}
	if reply, err := c.execute("show databases", 0); err != nil || reply.Status.Code != 305 {
		t.Errorf("after closeSession: %v, %v", reply.Status, err)
	}
}

// TestPages: pages stop between blocks, have as many as reach what is asked for, and
// are gone without an error once they were all read.
func TestPages(t *testing.T) {
	srv, c := start(t, WithBlockRows(100))
	c.must(t, "create table n (i int32)")
	insert := "insert into n(time, i) values "
	for i := range 1000 {
		if i > 0 {
			insert += ", "
		}
		insert += "(" + strconv.Itoa(i) + ", " + strconv.Itoa(i) + ")"
	}
	c.must(t, insert)
	reply, err := c.execute("select i from n order by i", 150)
	if err != nil || len(reply.QueryResult) != 2 || !*reply.MoreData {
		t.Fatalf("%d blocks, %v", len(reply.QueryResult), err)
	}
	if n := srv.OpenResults(); n != 1 {
		t.Errorf("%d open results", n)
	}
	rows := 200
	for more := true; more; {
		page, err := c.fetch(*reply.QueryID, 1)
		if err != nil || !page.HasResultSet || len(page.QueryResult) != 1 {
			t.Fatalf("%+v, %v", page, err)
		}
		rows += 100
		more = *page.MoreData
	}
	if rows != 1000 || srv.OpenResults() != 0 {
		t.Errorf("%d rows, %d open results", rows, srv.OpenResults())
	}
	page, err := c.fetch(*reply.QueryID, 1)
	if err != nil || page.Status.Code != 200 || page.HasResultSet {
		t.Errorf("a page too many: %+v, %v", page, err)
	}

	reply, _ = c.execute("select i from n", 1)
	done := rpc.Status{}
	if err := c.call(rpc.CloseOperation, rpc.Arguments(&rpc.CloseOperationRequest{QueryID: reply.QueryID, StatementID: &c.statement}), rpc.Result(&done)); err != nil || done.Code != 200 {
		t.Error(done, err)
	}
	if srv.OpenResults() != 0 {
		t.Error("a result that was closed is open")
	}
}

// TestKill: a query that runs is found by its text, killed from another connection, and
// its session is as good as before. That its client goes away does not end it.
func TestKill(t *testing.T) {
	srv, c := start(t)
	slow := make(chan *rpc.StatementReply, 1)
	go func() {
		reply, err := c.execute("select iotdbtest_sleep(60000) /* mark */", 0)
		if err != nil {
			reply = nil
		}
		slow <- reply
	}()
	killer := join(t, srv)
	find := func() [][]any {
		return killer.must(t, "select query_id from information_schema.queries where statement like '%mark%' and statement like '%sleep%' and not statement like '%query_id%'")
	}
	for len(find()) == 0 {
		time.Sleep(time.Millisecond)
	}
	id := find()[0][0].(string)
	killer.must(t, "kill query '"+id+"'")
	if reply := <-slow; reply == nil || reply.Status.Code != 715 {
		t.Errorf("the killed query says %+v", reply)
	}
	c.must(t, "show databases")

	if err := c.send(rpc.ExecuteStatement, rpc.Arguments(&rpc.StatementRequest{Statement: "select iotdbtest_sleep(60000) /* mark */", StatementID: c.statement})); err != nil {
		t.Fatal(err)
	}
	for len(find()) == 0 {
		time.Sleep(time.Millisecond)
	}
	c.close()
	for srv.Connections() > 1 {
		time.Sleep(time.Millisecond)
	}
	if len(find()) == 0 {
		t.Error("a query ends with its connection")
	}
	killer.must(t, "kill query '"+find()[0][0].(string)+"'")
}

func TestTimeout(t *testing.T) {
	_, c := start(t)
	limit := int64(20)
	var reply rpc.StatementReply
	err := c.call(rpc.ExecuteStatement, rpc.Arguments(&rpc.StatementRequest{
		Statement: "select iotdbtest_sleep(60000)", StatementID: c.statement, Timeout: &limit,
	}), rpc.Result(&reply))
	if err != nil || reply.Status.Code != 720 {
		t.Errorf("%v, %v", reply.Status, err)
	}
}

func TestPrepared(t *testing.T) {
	srv, c := start(t, WithPreparedStatements())
	c.must(t, "create table p (tg string tag, i int32, d double)")
	var prepared rpc.PrepareReply
	prepare := func(name, sql string) rpc.Status {
		if err := c.call(rpc.PrepareStatement, rpc.Arguments(&rpc.PrepareRequest{SQL: sql, Name: name}), rpc.Result(&prepared)); err != nil {
			t.Fatal(err)
		}
		return prepared.Status
	}
	execute := func(name string, parameters string) *rpc.StatementReply {
		var reply rpc.StatementReply
		if err := c.call(rpc.ExecutePrepared, rpc.Arguments(&rpc.ExecutePreparedRequest{Name: name, Parameters: []byte(parameters), StatementID: c.statement}), rpc.Result(&reply)); err != nil {
			t.Fatal(err)
		}
		return &reply
	}
	if status := prepare("put", "insert into p(time, tg, i, d) values (?, ?, ?, ?)"); status.Code != 200 || *prepared.Parameters != 4 {
		t.Fatal(status)
	}
	const row = "\x00\x00\x00\x04\x02\x00\x00\x00\x00\x00\x00\x00\x07\x0b\x00\x00\x00\x04it's\x01\x00\x00\x00\x05\x07"
	if reply := execute("put", row); reply.Status.Code != 200 {
		t.Fatal(reply.Status)
	}
	if reply := execute("put", row[:20]); reply.Status.Code != 301 {
		t.Error("parameters that end early:", reply.Status)
	}
	if reply := execute("none", row); reply.Status.Code != 701 {
		t.Error("a statement that was not prepared:", reply.Status)
	}
	prepare("get", "select i, d from p where tg = ? and time < ?")
	reply := execute("get", "\x00\x00\x00\x02\x0b\x00\x00\x00\x04it's\x02\x00\x00\x00\x00\x00\x00\x00\x08")
	rows, err := c.rows(reply, reply.QueryResult)
	if err != nil || len(rows) != 1 || rows[0][0] != int64(5) || rows[0][1] != nil {
		t.Errorf("%v, %v", rows, err)
	}
	if n := srv.Executed("insert into p"); n != 1 {
		t.Errorf("executed %d times", n)
	}
	c.must(t, "prepare q from select i from p where time = ?")
	if rows := c.must(t, "execute q using 7"); len(rows) != 1 {
		t.Error(rows)
	}
	c.must(t, "deallocate prepare q")
}

func TestTLSAndCompression(t *testing.T) {
	for _, opts := range [][]Option{{WithTLS(nil)}, {WithClientCertificate()}, {WithCompression()}, {WithCompression(), WithTLS(nil)}} {
		srv, c := start(t, opts...)
		if rows := c.must(t, "show current_database"); rows[0][0] != "db1" {
			t.Errorf("%s: %v", srv.DSN(""), rows)
		}
	}
	srv, _ := start(t, WithClientCertificate())
	c, err := dial(srv.Addr(), rpc.Binary, &tls.Config{RootCAs: srv.CertPool(), ServerName: "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if _, err := c.login("root", "root", "", "table"); err == nil {
		t.Error("a client without a certificate logs in")
	}
}

// TestWrongProtocol: a client of the other protocol is cut off, and so is one whose
// frame is too long.
func TestWrongProtocol(t *testing.T) {
	srv, _ := start(t)
	for name, spoil := range map[string]func(*client) error{
		"compact": func(c *client) error {
			c.protocol = rpc.Compact
			_, err := c.login("root", "root", "", "table")
			return err
		},
		"long": func(c *client) error {
			if _, err := c.nc.Write([]byte("\x7f\xff\xff\xff")); err != nil {
				return err
			}
			return c.receive(&rpc.NoArguments{})
		},
		"http": func(c *client) error {
			if _, err := c.nc.Write([]byte("GET / HTTP/1.1\r\n\r\n")); err != nil {
				return err
			}
			return c.receive(&rpc.NoArguments{})
		},
	} {
		c, err := dial(srv.Addr(), rpc.Binary, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := spoil(c); err == nil {
			t.Errorf("%s is answered", name)
		}
		c.close()
	}
}

func TestStopResume(t *testing.T) {
	srv, c := start(t)
	c.must(t, "create table s (i int32)")
	srv.Stop()
	if _, err := dial(srv.Addr(), rpc.Binary, nil); err == nil {
		t.Error("a stopped server takes connections")
	}
	if err := srv.Resume(); err != nil {
		t.Fatal(err)
	}
	if rows := join(t, srv).must(t, "show tables"); len(rows) != 1 {
		t.Error("tables are gone", rows)
	}
}

// TestBeside: nodes share their data.
func TestBeside(t *testing.T) {
	srv, c := start(t)
	other := NewServer(Beside(srv))
	t.Cleanup(other.Close)
	c.must(t, "create table s (i int32)")
	if rows := join(t, other).must(t, "show tables"); len(rows) != 1 {
		t.Error(rows)
	}
}

func TestConcurrentSessions(t *testing.T) {
	srv, c := start(t)
	c.must(t, "create table s (tg string tag, i int32)")
	clients := make([]*client, 8)
	for i := range clients {
		clients[i] = join(t, srv)
	}
	var wg sync.WaitGroup
	for i, c := range clients {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := range 20 {
				if reply, _, err := c.query("insert into s(time, tg, i) values (" + strconv.Itoa(n) + ", '" + strconv.Itoa(i) + "', 1)"); err != nil || reply.Status.Code != 200 {
					t.Error(reply.Status, err)
				}
				if reply, _, err := c.query("select count(*) from s"); err != nil || reply.Status.Code != 200 {
					t.Error(reply.Status, err)
				}
			}
		}()
	}
	wg.Wait()
	if rows := c.must(t, "select count(*) from s"); rows[0][0] != int64(160) {
		t.Error(rows)
	}
}
