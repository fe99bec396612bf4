package conformance_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	sqldriver "database/sql/driver"

	"github.com/gaugesql/gaugesql/conformance"
	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

const writeDatabase = "gaugesql_write"

// TestTaosWriting runs what is to be said of bound columns, bulk loading and lines
// without a schema against the embedded server.
func TestTaosWriting(t *testing.T) {
	server := taostest.NewServer()
	defer server.Close()
	writing(t, server.DSN("ws", ""))
	if c := server.Crashes(); len(c) > 0 {
		t.Errorf("the server crashed: %q", c)
	}
}

// TestRealTDengineWriting runs the same against the server of CONFORMANCE_TAOS_DSN,
// whose account may create databases. Over REST there is none of it.
func TestRealTDengineWriting(t *testing.T) {
	const variable = "CONFORMANCE_TAOS_DSN"
	dsn := os.Getenv(variable)
	if dsn == "" {
		conformance.SkipUnset(t, variable)
	}
	if strings.Contains(dsn, "http") {
		t.Skip("no bound columns over REST")
	}
	writing(t, dsn)
}

// writes are the checks' connection and times.
type writes struct {
	db *sql.DB
	at time.Time
}

func writing(t *testing.T, dsn string) {
	config, err := taosdriver.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	open := func(database string) *sql.DB {
		config.Database = database
		connector, err := taosdriver.NewConnector(config)
		if err != nil {
			t.Fatal(err)
		}
		db := sql.OpenDB(connector)
		t.Cleanup(func() { db.Close() })
		return db
	}
	admin := open("")
	run := func(statement string) {
		t.Helper()
		if _, err := admin.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	run("drop database if exists " + writeDatabase)
	run("create database " + writeDatabase + " vgroups 2 precision 'us' keep 36500")
	run("create stable " + writeDatabase + ".m (ts timestamp, v int, d decimal(10,4), s nchar(10)) tags (g int, loc varchar(10))")
	run("create table " + writeDatabase + ".withblob (ts timestamp, v int, b blob)")
	t.Cleanup(func() { open("").Exec("drop database if exists " + writeDatabase) })
	w := &writes{open(writeDatabase), time.Now().UTC().Truncate(24 * time.Hour)}
	t.Run("bound columns", w.columns)
	t.Run("bound parameters of a query", w.query)
	t.Run("calls that the server would not survive", w.order)
	t.Run("an appender", w.appender)
	t.Run("an appender without a database", func(t *testing.T) { (&writes{open(""), w.at}).load(t, writeDatabase+".m", "without") })
	t.Run("lines without a schema", w.lines)
}

// list returns the rows of a query as text.
func (w *writes) list(t *testing.T, query string) (list []string) {
	t.Helper()
	rows, err := w.db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	names, _ := rows.Columns()
	row, dest := make([]any, len(names)), make([]any, len(names))
	for i := range row {
		dest[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintln(row...))
	}
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

func with[T any](t *testing.T, db *sql.DB, f func(context.Context, T) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := driver.WithDB(ctx, db, func(x T) error { return f(ctx, x) }); err != nil {
		t.Fatal(err)
	}
}

func (w *writes) columns(t *testing.T) {
	with(t, w.db, func(ctx context.Context, p driver.Stmt2Preparer) error {
		st, err := p.PrepareStmt2(ctx, "insert into ? using m tags (?, ?) values (?, ?, ?, ?)", driver.Stmt2Options{})
		if err != nil {
			return err
		}
		defer st.Close()
		bind := func(from int, names ...string) error {
			var tables []driver.BindTable
			for i, name := range names {
				tables = append(tables, driver.BindTable{Name: name, Tags: []any{i, nil}, Columns: []driver.Column{
					driver.ColumnOf([]time.Time{w.at.Add(time.Duration(from)), w.at.Add(time.Duration(from + 1000))}),
					driver.NullColumnOf([]sql.Null[int32]{{V: int32(from), Valid: true}, {}}),
					driver.ColumnOf([]any{"12.5", -3}), driver.ColumnOf([]string{"中文😀", ""}),
				}})
			}
			return st.Bind(ctx, tables...)
		}
		if err := errors.Join(bind(0, "c0", "c1"), bind(5000, "c0")); err != nil {
			return err
		}
		if n, err := st.Exec(ctx); n != 6 || err != nil {
			t.Errorf("%d rows, %v", n, err)
		}
		err = bind(0, strings.Repeat("n", 300))
		if err == nil {
			_, err = st.Exec(ctx)
		}
		if !errors.Is(err, driver.ErrDatabase) {
			t.Errorf("a name that is too long: %v", err)
		}
		if err := bind(9000, "c1"); err != nil { // and on
			return err
		}
		_, err = st.Exec(ctx)
		return err
	})
	got := w.list(t, "select tbname, v, d, s, g from m order by tbname, ts")
	if len(got) != 8 || got[0] != "c0 0 12.5000 中文😀 0" || got[1] != "c0 <nil> -3.0000  0" || got[7] != "c1 <nil> -3.0000  1" {
		t.Errorf("%q", got)
	}
}

func (w *writes) query(t *testing.T) {
	with(t, w.db, func(ctx context.Context, p driver.Stmt2Preparer) error {
		st, err := p.PrepareStmt2(ctx, "select v from m where ts >= ? and v >= ? and s = ? order by v limit ?", driver.Stmt2Options{})
		if err != nil {
			return err
		}
		defer st.Close()
		for limit := 1; limit <= 2; limit++ {
			err := st.Bind(ctx, driver.BindTable{Columns: []driver.Column{
				driver.ColumnOf([]time.Time{w.at}), driver.ColumnOf([]int16{1}), driver.ColumnOf([]string{"中文😀"}), driver.ColumnOf([]int{limit}),
			}})
			if err != nil {
				return err
			}
			rows, err := st.Query(ctx)
			if err != nil {
				return err
			}
			var got []int64
			row := make([]sqldriver.Value, 1)
			for err = rows.Next(row); err == nil; err = rows.Next(row) {
				got = append(got, row[0].(int64))
			}
			rows.Close()
			if err != io.EOF || !slices.Equal(got, []int64{5000, 9000}[:limit]) {
				t.Errorf("limit %d: %v, %v", limit, got, err)
			}
		}
		return nil
	})
}

func (w *writes) order(t *testing.T) {
	with(t, w.db, func(ctx context.Context, p driver.Stmt2Preparer) error {
		st, err := p.PrepareStmt2(ctx, "insert into withblob values (?, ?, ?)", driver.Stmt2Options{})
		if err != nil {
			return err
		}
		defer st.Close()
		if _, err := st.Exec(ctx); !errors.Is(err, driver.ErrStatement) {
			t.Errorf("Exec of nothing: %v", err)
		}
		if _, err := st.Query(ctx); !errors.Is(err, driver.ErrStatement) {
			t.Errorf("the result of an INSERT: %v", err)
		}
		if _, err := p.PrepareStmt2(ctx, "insert into withblob (ts, v) values (?, ?)", driver.Stmt2Options{}); !errors.Is(err, driver.ErrNotSupported) {
			t.Errorf("a BLOB left out: %v", err)
		}
		late, err := p.PrepareStmt2(ctx, "insert into ? (ts, v) values (?, ?)", driver.Stmt2Options{})
		if err != nil {
			return err
		}
		defer late.Close()
		err = late.Bind(ctx, driver.BindTable{Name: "withblob", Columns: []driver.Column{driver.ColumnOf([]time.Time{w.at}), driver.ColumnOf([]int{1})}})
		if !errors.Is(err, driver.ErrNotSupported) {
			t.Errorf("a BLOB left out of a table that is bound: %v", err)
		}
		return nil
	})
	if got := w.list(t, "select count(*) from withblob"); got[0] != "0" {
		t.Error(got)
	}
}

func (w *writes) appender(t *testing.T) { w.load(t, "m", "load") }

// load appends rows of existing tables and of tables made on the way, by rows and by
// columns.
func (w *writes) load(t *testing.T, stable, prefix string) {
	const rows = 3000
	with(t, w.db, func(ctx context.Context, o driver.AppenderOpener) error {
		a, err := o.OpenAppender(ctx, driver.AppendOptions{Table: stable, Columns: []string{"ts", "v"}, BatchRows: 1000})
		if err != nil {
			return err
		}
		for i := range rows {
			err := a.AppendTo(ctx, fmt.Sprint(prefix, i%3), []any{i % 3, prefix}, w.at.Add(time.Duration(i)*time.Millisecond), i)
			if err != nil {
				return err
			}
		}
		at, v := make([]time.Time, rows), make([]int32, rows)
		for i := range at {
			at[i] = w.at.Add(time.Duration(rows+i) * time.Millisecond)
		}
		err = a.AppendTable(ctx, driver.BindTable{Name: prefix + "0", Columns: []driver.Column{driver.ColumnOf(at), driver.ColumnOf(v)}})
		if err != nil {
			return err
		}
		if err := a.AppendTo(ctx, "c0", nil, w.at.Add(time.Hour), 7); err != nil { // which exists
			return err
		}
		if err := a.Close(ctx); err != nil || a.Written() != 2*rows+1 {
			t.Errorf("%d rows, %v", a.Written(), err)
		}
		return nil
	})
	got := w.list(t, "select count(*), sum(v) from "+writeDatabase+".m where loc = '"+prefix+"'")
	if want := fmt.Sprint(2*rows, " ", rows*(rows-1)/2); got[0] != want {
		t.Errorf("%v, want %s", got, want)
	}
}

func (w *writes) lines(t *testing.T) {
	with(t, w.db, func(ctx context.Context, s driver.SchemalessInserter) error {
		for i, c := range []struct {
			precision driver.SchemalessPrecision
			stamp     int64
		}{
			{driver.SchemalessDefault, w.at.UnixNano()}, {driver.SchemalessHours, w.at.Unix() / 3600}, {driver.SchemalessMinutes, w.at.Unix() / 60},
			{driver.SchemalessSeconds, w.at.Unix()}, {driver.SchemalessMilliseconds, w.at.UnixMilli()},
			{driver.SchemalessMicroseconds, w.at.UnixMicro()}, {driver.SchemalessNanoseconds, w.at.UnixNano()},
		} {
			r, err := s.InsertSchemaless(ctx, driver.SchemalessRequest{
				Protocol: driver.SchemalessLine, Precision: c.precision, Lines: []string{fmt.Sprintf("lines,p=p%d v=%di32 %d", i, i, c.stamp)},
			})
			if err != nil || r.AffectedRows != 1 {
				t.Errorf("precision %d: %+v, %v", c.precision, r, err)
			}
		}
		for protocol, line := range map[driver.SchemalessProtocol]string{
			driver.SchemalessTelnet: fmt.Sprintf("tel.net %d 4 area=a", w.at.Unix()),
			driver.SchemalessJSON:   fmt.Sprintf(`{"metric":"js.on","timestamp":%d,"value":4,"tags":{"area":"a"}}`, w.at.Unix()),
		} {
			if _, err := s.InsertSchemaless(ctx, driver.SchemalessRequest{Protocol: protocol, Lines: []string{line}}); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
		_, err := s.InsertSchemaless(ctx, driver.SchemalessRequest{
			Protocol: driver.SchemalessLine, Lines: []string{"lines,p=x v=1i32 1", "lines,p=x v=word 2", "lines,p=x v=1i32 3"},
		})
		if !errors.Is(err, driver.ErrSchemaless) || !strings.Contains(err.Error(), "line 2: ") {
			t.Errorf("a malformed line: %v", err)
		}
		return nil
	})
	for query, want := range map[string]string{
		"select count(*) from lines where _ts = '" + w.at.Format(time.RFC3339) + "'": "7",
		"select _value from tel_net": "4", "select _value from js_on": "4",
	} {
		if got := w.list(t, query); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q", query, got)
		}
	}
}
