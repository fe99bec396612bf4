package iotdbdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest"
)

// One side speaks TLS, or the other protocol: the error says what to change.
func TestMismatchIsExplained(t *testing.T) {
	for _, tt := range []struct {
		name   string
		server []iotdbtest.Option
		change func(*iotdbdriver.Config)
		want   string
	}{
		{"TLS server, plain client", []iotdbtest.Option{iotdbtest.WithTLS(nil)}, func(c *iotdbdriver.Config) {
			c.TLS, c.TLSCA, c.TLSServerName = false, "", ""
		}, "iotdb+tls://"},
		{"plain server, TLS client", nil, func(c *iotdbdriver.Config) { c.TLS = true }, "may not speak TLS"},
		{"compact server", []iotdbtest.Option{iotdbtest.WithCompression()}, func(c *iotdbdriver.Config) { c.Compression = false }, "parameter compression"},
		{"compact client", nil, func(c *iotdbdriver.Config) { c.Compression = true }, "parameter compression"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, db := embedded(t, func(c *iotdbdriver.Config) {
				c.MaxRetry, c.ConnectTimeout = 0, 5*time.Second
				tt.change(c)
			}, tt.server...)
			err := db.PingContext(context.Background())
			if !errors.Is(err, driver.ErrConnection) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// A page that the server has lost is an error, not the end of the rows.
func TestLostPage(t *testing.T) {
	srv, db := embedded(t, func(c *iotdbdriver.Config) { c.FetchSize = 100 }, iotdbtest.WithBlockRows(50))
	ctx := context.Background()
	must(t, db, "CREATE TABLE t (n INT32)")
	values := make([]string, 1000)
	for i := range values {
		values[i] = fmt.Sprintf("(%d, %d)", i, i)
	}
	must(t, db, "INSERT INTO t (time, n) VALUES "+strings.Join(values, ", "))
	srv.Fault(iotdbtest.On{Action: "fetch", After: 3, Times: 1}, iotdbtest.ForgetResults)
	rows, err := db.QueryContext(ctx, "SELECT n FROM t ORDER BY time")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var v int
		if err := rows.Scan(&v); err != nil || v != n {
			t.Fatalf("row %d is %d, %v", n, v, err)
		}
	}
	if n == 1000 || !errors.Is(rows.Err(), driver.ErrResult) {
		t.Errorf("%d rows and %v", n, rows.Err())
	}
	count, err := db.QueryContext(ctx, "SELECT count(*) FROM t")
	if got := column[int](t, count, err); got[0] != 1000 {
		t.Errorf("afterwards %v", got)
	}
}

// Replies that make no sense, or announce what does not come, are errors of the
// statement; the pool works on.
func TestHostileReplies(t *testing.T) {
	for _, fault := range []iotdbtest.Fault{
		iotdbtest.Corrupt, iotdbtest.CorruptHeader, iotdbtest.EmptyBody, iotdbtest.HalfBody, iotdbtest.Truncate(1), iotdbtest.Truncate(20),
		iotdbtest.Announce(1<<31 - 1), iotdbtest.Announce(1<<32 - 1), iotdbtest.Announce(300 << 20), iotdbtest.Announce(3),
	} {
		for _, action := range []string{"query", "fetch", "login"} {
			t.Run(fault.String()+" of "+action, func(t *testing.T) {
				srv, db := embedded(t, func(c *iotdbdriver.Config) {
					c.FetchSize, c.MaxRetry, c.ReadTimeout, c.ConnectTimeout = 10, 0, 300*time.Millisecond, 300*time.Millisecond
				}, iotdbtest.WithBlockRows(10))
				ctx := context.Background()
				patient, err := sql.Open("iotdb", srv.DSN("db"))
				if err != nil {
					t.Fatal(err)
				}
				defer patient.Close()
				must(t, patient, "CREATE TABLE t (n INT32)")
				for n := range 40 {
					must(t, patient, "INSERT INTO t (time, n) VALUES (?, ?)", n, n)
				}
				for range 50 { // the timeouts are short for a busy machine
					if err = db.Ping(); err == nil {
						break
					}
				}
				if err != nil {
					t.Fatal(err)
				}
				if action == "login" {
					db.SetMaxIdleConns(0)
				}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				rule := srv.Fault(iotdbtest.On{Action: action, Times: 1}, fault)
				rows, err := db.QueryContext(ctx, "SELECT n FROM t ORDER BY time")
				n := 0
				if err == nil {
					for ; rows.Next(); n++ {
					}
					err = rows.Err()
					rows.Close()
				}
				runtime.ReadMemStats(&after)
				if rule.Hits() != 1 {
					t.Errorf("the fault has struck %d times", rule.Hits())
				}
				var e *driver.Error
				if err == nil || n == 40 || !errors.As(err, &e) || e.Engine != "iotdb" {
					t.Errorf("%d rows, %v", n, err)
				}
				if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20 {
					t.Errorf("it took %d MiB", used>>20)
				}
				db.SetMaxIdleConns(1)
				for range 50 {
					if err = db.QueryRowContext(ctx, "SELECT count(*) FROM t").Scan(&n); !errors.Is(err, driver.ErrTimeout) {
						break
					}
				}
				if err != nil || n != 40 {
					t.Errorf("afterwards %d, %v", n, err)
				}
			})
		}
	}
}

// A deadline of the context is the server's timeout too.
func TestDeadlineReachesTheServer(t *testing.T) {
	_, db := embedded(t, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	started := time.Now()
	var v any
	err := db.QueryRowContext(ctx, "SELECT iotdbtest_sleep(20000)").Scan(&v)
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, driver.ErrTimeout) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

// Whether a day that no calendar has is for a DATE could not be found out: the INSERT,
// of which the server would make another day, is not sent.
func TestUncheckedDayIsNotSent(t *testing.T) {
	srv, db := embedded(t, nil)
	must(t, db, "CREATE TABLE t (d DATE)")
	srv.Fault(iotdbtest.On{Action: "query", SQL: "DESC", Times: 1}, iotdbtest.ErrorCode(717, "too many queries"))
	_, err := db.ExecContext(context.Background(), "INSERT INTO t (time, d) VALUES (1, '2023-02-29')")
	if iotdbdriver.Code(err) != 717 || srv.Executed("INSERT") != 0 {
		t.Errorf("%v, sent %d times", err, srv.Executed("INSERT"))
	}
	if _, err = db.ExecContext(context.Background(), "INSERT INTO nowhere (time, d) VALUES (1, '2023-02-29')"); iotdbdriver.Code(err) != iotdbdriver.CodeUnknownTable {
		t.Errorf("got %v", err)
	}
}
