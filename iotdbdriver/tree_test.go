package iotdbdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest"
)

// onTrees runs a test on the tree model of the embedded server and of the real ones that
// are named, with a database of its own.
func onTrees(t *testing.T, test func(t *testing.T, db *sql.DB, root string)) {
	run := func(t *testing.T, dsn string) {
		config, err := iotdbdriver.ParseDSN(dsn)
		if err != nil {
			t.Fatal(err)
		}
		config.Dialect, config.Database = iotdbdriver.Tree, ""
		db := open(t, config)
		root := fmt.Sprintf("root.gc%x_%d", time.Now().UnixMicro(), databases.Add(1))
		exec(t, db, "create database "+root)
		t.Cleanup(func() { exec(t, db, "delete database "+root) })
		test(t, db, root)
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

// TestTreeTablets: devices, aligned and not, one and several.
func TestTreeTablets(t *testing.T) {
	onTrees(t, func(t *testing.T, db *sql.DB, root string) {
		tablet := func(device string, aligned bool, values any) driver.Tablet {
			return driver.Tablet{Table: root + "." + device, Times: moments(2), Aligned: aligned, Columns: []driver.TabletColumn{
				{Name: "I", Column: driver.Column{Values: values}}, {Name: "x", Column: driver.ColumnOf([]string{"a", "b"})},
			}}
		}
		if err := insert(db, tablet("one", false, []int32{1, 2})); err != nil {
			t.Fatal(err)
		}
		same(t, read(t, db, "select I, x from "+root+".one"), "2024-05-01T12:00:00Z|1|a", "2024-05-01T12:00:01Z|2|b")
		if err := insert(db, tablet("two", true, []int32{1, 2}), tablet("three", true, []int32{3, 4})); err != nil {
			t.Fatal(err)
		}
		same(t, read(t, db, "select I from "+root+".three"), "2024-05-01T12:00:00Z|3", "2024-05-01T12:00:01Z|4")
		err := insert(db, tablet("one", false, []string{"x", "y"}))
		var partial *iotdbdriver.PartialWriteError
		if !errors.As(err, &partial) || len(partial.Columns) != 1 || partial.Columns[0] != "I" {
			t.Errorf("%v", err)
		}
		for name, bad := range map[string]string{"no path": "one", "empty": ""} {
			if err := insert(db, driver.Tablet{Table: bad, Times: moments(2), Columns: tablet("one", false, []int32{1, 2}).Columns}); !errors.Is(err, driver.ErrInterface) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestTreeRecords(t *testing.T) {
	onTrees(t, func(t *testing.T, db *sql.DB, root string) {
		record := func(device string, second int, name string, v any) iotdbdriver.Record {
			return iotdbdriver.Record{Table: root + "." + device, Time: epoch.Add(time.Duration(second) * time.Second),
				Values: []iotdbdriver.RecordValue{{Name: name, Value: v}}}
		}
		if err := insertRecords(db, record("d1", 0, "v", 1.5)); err != nil {
			t.Fatal(err)
		}
		if err := insertRecords(db, record("d1", 1, "v", 2.5), record("d2", 1, "w", "text")); err != nil {
			t.Fatal(err)
		}
		same(t, read(t, db, "select v from "+root+".d1"), "2024-05-01T12:00:00Z|1.5", "2024-05-01T12:00:01Z|2.5")
		same(t, read(t, db, "select w from "+root+".d2"), "2024-05-01T12:00:01Z|text")
	})
}

func TestTreeAppender(t *testing.T) {
	onTrees(t, func(t *testing.T, db *sql.DB, root string) {
		exec(t, db, "create timeseries "+root+".d1.v DOUBLE")
		exec(t, db, "create aligned timeseries "+root+".d2 (v DOUBLE)")
		appending(t, db, driver.AppendOptions{Columns: []string{"time", "v"}}, func(ctx context.Context, a driver.Appender) {
			for i, at := range moments(4) {
				if err := a.AppendTo(ctx, fmt.Sprintf("%s.d%d", root, i/2+1), nil, at, i); err != nil {
					t.Fatal(err)
				}
			}
			if err := a.AppendTo(ctx, root+".d3", nil, epoch, 1.5); !errors.Is(err, driver.ErrProgramming) {
				t.Errorf("a series that does not exist: %v", err)
			}
		})
		same(t, read(t, db, "select v from "+root+".d1"), "2024-05-01T12:00:00Z|0", "2024-05-01T12:00:01Z|1")
		same(t, read(t, db, "select v from "+root+".d2"), "2024-05-01T12:00:02Z|2", "2024-05-01T12:00:03Z|3")
	})
}

// TestTreeNamesByCase: the tree model tells measurements apart by letter case, so an
// appender and a tablet do.
func TestTreeNamesByCase(t *testing.T) {
	onTrees(t, func(t *testing.T, db *sql.DB, root string) {
		device := root + ".d"
		exec(t, db, "create timeseries "+device+".S int32")
		exec(t, db, "create timeseries "+device+".s int32")
		ctx := context.Background()
		c, err := db.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for i, names := range [][]string{{"time", "s"}, {"time", "S"}, {"time", "s", "S"}} {
			err = driver.With(c, func(o driver.AppenderOpener) error {
				a, err := o.OpenAppender(ctx, driver.AppendOptions{Table: device, Columns: names})
				if err != nil {
					return err
				}
				row := []any{int64(i)}
				for n := range names[1:] {
					row = append(row, 10*i+n)
				}
				return errors.Join(a.Append(ctx, row...), a.Close(ctx))
			})
			if err != nil {
				t.Fatalf("%v: %v", names, err)
			}
		}
		same(t, read(t, db, "select s, S from "+device), "1970-01-01T00:00:00Z|0|<nil>", "1970-01-01T00:00:00.001Z|<nil>|10", "1970-01-01T00:00:00.002Z|20|21")
		if err := insert(db, driver.Tablet{Table: device, Times: moments(1), Columns: []driver.TabletColumn{
			{Name: "s", Column: driver.ColumnOf([]int32{7})}, {Name: "S", Column: driver.ColumnOf([]int32{8})},
		}}); err != nil {
			t.Fatal(err)
		}
		same(t, read(t, db, "select s, S from "+device+" where time >= 2024-05-01T00:00:00"), "2024-05-01T12:00:00Z|7|8")
	})
}
