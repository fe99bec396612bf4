//go:build !race

package taosdriver_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
)

// mallocs returns how often f allocates.
func mallocs(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}

// TestAppenderAllocations: a row costs at most 0.05 allocations, whether it comes
// as values, behind pointers that stay the same, or in columns.
func TestAppenderAllocations(t *testing.T) {
	const (
		tables = 20
		rows   = 40_000
		most   = rows / 20
	)
	config, err := taosdriver.ParseDSN(startApart(t))
	if err != nil {
		t.Fatal(err)
	}
	db := openConfig(t, config)
	exec(t, db, "create database load")
	exec(t, db, "create stable load.m (ts timestamp, i int, d double, s varchar(16)) tags (g int)")
	names := make([]string, tables)
	for i := range names {
		names[i] = fmt.Sprint("t", i)
	}
	with(t, reserve(t, db), func(o driver.AppenderOpener) {
		start := moment(0)
		a := appendTo(t, o, driver.AppendOptions{Table: "load.m"})
		ts, i, d, s := start, int32(0), 0.5, "sixteen letters."
		row := []any{&ts, &i, &d, &s}
		tags := []any{1}
		got := mallocs(func() {
			for n := range rows {
				ts, i = start.Add(time.Duration(n)*time.Millisecond), int32(n)
				if err := a.AppendTo(background, names[n%tables], tags, row...); err != nil {
					t.Fatal(err)
				}
			}
			if err := a.Flush(background); err != nil {
				t.Fatal(err)
			}
		})
		t.Logf("%d allocations for %d rows behind pointers", got, rows)
		if got > most {
			t.Errorf("%d allocations for %d rows behind pointers", got, rows)
		}

		at, is, ds, ss := make([]time.Time, rows/tables), make([]int32, rows/tables), make([]float64, rows/tables), make([]string, rows/tables)
		for n := range at {
			at[n], is[n], ds[n], ss[n] = start.Add(time.Duration(n)*time.Millisecond), int32(n), float64(n), s
		}
		columns := []driver.Column{driver.ColumnOf(at), driver.ColumnOf(is), driver.ColumnOf(ds), driver.ColumnOf(ss)}
		got = mallocs(func() {
			for _, name := range names {
				if err := a.AppendTable(background, driver.BindTable{Name: name, Tags: tags, Columns: columns}); err != nil {
					t.Fatal(err)
				}
			}
			if err := a.Close(background); err != nil {
				t.Fatal(err)
			}
		})
		t.Logf("%d allocations for %d rows in columns", got, rows)
		if got > most {
			t.Errorf("%d allocations for %d rows in columns", got, rows)
		}
		if a.Written() != 2*rows {
			t.Error(a.Written())
		}
	})
	if n := one[int](t, db, "select count(*) from load.m"); n < rows {
		t.Error(n)
	}
}
