package conformance

import (
	"fmt"
	"slices"

	"github.com/gaugesql/gaugesql/driver"
)

var execChecks = []Check{
	{Group: "exec", Name: "a table is created, filled, read and dropped", Needs: needs(hasColumns), Run: func(e *Env) {
		d := e.Dialect()
		table := e.Name()
		e.Exec(e.DB(), d.create(table, e.Columns(Integer, Text)))
		e.Exec(e.DB(), d.insert(table, names(2), []string{d.Key.Literal(1), "42", d.text("abc")}))
		if got := All[string](e, e.DB(), d.selects(table, []string{"b"}, "a = 42")); !slices.Equal(got, []string{"abc"}) {
			e.Errorf("read %q", got)
		}
		e.Exec(e.DB(), d.drop(table))
		rows, err := e.DB().QueryContext(e.ctx, d.selects(table, []string{"b"}, ""))
		if err == nil {
			for rows.Next() {
				e.Errorf("a row of the dropped table")
			}
			rows.Close()
		}
	}},
	{Group: "exec", Name: "a statement runs exactly once", Needs: needs(hasExecuted), Run: func(e *Env) {
		table := e.Of(Text)
		before := e.Target.Faults.Executed(table)
		e.Exec(e.DB(), e.literalInsert(table, 1, "x"))
		if n := e.Target.Faults.Executed(table) - before; n != 1 {
			e.Errorf("ran %d times", n)
		}
	}},
	{Group: "exec", Name: "a statement with arguments runs exactly once", Needs: needs(hasExecuted), Run: func(e *Env) {
		table := e.Of(Text)
		before := e.Target.Faults.Executed(table)
		e.Put(e.DB(), table, 1, "x")
		if n := e.Target.Faults.Executed(table) - before; n != 1 {
			e.Errorf("ran %d times", n)
		}
	}},
	{Group: "exec", Name: "a query runs exactly once", Needs: needs(hasExecuted), Run: func(e *Env) {
		table := e.Of(Text)
		before := e.Target.Faults.Executed(table)
		All[string](e, e.DB(), e.column(table))
		if n := e.Target.Faults.Executed(table) - before; n != 1 {
			e.Errorf("ran %d times", n)
		}
	}},
	{Group: "exec", Name: "the rows of an INSERT are counted", Needs: needs(RowsAffected), Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Text)
		for _, n := range []int{1, 3} {
			rows := make([][]string, n)
			for i := range rows {
				rows[i] = []string{d.Key.Literal(10*n + i), d.text("x")}
			}
			got, err := e.Exec(e.DB(), d.insert(table, names(1), rows...)).RowsAffected()
			e.Must(err)
			if got != int64(n) {
				e.Errorf("%d rows inserted, %d counted", n, got)
			}
		}
		if got, err := e.Put(e.DB(), table, 99, "x").RowsAffected(); err != nil || got != 1 {
			e.Errorf("with arguments: %d counted, error %v", got, err)
		}
	}},
	{Group: "exec", Name: "the rows of a DELETE are counted and gone", Needs: needs(RowsAffected, hasDelete), Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Integer)
		for n := range 3 {
			e.Put(e.DB(), table, n, n)
		}
		for _, want := range []int64{1, 0} {
			got, err := e.Exec(e.DB(), d.Delete(table, d.Key.Literal(1))).RowsAffected()
			e.Must(err)
			if got != want {
				e.Errorf("%d rows counted, want %d", got, want)
			}
		}
		if got := All[int](e, e.DB(), e.column(table)); !slices.Equal(got, []int{0, 2}) {
			e.Errorf("left: %v", got)
		}
	}},
	{Group: "exec", Name: "the last insert id is that of the row", Needs: needs(LastInsertID), Run: func(e *Env) {
		table := e.Of(Text)
		first, err := e.Put(e.DB(), table, 1, "x").LastInsertId()
		e.Must(err)
		second, err := e.Put(e.DB(), table, 2, "x").LastInsertId()
		e.Must(err)
		if second == first {
			e.Errorf("both rows have the id %d", first)
		}
	}},
	{Group: "exec", Name: "the last insert id is an error where there is none", Without: needs(LastInsertID), Run: func(e *Env) {
		id, err := e.Put(e.DB(), e.Of(Text), 1, "x").LastInsertId()
		if err == nil {
			e.Errorf("the id is %d", id)
		}
		e.kind(err, driver.ErrNotSupported)
	}},
	{Group: "exec", Name: "an INSERT through Query writes its row", Run: func(e *Env) {
		table := e.Of(Text)
		rows := e.Query(e.DB(), e.literalInsert(table, 1, "x"))
		for rows.Next() {
		}
		e.Must(rows.Err())
		e.Must(rows.Close())
		if got := All[string](e, e.DB(), e.column(table)); len(got) != 1 {
			e.Errorf("%d rows", len(got))
		}
	}},
	{Group: "exec", Name: "a query through Exec does no harm", Run: func(e *Env) {
		table := e.Of(Text)
		db := e.Single()
		e.Put(db, table, 1, "x")
		e.Exec(db, e.column(table))
		e.Works(db, table, 2)
	}},
	{Group: "exec", Name: "a second statement in a text runs or is refused, never dropped", Run: func(e *Env) {
		table := e.Of(Text)
		db := e.Single()
		_, err := db.ExecContext(e.ctx, e.literalInsert(table, 1, "first")+"; "+e.literalInsert(table, 2, "second"))
		got := All[string](e, db, e.column(table))
		if err == nil && !slices.Contains(got, "second") {
			e.Errorf("there is no error and the table holds %q", got)
		}
		if err != nil && slices.Contains(got, "second") {
			e.Errorf("the error %v and the table holds %q", err, got)
		}
		e.kind(err, driver.ErrProgramming)
	}},
	{Group: "exec", Name: "a semicolon at the end is harmless", Run: func(e *Env) {
		table := e.Of(Text)
		e.Exec(e.DB(), e.literalInsert(table, 1, "x")+";")
		if got := All[string](e, e.DB(), e.column(table)+" ; "); len(got) != 1 {
			e.Errorf("%d rows", len(got))
		}
	}},
	{Group: "exec", Name: "an empty statement leaves the connection usable", Run: func(e *Env) {
		table := e.Of(Text)
		db := e.Single()
		for i, text := range []string{"", " \n\t", ";", "-- nothing"} {
			db.ExecContext(e.ctx, text) // an error or none
			e.Works(db, table, i)
		}
	}},
	{Group: "exec", Name: "a read sees the writes before it", Run: func(e *Env) {
		table := e.Of(Integer)
		for n := range 20 {
			e.Put(e.DB(), table, n, n)
			if got := len(All[int](e, e.DB(), e.column(table))); got != n+1 {
				e.Fatalf("%d rows written, %d read", n+1, got)
			}
		}
	}},
	{Group: "exec", Name: "many rows in one statement all arrive", Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Integer)
		rows := make([][]string, 500)
		for i := range rows {
			rows[i] = []string{d.Key.Literal(i), fmt.Sprint(i * i)}
		}
		e.Exec(e.DB(), d.insert(table, names(1), rows...))
		got := All[int](e, e.DB(), e.column(table))
		if len(got) != len(rows) {
			e.Fatalf("%d of %d rows", len(got), len(rows))
		}
		for i, v := range got {
			if v != i*i {
				e.Fatalf("row %d is %d", i, v)
			}
		}
	}},
}

// literalInsert writes a row with a text, without arguments.
func (e *Env) literalInsert(table string, n int, text string) string {
	d := e.Dialect()
	return d.insert(table, names(1), []string{d.Key.Literal(n), d.text(text)})
}
