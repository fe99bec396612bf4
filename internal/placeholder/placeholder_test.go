package placeholder

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// shown writes sql with each placeholder as {n}, n its argument counted from 1.
func shown(t *testing.T, d *Dialect, sql string) string {
	t.Helper()
	marks, _, err := d.Marks(sql)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	last := 0
	for _, m := range marks {
		b.WriteString(sql[last:m.Start] + "{" + string(rune('1'+m.Arg)) + "}")
		last = m.End
	}
	return b.String() + sql[last:]
}

func TestMarks(t *testing.T) {
	tests := []struct {
		name      string
		d         *Dialect
		sql, want string
	}{
		{"nothing", &TDengine, "", ""},
		{"values", &TDengine, "insert into t values (?,?)", "insert into t values ({1},{2})"},
		{"in strings", &TDengine, `select '?', "?", ?`, `select '?', "?", {1}`},
		{"behind a doubled quote", &TDengine, `select 'a''?', "b""?", ?`, `select 'a''?', "b""?", {1}`},
		{"behind an escaped quote", &TDengine, `select 'a\'?', "b\"?", ?`, `select 'a\'?', "b\"?", {1}`},
		{"behind an escaped backslash", &TDengine, `select 'a\\',?`, `select 'a\\',{1}`},
		{"in an identifier", &TDengine, "select `a?``?`, ?", "select `a?``?`, {1}"},
		{"backslash in an identifier is ordinary", &TDengine, "select `a\\`, ?", "select `a\\`, {1}"},
		{"other quotes inside quotes", &TDengine, `select '"', ?, "'", ?`, `select '"', {1}, "'", {2}`},
		{"in a line comment", &TDengine, "select 1 -- ?\n, ?", "select 1 -- ?\n, {1}"},
		{"in a line comment without a blank", &TDengine, "select 1--?\n, ?", "select 1--?\n, {1}"},
		{"in a line comment at the end", &TDengine, "select ? --", "select {1} --"},
		{"carriage return does not end a comment", &TDengine, "select 1 -- \r ?", "select 1 -- \r ?"},
		{"minus and arrow are no comments", &TDengine, "select a->?, 1-?", "select a->{1}, 1-{2}"},
		{"in a block comment", &TDengine, "select /* ? */ ? /*/ ? */", "select /* ? */ {1} /*/ ? */"},
		{"block comments do not nest", &TDengine, "/* /* */ ? */", "/* /* */ {1} */"},
		{"quote inside a comment", &TDengine, "/* ' */ ? -- '\n ?", "/* ' */ {1} -- '\n {2}"},
		{"comment inside a string", &TDengine, "'/*' ? '--' ?", "'/*' {1} '--' {2}"},
		{"not closed", &TDengine, "select ?, 'a ?", "select {1}, 'a ?"},
		{"not closed after a backslash", &TDengine, `select ?, 'a ?\`, `select {1}, 'a ?\`},
		{"dollar is ordinary", &TDengine, "select $1, a$2, ?", "select $1, a$2, {1}"},

		{"backslash is ordinary", &IoTDB, `select 'a\', ?`, `select 'a\', {1}`},
		{"carriage return ends a comment", &IoTDB, "-- ?\r ?", "-- ?\r {1}"},
		{"the tree model has no comments", &IoTDBTree, "select a -- '\n ?' /* ? */", "select a -- '\n ?' /* {1} */"},

		{"in a regular expression", &SiriDB, `select * from /a?\/?b/i where ?`, `select * from /a?\/?b/i where {1}`},
		{"second regular expression", &SiriDB, "/a?/ | /b?/, ?", "/a?/ | /b?/, {1}"},
		{"division of a number", &SiriDB, "1d / ? / 2", "1d / {1} / 2"},
		{"division of now", &SiriDB, "now / ? + now/?", "now / {1} + now/{2}"},
		{"division of parentheses", &SiriDB, "(1) / ? / 2", "(1) / {1} / 2"},
		{"in a hash comment", &SiriDB, "# '?\n ?", "# '?\n {1}"},
		{"dashes are no comment", &SiriDB, "1--?", "1--{1}"},
		{"group names", &SiriDB, "select * from `a?``?` & ?", "select * from `a?``?` & {1}"},

		{"numbered", &DWS, "select $2, $1, $2", "select {2}, {1}, {2}"},
		{"question marks are operators beside numbers", &DWS, "select a ? $1, b ?| $2", "select a ? {1}, b ?| {2}"},
		{"question marks", &DWS, "select ?, ?", "select {1}, {2}"},
		{"number inside a word", &DWS, "select a$1, ?", "select a$1, {1}"},
		{"dollar quotes", &DWS, "select $$ ? $1 $$, $x$ $$ ? $y$ $x$, ?", "select $$ ? $1 $$, $x$ $$ ? $y$ $x$, {1}"},
		{"dollar quote not closed", &DWS, "? $x$ ?", "{1} $x$ ?"},
		{"dollar alone", &DWS, "$ ? $x ?", "$ {1} $x {2}"},
		{"escape string", &DWS, `E'\'?' ? 'a\' ?`, `E'\'?' {1} 'a\' {2}`},
		{"word that ends in e before a string", &DWS, `date'\' ?`, `date'\' {1}`},
		{"nested block comments", &DWS, "/* /* ? */ ? */ ?", "/* /* ? */ ? */ {1}"},
		{"back-quote is ordinary", &DWS, "` ? `", "` {1} `"},
		{"zero", &DWS, "select $0", "placeholder at byte 7 is not from $1 to $65535"},
		{"far too high", &DWS, "$99999999999999999999", "placeholder at byte 0 is not from $1 to $65535"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := shown(t, tt.d, tt.sql); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if has := tt.d.Has(tt.sql); has != (strings.Contains(tt.want, "{") || strings.HasPrefix(tt.want, "placeholder")) {
				t.Errorf("Has is %v", has)
			}
		})
	}
}

