package iotdbdriver

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/client"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/tsblock"
)

// A request that the server would close the connection on is refused before.
func TestRequestBeyondTheServersFrame(t *testing.T) {
	s := &session{link: &client.Conn{Origin: client.Origin{Host: "h:1"}}, frameLimit: 10 << 20}
	ctx := context.Background()
	for size, ok := range map[int]bool{100: true, 9 << 20: true, 10 << 20: false, 11 << 20: false} {
		err := s.fits(ctx, opExec, 1, size)
		if (err == nil) != ok || !ok && (!errors.Is(err, driver.ErrProgramming) || !strings.Contains(err.Error(), "dn_thrift_max_frame_size")) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestStatusesAreErrors(t *testing.T) {
	origin := client.Origin{Host: "h:1"}
	for _, tt := range []struct {
		status rpc.Status
		kind   error // nil: success
		code   int
		text   string
	}{
		{rpc.Status{Code: 200}, nil, 0, ""},
		{rpc.Status{Code: 400, SubStatus: []rpc.Status{{Code: 200}}}, nil, 0, ""},
		{rpc.Status{Code: 302, Message: "several", SubStatus: []rpc.Status{{Code: 200}, {Code: 507, Message: "bad"}}}, driver.ErrData, 507, "bad"},
		{rpc.Status{Code: 302, Message: "several"}, driver.ErrInternal, 302, "several"},
		{rpc.Status{Code: 301, Message: "Query has executed more than 1500ms"}, driver.ErrTimeout, 301, "1500ms"},
		{rpc.Status{Code: 301}, driver.ErrOperational, 301, "no reason"},
		{rpc.Status{Code: 305, Message: "[INTERNAL_SERVER_ERROR(305)] Exception."}, driver.ErrInternal, 305, "h:1: Exception "},
		{rpc.Status{Code: 701, Message: "Current system timestamp precision is ms, please check"}, driver.ErrData, 701, "precision"},
		{rpc.Status{Code: 550, Message: "Table 'd.t' does not exist."}, driver.ErrProgramming, 550, "exist (code"},
		{rpc.Status{Code: 801}, driver.ErrAuthentication, 801, ""},
		{rpc.Status{Code: 803}, driver.ErrPermission, 803, ""},
		{rpc.Status{Code: 606}, driver.ErrServer, 606, ""},
		{rpc.Status{Code: 720}, driver.ErrTimeout, 720, ""},
		{rpc.Status{Code: 9999}, driver.ErrOperational, 9999, ""},
		{rpc.Status{Code: -1}, driver.ErrOperational, -1, ""},
	} {
		e := failed(origin, opExec, 1, &tt.status)
		switch {
		case tt.kind == nil && e != nil:
			t.Errorf("%+v: %v", tt.status, e)
		case tt.kind == nil:
		case e == nil || !errors.Is(e, tt.kind) || e.Code != tt.code || !strings.Contains(e.Error(), tt.text):
			t.Errorf("%+v: %v", tt.status, e)
		}
	}
}

// What a statement may leave behind in its session is noticed.
func TestEffects(t *testing.T) {
	for sql, want := range map[string]effect{
		"use db": databaseEffect, "/* a */ USE db": databaseEffect, "execute immediate 'USE db'": databaseEffect, "EXECUTE p": databaseEffect,
		"set x = 1": lastingEffect, "PREPARE p FROM SELECT 1": lastingEffect,
		"SELECT 1": 0, "INSERT INTO t VALUES (1)": 0, "DEALLOCATE PREPARE p": 0, "": 0,
	} {
		if got := effectOf(sql); got != want {
			t.Errorf("%s: %d", sql, got)
		}
	}
}

// A zone with an offset of its own is told by it, whatever it is called.
func TestZoneOfAFixedOffset(t *testing.T) {
	for want, loc := range map[string]*time.Location{
		"+01:00": time.FixedZone("CET", 3600), "-08:00": time.FixedZone("PST", -8*3600), "+02:00": time.FixedZone("UTC", 7200), "UTC": time.UTC,
	} {
		if got, err := zoneID(loc); got != want || err != nil {
			t.Errorf("%s: %q, %v", loc, got, err)
		}
	}
	if berlin, err := time.LoadLocation("Europe/Berlin"); err == nil {
		if got, err := zoneID(berlin); got != "Europe/Berlin" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestImpossibleDates(t *testing.T) {
	for text, want := range map[string]bool{
		"'2023-02-29'": true, "'2024-02-29'": false, "'2024-13-01'": true, "'2024-00-10'": true, "'2024-2-30'": false,
		"'20240230'": false, "'2024-02-30T'": false, `"2024-02-30"`: true, "'2024-02-31": false, "''": false,
	} {
		if got := impossibleDate(text); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
	in, ok := parseInsert(testConnector(t).lexer(), `INSERT INTO "a b".t (time, "x y", d) VALUES (1, 'it''s', '2023-02-29'), (2, ('2024-02-31'), 'a')`)
	if !ok || in.into != `"a b".t` || len(in.columns) != 3 || len(in.suspects) != 2 || in.suspects[0].column != 2 || in.suspects[1].column != 1 {
		t.Errorf("%+v, %t", in, ok)
	}
	in, ok = parseInsert(testConnector(t).lexer(), `insert into root.d (time, b, s) aligned values (1, X'00ff', 'X'), (2, x'', X '00')`)
	if !ok || len(in.suspects) != 2 || !in.suspects[1].bytes || in.suspects[1].column != 1 {
		t.Errorf("%+v, %t", in, ok)
	}
	for _, text := range []string{"", "INSERT", "INSERT INTO t", "INSERT INTO t (a", "INSERT INTO t SELECT 1", "INSERT INTO t (a) VALUES"} {
		parseInsert(testConnector(t).lexer(), text)
	}
}

// testConnector is a connector that never connects.
func testConnector(t testing.TB) *Connector {
	t.Helper()
	c, err := NewConnector(NewConfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func FuzzParseInsert(f *testing.F) {
	f.Add("INSERT INTO t (time, d) VALUES (1, '2023-02-29')")
	f.Add("insert into root.a.b(time, d) aligned values(1, '2023-02-29'), (2, x'00')")
	c := testConnector(f)
	f.Fuzz(func(t *testing.T, text string) {
		in, ok := parseInsert(c.lexer(), text)
		days := slices.ContainsFunc(in.suspects, func(s suspect) bool { return !s.bytes })
		if ok && days && !hasImpossibleDate(text) && !strings.Contains(text, `"`) && !strings.Contains(text, "`") {
			t.Errorf("%q: %+v was found by one and not by the other", text, in.suspects)
		}
	})
}

// pages is a server that answers every query with the same pages and allocates
// nothing meanwhile.
type pages struct {
	statement, fetch, last []byte
	block                  []byte
	count                  int
}

// newPages makes count pages of one block each.
func newPages(t testing.TB, rows, count int) *pages {
	t.Helper()
	types := []datatype.Type{datatype.Timestamp, datatype.String, datatype.Int32, datatype.Double, datatype.Text}
	w := tsblock.NewWriter(types)
	for i := range rows {
		if err := w.Append(0, []any{int64(i), "device-1", int32(i), float64(i) / 7, strings.Repeat("x", i%20)}); err != nil {
			t.Fatal(err)
		}
	}
	yes, no, id := true, false, int64(1)
	names := make([]string, len(types))
	places := make([]int32, len(types))
	for i, typ := range types {
		names[i], places[i] = typ.String(), int32(i)
	}
	reply := func(method string, s rpc.Struct) []byte {
		parts, err := rpc.Encode(rpc.Binary, method, rpc.Reply, 0, rpc.Result(s))
		if err != nil {
			t.Fatal(err)
		}
		var all []byte
		for _, part := range parts {
			all = append(all, part...)
		}
		return all
	}
	ok, blocks := rpc.Status{Code: 200}, [][]byte{w.Bytes()}
	return &pages{
		statement: reply(rpc.ExecuteStatement, &rpc.StatementReply{
			Status: ok, QueryID: &id, Columns: names, DataTypes: names, BlockColumns: places, IgnoreTimestamp: &yes, QueryResult: blocks, MoreData: &yes,
		}),
		fetch: reply(rpc.FetchResults, &rpc.FetchReply{Status: ok, HasResultSet: true, QueryResult: blocks, MoreData: &yes}),
		last:  reply(rpc.FetchResults, &rpc.FetchReply{Status: ok, HasResultSet: true, QueryResult: blocks, MoreData: &no}),
		block: blocks[0],
		count: count,
	}
}

// serve answers the calls of one connection.
func (p *pages) serve(c net.Conn) {
	defer c.Close()
	var head [rpc.LengthSize]byte
	request := make([]byte, 64<<10)
	fetched := 0
	for {
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return
		}
		body := request[:binary.BigEndian.Uint32(head[:])]
		if _, err := io.ReadFull(c, body); err != nil {
			return
		}
		// version, length of the name, name, sequence number
		name := body[8 : 8+binary.BigEndian.Uint32(body[4:])]
		sequence := body[8+len(name):][:4]
		var out []byte
		switch string(name) {
		case rpc.ExecuteStatement:
			out, fetched = p.statement, 1
		case rpc.FetchResults:
			out = p.fetch
			if fetched++; fetched == p.count {
				out = p.last
			}
		case rpc.OpenSession:
			id := int64(1)
			out = simple(string(name), rpc.Result(&rpc.OpenSessionReply{Status: rpc.Status{Code: 200}, SessionID: &id}))
		case rpc.RequestStatementID:
			out = simple(string(name), &rpc.NumberResult{Value: 1})
		default:
			out = simple(string(name), rpc.Result(&rpc.Status{Code: 200}))
		}
		copy(out[rpc.LengthSize+8+len(name):], sequence)
		if _, err := c.Write(out); err != nil {
			return
		}
	}
}

func simple(name string, result rpc.Struct) []byte {
	parts, err := rpc.Encode(rpc.Binary, name, rpc.Reply, 0, result)
	if err != nil {
		panic(err)
	}
	var all []byte
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

// pagesDB is a pool whose connections such a server answers.
func pagesDB(t testing.TB, p *pages) *sql.DB {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			p.serve(c)
		}
	}()
	config := NewConfig()
	config.Hosts = []string{listener.Addr().String()}
	connector, err := NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		db.Close()
		listener.Close()
		<-done
	})
	return db
}

func readPages(t testing.TB, db *sql.DB) (n int) {
	rows, err := db.Query("SELECT 1")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var at time.Time
	var device, note string
	var i int64
	var v float64
	for ; rows.Next(); n++ {
		if err := rows.Scan(&at, &device, &i, &v, &note); err != nil {
			t.Fatal(err)
		}
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return n
}

// Through database/sql, a program that scans into variables of the columns' types
// pays at most 0.02 allocations a row.
func TestScanAllocations(t *testing.T) {
	const rows, count = 5000, 20
	db := pagesDB(t, newPages(t, rows, count))
	readPages(t, db)
	perRow := testing.AllocsPerRun(3, func() {
		if n := readPages(t, db); n != rows*count {
			t.Fatalf("%d rows", n)
		}
	}) / (rows * count)
	if perRow > 0.02 {
		t.Errorf("%.4f allocations a row", perRow)
	}
	t.Logf("%.4f allocations a row", perRow)
}

// The last page of a result: only one that has a list of blocks, if an empty one, is
// its end. The server leaves the list out for a query that it does not know.
func TestLastPage(t *testing.T) {
	yes, no := true, false
	for name, tt := range map[string]struct {
		last rpc.FetchReply
		lost bool
	}{
		"rows":             {rpc.FetchReply{HasResultSet: true, QueryResult: [][]byte{nil}, MoreData: &no}, false},
		"no rows":          {rpc.FetchReply{QueryResult: [][]byte{}, MoreData: &no}, false},
		"no such query":    {rpc.FetchReply{MoreData: &no}, true},
		"no word of more":  {rpc.FetchReply{}, true},
		"rows without any": {rpc.FetchReply{HasResultSet: true, MoreData: &no}, true},
		"more of nothing":  {rpc.FetchReply{HasResultSet: true, MoreData: &yes}, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPages(t, 10, 3)
			tt.last.Status.Code = 200
			if len(tt.last.QueryResult) > 0 {
				tt.last.QueryResult[0] = p.block
			}
			p.last = simple(rpc.FetchResults, rpc.Result(&tt.last))
			rows, err := pagesDB(t, p).Query("SELECT 1")
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			n := 0
			for rows.Next() {
				n++
			}
			want := 20
			if tt.last.QueryResult != nil {
				want += 10 * len(tt.last.QueryResult)
			}
			if n != want || tt.lost != errors.Is(rows.Err(), driver.ErrResult) || !tt.lost && rows.Err() != nil {
				t.Errorf("%d rows, %v", n, rows.Err())
			}
		})
	}
}

// A result that is closed while its next page is on the way, and the connection with
// it: the server may be at work on that page, and the query is one to end.
func TestCloseLosesThePageAhead(t *testing.T) {
	p := newPages(t, 10, 3)
	p.fetch = simple("fetchResultsV9", rpc.Result(&rpc.FetchReply{}))
	c, err := pagesDB(t, p).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	lost := 0
	err = c.Raw(func(dc any) error {
		result, err := dc.(*conn).query(context.Background(), 1, "SELECT 1", nil)
		if err != nil {
			return err
		}
		r := result.(*rows)
		r.lost = func(error) { lost++ }
		for range 2 {
			if err := r.Next(make([]sqldriver.Value, len(r.names))); err != nil {
				return err
			}
		}
		if r.ahead == nil {
			t.Error("the next page was not asked for")
		}
		return r.Close()
	})
	if err != nil || lost != 1 {
		t.Errorf("told %d times, %v", lost, err)
	}
}

func BenchmarkScan(b *testing.B) {
	const rows, count = 5000, 20
	db := pagesDB(b, newPages(b, rows, count))
	b.ReportAllocs()
	for b.Loop() {
		readPages(b, db)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(rows*count), "ns/row")
}
