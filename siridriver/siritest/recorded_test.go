package siritest_test

import (
	"bytes"
	_ "embed"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/transcript"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
	"github.com/gaugesql/gaugesql/siridriver/siritest"
)

// order are the exchanges with one server in the order in which they were
// recorded: what they answer depends on it.
//
//go:embed testdata/order.txt
var order string

// differing are the queries whose answers are not the same bytes, and why. Their
// answers are compared by shape: the same keys, and values of the same types.
var differing = map[string]string{
	"now":                               "the time is another",
	"":                                  "the time is another",
	"# nothing":                         "the time is another",
	"help":                              "there are no help pages",
	"? count":                           "there are no help pages",
	"timeit select * from \"cpu.user\"": "how long it took",
	"timeit list users":                 "how long it took",
	"timeit count series":               "how long it took",
	"timeit now":                        "how long it took",
	"show":                              "the machine is another",
	"show dbname, time_precision, version, status, who_am_i, uptime, timezone": "uptime",
	"list servers name, online, uptime, startup_time, mem_usage":               "uptime",
	"list shards sid, type, size, start, end limit 2":                          "shards are made up",
	"count shards":      "shards are made up",
	"count shards size": "shards are made up",
}

// before is what has to be done before some exchanges, as it was when they were
// recorded.
var before = map[string][]string{
	"access_denied_select": {`create user "weak" set password "weak"`},
	"error_points_limit":   {"alter database set select_points_limit 5000"},
	"pipelined":            {"alter database set select_points_limit 1000000", `drop user "weak"`},
}

func TestRecordedExchangesOfOneServer(t *testing.T) {
	var opts []siritest.Option
	for _, family := range []string{"db", "gold"} {
		for _, p := range []string{"s", "ms", "us", "ns"} {
			opts = append(opts, siritest.WithDatabase(family+"_"+p, p))
		}
	}
	srv := siritest.NewServer(append(opts, siritest.WithGroupDelay(300*time.Millisecond))...)
	defer srv.Close()
	admin := login(t, srv, "gold_ms")

	names := strings.Fields(order)
	exact, shapes := 0, map[string]bool{}
	for _, name := range names {
		for _, st := range before[name] {
			admin.must(st)
		}
		if name == "group_select" {
			// Its group was 2.6 s old, time enough to be filled.
			for start := time.Now(); len(admin.must("select * from `gd`").(qpack.Pairs)) == 0; {
				if time.Since(start) > 5*time.Second {
					t.Fatal("the group is never filled")
				}
			}
		}
		t.Run(name, func(t *testing.T) {
			e := transcript.Load(name)
			c := dial(t, "tcp", srv.Addr())
			c.replay(e, func(query string, got, want []byte) {
				want = bytes.ReplaceAll(want, []byte("127.0.0.1:19010"), []byte(srv.Name()))
				switch {
				case want[6] == byte(wire.File): // contents of files on a disk
				case differing[query] != "" && want[6] == byte(wire.QueryResult):
					shapes[query] = true
					sameShape(t, got, want)
				case !bytes.Equal(got, want):
					t.Errorf("%s:\n got %s\nwant %s", query, render(got), render(want))
				default:
					exact++
				}
			})
		})
	}
	if len(names) != 113 || exact != 323 || len(shapes) != len(differing) {
		t.Errorf("%d exchanges with %d answers that are the same byte by byte, %d of %d others", len(names), exact, len(shapes), len(differing))
	}
	if lines := srv.Crashes(); lines != nil {
		t.Errorf("crashes: %s", lines)
	}
}

