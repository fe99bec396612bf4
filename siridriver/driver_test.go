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

func TestInsertStatement(t *testing.T) {
	var r recorder
	db := open(t, script.Start(t, r.handler("ms")))
	for _, tt := range []struct {
		name, statement string
		args            []any
		want            string
		n               int64
	}{
		{"one series", "INSERT INTO cpu (time, value) VALUES (?, ?), (?, ?)", []any{instant, 1.5, instant.Add(time.Hour), 2.5}, "cpu: 1700000000123=float64 1.5 1700003600123=float64 2.5; ", 2},
		{"many series, gathered", "INSERT INTO (series, time, value) VALUES (?, ?, ?), (?, ?, ?), (?, ?, ?)", []any{"a", 1, 1, "b", 2, "x", "a", 3, 3}, "a: 1=int64 1 3=int64 3; b: 2=string x; ", 3},
		{"constants", `insert into 'it''s' values ("2023-11-14 22:13:20.5", -7), ('2023-11-14T22:13:20+01:00', 'x')`, nil, "it's: 1700000000500=int64 -7 1699996400000=string x; ", 2},
		{"argument kinds", "INSERT INTO a VALUES (?, ?), (?, ?), (?, ?), (?, ?)", []any{int32(1), []byte("b"), uint64(2), float32(0.5), 3, uint8(4), 4, sql.NullInt64{Int64: 9, Valid: true}}, "a: 1=string b 2=float64 0.5 3=int64 4 4=int64 9; ", 4},
		{"the series as an argument", "INSERT INTO ? (value, time) VALUES (?, ?)", []any{"s", "v", 1}, "s: 1=string v; ", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res, err := db.Exec(tt.statement, tt.args...)
			if err != nil {
				t.Fatal(err)
			}
			if n, _ := res.RowsAffected(); n != tt.n {
				t.Errorf("%d rows affected", n)
			}
			if _, err := res.LastInsertId(); !errors.Is(err, driver.ErrNotSupported) {
				t.Errorf("LastInsertId: %v", err)
			}
			if got := r.points(); !reflect.DeepEqual(got, []string{tt.want}) {
				t.Errorf("sent %q", got)
			}
		})
	}
	stmt, err := db.Prepare("INSERT INTO cpu VALUES (?, ?)")
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Close()
	for i := range 3 {
		if _, err := stmt.Exec(i, i); err != nil {
			t.Error(err)
		}
	}
	if got := r.points(); len(got) != 3 {
		t.Errorf("a prepared statement sent %q", got)
	}
	var text string
	if err := db.QueryRow("INSERT INTO cpu VALUES (now, 1)").Scan(&text); err != nil || text != "Successfully inserted 1 point(s)." {
		t.Errorf("as a query: %q, %v", text, err)
	}
}

func TestInsertRefusesBeforeSending(t *testing.T) {
	var r recorder
	server := script.Start(t, r.handler("s"))
	db := open(t, server)
	for _, tt := range []struct {
		name, statement string
		args            []any
		kind            error
	}{
		{"NULL", "INSERT INTO a VALUES (1, ?)", []any{nil}, driver.ErrData},
		{"NULL from a null type", "INSERT INTO a VALUES (1, ?)", []any{sql.NullString{}}, driver.ErrData},
		{"NULL as the time", "INSERT INTO a VALUES (?, 1)", []any{nil}, driver.ErrData},
		{"boolean", "INSERT INTO a VALUES (1, ?)", []any{true}, driver.ErrData},
		{"time as the value", "INSERT INTO a VALUES (1, ?)", []any{instant}, driver.ErrData},
		{"duration as the value", "INSERT INTO a VALUES (1, ?)", []any{time.Second}, driver.ErrData},
		{"beyond 63 bits", "INSERT INTO a VALUES (1, ?)", []any{uint64(1 << 63)}, driver.ErrOverflow},
		{"negative time", "INSERT INTO a VALUES (?, 1)", []any{-1}, driver.ErrOverflow},
		{"before 1970", "INSERT INTO a VALUES (?, 1)", []any{time.Unix(-1, 0)}, driver.ErrOverflow},
		{"seconds beyond 32 bits", "INSERT INTO a VALUES (?, 1)", []any{int64(1) << 32}, driver.ErrOverflow},
		{"time beyond 32 bits", "INSERT INTO a VALUES (?, 1)", []any{time.Unix(1<<32, 0)}, driver.ErrOverflow},
		{"float as the time", "INSERT INTO a VALUES (?, 1)", []any{1.5}, driver.ErrData},
		{"text that is no time", "INSERT INTO a VALUES ('soon', 1)", nil, driver.ErrData},
		{"empty name", "INSERT INTO ? VALUES (1, 1)", []any{""}, driver.ErrData},
		{"name with a NUL", "INSERT INTO ? VALUES (1, 1)", []any{"a\x00b"}, driver.ErrData},
		{"name too long", "INSERT INTO ? VALUES (1, 1)", []any{strings.Repeat("x", 65535)}, driver.ErrData},
		{"name that is a number", "INSERT INTO ? VALUES (1, 1)", []any{7}, driver.ErrData},
		{"text with a NUL", "INSERT INTO a VALUES (1, ?)", []any{"a\x00b"}, driver.ErrData},
		{"text that kills the server", "INSERT INTO a VALUES (1, ?)", []any{strings.Repeat("x", 32<<20)}, driver.ErrData},
		{"the last row wrong", "INSERT INTO a VALUES (1, 1), (2, ?)", []any{nil}, driver.ErrData},
		{"too few arguments", "INSERT INTO a VALUES (?, ?)", []any{1}, driver.ErrProgramming},
		{"syntax", "INSERT INTO a VALUES (1, 2", nil, driver.ErrProgramming},
		{"named argument", "INSERT INTO a VALUES (1, ?)", []any{sql.Named("x", 1)}, driver.ErrNotSupported},
		{"another type", "INSERT INTO a VALUES (1, ?)", []any{struct{}{}}, driver.ErrData},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := db.Exec(tt.statement, tt.args...)
			if !errors.Is(err, tt.kind) {
				t.Errorf("%v", err)
			}
			if len(fmt.Sprint(err)) > 300 {
				t.Errorf("an error of %d bytes", len(fmt.Sprint(err)))
			}
		})
	}
	if got := r.points(); len(got) != 0 {
		t.Errorf("sent %q", got)
	}
}

