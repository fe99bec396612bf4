package parse

import (
	_ "embed"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

// recorded are wrong statements and what siridb-server 2.0.55 answered.
//
//go:embed testdata/syntax.tsv
var recorded string

func TestSyntaxErrorsAreTheServers(t *testing.T) {
	n := 0
	for _, line := range strings.Split(strings.TrimSuffix(recorded, "\n"), "\n") {
		text, want, _ := strings.Cut(line, "\t")
		n++
		_, err := Parse(text, clock)
		if err == nil {
			t.Errorf("%s: read, want %s", text, want)
		} else if err.Error() != want {
			t.Errorf("%s:\n got %s\nwant %s", text, err, want)
		}
	}
	if n < 130 {
		t.Errorf("%d statements, want all of them", n)
	}
}

func ptr[T any](v T) *T { return &v }

func TestStatements(t *testing.T) {
	all := []Function{{Name: "all"}}
	for text, want := range map[string]Body{
		"":              nil,
		" \n\t# select": nil,
		"select * from 'it''s'": &Select{
			Selections: []Selection{{Functions: all}},
			From:       Series{{Name: ptr("it's")}},
		},
		`select mean(1h) => offset(30m) prefix "a" suffix "z", points from /a\/b.*/i - ("x" & ` + "`g`)" + ` where length > 3 and (type == float or name ~ "b") between 1 and now merge as "m" using max(1d)`: &Select{
			Selections: []Selection{
				{Functions: []Function{{Name: "mean", Args: []int64{3600000}}, {Name: "offset", Args: []int64{1800000}}}, Prefix: "a", Suffix: "z"},
				{Functions: all},
			},
			From: Series{{Regex: `/a\/b.*/i`}, {Op: "-", Inner: Series{{Name: ptr("x")}, {Op: "&", Group: ptr("g")}}}},
			Where: &And{
				&Compare{"length", ">", int64(3)},
				&Or{&Compare{"type", "==", "float"}, &Compare{"name", "~", "b"}},
			},
			Range: Range{"between", 1, 1000},
			Merge: &Merge{"m", []Function{{Name: "max", Args: []int64{86400000}}}},
		},
		"select filter(!= -1.5) from *": &Select{
			Selections: []Selection{{Functions: []Function{{Name: "filter", Filter: &Filter{"!=", -1.5}}}}},
			From:       Series{{All: true}},
		},
		"select limit(3, mean) from all tail 2": &Select{
			Selections: []Selection{{Functions: []Function{{Name: "limit", Args: []int64{3}, Of: "mean"}}}},
			From:       Series{{All: true}},
			Range:      Range{"tail", 2, 0},
		},
		"list series name, length 'a', 'b' limit 3": &List{What: "series", Columns: []string{"name", "length"},
			Series: Series{{Name: ptr("a")}, {Op: "|", Name: ptr("b")}}, Limit: ptr(int64(3))},
		"list users where access >= write":             &List{What: "users", Where: &Compare{"access", ">=", "write"}},
		"count series length /x/":                      &Count{What: "series", Of: "length", Series: Series{{Regex: "/x/"}}},
		"count servers received_points":                &Count{What: "servers", Of: "received_points"},
		"alter series 'a' tag `t`":                     &Alter{What: "series", Name: "t", Series: Series{{Name: ptr("a")}}, Set: "tag"},
		"alter group `g` set expression /b/":           &Alter{What: "group", Name: "g", Set: "expression", Value: Regex("/b/")},
		"alter database set drop_threshold .5":         &Alter{What: "database", Set: "drop_threshold", Value: .5},
		"alter server 's:1' set backup_mode true":      &Alter{What: "server", Name: "s:1", Set: "backup_mode", Value: true},
		"create group `g` for /a/i":                    &Create{What: "group", Name: "g", Regex: "/a/i"},
		"create user 'u' set password 'p'":             &Create{What: "user", Name: "u", Password: "p"},
		"drop series 'a' set ignore_threshold true":    &Drop{What: "series", Series: Series{{Name: ptr("a")}}, IgnoreThreshold: true},
		"grant select, insert to user 'u'":             &Grant{Access: []string{"select", "insert"}, User: "u"},
		"revoke full from user 'u'":                    &Grant{Revoke: true, Access: []string{"full"}, User: "u"},
		"grant show to user 'u' set password 'secret'": &Grant{Access: []string{"show"}, User: "u", Password: ptr("secret")},
		"show":              &Show{},
		"show version,pool": &Show{[]string{"version", "pool"}},
		"? list series":     &Help{"help_list_series"},
		"1 + 2":             &Calc{3},
	} {
		st, err := Parse(text, clock)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if !reflect.DeepEqual(st.Body, want) {
			t.Errorf("%s:\n got %#v\nwant %#v", text, st.Body, want)
		}
	}
	if st, err := Parse("timeit now", clock); err != nil || !st.Timeit {
		t.Error("timeit not read", err)
	}
}

var clock = Clock{Now: 1000, Second: 1000, Max: math.MaxInt64, Date: func(s string) int64 {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return -1
	}
	return d.Unix()
}}

func TestExpressions(t *testing.T) {
	for text, want := range map[string]int64{
		"1 + 2 * 3": 7, "(1 + 2) * 3": 9, "2 * 3 - 4 / 2 - 1": 3, "7 % 4 * 2": 6, "now - 1s": 0, "1w": 604800000, "-3 + 3": 0, "5 - -3": 8, "+3": 3,
		"'1970-01-02' + 2h": 93600000, "99999999999999999999": 7766279631452241919, "5 - 1 - 1": 3, "10 - 2 * 3 + 1": 5,
	} {
		st, err := Parse(text, clock)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := st.Body.(*Calc).Value; got != want {
			t.Errorf("%s = %d, want %d", text, got, want)
		}
	}
	for text, want := range map[string]error{
		"1/0": ErrDivision, "1 % (2-2)": ErrModulo, "'today'": ErrDate, "1 - 2": ErrTimeRange, "select * from 'x' after 'soon'": ErrDate,
	} {
		if _, err := Parse(text, clock); err != want {
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
}

func TestDepthIsBounded(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("(", 5000) + "1", "select * from " + strings.Repeat("(", 5000),
		"list series where " + strings.Repeat("(", 5000),
	} {
		if _, err := Parse(text, clock); err != ErrTooDeep {
			t.Errorf("%.20s...: %v", text, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, line := range strings.Split(recorded, "\n") {
		text, _, _ := strings.Cut(line, "\t")
		f.Add(text)
	}
	f.Add("select mean(1h) prefix 'a' from /x/i | `g` - ('b') where length > 1 between 1 and now merge as 'm'")
	f.Add("alter database set expiration_num 3d set ignore_threshold true")
	f.Fuzz(func(t *testing.T, text string) {
		st, err := Parse(text, clock)
		if err != nil {
			var syntax *SyntaxError
			if errors.As(err, &syntax) && (syntax.Pos < 0 || syntax.Pos > len(text)) {
				t.Errorf("error at %d of %d", syntax.Pos, len(text))
			}
			return
		}
		if strings.ContainsAny(text, "#\x00") {
			return
		}
		// White space and comments mean nothing.
		again, err := Parse(" \n"+text+"\t# comment", clock)
		if err != nil || !reflect.DeepEqual(st, again) && !strings.Contains(text, "nan") {
			t.Errorf("not the same with a comment: %v", err)
		}
	})
}
