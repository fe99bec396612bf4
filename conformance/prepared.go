package conformance

import (
	"database/sql"
	sqldriver "database/sql/driver"
	"fmt"
	"maps"
	"slices"
)

var preparedChecks = []Check{
	{Group: "prepared", Name: "a prepared INSERT writes a row each time", Run: func(e *Env) {
		table := e.Of(Integer)
		stmt := e.Prepare(e.DB(), e.putting(table, 1))
		want := []int{}
		for n := range 20 {
			_, err := stmt.ExecContext(e.ctx, e.Dialect().Key.Value(n), n)
			e.Must(err)
			want = append(want, n)
		}
		if got := All[int](e, e.DB(), e.column(table)); !slices.Equal(got, want) {
			e.Errorf("got %v", got)
		}
	}},
	{Group: "prepared", Name: "a prepared INSERT runs exactly once each time", Needs: needs(hasExecuted), Run: func(e *Env) {
		table := e.Of(Integer)
		stmt := e.Prepare(e.DB(), e.putting(table, 1))
		before := e.Target.Faults.Executed(table)
		for n := range 3 {
			_, err := stmt.ExecContext(e.ctx, e.Dialect().Key.Value(n), n)
			e.Must(err)
		}
		if n := e.Target.Faults.Executed(table) - before; n != 3 {
			e.Errorf("3 calls ran it %d times", n)
		}
	}},
	{Group: "prepared", Name: "a prepared query runs with other arguments", Needs: needs(hasColumns), Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Integer, Text)
		for n := range 5 {
			e.Put(e.DB(), table, n, n, fmt.Sprint("row ", n))
		}
		stmt := e.Prepare(e.DB(), d.selects(table, []string{"b"}, "a = "+d.placeholder(1)))
		for _, n := range []int{3, 0, 4} {
			var got string
			e.Must(stmt.QueryRowContext(e.ctx, n).Scan(e.Dest(&got)...))
			if got != fmt.Sprint("row ", n) {
				e.Errorf("asked for %d, got %q", n, got)
			}
		}
	}},
	{Group: "prepared", Name: "a statement without placeholders can be prepared", Run: func(e *Env) {
		table := e.Of(Text)
		insert := e.Prepare(e.DB(), e.literalInsert(table, 1, "x"))
		_, err := insert.ExecContext(e.ctx)
		e.Must(err)
		query := e.Prepare(e.DB(), e.column(table))
		for range 2 {
			var got string
			e.Must(query.QueryRowContext(e.ctx).Scan(e.Dest(&got)...))
			if got != "x" {
				e.Errorf("got %q", got)
			}
		}
	}},
	{Group: "prepared", Name: "a wrong statement is refused when prepared or run", Run: func(e *Env) {
		table := e.Of(Text)
		db := e.Single()
		for _, query := range slices.AppendSeq([]string{e.Dialect().syntaxError()}, maps.Values(e.Dialect().mistakes(table, e.Name()))) {
			stmt, err := db.PrepareContext(e.ctx, query)
			if err == nil {
				var rows *sql.Rows
				if rows, err = stmt.QueryContext(e.ctx); err == nil {
					for rows.Next() {
					}
					err = rows.Err()
					rows.Close()
				}
				stmt.Close()
			}
			if err == nil {
				e.Errorf("no error for %q", query)
			}
		}
		e.Works(db, table, 1)
	}},
	{Group: "prepared", Name: "a wrong number of arguments is refused and the statement still works", Run: func(e *Env) {
		table := e.Of(Integer)
		stmt := e.Prepare(e.Single(), e.putting(table, 1))
		key := e.Dialect().Key.Value
		for _, args := range [][]any{{}, {key(1)}, {key(1), 1, 1}} {
			if _, err := stmt.ExecContext(e.ctx, args...); err == nil {
				e.Errorf("%d arguments for 2 placeholders are accepted", len(args))
			}
		}
		_, err := stmt.ExecContext(e.ctx, key(2), 2)
		e.Must(err)
		if got := All[int](e, e.DB(), e.column(table)); !slices.Equal(got, []int{2}) {
			e.Errorf("the table holds %v", got)
		}
	}},
	{Group: "prepared", Name: "a statement works after a value that it cannot take", Run: func(e *Env) {
		table := e.Of(Integer)
		stmt := e.Prepare(e.Single(), e.putting(table, 1))
		key := e.Dialect().Key.Value
		if _, err := stmt.ExecContext(e.ctx, key(1), struct{ X int }{1}); err == nil {
			e.Errorf("a struct is accepted")
		}
		if _, err := stmt.ExecContext(e.ctx, key(1), make(chan int)); err == nil {
			e.Errorf("a channel is accepted")
		}
		_, err := stmt.ExecContext(e.ctx, key(2), 2)
		e.Must(err)
		if got := All[int](e, e.DB(), e.column(table)); !slices.Equal(got, []int{2}) {
			e.Errorf("the table holds %v", got)
		}
	}},
	{Group: "prepared", Name: "statements are shared by goroutines", Needs: needs(hasColumns), Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Integer, Text)
		db := e.DB()
		db.SetMaxOpenConns(4)
		insert := e.Prepare(db, e.putting(table, 2))
		query := e.Prepare(db, d.selects(table, []string{"b"}, "a = "+d.placeholder(1)))
		const goroutines, each = 16, 5
		e.Parallel(goroutines, func(i int) error {
			for n := i * each; n < (i+1)*each; n++ {
				want := fmt.Sprint("text ", n)
				if _, err := insert.ExecContext(e.ctx, d.Key.Value(n), n, want); err != nil {
					return err
				}
				var got string
				if err := query.QueryRowContext(e.ctx, n).Scan(e.Dest(&got)...); err != nil {
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
	}},
	{Group: "prepared", Name: "several statements are open on one connection", Run: func(e *Env) {
		table := e.Of(Integer)
		conn := e.Conn(e.Single())
		insert, err := conn.PrepareContext(e.ctx, e.putting(table, 1))
		e.Must(err)
		defer insert.Close()
		query, err := conn.PrepareContext(e.ctx, e.column(table))
		e.Must(err)
		defer query.Close()
		for n := range 5 {
			_, err := insert.ExecContext(e.ctx, e.Dialect().Key.Value(n), n)
			e.Must(err)
			rows, err := query.QueryContext(e.ctx)
			e.Must(err)
			seen := 0
			for rows.Next() {
				seen++
			}
			e.Must(rows.Close())
			if seen != n+1 {
				e.Errorf("%d rows after %d inserts", seen, n+1)
			}
		}
	}},
	{Group: "prepared", Name: "rows of a prepared query can be closed early", Run: func(e *Env) {
		table := e.Of(Integer)
		db := e.Single()
		for n := range 5 {
			e.Put(db, table, n, n)
		}
		stmt := e.Prepare(db, e.column(table))
		for range 3 {
			var got int
			e.Must(stmt.QueryRowContext(e.ctx).Scan(e.Dest(&got)...))
			if got != 0 {
				e.Errorf("the first row is %d", got)
			}
		}
		e.Must(stmt.Close())
		e.Must(db.PingContext(e.ctx))
	}},
	{Group: "prepared", Name: "a statement is unusable after Close", Run: func(e *Env) {
		table := e.Of(Integer)
		e.Must(e.Conn(e.DB()).Raw(func(c any) error {
			stmt, err := prepare(e.ctx, c.(sqldriver.Conn), e.column(table))
			if err != nil {
				return err
			}
			if err := stmt.Close(); err != nil {
				return err
			}
			stmt.Close()
			rows, err := query(e.ctx, stmt)
			if err == nil {
				rows.Close()
			}
			e.refuses("a query", err)
			return nil
		}))
		stmt := e.Prepare(e.DB(), e.putting(table, 1))
		e.Must(stmt.Close())
		if _, err := stmt.ExecContext(e.ctx, e.Dialect().Key.Value(1), 1); err == nil {
			e.Errorf("it runs")
		}
	}},
	{Group: "prepared", Name: "NULL is an argument like others", Needs: needs(hasColumns, hasNull), Run: func(e *Env) {
		table := e.Of(Integer, Text)
		stmt := e.Prepare(e.DB(), e.putting(table, 2))
		for n, args := range [][]any{{nil, "x"}, {1, nil}, {nil, nil}, {4, "y"}} {
			_, err := stmt.ExecContext(e.ctx, append([]any{e.Dialect().Key.Value(n)}, args...)...)
			e.Must(err)
		}
		rows := e.Query(e.DB(), e.Dialect().selects(table, names(2), ""))
		var got []string
		for rows.Next() {
			var a sql.Null[int64]
			var b sql.Null[string]
			e.Must(rows.Scan(e.Dest(&a, &b)...))
			got = append(got, fmt.Sprintf("%v %d %v %s", a.Valid, a.V, b.Valid, b.V))
		}
		want := []string{"false 0 true x", "true 1 false ", "false 0 false ", "true 4 true y"}
		if !slices.Equal(got, want) {
			e.Errorf("got %q", got)
		}
	}},
	{Group: "prepared", Name: "a statement outlives the connection that it was prepared on",
		Needs: needs(hasRestart), Run: func(e *Env) {
			table := e.Of(Integer)
			db := e.Single()
			stmt := e.Prepare(db, e.column(table))
			e.Put(db, table, 1, 7)
			e.Must(e.Target.Faults.Restart())
			var got int
			e.Must(stmt.QueryRowContext(e.ctx).Scan(e.Dest(&got)...))
			if got != 7 {
				e.Errorf("got %d", got)
			}
		}},
}

// Prepare prepares a statement that must be right. It is closed after the check.
func (e *Env) Prepare(db *sql.DB, query string) *sql.Stmt {
	stmt, err := db.PrepareContext(e.ctx, query)
	if err != nil {
		e.Fatalf("%s: prepare %s: %v", caller(), clip(query), err)
	}
	e.Cleanup(func() { stmt.Close() })
	return stmt
}
