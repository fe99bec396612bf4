package taosdriver_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// TestSchemalessProtocols on the connection of the pool, in its database, with
// every precision.
func TestSchemalessProtocols(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	at := moment(0)
	conn := reserve(t, db)
	with(t, conn, func(s driver.SchemalessInserter) {
		for i, c := range []struct {
			precision driver.SchemalessPrecision
			stamp     int64
		}{
			{driver.SchemalessDefault, at.UnixNano()},
			{driver.SchemalessHours, at.Unix() / 3600},
			{driver.SchemalessMinutes, at.Unix() / 60},
			{driver.SchemalessSeconds, at.Unix()},
			{driver.SchemalessMilliseconds, at.UnixMilli()},
			{driver.SchemalessMicroseconds, at.UnixMicro()},
			{driver.SchemalessNanoseconds, at.UnixNano()},
		} {
			r, err := s.InsertSchemaless(background, driver.SchemalessRequest{
				Protocol: driver.SchemalessLine, Precision: c.precision, Lines: []string{fmt.Sprintf("prec,p=p%d v=%di32 %d", i, i, c.stamp)},
			})
			if err != nil || r.AffectedRows != 1 || r.TotalRows != 1 {
				t.Errorf("precision %d: %+v, %v", c.precision, r, err)
			}
		}
		r, err := s.InsertSchemaless(background, driver.SchemalessRequest{
			Protocol: driver.SchemalessTelnet, TTL: 10,
			Lines: []string{fmt.Sprintf("tel.one %d 4 host=web01", at.Unix()), "", fmt.Sprintf("tel.one %d 5 host=web02", at.UnixMilli())},
		})
		if err != nil || r.AffectedRows != 2 || r.TotalRows != 2 {
			t.Errorf("%+v, %v", r, err)
		}
		document := fmt.Sprintf(`{"metric":"js","timestamp":%d,"value":1.5,"tags":{"h":"a"}}`, at.Unix())
		r, err = s.InsertSchemaless(background, driver.SchemalessRequest{
			Protocol: driver.SchemalessJSON, Lines: []string{document, "[" + document + "]"}, Reader: strings.NewReader(document + "\n" + document),
		})
		if err != nil || r.AffectedRows != 4 || r.TotalRows != 4 {
			t.Errorf("%+v, %v", r, err)
		}
		r, err = s.InsertSchemaless(background, driver.SchemalessRequest{
			Protocol: driver.SchemalessLine, TableNameKey: "tn", Lines: []string{"named,tn=my_table,h=a v=1"},
		})
		if err != nil || r.AffectedRows != 1 {
			t.Errorf("%+v, %v", r, err)
		}
	})
	same(t, texts(t, db, "select v, _ts from prec where _ts = ? order by v", at),
		"0 "+at.Format(time.RFC3339Nano), "1 "+at.Format(time.RFC3339Nano), "2 "+at.Format(time.RFC3339Nano), "3 "+at.Format(time.RFC3339Nano),
		"4 "+at.Format(time.RFC3339Nano), "5 "+at.Format(time.RFC3339Nano), "6 "+at.Format(time.RFC3339Nano))
	same(t, texts(t, db, "select _value, `host` from tel_one order by `host`"), "4 web01", "5 web02")
	same(t, texts(t, db, "select _value, h from js"), "1.5 a")
	same(t, texts(t, db, "select tbname from named"), "my_table")
	clean(t, srv)
}

// TestSchemalessBatches: a reader is cut at line breaks, and nothing longer than a
// batch is sent.
func TestSchemalessBatches(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	var text strings.Builder
	const n = 1000
	for i := range n {
		fmt.Fprintf(&text, "many,h=a v=%di %d\r\n", i, moment(i).UnixNano())
		if i%100 == 0 {
			text.WriteString("# comment\n\n")
		}
	}
	srv.ForgetStatements()
	with(t, reserve(t, db), func(s driver.SchemalessInserter) {
		r, err := s.InsertSchemaless(background, driver.SchemalessRequest{
			Protocol: driver.SchemalessLine, BatchBytes: 4000, RequestID: 42,
			Lines: []string{"many,h=a v=-1i"}, Reader: iotest.OneByteReader(strings.NewReader(text.String())),
		})
		if err != nil || r.AffectedRows != n+1 || r.TotalRows != n+1 {
			t.Errorf("%+v, %v", r, err)
		}
	})
	statements := srv.Statements()
	for i, st := range statements {
		if len(st.SQL) > 4000 || st.Action != "insert" || (st.ReqID == 42) != (i == 0) {
			t.Errorf("batch %d: %d bytes, request %d", i, len(st.SQL), st.ReqID)
		}
	}
	if len(statements) < 8 || len(statements) > 20 {
		t.Errorf("%d batches", len(statements))
	}
	if got := one[int](t, db, "select count(*) from many"); got != n+1 {
		t.Error(got)
	}
	clean(t, srv)
}