func TestRecordedExchangesOfACluster(t *testing.T) {
	c := siritest.NewCluster(3, siritest.WithPools(2, 1), siritest.WithDatabase("dbcluster", "ms"))
	defer c.Close()
	play := func(t *testing.T, cl *client, e transcript.Exchange) {
		cl.replay(e, func(query string, got, want []byte) {
			for i, name := range []string{"127.0.0.1:19011", "127.0.0.1:19012", "127.0.0.1:19013"} {
				want = bytes.ReplaceAll(want, []byte(name), []byte(c.Server(i).Name()))
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s:\n got %s\nwant %s", query, render(got), render(want))
			}
		})
	}
	for _, group := range []struct {
		server int
		state  func()
		names  []string
	}{
		{0, func() {}, []string{"cluster_list"}},
		{1, func() { c.Server(1).SetStatus(siritest.Running | siritest.BackupMode) },
			[]string{"cluster_backup_mode_insert", "cluster_backup_mode_select", "cluster_backup_mode_other"}},
		{0, func() { c.Server(1).SetStatus(siritest.Running); c.Server(2).Stop() },
			[]string{"cluster_pool_error_select", "cluster_pool_error_insert", "cluster_pool_error_count", "cluster_pool_error_create", "cluster_pool_error_other"}},
	} {
		group.state()
		for _, name := range group.names {
			t.Run(name, func(t *testing.T) { play(t, dial(t, "tcp", c.Server(group.server).Addr()), transcript.Load(name)) })
		}
	}
	t.Run("cluster_closing", func(t *testing.T) {
		e, cl := transcript.Load("cluster_closing"), dial(t, "tcp", c.Server(1).Addr())
		login, rest := e, e
		login.Packets, rest.Packets = e.Packets[:2], e.Packets[2:]
		play(t, cl, login)
		down := make(chan struct{})
		go func() {
			defer close(down)
			c.Server(1).Shutdown(200 * time.Millisecond)
		}()
		for other := dial(t, "tcp", c.Server(1).Addr()); ; {
			if kind, _ := other.call(wire.Ping, nil); kind == wire.ErrServer {
				break
			}
		}
		play(t, cl, rest)
		cl.gone()
		<-down
	})
}

// replay sends what the client sent and compares what the server answers, request
// by request, in any order of those that were sent together.
func (c *client) replay(e transcript.Exchange, compare func(query string, got, want []byte)) {
	c.t.Helper()
	queries := map[uint16]string{}
	want := map[uint16][]byte{}
	for i, p := range e.Packets {
		if p.FromServer() {
			continue
		}
		c.write(p.Bytes())
		if p.Type == int(wire.Query) && len(p.Hex) > 2*wire.HeaderSize {
			queries[uint16(p.PID)], _, _ = wire.ParseQuery(p.Data()) // not all are queries
		} else {
			queries[uint16(p.PID)] = "a request of another type"
		}
		if p.Illegal {
			c.gone()
			return
		}
		// The answers up to the next request of the client.
		for _, a := range e.Packets[i+1:] {
			if !a.FromServer() {
				break
			}
			want[uint16(a.PID)] = a.Bytes()
		}
		for len(want) > 0 {
			got, err := c.receive(5 * time.Second)
			if err != nil {
				c.t.Fatalf("no answer: %v", err)
			}
			h, err := wire.ParseHeader(got)
			if err != nil {
				c.t.Fatal(err)
			}
			w, ok := want[h.PID]
			if !ok {
				c.t.Fatalf("an answer to %d", h.PID)
			}
			delete(want, h.PID)
			if w[6] != got[6] {
				c.t.Errorf("type %d, want %d: %s", got[6], w[6], render(got))
				continue
			}
			compare(queries[h.PID], got, w)
		}
	}
	if last := e.Packets[len(e.Packets)-1]; !last.FromServer() && !last.Illegal {
		c.silence(50 * time.Millisecond)
	}
}

func render(pkg []byte) string {
	text := []rune(string(bytes.ToValidUTF8(pkg[wire.HeaderSize:], []byte("."))))
	return string(text[:min(len(text), 300)])
}

// sameShape compares trees by their keys and types.
func sameShape(t *testing.T, got, want []byte) {
	t.Helper()
	g, err := qpack.Decode(got[wire.HeaderSize:])
	if err != nil && len(got) > wire.HeaderSize {
		t.Errorf("%v: %x", err, got)
	}
	w, _ := qpack.Decode(want[wire.HeaderSize:])
	if a, b := shape(g), shape(w); !reflect.DeepEqual(a, b) {
		t.Errorf("got %v\nwant %v", a, b)
	}
}

// shape puts types in the place of values; lists of rows become one row.
func shape(v any) any {
	switch v := v.(type) {
	case qpack.Pairs:
		out := map[string]any{}
		for _, p := range v {
			out[p.Key.(string)] = shape(p.Value)
			if p.Key == "name" {
				out["name"] = p.Value
			}
		}
		return out
	case []any:
		if len(v) == 0 {
			return []any{}
		}
		if _, named := v[0].(qpack.Pairs); !named {
			if _, rows := v[0].([]any); rows {
				return []any{shape(v[0])}
			}
		}
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = shape(e)
			if s, ok := e.(string); ok {
				out[i] = s
			}
		}
		return out
	}
	return reflect.TypeOf(v)
}
