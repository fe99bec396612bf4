package taostest

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestKillQuery(t *testing.T) {
	roads := map[string]func(t *testing.T, srv *Server) func() int{
		"WebSocket": func(t *testing.T, srv *Server) func() int {
			c := connect(t, srv, "")
			c.tell("query", `"sql":"select taostest_sleep(60000)"`)
			return func() int { return c.hear().Code }
		},
		"REST": func(t *testing.T, srv *Server) func() int {
			codes := make(chan int, 1)
			go func() {
				_, body, _ := post(t, srv, "/rest/sql?req_id=2", "select taostest_sleep(60000)")
				text, _, _ := strings.Cut(strings.TrimPrefix(body, `{"code":`), ",")
				code, _ := strconv.Atoi(text)
				codes <- code
			}()
			return func() int { return <-codes }
		},
	}
	for name, begin := range roads {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := start(t)
			code := begin(t, srv)
			killer := connect(t, srv, "")
			var ids []string
			waitFor(t, "the query in perf_queries", func() bool {
				r := killer.must("SELECT kill_id FROM performance_schema.perf_queries WHERE query_id = 2")
				ids = killer.rows(r)
				return len(ids) == 1
			})
			killer.must("KILL QUERY '" + ids[0] + "'")
			if got := code(); got != 0x022d {
				t.Errorf("the victim got 0x%04x, want 0x022d", got)
			}
			if srv.Killed() != 1 {
				t.Errorf("%d killed, want 1", srv.Killed())
			}
			for id, want := range map[string]int{ids[0]: 0, "8d279500:1": 0x030e, "ffffffff:1": 0x030e, "abc": 0x030c} {
				if r := killer.query("KILL QUERY '" + id + "'"); r.Code != want {
					t.Errorf("kill %s: %+v, want 0x%04x", id, r, want)
				}
			}
		})
	}
}

func TestOpenResultCanBeKilled(t *testing.T) {
	srv := power(t, WithBlockRows(2))
	c, killer := connect(t, srv, "d"), connect(t, srv, "")
	r := c.must("SELECT * FROM many")
	ids := killer.rows(killer.must("SELECT kill_id FROM performance_schema.perf_queries"))
	if len(ids) != 1 {
		t.Fatalf("running: %v", ids)
	}
	killer.must("KILL QUERY '" + ids[0] + "'")
	if f, err := c.fetch(r.ID); err != nil || f.Code != 0x022d {
		t.Errorf("fetch: %+v %v", f, err)
	}
}

func TestKillDelay(t *testing.T) {
	srv := start(t, WithKillDelay(time.Hour))
	c, killer := connect(t, srv, ""), connect(t, srv, "")
	c.must("select 1") // the result stays open
	if ids := killer.rows(killer.must("SELECT * FROM performance_schema.perf_queries")); len(ids) != 0 {
		t.Errorf("visible before the delay: %v", ids)
	}
	if r := killer.must("SHOW QUERIES"); r.Fields != len(perfColumns) {
		t.Errorf("%d columns, want %d", r.Fields, len(perfColumns))
	}
	if r := killer.query("SELECT nosuch FROM performance_schema.perf_queries"); r.Code != 0x2602 {
		t.Errorf("an unknown column: %+v", r)
	}
}
