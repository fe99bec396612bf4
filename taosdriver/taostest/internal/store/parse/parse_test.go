package parse_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

func TestTheKindOfAStatement(t *testing.T) {
	for sql, want := range map[string]parse.Statement{
		"select 1":                       &parse.Query{},
		"(select 1) union (select 2)":    &parse.Query{},
		"INSERT INTO t VALUES (1)":       &parse.Insert{},
		"import into t values (1)":       &parse.Insert{},
		"delete from t":                  &parse.Delete{},
		"create database d":              &parse.CreateDatabase{},
		"create table t (ts timestamp)":  &parse.CreateTable{},
		"create table t using s tags(1)": &parse.CreateChildren{},
		"alter table t add column c int": &parse.AlterTable{},
		"alter database d keep 1":        &parse.AlterDatabase{},
		"drop stable if exists t":        &parse.DropTable{},
		"drop database d":                &parse.DropDatabase{},
		"use d":                          &parse.Use{},
		"desc t":                         &parse.Describe{},
		"show tables":                    &parse.Show{},
	} {
		got, err := parse.Parse(sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
		} else if reflect.TypeOf(got) != reflect.TypeOf(want) {
			t.Errorf("%s: %T, want %T", sql, got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		sql, text string
		code      int
	}{
		{"", "Incomplete SQL statement", sqlerr.Incomplete},
		{" \t\n", "Incomplete SQL statement", sqlerr.Incomplete},
		{"-- nothing", "Incomplete SQL statement", sqlerr.Incomplete},
		{"/* never closed", "Incomplete SQL statement", sqlerr.Incomplete},
		{";", `syntax error near ";"`, sqlerr.Syntax},
		{"SELEC 1", `syntax error near "selec 1"`, sqlerr.Syntax},
		{"select 'A' 'B'", `syntax error near "'B'"`, sqlerr.Syntax},
		{"select * FRO t", `syntax error near "fro t"`, sqlerr.Syntax},
		{"select ; 1", `syntax error near "; 1"`, sqlerr.Syntax},
		{"select 'x", `unrecognized token: "'x"`, sqlerr.Syntax},
		{"select `x", "unrecognized token: \"`x\"", sqlerr.Syntax},
		{"select 中文", `unrecognized token: "中文"`, sqlerr.Syntax},
		{"insert t values (1)", "syntax error near 't values (1)' (keyword INTO is expected)", sqlerr.InsertSyntax},
		{"insert into t tags (1)", `syntax error near "tags (1)"`, sqlerr.Syntax},
		{"kill query 'x'", "taostest: not supported by the embedded store: kill", sqlerr.Syntax},
		{"create stream s into t as select 1", "taostest: not supported by the embedded store: create stream", sqlerr.Syntax},
	} {
		_, err := parse.Parse(c.sql)
		var e *sqlerr.Error
		if !errors.As(err, &e) || e.Code() != c.code || e.Error() != c.text {
			t.Errorf("%q: %v, want 0x%04x %s", c.sql, err, c.code, c.text)
		}
	}
}

func TestNestingIsBounded(t *testing.T) {
	for name, sql := range map[string]string{
		"brackets":   "select " + strings.Repeat("(", 100000) + "1",
		"signs":      "select " + strings.Repeat("- ", 100000) + "x",
		"not":        "select " + strings.Repeat("not ", 100000) + "x",
		"calls":      "select " + strings.Repeat("abs(", 100000),
		"case":       "select " + strings.Repeat("case when ", 100000),
		"subqueries": strings.Repeat("select * from (", 100000),
		"unions":     strings.Repeat("(", 100000) + "select 1",
		"in":         "select " + strings.Repeat("1 in (", 100000),
	} {
		if _, err := parse.Parse(sql); err == nil || !strings.Contains(err.Error(), "nesting deeper than") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Long is not deep.
	if _, err := parse.Parse("select 1" + strings.Repeat(" + 1", 4000) + strings.Repeat(" and 1", 4000)); err != nil {
		t.Errorf("a long expression: %v", err)
	}
	for _, chain := range []string{" + 1", " or 1", " is null", " = 1", " -> 'x'", " in (1)"} {
		if _, err := parse.Parse("select x" + strings.Repeat(chain, 100000)); err == nil || !strings.Contains(err.Error(), "operators") {
			t.Errorf("a chain of%s: %v", chain, err)
		}
	}
}

func TestAQuestionMarkIsAParameterOutsideQuotesOnly(t *testing.T) {
	for sql, want := range map[string]int{
		"select ?":                      1,
		"select '?', \"?\", `?` from t": 0,
		"select ? -- ?\n, ? /* ? */":    2,
		`select '\'?', ?`:               1,
		"select '''?', ?":               1,
		"select 1 where":                -1,
		"insert into ? using s tags (?,?) (ts) values (?) ? values (?, 'x', ?)": 7,
		"delete from t where ts > ?":       1,
		"select 1 from t limit ? offset ?": 2,
		"select ?; select ?":               1,
	} {
		st, err := parse.Parse(sql)
		got := -1
		switch st := st.(type) {
		case *parse.Query:
			got = st.Params.Count
		case *parse.Insert:
			got = st.Params.Count
		case *parse.Delete:
			got = st.Params.Count
		}
		if got != want {
			t.Errorf("%s: %d parameters, want %d (%v)", sql, got, want, err)
		}
	}
}

func TestUnquote(t *testing.T) {
	for lit, want := range map[string]string{
		`''`: "", `'a'`: "a", `"a"`: "a", `'it''s'`: "it's", `'it\'s'`: "it's", `"say ""x"""`: `say "x"`, `'"'`: `"`, `'a\\b'`: `a\b`,
		`'\n\r\t'`: "\n\r\t", `'\%\_'`: `\%\_`, `'\x41'`: `\x41`, `'\q'`: "q", `'中文\''`: "中文'",
	} {
		if got := parse.Unquote(lit); got != want {
			t.Errorf("%s: %q, want %q", lit, got, want)
		}
	}
}

func TestAnInsertKeepsWhatCameBeforeAnError(t *testing.T) {
	st, err := parse.Parse("insert into t values (1, 2) (3, !")
	if err != nil {
		t.Fatal(err)
	}
	ins := st.(*parse.Insert)
	if ins.Tail == nil || len(ins.Clauses) != 1 || len(ins.Clauses[0].Rows) != 2 {
		t.Fatalf("%+v", ins)
	}
	if r := ins.Clauses[0].Rows[1]; len(r.Values) != 1 || r.Close != -1 {
		t.Errorf("the broken row: %+v", r)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"select a.*, -b + 1 as `c d`, count(*), case x when 1 then 'y' else null end from d.t a where not (x between ? and 2) or y in (1, 'z') and s like '%\\_' " +
			"partition by tbname interval(1m, 10s) sliding(30s) fill(value, 1) having max(v) > 0 order by 1 desc nulls last slimit 1 limit 2, 3",
		"select j->'k' contains 'x', cast(v as varchar(10)), now - 1d from (select 1 union all select 2) x group by 1",
		"insert into ? using st (a, b) tags (?, '\\x01') (ts, v) values (now + 1s - 2m, -1.5e3) ('2024-01-01', null), (0x1f, true) d.t2 values (today(), ?)",
		"create database if not exists d precision 'us' keep 1d,2d,3d vgroups 2",
		"create stable if not exists d.s (ts timestamp, v decimal(10, 2) encode 'x' compress 'y', n nchar(5)) tags (j json) comment 'c' sma(v)",
		"create table a using s tags (1) if not exists b using s (g) tags ('x')",
		"alter table t set tag a = 'b', c = 1; alter", "drop table if exists a, b", "delete from t where ts < now", "show create table `T`.`x``y`",
		"/* a */ desc t -- b", "'", "`", "1e", "0x", "?.", "\xff\x00", "select ((((1))))", "insert into t values (1,,2)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		a, err := parse.Parse(sql)
		if err != nil {
			var e *sqlerr.Error
			if !errors.As(err, &e) || e.Code() == 0 || e.Error() == "" {
				t.Fatalf("error %T %v", err, err)
			}
			return
		}
		// Letters outside quotes do not matter, and what follows a semicolon neither.
		b, err := parse.Parse(parse.Fold(sql) + " ; '")
		if ins, ok := a.(*parse.Insert); ok && ins.Tail != nil || strings.Contains(sql, "--") || strings.Contains(sql, "/*") {
			return
		}
		if err != nil {
			t.Fatalf("%q parses, with a semicolon not: %v", sql, err)
		}
		if reflect.TypeOf(a) != reflect.TypeOf(b) {
			t.Fatalf("%T became %T", a, b)
		}
	})
}
