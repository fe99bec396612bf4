// Command dws tells the story of DWS's manual (create, insert, select, update,
// delete), copies a file in and out, reads a named cursor, and carries on when a
// coordinator is killed. It runs against embedded coordinators that log in as DWS
// does, by SHA256; -dsn names a real cluster, of which nobody is killed:
//
//	go run ./examples/dws
//	go run ./examples/dws -dsn 'dws://dbadmin:password@cn1:8000,cn2:8000/gaussdb?sslmode=verify-full&sslrootcert=cacert.pem'
//
// Its table is gaugesql_test, dropped at the beginning and at the end.
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
	"strings"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest"
)

func main() {
	dsn := flag.String("dsn", "", "a real DWS in place of the embedded coordinators")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *dsn); err != nil {
		fmt.Fprintln(os.Stderr, "dws:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, dsn string) (err error) {
	var cluster *dwstest.Cluster
	if dsn == "" {
		cluster = dwstest.NewCluster(2)
		defer cluster.Close()
		dsn = cluster.DSN("")
		fmt.Fprintln(out, "An embedded cluster of two coordinators is running in this process.")
	}
	db, err := sql.Open("dws", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	defer func() {
		_, e := db.ExecContext(context.WithoutCancel(ctx), "drop table if exists gaugesql_test")
		err = errors.Join(err, e)
	}()

	for _, step := range []func(context.Context, io.Writer, *sql.DB) error{create, insert, selects, update, remove, transaction, files, cursor, mistakes} {
		if err := step(ctx, out, db); err != nil {
			return err
		}
	}
	if cluster == nil {
		return nil
	}
	return failover(ctx, out, db, cluster)
}

func create(ctx context.Context, out io.Writer, db *sql.DB) error {
	// Several statements at once are fine where there are no arguments.
	_, err := db.ExecContext(ctx, "drop table if exists gaugesql_test; create table gaugesql_test (id int primary key, name text) distribute by hash(id)")
	if err == nil {
		fmt.Fprintln(out, "\nTable created.")
	}
	return err
}

func insert(ctx context.Context, out io.Writer, db *sql.DB) error {
	// No BEGIN is sent, so that the coordinator may run a statement again by itself
	// when a data node fails (CN Retry).
	stmt, err := db.PrepareContext(ctx, "insert into gaugesql_test values ($1, $2)")
	if err != nil {
		return err
	}
	defer stmt.Close()
	for id := 1; id <= 3; id++ {
		if _, err := stmt.ExecContext(ctx, id, fmt.Sprintf("number%d", id)); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, "Three rows inserted.")
	return nil
}

func selects(ctx context.Context, out io.Writer, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "select id, name from gaugesql_test order by 1")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		fmt.Fprintf(out, "  id = %d, name = %s\n", id, name)
	}
	return rows.Err()
}

func update(ctx context.Context, out io.Writer, db *sql.DB) error {
	result, err := db.ExecContext(ctx, "update gaugesql_test set name = $1 where id = $2", "numberupdated", 1)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "\nRows updated:", n)
	return selects(ctx, out, db)
}

func remove(ctx context.Context, out io.Writer, db *sql.DB) error {
	result, err := db.ExecContext(ctx, "delete from gaugesql_test where id = ?", 3) // ? will do as well
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "\nRows deleted:", n)
	return selects(ctx, out, db)
}

// transaction begins only where one is wanted.
func transaction(ctx context.Context, out io.Writer, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "delete from gaugesql_test"); err != nil {
		return err
	}
	if err := tx.Rollback(); err != nil {
		return err
	}
	var n int
	err = db.QueryRowContext(ctx, "select count(*) from gaugesql_test").Scan(&n)
	fmt.Fprintln(out, "\nAll deleted, and rolled back; rows:", n)
	return err
}

