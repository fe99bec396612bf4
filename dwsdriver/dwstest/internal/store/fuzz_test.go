package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/lex"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/upstream"
)

// fixed is a catalogue of one table.
type fixed struct{}

func (fixed) columns(name string) ([]tableColumn, bool) {
	if name != "t" {
		return nil, false
	}
	var list []tableColumn
	for _, t := range []string{"bigint", "text", "numeric", "timestamptz", "boolean", "bytea", "date"} {
		list = append(list, tableColumn{column: column{string(rune('a' + len(list))), named(t), -1}})
	}
	return list, true
}

func (fixed) relations() []string { return []string{"t"} }

// FuzzCompile reads whatever there is as a statement: it is translated or refused.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{
		"select a, sum(c) over (partition by b order by d) from t where a in (1, $1) group by a having count(*) > 1 order by 1 limit 2",
		"with x as (select 1 as y) insert into t (a, b) select y, $1 from x on conflict (a) do update set b = excluded.b returning *",
		"update t set a = a + 1, d = d + interval '1 day' from (values (1, 'x')) as v(k, l) where t.a = v.k",
		"create table u (k bigserial primary key, n numeric(10, 2) default 1.5 check (n > 0), unique (n))",
		"select case when e then 'x' else b end, d at time zone 'UTC', extract(epoch from d), f || '\\x00' from t as q",
		"select * from generate_series(1, 10, 2) as g(i) left join t on a = i", "select -(-1)::int[]", "alter table t add column z int, drop column a",
		"select a between 1 and 2 and not b like 'x' is true from t", "delete from t where (a, b) in ((1, 'x'))", "drop table if exists t, u cascade",
	} {
		f.Add(seed)
	}
	settings, err := newSettings(upstream.Request{})
	if err != nil {
		f.Fatal(err)
	}
	s := &session{store: &Store{id: "1"}, settings: settings}
	f.Fuzz(func(t *testing.T, text string) {
		for _, tokens := range lex.Split(lex.Tokens(text)) {
			var types []*typ
			_ = compile(func() { newCompiler(lex.Words(tokens), s, fixed{}, &types).statement() })
		}
	})
}

// FuzzValues reads whatever there is as a value of each type: what is accepted is
// written and read again as the same.
func FuzzValues(f *testing.F) {
	for _, seed := range []string{"", "1", "-1.50e3", "t", "NaN", "2024-02-29 23:59:59.999999+05:45", "infinity", `\x00ff`, `a\001`, "{}", "123e4567-e89b-12d3-a456-426614174000", "12:30", "20240229"} {
		f.Add(seed)
	}
	s := &settings{location: time.UTC, values: map[string]string{"extra_float_digits": "3"}}
	f.Fuzz(func(t *testing.T, text string) {
		for _, typ := range types {
			v, err := typ.parse(text, time.UTC)
			if err != nil {
				continue
			}
			written := typ.text(v, s)
			again, err := typ.parse(written, time.UTC)
			if err != nil || typ.text(again, s) != written {
				t.Errorf("%s: %q is kept as %v, written as %q, and that read as %v, %v", typ.name, text, v, written, again, err)
			}
			if b, ok := typ.binary(v); ok {
				if _, err := typ.fromBinary(b); err != nil && typ.kind != kindUUID && typ.oid != 1186 {
					t.Errorf("%s: %q in binary form is refused: %v", typ.name, text, err)
				}
			}
			_, _ = typ.fromBinary([]byte(text))
			_, _ = typ.fit(v, typ.modifier(5, 2))
		}
	})
}

func TestDepth(t *testing.T) {
	settings, err := newSettings(upstream.Request{})
	if err != nil {
		t.Fatal(err)
	}
	s := &session{store: &Store{id: "1"}, settings: settings}
	for _, text := range []string{"select " + strings.Repeat("(", 1e5), "select " + strings.Repeat("- ", 1e5), "select " + strings.Repeat("not ", 1e5) + "1",
		strings.Repeat("select (", 1e4), "select * from " + strings.Repeat("(", 1e5), "select " + strings.Repeat("case when ", 1e4)} {
		var types []*typ
		err := compile(func() { newCompiler(lex.Words(lex.Tokens(text)), s, fixed{}, &types).statement() })
		if explain(err).State != "54001" {
			t.Errorf("%.20s: %v", text, err)
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	st, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	s, err := st.Session(context.Background(), upstream.Request{Database: "gaussdb"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Conn.Close()
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Session(context.Background(), upstream.Request{Database: "nowhere"}, nil); err == nil {
		t.Error("an unknown database is opened")
	}
}
