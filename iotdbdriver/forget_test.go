package iotdbdriver_test

import (
	"database/sql"
	"errors"
	"reflect"
	"testing"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest"
)

// checking is a pool with check_tables that has seen the table t.
func checking(t *testing.T) (*iotdbtest.Server, *sql.DB, driver.Tablet) {
	t.Helper()
	srv, db := embedded(t, func(c *iotdbdriver.Config) { c.CheckTables = true })
	exec(t, db, "CREATE TABLE t (tg STRING TAG, i INT32)")
	tablet := driver.Tablet{Table: "t", Times: moments(1), Columns: []driver.TabletColumn{
		{Name: "tg", Category: "TAG", Column: driver.ColumnOf([]string{"a"})}, {Name: "i", Column: driver.ColumnOf([]int32{1})},
	}}
	for range 2 {
		put(t, db, tablet)
	}
	if n := srv.Executed("DESC"); n != 1 {
		t.Fatalf("the table was asked for %d times", n)
	}
	return srv, db, tablet
}

// TestCheckTablesForgets: a table that the pool itself has dropped or altered is looked
// for again, and not made anew by a tablet.
func TestCheckTablesForgets(t *testing.T) {
	for statement, code := range map[string]int{
		"DROP TABLE t":                              iotdbdriver.CodeUnknownTable,
		"  drop table if exists db.T;":              iotdbdriver.CodeUnknownTable,
		"/* away */ -- with it\n\tDrop Table \"t\"": iotdbdriver.CodeUnknownTable,
		"ALTER TABLE t DROP COLUMN i":               0,
		"alter table if exists t drop column i":     0,
	} {
		t.Run(statement, func(t *testing.T) {
			srv, db, tablet := checking(t)
			exec(t, db, statement)
			if err := insert(db, tablet); !errors.Is(err, driver.ErrProgramming) || iotdbdriver.Code(err) != code {
				t.Errorf("%v", err)
			}
			if n := srv.Executed("DESC"); n != 2 {
				t.Errorf("the table was asked for %d times", n)
			}
		})
	}
	t.Run("DROP DATABASE", func(t *testing.T) {
		_, db, tablet := checking(t)
		exec(t, db, " DROP /* all */ DATABASE db")
		exec(t, db, "CREATE DATABASE db")
		if err := insert(db, tablet); iotdbdriver.Code(err) != iotdbdriver.CodeUnknownTable {
			t.Errorf("%v", err)
		}
	})
}

// TestCheckTablesLearns: a write that fails because the table is not there, or not as it
// was, makes the next one look.
func TestCheckTablesLearns(t *testing.T) {
	for _, code := range []int{iotdbdriver.CodeUnknownTable, iotdbdriver.CodeUnknownColumn} {
		for action, write := range map[string]func(*sql.DB, driver.Tablet) error{
			"tablet": func(db *sql.DB, tablet driver.Tablet) error { return insert(db, tablet) },
			"query": func(db *sql.DB, _ driver.Tablet) error {
				_, err := db.Exec("INSERT INTO t (time, tg, i) VALUES (1, 'a', 1)")
				return err
			},
		} {
			srv, db, tablet := checking(t)
			srv.Fault(iotdbtest.On{Action: action, Times: 1}, iotdbtest.ErrorCode(code, "not there"))
			if err := write(db, tablet); iotdbdriver.Code(err) != code {
				t.Fatal(err)
			}
			put(t, db, tablet)
			if n := srv.Executed("DESC"); n != 2 {
				t.Errorf("%s, %d: the table was asked for %d times", action, code, n)
			}
		}
	}
}

// TestTreePartialWrite: letter case tells the series of a device apart.
func TestTreePartialWrite(t *testing.T) {
	onTrees(t, func(t *testing.T, db *sql.DB, root string) {
		exec(t, db, "create timeseries "+root+".d.S INT32")
		err := insert(db, driver.Tablet{Table: root + ".d", Times: moments(1), Columns: []driver.TabletColumn{
			{Name: "s", Column: driver.ColumnOf([]float64{1.5})},
			{Name: "S", Column: driver.ColumnOf([]bool{true})},
		}})
		var partial *iotdbdriver.PartialWriteError
		if !errors.As(err, &partial) || !reflect.DeepEqual(partial.Columns, []string{"S"}) {
			t.Errorf("%v", err)
		}
		same(t, read(t, db, "select s from "+root+".d"), moments(1)[0].Format("2006-01-02T15:04:05Z07:00")+"|1.5")
	})
}
