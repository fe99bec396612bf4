package siridriver

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/script"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// open opens a database on the server with settings of a test.
func open(t testing.TB, s *script.Server, settings ...func(*Config)) *sql.DB {
	t.Helper()
	c := NewConfig()
	c.Database, c.Hosts = "dbtest", []Host{{Addr: s.Addr}}
	for _, set := range settings {
		set(c)
	}
	connector, err := NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

// recorder takes everything and keeps the inserts.
type recorder struct {
	mu      sync.Mutex
	inserts []qpack.Pairs
	queries []string
	answer  func(query string) []byte // of queries; nil is Answer's
}

func (r *recorder) handler(precision string) script.Handler {
	return func(c *script.Conn, p script.Package) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if p.Type == wire.Insert {
			v, _ := qpack.Decode(p.Data)
			r.inserts = append(r.inserts, v.(qpack.Pairs))
		}
		if p.Type == wire.Query && p.Query != script.Login {
			r.queries = append(r.queries, p.Query)
			if r.answer != nil {
				c.Reply(p.PID, wire.QueryResult, r.answer(p.Query))
				return
			}
		}
		script.AnswerIn(precision)(c, p)
	}
}

// sent returns the queries.
func (r *recorder) sent() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.queries...)
}

// points returns what was inserted, as text, package by package.
func (r *recorder) points() (list []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, pkg := range r.inserts {
		var b strings.Builder
		for _, s := range pkg {
			fmt.Fprintf(&b, "%s:", s.Key)
			for _, p := range s.Value.([]any) {
				fmt.Fprintf(&b, " %v=%T %v", p.([]any)[0], p.([]any)[1], p.([]any)[1])
			}
			b.WriteString("; ")
		}
		list = append(list, b.String())
	}
	r.inserts = nil
	return list
}

var instant = time.Date(2023, 11, 14, 22, 13, 20, 123456789, time.UTC)

func TestNeverTwiceThroughThePool(t *testing.T) {
	var executed atomic.Int32
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Type == wire.Insert || p.Query == "drop series 'a'" {
			executed.Add(1)
			c.Close()
			return
		}
		script.Answer(c, p)
	})
	db := open(t, s)
	for i, statement := range []string{"INSERT INTO a VALUES (1, 1)", "drop series 'a'"} {
		_, err := db.Exec(statement)
		var e *driver.Error
		if !errors.As(err, &e) || !e.OutcomeUnknown || errors.Is(err, sqldriver.ErrBadConn) {
			t.Errorf("%s: %v", statement, err)
		}
		if n := executed.Load(); int(n) != i+1 {
			t.Errorf("%s: executed %d times", statement, n)
		}
		if err := db.Ping(); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	}
}

func TestConnectionThatLostItsHostLeavesThePool(t *testing.T) {
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Query == "die" {
			c.Close()
			return
		}
		script.Answer(c, p)
	})
	conn, err := open(t, s).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(context.Background(), "die"); err == nil {
		t.Fatal("no error")
	}
	if err := conn.Raw(func(c any) error {
		if c.(sqldriver.Validator).IsValid() || c.(sqldriver.SessionResetter).ResetSession(context.Background()) != sqldriver.ErrBadConn {
			t.Error("still taken for good")
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func TestContextEndsEverything(t *testing.T) {
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Type == wire.Auth || p.Query == script.Login {
			script.Answer(c, p)
		}
	})
	db := open(t, s)
	for name, call := range map[string]func(context.Context) error{
		"ping":  db.PingContext,
		"exec":  func(ctx context.Context) error { _, err := db.ExecContext(ctx, "drop series 'a'"); return err },
		"query": func(ctx context.Context) error { _, err := db.QueryContext(ctx, "now"); return err },
		"insert": func(ctx context.Context) error {
			_, err := db.ExecContext(ctx, "INSERT INTO a VALUES (1, 1)")
			return err
		},
		"series": func(ctx context.Context) error {
			return driver.WithDB(ctx, db, func(i driver.SeriesInserter) error {
				_, err := i.InsertSeries(ctx, driver.Series{Name: "a", Times: []time.Time{instant}, Values: driver.ColumnOf([]int64{1})})
				return err
			})
		},
		"info": func(ctx context.Context) error {
			return driver.WithDB(ctx, db, func(i driver.ServerInformer) error {
				_, err := i.ServerInfo(ctx)
				return err
			})
		},
	} {
		// A busy machine may hold up some of the calls, and not all.
		const tries, most = 20, 100 * time.Millisecond
		took := most + 1
		for i := 0; i < tries && took > most; i++ {
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan time.Time, 1)
			time.AfterFunc(20*time.Millisecond, func() {
				ended <- time.Now()
				cancel()
			})
			err := call(ctx)
			took = time.Since(<-ended)
			if !errors.Is(err, context.Canceled) || took < 0 {
				t.Fatalf("%s: %v, %v behind the end of its context", name, err, took)
			}
		}
		if took > most {
			t.Errorf("%s: at least %v behind the end of its context, each time", name, most)
		}
	}
}

func TestWhatSiriDBHasNot(t *testing.T) {
	db := open(t, script.Start(t, nil))
	if _, err := db.Begin(); !errors.Is(err, driver.ErrNotSupported) {
		t.Errorf("transaction: %v", err)
	}
	err := driver.WithDB(context.Background(), db, func(driver.Copier) error { return nil })
	if !errors.Is(err, driver.ErrNotSupported) || !strings.Contains(err.Error(), "siridb") {
		t.Errorf("COPY: %v", err)
	}
}

