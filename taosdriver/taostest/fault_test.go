package taostest

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

const insert1 = "INSERT INTO d.t VALUES (1700000000000, 1)"

// many are eight rows.
const many = "INSERT INTO d.many VALUES (1700000000001,1)(1700000000002,2)(1700000000003,3)(1700000000004,4)" +
	"(1700000000005,5)(1700000000006,6)(1700000000007,7)(1700000000008,8)"

// power is a server with a table to write to and to read from.
func power(t *testing.T, opts ...Option) *Server {
	srv := start(t, opts...)
	c := connect(t, srv, "")
	for _, sql := range []string{
		"CREATE DATABASE d", "CREATE TABLE d.t (ts TIMESTAMP, v INT)",
		"CREATE TABLE d.many (ts TIMESTAMP, v INT)", many,
	} {
		c.must(sql)
	}
	srv.ForgetStatements()
	return srv
}

func TestFaultsOnStatements(t *testing.T) {
	ended := func(t *testing.T, r reply) {
		var end *websocket.CloseError
		if !errors.As(r.err, &end) && !errors.Is(r.err, net.ErrClosed) && !strings.Contains(r.err.Error(), "reset") {
			t.Errorf("got %+v, want the end of the connection", r)
		}
	}
	late := func(t *testing.T, r reply) {
		var timeout net.Error
		if !errors.As(r.err, &timeout) || !timeout.Timeout() {
			t.Errorf("got %+v, want no reply", r)
		}
	}
	code := func(want int) func(*testing.T, reply) {
		return func(t *testing.T, r reply) {
			if r.err != nil || r.Code != want {
				t.Errorf("got %+v, want code %d", r, want)
			}
		}
	}
	broken := func(t *testing.T, r reply) {
		if r.err == nil {
			t.Errorf("got %+v, want a reply that cannot be read", r)
		}
	}
	tests := map[string]struct {
		faults   []Fault
		executed int
		check    func(*testing.T, reply)
	}{
		"drop before":         {[]Fault{DropBefore}, 0, ended},
		"drop after":          {[]Fault{DropAfter}, 1, ended},
		"lose reply":          {[]Fault{LoseReply}, 1, late},
		"delay":               {[]Fault{Delay(20 * time.Millisecond)}, 1, code(0)},
		"delay reply":         {[]Fault{DelayReply(20 * time.Millisecond)}, 1, code(0)},
		"truncate":            {[]Fault{Truncate(5)}, 1, broken},
		"corrupt":             {[]Fault{Corrupt}, 1, broken},
		"empty body":          {[]Fault{EmptyBody}, 1, broken},
		"half body":           {[]Fault{HalfBody}, 1, broken},
		"error code":          {[]Fault{ErrorCode(0x0110, "no")}, 0, code(0x0110)},
		"close":               {[]Fault{Close(1011, "bye")}, 0, ended},
		"stop reading":        {[]Fault{StopReading}, 0, late},
		"kill query":          {[]Fault{KillQuery}, 1, code(0x022d)},
		"delay and drop":      {[]Fault{Delay(time.Millisecond), DropAfter}, 1, ended},
		"login refused by no": {[]Fault{RefuseLogin(0x0357)}, 1, code(0)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := power(t)
			c := connect(t, srv, "")
			rule := srv.Fault(On{SQL: "insert into d.t", Times: 1}, test.faults...)
			id := c.tell("query", `"sql":"`+insert1+`"`)
			if strings.Contains(name, "reply") && test.check != nil && name == "lose reply" || name == "stop reading" {
				<-rule.Hit()
				_ = c.ws.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
				_, _, err := c.ws.ReadMessage()
				test.check(t, reply{err: err})
			} else {
				r := c.hear()
				if r.err == nil && r.ReqID != id {
					t.Errorf("reply to %d", r.ReqID)
				}
				test.check(t, r)
			}
			if got := srv.Executed("insert into d.t"); got != test.executed {
				t.Errorf("executed %d times, want %d", got, test.executed)
			}
			if want := len(test.faults); name != "login refused by no" && rule.Hits() != 1 || want == 0 {
				t.Errorf("%d hits", rule.Hits())
			}
			// The next one is unharmed.
			if r := connect(t, srv, "").query(insert1); r.Code != 0 || r.Rows != 1 {
				t.Errorf("after the fault: %+v", r)
			}
		})
	}
}

func TestFaultsOnFetches(t *testing.T) {
	tests := map[string]struct {
		fault Fault
		check func(*testing.T, []byte, error)
	}{
		"truncated": {Truncate(3), func(t *testing.T, data []byte, err error) {
			if err != nil || len(data) == 0 {
				t.Error(err)
			}
		}},
		"corrupt": {Corrupt, func(t *testing.T, data []byte, err error) {
			if err != nil {
				t.Fatal(err)
			}
			if _, err := block.Decode(data[blockAt:], block.Milli, nil); err == nil {
				t.Error("the block can be decoded")
			}
		}},
		"half a message": {HalfBody, func(t *testing.T, _ []byte, err error) {
			if err == nil {
				t.Error("a whole message")
			}
		}},
		"killed": {KillQuery, func(t *testing.T, data []byte, err error) {
			if err != nil || !strings.Contains(string(data), "Query killed") {
				t.Errorf("%q %v", data, err)
			}
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := power(t, WithBlockRows(3))
			c := connect(t, srv, "")
			srv.Fault(On{Action: "fetch", SQL: "from d.many", After: 1, Times: 1}, test.fault)
			r := c.must("SELECT * FROM d.many ORDER BY ts")
			if f, err := c.fetch(r.ID); err != nil || f.Finished || f.Code != 0 {
				t.Fatalf("the first block: %+v %v", f, err)
			}
			c.sendFetch(r.ID)
			data, err := c.read()
			test.check(t, data, err)
		})
	}
}

