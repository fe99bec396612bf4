package iotdbdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest"
)

// cluster is two nodes; the first says that rows belong to the second.
func cluster(t *testing.T) (first, second *iotdbtest.Server, rule *iotdbtest.Rule, db *sql.DB) {
	t.Helper()
	first = iotdbtest.NewServer(iotdbtest.WithDatabase("d"))
	t.Cleanup(first.Close)
	second = iotdbtest.NewServer(iotdbtest.Beside(first))
	t.Cleanup(second.Close)
	config, err := iotdbdriver.ParseDSN(first.DSN("d"))
	if err != nil {
		t.Fatal(err)
	}
	config.Redirection = true
	db = open(t, config)
	db.SetMaxOpenConns(1)
	rule = first.Fault(iotdbtest.On{}, iotdbtest.Redirect(second.Addr()))
	return first, second, rule, db
}

func tagged(tags ...string) driver.Tablet {
	values := make([]int32, len(tags))
	return driver.Tablet{Table: "r", Times: moments(len(tags)), Columns: []driver.TabletColumn{
		{Name: "tg", Category: "TAG", Column: driver.ColumnOf(tags)}, {Name: "i", Column: driver.ColumnOf(values)},
	}}
}

// tablets counts what a server was given.
func tablets(s *iotdbtest.Server) (n int) {
	for _, st := range s.Statements() {
		if st.Action == "tablet" {
			n++
		}
	}
	return n
}

func put(t *testing.T, db *sql.DB, tablet driver.Tablet) {
	t.Helper()
	if err := insert(db, tablet); err != nil {
		t.Error(err)
	}
}

// TestRedirection: what the server advises is followed the next time, as long as all
// rows have the same node.
func TestRedirection(t *testing.T) {
	first, second, _, db := cluster(t)
	put(t, db, tagged("a", "a"))
	put(t, db, tagged("a"))
	if n, m := tablets(first), tablets(second); n != 1 || m != 1 {
		t.Errorf("%d and %d tablets", n, m)
	}
	put(t, db, tagged("a", "b")) // of b nothing is known
	put(t, db, tagged("b", "a"))
	if n, m := tablets(first), tablets(second); n != 2 || m != 2 {
		t.Errorf("%d and %d tablets", n, m)
	}
	same(t, read(t, db, "select count(*) from r"), "4")
	exec(t, db, "create database other")
	// A session in another database is not what the other node has.
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(ctx, "use other"); err != nil {
		t.Fatal(err)
	}
	err = driver.With(conn, func(i driver.TabletInserter) error { return i.InsertTablet(ctx, tagged("a")) })
	if err = errors.Join(err, conn.Close()); err != nil {
		t.Error(err)
	}
	if m := tablets(second); m != 2 {
		t.Errorf("%d tablets at the second node", m)
	}
}

// TestRedirectionLost: a node that is gone is forgotten, a tablet on its way to it is not
// sent twice.
func TestRedirectionLost(t *testing.T) {
	first, second, _, db := cluster(t)
	put(t, db, tagged("a"))
	put(t, db, tagged("a"))
	second.Stop()
	put(t, db, tagged("a")) // the first takes it
	put(t, db, tagged("a"))
	if err := second.Resume(); err != nil {
		t.Fatal(err)
	}
	put(t, db, tagged("a"))
	n, m := tablets(first), tablets(second)
	if n+m != 5 {
		t.Errorf("%d and %d tablets of 5", n, m)
	}
	second.Fault(iotdbtest.On{Action: "tablet", Times: 1}, iotdbtest.DropAfter)
	err := insert(db, tagged("a"))
	var e *driver.Error
	if !errors.As(err, &e) || !e.OutcomeUnknown {
		t.Errorf("a reply that was lost: %v", err)
	}
	if n2, m2 := tablets(first), tablets(second); n2+m2 != 6 {
		t.Errorf("%d and %d tablets of 6", n2, m2)
	}
	put(t, db, tagged("a"))
}
