package meters

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	_ "github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newStore returns a store on a server of the test's own.
func newStore(t *testing.T) (Store, *taostest.Server) {
	t.Helper()
	server := taostest.NewServer()
	t.Cleanup(server.Close)
	admin := open(t, server.DSN("ws", ""))
	for _, statement := range []string{"CREATE DATABASE power", "CREATE TABLE power.meter (ts TIMESTAMP, voltage INT)"} {
		if _, err := admin.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	return Store{DB: open(t, server.DSN("ws", "power"))}, server
}

func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("taos", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

var start = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

func TestHighest(t *testing.T) {
	store, _ := newStore(t)
	ctx := context.Background()
	if _, ok, err := store.Highest(ctx, start); ok || err != nil {
		t.Errorf("without readings: %v, %v", ok, err)
	}
	for i, voltage := range []int{219, 224, 221} {
		if err := store.Save(ctx, start.Add(time.Duration(i)*time.Second), voltage); err != nil {
			t.Fatal(err)
		}
	}
	if v, ok, err := store.Highest(ctx, start); v != 224 || !ok || err != nil {
		t.Errorf("%d, %v, %v", v, ok, err)
	}
	if v, _, _ := store.Highest(ctx, start.Add(2*time.Second)); v != 221 {
		t.Errorf("since the last: %d", v)
	}
}

func TestSaveWritesAgainAfterALostReply(t *testing.T) {
	store, server := newStore(t)
	server.Fault(taostest.On{SQL: "INSERT", Times: 1}, taostest.DropAfter)
	if err := store.Save(context.Background(), start, 219); err != nil {
		t.Fatal(err)
	}
	if n := server.Executed("INSERT"); n != 2 {
		t.Errorf("%d INSERTs, want 2", n)
	}
	var rows int
	if err := store.DB.QueryRow("SELECT COUNT(*) FROM meter").Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows, %v", rows, err)
	}
}

func TestSaveEndsWithItsContext(t *testing.T) {
	store, server := newStore(t)
	server.Fault(taostest.On{SQL: "INSERT"}, taostest.Delay(time.Hour))
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := store.Save(ctx, start, 219); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
