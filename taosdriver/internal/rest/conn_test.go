package rest

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

var background = context.Background()

func TestRepliesOfARealServer(t *testing.T) {
	s := newServer(t, map[string]string{
		"all types": recordedBody(t, "rest-sql-select", "all types, us"),
		"select *":  recordedBody(t, "rest-sql-select", "all types, us"),
		"insert":    recordedBody(t, "rest-sql-write", "insert into gold_rest.w1 values (1700000000000, 1) (1700000000001, 2)"),
		"create":    recordedBody(t, "rest-sql-write", "create table if not exists gold_rest.w1 (ts timestamp, v int)"),
		"selec 1":   recordedBody(t, "rest-sql-errors", "selec 1"),
	})
	c := connect(t, s.host(), settings())

	reply, err := c.Query(background, 7, "select *")
	if err != nil {
		t.Fatal(err)
	}
	if reply.Update || len(reply.Fields) != 21 || reply.Precision != block.Micro {
		t.Errorf("%d columns in %v, update %v", len(reply.Fields), reply.Precision, reply.Update)
	}
	b, err := reply.Result.Next(background)
	if err != nil || b.Rows != 4 {
		t.Fatalf("%+v, %v", b, err)
	}
	for range 2 {
		if _, err := reply.Result.Next(background); err != io.EOF {
			t.Errorf("behind the last block: %v", err)
		}
	}
	if err := errors.Join(reply.Result.Close(), reply.Result.Close()); err != nil {
		t.Error(err)
	}

	for sql, affected := range map[string]int64{"insert": 2, "create": 0} {
		reply, err := c.Query(background, 8, sql)
		if err != nil || !reply.Update || reply.Affected != affected || reply.Result != nil {
			t.Errorf("%s: %+v, %v", sql, reply, err)
		}
	}

	_, err = c.Query(background, 9, "selec 1")
	var e *driver.Error
	if !errors.As(err, &e) || e.Code != 0x2600 || !errors.Is(err, driver.ErrProgramming) || e.RequestID != 9 || e.OutcomeUnknown {
		t.Errorf("%+v", err)
	}
	if !c.Alive() || s.accepted != 1 {
		t.Errorf("alive %v, %d TCP connections", c.Alive(), s.accepted)
	}
}

func TestRequestsCarryTheSession(t *testing.T) {
	srv := newServer(t, nil)
	s := settings()
	s.Database, s.Timezone, s.App = "po wer/1", "Asia/Shanghai", "meter"
	c := connect(t, srv.host(), s)
	if got := srv.last(); got.sql != "use `po wer/1`" || got.path != "/rest/sql" {
		t.Errorf("at connect: %+v", got)
	}
	if _, err := c.Query(background, 1<<63+5, "insert"); err != nil {
		t.Fatal(err)
	}
	got := srv.last()
	if got.method != "POST" || got.path != "/rest/sql/po%20wer%2F1" || got.query != "req_id=-9223372036854775803&app=meter&conn_tz=Asia%2FShanghai" {
		t.Errorf("%+v", got)
	}
	if user, password, _ := (&http.Request{Header: got.header}).BasicAuth(); user != "root" || password != "secret-password" {
		t.Errorf("login %s:%s", user, password)
	}
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		if got.header.Get(name) != "" {
			t.Errorf("%s allows net/http to send the request again", name)
		}
	}
}

func TestTokens(t *testing.T) {
	srv := newServer(t, nil)
	s := settings()
	s.User, s.Password, s.Token = "", "", "cloud+token"
	connect(t, srv.host(), s)
	if got := srv.last(); !strings.Contains(got.query, "token=cloud%2Btoken") || got.header.Get("Authorization") != "" {
		t.Errorf("cloud token: %+v", got)
	}
	s = settings()
	s.BearerToken = "bearer-token"
	connect(t, srv.host(), s)
	if got := srv.last().header.Get("Authorization"); got != "Bearer bearer-token" {
		t.Errorf("bearer token: %q", got)
	}
}

func TestUseIsRememberedUntilRestored(t *testing.T) {
	srv := newServer(t, map[string]string{
		"use nowhere": `{"code":904,"desc":"Database not exist"}`,
	})
	s := settings()
	s.Database = "power"
	c := connect(t, srv.host(), s)
	for _, step := range []struct{ use, path string }{
		{"", "/rest/sql/power"},
		{"use Test1", "/rest/sql/test1"},
		{"USE `Test1`;", "/rest/sql/Test1"},
		{"use /* db */ other -- done", "/rest/sql/other"},
		{"use nowhere", "/rest/sql/other"},
	} {
		if step.use != "" {
			_, err := c.Query(background, 1, step.use)
			if failed := err != nil; failed != strings.HasSuffix(step.use, "nowhere") {
				t.Errorf("%s: %v", step.use, err)
			}
		}
		if _, err := c.Query(background, 2, "insert"); err != nil {
			t.Fatal(err)
		}
		if got := srv.last().path; got != step.path {
			t.Errorf("after %q: %s, want %s", step.use, got, step.path)
		}
	}
	if info, err := c.Info(background); err != nil || info.Database != "other" || info.Version != "3.3.7.5" {
		t.Errorf("%+v, %v", info, err)
	}
	if err := c.Restore(background); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Query(background, 3, "insert"); err != nil || srv.last().path != "/rest/sql/power" {
		t.Errorf("restored: %s, %v", srv.last().path, err)
	}
	before := len(srv.requests)
	if _, err := c.Query(background, 4, "use a.b"); !errors.Is(err, driver.ErrNotSupported) || len(srv.requests) != before {
		t.Errorf("USE of something that is no name: %v, %d requests", err, len(srv.requests)-before)
	}
}

