// Command pooling shows database/sql's pool with TDengine: limits, many
// goroutines, a deadline for each statement, and a session that one borrower
// changes and the next does not see.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	_ "github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pooling:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	server := taostest.NewServer()
	defer server.Close()
	if err := prepare(ctx, server.DSN("ws", "")); err != nil {
		return err
	}

	// One pool for the program. Every connection begins in the DSN's database.
	db, err := sql.Open("taos", server.DSN("ws", "power"))
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(4) // more wait for their turn
	db.SetMaxIdleConns(4) // the default of 2 would close and dial again and again
	db.SetConnMaxIdleTime(time.Minute)

	var all sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		all.Add(1)
		go func() {
			defer all.Done()
			// The deadline holds for the wait for a connection and for the statement.
			ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			at := time.Now().Add(time.Duration(i) * time.Second)
			_, errs[i] = db.ExecContext(ctx, "INSERT INTO meter VALUES (?, ?)", at, i)
		}()
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d goroutines shared at most %d connections\n", len(errs), db.Stats().MaxOpenConnections)

	// USE belongs to one connection, and is undone when it goes back.
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, "USE archive"); err != nil {
		return err
	}
	if err := conn.Close(); err != nil {
		return err
	}
	var n int
	for range 4 {
		if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM meter").Scan(&n); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "%d rows, in the DSN's database for every borrower\n", n)
	return nil
}

// prepare makes the databases, over a pool without one.
func prepare(ctx context.Context, dsn string) error {
	db, err := sql.Open("taos", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, statement := range []string{"CREATE DATABASE power", "CREATE DATABASE archive", "CREATE TABLE power.meter (ts TIMESTAMP, v INT)"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
