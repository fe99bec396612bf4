package query

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func TestKinds(t *testing.T) {
	for text, want := range map[string]Statement{
		"select * from 'a'":                 {Text: "select * from 'a'", Kind: Select},
		" \n select * from 'a' ; ":          {Text: " \n select * from 'a' ", Kind: Select},
		"timeit select * from ?":            {Text: "timeit select * from ?", Kind: Select, Timeit: true, Args: 1},
		"timeit":                            {Text: "timeit", Timeit: true},
		"list series":                       {Text: "list series"},
		"":                                  {},
		"# nothing ?":                       {Text: "# nothing ?"},
		"now - 1d":                          {Text: "now - 1d"},
		"?":                                 {Text: "?"},
		"? count # ?":                       {Text: "? count # ?"},
		"timeit ? list":                     {Text: "timeit ? list", Timeit: true},
		"? list # \n ?":                     {Text: "help list # \n ?", Args: 1},
		"? + 1d":                            {Text: "? + 1d", Args: 1},
		"select * from /a?b/ after ?":       {Text: "select * from /a?b/ after ?", Kind: Select, Args: 1},
		"select * from '?', \"?\", `?` | ?": {Text: "select * from '?', \"?\", `?` | ?", Kind: Select, Args: 1},
		"10 / 2 / ?":                        {Text: "10 / 2 / ?", Args: 1},
		"SELECT * from 'a'":                 {Text: "SELECT * from 'a'"}, // the server refuses it
	} {
		got, err := Parse(text)
		if err != nil || !reflect.DeepEqual(*got, want) {
			t.Errorf("%q: got %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"select 1; select 2", "a\x00b", "list series; ;x"} {
		if s, err := Parse(text); !errors.Is(err, ErrSyntax) {
			t.Errorf("%q: got %+v, %v", text, s, err)
		}
	}
}

func TestExpand(t *testing.T) {
	s, err := Parse("select * from ? between ? and ? # ?")
	if err != nil {
		t.Fatal(err)
	}
	quote := func(dst []byte, arg string) ([]byte, error) { return AppendString(dst, arg) }
	got, err := Expand(s, []string{"it's", "?", "/"}, quote)
	if want := "select * from 'it''s' between '?' and '/' # ?"; err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := Expand(s, []string{"a"}, quote); err == nil {
		t.Error("one argument for three placeholders")
	}
	if _, err := Expand(s, []string{"a\x00", "", ""}, quote); !errors.Is(err, ErrNUL) {
		t.Errorf("NUL: %v", err)
	}
}

func TestLiterals(t *testing.T) {
	for name, want := range map[string]string{
		"a": "'a'", "it's": "'it''s'", `\`: `'\'`, "": "''", "\xff\n": "'\xff\n'",
	} {
		if got, err := AppendString(nil, name); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	if got, err := AppendGroup(nil, "a`b'"); err != nil || string(got) != "`a``b'`" {
		t.Errorf("group: %q, %v", got, err)
	}
	for pattern, want := range map[string]string{
		"cpu.*": "/cpu.*/", "a/b": `/a\/b/`, `a\/b`: `/a\/b/`, `\\/`: `/\\\//`,
	} {
		if got, err := AppendPattern(nil, pattern, false); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v", pattern, got, err)
		}
	}
	if got, _ := AppendPattern(nil, "a", true); string(got) != "/a/i" {
		t.Errorf("%q", got)
	}
	for _, pattern := range []string{`a\`, "a\x00", "a\\\n"} {
		if got, err := AppendPattern(nil, pattern, false); !errors.Is(err, ErrPattern) {
			t.Errorf("%q: %q, %v", pattern, got, err)
		}
	}
	for f, want := range map[float64]string{
		1: "1", -0.5: "-0.5", 1e21: "1000000000000000000000", 1e-7: "0.0000001",
		math.Inf(1): "inf", math.Inf(-1): "-inf",
	} {
		if got := AppendFloat(nil, f); string(got) != want {
			t.Errorf("%v: %q", f, got)
		}
	}
	if got := AppendFloat(nil, math.NaN()); string(got) != "nan" {
		t.Errorf("NaN: %q", got)
	}
}

func text(s string) Operand    { return Operand{Kind: Text, Text: s} }
func number64(n int64) Operand { return Operand{Kind: Int, Int: n} }
func float(f float64) Operand  { return Operand{Kind: Float, Float: f} }
func arg(n int) Operand        { return Operand{Kind: Arg, Arg: n} }

func TestInsert(t *testing.T) {
	now := Operand{Kind: Now}
	for statement, want := range map[string][]Row{
		"insert into cpu values (1, 2)":                                        {{text("cpu"), number64(1), number64(2)}},
		"INSERT INTO cpu.user (time, value) VALUES (?, ?), (?, ?);":            {{text("cpu.user"), arg(0), arg(1)}, {text("cpu.user"), arg(2), arg(3)}},
		"INSERT INTO `it``s` (Value,TIME) VALUES (1.5,now)":                    {{text("it`s"), now, float(1.5)}},
		"INSERT INTO ? (time, value) VALUES (?, ?)":                            {{arg(0), arg(1), arg(2)}},
		`INSERT INTO "points" ("series","time","value") VALUES (?,?,?)`:        {{arg(0), arg(1), arg(2)}},
		"INSERT INTO (series, time, value) VALUES ('a', 1, 'x'), ('b', 2, -3)": {{text("a"), number64(1), text("x")}, {text("b"), number64(2), number64(-3)}},
		"INSERT INTO VALUES ('a', 1, 1e-5)":                                    {{text("a"), number64(1), float(1e-5)}},
		"insert into a-b_c:d values (-1, -1.5e3)":                              {{text("a-b_c:d"), number64(-1), float(-1500)}},
		"insert into a values (\"2023-11-14\", 'it''s') # done":                {{text("a"), text("2023-11-14"), text("it's")}},
		"insert into a values (1, inf), (2, -Inf), (3, .5), (4, +7)":           {{text("a"), number64(1), float(math.Inf(1))}, {text("a"), number64(2), float(math.Inf(-1))}, {text("a"), number64(3), float(.5)}, {text("a"), number64(4), number64(7)}},
		"insert into '/a?' values (1, 9223372036854775807)":                    {{text("/a?"), number64(1), number64(math.MaxInt64)}},
	} {
		s, err := Parse(statement)
		if err != nil {
			t.Errorf("%s: %v", statement, err)
			continue
		}
		if s.Kind != Insert || !reflect.DeepEqual(s.Insert.Rows, want) {
			t.Errorf("%s: got %+v", statement, s.Insert.Rows)
		}
		if n := strings.Count(statement, "?"); !strings.Contains(statement, "'/a?'") && s.Args != n {
			t.Errorf("%s: %d arguments", statement, s.Args)
		}
	}
}

func TestMalformedInserts(t *testing.T) {
	for _, statement := range []string{
		"insert", "insert into", "insert into a", "insert into a values", "insert into a values (1)",
		"insert into a values (1, 2, 3, 4)", "insert into a values (1, 2", "insert into a values (1, 2) x",
		"insert into a (time) values (1)", "insert into a (time, time, value) values (1, 2, 3)",
		"insert into a (time, value, x) values (1, 2, 3)", "insert into a (time, value) values (1, 2, 3)",
		"insert into a (time, value) values (1, 2),", "insert into (time, value) values (1, 2)",
		"insert into a values (1, true)", "insert into a values (1, null)", "insert into a values (1, 9223372036854775808)",
		"insert into a values (1, `x`)", "insert into a values (1, /x/)", "insert into 'a values (1, 2)",
		"insert into /a/ values (1, 2)", "insert into ? (series, time, value) values ('a', 1, 2)",
		"insert into a values (1, 1e999)", "insert into a values (1, 2) on conflict do nothing",
		"insert a values (1, 2)", "insert into a, b values (1, 2)", "insert into a values (?, ?, ?), (1, 2); x",
		"insert into a (?, value) values (1, 2)",
		"insert into a values ('s', 1, 2), (3, 4)", "insert into a values (1, 2), ('s', 3, 4)",
	} {
		if s, err := Parse(statement); !errors.Is(err, ErrSyntax) {
			t.Errorf("%s: got %+v, %v", statement, s.Insert, err)
		}
	}
}

// write writes an INSERT so that parsing it gives the rows again.
func write(rows []Row) string {
	operand := func(o Operand) string {
		switch o.Kind {
		case Arg:
			return "?"
		case Int:
			return strconv.FormatInt(o.Int, 10)
		case Now:
			return "now"
		case Text:
			quoted, _ := AppendString(nil, o.Text)
			return string(quoted)
		}
		if f := o.Float; math.IsNaN(f) || math.IsInf(f, 0) {
			return string(AppendFloat(nil, f))
		}
		return strconv.FormatFloat(o.Float, 'e', -1, 64)
	}
	var list []string
	for _, r := range rows {
		list = append(list, "("+operand(r.Time)+","+operand(r.Value)+","+operand(r.Series)+")")
	}
	return "INSERT INTO (time, value, series) VALUES " + strings.Join(list, ",")
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"select * from 'a' after ?", "insert into a values (1, 2), (?, 'x')", "INSERT INTO (series, time, value) VALUES ('a', 1, 1e-5)",
		"insert into ? (value, time) values (-inf, now)", "? count", "timeit list series /x?/ ;",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, statement string) {
		s, err := Parse(statement)
		if err != nil || s.Kind != Insert {
			return
		}
		for _, r := range s.Insert.Rows {
			for _, o := range []Operand{r.Series, r.Time, r.Value} {
				if o.Kind == 0 || o.Kind == Arg && o.Arg >= s.Args {
					t.Fatalf("%q: operand %+v of %d arguments", statement, o, s.Args)
				}
			}
		}
		again, err := Parse(write(s.Insert.Rows))
		if err != nil {
			t.Fatalf("%q became %q: %v", statement, write(s.Insert.Rows), err)
		}
		// Arguments are counted anew; everything else is as it was.
		strip := func(rows []Row) string {
			text := fmt.Sprintf("%+v", rows)
			for i := range 100 {
				text = strings.ReplaceAll(text, fmt.Sprintf("Kind:1 Arg:%d ", i), "Kind:1 ")
			}
			return text
		}
		if s.Args < 100 && len(s.Insert.Rows) < 30 && strip(again.Insert.Rows) != strip(s.Insert.Rows) {
			t.Fatalf("%q became %q", statement, write(s.Insert.Rows))
		}
	})
}

func TestDivisionByMinusOne(t *testing.T) {
	for text, want := range map[string]bool{
		"4 / -1":                    true,
		"-9223372036854775808 %-01": true,
		"select * from 'a' after (now / ((-1))) - 5": true,
		"4 / 1 - 1":                   false,
		"4 / -2":                      false,
		"4 / -10":                     false,
		"4 % 1":                       false,
		"4 / 2 # / -1":                false,
		"select * from '/ -1', /%-1/": false,
		"4 - 1":                       false,
		"4 / (2) - 1":                 false,
	} {
		if got := DividesByMinusOne(text); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