// TestSchemalessErrors: what is refused here names the line; what the server
// refuses names it where the message does.
func TestSchemalessErrors(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	lines := func(l ...string) driver.SchemalessRequest {
		return driver.SchemalessRequest{Protocol: driver.SchemalessLine, Precision: driver.SchemalessMilliseconds, Lines: l}
	}
	reader := func(text string) driver.SchemalessRequest {
		r := lines()
		r.Reader, r.BatchBytes = strings.NewReader(text), 50
		return r
	}
	document := func(text string) driver.SchemalessRequest {
		return driver.SchemalessRequest{Protocol: driver.SchemalessJSON, Reader: strings.NewReader(text)}
	}
	ok := fmt.Sprint("good,h=a v=1 ", moment(1).UnixMilli())
	with(t, reserve(t, db), func(s driver.SchemalessInserter) {
		if _, err := s.InsertSchemaless(background, lines("clash,h=a v=1i32")); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			request driver.SchemalessRequest
			kind    error
			says    string
		}{
			"value":             {lines(ok, "bad,h=a v=abc 1700000000001", "m v=1"), driver.ErrSchemaless, "line 2: invalid data:abc 1700000000001 (code 515"},
			"time":              {lines("bad v=1 never", ok), driver.ErrSchemaless, "line 1: SML line invalid timestamp:never"},
			"no fields":         {lines(ok, "nonsense"), driver.ErrSchemaless, "SML line cols is empty"},
			"type":              {lines(ok, ok, `clash,h=a v="x" 1700000000001`), driver.ErrSchemaless, "line 3: SML:"},
			"line break":        {lines(ok, "a v=1\nb v=2"), driver.ErrSchemaless, "line 2: a line break"},
			"NUL":               {lines("a v=\"\x00\""), driver.ErrSchemaless, "line 1: a NUL"},
			"not UTF-8":         {lines(ok, "a v=\"\xff\""), driver.ErrSchemaless, "line 2: bytes that are not UTF-8"},
			"long line":         {reader(ok + "\n" + strings.Repeat("x", 100)), driver.ErrSchemaless, "line 2: the line is longer than a batch may be, 50 bytes"},
			"reader, later":     {reader(ok + "\n\n" + ok + "\n" + ok + "\nbad v=abc"), driver.ErrSchemaless, "line 5: invalid data:abc (2 points of the batches before are in)"},
			"JSON":              {document(`{"metric":"x"`), driver.ErrSchemaless, "document 1: malformed JSON"},
			"second document":   {document(`{"metric":"x","timestamp":0,"value":1,"tags":{"a":1}} {"metric":"x","timestamp":0,"value":null,"tags":{"a":1}}`), driver.ErrSchemaless, "document 2: Invalid JSON format"},
			"unreadable":        {driver.SchemalessRequest{Protocol: driver.SchemalessLine, Reader: iotest.ErrReader(errors.New("no disk"))}, driver.ErrInterface, "no disk"},
			"unreadable JSON":   {driver.SchemalessRequest{Protocol: driver.SchemalessJSON, Reader: iotest.ErrReader(errors.New("no disk"))}, driver.ErrInterface, "no disk"},
			"protocol":          {driver.SchemalessRequest{}, driver.ErrInterface, "unknown protocol 0"},
			"precision":         {driver.SchemalessRequest{Protocol: driver.SchemalessLine, Precision: 7}, driver.ErrInterface, "unknown precision 7"},
			"life":              {driver.SchemalessRequest{Protocol: driver.SchemalessLine, TTL: -1}, driver.ErrInterface, "a life of -1 days"},
			"batch":             {driver.SchemalessRequest{Protocol: driver.SchemalessLine, BatchBytes: -1}, driver.ErrInterface, "-1 bytes"},
			"name of the table": {driver.SchemalessRequest{Protocol: driver.SchemalessLine, TableNameKey: "\x00"}, driver.ErrInterface, "NUL"},
		} {
			t.Run(name, func(t *testing.T) {
				r, err := s.InsertSchemaless(background, c.request)
				isError(t, err, c.kind, c.says)
				if strings.Contains(c.says, "2 points") != (r.AffectedRows == 2) {
					t.Errorf("%+v", r)
				}
			})
		}
		if r, err := s.InsertSchemaless(background, driver.SchemalessRequest{Protocol: driver.SchemalessLine, Lines: []string{" ", "# comment"}}); err != nil || r != (driver.SchemalessResult{}) {
			t.Error(r, err)
		}
	})
	none := open(t, srv, "", nil)
	with(t, reserve(t, none), func(s driver.SchemalessInserter) {
		_, err := s.InsertSchemaless(background, lines(ok))
		isError(t, err, driver.ErrProgramming, "Database not specified")
	})
	clean(t, srv)
}

