package taosdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

const slow = "select taostest_sleep(60000)"

// prompt fails the test unless start is within what a cancellation may take,
// with room for a loaded machine.
func prompt(t testing.TB, start time.Time) {
	t.Helper()
	if d := time.Since(start); d > time.Second {
		t.Errorf("took %v", d)
	}
}

func killSoon(c *taosdriver.Config) { c.KillGrace = 10 * time.Millisecond }

// cancelled runs the slow statement and cancels it when the server has begun.
func cancelled(t *testing.T, srv *taostest.Server, run func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	done := make(chan error)
	go func() { done <- run(ctx) }()
	until(t, "the statement runs", func() bool { return srv.Executed("taostest_sleep") > 0 })
	start := time.Now()
	cancel()
	err := <-done
	prompt(t, start)
	var e *driver.Error
	if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || e.RequestID != 4711 {
		t.Errorf("%+v", err)
	}
}

func TestCancelledStatementIsKilledOnTheServer(t *testing.T) {
	for _, prepared := range []bool{false, true} {
		srv := serve(t, taostest.WithKillDelay(20*time.Millisecond))
		db := single(open(t, srv, "power", killSoon))
		query := slow
		if prepared {
			query = "select taostest_sleep(?)"
		}
		statement, err := db.Prepare(query)
		if err != nil {
			t.Fatal(err)
		}
		cancelled(t, srv, func(ctx context.Context) error {
			ctx = driver.WithRequestID(ctx, 4711)
			if prepared {
				return statement.QueryRowContext(ctx, 60000).Scan(new(int))
			}
			return db.QueryRowContext(ctx, slow).Scan(new(int))
		})
		// The connection stays in the pool and serves others meanwhile.
		if got := one[int](t, db, "select 1"); got != 1 {
			t.Error(got)
		}
		until(t, "the statement is killed", func() bool { return srv.Killed() == 1 })
		statement.Close()
		until(t, "the killer's connection ends", func() bool { return srv.Connections() == 1 })
		clean(t, srv)
	}
}

func TestNothingIsKilledThatEndsByItself(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", func(c *taosdriver.Config) { c.KillGrace = time.Minute })
	rule := srv.Fault(taostest.On{Action: "query", SQL: "select 7", Times: 1}, taostest.DelayReply(50*time.Millisecond))
	ctx, cancel := context.WithCancel(background)
	go func() {
		<-rule.Hit()
		cancel()
	}()
	start := time.Now()
	if err := db.QueryRowContext(ctx, "select 7").Scan(new(int)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	prompt(t, start)
	clean(t, srv)
	if n := srv.Killed(); n != 0 {
		t.Errorf("%d killed", n)
	}
}

func TestCloseEndsTheKiller(t *testing.T) {
	srv := serve(t)
	for name, with := range map[string]func(*taosdriver.Config){
		"before the grace is over": func(c *taosdriver.Config) { c.KillGrace = time.Minute },
		"in the middle":            killSoon,
		"without one":              func(c *taosdriver.Config) { c.KillGrace = -1 },
	} {
		t.Run(name, func(t *testing.T) {
			srv.ForgetStatements()
			db := open(t, srv, "power", with)
			if name == "in the middle" {
				srv.Fault(taostest.On{Action: "query", SQL: "perf_queries"}, taostest.LoseReply)
			}
			cancelled(t, srv, func(ctx context.Context) error {
				_, err := db.ExecContext(driver.WithRequestID(ctx, 4711), slow)
				return err
			})
			if name == "in the middle" {
				until(t, "the lookup is under way", func() bool { return srv.Connections() > 1 })
			}
			start := time.Now()
			db.Close()
			prompt(t, start)
		})
	}
}

func TestCancelledUseDoesNotReachTheNextBorrower(t *testing.T) {
	srv := serve(t)
	db := single(open(t, srv, "power", nil))
	if err := db.Ping(); err != nil {
		t.Fatal(err)
	}
	rule := srv.Fault(taostest.On{Action: "query", SQL: "use other", Times: 1}, taostest.DelayReply(50*time.Millisecond))
	ctx, cancel := context.WithCancel(background)
	go func() {
		<-rule.Hit()
		cancel()
	}()
	if _, err := db.ExecContext(ctx, "use other"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if n := db.Stats().OpenConnections; n != 0 {
		t.Errorf("%d connections are kept", n)
	}
	if got := one[string](t, db, "select database()"); got != "power" {
		t.Error(got)
	}
}

func TestCancelInEveryPhase(t *testing.T) {
	for _, c := range []struct {
		name, action string
		run          func(context.Context, *sql.DB) error
	}{
		{"login", "conn", func(ctx context.Context, db *sql.DB) error { return db.PingContext(ctx) }},
		{"version", "version", func(ctx context.Context, db *sql.DB) error { return db.PingContext(ctx) }},
		{"upgrade", "upgrade", func(ctx context.Context, db *sql.DB) error { return db.PingContext(ctx) }},
		{"ping", "query", func(ctx context.Context, db *sql.DB) error { return db.PingContext(ctx) }},
		{"exec", "query", func(ctx context.Context, db *sql.DB) error {
			_, err := db.ExecContext(ctx, "insert into d values (now, 1, 'a')")
			return err
		}},
		{"first row", "fetch", func(ctx context.Context, db *sql.DB) error {
			return db.QueryRowContext(ctx, "select 1").Scan(new(int))
		}},
		{"prepare", "stmt2_prepare", func(ctx context.Context, db *sql.DB) error {
			_, err := db.PrepareContext(ctx, "insert into d values (?, ?, ?)")
			return err
		}},
		{"describe", "query", func(ctx context.Context, db *sql.DB) error {
			_, err := db.PrepareContext(ctx, "insert into d (ts, v) values (?, ?)")
			return err
		}},
		{"bind", "stmt2_bind", func(ctx context.Context, db *sql.DB) error {
			s, err := db.Prepare("insert into d values (?, ?, ?)")
			if err != nil {
				return err
			}
			defer s.Close()
			_, err = s.ExecContext(ctx, moment(0), 1, "a")
			return err
		}},
		{"result", "stmt2_result", func(ctx context.Context, db *sql.DB) error {
			s, err := db.Prepare("select v from d where v = ?")
			if err != nil {
				return err
			}
			defer s.Close()
			return s.QueryRowContext(ctx, 1).Scan(new(int))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := serve(t)
			db := open(t, srv, "power", nil)
			rule := srv.Fault(taostest.On{Action: c.action, Times: 1}, taostest.Delay(300*time.Millisecond))
			ctx, cancel := context.WithCancel(background)
			defer cancel()
			began := make(chan time.Time, 1)
			go func() {
				<-rule.Hit()
				began <- time.Now()
				cancel()
			}()
			err := c.run(ctx, db)
			prompt(t, <-began)
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			if got := one[int](t, db, "select 1"); got != 1 {
				t.Error(got)
			}
			clean(t, srv)
		})
	}
}
