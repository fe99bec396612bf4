package conformance

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
)

var queryChecks = []Check{
	{Group: "query", Name: "rows come in order, none lost, none twice", Run: func(e *Env) {
		table := e.Of(Integer)
		want := []int{}
		for n := range 10 {
			e.Put(e.DB(), table, n, 7*n)
			want = append(want, 7*n)
		}
		if got := All[int](e, e.DB(), e.column(table)); !slices.Equal(got, want) {
			e.Errorf("got %v", got)
		}
	}},
	{Group: "query", Name: "a row of several columns keeps each value in its place", Needs: needs(hasColumns), Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Integer, Text, Integer, Text)
		e.Put(e.DB(), table, 1, 11, "twelve", 13, "fourteen")
		var a, c int
		var b, f string
		row := e.DB().QueryRowContext(e.ctx, d.selects(table, []string{"d", "a", "c", "b"}, ""))
		e.Must(row.Scan(e.Dest(&f, &a, &c, &b)...))
		if a != 11 || b != "twelve" || c != 13 || f != "fourteen" {
			e.Errorf("got %d %q %d %q", a, b, c, f)
		}
	}},
	{Group: "query", Name: "a result without rows still has its columns", Needs: needs(hasColumns), Run: func(e *Env) {
		table := e.Of(Integer, Text)
		rows := e.Query(e.DB(), e.Dialect().selects(table, names(2), ""))
		columns, err := rows.Columns()
		e.Must(err)
		if len(columns) != e.Dialect().Leading+2 {
			e.Errorf("columns %q", columns)
		}
		if rows.Next() {
			e.Errorf("there is a row")
		}
		e.Must(rows.Err())
	}},
	{Group: "query", Name: "columns have the names of the query", Needs: needs(hasColumns, hasNames), Run: func(e *Env) {
		table := e.Of(Integer, Text)
		rows := e.Query(e.DB(), e.Dialect().selects(table, []string{"b", "a AS first_value", "a"}, ""))
		columns, err := rows.Columns()
		e.Must(err)
		want := []string{"b", "first_value", "a"}
		if e.Dialect().FoldsNames {
			for i := range columns {
				columns[i] = strings.ToLower(columns[i])
			}
		}
		if !slices.Equal(columns, want) {
			e.Errorf("columns %q", columns)
		}
	}},
	{Group: "query", Name: "columns of the same name are kept apart", Needs: needs(hasColumns, hasNames), Run: func(e *Env) {
		table := e.Of(Integer, Integer)
		e.Put(e.DB(), table, 1, 5, 6)
		rows := e.Query(e.DB(), e.Dialect().selects(table, []string{"a AS x", "b AS x"}, ""))
		columns, err := rows.Columns()
		e.Must(err)
		var first, second int
		if !rows.Next() {
			e.Fatalf("no row: %v", rows.Err())
		}
		e.Must(rows.Scan(&first, &second))
		if len(columns) != 2 || first != 5 || second != 6 {
			e.Errorf("columns %q, values %d and %d", columns, first, second)
		}
	}},
	{Group: "query", Name: "no row is sql.ErrNoRows", Run: func(e *Env) {
		var v int
		err := e.DB().QueryRowContext(e.ctx, e.column(e.Of(Integer))).Scan(&v)
		if !errors.Is(err, sql.ErrNoRows) {
			e.Errorf("the error is %v", err)
		}
	}},
	{Group: "query", Name: "a condition selects its rows", Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Integer)
		for n := range 5 {
			e.Put(e.DB(), table, n, n)
		}
		query := d.selects(table, []string{"v"}, "v > "+d.placeholder(1))
		if got := All[int](e, e.DB(), query, 2); !slices.Equal(got, []int{3, 4}) {
			e.Errorf("got %v", got)
		}
	}},
	{Group: "query", Name: "rows can be closed early and the connection used", Run: func(e *Env) {
		table := e.Of(Text)
		db := e.Single()
		for n := range 5 {
			e.Put(db, table, n, "x")
		}
		for range 3 {
			rows := e.Query(db, e.column(table))
			if !rows.Next() {
				e.Fatalf("no row: %v", rows.Err())
			}
			e.Must(rows.Close())
		}
		e.Works(db, table, 9)
	}},
	{Group: "query", Name: "a large result can be closed early and the connection used", Run: func(e *Env) {
		db := e.Single()
		table := e.Of(Text)
		for range 3 {
			rows := e.Query(db, e.Large())
			for range 10 {
				if !rows.Next() {
					e.Fatalf("no row: %v", rows.Err())
				}
			}
			e.Must(rows.Close())
		}
		e.Works(db, table, 1)
	}},
	{Group: "query", Name: "closing rows twice is harmless", Run: func(e *Env) {
		table := e.Of(Integer)
		e.Put(e.DB(), table, 1, 1)
		rows := e.Query(e.DB(), e.column(table))
		e.Must(rows.Close())
		e.Must(rows.Close())
		if rows.Next() {
			e.Errorf("there is a row after Close")
		}
		e.Must(rows.Err())
	}},
	{Group: "query", Name: "a Scan into the wrong number or type is an error and no more", Needs: needs(hasColumns), Run: func(e *Env) {
		table := e.Of(Text, Integer)
		db := e.Single()
		e.Put(db, table, 1, "abc", 1)
		rows := e.Query(db, e.Dialect().selects(table, names(2), ""))
		if !rows.Next() {
			e.Fatalf("no row: %v", rows.Err())
		}
		var n, m int
		var s string
		if err := rows.Scan(e.Dest(&s)...); err == nil {
			e.Errorf("two columns went into one")
		}
		if err := rows.Scan(e.Dest(&n, &m)...); err == nil {
			e.Errorf("abc became the number %d", n)
		}
		e.Must(rows.Scan(e.Dest(&s, &m)...))
		e.Must(rows.Close())
		if s != "abc" || m != 1 {
			e.Errorf("got %q and %d", s, m)
		}
	}},
	{Group: "query", Name: "two results are read side by side", Run: func(e *Env) {
		table := e.Of(Integer)
		for n := range 4 {
			e.Put(e.DB(), table, n, n)
		}
		first, second := e.Query(e.DB(), e.column(table)), e.Query(e.DB(), e.column(table))
		for n := range 4 {
			for _, rows := range []*sql.Rows{first, second} {
				var v int
				if !rows.Next() {
					e.Fatalf("row %d is missing: %v", n, rows.Err())
				}
				e.Must(rows.Scan(e.Dest(&v)...))
				if v != n {
					e.Errorf("row %d is %d", n, v)
				}
			}
		}
	}},
	{Group: "query", Name: "there is no second result set after a single query", Run: func(e *Env) {
		rows := e.Query(e.DB(), e.column(e.Of(Integer)))
		for rows.Next() {
		}
		if rows.NextResultSet() {
			e.Errorf("there is one")
		}
		e.Must(rows.Err())
	}},
	{Group: "query", Name: "a large result is complete", Run: func(e *Env) {
		rows := e.Query(e.DB(), e.Large())
		defer rows.Close()
		columns, err := rows.Columns()
		e.Must(err)
		dest := make([]any, len(columns))
		for i := range dest {
			dest[i] = new(any)
		}
		var n int
		var s string
		copy(dest[len(dest)-2:], []any{&n, &s})
		next := 0
		for ; rows.Next(); next++ {
			e.Must(rows.Scan(dest...))
			if n != next || len(s) < 150 {
				e.Fatalf("row %d is %d, %q", next, n, s)
			}
		}
		e.Must(rows.Err())
		if want := e.Target.largeRows(); next != want {
			e.Errorf("%d rows of %d", next, want)
		}
	}},
	{Group: "query", Name: "a result that is cut off is an error, not an end",
		Needs: needs(hasCutRows), Run: func(e *Env) {
			table := e.Of(Text)
			db := e.Single()
			query, marker := e.MarkedLarge()
			e.Target.Faults.CutRows(marker)
			n, err := e.drain(db, query)
			if err == nil {
				e.Errorf("%d rows of %d and no error", n, e.Target.largeRows())
			}
			e.Works(db, table, 1)
		}},
}

// drain counts the rows of a query and returns the error that ended them.
func (e *Env) drain(db *sql.DB, query string) (int, error) {
	rows, err := db.QueryContext(e.ctx, query)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}