func TestARowOfManyLeavesTheConnectionUsable(t *testing.T) {
	srv := newServer(t, map[string]string{"select short": body(200, "x"), "select long": body(100_000, "x")})
	c := connect(t, srv.host(), settings())
	for _, sql := range []string{"select short", "select short", "select long", "select short"} {
		reply, err := c.Query(background, 1, sql)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := reply.Result.Next(background); err != nil || b.Rows < 1 {
			t.Fatal(err)
		}
		reply.Result.Close()
	}
	// Only the long result left early costs a connection.
	if srv.accepted != 2 {
		t.Errorf("%d TCP connections", srv.accepted)
	}
}

func TestAnotherRequestWhileAResultIsOpen(t *testing.T) {
	srv := newServer(t, map[string]string{"select long": body(100_000, "x")})
	c := connect(t, srv.host(), settings())
	reply, err := c.Query(background, 1, "select long")
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Result.Close()
	if _, err := c.Query(background, 2, "insert"); err != nil {
		t.Fatal(err)
	}
	rows := 0
	for {
		b, err := reply.Result.Next(background)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		rows += b.Rows
	}
	if rows != 100_000 {
		t.Errorf("%d rows", rows)
	}
}

func TestCompressionBothWays(t *testing.T) {
	long := "insert " + strings.Repeat("values ", 1000)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		in := io.Reader(q.Body)
		if q.Header.Get("Content-Encoding") == "gzip" {
			in, _ = gzip.NewReader(in)
		} else if q.ContentLength > compressFrom {
			t.Error("a long statement came uncompressed")
		}
		sql, _ := io.ReadAll(in)
		if q.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("Accept-Encoding %q", q.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer z.Close()
		if string(sql) == long {
			io.WriteString(z, updateReply)
		} else {
			io.WriteString(z, versionReply)
		}
	}))
	defer srv.Close()
	s := settings()
	s.Compression = true
	c := connect(t, strings.TrimPrefix(srv.URL, "http://"), s)
	if reply, err := c.Query(background, 1, long); err != nil || reply.Affected != 2 {
		t.Errorf("%+v, %v", reply, err)
	}
}

func TestConnectErrorsAreTruthful(t *testing.T) {
	refused, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused.Close()
	login := func(reply string) string {
		return newServer(t, map[string]string{roundTrip: reply, "use `nowhere`": reply}).host()
	}
	for _, f := range []struct {
		name, host string
		change     func(*transport.Settings)
		kind       error
		code       int
	}{
		{"nobody listens", refused.Addr().String(), nil, driver.ErrConnection, 0},
		{"wrong password", login(recordedBody(t, "rest-auth", "wrong password")), nil, driver.ErrAuthentication, 0x357},
		{"unknown user", login(recordedBody(t, "rest-auth", "unknown user")), nil, driver.ErrAuthentication, 0x351},
		{"unknown database", login(`{"code":904,"desc":"Database not exist","timing":1}`), func(s *transport.Settings) { s.Database = "nowhere" }, driver.ErrProgramming, 0x388},
		{"a session that the server lost", login(`{"code":523,"desc":"Invalid connection"}`), nil, driver.ErrConnection, 0x20b},
		{"a second factor", login(versionReply), func(s *transport.Settings) { s.TOTPCode = "123456" }, driver.ErrNotSupported, 0},
		{"the mode for BI tools", login(versionReply), func(s *transport.Settings) { s.BIMode = true }, driver.ErrNotSupported, 0},
	} {
		s := settings()
		s.Token = "secret-token"
		if f.change != nil {
			f.change(&s)
		}
		_, err := NewDialer(s).Connect(background, f.host)
		var e *driver.Error
		if !errors.As(err, &e) || !errors.Is(err, f.kind) || e.Code != f.code {
			t.Errorf("%s: %v", f.name, err)
			continue
		}
		if _, marked := transport.WasNotSent(err); marked {
			t.Errorf("%s: the error is marked for a repetition", f.name)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: a secret in %v", f.name, err)
		}
	}
}

