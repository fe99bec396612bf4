package session

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

func TestTraits(t *testing.T) {
	for text, want := range map[string]traits{
		"select 1":                             {reads: true},
		" /* x */ select 1;":                   {reads: true},
		"select 1; select 2":                   {several: true},
		"with x as (select 1) select * from x": {reads: true},
		"with x as (delete from t returning a) select * from x": {},
		"select * from t left join u using (a)":                 {reads: true, outer: true},
		"select a+1 from t":                                     {reads: true},
		"select a from t union select 1":                        {reads: true, outer: true},
		"select * from t, u where t.a = u.a(+)":                 {reads: true, outer: true},
		"select * into t from u":                                {},
		"select * into temp t from u":                           {effect: lasting},
		"select nextval('s')":                                   {},
		"select set_config('a', 'b', false)":                    {effect: settings},
		"select pg_advisory_lock(1)":                            {effect: lasting},
		"select pg_advisory_xact_lock(1)":                       {},
		"select f(a) from t":                                    {},
		"select f /* x */ (a) from t":                           {},
		"select \"f\"(a) from t":                                {},
		"select s.lower(a) from t":                              {},
		"select öffne(a) from t":                                {},
		"select * from t where (a + 1) in (select b from u)":    {reads: true},
		"select count(*), Lower(a), f from t group by (a)":      {reads: true},
		"select * from generate_series(1, 9) g":                 {reads: true},
		"select a_name_that_is_longer_than_any_keyword_is(1)":   {},
		"select log('who was here')":                            {},
		"select lo_unlink(1)":                                   {},
		"select 'f('":                                           {reads: true},
		"explain performance select 1":                          {},
		"select temp from weather":                              {reads: true},
		"select 'create temp table', \"set_config\"":            {reads: true},
		"create temp table t (a int)":                           {effect: lasting},
		"CREATE GLOBAL TEMPORARY TABLE t (a int)":               {effect: lasting},
		"create table temperature (a int)":                      {},
		"create or replace temp view v as select 1":             {effect: lasting},
		"declare c cursor with hold for select 1":               {effect: cursors},
		"declare c cursor for select 1":                         {},
		"call p()":                                              {effect: settings},
		"do $$ begin end $$":                                    {effect: settings},
		"explain analyze delete from t":                         {},
		"explain select 1":                                      {reads: true},
		"insert into t select set_config('a','b',false)":        {outer: true},
		"": {outer: true},
	} {
		if got := traitsOf(text); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestASessionIsResetIfSomethingMayHaveChanged(t *testing.T) {
	for text, want := range map[string]string{
		"SET search_path = x":        "SET SESSION AUTHORIZATION DEFAULT; RESET ALL",
		"PREPARE p AS SELECT 1":      "DEALLOCATE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL",
		"DECLARE c CURSOR WITH HOLD": "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL",
		"INSERT INTO t VALUES (1)":   "",
	} {
		a := newAnswer()
		s := start(t, Options{}, a.play)
		_, err := s.Exec(background, Text{SQL: text}, nil)
		must(t, err)
		<-a.texts
		must(t, s.Reset(background, false))
		got := ""
		if len(a.texts) > 0 {
			got = <-a.texts
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
		if s.Changed() || s.Lasting() {
			t.Errorf("%s: still changed", text)
		}
		must(t, s.Reset(background, true))
		if len(a.texts) != 1 {
			t.Errorf("%s: not reset though asked to", text)
		}
	}
	a := newAnswer()
	s := start(t, Options{}, a.play)
	_, err := s.Exec(background, Text{SQL: "CREATE TEMP TABLE t (a int)"}, nil)
	must(t, err)
	if !s.Lasting() {
		t.Error("a temporary table is nothing")
	}
}

func TestStatementsAreForgottenWithTheServer(t *testing.T) {
	a := newAnswer()
	a.types = []wire.OID{wire.Int8}
	s := start(t, Options{Cache: 5}, a.play)
	for range 2 {
		must(t, seven(t, s, "select $1", int64(1)))
	}
	for len(a.batches) > 0 {
		<-a.batches
	}
	a.before = func(p *peer, letters string, _ []message) bool {
		if letters == "Q" {
			p.say(tag("DISCARD ALL"), ready(wire.Idle))
		}
		return letters == "Q"
	}
	_, err := s.Exec(background, Text{SQL: "discard all"}, nil)
	must(t, err)
	must(t, seven(t, s, "select $1", int64(1)))
	a.letters(t, "Q", "PDBES")
}

func TestALargeMessageIsReadAndALyingLengthTakesNoMemory(t *testing.T) {
	text := strings.Repeat("0123456789", 100_000)
	s := start(t, Options{}, func(p *peer) {
		p.batch()
		p.say(msg(wire.ParseComplete, ""), params(wire.Int8), columns(wire.TextType), msg(wire.BindComplete, ""), dataRow(text), dataRow("x"), tag("SELECT 2"), ready(wire.Idle))
		p.batch()
		p.say([]byte{'D', 0x3f, 0xff, 0xff, 0xff, 0, 1})
	})
	q, err := s.Query(background, Text{SQL: "select $1"}, args(int64(1)))
	must(t, err)
	b, err := q.Next()
	must(t, err)
	if b.Columns[0].At(0) != text {
		t.Error("the text was changed")
	}
	must(t, q.Close())
	if len(s.in.buf) != smallInput {
		t.Errorf("a session at rest keeps %d bytes", len(s.in.buf))
	}
	_, err = s.Query(background, Text{SQL: "select $1"}, args(int64(1)))
	if !errors.As(err, new(*LostError)) {
		t.Errorf("the error is %v", err)
	}
}

func TestProbe(t *testing.T) {
	types := make([]wire.OID, len(binaryProbes))
	cells := make([]string, len(binaryProbes))
	for i, p := range binaryProbes {
		types[i], cells[i] = p.typ, p.want
	}
	cells[0] = "PostgreSQL 9.2.4 (GaussDB 8.2.1)"
	cells[2] = "-2" // in text, whatever was asked for
	types[9] = wire.Timestamp
	s := start(t, Options{}, func(p *peer) {
		p.batch()
		p.say(msg(wire.ParseComplete, ""), params(), columns(types...), msg(wire.BindComplete, ""), dataRow(cells...), tag("SELECT 1"), ready(wire.Idle))
		p.batch()
		p.say(refusal("ERROR", "42601", "no"), ready(wire.Idle))
		p.batch()
	})
	version, got, err := s.Probe(background)
	must(t, err)
	if version != cells[0] || len(got) != len(binaryProbes)-3 {
		t.Errorf("%q, %v", version, got)
	}
	if _, got, err := s.Probe(background); !errors.As(err, new(*ServerError)) || got != nil || !s.Alive() {
		t.Errorf("%v, %v", got, err)
	}
}

func TestCopyIn(t *testing.T) {
	data := strings.Repeat("1\tabc\n", 50_000)
	got := ""
	s := start(t, Options{}, func(p *peer) {
		p.batch()
		p.say(msg(wire.CopyInResponse, "\x00\x00\x00"))
		_, messages := p.batch()
		for _, m := range messages {
			if m.typ == wire.CopyData {
				got += m.body
			}
		}
		p.say(tag("COPY 50000"), ready(wire.Idle))
		p.batch()
		p.say(msg(wire.CopyInResponse, "\x00\x00\x00"))
		if letters, _ := p.batch(); letters != "f" && letters != "df" {
			panic(letters)
		}
		p.say(refusal("ERROR", queryCanceled, "COPY from stdin failed: enough"), ready(wire.Idle))
		p.batch()
		p.say(msg(wire.CopyInResponse, "\x00\x00\x00"), refusal("ERROR", "22P02", "invalid"), ready(wire.Idle))
		p.batch()
		p.say(ready(wire.Idle))
		p.batch()
	})
	c, err := s.CopyIn(background, "copy t from stdin")
	must(t, err)
	n, err := c.Write([]byte(data))
	must(t, err)
	rows, err := c.Close()
	must(t, err)
	if n != len(data) || got != data || rows != 50_000 {
		t.Errorf("%d bytes, %d arrived, %d rows", n, len(got), rows)
	}
	c, err = s.CopyIn(background, "copy t from stdin")
	must(t, err)
	must(t, c.Abort("enough"))
	c, err = s.CopyIn(background, "copy t from stdin")
	must(t, err)
	var said *ServerError
	for err == nil {
		_, err = c.Write([]byte(data))
	}
	if !errors.As(err, &said) || said.Code != "22P02" {
		t.Errorf("the error is %v", err)
	}
	if _, err := c.Close(); !errors.As(err, &said) || said.Code != "22P02" {
		t.Errorf("the error is %v", err)
	}
	must(t, s.Ping(background))
}

type failing struct{ after int }

var errFull = errors.New("disk full")

func (f *failing) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestCopyOut(t *testing.T) {
	var stopped bool
	play := func(p *peer) {
		for range 2 {
			p.batch()
			p.say(msg(wire.CopyOutResponse, "\x00\x00\x00"))
			for range 20_000 {
				p.say(msg(wire.CopyData, "1\tabcdefghij\n"))
			}
			p.say(msg(wire.CopyDone, ""), tag("COPY 20000"), ready(wire.Idle))
		}
		p.batch()
		p.say(tag("INSERT 0 1"), ready(wire.Idle))
		p.batch()
	}
	s := start(t, Options{Cancel: func(context.Context) error { stopped = true; return nil }}, play)
	var b strings.Builder
	n, err := s.CopyOut(background, "copy t to stdout", &b)
	if n != 20_000 || err != nil || b.Len() != 20_000*13 {
		t.Errorf("%d rows, %d bytes, %v", n, b.Len(), err)
	}
	if _, err := s.CopyOut(background, "copy t to stdout", &failing{after: 100_000}); !errors.Is(err, errFull) || !stopped {
		t.Errorf("the error is %v", err)
	}
	if _, err := s.CopyOut(background, "insert", &b); !errors.As(err, new(*ArgumentError)) || !s.Alive() {
		t.Errorf("the error is %v", err)
	}
}

// FuzzSession lets a server answer any bytes to anything.
func FuzzSession(f *testing.F) {
	good := func(parts ...[]byte) (all []byte) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	f.Add(good(msg(wire.ParseComplete, ""), params(wire.Int8), columns(wire.Int8), msg(wire.BindComplete, ""), dataRow("7"), tag("SELECT 1"), ready(wire.Idle)), uint8(0))
	f.Add(good(columns(wire.Int8), dataRow("7"), tag("SELECT 1"), columns(wire.TextType), dataRow("x"), tag("SELECT 1"), ready(wire.Idle)), uint8(1))
	f.Add(good(refusal("ERROR", "42601", "syntax"), ready(wire.InFailed)), uint8(2))
	f.Add(good(msg(wire.CopyInResponse, "\x00\x00\x00"), refusal("ERROR", "22P02", "x"), ready(wire.Idle)), uint8(3))
	f.Add(good(msg(wire.CopyOutResponse, "\x00\x00\x00"), msg(wire.CopyData, "x"), msg(wire.CopyDone, ""), tag("COPY 1"), ready(wire.Idle)), uint8(4))
	f.Add(refusal("FATAL", "57P01", "bye"), uint8(5))
	f.Fuzz(func(t *testing.T, b []byte, what uint8) {
		s := start(t, Options{Cache: 3}, func(p *peer) {
			p.say(b)
		})
		ctx := background
		for range 3 {
			switch what % 6 {
			case 0, 1:
				text := []string{"select 1 where $1", "select 1; select 2"}[what%6]
				list := args(int64(1))[:1-what%6]
				q, err := s.Query(ctx, Text{SQL: text}, list)
				if err != nil {
					continue
				}
				for err == nil {
					if _, err = q.Next(); err != nil {
						err = q.NextSet()
					}
				}
				q.Close()
				q.Close()
			case 2:
				_, _ = s.Exec(ctx, Text{SQL: "insert"}, nil)
				_ = s.Reset(ctx, true)
			case 3:
				if c, err := s.CopyIn(ctx, "copy"); err == nil {
					_, _ = c.Write([]byte("x"))
					_, _ = c.Close()
					_ = c.Abort("")
				}
			case 4:
				_, _ = s.CopyOut(ctx, "copy", &failing{after: 3})
			case 5:
				if p, err := s.Prepare(ctx, "select $1"); err == nil {
					_, _ = p.Exec(ctx, "", args("x"))
					p.Close()
				}
				_, _, _ = s.Probe(ctx)
			}
		}
	})
}
