package siritest_test

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
	"github.com/gaugesql/gaugesql/siridriver/siritest"
)

func TestFaults(t *testing.T) {
	ended := func(t *testing.T, _ []byte, err error) {
		if e := net.Error(nil); err == nil || errors.As(err, &e) && e.Timeout() {
			t.Errorf("%v, want the end of the connection", err)
		}
	}
	silent := func(t *testing.T, _ []byte, err error) {
		if e := net.Error(nil); !errors.As(err, &e) || !e.Timeout() {
			t.Errorf("%v, want no answer", err)
		}
	}
	answers := func(tp wire.Type, data string) func(*testing.T, []byte, error) {
		return func(t *testing.T, pkg []byte, err error) {
			if err != nil || pkg[6] != byte(tp) || string(pkg[wire.HeaderSize:]) != data {
				t.Errorf("%q, %v, want %d %q", pkg, err, tp, data)
			}
		}
	}
	message := "\xfd\x8bsuccess_msg\xa1Successfully inserted 1 point(s)."
	corrupt := []byte(message)
	for i := range 16 {
		corrupt[i] ^= 0xff
	}
	for _, test := range []struct {
		fault   siritest.Fault
		carried int // requests carried out
		check   func(*testing.T, []byte, error)
		silent  bool // nothing comes
	}{
		{siritest.DropBefore, 0, ended, false},
		{siritest.DropAfter, 1, ended, false},
		{siritest.HalfBody, 1, ended, false},
		{siritest.Restart, 0, ended, false},
		{siritest.LoseReply, 1, silent, true},
		{siritest.StopReading, 0, silent, true},
		{siritest.Announce(1 << 10), 1, silent, true},
		{siritest.EmptyBody, 1, answers(wire.InsertResult, ""), false},
		{siritest.Corrupt, 1, answers(wire.InsertResult, string(corrupt)), false},
		{siritest.Truncate(3), 1, answers(wire.InsertResult, message[:len(message)-3]), false},
		{siritest.Truncate(1000), 1, answers(wire.InsertResult, ""), false},
		{siritest.Answer(3, []byte("x")), 0, answers(wire.Ack, "x"), false},
		{siritest.ErrorCode(68, "no"), 0, answers(wire.ErrPool, "\xfd\x89error_msg\x82no"), false},
		{siritest.ErrorCode(71, ""), 0, answers(wire.ErrNotAuthentic, ""), false},
		{siritest.Delay(time.Millisecond), 1, answers(wire.InsertResult, message), false},
		{siritest.DelayReply(time.Millisecond), 1, answers(wire.InsertResult, message), false},
		{siritest.WrongID, 1, func(t *testing.T, pkg []byte, err error) {
			if h, _ := wire.ParseHeader(pkg); err != nil || h.PID != 2^0x8000 {
				t.Errorf("id %d, %v", h.PID, err)
			}
		}, false},
		{siritest.CorruptHeader, 1, func(t *testing.T, pkg []byte, err error) {
			if _, headerErr := wire.ParseHeader(pkg); err != nil || headerErr == nil {
				t.Errorf("%x, %v", pkg, err)
			}
		}, false},
	} {
		t.Run(test.fault.String(), func(t *testing.T) {
			srv := siritest.NewServer()
			defer srv.Close()
			c := login(t, srv, "dbtest")
			rule := srv.Fault(siritest.On{Action: "insert", Times: 1}, test.fault)
			c.send(wire.Insert, points("x", 1))
			wait := 5 * time.Second
			if test.silent {
				wait = 50 * time.Millisecond
			}
			pkg, err := c.receive(wait)
			test.check(t, pkg, err)
			if got := srv.Executed("x"); got != test.carried || rule.Hits() != 1 {
				t.Errorf("carried out %d times, want %d; %d hits", got, test.carried, rule.Hits())
			}
			// The next request is spared.
			c = redial(t, srv)
			c.auth("iris", "siri", "dbtest")
			if tp, v := c.insert("y", 1); tp != wire.InsertResult {
				t.Errorf("then: %d %v", tp, v)
			}
		})
	}
}

func TestRulesChooseTheirRequests(t *testing.T) {
	srv := siritest.NewServer()
	defer srv.Close()
	c := login(t, srv, "dbtest")
	rule := srv.Fault(siritest.On{SQL: "COUNT", After: 1, Times: 2}, siritest.ErrorCode(65, "met"))
	var met []string
	for _, q := range []string{"count users", "now", "count users", "show", "count groups", "count users"} {
		if tp, _ := c.query(q); tp == wire.ErrQuery {
			met = append(met, q)
		}
	}
	if len(met) != 2 || met[0] != "count users" || met[1] != "count groups" || rule.Hits() != 2 {
		t.Errorf("met %q, %d hits", met, rule.Hits())
	}
	select {
	case <-rule.Hit():
	default:
		t.Error("not told")
	}

	srv.Fault(siritest.On{}, siritest.RefuseLogin(72))
	if got := c.auth("iris", "siri", "dbtest"); got != wire.ErrCredentials {
		t.Errorf("login: %d", got)
	}
	c.must("now") // meets no login
	srv.Fault(siritest.On{Action: "connect"}, siritest.DropBefore)
	dial(t, "tcp", srv.Addr()).gone()
	srv.ClearFaults()
	login(t, srv, "dbtest")

	removed := srv.Fault(siritest.On{}, siritest.LoseReply)
	removed.Remove()
	c.must("now")
}

func TestDelayedAnswersAreOvertaken(t *testing.T) {
	srv := siritest.NewServer()
	defer srv.Close()
	c := login(t, srv, "dbtest")
	srv.Fault(siritest.On{SQL: "slow"}, siritest.Delay(100*time.Millisecond))
	slow := c.send(wire.Query, wire.AppendQuery(nil, "select * from 'slow'"))
	fast := c.send(wire.Query, wire.AppendQuery(nil, "now"))
	for _, want := range []uint16{fast, slow} {
		pkg, err := c.receive(5 * time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if h, _ := wire.ParseHeader(pkg); h.PID != want {
			t.Errorf("an answer to %d, want %d", h.PID, want)
		}
	}
}

func TestStatementsTellWhatWasDone(t *testing.T) {
	srv := siritest.NewServer()
	defer srv.Close()
	c := login(t, srv, "dbtest")
	c.insert("it", 1, 2, 3)
	c.query("drop series 'it' set ignore_threshold true")
	c.query("selec")
	list := srv.Statements()
	if len(list) != 3 {
		t.Fatalf("%d statements", len(list))
	}
	in, drop, bad := list[0], list[1], list[2]
	if in.SQL != "it" || in.Action != "insert" || in.Rows != 3 || in.User != "iris" || in.Database != "dbtest" || in.Conn != 1 || in.Code != 0 || in.Took <= 0 {
		t.Errorf("%+v", in)
	}
	if drop.Action != "query" || drop.Rows != 1 || bad.Code != 65 {
		t.Errorf("%+v\n%+v", drop, bad)
	}
	if srv.Executed("IT") != 2 || srv.Connections() != 1 || srv.Opened() != 1 {
		t.Error(srv.Executed("IT"), srv.Connections(), srv.Opened())
	}
	srv.ForgetStatements()
	if srv.Executed("") != 0 {
		t.Error("not forgotten")
	}
}
