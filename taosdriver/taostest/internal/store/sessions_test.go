package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store"
)

func TestSessionsAreApart(t *testing.T) {
	db := newStore(t)
	a, b := newSession(t, db), newSession(t, db)
	a.exec("create database x", "create database y", "use x")
	b.exec("use y", "create table t (ts timestamp, v int)")
	if _, err := a.all("select * from t"); err == nil {
		t.Error("one session sees the other's database")
	}
	tokyo := time.FixedZone("Tokyo", 9*3600)
	if err := a.raw(func(c extended) error { c.SetTimezone(tokyo); return nil }); err != nil {
		t.Fatal(err)
	}
	for s, want := range map[*session]string{a: "2023-11-15T07:13:20.000+0900", b: "2023-11-14T22:13:20.000+0000"} {
		if rows, err := s.all("select to_iso8601(1700000000000)"); err != nil || rows[0][0] != want {
			t.Errorf("got %v, %v, want %s", rows, err, want)
		}
	}
}

func TestAnUnknownZoneIsUTCUnderItsName(t *testing.T) {
	s := newSession(t, newStore(t))
	if err := s.raw(func(c extended) error { c.SetTimezone(time.FixedZone("No/Where", 0)); return nil }); err != nil {
		t.Fatal(err)
	}
	if rows, err := s.all("select timezone()"); err != nil || rows[0][0] != "No/Where (UTC, +0000)" {
		t.Errorf("got %v, %v", rows, err)
	}
}

