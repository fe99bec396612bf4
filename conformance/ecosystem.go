package conformance

import (
	"slices"

	"github.com/XSAM/otelsql"
	"github.com/jmoiron/sqlx"
)

// record is a row of a table made by Of(Integer, Text).
type record struct {
	A int64
	B *string
}

var ecosystemChecks = []Check{
	{Group: "ecosystem", Name: "the driver's objects implement the interfaces promised", Run: interfaces},
	{Group: "ecosystem", Name: "sqlx gets and selects into structs", Needs: needs(hasColumns, hasNames, hasNull), Run: func(e *Env) {
		d := e.Dialect()
		db, table := e.sqlx()
		text := "text"
		var one record
		e.Must(db.GetContext(e.ctx, &one, d.selects(table, names(2), "a = "+d.placeholder(1)), 1))
		if one.A != 1 || one.B == nil || *one.B != text {
			e.Errorf("Get: %+v", one)
		}
		var all []record
		e.Must(db.SelectContext(e.ctx, &all, d.selects(table, names(2), "")))
		if len(all) != 3 || all[2].A != 3 || all[2].B != nil {
			e.Errorf("Select: %+v", all)
		}
	}},
	{Group: "ecosystem", Name: "sqlx runs named statements", Needs: needs(hasColumns, hasNames, hasNull), Run: func(e *Env) {
		d := e.Dialect()
		db, table := e.sqlx()
		statement := d.insert(table, names(2), []string{":k", ":a", ":b"})
		_, err := db.NamedExecContext(e.ctx, statement, map[string]any{"k": d.Key.Value(4), "a": 4, "b": "it's :named ?"})
		e.Must(err)
		rows, err := db.NamedQueryContext(e.ctx, d.selects(table, []string{"b"}, "a = :a"), record{A: 4})
		e.Must(err)
		defer rows.Close()
		var got []string
		for rows.Next() {
			var b string
			e.Must(rows.Scan(&b))
			got = append(got, b)
		}
		if !slices.Equal(got, []string{"it's :named ?"}) {
			e.Errorf("got %q", got)
		}
	}},
	{Group: "ecosystem", Name: "sqlx expands lists", Needs: needs(hasColumns, hasNames, hasNull), Run: func(e *Env) {
		d := e.Dialect()
		db, table := e.sqlx()
		query, args, err := sqlx.In(d.selects(table, []string{"a"}, "a IN (?)"), []int{1, 3, 5})
		e.Must(err)
		var got []int
		e.Must(db.SelectContext(e.ctx, &got, db.Rebind(query), args...))
		if !slices.Equal(got, []int{1, 3}) {
			e.Errorf("got %v", got)
		}
	}},
	{Group: "ecosystem", Name: "sqlx reads rows into maps and structs", Needs: needs(hasColumns, hasNames, hasNull), Run: func(e *Env) {
		db, table := e.sqlx()
		rows, err := db.QueryxContext(e.ctx, e.Dialect().selects(table, names(2), ""))
		e.Must(err)
		defer rows.Close()
		n := 0
		for ; rows.Next(); n++ {
			m, r := map[string]any{}, record{}
			e.Must(rows.MapScan(m))
			e.Must(rows.StructScan(&r))
			if len(m) != 2 || r.A != int64(n+1) {
				e.Errorf("row %d is %v and %+v", n, m, r)
			}
		}
		if n != 3 || rows.Err() != nil {
			e.Errorf("%d rows, error %v", n, rows.Err())
		}
	}},
	{Group: "ecosystem", Name: "statements work under otelsql", Run: func(e *Env) {
		db := otelsql.OpenDB(e.Connector())
		e.Cleanup(func() { db.Close() })
		e.Must(db.PingContext(e.ctx))
		table := e.Of(Text)
		e.Works(db, table, 1)
		e.Works(e.Conn(db), table, 2)
		stmt := e.Prepare(db, e.putting(table, 1))
		_, err := stmt.ExecContext(e.ctx, e.Dialect().Key.Value(3), "x")
		e.Must(err)
		if got := All[string](e, db, e.column(table)); len(got) != 3 {
			e.Errorf("got %q", got)
		}
	}},
	{Group: "ecosystem", Name: "extensions are found under otelsql", Needs: needs(hasExtensions), Run: func(e *Env) {
		db := otelsql.OpenDB(e.Connector())
		e.Cleanup(func() { db.Close() })
		e.Must(e.Conn(db).Raw(func(conn any) error {
			for _, name := range e.Target.Extensions {
				if err := extension(name)(conn); err != nil {
					e.Errorf("%s: %v", name, err)
				}
			}
			return nil
		}))
	}},
}

// sqlx returns a pool under sqlx and a table with three rows.
func (e *Env) sqlx() (*sqlx.DB, string) {
	style := "mysql" // by sqlx's names: question marks
	if e.Dialect().placeholder(1) != "?" {
		style = "postgres"
	}
	table := e.Of(Integer, Text)
	for n, b := range []any{"text", "other", nil} {
		e.Put(e.DB(), table, n, n+1, b)
	}
	return sqlx.NewDb(e.DB(), style), table
}
