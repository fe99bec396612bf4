package conformance

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"io"
	"time"
)

var lifeChecks = []Check{
	{Group: "life", Name: "a closed pool refuses everything", Run: func(e *Env) {
		table := e.Of(Text)
		db := e.Open(e.Target.DSN)
		e.Must(db.PingContext(e.ctx))
		e.Must(db.Close())
		e.Must(db.Close())
		if err := db.PingContext(e.ctx); err == nil {
			e.Errorf("it answers a ping")
		}
		if _, err := db.ExecContext(e.ctx, e.literalInsert(table, 1, "x")); err == nil {
			e.Errorf("it runs a statement")
		}
		if _, err := db.PrepareContext(e.ctx, e.column(table)); err == nil {
			e.Errorf("it prepares a statement")
		}
	}},
	{Group: "life", Name: "a closed driver connection refuses everything without a panic", Run: func(e *Env) {
		table := e.Of(Text)
		conn, err := e.Connector().Connect(e.ctx)
		e.Must(err)
		e.Must(conn.Close())
		if p, ok := conn.(sqldriver.Pinger); ok {
			e.refuses("Ping", p.Ping(e.ctx))
		}
		if x, ok := conn.(sqldriver.ExecerContext); ok {
			_, err := x.ExecContext(e.ctx, e.literalInsert(table, 1, "x"), nil)
			e.refuses("ExecContext", err)
		}
		if q, ok := conn.(sqldriver.QueryerContext); ok {
			_, err := q.QueryContext(e.ctx, e.column(table), nil)
			e.refuses("QueryContext", err)
		}
		if v, ok := conn.(sqldriver.Validator); ok && v.IsValid() {
			e.Errorf("IsValid says yes")
		}
		if r, ok := conn.(sqldriver.SessionResetter); ok {
			e.refuses("ResetSession", r.ResetSession(e.ctx))
		}
		conn.Close()
		if got := All[string](e, e.DB(), e.column(table)); len(got) > 0 {
			e.Errorf("the table holds %q", got)
		}
	}},
	{Group: "life", Name: "statements and rows of a closed connection refuse without a panic", Run: func(e *Env) {
		table := e.Of(Text)
		e.Put(e.DB(), table, 1, "x")
		conn, err := e.Connector().Connect(e.ctx)
		e.Must(err)
		stmt, err := prepare(e.ctx, conn, e.column(table))
		e.Must(err)
		other, err := prepare(e.ctx, conn, e.column(table))
		e.Must(err)
		rows, err := query(e.ctx, other)
		e.Must(err)
		conn.Close()
		if r, err := query(e.ctx, stmt); err == nil {
			err = r.Next(make([]sqldriver.Value, 1))
			r.Close()
			e.refuses("a query", err)
		}
		for range 10 { // rows that have arrived may still be handed out
			if err = rows.Next(make([]sqldriver.Value, len(rows.Columns()))); err != nil {
				break
			}
		}
		if err == nil {
			e.Errorf("the rows do not end")
		}
		rows.Close()
		stmt.Close()
		other.Close()
	}},
	{Group: "life", Name: "a closed pool has no goroutines", Run: func(e *Env) {
		table := e.Of(Text)
		e.Put(e.DB(), table, 1, "x")
		before := e.atRest()
		c := e.Connector()
		db := sql.OpenDB(c)
		db.SetMaxIdleConns(5)
		e.Parallel(5, func(int) error { return e.borrow(db) })
		All[string](e, db, e.column(table))
		e.Must(db.Close())
		if closer, ok := c.(io.Closer); ok {
			e.Must(closer.Close())
		}
		e.Settles(before, "the pool")
	}},
	{Group: "life", Name: "a closed pool has no connections", Needs: needs(hasConnections), Run: func(e *Env) {
		table := e.Of(Text)
		e.Put(e.DB(), table, 1, "x")
		before := e.Target.Faults.Connections()
		db := e.Open(e.Target.DSN)
		db.SetMaxIdleConns(5)
		e.Parallel(5, func(int) error { return e.borrow(db) })
		All[string](e, db, e.column(table))
		e.Must(db.Close())
		if !e.Eventually(3*time.Second, func() bool { return e.Target.Faults.Connections() <= before }) {
			e.Errorf("%d connections before, %d after", before, e.Target.Faults.Connections())
		}
	}},
	{Group: "life", Name: "a pool is closed while its rows are read", Run: func(e *Env) {
		db := e.Open(e.Target.DSN)
		rows, err := db.QueryContext(e.ctx, e.Large())
		e.Must(err)
		if !rows.Next() {
			e.Fatalf("no row: %v", rows.Err())
		}
		e.Within(5*time.Second, "Close", db.Close)
		for rows.Next() { // an error, or the rest
		}
		rows.Close()
	}},
}

// refuses reports a call on something closed that was not refused.
func (e *Env) refuses(what string, err error) {
	if err == nil {
		e.Errorf("%s succeeds", what)
	}
}

// prepare and query use a driver's own objects, as database/sql does.
func prepare(ctx context.Context, conn sqldriver.Conn, text string) (sqldriver.Stmt, error) {
	if p, ok := conn.(sqldriver.ConnPrepareContext); ok {
		return p.PrepareContext(ctx, text)
	}
	return conn.Prepare(text)
}

func query(ctx context.Context, stmt sqldriver.Stmt) (sqldriver.Rows, error) {
	if q, ok := stmt.(sqldriver.StmtQueryContext); ok {
		return q.QueryContext(ctx, nil)
	}
	//lint:ignore SA1019 what database/sql falls back to as well
	return stmt.Query(nil)
}
