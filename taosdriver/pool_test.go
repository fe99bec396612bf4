package taosdriver_test

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// single makes the pool hand out one connection again and again.
func single(db *sql.DB) *sql.DB {
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	return db
}

func TestUseIsNotSeenByTheNextBorrower(t *testing.T) {
	srv := serve(t)
	t.Run("with a database to go back to", func(t *testing.T) {
		db := single(open(t, srv, "power", nil))
		exec(t, db, "insert into d values (?, 1, 'power')", moment(0))
		exec(t, db, "insert into other.d values (?, 1, 'other')", moment(0))
		for range 3 {
			conn, err := db.Conn(background)
			if err != nil {
				t.Fatal(err)
			}
			exec(t, conn, "use other")
			if got := one[string](t, conn, "select s from d"); got != "other" {
				t.Error(got)
			}
			conn.Close()
			if got := one[string](t, db, "select s from d"); got != "power" {
				t.Errorf("the next borrower is in %s", got)
			}
		}
		if n := srv.Opened(); n > 3 {
			t.Errorf("%d connections, want the one kept", n)
		}
	})
	t.Run("with none", func(t *testing.T) {
		db := single(open(t, srv, "", nil))
		exec(t, db, "use other")
		if _, err := db.Query("select s from d"); taosdriver.Code(err) != taosdriver.CodeNoDatabase {
			t.Errorf("got %v", err)
		}
	})
	t.Run("with one that is gone", func(t *testing.T) {
		exec(t, open(t, srv, "", nil), "create database gone")
		db := single(open(t, srv, "gone", nil))
		exec(t, db, "use other")
		exec(t, open(t, srv, "", nil), "drop database gone")
		err := db.Ping()
		if taosdriver.Code(err) != taosdriver.CodeUnknownDatabase {
			t.Errorf("got %v", err)
		}
	})
}

func TestAStatementNeverRunsTwice(t *testing.T) {
	for _, c := range []struct {
		name     string
		fault    taostest.Fault
		executed int
	}{
		{"connection lost before it ran", taostest.DropBefore, 0},
		{"connection lost after it ran", taostest.DropAfter, 1},
		{"half a reply", taostest.HalfBody, 1},
		{"a reply that makes no sense", taostest.Corrupt, 1},
		{"an empty reply", taostest.EmptyBody, 1},
		{"a close frame", taostest.Close(1001, "going away"), -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := serve(t)
			db := single(open(t, srv, "power", nil))
			if err := db.Ping(); err != nil {
				t.Fatal(err)
			}
			srv.Fault(taostest.On{Action: "query", SQL: "insert", Times: 1}, c.fault)
			_, err := db.Exec("insert into d values (now, 1, 'a')")
			var e *driver.Error
			if !errors.As(err, &e) || errors.Is(err, sqldriver.ErrBadConn) || !e.OutcomeUnknown || !errors.Is(err, driver.ErrDatabase) {
				t.Errorf("%+v", err)
			}
			if n := srv.Executed("insert"); n > 1 || c.executed >= 0 && n != c.executed {
				t.Errorf("executed %d times", n)
			}
			if n := db.Stats().OpenConnections; n != 0 {
				t.Errorf("%d connections stay in the pool", n)
			}
			exec(t, db, "insert into d values (now, 2, 'b')")
		})
	}
	t.Run("prepared", func(t *testing.T) {
		srv := serve(t)
		db := single(open(t, srv, "power", nil))
		insert, err := db.Prepare("insert into d values (?, ?, ?)")
		if err != nil {
			t.Fatal(err)
		}
		defer insert.Close()
		srv.Fault(taostest.On{Action: "stmt2_exec", Times: 1}, taostest.DropAfter)
		_, err = insert.Exec(moment(0), 1, "a")
		if e := isError(t, err, driver.ErrConnection, "lost"); !e.OutcomeUnknown {
			t.Errorf("%+v", e)
		}
		if n := one[int](t, db, "select count(*) from d"); n != 1 {
			t.Errorf("%d rows", n)
		}
		if _, err := insert.Exec(moment(1), 1, "a"); err != nil {
			t.Error(err)
		}
	})
}