func TestWords(t *testing.T) {
	tests := []struct {
		name, sql string
		want      []string
	}{
		{"use", "use power", []string{"use", "power"}},
		{"behind comments", "-- x\n/* y */ Alter\tDATABASE a", []string{"Alter", "DATABASE"}},
		{"parentheses", "((select 1)) union", []string{"select"}},
		{"quoted name", "USE `db`", []string{"USE"}},
		{"word against a quote", "use'db'", []string{"use"}},
		{"nothing", " -- select", []string{}},
		{"no word", "1 + 1", []string{}},
		{"semicolon", "commit;select", []string{"commit"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := TDengine.Words(tt.sql, make([]string, 0, 2)); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFirst(t *testing.T) {
	tests := []struct{ name, sql, statement, rest string }{
		{"single", "select 1", "select 1", ""},
		{"semicolon at the end", "select 1; ", "select 1", ""},
		{"several semicolons and a comment", "select 1;; -- done;\n; /* ; */", "select 1", ""},
		{"two statements", "select ';' ; drop table t; x", "select ';' ", "drop table t; x"},
		{"in a comment", "select 1 -- ; drop\n", "select 1 -- ; drop\n", ""},
		{"nothing", "", "", ""},
		{"only semicolons", ";;", "", ""},
		{"quoted after", ";'a'", "", "'a'"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			statement, rest := TDengine.First(tt.sql)
			if statement != tt.statement || rest != tt.rest {
				t.Errorf("got %q and %q, want %q and %q", statement, rest, tt.statement, tt.rest)
			}
		})
	}
}

func TestNumber(t *testing.T) {
	tests := []struct {
		sql, want string
		args      int
	}{
		{"select 1", "select 1", 0},
		{"select ?, '?', ?", "select $1, '?', $2", 2},
		{"select $2, a ? b", "select $2, a ? b", 2},
	}
	for _, tt := range tests {
		got, args, err := DWS.Number(tt.sql)
		if err != nil || got != tt.want || args != tt.args {
			t.Errorf("%s: got %s, %d, %v", tt.sql, got, args, err)
		}
	}
	if _, _, err := DWS.Number("$0"); err == nil {
		t.Error("$0 is no error")
	}
}

func asIs(dst []byte, literal string) ([]byte, error) { return append(dst, literal...), nil }

func TestExpand(t *testing.T) {
	tests := []struct {
		name, sql string
		args      []string
		want      string
	}{
		{"nothing", "select '?'", nil, "select '?'"},
		{"values", "values (?,?)", []string{"1", "'a'"}, "values (1,'a')"},
		{"comparison", "where a=? and b>?", []string{"-1", "2"}, "where a=-1 and b> 2"},
		{"minus meets minus", "select 1-?", []string{"-1"}, "select 1- -1"},
		{"quote meets quote", "select 'a'?'b'", []string{"'c'"}, "select 'a' 'c' 'b'"},
		{"digit meets digit", "select 1?2", []string{"3"}, "select 1 3 2"},
		{"placeholders side by side", "??", []string{"1", "2"}, "1 2"},
		{"beginning and end", "?", []string{"?"}, "?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Expand(&TDengine, tt.sql, tt.args, asIs)
			if err != nil || got != tt.want {
				t.Errorf("got %s, %v, want %s", got, err, tt.want)
			}
		})
	}
}

func TestExpandErrors(t *testing.T) {
	errQuote := errors.New("cannot be written")
	refuse := func(dst []byte, arg string) ([]byte, error) {
		if arg == "bad" {
			return nil, errQuote
		}
		return dst, nil
	}
	tests := []struct {
		name, sql string
		args      []string
		want      string
	}{
		{"too few", "? ?", []string{"1"}, "got 1 argument for 2 placeholders"},
		{"too many", "?", []string{"1", "2"}, "got 2 arguments for 1 placeholder"},
		{"none wanted", "'?'", []string{"1"}, "got 1 argument for 0 placeholders"},
		{"none given", "?", nil, "got 0 arguments for 1 placeholder"},
		{"refused", "? ?", []string{"good", "bad"}, "argument 2: cannot be written"},
		{"malformed", "$0", nil, "placeholder at byte 0 is not from $1 to $65535"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Expand(&DWS, tt.sql, tt.args, refuse)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if tt.name == "refused" && !errors.Is(err, errQuote) {
				t.Error("the cause is lost")
			}
		})
	}
}

func TestNoAllocationWithoutPlaceholders(t *testing.T) {
	sql := "select a, '?' from `t?` where b > 1 -- ?"
	for name, f := range map[string]func(){
		"Expand": func() { _, _ = Expand(&TDengine, sql, nil, asIs) },
		"Has":    func() { TDengine.Has(sql) },
		"First":  func() { TDengine.First(sql) },
		"Words":  func() { TDengine.Words(sql, make([]string, 0, 3)) },
		"Number": func() { _, _, _ = DWS.Number("select a from t") },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// TestLinearTime: the shapes that could make a scanner look at the same byte
// again and again, each so long that quadratic time would not end.
func TestLinearTime(t *testing.T) {
	const n = 1 << 19
	for _, part := range []string{"'", "''?", `\'`, "$a", "$a$", "$$?", "/*", "--", "--\n", "/", "/1", "e'", "?", "1.", "`", "#"} {
		sql := strings.Repeat(part, n/len(part))
		for _, d := range []*Dialect{&TDengine, &IoTDB, &IoTDBTree, &SiriDB, &DWS} {
			if d.Has(sql) && !strings.ContainsAny(sql, "?$") {
				t.Errorf("%q has a placeholder", part)
			}
			d.First(sql)
		}
	}
}

func BenchmarkExpand(b *testing.B) {
	sql := "insert into meters values " + strings.Repeat("(?, ?, ?, 'text', 1.5), ", 100)
	args := make([]string, 300)
	for i := range args {
		args[i] = "'2024-01-01 00:00:00.000'"
	}
	b.SetBytes(int64(len(sql)))
	b.ReportAllocs()
	for range b.N {
		if _, err := Expand(&TDengine, sql, args, asIs); err != nil {
			b.Fatal(err)
		}
	}
}
