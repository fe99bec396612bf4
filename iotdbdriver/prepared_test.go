package iotdbdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest"
)

// embedded is a pool on an embedded server with the database db.
func embedded(t *testing.T, change func(*iotdbdriver.Config), opts ...iotdbtest.Option) (*iotdbtest.Server, *sql.DB) {
	t.Helper()
	srv := iotdbtest.NewServer(append([]iotdbtest.Option{iotdbtest.WithDatabase("db")}, opts...)...)
	t.Cleanup(srv.Close)
	config, err := iotdbdriver.ParseDSN(srv.DSN("db"))
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(config)
	}
	connector, err := iotdbdriver.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return srv, db
}

func must(t *testing.T, db interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}, statement string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(context.Background(), statement, args...); err != nil {
		t.Fatalf("%.100s: %v", statement, err)
	}
}

func column[T any](t *testing.T, rows *sql.Rows, err error) (list []T) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// A query is prepared by a server that can, and by its text where the server
// cannot: the same rows come.
func TestPreparedByTheServerOrByText(t *testing.T) {
	for name, opts := range map[string][]iotdbtest.Option{"server": {iotdbtest.WithPreparedStatements()}, "text": nil} {
		t.Run(name, func(t *testing.T) {
			srv, db := embedded(t, nil, opts...)
			db.SetMaxOpenConns(1)
			must(t, db, "CREATE TABLE t (tag STRING TAG, i INT32, l INT64, d DOUBLE, b BOOLEAN, s TEXT)")
			for n := range 10 {
				must(t, db, "INSERT INTO t (time, tag, i, l, d, b, s) VALUES (?, ?, ?, ?, ?, ?, ?)",
					time.UnixMilli(int64(n)), "it's", n, int64(n)<<40, float64(n)/2, n%2 == 0, `back\slash`)
			}
			ctx := context.Background()
			stmt, err := db.PrepareContext(ctx, "SELECT i FROM t WHERE time < ? AND tag = ? AND d >= ? AND b = ? AND s = ? ORDER BY time")
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				rows, err := stmt.QueryContext(ctx, time.UnixMilli(8), "it's", 1.0, true, `back\slash`)
				if got := column[int](t, rows, err); !slices.Equal(got, []int{2, 4, 6}) {
					t.Errorf("got %v", got)
				}
			}
			// The session is replaced, with all that it had prepared.
			must(t, db, "USE db")
			rows, err := stmt.QueryContext(ctx, time.UnixMilli(3), "it's", 0.0, true, `back\slash`)
			if got := column[int](t, rows, err); !slices.Equal(got, []int{0, 2}) {
				t.Errorf("after a change of the session %v", got)
			}
			if err := stmt.Close(); err != nil {
				t.Error(err)
			}
			if n := srv.Executed("SELECT i FROM t"); n != 3 {
				t.Errorf("the server ran it %d times", n)
			}
		})
	}
}

// An argument means the same to a server that prepares as in the text: no bytes are
// NULL, and a text that is none is refused.
func TestPreparedArguments(t *testing.T) {
	for name, opts := range map[string][]iotdbtest.Option{"server": {iotdbtest.WithPreparedStatements()}, "text": nil} {
		t.Run(name, func(t *testing.T) {
			_, db := embedded(t, nil, opts...)
			must(t, db, "CREATE TABLE t (s TEXT, b BLOB)")
			must(t, db, "INSERT INTO t (time, s, b) VALUES (1, 'x', X'')")
			ctx := context.Background()
			stmt, err := db.PrepareContext(ctx, "SELECT s FROM t WHERE b = ? OR s = ?")
			if err != nil {
				t.Fatal(err)
			}
			defer stmt.Close()
			rows, err := stmt.QueryContext(ctx, []byte(nil), "y")
			if got := column[string](t, rows, err); len(got) != 0 {
				t.Errorf("an empty BLOB is equal to NULL: %v", got)
			}
			rows, err = stmt.QueryContext(ctx, []byte{}, "y")
			if got := column[string](t, rows, err); len(got) != 1 {
				t.Errorf("an empty BLOB is not equal to itself: %v", got)
			}
			if _, err := stmt.QueryContext(ctx, []byte{}, "\xff"); !errors.Is(err, driver.ErrData) {
				t.Errorf("a text that is not UTF-8: %v", err)
			}
		})
	}
}

// A statement that the server refuses to prepare is refused when it is run, by its
// text.
func TestPrepareOfAMistake(t *testing.T) {
	_, db := embedded(t, nil, iotdbtest.WithPreparedStatements())
	ctx := context.Background()
	stmt, err := db.PrepareContext(ctx, "SELECT i FROM nowhere WHERE i = ?")
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Close()
	if _, err := stmt.QueryContext(ctx, 1); iotdbdriver.Code(err) != iotdbdriver.CodeUnknownTable {
		t.Errorf("got %v", err)
	}
}
