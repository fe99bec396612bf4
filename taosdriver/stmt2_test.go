package taosdriver_test

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// reserve takes a connection of the pool.
func reserve(t testing.TB, db *sql.DB) *sql.Conn {
	t.Helper()
	conn, err := db.Conn(background)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// with runs a test with an extension of the connection.
func with[T any](t testing.TB, conn *sql.Conn, fn func(T)) {
	t.Helper()
	if err := driver.With(conn, func(x T) error { fn(x); return nil }); err != nil {
		t.Fatal(err)
	}
}

// prepare2 prepares a statement that the test closes with the connection.
func prepare2(t testing.TB, p driver.Stmt2Preparer, query string) driver.Stmt2 {
	t.Helper()
	st, err := p.PrepareStmt2(background, query, driver.Stmt2Options{})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return st
}

// texts returns the rows of a query as text.
func texts(t testing.TB, db *sql.DB, query string, args ...any) (list []string) {
	t.Helper()
	rows, err := db.QueryContext(background, query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	row, dest := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range row {
		dest[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		var line []string
		for _, v := range row {
			if !v.Valid {
				v.String = "NULL"
			}
			line = append(line, v.String)
		}
		list = append(list, strings.Join(line, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func same(t testing.TB, got []string, want ...string) {
	t.Helper()
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// meters makes a super table in the database power.
func superTable(t testing.TB, srv *taostest.Server) *sql.DB {
	t.Helper()
	db := open(t, srv, "power", nil)
	exec(t, db, "create stable m (ts timestamp, v int, f double, s varchar(16)) tags (g int, loc nchar(8))")
	return db
}

// TestBindAllForms: every form of INSERT that can be bound to, several tables at
// once where the name is bound.
func TestBindAllForms(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	exec(t, db, "create table m0 using m tags (0, 'zero')")
	columns := func(from int) []driver.Column {
		return []driver.Column{
			driver.ColumnOf([]time.Time{moment(from), moment(from + 1)}),
			driver.NullColumnOf([]sql.Null[int32]{{V: int32(from), Valid: true}, {}}),
		}
	}
	for i, c := range []struct {
		query  string
		tables []driver.BindTable
		want   []string
	}{
		{"insert into m0 (ts, v) values (?, ?)", []driver.BindTable{{Columns: columns(0)}}, []string{"m0 0 0", "m0 NULL 0"}},
		{"insert into ? (ts, v) values (?, ?)", []driver.BindTable{{Name: "m0", Columns: columns(10)}}, []string{"m0 10 0", "m0 NULL 0"}},
		{
			"insert into ? using m tags (?, ?) (ts, v) values (?, ?)",
			[]driver.BindTable{{Name: "m1", Tags: []any{1, "eins"}, Columns: columns(20)}, {Name: "m2", Tags: []any{2, nil}, Columns: columns(30)}},
			[]string{"m1 20 1", "m1 NULL 1", "m2 30 2", "m2 NULL 2"},
		},
		{
			"insert into m (tbname, g, ts, v) values (?, ?, ?, ?)",
			[]driver.BindTable{{Name: "m3", Tags: []any{int64(3)}, Columns: columns(40)}},
			[]string{"m3 40 3", "m3 NULL 3"},
		},
		{"insert into m4 using m tags (?, 'vier') (ts, v) values (?, ?)", []driver.BindTable{{Tags: []any{4}, Columns: columns(50)}}, []string{"m4 50 4", "m4 NULL 4"}},
	} {
		exec(t, db, "delete from m")
		with(t, reserve(t, db), func(p driver.Stmt2Preparer) {
			st := prepare2(t, p, c.query)
			if !st.IsInsert() {
				t.Error("not an INSERT")
			}
			if err := st.Bind(background, c.tables...); err != nil {
				t.Fatalf("%s: %v", c.query, err)
			}
			if n, err := st.Exec(background); err != nil || n != int64(len(c.want)) {
				t.Errorf("%s: %d, %v", c.query, n, err)
			}
			st.Close()
			st.Close()
		})
		same(t, texts(t, db, "select tbname, v, g from m order by ts"), c.want...)
		_ = i
	}
	clean(t, srv)
}

func TestBindArraysIsBindByTables(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	with(t, reserve(t, db), func(p driver.Stmt2Preparer) {
		st := prepare2(t, p, "insert into ? using m tags (?, ?) (ts, v) values (?, ?)")
		defer st.Close()
		names, tags := []string{"a", "b"}, [][]any{{1, "x"}, {2, "y"}}
		columns := [][]driver.Column{
			{driver.ColumnOf([]time.Time{moment(1)}), driver.ColumnOf([]int64{1})},
			{driver.ColumnOf([]time.Time{moment(2), moment(3)}), driver.ColumnOf([]int16{2, 3})},
		}
		if err := st.BindArrays(background, names, tags, columns); err != nil {
			t.Fatal(err)
		}
		// Several binds add up.
		if err := st.BindArrays(background, []string{"a"}, tags[:1], [][]driver.Column{
			{driver.ColumnOf([]time.Time{moment(4)}), driver.ColumnOf([]any{"4"})},
		}); err != nil {
			t.Fatal(err)
		}
		if n, err := st.Exec(background); n != 4 || err != nil {
			t.Error(n, err)
		}
		isError(t, st.BindArrays(background, names[:1], tags, columns), driver.ErrStatement, "1 names, 2 lists of tags and 2 of columns")
	})
	same(t, texts(t, db, "select tbname, loc, v from m order by ts"), "a x 1", "b y 2", "b y 3", "a x 4")
	clean(t, srv)
}

func TestFieldsDescribePlaceholders(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	exec(t, db, "create table d2 (ts timestamp, x decimal(10,4))")
	with(t, reserve(t, db), func(p driver.Stmt2Preparer) {
		for query, want := range map[string][]driver.Stmt2Field{
			"insert into ? using m (g) tags (?) (ts, s) values (?, ?)": {
				{Name: "tbname", Role: driver.Stmt2TableName, DatabaseType: "VARCHAR", Length: 271},
				{Name: "g", Role: driver.Stmt2Tag, DatabaseType: "INT", Length: 4},
				{Name: "ts", Role: driver.Stmt2Column, DatabaseType: "TIMESTAMP", Length: 8, Precision: 6},
				{Name: "s", Role: driver.Stmt2Column, DatabaseType: "VARCHAR", Length: 18},
			},
			"insert into d2 values (?, ?)": {
				{Name: "ts", Role: driver.Stmt2Column, DatabaseType: "TIMESTAMP", Length: 8, Precision: 6},
				{Name: "x", Role: driver.Stmt2Column, DatabaseType: "DECIMAL", Length: 8, Precision: 10, Scale: 4},
			},
			"select v from m where v > ? and g = ?": {{Role: driver.Stmt2Query}, {Role: driver.Stmt2Query}},
		} {
			st := prepare2(t, p, query)
			if got := st.Fields(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %+v", query, got)
			}
			st.Close()
		}
	})
	clean(t, srv)
}

// TestBindMisfits: what does not fit is found before anything is sent, and the
// error names table, column and row.
func TestBindMisfits(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	at := driver.ColumnOf([]time.Time{moment(1), moment(2)})
	tables := func(tags []any, columns ...driver.Column) []driver.BindTable {
		return []driver.BindTable{
			{Name: "a", Tags: []any{1, "x"}, Columns: []driver.Column{at, driver.ColumnOf([]int32{1, 2}), driver.ColumnOf([]string{"a", "b"})}},
			{Name: "b", Tags: tags, Columns: columns},
		}
	}
	tags, v, s := []any{1, "x"}, driver.ColumnOf([]int64{1, 2}), driver.ColumnOf([]string{"a", "b"})
	for name, c := range map[string]struct {
		tables []driver.BindTable
		kind   error
		says   string
	}{
		"range":            {tables(tags, at, driver.ColumnOf([]int64{1, 1 << 31}), s), driver.ErrData, `table "b": column "v" of type INT, row 1: 2147483648 does not fit INT`},
		"type":             {tables(tags, at, driver.ColumnOf([]time.Time{moment(1), moment(2)}), s), driver.ErrData, `table "b": column "v" of type INT, row 0: a time`},
		"one by one":       {tables(tags, at, driver.ColumnOf([]any{1, "x"}), s), driver.ErrData, `column "v" of type INT, row 1: "x" is not a value`},
		"length":           {tables(tags, at, v, driver.ColumnOf([]string{"", "12345678901234567"})), driver.ErrData, `column "s" of type VARCHAR, row 1: 17 bytes are longer than the 16`},
		"primary":          {tables(tags, at.WithStates([]driver.State{driver.Given, driver.Null}), v, s), driver.ErrData, `column "ts" of type TIMESTAMP, row 1: the primary timestamp cannot be NULL`},
		"primary, pointer": {tables(tags, driver.ColumnOf([]*time.Time{nil, nil}), v, s), driver.ErrData, `row 0: the primary timestamp`},
		"tag":              {tables([]any{"one", "x"}, at, v, s), driver.ErrData, `table "b": tag "g" of type INT: "one"`},
		"tag's length":     {tables([]any{1, "123456789"}, at, v, s), driver.ErrData, `table "b": tag "loc" of type NCHAR: 9 characters`},
		"tags":             {tables([]any{1}, at, v, s), driver.ErrStatement, `table "b": 1 tags for 2 placeholders`},
		"columns":          {tables(tags, at, v), driver.ErrStatement, `table "b": 2 columns for 3 placeholders`},
		"heights":          {tables(tags, at, driver.ColumnOf([]int64{1}), s), driver.ErrStatement, `table "b": column "v" has 1 rows, "ts" has 2`},
		"states":           {tables(tags, at, v.WithStates([]driver.State{0}), s), driver.ErrStatement, `column "v": a column of 2 values has 1 states`},
		"unknown state":    {tables(tags, at, v.WithStates([]driver.State{0, 7}), s), driver.ErrData, `column "v" of type INT, row 1: unknown state 7`},
		"no slice":         {tables(tags, at, driver.Column{Values: 1}, s), driver.ErrStatement, `column "v": a column needs a slice`},
		"name":             {[]driver.BindTable{{Tags: tags, Columns: []driver.Column{at, v, s}}}, driver.ErrStatement, "no name is bound"},
		"no rows":          {tables(tags, driver.ColumnOf([]time.Time{}), driver.ColumnOf([]int{}), driver.ColumnOf([]string{})), driver.ErrStatement, "no rows"},
		"no tables":        {nil, driver.ErrStatement, "no table"},
		"strange values":   {tables(tags, at, driver.ColumnOf([]struct{ X int }{{}, {}}), s), driver.ErrData, "row 0: a struct"},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, reserve(t, db), func(p driver.Stmt2Preparer) {
				st := prepare2(t, p, "insert into ? using m tags (?, ?) (ts, v, s) values (?, ?, ?)")
				defer st.Close()
				isError(t, st.Bind(background, c.tables...), c.kind, c.says)
				if _, err := st.Exec(background); !errors.Is(err, driver.ErrStatement) {
					t.Error("executed:", err)
				}
				// The statement is as it was.
				if err := st.Bind(background, tables(tags, at, v, s)...); err != nil {
					t.Error(err)
				}
				if n, err := st.Exec(background); n != 4 || err != nil {
					t.Error(n, err)
				}
			})
		})
	}
	clean(t, srv)
}

// TestStepsOutOfOrder: none of them reaches the server, which would not survive
// some.
func TestStepsOutOfOrder(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	exec(t, db, "create table withblob (ts timestamp, v int, b blob)")
	conn := reserve(t, db)
	with(t, conn, func(p driver.Stmt2Preparer) {
		st := prepare2(t, p, "insert into d values (?, ?, ?)")
		_, err := st.Exec(background)
		isError(t, err, driver.ErrStatement, "nothing is bound")
		_, err = st.Query(background)
		isError(t, err, driver.ErrStatement, "run by Exec")
		row := driver.BindTable{Columns: []driver.Column{
			driver.ColumnOf([]time.Time{moment(1)}), driver.ColumnOf([]int{1}), driver.ColumnOf([]string{"a"}),
		}}
		for range 2 {
			if err := st.Bind(background, row); err != nil {
				t.Fatal(err)
			}
			if _, err := st.Exec(background); err != nil {
				t.Fatal(err)
			}
			_, err = st.Exec(background)
			isError(t, err, driver.ErrStatement, "nothing is bound")
		}
		st.Close()
		isError(t, st.Bind(background, row), driver.ErrInterface, "closed")

		q := prepare2(t, p, "select v from d where v = ?")
		_, err = q.Query(background)
		isError(t, err, driver.ErrStatement, "nothing is bound")
		_, err = q.Exec(background)
		isError(t, err, driver.ErrStatement, "run by Query")
		if err := q.Bind(background, driver.BindTable{Columns: []driver.Column{driver.ColumnOf([]int{1})}}); err != nil {
			t.Fatal(err)
		}
		rows, err := q.Query(background)
		if err != nil {
			t.Fatal(err)
		}
		isError(t, q.Bind(background, driver.BindTable{Columns: []driver.Column{driver.ColumnOf([]int{1})}}), driver.ErrStatement, "still open")
		rows.Close()
		_, err = q.Query(background)
		isError(t, err, driver.ErrStatement, "nothing is bound")
		q.Close()

		for query, says := range map[string]string{
			"insert into d values (now, 1, 'a')":                           "no placeholder",
			"select 1":                                                     "no placeholder",
			"delete from d where ts = ?":                                   "INSERT and SELECT alone",
			"insert into d values (?, ?, ?) (?, ?, ?)":                     "one row of placeholders",
			"insert into d values (?, ?, ?); drop table d":                 "semicolon",
			"insert into withblob (ts, v) values (?, ?)":                   `BLOB column "b"`,
			"insert into withblob values (?, ?, 'x')":                      "BLOB",
			"insert into m4 using m tags (?, 'x') values (now, 1, 1, 'x')": "no column has a placeholder",
			"select v from d where v = -?":                                 "minus",
			"insert into nowhere values (?, ?)":                            "",
		} {
			_, err := p.PrepareStmt2(background, query, driver.Stmt2Options{})
			if err == nil || !strings.Contains(err.Error(), says) || !errors.Is(err, driver.ErrDatabase) {
				t.Errorf("%s: %v", query, err)
			}
		}
		// A table with a BLOB that is only known when it is bound.
		late := prepare2(t, p, "insert into ? (ts, v) values (?, ?)")
		isError(t, late.Bind(background, driver.BindTable{Name: "withblob", Columns: row.Columns[:2]}), driver.ErrNotSupported, `BLOB column "b"`)
		if err := late.Bind(background, driver.BindTable{Name: "d", Columns: row.Columns[:2]}); err != nil {
			t.Error(err)
		}
		isError(t, late.Bind(background, driver.BindTable{Name: "withblob", Columns: row.Columns[:2]}), driver.ErrNotSupported, `BLOB column "b"`)
		late.Close()
	})
	clean(t, srv)
}

// TestQueryWithBoundParameters: each Go type, again and again on one statement.
func TestQueryWithBoundParameters(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	for i := range 4 {
		exec(t, db, "insert into m1 using m tags (1, 'a') values (?, ?, ?, ?)", moment(i), i, float64(i)/2, fmt.Sprint("s", i))
	}
	with(t, reserve(t, db), func(p driver.Stmt2Preparer) {
		st := prepare2(t, p, "select v from m where v >= ? and f <= ? and s <> ? and ts > ? order by ts limit ?")
		defer st.Close()
		for limit := range 4 {
			err := st.Bind(background, driver.BindTable{Columns: []driver.Column{
				driver.ColumnOf([]int32{0}), driver.ColumnOf([]float64{100}), driver.ColumnOf([]string{"s1"}),
				driver.ColumnOf([]time.Time{moment(0)}), driver.ColumnOf([]int{limit}),
			}})
			if err != nil {
				t.Fatal(err)
			}
			rows, err := st.Query(background)
			if err != nil {
				t.Fatal(err)
			}
			var got []int64
			row := make([]sqldriver.Value, 1)
			for {
				err := rows.Next(row)
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, row[0].(int64))
			}
			rows.Close()
			if want := []int64{2, 3}[:min(limit, 2)]; len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
				t.Errorf("limit %d: %v", limit, got)
			}
		}
		for says, c := range map[string]driver.Column{
			"one row":    driver.ColumnOf([]int{1, 2}),
			"NULL":       driver.ColumnOf([]any{nil}),
			"QueryConte": driver.ColumnOf([]string{"a\x00"}),
		} {
			columns := []driver.Column{c}
			for range 4 {
				columns = append(columns, driver.ColumnOf([]int{1}))
			}
			isError(t, st.Bind(background, driver.BindTable{Columns: columns}), driver.ErrData, says)
		}
	})
	clean(t, srv)
}

// TestStatementIsMadeAgainAfterAnErrorOfTheServer: what was bound is lost, and said
// to be.
func TestStatementIsMadeAgainAfterAnErrorOfTheServer(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	row := driver.BindTable{Columns: []driver.Column{
		driver.ColumnOf([]time.Time{moment(1)}), driver.ColumnOf([]int{1}), driver.ColumnOf([]string{"a"}),
	}}
	for _, action := range []string{"stmt2_bind", "stmt2_exec"} {
		with(t, reserve(t, db), func(p driver.Stmt2Preparer) {
			st := prepare2(t, p, "insert into d values (?, ?, ?)")
			defer st.Close()
			srv.Fault(taostest.On{Action: action, Times: 1}, taostest.ErrorCode(0x2653, "Value too long"))
			err := st.Bind(background, row)
			if action == "stmt2_exec" {
				if err != nil {
					t.Fatal(err)
				}
				_, err = st.Exec(background)
			}
			isError(t, err, driver.ErrData, "too long")
			_, err = st.Exec(background)
			isError(t, err, driver.ErrStatement, "nothing is bound")
			if err := st.Bind(background, row); err != nil {
				t.Fatal(err)
			}
			if n, err := st.Exec(background); n != 1 || err != nil {
				t.Error(n, err)
			}
		})
	}
	clean(t, srv)
}

// TestStatementsEndWithTheUseOfTheConnection: the next borrower finds none of them,
// and the last can do nothing any more.
func TestStatementsEndWithTheUseOfTheConnection(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	db.SetMaxOpenConns(1)
	var st driver.Stmt2
	var app driver.Appender
	conn := reserve(t, db)
	with(t, conn, func(p driver.Stmt2Preparer) { st = prepare2(t, p, "insert into d (ts, v) values (?, ?)") })
	with(t, conn, func(o driver.AppenderOpener) {
		var err error
		if app, err = o.OpenAppender(background, driver.AppendOptions{Table: "d"}); err != nil {
			t.Fatal(err)
		}
	})
	conn.Close()
	if one[int](t, db, "select 1") != 1 {
		t.Error("the next use")
	}
	until(t, "the statements are closed", func() bool { return srv.OpenStatements() == 0 })
	err := st.Bind(background, driver.BindTable{Columns: []driver.Column{driver.ColumnOf([]time.Time{moment(1)}), driver.ColumnOf([]int{1})}})
	isError(t, err, driver.ErrInterface, "back to the pool")
	isError(t, app.Append(background, moment(1), 1, "a"), driver.ErrInterface, "back to the pool")
	st.Close()
	app.Close(background)
	clean(t, srv)
}

func TestRowsOfAStatementEndWithTheUseOfTheConnection(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	exec(t, db, "insert into d (ts, v) values (now, 1)")
	conn := reserve(t, db)
	var rows sqldriver.Rows
	with(t, conn, func(p driver.Stmt2Preparer) {
		st := prepare2(t, p, "select v from d where v > ?")
		if err := st.Bind(background, driver.BindTable{Columns: []driver.Column{driver.ColumnOf([]int{0})}}); err != nil {
			t.Fatal(err)
		}
		var err error
		if rows, err = st.Query(background); err != nil {
			t.Fatal(err)
		}
	})
	conn.Close()
	if one[int](t, db, "select 1") != 1 {
		t.Error("the next use")
	}
	clean(t, srv)
	if err := rows.Next(make([]sqldriver.Value, 1)); err != io.EOF {
		t.Errorf("rows of the use before: %v", err)
	}
}

func TestOptionsReachTheServer(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	with(t, reserve(t, db), func(p driver.Stmt2Preparer) {
		st, err := p.PrepareStmt2(background, "insert into ? using m tags (?, ?) (ts, v) values (?, ?)",
			driver.Stmt2Options{RequestID: 77, SingleSuperTable: true, BindTableOnce: true})
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		table := driver.BindTable{Name: "a", Tags: []any{1, "x"}, Columns: []driver.Column{
			driver.ColumnOf([]time.Time{moment(1)}), driver.ColumnOf([]int{1}),
		}}
		if err := st.Bind(background, table); err != nil {
			t.Fatal(err)
		}
		isError(t, st.Bind(background, table), driver.ErrStatement, `table "a": BindTableOnce promises`)
		wrong := table
		wrong.Name, wrong.Columns = "b", []driver.Column{table.Columns[0], driver.ColumnOf([]string{"one"})}
		isError(t, st.Bind(background, wrong), driver.ErrData, `table "b"`)
		right := table
		right.Name = "b"
		if err := st.Bind(background, right); err != nil {
			t.Errorf("a table of which nothing was bound: %v", err)
		}
		if n, err := st.Exec(driver.WithRequestID(background, 78)); n != 2 || err != nil {
			t.Error(n, err)
		}
		if err := st.Bind(background, table); err != nil {
			t.Error(err)
		}
		st.Exec(background)
	})
	clean(t, srv)
}

// TestMoreRowsThanOneMessageTakes: 32767 rows of a table are the most.
func TestMoreRowsThanOneMessageTakes(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	const n = 70_000
	at, v := make([]time.Time, n), make([]int32, n)
	for i := range at {
		at[i], v[i] = moment(i), int32(i)
	}
	with(t, reserve(t, db), func(p driver.Stmt2Preparer) {
		st := prepare2(t, p, "insert into d (ts, v) values (?, ?)")
		defer st.Close()
		if err := st.Bind(background, driver.BindTable{Columns: []driver.Column{driver.ColumnOf(at), driver.ColumnOf(v)}}); err != nil {
			t.Fatal(err)
		}
		if rows, err := st.Exec(background); rows != n || err != nil {
			t.Error(rows, err)
		}
	})
	if got := one[int64](t, db, "select sum(v) from d"); got != n*(n-1)/2 {
		t.Error(got)
	}
	clean(t, srv)
}

// TestUnchangedValuesStay: a part of a row is written over.
func TestUnchangedValuesStay(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	exec(t, db, "insert into d values (?, 1, 'old')", moment(1))
	with(t, reserve(t, db), func(p driver.Stmt2Preparer) {
		st := prepare2(t, p, "insert into d values (?, ?, ?)")
		defer st.Close()
		if err := st.Bind(background, driver.BindTable{Columns: []driver.Column{
			driver.ColumnOf([]time.Time{moment(1)}), driver.ColumnOf([]int{2}),
			driver.ColumnOf([]string{"ignored"}).WithStates([]driver.State{driver.Unchanged}),
		}}); err != nil {
			t.Fatal(err)
		}
		if n, err := st.Exec(background); n != 1 || err != nil {
			t.Error(n, err)
		}
	})
	same(t, texts(t, db, "select v, s from d"), "2 old")
	clean(t, srv)
}

// TestBindEndsWithItsContext and nothing is left behind.
func TestBindEndsWithItsContext(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", func(c *taosdriver.Config) { c.KillGrace = -1 })
	row := driver.BindTable{Columns: []driver.Column{driver.ColumnOf([]time.Time{moment(1)}), driver.ColumnOf([]int{1})}}
	for _, action := range []string{"stmt2_bind", "stmt2_exec"} {
		with(t, reserve(t, db), func(p driver.Stmt2Preparer) {
			st := prepare2(t, p, "insert into d (ts, v) values (?, ?)")
			defer st.Close()
			srv.Fault(taostest.On{Action: action, Times: 1}, taostest.Delay(200*time.Millisecond))
			ctx, cancel := context.WithTimeout(background, 20*time.Millisecond)
			defer cancel()
			err := st.Bind(ctx, row)
			if action == "stmt2_exec" {
				_, err = st.Exec(ctx)
			}
			e := isError(t, err, driver.ErrTimeout, "")
			if !errors.Is(err, context.DeadlineExceeded) || e.OutcomeUnknown != (action == "stmt2_exec") {
				t.Errorf("%+v", e)
			}
			if err := st.Bind(background, row); err != nil {
				t.Error(err)
			}
			if n, err := st.Exec(background); n != 1 || err != nil {
				t.Error(n, err)
			}
		})
	}
	clean(t, srv)
}