func TestFaultsCount(t *testing.T) {
	srv := power(t)
	c := connect(t, srv, "")
	rule := srv.Fault(On{Action: "query", After: 1, Times: 2}, ErrorCode(1, "no"))
	var codes []int
	for range 5 {
		codes = append(codes, c.query("select 1").Code)
	}
	if want := []int{0, 1, 1, 0, 0}; len(codes) != 5 || codes[0] != want[0] || codes[1] != 1 || codes[2] != 1 || codes[3] != 0 || codes[4] != 0 {
		t.Errorf("codes %v, want %v", codes, want)
	}
	if rule.Hits() != 2 {
		t.Errorf("%d hits, want 2", rule.Hits())
	}
	forever := srv.Fault(On{Action: "binary_query"}, ErrorCode(2, "no"))
	if got := c.query("select 1").Code; got != 0 {
		t.Errorf("a rule for binary_query met query: %d", got)
	}
	forever.Remove()
	srv.Fault(On{}, ErrorCode(3, "no"))
	srv.ClearFaults()
	if got := c.query("select 1").Code; got != 0 {
		t.Errorf("a cleared rule: %d", got)
	}
}

func TestRefuseLogin(t *testing.T) {
	srv := start(t)
	srv.Fault(On{Times: 1}, RefuseLogin(0x0315))
	c := dial(t, srv)
	login := `"user":"root","password":"taosdata"`
	if r := c.ask("conn", login); r.Code != 0x0315 || r.Message != "User is disabled" {
		t.Errorf("got %+v", r)
	}
	if r := c.ask("conn", login); r.Code != 0 {
		t.Errorf("the second: %+v", r)
	}
}

func TestRefuseUpgrade(t *testing.T) {
	srv := start(t)
	srv.Fault(On{Times: 1}, RefuseUpgrade(503))
	_, resp, err := websocket.DefaultDialer.Dial("ws://"+srv.Addr()+"/ws", nil)
	if err == nil || resp == nil || resp.StatusCode != 503 {
		t.Fatalf("%v %v", resp, err)
	}
	connect(t, srv, "")
}

func TestFaultsOverREST(t *testing.T) {
	const sql = "SELECT * FROM d.many"
	tests := map[string]struct {
		fault    Fault
		executed int
		check    func(t *testing.T, status int, body string, err error)
	}{
		"drop before": {DropBefore, 0, func(t *testing.T, _ int, _ string, err error) {
			if err == nil {
				t.Error("an answer")
			}
		}},
		"drop after": {DropAfter, 1, func(t *testing.T, _ int, _ string, err error) {
			if err == nil {
				t.Error("an answer")
			}
		}},
		"half body": {HalfBody, 1, func(t *testing.T, status int, body string, err error) {
			if err == nil || status != 200 || !strings.HasPrefix(body, `{"code":0`) {
				t.Errorf("%d %q %v", status, body, err)
			}
		}},
		"empty body": {EmptyBody, 1, func(t *testing.T, status int, body string, err error) {
			if err != nil || status != 200 || body != "" {
				t.Errorf("%d %q %v", status, body, err)
			}
		}},
		"truncated": {Truncate(1), 1, func(t *testing.T, status int, body string, err error) {
			if err != nil || status != 200 || !strings.HasSuffix(body, `"rows":8`) {
				t.Errorf("%d %q %v", status, body, err)
			}
		}},
		"error": {ErrorCode(0x0388, "Database not exist"), 0, func(t *testing.T, status int, body string, _ error) {
			if status != 200 || !strings.HasPrefix(body, `{"code":904,"desc":"Database not exist"`) {
				t.Errorf("%d %q", status, body)
			}
		}},
		"killed": {KillQuery, 1, func(t *testing.T, status int, body string, _ error) {
			if status != 200 || !strings.HasPrefix(body, `{"code":557,`) {
				t.Errorf("%d %q", status, body)
			}
		}},
		"login refused": {RefuseLogin(0x0357), 0, func(t *testing.T, status int, body string, _ error) {
			if status != 200 || !strings.HasPrefix(body, `{"code":855,`) {
				t.Errorf("%d %q", status, body)
			}
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := power(t)
			srv.Fault(On{Times: 1}, test.fault)
			status, body, err := post(t, srv, "/rest/sql", sql)
			test.check(t, status, body, err)
			if got := srv.Executed(sql); got != test.executed {
				t.Errorf("executed %d times, want %d", got, test.executed)
			}
		})
	}
}