func TestStatuses(t *testing.T) {
	var status int
	var text string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if sql, _ := io.ReadAll(q.Body); string(sql) == roundTrip {
			io.WriteString(w, versionReply)
			return
		}
		w.Header().Set("Location", "https://elsewhere.example/?token=secret-token")
		w.WriteHeader(status)
		io.WriteString(w, text)
	}))
	defer srv.Close()
	c := connect(t, strings.TrimPrefix(srv.URL, "http://"), settings())
	for _, f := range []struct {
		name, text string
		status     int
		kind       error
		code       int
		unknown    bool
		contains   string
	}{
		{"bad authorization", `{"code":4388,"desc":"invalid basic Authorization"}`, 401, driver.ErrAuthentication, 0x1124, false, "invalid basic"},
		{"not in the whitelist", `{"code":65535,"desc":"whitelist prohibits current IP access"}`, 403, driver.ErrPermission, 0xffff, false, "whitelist"},
		{"not an adapter", "404 page not found", 404, driver.ErrConnection, 0, false, "6041"},
		{"bad parameter", `{"code":65535,"desc":"unknown time zone No/Where"}`, 400, driver.ErrProgramming, 0xffff, false, "No/Where"},
		{"empty statement", `{"code":4358,"desc":"request is empty"}`, 400, driver.ErrProgramming, 0x1106, false, "empty"},
		{"redirect", "", 307, driver.ErrConnection, 0, false, "https://elsewhere.example"},
		{"limiter", `"memory exceeds threshold"`, 503, driver.ErrServer, 0, false, "memory exceeds"},
		{"statement error by status", `{"code":9728,"desc":"syntax error"}`, 400, driver.ErrProgramming, 0x2600, false, "syntax"},
		{"gateway", "<html>Bad Gateway", 502, driver.ErrServer, 0, true, "a web page"},
		{"gateway that waited", "", 504, driver.ErrTimeout, 0, true, "504"},
		{"crash", "oops", 500, driver.ErrServer, 0, true, "oops"},
		{"too large", "", 413, driver.ErrData, 0, false, "413"},
	} {
		status, text = f.status, f.text
		_, err := c.Query(background, 5, "insert")
		var e *driver.Error
		if !errors.As(err, &e) || !errors.Is(err, f.kind) || e.Code != f.code || e.OutcomeUnknown != f.unknown || !strings.Contains(err.Error(), f.contains) {
			t.Errorf("%s: %v", f.name, err)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: a secret in %v", f.name, err)
		}
	}
	if !c.Alive() {
		t.Error("an orderly refusal broke the connection")
	}
}

func TestALostSessionIsMarkedAsNotExecuted(t *testing.T) {
	srv := newServer(t, map[string]string{"insert": `{"code":531,"desc":"Disconnected from server"}`})
	c := connect(t, srv.host(), settings())
	_, err := c.Query(background, 1, "insert")
	if _, marked := transport.WasNotSent(err); !marked || c.Alive() {
		t.Errorf("%v, alive %v", err, c.Alive())
	}
}

func TestPrepareIsLeftToTheText(t *testing.T) {
	srv := newServer(t, nil)
	if _, err := connect(t, srv.host(), settings()).Prepare(background, 1, "select ?"); err != transport.ErrText {
		t.Error(err)
	}
}

func TestAClosedConnectionSendsNothing(t *testing.T) {
	srv := newServer(t, nil)
	c := connect(t, srv.host(), settings())
	if err := errors.Join(c.Close(), c.Close()); err != nil {
		t.Error(err)
	}
	before := len(srv.requests)
	_, err := c.Query(background, 1, "insert")
	if _, marked := transport.WasNotSent(err); !marked || len(srv.requests) != before || c.Alive() {
		t.Errorf("%v, %d requests", err, len(srv.requests)-before)
	}
}

func TestTimesBefore1901InTheSessionsZone(t *testing.T) {
	const reply = `{"code":0,"column_meta":[["ts","TIMESTAMP",8]],"data":[["1890-01-01T00:00:00.000+08:05"]],"rows":1}`
	srv := newServer(t, map[string]string{"select ts": reply})
	s := settings()
	s.Timezone = "Asia/Shanghai"
	c := connect(t, srv.host(), s)
	r, err := c.Query(background, 1, "select ts")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Result.Close()
	b, err := r.Result.Next(background)
	if err != nil {
		t.Fatal(err)
	}
	want := time.Date(1889, 12, 31, 15, 54, 17, 0, time.UTC) // 8:05:43 behind
	if got := b.Columns[0].Value(0).(time.Time); !got.Equal(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestStatementsAreClassified(t *testing.T) {
	for sql, want := range map[string]kind{
		"select 1":                             {query: true},
		"  -- first\n/* then */ SHOW tables":   {query: true},
		"((select 1) union all (select 2))":    {query: true},
		"with a as (select 1) select * from a": {query: true},
		"describe t":                           {query: true},
		"explain select 1":                     {query: true},
		"insert into t select 1":               {},
		"create table t (ts timestamp)":        {},
		"":                                     {},
		"use Power":                            {use: true, database: "power"},
		"USE `Po``wer` ;;":                     {use: true, database: "Po`wer"},
		"use":                                  {use: true},
		"use ``":                               {use: true},
		"use 'power'":                          {use: true},
		"use power now":                        {use: true},
	} {
		if got := classify(sql); got != want {
			t.Errorf("%q: %+v, want %+v", sql, got, want)
		}
	}
}
