package iotdbtest

import (
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
)

// TestFaults: what each fault does to a query, and that the statement was carried out or
// not.
func TestFaults(t *testing.T) {
	for _, test := range []struct {
		fault    Fault
		executed int
		status   int32 // of the reply, 0 for none
		broken   bool  // the connection ends
	}{
		{DropBefore, 0, 0, true}, {DropAfter, 1, 0, true}, {HalfBody, 1, 0, true}, {Corrupt, 1, 0, false},
		{CorruptHeader, 1, 0, false}, {EmptyBody, 1, 0, false}, {Truncate(3), 1, 0, false}, {Announce(1 << 31), 1, 0, false},
		{ErrorCode(720, "slow"), 0, 720, false}, {Delay(time.Millisecond), 1, 200, false}, {DelayReply(time.Millisecond), 1, 200, false},
	} {
		t.Run(test.fault.String(), func(t *testing.T) {
			srv, c := start(t)
			rule := srv.Fault(On{Action: "query", SQL: "show tables", Times: 1}, test.fault)
			_ = c.nc.SetDeadline(time.Now().Add(2 * time.Second))
			var reply rpc.StatementReply
			err := c.send(rpc.ExecuteStatement, rpc.Arguments(&rpc.StatementRequest{Statement: "SHOW TABLES", StatementID: c.statement}))
			if err != nil {
				t.Fatal(err)
			}
			if test.fault.String() == Announce(1<<31).String() {
				_ = c.nc.SetReadDeadline(time.Now().Add(100 * time.Millisecond)) // for bytes that never come
			}
			err = c.receive(rpc.Result(&reply))
			if (err == nil) != (test.status != 0) || err == nil && reply.Status.Code != test.status {
				t.Errorf("status %d, %v", reply.Status.Code, err)
			}
			select {
			case <-rule.Hit():
			case <-time.After(5 * time.Second):
				t.Fatal("the fault has met nothing")
			}
			if n := srv.Executed("show tables"); n != test.executed || rule.Hits() != 1 {
				t.Errorf("executed %d times, %d hits", n, rule.Hits())
			}
			if !test.broken && test.status != 0 {
				c.must(t, "show tables") // the fault was for one
			}
		})
	}
}

// TestSilence: a connection that is frozen, or whose reply is lost, says nothing and
// stays open.
func TestSilence(t *testing.T) {
	for _, fault := range []Fault{LoseReply, StopReading} {
		srv, c := start(t)
		srv.Fault(On{Action: "query"}, fault)
		if err := c.send(rpc.ExecuteStatement, rpc.Arguments(&rpc.StatementRequest{Statement: "SHOW TABLES", StatementID: c.statement})); err != nil {
			t.Fatal(err)
		}
		_ = c.nc.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		var reply rpc.StatementReply
		if err := c.receive(rpc.Result(&reply)); err == nil {
			t.Errorf("%s: answered", fault)
		}
		if n := srv.Connections(); n != 1 {
			t.Errorf("%s: %d connections", fault, n)
		}
	}
}

// TestLoginFaults: refused, restarted.
func TestLoginFaults(t *testing.T) {
	srv, c := start(t)
	rule := srv.Fault(On{Times: 1}, RefuseLogin(801))
	reply, err := c.login("root", "root", "", "table")
	if err != nil || reply.Status.Code != 801 {
		t.Errorf("%v, %v", reply.Status, err)
	}
	if reply, err = c.login("root", "root", "", "table"); err != nil || reply.Status.Code != 200 {
		t.Errorf("%v, %v", reply.Status, err)
	}
	rule.Remove()
	srv.Fault(On{Action: "query", Times: 1}, Restart)
	if _, _, err := c.query("show tables"); err == nil {
		t.Error("a server that was restarted has answered")
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if c, err := dial(srv.Addr(), rpc.Binary, nil); err == nil {
			_, err = c.login("root", "root", "db1", "table")
			c.close()
			if err == nil {
				break
			}
		}
		if time.Now().After(end) {
			t.Fatal("the server does not come back")
		}
	}
}

// TestForgottenResult: the page of a result that the server has lost is success, and
// nothing.
func TestForgottenResult(t *testing.T) {
	srv, c := start(t, WithBlockRows(1))
	c.must(t, "create table n (i int32)")
	c.must(t, "insert into n(time, i) values (1, 1), (2, 2), (3, 3)")
	reply, err := c.execute("select i from n", 1)
	if err != nil || !*reply.MoreData {
		t.Fatal(reply.Status, err)
	}
	srv.Fault(On{Action: "fetch", SQL: "from n", Times: 1}, ForgetResults)
	page, err := c.fetch(*reply.QueryID, 1)
	if err != nil || page.Status.Code != 200 || page.HasResultSet {
		t.Errorf("%+v, %v", page, err)
	}
}
