// Command taos-stmt2 writes and reads smart meters with bound columns: many tables
// and rows in one message, a part of a row written over, a query whose parameters
// are bound again and again, and the same load by an Appender, which cuts it into
// batches. It runs against an embedded server; -dsn names a real one, in which it
// works in a database of its own, gaugesql_stmt2.
package main

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

const database = "gaugesql_stmt2"

func main() {
	dsn := flag.String("dsn", "", "a real TDengine in place of the embedded server")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *dsn); err != nil {
		fmt.Fprintln(os.Stderr, "taos-stmt2:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, dsn string) error {
	if dsn == "" {
		server := taostest.NewServer()
		defer server.Close()
		dsn = server.DSN("ws", "")
	}
	db, drop, err := open(ctx, dsn)
	if err != nil {
		return err
	}
	defer drop()
	const table = "CREATE STABLE meters (ts TIMESTAMP, current FLOAT, voltage INT) TAGS (location VARCHAR(24), groupid INT)"
	if _, err := db.ExecContext(ctx, table); err != nil {
		return err
	}
	start := time.Now().UTC().Truncate(time.Hour)

	// Statements belong to their connection, so one is reserved.
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	err = driver.With(conn, func(p driver.Stmt2Preparer) error {
		return errors.Join(write(ctx, out, p, start), correct(ctx, out, p, start), query(ctx, out, p))
	})
	if err != nil {
		return err
	}
	return driver.With(conn, func(o driver.AppenderOpener) error { return load(ctx, out, o, start) })
}

// write binds two tables, which are made on the way, in columns of typed slices.
func write(ctx context.Context, out io.Writer, p driver.Stmt2Preparer, start time.Time) error {
	st, err := p.PrepareStmt2(ctx, "INSERT INTO ? USING meters TAGS (?, ?) VALUES (?, ?, ?)", driver.Stmt2Options{SingleSuperTable: true})
	if err != nil {
		return err
	}
	defer st.Close()
	for _, f := range st.Fields() {
		fmt.Fprintf(out, "placeholder %s %s\n", f.Name, f.DatabaseType)
	}
	times := []time.Time{start, start.Add(time.Second), start.Add(2 * time.Second)}
	voltages := []sql.Null[int32]{{V: 219, Valid: true}, {}, {V: 221, Valid: true}}
	err = st.Bind(ctx,
		driver.BindTable{Name: "d1001", Tags: []any{"San Francisco", 2}, Columns: []driver.Column{
			driver.ColumnOf(times), driver.ColumnOf([]float32{10.3, 12.6, 12.3}), driver.NullColumnOf(voltages),
		}},
		driver.BindTable{Name: "d1002", Tags: []any{"Los Angeles", 2}, Columns: []driver.Column{
			driver.ColumnOf(times[:2]), driver.ColumnOf([]float32{11.8, 11.7}), driver.ColumnOf([]int32{221, 220}),
		}})
	if err != nil {
		return err
	}
	n, err := st.Exec(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "two tables in one message: %d rows\n", n)

	// What does not fit is found before anything is sent.
	err = st.Bind(ctx, driver.BindTable{Name: "d1003", Tags: []any{"San Diego", 3}, Columns: []driver.Column{
		driver.ColumnOf(times[:2]), driver.ColumnOf([]float32{9, 9}), driver.ColumnOf([]int64{215, 1 << 40}),
	}})
	var e *driver.Error
	if !errors.As(err, &e) || !errors.Is(err, driver.ErrData) {
		return fmt.Errorf("the number that is too large gives %v", err)
	}
	fmt.Fprintf(out, "refused: %s\n", e.Message)
	return nil
}

// correct writes a part of a row over and leaves the rest as it is stored.
func correct(ctx context.Context, out io.Writer, p driver.Stmt2Preparer, start time.Time) error {
	st, err := p.PrepareStmt2(ctx, "INSERT INTO d1001 VALUES (?, ?, ?)", driver.Stmt2Options{})
	if err != nil {
		return err
	}
	defer st.Close()
	err = st.Bind(ctx, driver.BindTable{Columns: []driver.Column{
		driver.ColumnOf([]time.Time{start}),
		driver.ColumnOf([]float32{0}).WithStates([]driver.State{driver.Unchanged}),
		driver.ColumnOf([]int32{230}),
	}})
	if err != nil {
		return err
	}
	n, err := st.Exec(ctx)
	fmt.Fprintf(out, "a part of a row: %d rows\n", n)
	return err
}

// query runs one statement with several parameters, which are columns of one row.
func query(ctx context.Context, out io.Writer, p driver.Stmt2Preparer) error {
	st, err := p.PrepareStmt2(ctx, "SELECT tbname, current, voltage FROM meters WHERE voltage >= ? AND location = ? ORDER BY ts", driver.Stmt2Options{})
	if err != nil {
		return err
	}
	defer st.Close()
	for _, c := range []struct {
		voltage  int
		location string
	}{{225, "San Francisco"}, {220, "Los Angeles"}} {
		err := st.Bind(ctx, driver.BindTable{Columns: []driver.Column{
			driver.ColumnOf([]int{c.voltage}), driver.ColumnOf([]string{c.location}),
		}})
		if err != nil {
			return err
		}
		rows, err := st.Query(ctx)
		if err != nil {
			return err
		}
		row := make([]sqldriver.Value, 3)
		for err = rows.Next(row); err == nil; err = rows.Next(row) {
			fmt.Fprintf(out, "at least %d V in %s: %v %v A %v V\n", c.voltage, c.location, row[0], row[1], row[2])
		}
		rows.Close()
		if err != io.EOF {
			return err
		}
	}
	return nil
}

// load appends rows of many meters in the order in which they come in.
func load(ctx context.Context, out io.Writer, o driver.AppenderOpener, start time.Time) error {
	a, err := o.OpenAppender(ctx, driver.AppendOptions{Table: "meters", BatchRows: 4096})
	if err != nil {
		return err
	}
	const meters, readings = 20, 500
	for i := range readings {
		for m := range meters {
			at := start.Add(time.Duration(i) * 100 * time.Millisecond)
			// The tags matter where the table has to be made.
			err := a.AppendTo(ctx, fmt.Sprint("load", m), []any{"Grid", m % 4}, at, float32(9+i%4), 215+i%8)
			if err != nil {
				return err
			}
		}
	}
	if err := a.Close(ctx); err != nil {
		var e *driver.AppendError
		if errors.As(err, &e) {
			fmt.Fprintf(out, "rows %d to %d are not in, %d before them are\n", e.First, e.Last, e.Written)
		}
		return err
	}
	fmt.Fprintf(out, "appended: %d rows\n", a.Written())
	return nil
}

// open makes the database and opens a pool of connections in it; drop removes both.
func open(ctx context.Context, dsn string) (db *sql.DB, drop func(), err error) {
	config, err := taosdriver.ParseDSN(dsn)
	if err != nil {
		return nil, nil, err
	}
	config.Database = ""
	admin, err := connect(config)
	if err != nil {
		return nil, nil, err
	}
	for _, q := range []string{"DROP DATABASE IF EXISTS " + database, "CREATE DATABASE " + database} {
		if _, err := admin.ExecContext(ctx, q); err != nil {
			admin.Close()
			return nil, nil, err
		}
	}
	config.Database = database
	if db, err = connect(config); err != nil {
		admin.Close()
		return nil, nil, err
	}
	return db, func() {
		db.Close()
		admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+database)
		admin.Close()
	}, nil
}

func connect(config *taosdriver.Config) (*sql.DB, error) {
	connector, err := taosdriver.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}
