package main

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/apache/iotdb-client-go/v2/client"

	"github.com/gaugesql/gaugesql/driver"
	_ "github.com/gaugesql/gaugesql/iotdbdriver"
)

const (
	database = "gaugesql_bench"
	query    = "SELECT time, device, n, v, note FROM rows"
	ddl      = "(device STRING TAG, n INT32, v DOUBLE, note TEXT)"
)

// subject is something that is measured.
type subject struct {
	name string
	// measure reads or writes so many rows.
	measure func(addr string, rows int) (figures, error)
	// peer is the subject that it is compared with, empty for none.
	peer string
}

var subjects = []subject{
	{"gaugesql, SELECT", selectOurs, "iotdb-client-go, SELECT"},
	{"iotdb-client-go, SELECT", selectOfficial, ""},
	{"gaugesql, Appender by row", insertRows, "iotdb-client-go, tablets"},
	{"gaugesql, Appender by column", insertColumns, "iotdb-client-go, tablets"},
	{"iotdb-client-go, tablets", insertOfficial, ""},
}

// figures are what a run cost this process.
type figures struct {
	Rows          int
	CPU, Wall     time.Duration
	Allocs, Bytes uint64
}

// count runs f, which works on n rows, and counts what it costs.
func count(n int, f func() error) (figures, error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpuBefore, began := cpu(), time.Now()
	err := f()
	out := figures{Rows: n, CPU: cpu() - cpuBefore, Wall: time.Since(began)}
	runtime.ReadMemStats(&after)
	out.Allocs, out.Bytes = after.Mallocs-before.Mallocs, after.TotalAlloc-before.TotalAlloc
	return out, err
}

// cpu is the processor time of this process so far, all of its threads.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func ours(addr, database string) (*sql.DB, error) {
	db, err := sql.Open("iotdb", "iotdb://root:root@"+addr+"/"+database+"?query_timeout=10m")
	if err == nil {
		db.SetMaxOpenConns(1)
		err = db.Ping()
	}
	return db, err
}

func official(addr string) (client.ITableSession, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	return client.NewTableSession(&client.Config{
		Host: host, Port: port, UserName: "root", Password: "root", Database: database, FetchSize: 5000, TimeZone: "UTC",
	}, false, 10_000)
}

// row is row n of the table.
func row(n int) (device string, v float64, note string) {
	return fmt.Sprintf("device-%03d", n%100), float64(n) / 7, notes[n%len(notes)]
}

var notes = func() (list []string) {
	for n := range 16 {
		list = append(list, strings.Repeat("note ", n/4)+fmt.Sprint(n))
	}
	return list
}()

// prepare makes the table that is read, unless it is there with as many rows.
func prepare(addr string, rows int) error {
	ctx := context.Background()
	db, err := ours(addr, "")
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS "+database); err != nil {
		return err
	}
	if db, err = ours(addr, database); err != nil {
		return err
	}
	defer db.Close()
	var there int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM rows").Scan(&there); err == nil && there == rows {
		return nil
	}
	for _, statement := range []string{"DROP TABLE IF EXISTS rows", "CREATE TABLE rows " + ddl} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return load(ctx, db, "rows", rows)
}

// load writes rows by the driver's Appender.
func load(ctx context.Context, db *sql.DB, table string, rows int) error {
	return driver.WithDB(ctx, db, func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(ctx, driver.AppendOptions{Table: table, Columns: []string{"time", "device", "n", "v", "note"}})
		if err != nil {
			return err
		}
		for n := range rows {
			device, v, note := row(n)
			if err := a.Append(ctx, int64(n), device, int32(n), v, note); err != nil {
				return err
			}
		}
		return a.Close(ctx)
	})
}

func selectOurs(addr string, rows int) (figures, error) {
	db, err := ours(addr, database)
	if err != nil {
		return figures{}, err
	}
	defer db.Close()
	return count(rows, func() error {
		result, err := db.Query(query)
		if err != nil {
			return err
		}
		defer result.Close()
		var at time.Time
		var device, note string
		var n int64
		var v float64
		var got int
		var sum int64
		for ; result.Next(); got++ {
			if err := result.Scan(&at, &device, &n, &v, &note); err != nil {
				return err
			}
			sum += n
		}
		if err := result.Err(); err != nil {
			return err
		}
		return right(rows, got, sum)
	})
}

func selectOfficial(addr string, rows int) (figures, error) {
	session, err := official(addr)
	if err != nil {
		return figures{}, err
	}
	defer session.Close()
	return count(rows, func() error {
		timeout := int64(600_000)
		result, err := session.ExecuteQueryStatement(query, &timeout)
		if err != nil {
			return err
		}
		defer result.Close()
		var got int
		var sum int64
		for ; ; got++ {
			more, err := result.Next()
			if err != nil {
				return err
			}
			if !more {
				return right(rows, got, sum)
			}
			if _, err := result.GetTimestampByIndex(1); err != nil {
				return err
			}
			if _, err := result.GetStringByIndex(2); err != nil {
				return err
			}
			n, err := result.GetIntByIndex(3)
			if err != nil {
				return err
			}
			if _, err := result.GetDoubleByIndex(4); err != nil {
				return err
			}
			if _, err := result.GetStringByIndex(5); err != nil {
				return err
			}
			sum += int64(n)
		}
	})
}

// right compares the number of rows and the sum of their numbers.
func right(rows, got int, sum int64) error {
	if want := int64(rows) * int64(rows-1) / 2; got != rows || sum != want {
		return fmt.Errorf("%d rows with the sum %d, want %d with %d", got, sum, rows, want)
	}
	return nil
}
