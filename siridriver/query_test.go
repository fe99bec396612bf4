package siridriver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/script"
)

func TestPlaceholdersInQueries(t *testing.T) {
	var r recorder
	db := open(t, script.Start(t, r.handler("us")))
	for _, tt := range []struct {
		statement string
		args      []any
		want      string
	}{
		{"select * from ? between ? and ?", []any{"it's ?", instant, 5}, "select * from 'it''s ?' between 1700000000123456 and 5"},
		{"select * from ? | ? | ?", []any{Group("g`"), Regexp{Pattern: "a/b"}, Regexp{Pattern: "x", IgnoreCase: true}}, "select * from `g``` | /a\\/b/ | /x/i"},
		{"select mean(?) from '?' # ?", []any{time.Hour}, "select mean(3600000000) from '?' # ?"},
		{"select filter(> ?) from 'a'", []any{1e21}, "select filter(> 1000000000000000000000) from 'a'"},
		{"list series limit ?", []any{uint8(5)}, "list series limit 5"},
		{"now - ?", []any{-5}, "now - -5"},
		{"?", nil, "?"},
		{"alter server 'x' set backup_mode ?", []any{true}, "alter server 'x' set backup_mode true"},
		{"select * from 'a';", nil, "select * from 'a'"},
	} {
		if _, err := db.Exec(tt.statement, tt.args...); err != nil {
			t.Errorf("%s: %v", tt.statement, err)
			continue
		}
		sent := r.sent()
		if got := sent[len(sent)-1]; got != tt.want {
			t.Errorf("%s: sent %s", tt.statement, got)
		}
	}
	sent := len(r.sent())
	for _, tt := range []struct {
		statement string
		args      []any
		kind      error
	}{
		{"select * from ?", nil, driver.ErrProgramming},
		{"select * from 'a'", []any{1}, driver.ErrProgramming},
		{"select * from ?", []any{nil}, driver.ErrData},
		{"select * from ?", []any{"a\x00"}, driver.ErrData},
		{"select * from ?", []any{Regexp{Pattern: `\`}}, driver.ErrData},
		{"select * from 'a' after ?", []any{time.Unix(-1, 0)}, driver.ErrOverflow},
		{"select mean(?) from 'a'", []any{time.Nanosecond}, driver.ErrData},
		{"select 1; select 2", nil, driver.ErrProgramming},
		{"select * from ?", []any{strings.Repeat("x", 66000)}, ErrQuery},
	} {
		if _, err := db.Query(tt.statement, tt.args...); !errors.Is(err, tt.kind) {
			t.Errorf("%s: %v", tt.statement, err)
		}
	}
	if list := r.sent(); len(list) != sent {
		t.Errorf("sent %q", list[sent:])
	}
}

// selection makes the answer to a select.
func selection(series ...any) []byte {
	b := qpack.OpenMap(nil)
	for i := 0; i < len(series); i += 2 {
		b = qpack.OpenArray(qpack.AppendRaw(b, series[i].(string)))
		for _, p := range series[i+1].([][2]any) {
			b, _ = qpack.AppendValue(b, []any{p[0], p[1]})
		}
		b = qpack.CloseArray(b)
	}
	return b
}

func TestFormsOfASelect(t *testing.T) {
	r := recorder{answer: func(string) []byte {
		return selection(
			"i", [][2]any{{int64(1700000000123), 1}, {int64(1700000001123), 2}, {int64(1700000001123), 3}},
			"none", [][2]any{},
			"s", [][2]any{{int64(1700000000999), "a"}, {int64(1700000001123), "\xff"}},
		)
	}}
	db := open(t, script.Start(t, r.handler("ms")))
	ctx := context.Background()
	read := func(ctx context.Context, db *sql.DB) string {
		t.Helper()
		rows, err := db.QueryContext(ctx, "select * from *")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		types, err := rows.ColumnTypes()
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, c := range types {
			nullable, _ := c.Nullable()
			fmt.Fprintf(&b, "%s %s %s %v, ", c.Name(), c.DatabaseTypeName(), c.ScanType(), nullable)
		}
		return b.String() + "\n" + readAll(t, rows)
	}
	long := `series STRING string false, time TIMESTAMP time.Time false, value  interface {} false, 
|string i|time 1700000000 123000000|int64 1
|string i|time 1700000001 123000000|int64 2
|string i|time 1700000001 123000000|int64 3
|string s|time 1700000000 999000000|string a
|string s|time 1700000001 123000000|string ` + "\xff\n"
	if got := read(ctx, db); got != long {
		t.Errorf("long: %s", got)
	}
	integers := strings.NewReplacer("time TIMESTAMP time.Time", "time TIMESTAMP int64",
		"|time 1700000000 123000000", "|int64 1700000000", "|time 1700000001 123000000", "|int64 1700000001",
		"|time 1700000000 999000000", "|int64 1700000000").Replace(long)
	if got := read(WithPrecision(ctx, Seconds), db); got != integers {
		t.Errorf("in seconds: %s", got)
	}
	wide := `time TIMESTAMP time.Time false, i INTEGER int64 true, none  interface {} true, s STRING string true, 
|time 1700000000 123000000|int64 1|<nil> <nil>|<nil> <nil>
|time 1700000000 999000000|<nil> <nil>|<nil> <nil>|string a
|time 1700000001 123000000|int64 2|<nil> <nil>|string ` + "\xff" + `
|time 1700000001 123000000|int64 3|<nil> <nil>|<nil> <nil>
`
	if got := read(WithWide(ctx, true), db); got != wide {
		t.Errorf("wide: %s", got)
	}
	configured := open(t, script.Start(t, r.handler("ms")), func(c *Config) {
		c.Wide, c.Precision, c.Location = true, Nanoseconds, time.FixedZone("x", 3600)
	})
	if got := read(WithWide(ctx, false), configured); !strings.Contains(got, "|string i|int64 1700000000123000000|int64 1\n") {
		t.Errorf("configured: %s", got)
	}
	var at time.Time
	if err := configured.QueryRowContext(WithPrecision(ctx, ""), "select * from *").Scan(&at, new(any), new(any), new(any)); err != nil || at.Hour() != 23 {
		t.Errorf("in a zone: %v, %v", at, err)
	}
}

func TestTimeitIsASecondResultSet(t *testing.T) {
	timings := "\x8a__timeit__\xfc\xf5\x86server\x8f127.0.0.1:19010\x84time\x7f"
	r := recorder{answer: func(q string) []byte {
		switch q {
		case "timeit":
			return []byte("\xfd" + timings)
		case "timeit count series":
			return []byte("\xfd\x86series\x17" + timings)
		}
		return append(selection("a", [][2]any{{1, 2}}), timings...)
	}}
	db := open(t, script.Start(t, r.handler("ms")))
	for query, first := range map[string]string{
		"timeit select * from 'a'": "|string a|time 0 1000000|int64 2\n", "timeit count series": "|int64 23\n", "timeit": "",
	} {
		rows, err := db.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		if first != "" {
			if got := readAll(t, rows); got != first || !rows.NextResultSet() {
				t.Errorf("%s: first %q", query, got)
			}
		}
		if got := readAll(t, rows); got != "|string 127.0.0.1:19010|float64 1\n" || rows.NextResultSet() {
			t.Errorf("%s: timings %q", query, got)
		}
		rows.Close()
	}
}

func TestUnreadableAnswers(t *testing.T) {
	r := recorder{answer: func(string) []byte { return []byte("\xfd\x81a\xfc\xef\x01") }}
	db := open(t, script.Start(t, r.handler("ms")))
	for _, q := range []string{"select * from 'a'", "list series"} {
		if _, err := db.Query(q); !errors.Is(err, driver.ErrInternal) {
			t.Errorf("%s: %v", q, err)
		}
	}
	odd := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Query == "odd" {
			c.Reply(p.PID, 99, nil)
			return
		}
		script.Answer(c, p)
	})
	if _, err := open(t, odd).Query("odd"); !errors.Is(err, ErrType) {
		t.Errorf("a package of unknown type: %v", err)
	}
}
