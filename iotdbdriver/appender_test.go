package iotdbdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest"
)

// appending runs f with an appender, which f need not close.
func appending(t *testing.T, db *sql.DB, options driver.AppendOptions, f func(ctx context.Context, a driver.Appender)) {
	t.Helper()
	ctx := context.Background()
	err := driver.WithDB(ctx, db, func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(ctx, options)
		if err != nil {
			return err
		}
		f(ctx, a)
		return a.Close(ctx)
	})
	if err != nil {
		t.Errorf("appender: %v", err)
	}
}

func TestAppender(t *testing.T) {
	onServers(t, func(t *testing.T, config *iotdbdriver.Config, db *sql.DB) {
		exec(t, db, "create table m (tg string tag, at string attribute, i int32, d double, x text)")
		exec(t, db, "create table n (tg string tag, i int32)")
		ctx := context.Background()
		// All columns, in the table's order.
		appending(t, db, driver.AppendOptions{Table: "m", BatchRows: 2}, func(ctx context.Context, a driver.Appender) {
			for i, at := range moments(5) {
				if err := a.Append(ctx, at, "a", "attr", i, float64(i)/2, nil); err != nil {
					t.Fatal(err)
				}
			}
			if a.Written() != 4 {
				t.Errorf("%d rows are written", a.Written())
			}
			if err := a.Append(ctx, epoch, "a", "attr", "text", 1.5, nil); !errors.Is(err, driver.ErrData) {
				t.Errorf("a text for an INT32: %v", err)
			}
			if err := a.Append(ctx, epoch, "a"); !errors.Is(err, driver.ErrProgramming) {
				t.Errorf("two values: %v", err)
			}
			if err := a.Flush(ctx); err != nil || a.Written() != 5 {
				t.Errorf("%d rows are written, %v", a.Written(), err)
			}
		})
		same(t, read(t, db, "select time, tg, at, i, d, x from m order by time limit 2"),
			"2024-05-01T12:00:00Z|a|attr|0|0|<nil>", "2024-05-01T12:00:01Z|a|attr|1|0.5|<nil>")
		// Columns and tags by name, another table in between.
		appending(t, db, driver.AppendOptions{Columns: []string{"I", "time"}, Tags: []string{"tg"}}, func(ctx context.Context, a driver.Appender) {
			for i, table := range []string{"m", "n", "m"} {
				if err := a.AppendTo(ctx, table, []any{"b"}, i, epoch.Add(time.Duration(i)*time.Hour)); err != nil {
					t.Fatal(err)
				}
			}
			err := a.AppendTable(ctx, driver.BindTable{Name: "n", Tags: []any{"c"}, Columns: []driver.Column{
				driver.NullColumnOf([]sql.Null[int64]{{V: 7, Valid: true}, {}}), driver.ColumnOf(moments(2)),
			}})
			if err != nil {
				t.Error(err)
			}
			if err := a.AppendTo(ctx, "nosuch", nil, 1, epoch); iotdbdriver.Code(err) != iotdbdriver.CodeUnknownTable {
				t.Errorf("a table that does not exist: %v", err)
			}
			if err := a.Append(ctx, 1, epoch); !errors.Is(err, driver.ErrInterface) {
				t.Errorf("no table: %v", err)
			}
		})
		same(t, read(t, db, "select tg, i from m where tg = 'b' order by time"), "b|0", "b|2")
		same(t, read(t, db, "select tg, i from n order by tg, time"), "b|1", "c|7", "c|<nil>")
		same(t, read(t, db, "show tables"), "m|INF", "n|INF")

		for name, options := range map[string]driver.AppendOptions{
			"no table":  {Table: "nosuch"},
			"no column": {Table: "m", Columns: []string{"time", "nosuch"}},
			"no time":   {Table: "m", Columns: []string{"i"}},
			"only time": {Table: "m", Columns: []string{"time"}},
			"twice":     {Table: "m", Columns: []string{"time", "i", "I"}},
			"field":     {Table: "m", Columns: []string{"time", "d"}, Tags: []string{"i"}},
			"negative":  {Table: "m", BatchRows: -1},
			"dot":       {Table: "d.m"},
		} {
			err := driver.WithDB(ctx, db, func(o driver.AppenderOpener) error {
				_, err := o.OpenAppender(ctx, options)
				return err
			})
			if !errors.Is(err, driver.ErrProgramming) && !errors.Is(err, driver.ErrInterface) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestAppendColumns: more rows than a batch has, as slices.
func TestAppendColumns(t *testing.T) {
	onServers(t, func(t *testing.T, config *iotdbdriver.Config, db *sql.DB) {
		exec(t, db, "create table c (tg string tag, l int64)")
		const n = 2500
		tags, values, times := make([]string, n), make([]int64, n), make([]int64, n)
		for i := range n {
			tags[i], values[i], times[i] = "x", int64(i), int64(i)
		}
		appending(t, db, driver.AppendOptions{Table: "c", BatchRows: 1000}, func(ctx context.Context, a driver.Appender) {
			for range 2 { // the second overwrites the first
				if err := a.AppendColumns(ctx, driver.ColumnOf(times), driver.ColumnOf(tags), driver.ColumnOf(values)); err != nil {
					t.Fatal(err)
				}
			}
			if err := a.AppendColumns(ctx, driver.ColumnOf(times[:1]), driver.ColumnOf(tags), driver.ColumnOf(values)); !errors.Is(err, driver.ErrInterface) {
				t.Errorf("columns of different lengths: %v", err)
			}
			if err := a.AppendColumns(ctx, driver.ColumnOf(times[:1]), driver.ColumnOf([]bool{true}), driver.ColumnOf(values[:1])); !errors.Is(err, driver.ErrData) {
				t.Errorf("bools for a tag: %v", err)
			}
			if err := a.Flush(ctx); err != nil || a.Written() != 2*n {
				t.Errorf("%d rows, %v", a.Written(), err)
			}
		})
		same(t, read(t, db, "select count(*), max(l), min(l) from c"), "2500|2499|0")
	})
}

// TestAppenderFailure: the error tells which rows are in.
func TestAppenderFailure(t *testing.T) {
	srv := iotdbtest.NewServer(iotdbtest.WithDatabase("d"))
	defer srv.Close()
	config, err := iotdbdriver.ParseDSN(srv.DSN("d"))
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, config)
	exec(t, db, "create table m (i int32)")
	ctx := context.Background()
	fill := func(fault iotdbtest.Fault) *driver.AppendError {
		t.Helper()
		rule := srv.Fault(iotdbtest.On{Action: "tablet", After: 1, Times: 1}, fault)
		defer rule.Remove()
		var failed *driver.AppendError
		_ = driver.WithDB(ctx, db, func(o driver.AppenderOpener) error {
			a, err := o.OpenAppender(ctx, driver.AppendOptions{Table: "m", BatchRows: 10})
			if err != nil {
				return err
			}
			for i := range 30 {
				if err := a.Append(ctx, epoch.Add(time.Duration(i)*time.Second), i); err != nil {
					if !errors.As(err, &failed) {
						t.Errorf("%v", err)
					}
					break
				}
			}
			return nil
		})
		if failed == nil {
			t.Fatal("no batch has failed")
		}
		return failed
	}
	if e := fill(iotdbtest.ErrorCode(606, "write rejected")); e.Written != 10 || e.First != 10 || e.Last != 19 || e.Unknown || iotdbdriver.Code(e) != 606 {
		t.Errorf("refused: %+v", e)
	}
	if e := fill(iotdbtest.DropAfter); e.Written != 10 || e.First != 10 || !e.Unknown {
		t.Errorf("lost: %+v", e)
	}
	tablets := 0
	for _, s := range srv.Statements() {
		if s.Action == "tablet" {
			tablets++
		}
	}
	if tablets != 3 { // one before each failure, and the one whose reply was lost
		t.Errorf("%d tablets were carried out", tablets)
	}
}

func TestAppenderInterval(t *testing.T) {
	srv := iotdbtest.NewServer(iotdbtest.WithDatabase("d"))
	defer srv.Close()
	config, err := iotdbdriver.ParseDSN(srv.DSN("d"))
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, config)
	exec(t, db, "create table m (i int32)")
	appending(t, db, driver.AppendOptions{Table: "m", Interval: time.Nanosecond}, func(ctx context.Context, a driver.Appender) {
		for i, at := range moments(3) {
			if err := a.Append(ctx, at, i); err != nil {
				t.Fatal(err)
			}
		}
		if a.Written() == 0 {
			t.Error("nothing was sent")
		}
	})
}

// TestAppenderLearns: a batch that finds no such table makes the next one look for it.
func TestAppenderLearns(t *testing.T) {
	srv, db := embedded(t, nil)
	exec(t, db, "CREATE TABLE t (i INT32)")
	ctx := context.Background()
	err := driver.WithDB(ctx, db, func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(ctx, driver.AppendOptions{Table: "t", BatchRows: 1})
		if err != nil {
			return err
		}
		srv.Fault(iotdbtest.On{Action: "tablet", Times: 1}, iotdbtest.ErrorCode(iotdbdriver.CodeUnknownTable, "no such table"))
		if err := a.Append(ctx, epoch, 1); iotdbdriver.Code(err) != iotdbdriver.CodeUnknownTable {
			t.Errorf("%v", err)
		}
		return errors.Join(a.Append(ctx, epoch, 1), a.Close(ctx))
	})
	if err != nil {
		t.Error(err)
	}
	if n := srv.Executed("DESC"); n != 2 {
		t.Errorf("the table was asked for %d times", n)
	}
}
