package conformance

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"time"

	"github.com/gaugesql/gaugesql/driver"
)

var neverTwiceChecks = []Check{
	{Group: "never twice", Name: "a statement whose reply is lost is not run again",
		Needs: needs(hasDropAfter, hasExecuted), Run: func(e *Env) {
			e.runsOnce(1, e.Target.Faults.DropAfter, func(db *sql.DB, table string, arm func()) error {
				arm()
				_, err := db.ExecContext(e.ctx, e.literalInsert(table, 1, "x"))
				return err
			})
		}},
	{Group: "never twice", Name: "a statement with arguments whose reply is lost is not run again",
		Needs: needs(hasDropAfter, hasExecuted), Run: func(e *Env) {
			e.runsOnce(1, e.Target.Faults.DropAfter, func(db *sql.DB, table string, arm func()) error {
				arm()
				_, err := db.ExecContext(e.ctx, e.putting(table, 1), e.Dialect().Key.Value(1), "x")
				return err
			})
		}},
	{Group: "never twice", Name: "a prepared statement whose reply is lost is not run again",
		Needs: needs(hasDropAfter, hasExecuted), Run: func(e *Env) {
			e.runsOnce(1, e.Target.Faults.DropAfter, func(db *sql.DB, table string, arm func()) error {
				stmt := e.Prepare(db, e.putting(table, 1))
				arm()
				_, err := stmt.ExecContext(e.ctx, e.Dialect().Key.Value(1), "x")
				return err
			})
		}},
	{Group: "never twice", Name: "a query whose reply is lost is not run again",
		Needs: needs(hasDropAfter, hasExecuted), Run: func(e *Env) {
			e.runsOnce(1, e.Target.Faults.DropAfter, func(db *sql.DB, table string, arm func()) error {
				arm()
				rows, err := db.QueryContext(e.ctx, e.column(table))
				if err != nil {
					return err
				}
				return finish(rows)
			})
		}},
	{Group: "never twice", Name: "a statement that was sent is not sent again",
		Needs: needs(hasDropBefore, hasExecuted), Run: func(e *Env) {
			e.runsOnce(0, e.Target.Faults.DropBefore, func(db *sql.DB, table string, arm func()) error {
				arm()
				_, err := db.ExecContext(e.ctx, e.literalInsert(table, 1, "x"))
				return err
			})
		}},
	{Group: "never twice", Name: "a prepared statement that was sent is not sent again",
		Needs: needs(hasDropBefore, hasExecuted), Run: func(e *Env) {
			e.runsOnce(0, e.Target.Faults.DropBefore, func(db *sql.DB, table string, arm func()) error {
				stmt := e.Prepare(db, e.putting(table, 1))
				arm()
				_, err := stmt.ExecContext(e.ctx, e.Dialect().Key.Value(1), "x")
				return err
			})
		}},
	{Group: "never twice", Name: "a statement that is never answered ends with its context, once",
		Needs: needs(hasLoseReply, hasExecuted), Run: func(e *Env) {
			table := e.Of(Text)
			db := e.Single()
			before := e.Target.Faults.Executed(table)
			e.Target.Faults.LoseReply(table)
			ctx, cancel := context.WithCancel(e.ctx)
			defer cancel()
			done := make(chan error, 1)
			go func() {
				_, err := db.ExecContext(ctx, e.literalInsert(table, 1, "x"))
				done <- err
			}()
			e.Eventually(5*time.Second, func() bool { return e.Target.Faults.Executed(table) > before })
			cancel()
			err := e.Within(e.Target.prompt(), "the statement", func() error { return <-done })
			if !errors.Is(err, context.Canceled) {
				e.Errorf("the error is %v", err)
			}
			e.ranOnly(table, before, 1)
			e.Works(db, table, 2)
		}},
	{Group: "never twice", Name: "a cancelled statement is not run again",
		Needs: needs(hasDelay, hasExecuted), Run: func(e *Env) {
			table := e.Of(Text)
			db := e.DB()
			before := e.Target.Faults.Executed(table)
			e.Target.Faults.Delay(table, 3*cancelAfter)
			ctx, cancel := context.WithTimeout(e.ctx, cancelAfter)
			defer cancel()
			e.Within(cancelAfter+e.Target.prompt(), "the statement", func() error {
				_, err := db.ExecContext(ctx, e.literalInsert(table, 1, "x"))
				return err
			})
			e.atMost(table, before, 1)
		}},
	{Group: "never twice", Name: "a connection that died idle costs no statement",
		Needs: needs(hasRestart, hasExecuted), Run: func(e *Env) {
			table := e.Of(Text)
			db := e.Single()
			e.Must(db.PingContext(e.ctx))
			before := e.Target.Faults.Executed(table)
			e.Must(e.Target.Faults.Restart())
			e.Exec(db, e.literalInsert(table, 1, "x"))
			e.ranOnly(table, before, 1)
		}},
}

// runsOnce makes the connection fail under a statement on a table and checks
// that the server ran it so many times, that the error is true, and that the
// pool recovers.
func (e *Env) runsOnce(times int, fault func(marker string), f func(db *sql.DB, table string, arm func()) error) {
	table := e.Of(Text)
	db := e.Single()
	e.Must(db.PingContext(e.ctx))
	before := 0
	err := f(db, table, func() {
		before = e.Target.Faults.Executed(table)
		fault(table)
	})
	switch {
	case err == nil:
		e.Errorf("there is no error")
	case errors.Is(err, sqldriver.ErrBadConn):
		e.Errorf("the error is driver.ErrBadConn: %v", err)
	}
	e.kind(err, driver.ErrConnection)
	if de := (*driver.Error)(nil); err != nil && e.Target.has(ErrorKinds) && (!errors.As(err, &de) || !de.OutcomeUnknown) {
		e.Errorf("the error does not say that the outcome is unknown: %v", err)
	}
	e.ranOnly(table, before, times)
	e.Works(db, table, 5)
}

// ranOnly checks how often the server ran statements on the table.
func (e *Env) ranOnly(table string, before, times int) {
	if n := e.Target.Faults.Executed(table) - before; n != times {
		e.Errorf("the server ran it %d times, not %d", n, times)
	}
}

// atMost watches for a while that the server does not run it more often.
func (e *Env) atMost(table string, before, times int) {
	if e.Eventually(4*cancelAfter, func() bool { return e.Target.Faults.Executed(table)-before > times }) {
		e.Errorf("the server ran it %d times", e.Target.Faults.Executed(table)-before)
	}
}
