package rest_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

func TestFaultsBehindThePool(t *testing.T) {
	for _, c := range []struct {
		name     string
		fault    taostest.Fault
		executed int
		unknown  bool
	}{
		{"dropped before the statement ran", taostest.DropBefore, 0, true},
		{"dropped after the statement ran", taostest.DropAfter, 1, true},
		{"half a body", taostest.HalfBody, 1, true},
		{"an empty body", taostest.EmptyBody, 1, true},
		{"a body without its end", taostest.Truncate(3), 1, true},
		{"a corrupt body", taostest.Corrupt, 1, true},
		{"an error", taostest.ErrorCode(0x0110, "general"), 0, false},
	} {
		srv := taostest.NewServer()
		defer srv.Close()
		db := open(t, srv, "http", "")
		for _, statement := range []string{"create database power", "create table power.t (ts timestamp, v int)"} {
			if _, err := db.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
		srv.Fault(taostest.On{SQL: "insert", Times: 1}, c.fault)
		_, err := db.Exec("insert into power.t values (1700000000000, 1)")
		var e *driver.Error
		if !errors.As(err, &e) || e.OutcomeUnknown != c.unknown {
			t.Errorf("%s: %v", c.name, err)
		}
		if n := srv.Executed("insert"); n != c.executed {
			t.Errorf("%s: executed %d times, want %d", c.name, n, c.executed)
		}
		var rows int
		if err := db.QueryRow("select count(*) from power.t").Scan(&rows); err != nil || rows != c.executed {
			t.Errorf("%s: afterwards %d rows, %v", c.name, rows, err)
		}
	}
}

func TestThePoolOutlivesARestart(t *testing.T) {
	for name, c := range map[string]struct {
		options    []taostest.Option
		parameters string
	}{
		"plain": {nil, ""},
		"TLS":   {[]taostest.Option{taostest.WithTLS(nil)}, "?tls_skip_verify=true"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := taostest.NewServer(c.options...)
			defer srv.Close()
			db := open(t, srv, "http", c.parameters)
			db.SetMaxIdleConns(8)
			for range 5 {
				var all sync.WaitGroup
				for range 8 {
					all.Add(1)
					go func() {
						defer all.Done()
						if err := db.Ping(); err != nil {
							t.Error(err)
						}
					}()
				}
				all.Wait()
				if err := srv.Restart(); err != nil {
					t.Fatal(err)
				}
				if err := db.Ping(); err != nil {
					t.Errorf("the first request after a restart: %v", err)
				}
			}
			srv.Stop()
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := db.PingContext(ctx); !errors.Is(err, driver.ErrConnection) {
				t.Errorf("without a server: %v", err)
			}
		})
	}
}

func TestUseDoesNotCrossThePool(t *testing.T) {
	srv := taostest.NewServer()
	defer srv.Close()
	db := open(t, srv, "http", "")
	db.SetMaxOpenConns(1)
	ctx := context.Background()
	for _, statement := range []string{"create database a", "create database b", "create table a.t (ts timestamp, v int)"} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(ctx, "use a"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(ctx, "insert into t values (now, 1)"); err != nil {
		t.Errorf("after USE on the same connection: %v", err)
	}
	conn.Close()
	var e *driver.Error
	if _, err := db.Exec("insert into t values (now, 1)"); !errors.As(err, &e) || e.Code != 0x0200 && e.Code != 0x2616 && e.Code != 0x0217 {
		t.Errorf("the next borrower: %v", err)
	}
}

func TestManyGoroutinesOnASmallPool(t *testing.T) {
	srv := taostest.NewServer()
	defer srv.Close()
	db := open(t, srv, "http", "")
	db.SetMaxOpenConns(10)
	var all sync.WaitGroup
	for i := range 80 {
		all.Add(1)
		go func() {
			defer all.Done()
			for k := range 5 {
				want := fmt.Sprintf("value %d of %d", k, i)
				var got string
				if err := db.QueryRow("select ?", want).Scan(&got); err != nil || got != want {
					t.Errorf("%q, %v", got, err)
				}
			}
		}()
	}
	all.Wait()
	if n := srv.Opened(); n > 10 {
		t.Errorf("%d TCP connections", n)
	}
}
