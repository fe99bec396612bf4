package store

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open returns a session of the table model in the database d.
func open(t testing.TB) *Session {
	t.Helper()
	st, err := New("ms")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	s := st.NewSession("root", "", time.UTC, false)
	mustRun(t, s, "create database d")
	mustRun(t, s, "use d")
	return s
}

// run returns the rows of a statement.
func run(s *Session, sql string) ([][]any, *Result, error) {
	r, err := s.Execute(context.Background(), sql)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	var rows [][]any
	for r.Columns != nil {
		row := make([]any, r.Width())
		if err := r.Next(context.Background(), row); err == io.EOF {
			break
		} else if err != nil {
			return nil, nil, err
		}
		full := make([]any, len(r.Columns))
		for i, at := range r.Index {
			full[i] = row[at]
		}
		rows = append(rows, full)
	}
	return rows, r, nil
}

func mustRun(t testing.TB, s *Session, sql string) ([][]any, *Result) {
	t.Helper()
	rows, r, err := run(s, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return rows, r
}

func code(err error) int32 {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// FuzzParse: whatever comes is taken or refused, and what is taken compiles or is
// refused.
func FuzzParse(f *testing.F) {
	for _, sql := range []string{
		"select tg, count(*) as n from t where time > 2024-01-01T00:00:00+08:00 and x like 'a%' group by tg having count(*) > 1 order by n desc limit 5 offset 1",
		"insert into t(time, i) values (1, 2), (now(), null)", "create table t (tg string tag, i int32 field) with (ttl=5)",
		"select case when i in (1,2) then -1.5e3 else cast('7' as int32) end, date_bin(1d, time) from (select * from t) as q join t using(time)",
		"select (select max(i) from t), X'cafe', \"a\"\"b\" from t where not exists (select i from t) -- c", "show devices from d.t where tg is null", "((((", "'",
	} {
		f.Add(sql)
	}
	s := open(f)
	mustRun(f, s, "create table t (tg string tag, a string attribute, i int32, x text, d double)")
	f.Fuzz(func(t *testing.T, sql string) {
		body, _, err := parse(sql)
		if err != nil {
			return
		}
		if q, ok := body.(*selection); ok {
			c := &compiler{session: s, now: time.Now()}
			func() {
				defer func() {
					if p := recover(); p != nil {
						if _, ok := p.(*Error); !ok {
							panic(p)
						}
					}
				}()
				c.selection(q)
			}()
		}
	})
}

// TestLongExpressions: what is nested too deep is refused, not run out of stack for.
func TestLongExpressions(t *testing.T) {
	s := open(t)
	mustRun(t, s, "create table t (i int32)")
	for _, sql := range []string{
		"select i from t where i = " + strings.Repeat("1 + ", 100_000) + "1", "select i from t where i = " + strings.Repeat("(", 100_000) + "1",
		"select i from t where " + strings.Repeat("not ", 100_000) + "true", strings.Repeat("(", 100_000), strings.Repeat("prepare a from ", 100_000) + "show tables",
		"select i from t where i = " + strings.Repeat("- ", 100_000) + "1",
	} {
		if _, _, err := run(s, sql); code(err) == 0 {
			t.Errorf("%.40s...: %v", sql, err)
		}
	}
	mustRun(t, s, "select i from t where i in ("+strings.Repeat("1, ", 5000)+"1)")
}

func TestUnquote(t *testing.T) {
	for in, want := range map[string]string{
		"''": "", "'a'": "a", "''''": "'", "'it''s' x": "it's", "'a'''": "a'", "\"a'\"\"\"": "a'\"", "'''a'": "'a",
	} {
		if got, n, ok := unquote(in); got != want || !ok || in[n-1] != in[0] {
			t.Errorf("%s: %q, %d, %t", in, got, n, ok)
		}
	}
	for _, in := range []string{"'", "'a", "'a''", "'''"} {
		if got, _, ok := unquote(in); ok {
			t.Errorf("%s: %q", in, got)
		}
	}
}
