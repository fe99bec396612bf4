package iotdbdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest"
)

// silent is the address of a server that takes connections and says nothing.
func silent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

func openConfig(t *testing.T, change func(*iotdbdriver.Config)) *sql.DB {
	t.Helper()
	config := iotdbdriver.NewConfig()
	change(config)
	connector, err := iotdbdriver.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

// The driver's own limits are timeouts, and not the end of the caller's context.
func TestConnectTimeouts(t *testing.T) {
	for name, change := range map[string]func(*iotdbdriver.Config){
		"one host, connect_timeout": func(c *iotdbdriver.Config) { c.ConnectTimeout, c.WaitTimeout = 50*time.Millisecond, 0 },
		"one host, wait_timeout":    func(c *iotdbdriver.Config) { c.ConnectTimeout, c.WaitTimeout = 0, 50*time.Millisecond },
		"two hosts, connect_timeout": func(c *iotdbdriver.Config) {
			c.Hosts, c.ConnectTimeout = append(c.Hosts, silent(t)), 50*time.Millisecond
		},
		"two hosts, wait_timeout": func(c *iotdbdriver.Config) { c.Hosts, c.WaitTimeout = append(c.Hosts, silent(t)), 50*time.Millisecond },
	} {
		t.Run(name, func(t *testing.T) {
			db := openConfig(t, func(c *iotdbdriver.Config) {
				c.Hosts, c.MaxRetry = []string{silent(t)}, 0
				change(c)
			})
			err := db.PingContext(context.Background())
			if !errors.Is(err, driver.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
			defer cancel()
			if err := db.PingContext(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("with a deadline %v", err)
			}
		})
	}
}

// A host that is silent, and one that is not there, cost their bounded attempt.
func TestFailover(t *testing.T) {
	srv := iotdbtest.NewServer(iotdbtest.WithDatabase("db"))
	defer srv.Close()
	db := openConfig(t, func(c *iotdbdriver.Config) {
		c.Hosts, c.Database, c.ConnectTimeout = []string{"127.0.0.1:1", silent(t), srv.Addr()}, "db", 200*time.Millisecond
	})
	must(t, db, "CREATE TABLE t (n INT32)")
}

// All hosts are tried again, as often as the Config says.
func TestRetries(t *testing.T) {
	srv := iotdbtest.NewServer(iotdbtest.WithDatabase("db"))
	defer srv.Close()
	for retries, ok := range map[int]bool{0: false, 3: true} {
		dials := 0
		db := openConfig(t, func(c *iotdbdriver.Config) {
			c.Hosts, c.Database, c.MaxRetry = []string{srv.Addr()}, "db", retries
			c.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
				if dials++; dials < 3 {
					return nil, errors.New("not yet")
				}
				return new(net.Dialer).DialContext(ctx, network, addr)
			}
		})
		if err := db.PingContext(context.Background()); (err == nil) != ok {
			t.Errorf("%d retries: %v after %d attempts", retries, err, dials)
		}
	}
	// A refused login is not tried again.
	logins := srv.Fault(iotdbtest.On{Action: "login"}, iotdbtest.Delay(0))
	db := openConfig(t, func(c *iotdbdriver.Config) { c.Hosts, c.User, c.Password = []string{srv.Addr()}, "root", "wrong" })
	if err := db.PingContext(context.Background()); !errors.Is(err, driver.ErrAuthentication) || logins.Hits() != 1 {
		t.Errorf("%v after %d logins", err, logins.Hits())
	}
}

// A server that has closed an idle connection costs no statement, over TLS neither,
// where its farewell is something to read.
func TestIdleConnectionClosedByTheServer(t *testing.T) {
	for name, opts := range map[string][]iotdbtest.Option{"plain": nil, "TLS": {iotdbtest.WithTLS(nil)}} {
		t.Run(name, func(t *testing.T) {
			srv, db := embedded(t, func(c *iotdbdriver.Config) { c.TLSCA, c.TLSSkipVerify = "", c.TLS }, opts...)
			db.SetMaxOpenConns(1)
			must(t, db, "CREATE TABLE t (n INT32)")
			for n := range 5 {
				if err := srv.Restart(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(20 * time.Millisecond) // the end of a connection is on its way
				must(t, db, "INSERT INTO t (time, n) VALUES (?, ?)", n, n)
			}
			rows, err := db.QueryContext(context.Background(), "SELECT n FROM t")
			if got := column[int](t, rows, err); len(got) != 5 {
				t.Errorf("got %v", got)
			}
		})
	}
}
