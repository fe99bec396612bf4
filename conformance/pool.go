package conformance

import (
	sqldriver "database/sql/driver"
	"fmt"
	"slices"
	"sync"
	"time"
)

var poolChecks = []Check{
	{Group: "pool", Name: "eighty goroutines share ten connections", Needs: needs(hasColumns), Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Integer, Text)
		db := e.Open(e.Target.DSN)
		db.SetMaxOpenConns(10)
		const goroutines, each = 80, 3
		e.Parallel(goroutines, func(i int) error {
			for n := i * each; n < (i+1)*each; n++ {
				want := fmt.Sprint("text ", n)
				if _, err := db.ExecContext(e.ctx, e.putting(table, 2), d.Key.Value(n), n, want); err != nil {
					return err
				}
				var got string
				query := d.selects(table, []string{"b"}, "a = "+d.placeholder(1))
				if err := db.QueryRowContext(e.ctx, query, n).Scan(e.Dest(&got)...); err != nil {
					return err
				}
				if got != want {
					return fmt.Errorf("asked for %d, got %q", n, got)
				}
			}
			return nil
		})
		if got := All[int](e, db, d.selects(table, []string{"a"}, "")); len(got) != goroutines*each {
			e.Errorf("%d rows of %d", len(got), goroutines*each)
		}
		if open := db.Stats().OpenConnections; open > 10 {
			e.Errorf("%d connections", open)
		}
	}},
	{Group: "pool", Name: "a pool that keeps no connection works", Run: func(e *Env) {
		db := e.Open(e.Target.DSN)
		db.SetMaxIdleConns(-1)
		table := e.Of(Text)
		for n := range 3 {
			e.Works(db, table, n)
		}
	}},
	{Group: "pool", Name: "what a borrower changed in the session is changed back", Needs: needs(hasSessions), Run: func(e *Env) {
		for _, s := range e.Dialect().Sessions {
			db := e.Single()
			for _, statement := range s.Setup {
				e.Exec(db, statement)
			}
			probe := func(conn Runner) string { return fmt.Sprint(Get[any](e, conn, s.Probe)) }
			before := probe(db)
			conn, err := db.Conn(e.ctx)
			e.Must(err)
			e.Exec(conn, s.Change)
			if probe(conn) == before {
				e.Errorf("%s: %s changes nothing for the borrower", s.Name, s.Change)
			}
			e.Must(conn.Close())
			if got := probe(db); got != before {
				e.Errorf("%s: the next borrower finds %s, not %s", s.Name, got, before)
			}
		}
	}},
	{Group: "pool", Name: "idle connections that the server closed are replaced", Needs: needs(hasRestart), Run: func(e *Env) {
		table := e.Of(Text)
		db := e.Open(e.Target.DSN)
		db.SetMaxIdleConns(5)
		for round := range 2 {
			e.Parallel(5, func(int) error { return db.PingContext(e.ctx) })
			e.Must(e.Target.Faults.Restart())
			for n := range 6 {
				e.Works(db, table, 10*round+n)
			}
		}
	}},
	{Group: "pool", Name: "a broken connection leaves the pool", Needs: needs(hasDropAfter), Run: func(e *Env) {
		table := e.Of(Text)
		db := e.Single()
		conn, err := db.Conn(e.ctx)
		e.Must(err)
		e.Target.Faults.DropAfter(table)
		if _, err := conn.ExecContext(e.ctx, e.literalInsert(table, 1, "x")); err == nil {
			e.Errorf("there is no error")
		}
		conn.Raw(func(c any) error {
			if v, ok := c.(sqldriver.Validator); ok && v.IsValid() {
				e.Errorf("the connection says that it is valid")
			}
			return nil
		})
		conn.Close()
		if n := db.Stats().OpenConnections; n != 0 {
			e.Errorf("%d connections are in the pool", n)
		}
		e.Works(db, table, 2)
	}},
	{Group: "pool", Name: "the pool recovers when the server is back", Needs: needs(hasStop), Run: func(e *Env) {
		table := e.Of(Text)
		db := e.DB()
		e.Works(db, table, 1)
		e.Must(e.Target.Faults.Stop())
		_, err := db.ExecContext(e.ctx, e.literalInsert(table, 2, "x"))
		e.Must(e.Target.Faults.Start())
		if err == nil {
			e.Errorf("a statement succeeded without a server")
		}
		e.Works(db, table, 3)
	}},
	{Group: "pool", Name: "what was confirmed is there, whatever the connections go through", Needs: needs(hasRestart), Run: func(e *Env) {
		table := e.Of(Integer)
		db := e.Open(e.Target.DSN)
		db.SetMaxOpenConns(6)
		var mu sync.Mutex
		var confirmed []int
		refused := 0
		stop := make(chan struct{})
		go func() {
			defer close(stop)
			for range 3 {
				time.Sleep(10 * time.Millisecond) // what is under way when it strikes shall differ
				e.Target.Faults.Restart()
			}
		}()
		e.Parallel(6, func(i int) error {
			for n := 1000 * i; ; n++ {
				_, err := db.ExecContext(e.ctx, e.putting(table, 1), e.Dialect().Key.Value(n), n)
				mu.Lock()
				if err == nil {
					confirmed = append(confirmed, n)
				} else {
					refused++
				}
				mu.Unlock()
				select {
				case <-stop:
					return nil
				default:
				}
				if n == 1000*i+999 {
					<-stop
					return nil
				}
			}
		})
		e.Logf("%d writes confirmed, %d failed", len(confirmed), refused)
		there := All[int](e, db, e.column(table))
		seen := make(map[int]bool)
		for _, n := range there {
			if seen[n] {
				e.Errorf("%d is there twice", n)
			}
			seen[n] = true
		}
		missing := slices.DeleteFunc(confirmed, func(n int) bool { return seen[n] })
		if len(missing) > 0 {
			e.Errorf("%d confirmed writes are missing: %v", len(missing), missing[:min(5, len(missing))])
		}
	}},
}