// TestSchemalessIsSentOnce: neither a lost reply nor a context's end sends the
// lines again.
func TestSchemalessReaderWithoutABound(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	with(t, reserve(t, db), func(s driver.SchemalessInserter) {
		r, err := s.InsertSchemaless(background, driver.SchemalessRequest{
			Protocol: driver.SchemalessLine, BatchBytes: math.MaxInt, Reader: strings.NewReader("m,t=x v=1\nm,t=x v=2\n"),
		})
		if err != nil || r.TotalRows != 2 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// The offending line is not looked for in more of a message than servers send.
func TestSchemalessErrorOfAnEndlessMessage(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	srv.Fault(taostest.On{Action: "insert", Times: 1}, taostest.ErrorCode(0x3002, strings.Repeat(":xyz", 1<<19)))
	lines := make([]string, 1<<12)
	for i := range lines {
		lines[i] = fmt.Sprintf("m,t=x v=%d", i)
	}
	with(t, reserve(t, db), func(s driver.SchemalessInserter) {
		done := make(chan error, 1)
		go func() {
			_, err := s.InsertSchemaless(background, driver.SchemalessRequest{Protocol: driver.SchemalessLine, Lines: lines})
			done <- err
		}()
		select {
		case err := <-done:
			if !errors.Is(err, driver.ErrSchemaless) {
				t.Error(err)
			}
		case <-time.After(3 * patience):
			t.Fatal("still looking for the line")
		}
	})
}

func TestSchemalessIsSentOnce(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	request := driver.SchemalessRequest{Protocol: driver.SchemalessLine, Lines: []string{"once,h=a v=1"}}
	insert := func(ctx context.Context) error {
		return driver.WithDB(ctx, db, func(s driver.SchemalessInserter) error {
			_, err := s.InsertSchemaless(ctx, request)
			return err
		})
	}
	srv.Fault(taostest.On{Action: "insert", Times: 1}, taostest.DropAfter)
	if e := isError(t, insert(background), driver.ErrConnection, "lost"); !e.OutcomeUnknown {
		t.Errorf("%+v", e)
	}
	srv.Fault(taostest.On{Action: "insert", Times: 1}, taostest.Delay(200*time.Millisecond))
	ctx, cancel := context.WithTimeout(background, 20*time.Millisecond)
	defer cancel()
	if e := isError(t, insert(ctx), driver.ErrTimeout, ""); !e.OutcomeUnknown || !errors.Is(e, context.DeadlineExceeded) {
		t.Errorf("%+v", e)
	}
	until(t, "the late write is done", func() bool { return srv.Executed("once") == 2 })
	if err := insert(background); err != nil {
		t.Error(err)
	}
	if n := srv.Executed("once"); n != 3 {
		t.Errorf("executed %d times", n)
	}
	clean(t, srv)
}

// TestRESTSaysThatItHasNoExtensions and names itself.
func TestRESTSaysThatItHasNoExtensions(t *testing.T) {
	srv := serve(t)
	db := openREST(t, srv)
	for _, err := range []error{
		driver.WithDB(background, db, func(driver.SchemalessInserter) error { return nil }),
		driver.WithDB(background, db, func(driver.Stmt2Preparer) error { return nil }),
		driver.WithDB(background, db, func(driver.AppenderOpener) error { return nil }),
	} {
		if !errors.Is(err, driver.ErrNotSupported) || !strings.Contains(err.Error(), "over http") {
			t.Error(err)
		}
	}
}
