package dws

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"testing"

	"github.com/gaugesql/gaugesql/dwsdriver"
)

// server is that of all tests.
var server string

const tableRows = 100_000

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dsn, stop, err := Server()
		if err == nil {
			defer stop()
			server, err = dsn, Prepare(dsn, tableRows)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// Every subject checks its rows.
func TestEverySubjectWorks(t *testing.T) {
	for _, s := range Subjects {
		if _, err := s.Measure(server, 1000); err != nil {
			t.Errorf("%s, %s: %v", s.Name, s.Task, err)
		}
	}
}

func TestAllocationsARow(t *testing.T) {
	const limit = 0.05 // in all four columns together
	s, err := Find(Gauge, "select")
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Measure(server, tableRows)
	if err != nil {
		t.Fatal(err)
	}
	a := float64(f.Allocs) / tableRows
	t.Logf("%.4f allocations and %.0f bytes a row", a, float64(f.Bytes)/tableRows)
	if a > limit {
		t.Errorf("%.4f allocations a row, want at most %v", a, limit)
	}
}

// turns counts how often a connection was written to after it had been read from:
// the round trips.
type turns struct {
	net.Conn
	n       *atomic.Int32
	reading bool
}

func (c *turns) Read(p []byte) (int, error) {
	c.reading = true
	return c.Conn.Read(p)
}

func (c *turns) Write(p []byte) (int, error) {
	if c.reading {
		c.reading = false
		c.n.Add(1)
	}
	return c.Conn.Write(p)
}

func TestRoundTrips(t *testing.T) {
	config, err := dwsdriver.ParseDSN(server)
	if err != nil {
		t.Fatal(err)
	}
	var n atomic.Int32
	config.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &turns{Conn: c, n: &n}, nil
	}
	connector, err := dwsdriver.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	db.SetMaxOpenConns(1)
	if err := db.Ping(); err != nil {
		t.Fatal(err)
	}
	count := func(what string, want int32, f func() error) {
		t.Helper()
		before := n.Load()
		if err := f(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got := n.Load() - before; got != want {
			t.Errorf("%s took %d round trips, want %d", what, got, want)
		}
	}
	ctx := context.Background()
	query := func() error { return db.QueryRow(oneText, 1).Scan(&row.t) }
	for use := range 4 {
		count(fmt.Sprint("use ", use, " of a query of a row"), 1, query)
	}
	count("an insert", 1, func() error {
		_, err := db.Exec("INSERT INTO bench_in VALUES (?, ?, ?, ?)", 1, 1.5, nil, "x")
		return err
	})
	count("a statement without arguments", 1, func() error {
		_, err := db.Exec("TRUNCATE bench_in")
		return err
	})
	count("a transaction of one statement", 3, func() error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if err := tx.QueryRow(oneText, 1).Scan(&row.t); err != nil {
			return err
		}
		return tx.Commit()
	})
	count("a ping", 1, db.Ping)
	count("a connection from the pool", 0, func() error {
		c, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		return c.Close()
	})
}