// files copies lines in and out. Rows of Go values go in by an Appender, the same way.
func files(ctx context.Context, out io.Writer, db *sql.DB) error {
	options := dwsdriver.CopyOptions{Columns: []string{"id", "name"}, Delimiter: "|", Null: "-"}
	err := driver.WithDB(ctx, db, func(c driver.Copier) error {
		n, err := c.CopyFrom(ctx, dwsdriver.CopyFromStdin("gaugesql_test", options), strings.NewReader("10|ten\n11|-\n12|a \\| b\n"))
		fmt.Fprintln(out, "\nRows copied in:", n)
		return err
	})
	if err != nil {
		return err
	}
	err = driver.WithDB(ctx, db, func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(ctx, driver.AppendOptions{Table: "gaugesql_test", Columns: []string{"id", "name"}})
		if err != nil {
			return err
		}
		for id := 1000; id < 2000; id++ {
			if err := a.Append(ctx, id, fmt.Sprint("row ", id)); err != nil {
				return err
			}
		}
		if err := a.Close(ctx); err != nil {
			return err
		}
		fmt.Fprintln(out, "Rows appended:", a.Written())
		return nil
	})
	if err != nil {
		return err
	}
	return driver.WithDB(ctx, db, func(c driver.Copier) error {
		fmt.Fprintln(out, "Copied out as CSV:")
		query := "(select id, name from gaugesql_test where id between 10 and 1000 order by id)"
		_, err := c.CopyTo(ctx, dwsdriver.CopyToStdout(query, dwsdriver.CopyOptions{Format: "csv", Header: true}), out)
		return err
	})
}

// cursor reads a large result some rows at a time, with statements of the same
// transaction in between.
func cursor(ctx context.Context, out io.Writer, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	c, err := dwsdriver.DeclareCursor(ctx, tx, dwsdriver.CursorOptions{Name: "readings", Size: 400}, "select id from gaugesql_test where id >= $1", 1000)
	if err != nil {
		return err
	}
	sum := 0
	for row, err := range c.Rows(ctx) {
		if err != nil {
			return err
		}
		var id int
		if err := row.Scan(&id); err != nil {
			return err
		}
		sum += id
	}
	fmt.Fprintln(out, "\nThe ids of a cursor's rows add up to", sum)
	return tx.Commit()
}

func mistakes(ctx context.Context, out io.Writer, db *sql.DB) error {
	fmt.Fprintln(out, "\nMistakes have kinds:")
	_, err := db.ExecContext(ctx, "insert into gaugesql_test values (1, 'again')")
	fmt.Fprintln(out, "  an integrity error:", errors.Is(err, driver.ErrIntegrity), "with SQLSTATE", dwsdriver.SQLState(err))
	_, err = db.ExecContext(ctx, "discard all")
	fmt.Fprintln(out, "  not supported:", errors.Is(err, driver.ErrNotSupported), "with SQLSTATE", dwsdriver.SQLState(err))
	_, err = db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	fmt.Fprintln(out, "  a level that DWS has not, refused:", errors.Is(err, driver.ErrNotSupported))
	return nil
}

// failover kills the coordinator that the connections are to.
func failover(ctx context.Context, out io.Writer, db *sql.DB, cluster *dwstest.Cluster) error {
	cluster.Server(0).Stop()
	if _, err := db.ExecContext(ctx, "insert into gaugesql_test values (4, 'number4')"); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nOne coordinator is gone, and the next insert went to the other.")

	// A statement whose answer is lost may have run. It is not run again.
	cluster.Fault(dwstest.On{Action: "query", SQL: "number5", Times: 1}, dwstest.DropAfter)
	_, err := db.ExecContext(ctx, "insert into gaugesql_test values (5, 'number5')")
	var e *driver.Error
	fmt.Fprintln(out, "An insert's answer is lost; the error says that its outcome is unknown:", errors.As(err, &e) && e.OutcomeUnknown)
	fmt.Fprintln(out, "It ran", cluster.Executed("number5"), "time.")
	return nil
}
