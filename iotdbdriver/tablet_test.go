package iotdbdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest"
)

// realServer has DSNs of real servers, without a database, to run the tests of this file
// on too.
const realServer = "CONFORMANCE_IOTDB_DSN"

var databases atomic.Int64

// onServers runs a test on the embedded server and on the real one, if one is named, in
// a database of its own.
func onServers(t *testing.T, test func(t *testing.T, config *iotdbdriver.Config, db *sql.DB)) {
	run := func(t *testing.T, dsn string) {
		config, err := iotdbdriver.ParseDSN(dsn)
		if err != nil {
			t.Fatal(err)
		}
		config.Database = ""
		admin := open(t, config)
		config.Database = fmt.Sprintf("gc%x_%d", time.Now().UnixMicro(), databases.Add(1))
		exec(t, admin, "create database "+config.Database)
		t.Cleanup(func() { exec(t, admin, "drop database "+config.Database) })
		test(t, config, open(t, config))
	}
	t.Run("embedded", func(t *testing.T) {
		srv := iotdbtest.NewServer()
		t.Cleanup(srv.Close)
		run(t, srv.DSN(""))
	})
	for _, dsn := range strings.Fields(os.Getenv(realServer)) {
		t.Run("real", func(t *testing.T) { run(t, dsn) })
	}
}

