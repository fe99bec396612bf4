package conformance

import (
	"database/sql"
	"reflect"
)

var metadataChecks = []Check{
	{Group: "metadata", Name: "every type tells its name, length, precision and scale", Run: func(e *Env) {
		e.eachColumnType(func(typ Type, c *sql.ColumnType) {
			if got := c.DatabaseTypeName(); got != typ.DatabaseType {
				e.Errorf("%s: the name is %q, not %q", typ.DDL, got, typ.DatabaseType)
			}
			if length, ok := c.Length(); ok != (typ.Length != 0) || ok && length != typ.Length {
				e.Errorf("%s: the length is %d, %v, not %d", typ.DDL, length, ok, typ.Length)
			}
			precision, scale, ok := c.DecimalSize()
			if want := typ.Precision != 0 || typ.Scale != 0; ok != want || ok && (precision != typ.Precision || scale != typ.Scale) {
				e.Errorf("%s: the decimal size is %d, %d, %v, not %d, %d", typ.DDL, precision, scale, ok, typ.Precision, typ.Scale)
			}
		})
	}},
	{Group: "metadata", Name: "every type tells whether it can be NULL", Run: func(e *Env) {
		e.eachColumnType(func(typ Type, c *sql.ColumnType) {
			nullable, ok := c.Nullable()
			got := NotKnown
			switch {
			case ok && nullable:
				got = CanBeNull
			case ok:
				got = CannotBeNull
			}
			if typ.Nullable != NotCompared && got != typ.Nullable || got == CannotBeNull && !typ.NotNull {
				e.Errorf("%s: nullable is %v, %v", typ.DDL, nullable, ok)
			}
		})
	}},
	{Group: "metadata", Name: "every type's scan type is the one promised", Run: func(e *Env) {
		e.eachColumnType(func(typ Type, c *sql.ColumnType) {
			if got := c.ScanType(); got == nil || typ.Scan != nil && got != typ.Scan {
				e.Errorf("%s: the scan type is %v, not %v", typ.DDL, got, typ.Scan)
			}
		})
	}},
	{Group: "metadata", Name: "every type's values fit its scan type", Run: func(e *Env) {
		e.eachType(func(typ Type, table string, written []Sample) {
			rows := e.Query(e.DB(), e.column(table))
			defer rows.Close()
			types, err := rows.ColumnTypes()
			e.Must(err)
			scan := types[e.Dialect().Leading].ScanType()
			if scan == nil {
				e.Fatalf("%s has no scan type", typ.DDL)
			}
			for n := 0; rows.Next(); n++ {
				dest := reflect.New(scan)
				if err := rows.Scan(e.Dest(dest.Interface())...); err != nil {
					e.Errorf("%s %v: %v", typ.DDL, written[n], err)
				}
			}
		})
	}},
	{Group: "metadata", Name: "a tool that knows nothing reads every row by scan types", Needs: needs(hasColumns, hasNull), Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Integer, Text)
		e.Put(e.DB(), table, 1, 1, "x")
		e.Put(e.DB(), table, 2, nil, nil)
		rows := e.Query(e.DB(), d.selects(table, []string{"*"}, ""))
		types, err := rows.ColumnTypes()
		e.Must(err)
		if len(types) != 3 && d.Leading == 0 {
			e.Fatalf("%d columns", len(types))
		}
		n := 0
		for ; rows.Next(); n++ {
			dest, plain := make([]any, len(types)), make([]any, len(types))
			for i, c := range types {
				dest[i] = reflect.New(reflect.PointerTo(c.ScanType())).Interface()
				plain[i] = new(any)
			}
			e.Must(rows.Scan(dest...))
			e.Must(rows.Scan(plain...))
		}
		if n != 2 || rows.Err() != nil {
			e.Errorf("%d rows, error %v", n, rows.Err())
		}
	}},
	{Group: "metadata", Name: "a result without rows has the same metadata", Needs: needs(hasColumns), Run: func(e *Env) {
		table := e.Of(Integer, Text)
		describe := func() [][]any {
			rows := e.Query(e.DB(), e.Dialect().selects(table, names(2), ""))
			defer rows.Close()
			types, err := rows.ColumnTypes()
			e.Must(err)
			var list [][]any
			for _, c := range types {
				length, ok := c.Length()
				list = append(list, []any{c.Name(), c.DatabaseTypeName(), c.ScanType(), length, ok})
			}
			return list
		}
		empty := describe()
		e.Put(e.DB(), table, 1, 1, "x")
		if full := describe(); !reflect.DeepEqual(empty, full) {
			e.Errorf("without rows %v, with rows %v", empty, full)
		}
	}},
}

// eachColumnType runs f with the metadata of a column of each type.
func (e *Env) eachColumnType(f func(typ Type, c *sql.ColumnType)) {
	e.eachType(func(typ Type, table string, _ []Sample) {
		rows := e.Query(e.DB(), e.column(table))
		defer rows.Close()
		types, err := rows.ColumnTypes()
		e.Must(err)
		leading := e.Dialect().Leading
		if len(types) != leading+1 {
			e.Fatalf("%s: %d columns", typ.DDL, len(types))
		}
		f(typ, types[leading])
	})
}
