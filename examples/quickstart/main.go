// Command quickstart tells the story of some smart meters: it creates their
// tables, writes and reads them in the ways that there are, and prints what it
// does. It runs against an embedded server; -dsn names a real one:
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart -dsn taos+ws://root:taosdata@localhost:6041
//
// It works in a database of its own, gaugesql_quickstart, which it drops before
// and after.
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/gaugesql/gaugesql/driver"
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
	began := time.Now()
	where, slow := "", slowOnAnyServer
	if dsn == "" {
		server := taostest.NewServer()
		defer server.Close()
		dsn = server.DSN("ws", "")
		where = ", embedded in this process"
		slow = "SELECT taostest_sleep(2000) FROM meters" // a function that only this server has
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
	err = driver.WithDB(ctx, admin, func(s driver.ServerInformer) error {
		info, err := s.ServerInfo(ctx)
		fmt.Fprintf(out, "TDengine %s at %s over %s%s.\n", info.Version, info.Host, config.Transport, where)
		return err
	})
	if err != nil {
		return err
	}
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + database, "CREATE DATABASE " + database} {
		if _, err := admin.ExecContext(ctx, statement); err != nil {
			return err
		}
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
		{"A super table, and a table for each meter", s.tables},
		{"Rows by plain SQL, into several tables at once", s.plain},
		{"Rows by a prepared statement", s.prepared},
		{"Many rows by one statement, into a table that it creates", s.many},
		{"A query into structs, by sqlx", s.structs},
		{"Averages by windows of a minute", s.windows},
		{"Request ids of your own, by extension and by context", s.requestID},
		{"A query with a deadline", s.deadline},
	} {
		fmt.Fprintf(out, "\n%d. %s\n", i+1, chapter.title)
		if err := chapter.tell(ctx); err != nil {
			return fmt.Errorf("%s: %w", chapter.title, err)
		}
	}
	fmt.Fprintf(out, "\nDone in %v. More programs are in examples/, the manual is docs/README.md.\n", time.Since(began).Round(time.Millisecond))
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