func TestServerRestart(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	db.SetMaxIdleConns(5)
	insert, err := db.Prepare("insert into d values (?, ?, ?)")
	if err != nil {
		t.Fatal(err)
	}
	defer insert.Close()
	var conns []*sql.Conn
	for range 5 {
		conn, err := db.Conn(background)
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	for _, conn := range conns {
		conn.Close()
	}
	if n := db.Stats().Idle; n != 5 {
		t.Fatalf("%d idle connections", n)
	}
	if err := srv.Restart(); err != nil {
		t.Fatal(err)
	}
	exec(t, db, "insert into d values (?, 1, 'a')", moment(0))
	if _, err := insert.Exec(moment(1), 2, "b"); err != nil {
		t.Error(err)
	}
	if n := one[int](t, db, "select count(*) from d"); n != 2 {
		t.Errorf("%d rows", n)
	}
}

func TestSessionKilledOnTheServer(t *testing.T) {
	for text, code := range map[string]int{"Disconnected from service": taosdriver.CodeDisconnected, "Connection killed": taosdriver.CodeConnectionKilled} {
		srv := serve(t)
		db := single(open(t, srv, "power", nil))
		if err := db.Ping(); err != nil {
			t.Fatal(err)
		}
		srv.Fault(taostest.On{Action: "query", SQL: "insert", Times: 1}, taostest.ErrorCode(code, text))
		exec(t, db, "insert into d values (now, 1, 'a')")
		if n := one[int](t, db, "select count(*) from d"); n != 1 {
			t.Errorf("%d rows", n)
		}
		// On a connection that the caller holds there is no other to take.
		conn, err := db.Conn(background)
		if err != nil {
			t.Fatal(err)
		}
		srv.Fault(taostest.On{Action: "query", SQL: "insert", Times: 1}, taostest.ErrorCode(code, text))
		_, err = conn.ExecContext(background, "insert into d values (now, 1, 'a')")
		if !errors.Is(err, sqldriver.ErrBadConn) || taosdriver.Code(err) != code {
			t.Errorf("%v does not say what happened", err)
		}
		conn.Close()
	}
}

func TestErrorsOfConnect(t *testing.T) {
	srv := serve(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for _, c := range []struct {
		name string
		with func(*taosdriver.Config)
		kind error
		code int
		says string
	}{
		{"wrong password", func(c *taosdriver.Config) { c.Password = "s3cret" }, driver.ErrAuthentication, taosdriver.CodeAuthentication, ""},
		{"unknown database", func(c *taosdriver.Config) { c.Database = "nosuch" }, driver.ErrProgramming, taosdriver.CodeUnknownDatabase, ""},
		{"nobody there", func(c *taosdriver.Config) { c.Hosts = []string{closed.Addr().String()} }, driver.ErrConnection, 0, "refused"},
		{"no TLS there", func(c *taosdriver.Config) { c.TLS = true }, driver.ErrConnection, 0, "does not speak TLS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			opened := srv.Opened()
			err := open(t, srv, "power", c.with).Ping()
			e := isError(t, err, c.kind, c.says)
			if e.Code != c.code || errors.Is(err, sqldriver.ErrBadConn) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%+v", err)
			}
			if n := srv.Opened() - opened; n > 1 {
				t.Errorf("tried %d times", n)
			}
		})
	}
}

func TestSeveralHosts(t *testing.T) {
	srv := serve(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	both := func(c *taosdriver.Config) { c.Hosts = append([]string{closed.Addr().String()}, c.Hosts...) }
	if err := open(t, srv, "power", both).Ping(); err != nil {
		t.Error(err)
	}
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	if err := open(t, srv, "power", func(c *taosdriver.Config) { c.Hosts = append([]string{web.Listener.Addr().String()}, c.Hosts...) }).Ping(); err != nil {
		t.Errorf("a host that is no taosAdapter: %v", err)
	}
	err = open(t, srv, "power", func(c *taosdriver.Config) { both(c); c.Password = "wrong" }).Ping()
	isError(t, err, driver.ErrAuthentication, "")
	srv.Stop()
	err = open(t, srv, "power", both).Ping()
	isError(t, err, driver.ErrConnection, "none of 2 hosts")
}

func TestManyGoroutinesOnAPool(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	db.SetMaxOpenConns(10)
	insert, err := db.Prepare("insert into d values (?, ?, ?)")
	if err != nil {
		t.Fatal(err)
	}
	query, err := db.Prepare("select s from d where v = ?")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range 80 {
		group.Add(1)
		go func() {
			defer group.Done()
			want := fmt.Sprint("s", i)
			if i%2 == 0 {
				if _, err := insert.Exec(moment(i), i, want); err != nil {
					t.Error(err)
					return
				}
			} else if _, err := db.Exec("insert into d values (?, ?, ?)", moment(i), i, want); err != nil {
				t.Error(err)
				return
			}
			var got string
			if err := query.QueryRow(i).Scan(&got); err != nil || got != want {
				t.Errorf("%d: %q, %v", i, got, err)
			}
			if err := db.QueryRow("select s from d where v = ?", i).Scan(&got); err != nil || got != want {
				t.Errorf("%d: %q, %v", i, got, err)
			}
			ctx, cancel := context.WithTimeout(background, time.Millisecond)
			defer cancel()
			db.QueryRowContext(ctx, "select count(*) from d").Scan(new(int))
		}()
	}
	group.Wait()
	insert.Close()
	query.Close()
	if n := one[int](t, db, "select count(*) from d"); n != 80 {
		t.Errorf("%d rows", n)
	}
	clean(t, srv)
}

func TestUseAfterClose(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	conn, err := db.Conn(background)
	if err != nil {
		t.Fatal(err)
	}
	var raw sqldriver.Conn
	conn.Raw(func(c any) error { raw = c.(sqldriver.Conn); return nil })
	prepared, err := raw.Prepare("insert into d values (?, ?, ?)")
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	db.Close()
	if _, err := raw.(sqldriver.ExecerContext).ExecContext(background, "select 1", nil); !errors.Is(err, driver.ErrInterface) {
		t.Error(err)
	}
	if _, err := raw.Prepare("select 1"); !errors.Is(err, driver.ErrInterface) {
		t.Error(err)
	}
	if _, err := prepared.(sqldriver.StmtExecContext).ExecContext(background, nil); !errors.Is(err, driver.ErrInterface) {
		t.Error(err)
	}
	if err := raw.(sqldriver.Pinger).Ping(background); !errors.Is(err, driver.ErrInterface) {
		t.Error(err)
	}
	if raw.(sqldriver.Validator).IsValid() || raw.(sqldriver.SessionResetter).ResetSession(background) != sqldriver.ErrBadConn {
		t.Error("valid")
	}
	prepared.Close()
	raw.Close()
}