func TestABorrowedSessionStartsAnew(t *testing.T) {
	db := newStore(t)
	db.SetMaxOpenConns(1)
	for range 2 {
		c, err := db.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		s := &session{c, t}
		if rows, err := s.all("select database(), timezone()"); err != nil || rows[0][0] != nil || rows[0][1] != "UTC (UTC, +0000)" {
			t.Errorf("got %v, %v", rows, err)
		}
		s.exec("create database if not exists d", "use d")
		if err := s.raw(func(c extended) error {
			c.SetTimezone(time.FixedZone("X", 3600))
			if c.CurrentDatabase() != "d" {
				return fmt.Errorf("current database %q", c.CurrentDatabase())
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		c.Close()
	}
}

func TestAResultStaysReadableWhileTheSessionGoesOn(t *testing.T) {
	s := newSession(t, newStore(t))
	s.exec("create database d", "use d", "create table t (ts timestamp, v int)")
	fill(t, s, "t", 1000)
	var open [2]driver.Rows
	// Straight on the driver's connection: database/sql would wait for the rows.
	if err := s.Raw(func(c any) error {
		for i := range open {
			r, err := c.(driver.QueryerContext).QueryContext(context.Background(), "select v from t order by ts", nil)
			if err != nil {
				return err
			}
			open[i] = r
		}
		for _, q := range []string{"insert into t values (now + 1d, 1)", "alter table t add column w int", "create table u (ts timestamp, v int)", "drop table t"} {
			if _, err := c.(driver.ExecerContext).ExecContext(context.Background(), q, nil); err != nil {
				return fmt.Errorf("%s: %w", q, err)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, r := range open {
		n, dest := 0, make([]driver.Value, 1)
		for r.Next(dest) == nil {
			if dest[0] != int64(n) {
				t.Fatalf("row %d is %v", n, dest[0])
			}
			n++
		}
		if n != 1000 {
			t.Errorf("%d rows", n)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// fill writes rows 0 to n-1 into a table (ts, v).
func fill(t testing.TB, s *session, table string, n int) {
	t.Helper()
	rows := make([][]any, n)
	for i := range rows {
		rows[i] = []any{epoch + int64(i), i}
	}
	if err := s.raw(func(c extended) error {
		_, err := c.ExecMany(context.Background(), "insert into "+table+" values (?, ?)", rows)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// epoch is the first timestamp of the tests' tables, in milliseconds.
const epoch int64 = 1_700_000_000_000

// prompt is how soon a cancelled statement must be back: 100 ms, and room for a busy machine.
const prompt = 500 * time.Millisecond

func TestTheContextEndsAStatement(t *testing.T) {
	db := newStore(t)
	s := newSession(t, db)
	s.exec("create database d", "use d", "create table t (ts timestamp, v int)")
	fill(t, s, "t", 50000)
	for name, q := range map[string]string{
		"that waits":                        "select taostest_sleep(60000)",
		"that waits in a row":               "select taostest_sleep(60000) from t",
		"that waits in a condition":         "select count(*) from t where taostest_sleep(50) > 0",
		"that waits in a group":             "select max(taostest_sleep(50)) from t",
		"that sorts in Go":                  "select v from t order by taostest_sleep(50)",
		"that waits in a subquery":          "select count(*) from (select taostest_sleep(50) from t)",
		"that waits in a condition on rows": "select v from t where taostest_sleep(50) < 0",
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			cancelled := make(chan time.Time, 1)
			timer := time.AfterFunc(20*time.Millisecond, func() {
				cancelled <- time.Now()
				cancel()
			})
			defer timer.Stop()
			rows, err := s.QueryContext(ctx, q)
			if err == nil {
				_, err = readAll(rows)
				rows.Close()
			}
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			if late := time.Since(<-cancelled); late > prompt {
				t.Errorf("%v late", late)
			} else {
				t.Logf("back after %v", late)
			}
		})
	}
	if rows, err := s.all("select count(*) from t"); err != nil || rows[0][0] != int64(50000) {
		t.Errorf("afterwards: %v, %v", rows, err)
	}
}

func TestTheContextEndsTheWaitForAWriter(t *testing.T) {
	db := newStore(t)
	a, b := newSession(t, db), newSession(t, db)
	a.exec("create database d", "create table d.t (ts timestamp, v int)")
	fill(t, a, "d.t", 100)
	// A delete whose condition waits holds the right to write.
	held, release := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		_, err := a.ExecContext(held, "delete from d.t where taostest_sleep(60000) < 0")
		done <- err
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	var err error
	for err == nil { // until the delete has begun
		_, err = b.ExecContext(ctx, "insert into d.t values (now, 1)")
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the second writer: %v", err)
	}
	if rows, err := b.all("select count(*) from d.t where v = 5"); err != nil || rows[0][0] != int64(1) {
		t.Errorf("a reader beside the writer: %v, %v", rows, err)
	}
	release()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("the first writer: %v", err)
	}
	b.exec("insert into d.t values (now, 1)")
}

func TestACancelledInsertLeavesNothing(t *testing.T) {
	s := newSession(t, newStore(t))
	s.exec("create database d", "use d", "create stable st (ts timestamp, v int) tags (g int)")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, q := range []string{"insert into a using st tags (1) values (now, 1)", "create table b using st tags (1)", "drop table st", "select 1"} {
		if _, err := s.ExecContext(ctx, q); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", q, err)
		}
	}
	if rows, err := s.all("show tables"); err != nil || len(rows) != 0 {
		t.Errorf("left behind: %v, %v", rows, err)
	}
}

func TestManySessionsAtOnce(t *testing.T) {
	db := newStore(t)
	s := newSession(t, db)
	s.exec("create database d", "create stable d.st (ts timestamp, v int) tags (g int)", "create table d.c using d.st tags (0)")
	const sessions, rounds = 16, 20
	var wg sync.WaitGroup
	for g := range sessions {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s, err := db.Conn(context.Background())
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			for i := range rounds {
				for _, q := range []string{
					fmt.Sprintf("insert into d.c%d using d.st tags (%d) values (%d, %d) d.c values (%d, %d)", g, g, epoch+int64(i), i, epoch+int64(1000*g+i), i),
					fmt.Sprintf("create table if not exists d.n%d (ts timestamp, v int)", g),
					fmt.Sprintf("drop table d.n%d", g),
				} {
					if _, err := s.ExecContext(context.Background(), q); err != nil {
						t.Errorf("%s: %v", q, err)
						return
					}
				}
				var n int
				if err := s.QueryRowContext(context.Background(), fmt.Sprintf("select count(*) from d.c%d", g)).Scan(&n); err != nil || n != i+1 {
					t.Errorf("own rows: %d, %v", n, err)
					return
				}
				if err := s.QueryRowContext(context.Background(), "select count(*) from (select v from d.st order by v)").Scan(&n); err != nil {
					t.Errorf("all rows: %v", err)
					return
				}
			}
		}()
	}
	wg.Wait()
	var n int
	if err := db.QueryRow("select count(*) from d.st").Scan(&n); err != nil || n != 2*sessions*rounds {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestCloseEndsQueries(t *testing.T) {
	db := sql.OpenDB(store.New())
	c, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	s := &session{c, t}
	s.exec("create database d", "use d", "create table t (ts timestamp, v int)")
	fill(t, s, "t", 10)
	rows, err := c.QueryContext(context.Background(), "select v from t where v < 5")
	if err != nil {
		t.Fatal(err)
	}
	rows.Next()
	waiting := make(chan error, 1)
	go func() {
		_, err := db.Exec("select taostest_sleep(60000)")
		waiting <- err
	}()
	for db.Stats().InUse < 2 {
		time.Sleep(time.Millisecond)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	select {
	case err := <-waiting:
		if err == nil {
			t.Error("the waiting query ended well")
		}
	case <-time.After(5 * time.Second):
		t.Error("the waiting query goes on")
	}
	rows.Close()
	if _, err := c.ExecContext(context.Background(), "use d"); err == nil {
		t.Error("a session outlived the store")
	}
	c.Close()
	if err := db.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
}

func TestTheRestOfTheDriver(t *testing.T) {
	db := newStore(t)
	if err := db.Ping(); err != nil {
		t.Error(err)
	}
	_, err := db.Begin()
	checkError(t, "begin", err, 0x2600, "taostest: not supported by the embedded store: transactions")
	if _, err := db.Driver().Open("x"); err == nil {
		t.Error("the driver opened something")
	}
	if _, err := db.Exec("select 1", sql.Named("x", 1)); err == nil {
		t.Error("a named argument was accepted")
	}
}