func open(t *testing.T, config *iotdbdriver.Config) *sql.DB {
	t.Helper()
	connector, err := iotdbdriver.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func exec(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.Exec(query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// read returns the rows of a query as texts.
func read(t *testing.T, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for rows.Next() {
		values, dest := make([]any, len(columns)), make([]any, len(columns))
		for i := range dest {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		texts := make([]string, len(values))
		for i, v := range values {
			switch v := v.(type) {
			case time.Time:
				texts[i] = v.Format(time.RFC3339Nano)
			case []byte:
				texts[i] = fmt.Sprintf("%x", v)
			default:
				texts[i] = fmt.Sprint(v)
			}
		}
		list = append(list, strings.Join(texts, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func insert(db *sql.DB, tablets ...driver.Tablet) error {
	return driver.WithDB(context.Background(), db, func(i driver.TabletInserter) error {
		if len(tablets) == 1 {
			return i.InsertTablet(context.Background(), tablets[0])
		}
		return i.InsertTablets(context.Background(), tablets...)
	})
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

var epoch = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

// moments are n instants, a second apart.
func moments(n int) []time.Time {
	list := make([]time.Time, n)
	for i := range list {
		list[i] = epoch.Add(time.Duration(i) * time.Second)
	}
	return list
}

// TestTabletTypes: every type, with NULL, of eight rows and more, so that the bitmap has
// a byte more than bits.
func TestTabletTypes(t *testing.T) {
	onServers(t, func(t *testing.T, config *iotdbdriver.Config, db *sql.DB) {
		const n = 9
		var (
			tags, attributes, texts, strs []string
			i32                           []int32
			i64                           []int64
			f32                           []float32
			f64                           []float64
			booleans                      []bool
			blobs                         [][]byte
			instants, dates               []time.Time
			days                          []iotdbdriver.Date
			states                        = make([]driver.State, n)
		)
		for i := range n {
			tags, attributes = append(tags, fmt.Sprint("tag ", i%3)), append(attributes, "it's")
			texts, strs = append(texts, "日本"), append(strs, strings.Repeat("x", i))
			i32, i64 = append(i32, int32(-i)), append(i64, int64(i)<<40)
			f32, f64 = append(f32, float32(i)/4), append(f64, float64(i)/8)
			booleans, blobs = append(booleans, i%2 == 0), append(blobs, make([]byte, i%3))
			instants, dates = append(instants, epoch.Add(time.Duration(i)*time.Millisecond)), append(dates, time.Date(2024, 2, 20+i, 0, 0, 0, 0, time.UTC))
			days = append(days, iotdbdriver.Date{Year: 2024, Month: 3, Day: i + 1})
			if i%4 == 3 {
				days[i] = iotdbdriver.Date{} // a day that there is not, and that does not count
				states[i] = driver.Null
			}
		}
		column := func(name, category, typ string, c driver.Column) driver.TabletColumn {
			return driver.TabletColumn{Name: name, Category: category, DatabaseType: typ, Column: c}
		}
		err := insert(db, driver.Tablet{Table: "Every", Times: moments(n), Columns: []driver.TabletColumn{
			column("Tg", "tag", "", driver.ColumnOf(tags)),
			column("a", "ATTRIBUTE", "", driver.ColumnOf(attributes)),
			column("i", "", "", driver.ColumnOf(i32).WithStates(states)),
			column("l", "", "", driver.ColumnOf(i64).WithStates(states)),
			column("f", "FIELD", "", driver.ColumnOf(f32).WithStates(states)),
			column("d", "", "", driver.ColumnOf(f64).WithStates(states)),
			column("b", "", "", driver.ColumnOf(booleans).WithStates(states)),
			column("x", "", "text", driver.ColumnOf(texts).WithStates(states)),
			column("s", "", "", driver.ColumnOf(strs).WithStates(states)),
			column("ts", "", "", driver.ColumnOf(instants).WithStates(states)),
			column("dt", "", "DATE", driver.ColumnOf(dates).WithStates(states)),
			column("day", "", "", driver.ColumnOf(days).WithStates(states)),
			column("bl", "", "", driver.ColumnOf(blobs).WithStates(states)),
		}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, read(t, db, "desc every"),
			"time|TIMESTAMP|TIME", "tg|STRING|TAG", "a|STRING|ATTRIBUTE", "i|INT32|FIELD", "l|INT64|FIELD", "f|FLOAT|FIELD", "d|DOUBLE|FIELD",
			"b|BOOLEAN|FIELD", "x|TEXT|FIELD", "s|STRING|FIELD", "ts|TIMESTAMP|FIELD", "dt|DATE|FIELD", "day|DATE|FIELD", "bl|BLOB|FIELD")
		got := read(t, db, "select tg, a, i, l, f, d, b, x, s, ts, dt, day, bl from every order by time")
		if len(got) != n {
			t.Fatalf("%d rows", len(got))
		}
		same(t, got[2:4],
			"tag 2|it's|-2|2199023255552|0.5|0.25|true|日本|xx|2024-05-01T12:00:00.002Z|2024-02-22T00:00:00Z|2024-03-03T00:00:00Z|0000",
			"tag 0|it's|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>")
		same(t, got[8:], "tag 2|it's|-8|8796093022208|2|1|true|日本|xxxxxxxx|2024-05-01T12:00:00.008Z|2024-02-28T00:00:00Z|2024-03-09T00:00:00Z|0000")
	})
}

// TestTabletOverwrites: same tags and time, column by column; NULL leaves what is there.
func TestTabletOverwrites(t *testing.T) {
	onServers(t, func(t *testing.T, config *iotdbdriver.Config, db *sql.DB) {
		put := func(i, l driver.Column) {
			t.Helper()
			if err := insert(db, driver.Tablet{Table: "o", Times: moments(2), Columns: []driver.TabletColumn{
				{Name: "tg", Category: "TAG", Column: driver.ColumnOf([]string{"a", "a"})}, {Name: "i", Column: i}, {Name: "l", Column: l},
			}}); err != nil {
				t.Fatal(err)
			}
		}
		put(driver.ColumnOf([]int32{1, 2}), driver.ColumnOf([]int64{10, 20}))
		put(driver.ColumnOf([]int32{3, 4}).WithStates([]driver.State{driver.Null, driver.Given}),
			driver.ColumnOf([]int64{30, 40}).WithStates([]driver.State{driver.Given, driver.Unchanged}))
		same(t, read(t, db, "select i, l from o order by time"), "1|30", "4|20")
	})
}

// TestTabletUnsorted: rows out of order and twice.
func TestTabletUnsorted(t *testing.T) {
	onServers(t, func(t *testing.T, config *iotdbdriver.Config, db *sql.DB) {
		at := moments(3)
		if err := insert(db, driver.Tablet{Table: "u", Times: []time.Time{at[2], at[0], at[1], at[0]}, Columns: []driver.TabletColumn{
			{Name: "i", Column: driver.ColumnOf([]int32{2, 0, 1, 7})},
		}}); err != nil {
			t.Fatal(err)
		}
		same(t, read(t, db, "select i from u order by time"), "7", "1", "2")
	})
}

// TestTabletPartialWrite: a column of another type is left out, the rows are in, and the
// error says so.
func TestTabletPartialWrite(t *testing.T) {
	onServers(t, func(t *testing.T, config *iotdbdriver.Config, db *sql.DB) {
		exec(t, db, "create table p (tg string tag, i int32, l int64, d double)")
		err := insert(db, driver.Tablet{Table: "p", Times: moments(2), Columns: []driver.TabletColumn{
			{Name: "tg", Category: "TAG", Column: driver.ColumnOf([]string{"a", "b"})},
			{Name: "I", Column: driver.ColumnOf([]float64{1, 2})},
			{Name: "l", Column: driver.ColumnOf([]bool{true, false})},
			{Name: "d", Column: driver.ColumnOf([]float64{1.5, 2.5})},
		}})
		var partial *iotdbdriver.PartialWriteError
		if !errors.As(err, &partial) || partial.Rows != 2 || !reflect.DeepEqual(partial.Columns, []string{"I", "l"}) {
			t.Fatalf("%#v", err)
		}
		if !errors.Is(err, driver.ErrData) || iotdbdriver.Code(err) != iotdbdriver.CodeMetadata {
			t.Errorf("kind and code of %v", err)
		}
		same(t, read(t, db, "select tg, i, l, d from p order by time"), "a|<nil>|<nil>|1.5", "b|<nil>|<nil>|2.5")

		// Refused as a whole.
		for name, column := range map[string]driver.TabletColumn{
			"category": {Name: "tg", Column: driver.ColumnOf([]string{"x"})},
			"tag":      {Name: "i", Category: "TAG", Column: driver.ColumnOf([]string{"x"})},
		} {
			err := insert(db, driver.Tablet{Table: "p", Times: moments(1), Columns: []driver.TabletColumn{column, {Name: "d", Column: driver.ColumnOf([]float64{9})}}})
			if err == nil || errors.As(err, &partial) || iotdbdriver.Code(err) != iotdbdriver.CodeColumnCategory {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := read(t, db, "select d from p where d = 9"); len(got) != 0 {
			t.Errorf("of a tablet that was refused %q is in", got)
		}
	})
}

// TestTabletChecked: what is wrong is found before anything is sent.
func TestTabletChecked(t *testing.T) {
	srv := iotdbtest.NewServer(iotdbtest.WithDatabase("d"))
	defer srv.Close()
	config, err := iotdbdriver.ParseDSN(srv.DSN("d"))
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, config)
	if err := db.Ping(); err != nil {
		t.Fatal(err)
	}
	one := driver.TabletColumn{Name: "i", Column: driver.ColumnOf([]int32{1})}
	with := func(change func(*driver.TabletColumn)) []driver.TabletColumn {
		c := one
		change(&c)
		return []driver.TabletColumn{c}
	}
	for name, test := range map[string]struct {
		tablet driver.Tablet
		kind   error
	}{
		"no table":         {driver.Tablet{Times: moments(1), Columns: []driver.TabletColumn{one}}, driver.ErrInterface},
		"table of another": {driver.Tablet{Table: "d.t", Times: moments(1), Columns: []driver.TabletColumn{one}}, driver.ErrInterface},
		"no columns":       {driver.Tablet{Table: "t", Times: moments(1)}, driver.ErrInterface},
		"too few times":    {driver.Tablet{Table: "t", Columns: []driver.TabletColumn{one}}, driver.ErrInterface},
		"twice":            {driver.Tablet{Table: "t", Times: moments(1), Columns: []driver.TabletColumn{one, {Name: "I", Column: one.Column}}}, driver.ErrInterface},
		"time too late":    {driver.Tablet{Table: "t", Times: []time.Time{time.Unix(1<<60, 0)}, Columns: []driver.TabletColumn{one}}, driver.ErrOverflow},
		"no name":          {driver.Tablet{Table: "t", Times: moments(1), Columns: with(func(c *driver.TabletColumn) { c.Name = "" })}, driver.ErrInterface},
		"time":             {driver.Tablet{Table: "t", Times: moments(1), Columns: with(func(c *driver.TabletColumn) { c.Name = "Time" })}, driver.ErrInterface},
		"no category":      {driver.Tablet{Table: "t", Times: moments(1), Columns: with(func(c *driver.TabletColumn) { c.Category = "KEY" })}, driver.ErrInterface},
		"no type":          {driver.Tablet{Table: "t", Times: moments(1), Columns: with(func(c *driver.TabletColumn) { c.DatabaseType = "VARCHAR" })}, driver.ErrInterface},
		"tag of INT32":     {driver.Tablet{Table: "t", Times: moments(1), Columns: with(func(c *driver.TabletColumn) { c.Category = "TAG" })}, driver.ErrInterface},
		"no slice":         {driver.Tablet{Table: "t", Times: moments(1), Columns: with(func(c *driver.TabletColumn) { c.Column.Values = 1 })}, driver.ErrInterface},
		"untyped":          {driver.Tablet{Table: "t", Times: moments(1), Columns: with(func(c *driver.TabletColumn) { c.Column = driver.ColumnOf([]any{1}) })}, driver.ErrInterface},
		"misfit":           {driver.Tablet{Table: "t", Times: moments(1), Columns: with(func(c *driver.TabletColumn) { c.DatabaseType = "BOOLEAN" })}, driver.ErrData},
		"no day": {driver.Tablet{Table: "t", Times: moments(1), Columns: with(func(c *driver.TabletColumn) {
			c.DatabaseType, c.Column = "DATE", driver.ColumnOf([]int32{20230229})
		})}, driver.ErrData},
		"no Date": {driver.Tablet{Table: "t", Times: moments(1), Columns: with(func(c *driver.TabletColumn) {
			c.Column = driver.ColumnOf([]iotdbdriver.Date{{Year: 2023, Month: 2, Day: 29}})
		})}, driver.ErrData},
		"overflow": {driver.Tablet{Table: "t", Times: moments(1), Columns: with(func(c *driver.TabletColumn) {
			c.DatabaseType, c.Column = "INT32", driver.ColumnOf([]int64{1 << 40})
		})}, driver.ErrOverflow},
	} {
		err := insert(db, test.tablet)
		if !errors.Is(err, test.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := insert(db, driver.Tablet{Table: "t", Columns: []driver.TabletColumn{{Name: "i", Column: driver.ColumnOf([]int32{})}}}); err != nil {
		t.Errorf("a tablet of no rows: %v", err)
	}
	for _, s := range srv.Statements() {
		if s.Action == "tablet" {
			t.Errorf("a tablet of %s was sent", s.SQL)
		}
	}
}

// TestCheckTables: with the switch a misspelt table or column is an error, without it a
// new one.
func TestCheckTables(t *testing.T) {
	onServers(t, func(t *testing.T, config *iotdbdriver.Config, db *sql.DB) {
		exec(t, db, "create table readings (tg string tag, i int32)")
		checked := config.Clone()
		checked.CheckTables = true
		careful := open(t, checked)
		tablet := func(table, column string, values any) driver.Tablet {
			return driver.Tablet{Table: table, Times: moments(1), Columns: []driver.TabletColumn{
				{Name: "tg", Category: "TAG", Column: driver.ColumnOf([]string{"a"})}, {Name: column, Column: driver.Column{Values: values}},
			}}
		}
		err := insert(careful, tablet("raedings", "i", []int32{1}))
		if iotdbdriver.Code(err) != iotdbdriver.CodeUnknownTable || !errors.Is(err, driver.ErrProgramming) {
			t.Errorf("a misspelt table: %v", err)
		}
		for _, bad := range []driver.Tablet{tablet("readings", "j", []int32{1}), tablet("readings", "i", []string{"x"})} {
			if err := insert(careful, bad); !errors.Is(err, driver.ErrProgramming) {
				t.Errorf("column %s: %v", bad.Columns[1].Name, err)
			}
		}
		for range 2 {
			if err := insert(careful, tablet("READINGS", "i", []int32{1})); err != nil {
				t.Error(err)
			}
		}
		exec(t, db, "alter table readings add column later int32")
		if err := insert(careful, tablet("readings", "later", []int32{1})); err != nil {
			t.Errorf("a column that came later: %v", err)
		}
		same(t, read(t, db, "show tables"), "readings|INF")
		if err := insert(db, tablet("raedings", "i", []int32{1})); err != nil {
			t.Error(err)
		}
		same(t, read(t, db, "show tables"), "raedings|INF", "readings|INF")
	})
}

func TestTablets(t *testing.T) {
	onServers(t, func(t *testing.T, config *iotdbdriver.Config, db *sql.DB) {
		tablet := func(table string, values any) driver.Tablet {
			return driver.Tablet{Table: table, Times: moments(1), Columns: []driver.TabletColumn{{Name: "i", Column: driver.Column{Values: values}}}}
		}
		if err := insert(db, tablet("a", []int32{1}), tablet("b", []int32{2})); err != nil {
			t.Fatal(err)
		}
		err := insert(db, tablet("a", []int32{3}), tablet("b", []string{"x"}), tablet("c", []int32{4}))
		var several *iotdbdriver.TabletsError
		var partial *iotdbdriver.PartialWriteError
		if !errors.As(err, &several) || several.Written != 1 || several.Failed != 1 || !errors.As(err, &partial) {
			t.Errorf("%v", err)
		}
		same(t, read(t, db, "show tables"), "a|INF", "b|INF")
		same(t, read(t, db, "select i from a"), "3")
	})
}

// TestTabletRedirected: advice where a tablet should have gone is none of the caller's
// errors.
func TestTabletRedirected(t *testing.T) {
	srv := iotdbtest.NewServer(iotdbtest.WithDatabase("d"))
	defer srv.Close()
	config, err := iotdbdriver.ParseDSN(srv.DSN("d"))
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, config)
	rule := srv.Fault(iotdbtest.On{}, iotdbtest.Redirect("127.0.0.1:1"))
	if err := insert(db, driver.Tablet{Table: "r", Times: moments(3), Columns: []driver.TabletColumn{{Name: "i", Column: driver.ColumnOf([]int32{1, 2, 3})}}}); err != nil {
		t.Fatal(err)
	}
	if rule.Hits() != 1 || srv.Executed("r") < 1 {
		t.Error("the tablet was not redirected")
	}
	same(t, read(t, db, "select count(*) from r"), "3")
}

// TestTabletNeverTwice: a tablet whose reply is lost was sent once, and the error says
// that it may be in.
func TestTabletNeverTwice(t *testing.T) {
	for _, fault := range []iotdbtest.Fault{iotdbtest.DropBefore, iotdbtest.DropAfter, iotdbtest.HalfBody, iotdbtest.Corrupt} {
		t.Run(fault.String(), func(t *testing.T) {
			srv := iotdbtest.NewServer(iotdbtest.WithDatabase("d"))
			defer srv.Close()
			config, err := iotdbdriver.ParseDSN(srv.DSN("d"))
			if err != nil {
				t.Fatal(err)
			}
			db := open(t, config)
			rule := srv.Fault(iotdbtest.On{Action: "tablet", Times: 1}, fault)
			tablet := driver.Tablet{Table: "lost_once", Times: moments(1), Columns: []driver.TabletColumn{{Name: "i", Column: driver.ColumnOf([]int32{1})}}}
			err = insert(db, tablet)
			var e *driver.Error
			if !errors.As(err, &e) || !e.OutcomeUnknown || rule.Hits() != 1 {
				t.Errorf("%v", err)
			}
			if n := srv.Executed("lost_once"); n > 1 {
				t.Errorf("executed %d times", n)
			}
			if err := insert(db, tablet); err != nil {
				t.Errorf("the pool has not recovered: %v", err)
			}
		})
	}
}

// TestTabletCancel: the call is back when its context is.
func TestTabletCancel(t *testing.T) {
	srv := iotdbtest.NewServer(iotdbtest.WithDatabase("d"))
	defer srv.Close()
	config, err := iotdbdriver.ParseDSN(srv.DSN("d"))
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, config)
	rule := srv.Fault(iotdbtest.On{Action: "tablet"}, iotdbtest.LoseReply)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-rule.Hit()
		cancel()
	}()
	err = driver.WithDB(ctx, db, func(i driver.TabletInserter) error {
		return i.InsertTablet(ctx, driver.Tablet{Table: "c", Times: moments(1), Columns: []driver.TabletColumn{{Name: "i", Column: driver.ColumnOf([]int32{1})}}})
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if n := db.Stats().OpenConnections; n != 0 {
		t.Errorf("%d connections are left", n)
	}
}
