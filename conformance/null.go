package conformance

import (
	"database/sql"
	"reflect"
)

var nullChecks = []Check{
	{Group: "null", Name: "NULL of every type is nil in an any", Needs: needs(hasNull), Run: func(e *Env) {
		e.eachNull(func(typ Type, query string) {
			if v := Get[any](e, e.DB(), query); v != nil {
				e.Errorf("%s: got %T %v", typ.DDL, v, v)
			}
		})
	}},
	{Group: "null", Name: "NULL of every type is a nil pointer", Needs: needs(hasNull), Run: func(e *Env) {
		e.eachNull(func(typ Type, query string) {
			dest := reflect.New(reflect.PointerTo(goType(typ)))
			dest.Elem().Set(reflect.New(goType(typ)))
			if err := e.DB().QueryRowContext(e.ctx, query).Scan(e.Dest(dest.Interface())...); err != nil || !dest.Elem().IsNil() {
				e.Errorf("%s: %v, error %v", typ.DDL, dest.Elem(), err)
			}
		})
	}},
	{Group: "null", Name: "NULL of every type is a sql.Null without a value", Needs: needs(hasNull), Run: func(e *Env) {
		e.eachNull(func(typ Type, query string) {
			row := func(dest any) {
				if err := e.DB().QueryRowContext(e.ctx, query).Scan(e.Dest(dest)...); err != nil {
					e.Errorf("%s into %T: %v", typ.DDL, dest, err)
				}
			}
			null, str := sql.Null[any]{Valid: true}, sql.NullString{Valid: true}
			row(&null)
			row(&str)
			if null.Valid || str.Valid {
				e.Errorf("%s is valid: %v, %v", typ.DDL, null, str)
			}
		})
	}},
	{Group: "null", Name: "NULL of every type is nil bytes", Needs: needs(hasNull), Run: func(e *Env) {
		e.eachNull(func(typ Type, query string) {
			bytes, raw := []byte("before"), sql.RawBytes("before")
			if err := e.DB().QueryRowContext(e.ctx, query).Scan(e.Dest(&bytes)...); err != nil || bytes != nil {
				e.Errorf("%s: %q, error %v", typ.DDL, bytes, err)
			}
			rows := e.Query(e.DB(), query)
			defer rows.Close()
			if !rows.Next() {
				e.Fatalf("%s: no row: %v", typ.DDL, rows.Err())
			}
			if err := rows.Scan(e.Dest(&raw)...); err != nil || raw != nil {
				e.Errorf("%s: raw bytes %q, error %v", typ.DDL, raw, err)
			}
		})
	}},
	{Group: "null", Name: "NULL of every type is refused by a variable that cannot hold it", Needs: needs(hasNull), Run: func(e *Env) {
		e.eachNull(func(typ Type, query string) {
			dest := reflect.New(goType(typ))
			if goType(typ).Kind() == reflect.Slice {
				return
			}
			if err := e.DB().QueryRowContext(e.ctx, query).Scan(e.Dest(dest.Interface())...); err == nil {
				e.Errorf("%s became %v", typ.DDL, dest.Elem())
			}
			var s string
			if err := e.DB().QueryRowContext(e.ctx, query).Scan(e.Dest(&s)...); err == nil {
				e.Errorf("%s became the text %q", typ.DDL, s)
			}
		})
	}},
	{Group: "null", Name: "NULL is written as nil, nil pointer and sql.Null of every type", Needs: needs(hasNull), Run: func(e *Env) {
		for _, typ := range e.Dialect().Types {
			if typ.NotNull || typ.Store != nil {
				continue
			}
			table := e.typed(typ)
			args := []any{nil, reflect.Zero(reflect.PointerTo(goType(typ))).Interface(), sql.NullString{}, sql.NullInt64{}}
			n := 0
			for _, put := range e.ways(table) {
				for _, arg := range args {
					if err := put(n, arg); err != nil {
						e.Errorf("%s takes no %T: %v", typ.DDL, arg, err)
					}
					n++
				}
			}
			for _, v := range All[any](e, e.DB(), e.column(table)) {
				if v != nil {
					e.Errorf("%s: NULL became %v", typ.DDL, v)
				}
			}
		}
	}},
	{Group: "null", Name: "values and NULLs of every type keep their rows", Needs: needs(hasNull), Run: func(e *Env) {
		for _, typ := range e.Dialect().Types {
			if typ.NotNull {
				continue
			}
			table := e.typed(typ)
			var want []any
			put := func(v any, query string, args ...any) {
				e.Exec(e.DB(), query, args...)
				want = append(want, v)
			}
			for n, s := range typ.Samples {
				put(nil, e.store(typ, table, 3*n, "NULL"))
				if s.Literal != "" {
					put(s.want(), e.store(typ, table, 3*n+1, s.Literal))
				} else {
					put(s.want(), e.store(typ, table, 3*n+1, e.Dialect().placeholder(1)), s.Value)
				}
				put(nil, e.store(typ, table, 3*n+2, "NULL"))
			}
			got := e.values(e.DB(), e.column(table), func(n int) any { return typ.Samples[min(n/3, len(typ.Samples)-1)].want() })
			if len(got) != len(want) {
				e.Errorf("%s: %d rows of %d", typ.DDL, len(got), len(want))
				continue
			}
			for n := range want {
				if !same(got[n], want[n]) {
					e.Errorf("%s: row %d is %s, not %s", typ.DDL, n, show(got[n]), show(want[n]))
				}
			}
		}
	}},
}

// eachNull runs f with a query whose only row is a NULL of the type.
func (e *Env) eachNull(f func(typ Type, query string)) {
	for _, typ := range e.Dialect().Types {
		if typ.NotNull {
			continue
		}
		table := e.typed(typ)
		e.Exec(e.DB(), e.store(typ, table, 1, "NULL"))
		f(typ, e.column(table))
	}
}

// goType is the Go type that values of the type are read into.
func goType(typ Type) reflect.Type { return reflect.TypeOf(typ.Samples[0].want()) }
