package drivergo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	taosErrors "github.com/taosdata/driver-go/v3/errors"
	_ "github.com/taosdata/driver-go/v3/taosRestful"
	_ "github.com/taosdata/driver-go/v3/taosWS"

	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// roads are the official drivers that need no libtaos, by their names in
// database/sql and the protocol in their DSN.
var roads = map[string]string{"taosWS": "ws", "taosRestful": "http"}

func open(t *testing.T, srv *taostest.Server, driver, database string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, fmt.Sprintf("root:taosdata@%s(%s)/%s", roads[driver], srv.Addr(), database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// seed makes a database with a row of every type and one of NULLs.
func seed(t *testing.T, db *sql.DB) {
	t.Helper()
	const columns = "ts TIMESTAMP, b BOOL, i8 TINYINT, i16 SMALLINT, i32 INT, i64 BIGINT, u8 TINYINT UNSIGNED, u16 SMALLINT UNSIGNED, " +
		"u32 INT UNSIGNED, u64 BIGINT UNSIGNED, f FLOAT, d DOUBLE, v VARCHAR(20), n NCHAR(20), x VARBINARY(20), g GEOMETRY(100), c DECIMAL(20,4)"
	for _, text := range []string{
		"CREATE DATABASE power PRECISION 'us'",
		"CREATE STABLE power.meters (" + columns + ") TAGS (site INT)",
		"CREATE TABLE power.m1 USING power.meters TAGS (7)",
		`INSERT INTO power.m1 VALUES ('2024-05-06T07:08:09.123456Z', true, -8, -16, -32, -64, 8, 16, 32, 18446744073709551615, 1.5, 2.25, ` +
			`'text', '中文😀', '\x01ff', 'POINT(1 2)', 1234567890123456.7891)`,
		`INSERT INTO power.m1 (ts) VALUES ('2024-05-06T07:08:10Z')`,
	} {
		if _, err := db.Exec(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

func each(t *testing.T, test func(t *testing.T, srv *taostest.Server, driver string)) {
	for driver := range roads {
		t.Run(driver, func(t *testing.T) {
			srv := taostest.NewServer()
			t.Cleanup(srv.Close)
			test(t, srv, driver)
			if crashes := srv.Crashes(); crashes != nil {
				t.Errorf("the server crashed: %q", crashes)
			}
		})
	}
}

func TestEveryType(t *testing.T) {
	each(t, func(t *testing.T, srv *taostest.Server, driver string) {
		seed(t, open(t, srv, driver, ""))
		rows, err := open(t, srv, driver, "power").Query("SELECT *, tbname FROM meters ORDER BY ts")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		types, err := rows.ColumnTypes()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for rows.Next() {
			row, dest := make([]any, len(types)), make([]any, len(types))
			for i := range row {
				dest[i] = &row[i]
			}
			if err := rows.Scan(dest...); err != nil {
				t.Fatal(err)
			}
			if ts, ok := row[0].(time.Time); ok {
				row[0] = ts.UTC().Format(time.RFC3339Nano)
			}
			got = append(got, fmt.Sprint(row...))
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		want := []string{
			"2024-05-06T07:08:09.123456Z true -8 -16 -32 -64 8 16 32 18446744073709551615 1.5 2.25 text 中文😀 [1 255] " +
				"[1 1 0 0 0 0 0 0 0 0 0 240 63 0 0 0 0 0 0 0 64] 1234567890123456.7891 7 m1",
			"2024-05-06T07:08:10Z" + strings.Repeat(" <nil>", 16) + " 7 m1",
		}
		if g, w := squeeze(strings.Join(got, "\n")), squeeze(strings.Join(want, "\n")); g != w {
			t.Errorf("rows\n%s\nwant\n%s", g, w)
		}
	})
}

// squeeze removes the blanks, which fmt.Sprint puts between some values only.
func squeeze(s string) string { return strings.ReplaceAll(s, " ", "") }

func TestRowsAffected(t *testing.T) {
	each(t, func(t *testing.T, srv *taostest.Server, driver string) {
		db := open(t, srv, driver, "")
		seed(t, db)
		res, err := db.Exec("INSERT INTO power.m1 (ts, i32) VALUES (?, 1) (?, 2)", 1714982400000000, 1714982401000000)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := res.RowsAffected(); n != 2 || err != nil {
			t.Errorf("%d rows affected, %v", n, err)
		}
	})
}

func TestInterpolatedArguments(t *testing.T) {
	each(t, func(t *testing.T, srv *taostest.Server, driver string) {
		db := open(t, srv, driver, "")
		seed(t, db)
		ctx := context.WithValue(context.Background(), "taos_req_id", int64(0x12345)) //nolint:staticcheck // the driver's key
		var text string
		if err := db.QueryRowContext(ctx, "SELECT v FROM power.m1 WHERE i32 = ? AND v = 'text'", -32).Scan(&text); err != nil || text != "text" {
			t.Fatalf("%q %v", text, err)
		}
		last := srv.Statements()[len(srv.Statements())-1]
		if last.ReqID != 0x12345 {
			t.Errorf("request id %#x, want 0x12345", last.ReqID)
		}
	})
}

func TestErrorsHaveTheirCodes(t *testing.T) {
	each(t, func(t *testing.T, srv *taostest.Server, driver string) {
		db := open(t, srv, driver, "")
		seed(t, db)
		for text, want := range map[string]int32{
			"SELECT * FROM power.nosuch": 0x2603, "SELEC 1": 0x2600, "SELECT * FROM nodb.t": 0x0388, "SELECT * FROM m1": 0x2616,
		} {
			_, err := db.Query(text)
			var coded *taosErrors.TaosError
			if !errors.As(err, &coded) || coded.Code&0xffff != want {
				t.Errorf("%s: %v, want 0x%04x", text, err, want)
			}
		}
	})
}

func TestWrongPassword(t *testing.T) {
	srv := taostest.NewServer()
	defer srv.Close()
	for driver, protocol := range roads {
		db, err := sql.Open(driver, fmt.Sprintf("root:wrong@%s(%s)/", protocol, srv.Addr()))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("SELECT 1"); err == nil {
			t.Errorf("%s: logged in", driver)
		}
		_ = db.Close()
	}
	if n := len(srv.Statements()); n != 0 {
		t.Errorf("%d statements were run", n)
	}
}

func TestManyBlocksAndEarlyClose(t *testing.T) {
	each(t, func(t *testing.T, srv *taostest.Server, driver string) {
		db := open(t, srv, driver, "")
		if _, err := db.Exec("CREATE DATABASE big"); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("CREATE TABLE big.t (ts TIMESTAMP, v INT)"); err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		text.WriteString("INSERT INTO big.t VALUES")
		for i := range 10000 {
			fmt.Fprintf(&text, "(%d,%d)", 1700000000000+i, i)
		}
		if _, err := db.Exec(text.String()); err != nil {
			t.Fatal(err)
		}
		read := func(limit int) (n, sum int) {
			rows, err := db.Query("SELECT v FROM big.t")
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			for n < limit && rows.Next() {
				var v int
				if err := rows.Scan(&v); err != nil {
					t.Fatal(err)
				}
				n, sum = n+1, sum+v
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
			return n, sum
		}
		if n, sum := read(1 << 30); n != 10000 || sum != 49995000 {
			t.Errorf("%d rows, sum %d", n, sum)
		}
		if n, _ := read(3); n != 3 {
			t.Errorf("%d rows before the early close", n)
		}
		if n, _ := read(1 << 30); n != 10000 {
			t.Errorf("%d rows after the early close", n)
		}
	})
}

func TestPrepared(t *testing.T) {
	srv := taostest.NewServer()
	defer srv.Close()
	db := open(t, srv, "taosWS", "")
	seed(t, db)
	insert, err := db.Prepare("INSERT INTO power.m1 (ts, b, i32, d, v, n, x) VALUES (?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2024, 5, 6, 9, 0, 0, 1000, time.UTC)
	for i, v := range []any{"one", nil} {
		res, err := insert.Exec(at.Add(time.Duration(i)*time.Second), true, i, 0.5, v, "中", []byte{1, 2})
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := res.RowsAffected(); n != 1 {
			t.Errorf("%d rows affected", n)
		}
	}
	if err := insert.Close(); err != nil {
		t.Fatal(err)
	}
	query, err := db.Prepare("SELECT ts, v, n, x FROM power.m1 WHERE ts >= ? AND i32 < ? ORDER BY ts")
	if err != nil {
		t.Fatal(err)
	}
	defer query.Close()
	rows, err := query.Query(at, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var ts time.Time
		var v, n sql.NullString
		var x []byte
		if err := rows.Scan(&ts, &v, &n, &x); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(ts.UTC().Format(time.RFC3339Nano), v, n, x))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	want := "[2024-05-06T09:00:00.000001Z {one true} {中 true} [1 2] 2024-05-06T09:00:01.000001Z { false} {中 true} [1 2]]"
	if squeeze(fmt.Sprint(got)) != squeeze(want) {
		t.Errorf("got %v, want %s", got, want)
	}
	if crashes := srv.Crashes(); crashes != nil {
		t.Errorf("the server crashed: %q", crashes)
	}
}
