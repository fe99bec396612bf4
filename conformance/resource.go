package conformance

import (
	"context"
	"time"
)

var resourceChecks = []Check{
	{Group: "resources", Name: "many statements and results leave goroutines and memory as they were", alone: true, Run: func(e *Env) {
		table := e.Of(Integer)
		db := e.Single()
		for n := range 5 {
			e.Put(db, table, n, n)
		}
		round := func() {
			stmt, err := db.PrepareContext(e.ctx, e.column(table))
			e.Must(err)
			var v int
			e.Must(stmt.QueryRowContext(e.ctx).Scan(e.Dest(&v)...)) // closes early
			e.Must(stmt.Close())
			rows, err := db.QueryContext(e.ctx, e.column(table))
			e.Must(err)
			e.Must(finish(rows))
		}
		for range 100 {
			round()
		}
		goroutines := e.atRest()
		before := heap()
		const rounds = 1000
		for range rounds {
			round()
		}
		grown := heap() - before
		if grown > rounds*1024 {
			e.Errorf("%d rounds left %d bytes", rounds, grown)
		}
		e.Logf("%d bytes a round are left", grown/rounds)
		e.Settles(goroutines, "a thousand statements")
	}},
	{Group: "resources", Name: "a large result takes little memory at a time", Needs: needs(Streaming), alone: true, Run: func(e *Env) {
		query := e.Large()
		db := e.Single()
		e.Must(db.PingContext(e.ctx))
		before := heap()
		rows := e.Query(db, query)
		defer rows.Close()
		n, most := 0, int64(0)
		for ; rows.Next(); n++ {
			if n == 0 || n == e.Target.largeRows()/2 {
				most = max(most, heap()-before)
			}
		}
		e.Must(rows.Err())
		whole := int64(n) * 200
		e.Logf("%d KiB in use of a result of %d KiB", most>>10, whole>>10)
		if most > whole/2+e.Target.ServerMemory {
			e.Errorf("%d KiB in use of a result of %d KiB", most>>10, whole>>10)
		}
	}},
	{Group: "resources", Name: "the server holds no result or statement that is done with", Needs: needs(hasOpenResults), Run: func(e *Env) {
		table := e.Of(Integer)
		db := e.DB()
		for n := range 5 {
			e.Put(db, table, n, n)
		}
		before := e.Target.Faults.OpenResults()
		settles := func(what string) {
			if !e.Eventually(3*time.Second, func() bool { return e.Target.Faults.OpenResults() <= before }) {
				e.Errorf("after %s the server holds %d, %d before", what, e.Target.Faults.OpenResults(), before)
			}
		}
		All[int](e, db, e.column(table))
		settles("reading all rows")
		var v int
		e.Must(db.QueryRowContext(e.ctx, e.column(table)).Scan(e.Dest(&v)...))
		settles("reading one row")
		for range 3 {
			rows := e.Query(db, e.Large())
			rows.Next()
			e.Must(rows.Close())
		}
		settles("closing a large result early")
		rows := e.Query(db, e.column(table))
		rows.Next()
		if rows.Scan(e.Dest(&v, &v)...) == nil {
			e.Errorf("one column went into two")
		}
		rows.Close()
		settles("a Scan that failed")
		ctx, cancel := context.WithCancel(e.ctx)
		if rows, err := db.QueryContext(ctx, e.Large()); err == nil {
			rows.Next()
			cancel()
			rows.Close()
		}
		cancel()
		settles("a cancellation")
		stmt := e.Prepare(db, e.Dialect().selects(table, []string{"v"}, "v = "+e.Dialect().placeholder(1)))
		for n := range 3 {
			e.Must(stmt.QueryRowContext(e.ctx, n).Scan(e.Dest(&v)...))
		}
		e.Must(stmt.Close())
		settles("a prepared query")
		insert := e.Prepare(db, e.putting(table, 1))
		_, err := insert.ExecContext(e.ctx, e.Dialect().Key.Value(7), 7)
		e.Must(err)
		e.Must(insert.Close())
		settles("a prepared insert")
	}},
}