func TestPlaceholdersInQueries(t *testing.T) {
	var r recorder
	db := open(t, script.Start(t, r.handler("us")))
	for _, tt := range []struct {
		statement string
		args      []any
		want      string
	}{
		{"select * from ? between ? and ?", []any{"it's ?", instant, 5}, "select * from 'it''s ?' between 1700000000123456 and 5"},
		{"select * from ? | ? | ?", []any{Group("g`"), Regexp{Pattern: "a/b"}, Regexp{Pattern: "x", IgnoreCase: true}}, "select * from `g``` | /a\\/b/ | /x/i"},
		{"select mean(?) from '?' # ?", []any{time.Hour}, "select mean(3600000000) from '?' # ?"},
		{"select filter(> ?) from 'a'", []any{1e21}, "select filter(> 1000000000000000000000) from 'a'"},
		{"list series limit ?", []any{uint8(5)}, "list series limit 5"},
		{"now - ?", []any{-5}, "now - -5"},
		{"?", nil, "?"},
		{"alter server 'x' set backup_mode ?", []any{true}, "alter server 'x' set backup_mode true"},
		{"select * from 'a';", nil, "select * from 'a'"},
	} {
		if _, err := db.Exec(tt.statement, tt.args...); err != nil {
			t.Errorf("%s: %v", tt.statement, err)
			continue
		}
		sent := r.sent()
		if got := sent[len(sent)-1]; got != tt.want {
			t.Errorf("%s: sent %s", tt.statement, got)
		}
	}
	sent := len(r.sent())
	for _, tt := range []struct {
		statement string
		args      []any
		kind      error
	}{
		{"select * from ?", nil, driver.ErrProgramming},
		{"select * from 'a'", []any{1}, driver.ErrProgramming},
		{"select * from ?", []any{nil}, driver.ErrData},
		{"select * from ?", []any{"a\x00"}, driver.ErrData},
		{"select * from ?", []any{Regexp{Pattern: `\`}}, driver.ErrData},
		{"select * from 'a' after ?", []any{time.Unix(-1, 0)}, driver.ErrOverflow},
		{"select mean(?) from 'a'", []any{time.Nanosecond}, driver.ErrData},
		{"select 1; select 2", nil, driver.ErrProgramming},
		{"select * from ?", []any{strings.Repeat("x", 66000)}, ErrQuery},
	} {
		if _, err := db.Query(tt.statement, tt.args...); !errors.Is(err, tt.kind) {
			t.Errorf("%s: %v", tt.statement, err)
		}
	}
	if list := r.sent(); len(list) != sent {
		t.Errorf("sent %q", list[sent:])
	}
}

// selection makes the answer to a select.
func selection(series ...any) []byte {
	b := qpack.OpenMap(nil)
	for i := 0; i < len(series); i += 2 {
		b = qpack.OpenArray(qpack.AppendRaw(b, series[i].(string)))
		for _, p := range series[i+1].([][2]any) {
			b, _ = qpack.AppendValue(b, []any{p[0], p[1]})
		}
		b = qpack.CloseArray(b)
	}
	return b
}

func TestFormsOfASelect(t *testing.T) {
	r := recorder{answer: func(string) []byte {
		return selection(
			"i", [][2]any{{int64(1700000000123), 1}, {int64(1700000001123), 2}, {int64(1700000001123), 3}},
			"none", [][2]any{},
			"s", [][2]any{{int64(1700000000999), "a"}, {int64(1700000001123), "\xff"}},
		)
	}}
	db := open(t, script.Start(t, r.handler("ms")))
	ctx := context.Background()
	read := func(ctx context.Context, db *sql.DB) string {
		t.Helper()
		rows, err := db.QueryContext(ctx, "select * from *")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		types, err := rows.ColumnTypes()
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, c := range types {
			nullable, _ := c.Nullable()
			fmt.Fprintf(&b, "%s %s %s %v, ", c.Name(), c.DatabaseTypeName(), c.ScanType(), nullable)
		}
		return b.String() + "\n" + readAll(t, rows)
	}
	long := `series STRING string false, time TIMESTAMP time.Time false, value  interface {} false, 
|string i|time 1700000000 123000000|int64 1
|string i|time 1700000001 123000000|int64 2
|string i|time 1700000001 123000000|int64 3
|string s|time 1700000000 999000000|string a
|string s|time 1700000001 123000000|string ` + "\xff\n"
	if got := read(ctx, db); got != long {
		t.Errorf("long: %s", got)
	}
	integers := strings.NewReplacer("time TIMESTAMP time.Time", "time TIMESTAMP int64",
		"|time 1700000000 123000000", "|int64 1700000000", "|time 1700000001 123000000", "|int64 1700000001",
		"|time 1700000000 999000000", "|int64 1700000000").Replace(long)
	if got := read(WithPrecision(ctx, Seconds), db); got != integers {
		t.Errorf("in seconds: %s", got)
	}
	wide := `time TIMESTAMP time.Time false, i INTEGER int64 true, none  interface {} true, s STRING string true, 
|time 1700000000 123000000|int64 1|<nil> <nil>|<nil> <nil>
|time 1700000000 999000000|<nil> <nil>|<nil> <nil>|string a
|time 1700000001 123000000|int64 2|<nil> <nil>|string ` + "\xff" + `
|time 1700000001 123000000|int64 3|<nil> <nil>|<nil> <nil>
`
	if got := read(WithWide(ctx, true), db); got != wide {
		t.Errorf("wide: %s", got)
	}
	configured := open(t, script.Start(t, r.handler("ms")), func(c *Config) {
		c.Wide, c.Precision, c.Location = true, Nanoseconds, time.FixedZone("x", 3600)
	})
	if got := read(WithWide(ctx, false), configured); !strings.Contains(got, "|string i|int64 1700000000123000000|int64 1\n") {
		t.Errorf("configured: %s", got)
	}
	var at time.Time
	if err := configured.QueryRowContext(WithPrecision(ctx, ""), "select * from *").Scan(&at, new(any), new(any), new(any)); err != nil || at.Hour() != 23 {
		t.Errorf("in a zone: %v, %v", at, err)
	}
}

func TestTimeitIsASecondResultSet(t *testing.T) {
	timings := "\x8a__timeit__\xfc\xf5\x86server\x8f127.0.0.1:19010\x84time\x7f"
	r := recorder{answer: func(q string) []byte {
		switch q {
		case "timeit":
			return []byte("\xfd" + timings)
		case "timeit count series":
			return []byte("\xfd\x86series\x17" + timings)
		}
		return append(selection("a", [][2]any{{1, 2}}), timings...)
	}}
	db := open(t, script.Start(t, r.handler("ms")))
	for query, first := range map[string]string{
		"timeit select * from 'a'": "|string a|time 0 1000000|int64 2\n", "timeit count series": "|int64 23\n", "timeit": "",
	} {
		rows, err := db.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		if first != "" {
			if got := readAll(t, rows); got != first || !rows.NextResultSet() {
				t.Errorf("%s: first %q", query, got)
			}
		}
		if got := readAll(t, rows); got != "|string 127.0.0.1:19010|float64 1\n" || rows.NextResultSet() {
			t.Errorf("%s: timings %q", query, got)
		}
		rows.Close()
	}
}

func TestUnreadableAnswers(t *testing.T) {
	r := recorder{answer: func(string) []byte { return []byte("\xfd\x81a\xfc\xef\x01") }}
	db := open(t, script.Start(t, r.handler("ms")))
	for _, q := range []string{"select * from 'a'", "list series"} {
		if _, err := db.Query(q); !errors.Is(err, driver.ErrInternal) {
			t.Errorf("%s: %v", q, err)
		}
	}
	odd := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Query == "odd" {
			c.Reply(p.PID, 99, nil)
			return
		}
		script.Answer(c, p)
	})
	if _, err := open(t, odd).Query("odd"); !errors.Is(err, ErrType) {
		t.Errorf("a package of unknown type: %v", err)
	}
}

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
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(20*time.Millisecond, cancel)
		began := time.Now()
		err := call(ctx)
		if took := time.Since(began); !errors.Is(err, context.Canceled) || took > 120*time.Millisecond {
			t.Errorf("%s: %v after %v", name, err, took)
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
