package prepare

import (
	"slices"
	"strings"
	"testing"
)

func TestParseInsert(t *testing.T) {
	for _, c := range []struct {
		name, sql string
		table     string
		columns   []string
		ok        bool
	}{
		{"plain", "INSERT INTO d VALUES (?, ?)", "d", nil, true},
		{"columns", "insert into power.d (ts, `V ``x`) values (?, ?) ;", "power.d", []string{"ts", "V `x"}, true},
		{"folded columns", "insert into d (TS) values (?)", "d", []string{"ts"}, true},
		{"super table", "insert into `p`.d using p.m tags (?, 'a)') values (?, now + 1s)", "p.m", nil, true},
		{"super table, tags and columns", "insert into d using m (g) tags (?) (ts, v) values (?, ?)", "m", []string{"ts", "v"}, true},
		{"columns before the super table", "insert into d (ts, v) using m tags (?) values (?, ?)", "m", []string{"ts", "v"}, true},
		{"comments", "/* ? */ insert into d -- (\n values (?)", "d", nil, true},
		{"nested parentheses", "insert into d values (?, abs((1)))", "d", nil, true},
		{"placeholder for the table", "insert into ? values (?)", "", nil, true},
		{"placeholder for the child", "insert into ? using p.m (g) tags (?) values (?)", "p.m", nil, true},
		{"placeholder for the super table", "insert into ? using ? tags (?) values (?)", "", nil, false},
		{"tbname", "insert into m (tbname, ts) values (?, ?)", "m", []string{"tbname", "ts"}, true},
		{"two rows", "insert into d values (?) (?)", "", nil, false},
		{"two rows with a comma", "insert into d values (?), (?)", "", nil, false},
		{"two tables", "insert into d values (?) e values (?)", "", nil, false},
		{"from a query", "insert into d select * from e where v > ?", "", nil, false},
		{"file", "insert into d file '?'", "", nil, false},
		{"text after it", "insert into d values (?); drop table d", "", nil, false},
		{"unclosed", "insert into d values (?", "", nil, false},
		{"unclosed list", "insert into d (ts, values (?)", "", nil, false},
		{"semicolon within", "insert into d values (;?)", "", nil, false},
		{"no table", "insert into values (?)", "values", nil, false},
		{"not an insert", "select ?", "", nil, false},
		{"nothing", "", "", nil, false},
	} {
		in, ok := ParseInsert(c.sql)
		if ok != c.ok || ok && (in.Table != c.table || !slices.Equal(in.Columns, c.columns) || (in.Columns == nil) != (c.columns == nil)) {
			t.Errorf("%s: %+v, %v", c.name, in, ok)
		}
	}
}

func TestNameOfTheTableIsBound(t *testing.T) {
	for sql, want := range map[string]bool{
		"insert into d values (?)":                      false,
		"insert into d (tbname2) values (?)":            false,
		"insert into ? values (?)":                      true,
		"insert into ? using m tags (?) values (?)":     true,
		"insert into m (ts, tbname) values (?, ?)":      true,
		"insert into m (TBNAME, ts, v) values (?, ?,1)": true,
	} {
		in, ok := ParseInsert(sql)
		if !ok || in.Bound != want {
			t.Errorf("%s: %+v, %v", sql, in, ok)
		}
		if at := in.Placeholder; in.Table == "" && sql[at[0]:at[1]] != "?" {
			t.Errorf("%s: placeholder at %v", sql, at)
		}
	}
}

func TestValuesBesidePlaceholders(t *testing.T) {
	for _, c := range []struct {
		values string
		mixed  bool
	}{
		{"(?)", false},
		{"( ? /* x */, ?\n,?)", false},
		{"(?, NULL)", true},
		{"(now, ?)", true},
		{"(?, ?+1)", true},
		{"((?), ?)", true},
		{"(?, -?)", true},
	} {
		if in, ok := ParseInsert("insert into d values" + c.values); !ok || in.Mixed != c.mixed {
			t.Errorf("%s: %+v, %v", c.values, in, ok)
		}
	}
}

// FuzzParseInsert: what is taken has the words of an INSERT and a table that
// stands in the text.
func FuzzParseInsert(f *testing.F) {
	for _, s := range []string{
		"insert into d values(?)", "insert into a.`b` using c (d) tags(?) (e,f) values(?,?)", "insert into d(", "insert into ?",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		in, ok := ParseInsert(sql)
		if !ok {
			return
		}
		if in.Table == "" && sql[in.Placeholder[0]:in.Placeholder[1]] != "?" || !strings.Contains(sql, in.Table) || !strings.Contains(strings.ToLower(sql), "values") {
			t.Errorf("%q gives %+v", sql, in)
		}
	})
}
