// Command quickstart tells the story of some smart meters: it creates their
// tables, writes and reads them in the ways that there are, and prints what it
// does. It runs against an embedded server; -dsn names a real one:
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart -dsn taos+ws://root:taosdata@localhost:6041
//
// It works in a database of its own, gaugesql_quickstart, and drops it at the end.
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/jmoiron/sqlx"

	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

const database = "gaugesql_quickstart"

func main() {
	dsn := flag.String("dsn", "", "a real TDengine in place of the embedded server")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *dsn); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run tells the whole story.
func run(ctx context.Context, out io.Writer, dsn string) (err error) {
	slow := "SELECT COUNT(*) FROM meters a, meters b WHERE a.ts = b.ts"
	if dsn == "" {
		server := taostest.NewServer()
		defer server.Close()
		dsn = server.DSN("ws", "")
		slow = "SELECT taostest_sleep(1000) FROM meters" // a function that only this server has
		fmt.Fprintln(out, "An embedded TDengine server is running in this process.")
	}
	config, err := taosdriver.ParseDSN(dsn)
	if err != nil {
		return err
	}

	// The database has to be there before connections can start in it.
	config.Database = ""
	admin, err := open(config)
	if err != nil {
		return err
	}
	defer admin.Close()
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS "+database); err != nil {
		return err
	}
	defer func() {
		if _, e := admin.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE "+database); err == nil {
			err = e
		}
	}()

	config.Database = database
	db, err := open(config)
	if err != nil {
		return err
	}
	defer db.Close()
	s := &story{out: out, db: sqlx.NewDb(db, taosdriver.Name), slow: slow}
	for i, chapter := range []struct {
		title string
		tell  func(context.Context) error
	}{
		{"Tables: a super table, and a child table for each meter", s.tables},
		{"Rows by plain SQL, several tables in one statement", s.plain},
		{"Rows by a prepared statement", s.prepared},
		{"Many rows at once", s.many},
		{"A query into structs, by sqlx", s.structs},
		{"Averages by window of a minute", s.windows},
		{"A request id of your own", s.requestID},
		{"A query that is cancelled", s.cancelled},
	} {
		fmt.Fprintf(out, "\n%d. %s\n", i+1, chapter.title)
		if err := chapter.tell(ctx); err != nil {
			return fmt.Errorf("%s: %w", chapter.title, err)
		}
	}
	fmt.Fprintln(out, "\nDone.")
	return nil
}

// open is what sql.Open does with a DSN, for a Config.
func open(config *taosdriver.Config) (*sql.DB, error) {
	connector, err := taosdriver.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}
