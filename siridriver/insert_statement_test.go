package siridriver

import (
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver/internal/script"
)

func TestInsertStatement(t *testing.T) {
	var r recorder
	db := open(t, script.Start(t, r.handler("ms")))
	for _, tt := range []struct {
		name, statement string
		args            []any
		want            string
		n               int64
	}{
		{"one series", "INSERT INTO cpu (time, value) VALUES (?, ?), (?, ?)", []any{instant, 1.5, instant.Add(time.Hour), 2.5}, "cpu: 1700000000123=float64 1.5 1700003600123=float64 2.5; ", 2},
		{"many series, gathered", "INSERT INTO (series, time, value) VALUES (?, ?, ?), (?, ?, ?), (?, ?, ?)", []any{"a", 1, 1, "b", 2, "x", "a", 3, 3}, "a: 1=int64 1 3=int64 3; b: 2=string x; ", 3},
		{"constants", `insert into 'it''s' values ("2023-11-14 22:13:20.5", -7), ('2023-11-14T22:13:20+01:00', 'x')`, nil, "it's: 1700000000500=int64 -7 1699996400000=string x; ", 2},
		{"argument kinds", "INSERT INTO a VALUES (?, ?), (?, ?), (?, ?), (?, ?)", []any{int32(1), []byte("b"), uint64(2), float32(0.5), 3, uint8(4), 4, sql.NullInt64{Int64: 9, Valid: true}}, "a: 1=string b 2=float64 0.5 3=int64 4 4=int64 9; ", 4},
		{"the series as an argument", "INSERT INTO ? (value, time) VALUES (?, ?)", []any{"s", "v", 1}, "s: 1=string v; ", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res, err := db.Exec(tt.statement, tt.args...)
			if err != nil {
				t.Fatal(err)
			}
			if n, _ := res.RowsAffected(); n != tt.n {
				t.Errorf("%d rows affected", n)
			}
			if _, err := res.LastInsertId(); !errors.Is(err, driver.ErrNotSupported) {
				t.Errorf("LastInsertId: %v", err)
			}
			if got := r.points(); !reflect.DeepEqual(got, []string{tt.want}) {
				t.Errorf("sent %q", got)
			}
		})
	}
	stmt, err := db.Prepare("INSERT INTO cpu VALUES (?, ?)")
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Close()
	for i := range 3 {
		if _, err := stmt.Exec(i, i); err != nil {
			t.Error(err)
		}
	}
	if got := r.points(); len(got) != 3 {
		t.Errorf("a prepared statement sent %q", got)
	}
	var text string
	if err := db.QueryRow("INSERT INTO cpu VALUES (now, 1)").Scan(&text); err != nil || text != "Successfully inserted 1 point(s)." {
		t.Errorf("as a query: %q, %v", text, err)
	}
}

type counter uint64

func TestInsertRefusesBeforeSending(t *testing.T) {
	var r recorder
	server := script.Start(t, r.handler("s"))
	db := open(t, server)
	for _, tt := range []struct {
		name, statement string
		args            []any
		kind            error
	}{
		{"NULL", "INSERT INTO a VALUES (1, ?)", []any{nil}, driver.ErrData},
		{"NULL from a null type", "INSERT INTO a VALUES (1, ?)", []any{sql.NullString{}}, driver.ErrData},
		{"NULL as the time", "INSERT INTO a VALUES (?, 1)", []any{nil}, driver.ErrData},
		{"boolean", "INSERT INTO a VALUES (1, ?)", []any{true}, driver.ErrData},
		{"time as the value", "INSERT INTO a VALUES (1, ?)", []any{instant}, driver.ErrData},
		{"duration as the value", "INSERT INTO a VALUES (1, ?)", []any{time.Second}, driver.ErrData},
		{"beyond 63 bits", "INSERT INTO a VALUES (1, ?)", []any{uint64(1 << 63)}, driver.ErrOverflow},
		{"beyond 63 bits in a type of its own", "INSERT INTO a VALUES (1, ?)", []any{counter(1 << 63)}, driver.ErrOverflow},
		{"constant beyond 63 bits", "INSERT INTO a VALUES (1, 9223372036854775808)", nil, driver.ErrOverflow},
		{"negative time", "INSERT INTO a VALUES (?, 1)", []any{-1}, driver.ErrOverflow},
		{"before 1970", "INSERT INTO a VALUES (?, 1)", []any{time.Unix(-1, 0)}, driver.ErrOverflow},
		{"seconds beyond 32 bits", "INSERT INTO a VALUES (?, 1)", []any{int64(1) << 32}, driver.ErrOverflow},
		{"time beyond 32 bits", "INSERT INTO a VALUES (?, 1)", []any{time.Unix(1<<32, 0)}, driver.ErrOverflow},
		{"float as the time", "INSERT INTO a VALUES (?, 1)", []any{1.5}, driver.ErrData},
		{"text that is no time", "INSERT INTO a VALUES ('soon', 1)", nil, driver.ErrData},
		{"empty name", "INSERT INTO ? VALUES (1, 1)", []any{""}, driver.ErrData},
		{"name with a NUL", "INSERT INTO ? VALUES (1, 1)", []any{"a\x00b"}, driver.ErrData},
		{"name too long", "INSERT INTO ? VALUES (1, 1)", []any{strings.Repeat("x", 65535)}, driver.ErrData},
		{"name that is a number", "INSERT INTO ? VALUES (1, 1)", []any{7}, driver.ErrData},
		{"text with a NUL", "INSERT INTO a VALUES (1, ?)", []any{"a\x00b"}, driver.ErrData},
		{"text that kills the server", "INSERT INTO a VALUES (1, ?)", []any{strings.Repeat("x", 32<<20)}, driver.ErrData},
		{"the last row wrong", "INSERT INTO a VALUES (1, 1), (2, ?)", []any{nil}, driver.ErrData},
		{"too few arguments", "INSERT INTO a VALUES (?, ?)", []any{1}, driver.ErrProgramming},
		{"syntax", "INSERT INTO a VALUES (1, 2", nil, driver.ErrProgramming},
		{"named argument", "INSERT INTO a VALUES (1, ?)", []any{sql.Named("x", 1)}, driver.ErrNotSupported},
		{"another type", "INSERT INTO a VALUES (1, ?)", []any{struct{}{}}, driver.ErrData},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := db.Exec(tt.statement, tt.args...)
			if !errors.Is(err, tt.kind) {
				t.Errorf("%v", err)
			}
			if len(fmt.Sprint(err)) > 300 {
				t.Errorf("an error of %d bytes", len(fmt.Sprint(err)))
			}
		})
	}
	if got := r.points(); len(got) != 0 {
		t.Errorf("sent %q", got)
	}
}
