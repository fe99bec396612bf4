package iotdbdriver_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest"
)

// faultsDatabase is made and dropped by these tests.
const faultsDatabase = "gaugesql_faults"

// regionTimeout is what a busy server says of the first write to a database, for which
// it makes a region.
const regionTimeout = 901

// TestClientFaults are the faults of the official Go client v2.0.10, of its
// database/sql driver, and of the Python client 2.0.11: what users of theirs met must
// not happen here. Each runs on the embedded server and on those of
// CONFORMANCE_IOTDB_DSN.
func TestClientFaults(t *testing.T) {
	t.Run("embedded", func(t *testing.T) {
		srv := iotdbtest.NewServer()
		t.Cleanup(srv.Close)
		clientFaults(t, srv.DSN(""))
	})
	for i, dsn := range strings.Fields(os.Getenv("CONFORMANCE_IOTDB_DSN")) {
		t.Run(fmt.Sprintf("real_%d", i+1), func(t *testing.T) { clientFaults(t, dsn) })
	}
}

func clientFaults(t *testing.T, dsn string) {
	ctx := context.Background()
	open := func(t *testing.T, change func(*iotdbdriver.Config)) *sql.DB {
		t.Helper()
		config, err := iotdbdriver.ParseDSN(dsn)
		if err != nil {
			t.Fatal(err)
		}
		config.Database = faultsDatabase
		if change != nil {
			change(config)
		}
		connector, err := iotdbdriver.NewConnector(config)
		if err != nil {
			t.Fatal(err)
		}
		db := sql.OpenDB(connector)
		t.Cleanup(func() { db.Close() })
		return db
	}
	noDatabase := func(c *iotdbdriver.Config) { c.Database = "" }
	admin := open(t, noDatabase)
	must(t, admin, "DROP DATABASE IF EXISTS "+faultsDatabase)
	must(t, admin, "CREATE DATABASE "+faultsDatabase)
	t.Cleanup(func() { must(t, admin, "DROP DATABASE "+faultsDatabase) })

	t.Run("a wrong password is an error at the first ping", func(t *testing.T) {
		db := open(t, func(c *iotdbdriver.Config) { c.Password = "wrong" })
		if err := db.PingContext(ctx); !errors.Is(err, driver.ErrAuthentication) {
			t.Errorf("got %v", err)
		}
	})

	t.Run("a page of more bytes than Thrift's default is read, and asked for once", func(t *testing.T) {
		const rows, size = 400, 60_000
		db := open(t, nil)
		db.SetMaxOpenConns(1)
		must(t, db, "CREATE TABLE wide (n INT32, x TEXT)")
		text := strings.Repeat("x", size)
		for from := 0; from < rows; from += 50 {
			values := make([]string, 50)
			for i := range values {
				values[i] = fmt.Sprintf("(%d, %d, '%s')", from+i, from+i, text)
			}
			must(t, db, "INSERT INTO wide (time, n, x) VALUES "+strings.Join(values, ", "))
		}
		result, err := db.QueryContext(ctx, "SELECT n, x FROM wide ORDER BY time")
		if err != nil {
			t.Fatal(err)
		}
		defer result.Close()
		n := 0
		for ; result.Next(); n++ {
			var at int
			var x string
			if err := result.Scan(&at, &x); err != nil || at != n || len(x) != size {
				t.Fatalf("row %d is %d with %d bytes, %v", n, at, len(x), err)
			}
		}
		if err := result.Err(); err != nil || n != rows {
			t.Errorf("%d rows, %v", n, err)
		}
		// The session is the one it was.
		dialect, err := db.QueryContext(ctx, "SHOW CURRENT_SQL_DIALECT")
		if got := column[string](t, dialect, err); len(got) != 1 || !strings.EqualFold(got[0], "table") {
			t.Errorf("the dialect is %v", got)
		}
	})

	t.Run("a reply beyond the limit is an error, and the session after it is no tree", func(t *testing.T) {
		db := open(t, func(c *iotdbdriver.Config) { c.MaxFrame = 64 << 10 })
		db.SetMaxOpenConns(1)
		must(t, db, "CREATE TABLE beyond (x TEXT)")
		for n := range 2 {
			must(t, db, "INSERT INTO beyond (time, x) VALUES (?, ?)", n, strings.Repeat("x", 50_000))
		}
		result, err := db.QueryContext(ctx, "SELECT x FROM beyond")
		if err == nil {
			for result.Next() {
			}
			err = result.Err()
			result.Close()
		}
		if !errors.Is(err, driver.ErrResult) {
			t.Errorf("got %v", err)
		}
		count, err := db.QueryContext(ctx, "SELECT count(*) FROM beyond")
		if got := column[int](t, count, err); !slices.Equal(got, []int{2}) {
			t.Errorf("got %v", got)
		}
	})

	t.Run("an INSERT or USE as a query has no rows and does not panic", func(t *testing.T) {
		db := open(t, nil)
		must(t, db, "CREATE TABLE q (x INT32)")
		for _, statement := range []string{"INSERT INTO q (time, x) VALUES (1, 1)", "USE " + faultsDatabase, "DELETE FROM q WHERE time = 1"} {
			rows, err := db.QueryContext(ctx, statement)
			if err != nil {
				t.Fatal(err)
			}
			if columns, err := rows.Columns(); err != nil || len(columns) != 0 || rows.Next() || rows.Err() != nil {
				t.Errorf("%s: columns %v, %v, %v", statement, columns, err, rows.Err())
			}
			rows.Close()
		}
	})

	t.Run("USE does not reach the next borrower", func(t *testing.T) {
		for name, change := range map[string]func(*iotdbdriver.Config){"no database": noDatabase, "a database": nil} {
			db := open(t, change)
			db.SetMaxOpenConns(1)
			current := func() any {
				var name any
				if err := db.QueryRowContext(ctx, "SHOW CURRENT_DATABASE").Scan(&name); err != nil {
					t.Fatal(err)
				}
				return name
			}
			before := current()
			must(t, db, "CREATE DATABASE IF NOT EXISTS "+faultsDatabase+"_other")
			must(t, db, "USE "+faultsDatabase+"_other")
			if after := current(); after != before {
				t.Errorf("%s: it was %v and is %v", name, before, after)
			}
			must(t, db, "DROP DATABASE "+faultsDatabase+"_other")
		}
	})

	t.Run("rows used after Close are an error", func(t *testing.T) {
		db := open(t, nil)
		must(t, db, "CREATE TABLE closed (x INT32)")
		must(t, db, "INSERT INTO closed (time, x) VALUES (1, 1), (2, 2)")
		rows, err := db.QueryContext(ctx, "SELECT x FROM closed")
		if err != nil {
			t.Fatal(err)
		}
		rows.Next()
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
		var x int
		if rows.Next() || rows.Scan(&x) == nil {
			t.Error("there is a row after Close")
		}
	})

	t.Run("a server that is gone is an error", func(t *testing.T) {
		db := open(t, func(c *iotdbdriver.Config) { c.Hosts, c.MaxRetry = []string{"127.0.0.1:1"}, 0 })
		if _, err := db.ExecContext(ctx, "INSERT INTO t (time) VALUES (1)"); !errors.Is(err, driver.ErrConnection) {
			t.Errorf("got %v", err)
		}
	})

	t.Run("text is bound as it is", func(t *testing.T) {
		db := open(t, nil)
		must(t, db, "CREATE TABLE texts (x TEXT)")
		texts := []string{`it's`, `back\slash`, `''`, `\'`, "new\nline", "nul\x00", `"quoted"`, "?", "日本"}
		for n, text := range texts {
			must(t, db, "INSERT INTO texts (time, x) VALUES (?, ?)", n, text)
		}
		rows, err := db.QueryContext(ctx, "SELECT x FROM texts ORDER BY time")
		if got := column[string](t, rows, err); !slices.Equal(got, texts) {
			t.Errorf("got %q", got)
		}
		for n, text := range texts {
			rows, err := db.QueryContext(ctx, "SELECT time FROM texts WHERE x = ?", text)
			if got := column[time.Time](t, rows, err); len(got) != 1 {
				t.Errorf("row %d, %q: %v", n, text, got)
			}
		}
	})

	t.Run("times keep what is below a second, bytes stay bytes", func(t *testing.T) {
		db := open(t, nil)
		must(t, db, "CREATE TABLE exact (b BLOB, f FLOAT)")
		at, blob := time.UnixMilli(1700000000123), []byte{0xca, 0xfe}
		must(t, db, "INSERT INTO exact (time, b, f) VALUES (?, ?, ?)", at, blob, float32(0.1))
		var gotAt time.Time
		var gotBlob []byte
		var f any
		if err := db.QueryRowContext(ctx, "SELECT time, b, f FROM exact WHERE time = ? AND b = ?", at, blob).Scan(&gotAt, &gotBlob, &f); err != nil {
			t.Fatal(err)
		}
		if !gotAt.Equal(at) || !bytes.Equal(gotBlob, blob) || f != float32(0.1) {
			t.Errorf("got %v, %x, %v", gotAt, gotBlob, f)
		}
		must(t, db, "INSERT INTO exact (time, b) VALUES (?, ?)", at.Add(time.Second), []byte{1, 0})
		rows, err := db.QueryContext(ctx, "SELECT b FROM exact ORDER BY time DESC LIMIT 1")
		if got := column[[]byte](t, rows, err); len(got) != 1 || !bytes.Equal(got[0], []byte{1, 0}) {
			t.Errorf("got %x", got)
		}
	})

	t.Run("the tree's Time is a time, and affected rows are no lie", func(t *testing.T) {
		db := open(t, func(c *iotdbdriver.Config) { c.Dialect, c.Database = iotdbdriver.Tree, "" })
		at := time.UnixMilli(1700000000123).UTC()
		var result sql.Result
		for range 3 {
			var err error
			if result, err = db.ExecContext(ctx, "INSERT INTO root.gaugesql_faults_tree.d (time, x) VALUES (?, ?)", at, 5); err == nil {
				break
			}
			if iotdbdriver.Code(err) != regionTimeout {
				t.Fatal(err)
			}
		}
		if result == nil {
			t.Fatal("the server does not get its region ready")
		}
		if n, err := result.RowsAffected(); !errors.Is(err, driver.ErrNotSupported) {
			t.Errorf("%d rows affected, %v", n, err)
		}
		var got any
		var x float64
		if err := db.QueryRowContext(ctx, "SELECT x FROM root.gaugesql_faults_tree.d").Scan(&got, &x); err != nil {
			t.Fatal(err)
		}
		if got != at || x != 5 {
			t.Errorf("got %v, %v", got, x)
		}
		must(t, db, "DROP DATABASE root.gaugesql_faults_tree")
	})

	t.Run("columns of the same name are both there", func(t *testing.T) {
		db := open(t, nil)
		must(t, db, "CREATE TABLE names (a INT32, b INT64)")
		must(t, db, "INSERT INTO names (time, a, b) VALUES (1, 5, 6)")
		var a, again, b int
		if err := db.QueryRowContext(ctx, "SELECT a AS x, a AS x, b AS x FROM names").Scan(&a, &again, &b); err != nil || a != 5 || again != 5 || b != 6 {
			t.Errorf("%d, %d, %d, %v", a, again, b, err)
		}
	})

	t.Run("an impossible day is refused before the server moves it", func(t *testing.T) {
		db := open(t, nil)
		must(t, db, "CREATE TABLE days (note STRING, d DATE)")
		for _, args := range [][]any{{1, "x", "2023-02-29"}, {1, "x", iotdbdriver.Date{Year: 2024, Month: 2, Day: 31}}} {
			if _, err := db.ExecContext(ctx, "INSERT INTO days (time, note, d) VALUES (?, ?, ?)", args...); !errors.Is(err, driver.ErrData) {
				t.Errorf("%v: %v", args, err)
			}
		}
		if _, err := db.ExecContext(ctx, "INSERT INTO days (time, d) VALUES (1, '2023-02-29')"); !errors.Is(err, driver.ErrData) {
			t.Errorf("a literal: %v", err)
		}
		// The same text is fine where it is text.
		must(t, db, "INSERT INTO days (time, note, d) VALUES (?, ?, ?)", 2, "2023-02-29", iotdbdriver.Date{Year: 2024, Month: 2, Day: 29})
		var note string
		var d time.Time
		if err := db.QueryRowContext(ctx, "SELECT note, d FROM days").Scan(&note, &d); err != nil || note != "2023-02-29" || d.Format(time.DateOnly) != "2024-02-29" {
			t.Errorf("%q, %v, %v", note, d, err)
		}
	})

	t.Run("a trailing semicolon is taken, a second statement is not", func(t *testing.T) {
		db := open(t, nil)
		must(t, db, "CREATE TABLE semicolon (x INT32) ; ")
		if _, err := db.ExecContext(ctx, "DROP TABLE semicolon; DROP TABLE semicolon"); !errors.Is(err, driver.ErrProgramming) {
			t.Errorf("got %v", err)
		}
		must(t, db, "DROP TABLE semicolon -- at last ;\n;")
	})

	t.Run("a database that does not exist is an error at the first ping", func(t *testing.T) {
		db := open(t, func(c *iotdbdriver.Config) { c.Database = "no_such_database" })
		if err := db.PingContext(ctx); iotdbdriver.Code(err) != iotdbdriver.CodeUnknownDatabase || !errors.Is(err, driver.ErrProgramming) {
			t.Errorf("got %v", err)
		}
	})

	t.Run("NaN and the ends of ranges come back", func(t *testing.T) {
		db := open(t, nil)
		must(t, db, "CREATE TABLE ends (d DOUBLE, l INT64)")
		must(t, db, "INSERT INTO ends (time, d, l) VALUES (?, ?, ?)", 1, math.NaN(), int64(math.MinInt64))
		var d float64
		var l int64
		if err := db.QueryRowContext(ctx, "SELECT d, l FROM ends").Scan(&d, &l); err != nil || !math.IsNaN(d) || l != math.MinInt64 {
			t.Errorf("%v, %d, %v", d, l, err)
		}
		for _, v := range []any{math.Inf(1), uint64(math.MaxUint64)} {
			if _, err := db.ExecContext(ctx, "INSERT INTO ends (time, d) VALUES (2, ?)", v); !errors.Is(err, driver.ErrData) {
				t.Errorf("%v: %v", v, err)
			}
		}
	})
}
