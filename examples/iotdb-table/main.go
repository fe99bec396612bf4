// Command iotdb-table is the example of IoTDB's Python manual in Go: a database with
// two tables, two concurrent writers that share a pool, a query, and the end of it
// all. One writer appends rows, the other writes columns. It runs against an embedded
// server; -dsn names a real one, in which it makes the database gaugesql_db1 and drops
// it:
//
//	go run ./examples/iotdb-table
//	go run ./examples/iotdb-table -dsn iotdb://root:root@127.0.0.1:6667
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest"
)

const database = "gaugesql_db1"

func main() {
	dsn := flag.String("dsn", "", "a real IoTDB in place of the embedded server, without a database")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *dsn); err != nil {
		fmt.Fprintln(os.Stderr, "iotdb-table:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, dsn string) (err error) {
	if dsn == "" {
		server := iotdbtest.NewServer()
		defer server.Close()
		dsn = server.DSN("")
		fmt.Fprintln(out, "An embedded server is running in this process.")
	}
	config, err := iotdbdriver.ParseDSN(dsn)
	if err != nil {
		return err
	}
	if err := prepare(ctx, config); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove(context.WithoutCancel(ctx), out, config)) }()

	// The pool: at most five sessions, all of which begin in the database.
	config = config.Clone()
	config.Database, config.FetchSize = database, 1024
	connector, err := iotdbdriver.NewConnector(config)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	db.SetMaxOpenConns(5)

	if err := tables(ctx, out, db); err != nil {
		return err
	}
	if err := write(ctx, db); err != nil {
		return err
	}
	for table := range 2 {
		if err := show(ctx, out, db, fmt.Sprint("table", table)); err != nil {
			return err
		}
	}
	return mistakes(ctx, out, db)
}

// prepare makes the database, with a connection that has none.
func prepare(ctx context.Context, config *iotdbdriver.Config) error {
	connector, err := iotdbdriver.NewConnector(config)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	_, err = db.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS "+database)
	return err
}

// tables makes the tables and lists them.
func tables(ctx context.Context, out io.Writer, db *sql.DB) error {
	for table := range 2 {
		_, err := db.ExecContext(ctx, fmt.Sprintf("CREATE TABLE table%d (id1 STRING TAG, attr1 STRING ATTRIBUTE, m1 DOUBLE FIELD)", table))
		if err != nil {
			return err
		}
	}
	names, err := column(ctx, db, "SHOW TABLES")
	fmt.Fprintln(out, "The tables are", names)
	return err
}

// column returns the first column of a query, sorted.
func column(ctx context.Context, db *sql.DB, query string) ([]string, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var list []string
	for rows.Next() {
		dest := make([]any, len(columns))
		for i := range dest {
			dest[i] = new(any)
		}
		var name string
		dest[0] = &name
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		list = append(list, name)
	}
	slices.Sort(list)
	return list, rows.Err()
}

// write has two goroutines write at once. Each takes a connection of the pool.
func write(ctx context.Context, db *sql.DB) error {
	var writers sync.WaitGroup
	failures := make([]error, 2)
	for table := range failures {
		writers.Add(1)
		go func() {
			defer writers.Done()
			name := fmt.Sprint("table", table)
			failures[table] = errors.Join(
				driver.WithDB(ctx, db, func(o driver.AppenderOpener) error { return appendRows(ctx, o, name) }),
				driver.WithDB(ctx, db, func(i driver.TabletInserter) error { return insertColumns(ctx, i, name) }),
			)
		}()
	}
	writers.Wait()
	return errors.Join(failures...)
}

// appendRows writes the rows 0 to 14 one by one; they leave as one tablet.
func appendRows(ctx context.Context, o driver.AppenderOpener, table string) error {
	a, err := o.OpenAppender(ctx, driver.AppendOptions{Table: table, Columns: []string{"time", "id1", "attr1", "m1"}})
	if err != nil {
		return err
	}
	for i := range 15 {
		err := a.Append(ctx, time.UnixMilli(int64(i)), fmt.Sprint("id:", i), fmt.Sprint("attr:", i), float64(i))
		if err != nil {
			return err
		}
	}
	return a.Close(ctx)
}

// insertColumns writes the rows 15 to 29 as columns.
func insertColumns(ctx context.Context, i driver.TabletInserter, table string) error {
	const from, rows = 15, 15
	times, values := make([]time.Time, rows), make([]float64, rows)
	ids, attributes := make([]string, rows), make([]string, rows)
	for n := range rows {
		times[n], values[n] = time.UnixMilli(int64(from+n)), float64(from+n)
		ids[n], attributes[n] = fmt.Sprint("id:", from+n), fmt.Sprint("attr:", from+n)
	}
	return i.InsertTablet(ctx, driver.Tablet{Table: table, Times: times, Columns: []driver.TabletColumn{
		{Name: "id1", Category: "TAG", Column: driver.ColumnOf(ids)},
		{Name: "attr1", Category: "ATTRIBUTE", Column: driver.ColumnOf(attributes)},
		{Name: "m1", Category: "FIELD", Column: driver.ColumnOf(values)},
	}})
}

// show prints rows of a table, and what all of them come to.
func show(ctx context.Context, out io.Writer, db *sql.DB, table string) error {
	fmt.Fprintf(out, "\nFrom %s:\n", table)
	rows, err := db.QueryContext(ctx, "SELECT time, id1, attr1, m1 FROM "+table+" WHERE m1 BETWEEN ? AND ? ORDER BY time", 13.5, 16.5)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var at time.Time
		var id, attribute string
		var m1 sql.Null[float64]
		if err := rows.Scan(&at, &id, &attribute, &m1); err != nil {
			return err
		}
		fmt.Fprintf(out, "  %s %s %s %v\n", at.Format("15:04:05.000"), id, attribute, m1.V)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	var count int64
	var sum float64
	if err := db.QueryRowContext(ctx, "SELECT count(*), sum(m1) FROM "+table).Scan(&count, &sum); err != nil {
		return err
	}
	fmt.Fprintf(out, "  %d rows, sum %v\n", count, sum)
	return nil
}

// mistakes shows what the server does with a tablet that is not right.
func mistakes(ctx context.Context, out io.Writer, db *sql.DB) error {
	fmt.Fprintln(out, "\nA column of the wrong type is left out, and the error says so:")
	err := driver.WithDB(ctx, db, func(i driver.TabletInserter) error {
		return i.InsertTablet(ctx, driver.Tablet{Table: "table0", Times: []time.Time{time.UnixMilli(99)}, Columns: []driver.TabletColumn{
			{Name: "id1", Category: "TAG", Column: driver.ColumnOf([]string{"id:99"})},
			{Name: "m1", Column: driver.ColumnOf([]bool{true})},
		}})
	})
	var partial *iotdbdriver.PartialWriteError
	if !errors.As(err, &partial) {
		return fmt.Errorf("a bool is a DOUBLE: %w", err)
	}
	fmt.Fprintf(out, "  %d row of %s is in, without %v (code %d)\n", partial.Rows, partial.Table, partial.Columns, iotdbdriver.Code(err))
	return nil
}

// remove drops the database.
func remove(ctx context.Context, out io.Writer, config *iotdbdriver.Config) error {
	connector, err := iotdbdriver.NewConnector(config)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	if _, err := db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+database); err != nil {
		return err
	}
	names, err := column(ctx, db, "SHOW DATABASES")
	fmt.Fprintln(out, "\nThe data is deleted:", !slices.Contains(names, database))
	return err
}