func TestServerInfo(t *testing.T) {
	r := recorder{answer: func(q string) []byte {
		return []byte("\xfd\x84data\xfc\xf5\x84name\x87version\x85value\x862.0.55\xf5\x84name\x88timezone\x85value\x85NAIVE\xf5\x84name\x86uptime\x85value\x05\xf5\x84name\x83tee\x85value\xfb")
	}}
	s := script.Start(t, r.handler("ms"))
	err := driver.WithDB(context.Background(), open(t, s), func(i driver.ServerInformer) error {
		info, err := i.ServerInfo(context.Background())
		want := driver.Info{
			Engine: "siridb", Version: "2.0.55", Host: s.Addr, Database: "dbtest", User: "iris", TimeZone: "UTC",
			Parameters: map[string]string{"version": "2.0.55", "timezone": "NAIVE", "uptime": "5"},
		}
		if !reflect.DeepEqual(info, want) {
			t.Errorf("%+v", info)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRequestIDsAreInErrors(t *testing.T) {
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Query == "bad" {
			c.Fail(p, wire.ErrQuery, "Query error at position 0.")
			return
		}
		script.Answer(c, p)
	})
	db := open(t, s)
	var e *driver.Error
	if _, err := db.ExecContext(driver.WithRequestID(context.Background(), 77), "bad"); !errors.As(err, &e) || e.RequestID != 77 || e.Host != s.Addr || e.Code != 65 {
		t.Errorf("%+v", e)
	}
	err := driver.WithDB(context.Background(), db, func(x driver.RequestQueryer) error {
		_, err := x.QueryRequest(context.Background(), 78, "bad")
		return err
	})
	if !errors.As(err, &e) || e.RequestID != 78 {
		t.Errorf("%+v", e)
	}
}

func TestManyGoroutinesOnAPoolOfTen(t *testing.T) {
	a, b := script.Start(t, nil), script.Start(t, nil)
	db := open(t, a, func(c *Config) { c.Hosts = append(c.Hosts, Host{Addr: b.Addr}) })
	db.SetMaxOpenConns(10)
	var wg sync.WaitGroup
	for g := range 80 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 20 {
				if _, err := db.Exec("INSERT INTO ? VALUES (?, ?)", fmt.Sprint("s", g), i, g); err != nil {
					t.Error(err)
				}
				var n int
				rows, err := db.Query("select * from ?", fmt.Sprint("s", g))
				if err != nil {
					t.Error(err)
					continue
				}
				for rows.Next() {
					n++
				}
				if rows.Close(); n != 3 {
					t.Errorf("%d rows", n)
				}
			}
		}()
	}
	wg.Wait()
	if n := a.Seen(wire.Insert) + b.Seen(wire.Insert); n != 1600 {
		t.Errorf("%d inserts arrived", n)
	}
}

func TestOpenByName(t *testing.T) {
	s := script.Start(t, nil)
	db, err := sql.Open("siridb", "siridb://iris:siri@"+s.Addr+"/dbtest")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(); err != nil {
		t.Error(err)
	}
	if _, err := sql.Open("siridb", "siridb://h/d?nope=1"); !errors.Is(err, driver.ErrInterface) {
		t.Errorf("%v", err)
	}
	c, err := Driver{}.Open("siridb://" + s.Addr + "/dbtest")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := c.(sqldriver.Pinger).Ping(context.Background()); !errors.Is(err, driver.ErrInterface) {
		t.Errorf("after Close: %v", err)
	}
}

func TestPrecisionArithmetic(t *testing.T) {
	for p, want := range map[Precision]int64{Seconds: 1700000000, Milliseconds: 1700000000123, Microseconds: 1700000000123456, Nanoseconds: 1700000000123456789} {
		ts, ok := p.Timestamp(instant)
		if !ok || ts != want {
			t.Errorf("%s: %d, %v", p, ts, ok)
		}
		if back := p.Time(ts); back.Sub(instant).Abs() >= time.Second/time.Duration(p.perSecond()) {
			t.Errorf("%s: back %v", p, back)
		}
	}
	for _, tt := range []struct {
		p  Precision
		t  time.Time
		ok bool
	}{
		{Nanoseconds, time.Unix(0, 1<<63-1), true},
		{Nanoseconds, time.Unix(0, 1<<63-1).Add(1), false},
		{Nanoseconds, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), false},
		{Milliseconds, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), true},
		{Seconds, time.Unix(1<<32-1, 0), true},
		{Seconds, time.Unix(1<<32, 0), false},
		{Milliseconds, time.Unix(0, -1), false},
		{Milliseconds, time.Time{}, false},
	} {
		if _, ok := tt.p.Timestamp(tt.t); ok != tt.ok {
			t.Errorf("%v in %s: %v", tt.t, tt.p, ok)
		}
	}
	for _, tt := range []struct {
		from Precision
		ts   int64
		to   Precision
		want int64
		ok   bool
	}{
		{Seconds, 5, Nanoseconds, 5e9, true}, {Nanoseconds, 1999999999, Seconds, 1, true}, {Nanoseconds, -1, Seconds, -1, true},
		{Seconds, 1 << 62, Nanoseconds, 0, false}, {Milliseconds, 7, Milliseconds, 7, true},
	} {
		if got, ok := tt.from.convert(tt.ts, tt.to); ok != tt.ok || ok && got != tt.want {
			t.Errorf("%d %s in %s: %d, %v", tt.ts, tt.from, tt.to, got, ok)
		}
	}
}
