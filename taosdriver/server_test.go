package taosdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

var background = context.Background()

// patience bounds waits that are expected to end.
const patience = 10 * time.Second

// moment returns the i-th millisecond of today: databases refuse what is older
// than they keep.
func moment(i int) time.Time {
	return time.Now().UTC().Truncate(24 * time.Hour).Add(time.Duration(i) * time.Millisecond)
}

// serve starts an embedded server with a database "power" and one "other".
func serve(t testing.TB, options ...taostest.Option) *taostest.Server {
	t.Helper()
	srv := taostest.NewServer(options...)
	t.Cleanup(srv.Close)
	db := open(t, srv, "", nil)
	for _, q := range []string{
		"create database power precision 'us'",
		"create table power.d (ts timestamp, v int, s varchar(20))",
		"create database other",
		"create table other.d (ts timestamp, v int, s varchar(20))",
	} {
		exec(t, db, q)
	}
	db.Close()
	srv.ForgetStatements()
	return srv
}

// open opens a database of the server over WebSocket; with may change the Config.
func open(t testing.TB, srv *taostest.Server, database string, with func(*taosdriver.Config)) *sql.DB {
	t.Helper()
	config, err := taosdriver.ParseDSN(srv.DSN("ws", database))
	if err != nil {
		t.Fatal(err)
	}
	if with != nil {
		with(config)
	}
	return openConfig(t, config)
}

// openREST opens the database power over REST.
func openREST(t testing.TB, srv *taostest.Server) *sql.DB {
	t.Helper()
	config, err := taosdriver.ParseDSN(srv.DSN("http", "power"))
	if err != nil {
		t.Fatal(err)
	}
	return openConfig(t, config)
}

func openConfig(t testing.TB, config *taosdriver.Config) *sql.DB {
	t.Helper()
	connector, err := taosdriver.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

func exec(t testing.TB, db interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}, query string, args ...any,
) int64 {
	t.Helper()
	r, err := db.ExecContext(background, query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	n, err := r.RowsAffected()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// one returns the only value of a query.
func one[T any](t testing.TB, db interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, query string, args ...any,
) (v T) {
	t.Helper()
	if err := db.QueryRowContext(background, query, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

// isError checks what all errors of the server share.
func isError(t testing.TB, err error, kind error, says string) *driver.Error {
	t.Helper()
	var e *driver.Error
	if !errors.As(err, &e) || !errors.Is(err, kind) || !strings.Contains(err.Error(), says) {
		t.Fatalf("got %v; want %v with %q", err, kind, says)
	}
	if e.Engine != "tdengine" || e.Transport != "ws" || e.Op == "" {
		t.Errorf("incomplete: %+v", e)
	}
	return e
}

// until waits for a condition that another goroutine makes true.
func until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not in %v: %s", patience, what)
		}
	}
}

// clean checks that the client gave everything back and provoked no crash.
func clean(t testing.TB, srv *taostest.Server) {
	t.Helper()
	until(t, "results and statements are freed", func() bool { return srv.OpenResults() == 0 && srv.OpenStatements() == 0 })
	if c := srv.Crashes(); len(c) != 0 {
		t.Errorf("the server crashed: %v", c)
	}
}
