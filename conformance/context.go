package conformance

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

var contextChecks = []Check{
	{Group: "context", Name: "a context that has ended runs nothing", Run: func(e *Env) {
		table := e.Of(Text)
		conn := e.Conn(e.DB())
		stmt, err := conn.PrepareContext(e.ctx, e.putting(table, 1))
		e.Must(err)
		defer stmt.Close()
		ctx, cancel := context.WithCancel(e.ctx)
		cancel()
		key := e.Dialect().Key.Value
		if _, err := conn.ExecContext(ctx, e.putting(table, 1), key(1), "x"); !errors.Is(err, context.Canceled) {
			e.Errorf("exec: %v", err)
		}
		if _, err := stmt.ExecContext(ctx, key(2), "x"); !errors.Is(err, context.Canceled) {
			e.Errorf("prepared exec: %v", err)
		}
		if rows, err := conn.QueryContext(ctx, e.column(table)); !errors.Is(err, context.Canceled) {
			e.Errorf("query: %v", err)
			if err == nil {
				rows.Close()
			}
		}
		if got := All[string](e, e.DB(), e.column(table)); len(got) > 0 {
			e.Errorf("the table holds %q", got)
		}
	}},
	{Group: "context", Name: "a login ends with its context", Needs: needs(hasAddress), Run: func(e *Env) {
		db := e.Open(e.Target.DSNs.At(silentServer(e)))
		e.cancelled("the login", db.PingContext)
	}},
	{Group: "context", Name: "preparing ends with its context", Needs: needs(hasDelay), Run: func(e *Env) {
		table := e.Of(Text)
		db := e.warm()
		query := e.Dialect().selects(table, []string{"v"}, "v = "+e.Dialect().placeholder(1))
		e.Target.Faults.Delay(table, e.long())
		e.cancelled("preparing and running", func(ctx context.Context) error {
			stmt, err := db.PrepareContext(ctx, query)
			if err != nil {
				return err
			}
			defer stmt.Close()
			// Where preparing costs no round trip, the delay meets the query.
			rows, err := stmt.QueryContext(ctx, "x")
			if err != nil {
				return err
			}
			return finish(rows)
		})
		e.Works(db, table, 1)
	}},
	{Group: "context", Name: "a statement ends with its context", Needs: needs(hasSlow), Run: func(e *Env) {
		db := e.warm()
		e.cancelled("the statement", func(ctx context.Context) error {
			_, err := db.ExecContext(ctx, e.Dialect().Slow(e.long()))
			return err
		})
	}},
	{Group: "context", Name: "a write whose reply is late ends with its context", Needs: needs(hasDelay), Run: func(e *Env) {
		table := e.Of(Text)
		db := e.warm()
		e.Target.Faults.Delay(table, e.long())
		e.cancelled("the write", func(ctx context.Context) error {
			_, err := db.ExecContext(ctx, e.putting(table, 1), e.Dialect().Key.Value(1), "x")
			return err
		})
		e.Works(db, table, 2)
	}},
	{Group: "context", Name: "a query ends with its context before the first row", Needs: needs(hasSlow), Run: func(e *Env) {
		db := e.warm()
		e.cancelled("the query", func(ctx context.Context) error {
			rows, err := db.QueryContext(ctx, e.Dialect().Slow(e.long()))
			if err != nil {
				return err
			}
			return finish(rows)
		})
	}},
	{Group: "context", Name: "a deadline ends a query as a cancellation does", Needs: needs(hasSlow), Run: func(e *Env) {
		db := e.warm()
		ctx, cancel := context.WithTimeout(e.ctx, cancelAfter)
		defer cancel()
		err := e.Within(cancelAfter+e.Target.prompt(), "the query", func() error {
			_, err := db.ExecContext(ctx, e.Dialect().Slow(e.long()))
			return err
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			e.Errorf("the error is %v", err)
		}
	}},
	{Group: "context", Name: "reading rows ends with its context, and says so", Run: func(e *Env) {
		query := e.Large()
		ctx, cancel := context.WithCancel(e.ctx)
		defer cancel()
		rows, err := e.DB().QueryContext(ctx, query)
		e.Must(err)
		defer rows.Close()
		n := 0
		for rows.Next() {
			if n++; n == 10 {
				cancel()
			}
		}
		// A quick driver may have handed out the rest before it noticed.
		if n < e.Target.largeRows()/2 && !errors.Is(rows.Err(), context.Canceled) {
			e.Errorf("%d rows of %d and the error %v", n, e.Target.largeRows(), rows.Err())
		}
	}},
	{Group: "context", Name: "waiting for a row ends with its context", Needs: needs(hasStallRows), Run: func(e *Env) {
		table := e.Of(Text)
		query, marker := e.MarkedLarge()
		e.Target.Faults.StallRows(marker)
		db := e.Single()
		e.cancelledFrom("waiting for the row", func(ctx context.Context, begin func()) error {
			rows, err := db.QueryContext(ctx, query)
			if err != nil {
				return err
			}
			begin()
			return finish(rows)
		})
		e.Works(db, table, 1)
	}},
	{Group: "context", Name: "closing rows that stall is quick once the context has ended", Needs: needs(hasStallRows), Run: func(e *Env) {
		table := e.Of(Text)
		query, marker := e.MarkedLarge()
		e.Target.Faults.StallRows(marker)
		db := e.Single()
		ctx, cancel := context.WithCancel(e.ctx)
		defer cancel()
		rows, err := db.QueryContext(ctx, query)
		e.Must(err)
		if !rows.Next() {
			e.Fatalf("no row: %v", rows.Err())
		}
		cancel()
		e.Within(e.Target.prompt(), "Close", rows.Close)
		e.Works(db, table, 1)
	}},
	{Group: "context", Name: "the pool works at once after a cancellation", Needs: needs(hasSlow), Run: func(e *Env) {
		table := e.Of(Text)
		db := e.warm()
		for n := range 3 {
			ctx, cancel := context.WithTimeout(e.ctx, cancelAfter)
			err := e.Within(cancelAfter+e.Target.prompt(), "the query", func() error {
				_, err := db.ExecContext(ctx, e.Dialect().Slow(e.long()))
				return err
			})
			cancel()
			if err == nil {
				e.Errorf("there is no error")
			}
			e.Within(e.Target.prompt(), "the next write", func() error {
				e.Put(db, table, n, "x")
				return nil
			})
		}
	}},
	{Group: "context", Name: "a late reply is not taken for the next query's", Needs: needs(hasDelay), Run: func(e *Env) {
		db := e.Single()
		late, next := e.Of(Integer), e.Of(Integer)
		e.Put(db, late, 1, 111)
		e.Put(db, next, 1, 222)
		for range 2 {
			e.Target.Faults.Delay(late, 6*cancelAfter)
			ctx, cancel := context.WithTimeout(e.ctx, cancelAfter)
			var v int
			if err := db.QueryRowContext(ctx, e.column(late)).Scan(e.Dest(&v)...); !errors.Is(err, context.DeadlineExceeded) {
				e.Errorf("the error is %v", err)
			}
			cancel()
			// The reply comes in the midst of these.
			for until := time.Now().Add(8 * cancelAfter); time.Now().Before(until); time.Sleep(cancelAfter / 5) {
				if v := Get[int](e, db, e.column(next)); v != 222 {
					e.Fatalf("got %d, which is another query's", v)
				}
			}
		}
	}},
	{Group: "context", Name: "a context may end after its result was read", Run: func(e *Env) {
		table := e.Of(Text)
		db := e.Single()
		connection := e.identity(db)
		for n := range 5 {
			ctx, cancel := context.WithCancel(e.ctx)
			_, err := db.ExecContext(ctx, e.putting(table, 1), e.Dialect().Key.Value(n), "x")
			e.Must(err)
			rows, err := db.QueryContext(ctx, e.column(table))
			e.Must(err)
			e.Must(finish(rows))
			cancel()
		}
		if e.identity(db) != connection {
			e.Errorf("the connection was given up")
		}
		e.Works(db, table, 9)
	}},
	{Group: "context", Name: "a context may end while a connection waits in the pool", Run: func(e *Env) {
		db := e.Single()
		table := e.Of(Text)
		ctx, cancel := context.WithCancel(e.ctx)
		conn, err := db.Conn(ctx) // made under this context
		e.Must(err)
		e.Must(conn.Close())
		cancel()
		e.Works(db, table, 1)
	}},
	{Group: "context", Name: "a cancelled statement is stopped on the server", Needs: needs(hasSlow, hasRunning), Run: func(e *Env) {
		query := e.Dialect().Slow(e.Target.timeout())
		ctx, cancel := context.WithCancel(e.ctx)
		defer cancel()
		db := e.DB()
		done := make(chan error, 1)
		go func() {
			_, err := db.ExecContext(ctx, query)
			done <- err
		}()
		running := func() bool { return e.Target.Faults.Running(query) > 0 }
		if !e.Eventually(5*time.Second, running) {
			e.Errorf("the server does not run it")
		}
		cancel()
		<-done
		started := time.Now()
		if !e.Eventually(e.Target.timeout()/2, func() bool { return !running() }) {
			e.Errorf("it still runs %v after the cancellation", time.Since(started))
		}
		e.Logf("stopped on the server after %v", time.Since(started).Round(time.Millisecond))
	}},
	{Group: "context", Name: "cancellations leave no goroutines", Needs: needs(hasSlow), Run: func(e *Env) {
		db := e.Open(e.Target.DSN)
		cancelOne := func() {
			ctx, cancel := context.WithTimeout(e.ctx, 5*time.Millisecond)
			defer cancel()
			db.ExecContext(ctx, e.Dialect().Slow(e.long()))
		}
		cancelOne()
		e.Must(db.PingContext(e.ctx))
		before := e.atRest()
		for range 10 {
			cancelOne()
		}
		e.Must(db.PingContext(e.ctx))
		e.Settles(before+3, "ten cancellations") // those of a connection that was replaced
	}},
}

// long is how long a statement takes that is to be cancelled: long enough to
// tell an end by the context from an end by itself.
func (e *Env) long() time.Duration { return 2*e.Target.prompt() + cancelAfter }

// cancelled runs f, cancels its context and expects f to be back soon, with the
// context's error.
func (e *Env) cancelled(what string, f func(ctx context.Context) error) {
	e.cancelledFrom(what, func(ctx context.Context, begin func()) error {
		begin()
		return f(ctx)
	})
}

// cancelledFrom is cancelled for a call that tells when the time to its
// cancellation begins.
func (e *Env) cancelledFrom(what string, f func(ctx context.Context, begin func()) error) {
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	ended := make(chan time.Time, 1)
	begun := make(chan struct{})
	type outcome struct {
		err error
		at  time.Time
	}
	back := make(chan outcome, 1)
	go func() {
		defer close(back)
		defer e.recovered()
		err := f(ctx, func() {
			close(begun)
			time.AfterFunc(cancelAfter, func() {
				ended <- time.Now()
				cancel()
			})
		})
		back <- outcome{err, time.Now()}
	}()
	select {
	case <-begun:
	case got := <-back:
		e.Fatalf("%s did not begin: %v", what, got.err)
	case <-e.ctx.Done():
	}
	var got outcome
	e.Within(cancelAfter+e.Target.prompt(), what, func() error {
		got = <-back
		return nil
	})
	if !errors.Is(got.err, context.Canceled) {
		e.Errorf("%s: the error is %v", what, got.err)
	}
	select {
	case at := <-ended:
		e.Logf("%s was back %v after the cancellation", what, got.at.Sub(at).Round(100*time.Microsecond))
	default:
		e.Errorf("%s was back before the cancellation: %v", what, got.err)
	}
}

// warm is a pool of one connection that is there already.
func (e *Env) warm() *sql.DB {
	db := e.Single()
	e.Must(e.borrow(db))
	return db
}

// borrow takes a connection and gives it back, so that there is one.
func (e *Env) borrow(db *sql.DB) error {
	c, err := db.Conn(e.ctx)
	if err != nil {
		return err
	}
	return c.Close()
}

// identity is the driver's connection in a pool of one.
func (e *Env) identity(db *sql.DB) (conn any) {
	c, err := db.Conn(e.ctx)
	e.Must(err)
	defer c.Close()
	e.Must(c.Raw(func(raw any) error { conn = raw; return nil }))
	return conn
}

// finish reads rows to their end and closes them.
func finish(rows *sql.Rows) error {
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}
