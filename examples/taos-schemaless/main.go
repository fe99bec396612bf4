// Command taos-schemaless writes points of smart meters without a schema: in
// InfluxDB's line protocol, as OpenTSDB's telnet lines and JSON, and from a stream.
// TDengine makes the tables. It runs against an embedded server; -dsn names a real
// one, in which it works in a database of its own, gaugesql_schemaless.
package main

import (
	"context"
	"database/sql"
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

const database = "gaugesql_schemaless"

func main() {
	dsn := flag.String("dsn", "", "a real TDengine in place of the embedded server")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *dsn); err != nil {
		fmt.Fprintln(os.Stderr, "taos-schemaless:", err)
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

	// The lines are written on a connection of the pool, into its database.
	return driver.WithDB(ctx, db, func(s driver.SchemalessInserter) error {
		start := time.Now().Truncate(time.Hour)
		for _, w := range []struct {
			what    string
			request driver.SchemalessRequest
		}{
			{"lines", driver.SchemalessRequest{
				Protocol: driver.SchemalessLine, Precision: driver.SchemalessMilliseconds, TTL: 1000,
				Lines: []string{
					fmt.Sprintf("meters,location=San\\ Francisco,groupid=2 current=10.3,voltage=219i32 %d", start.UnixMilli()),
					fmt.Sprintf("meters,location=Los\\ Angeles,groupid=2 current=11.8,voltage=221i32 %d", start.UnixMilli()),
				},
			}},
			{"a table named by a tag", driver.SchemalessRequest{
				Protocol: driver.SchemalessLine, Precision: driver.SchemalessSeconds, TableNameKey: "meter",
				Lines: []string{fmt.Sprintf("named,meter=d1001 current=10.3 %d", start.Unix())},
			}},
			{"telnet lines", driver.SchemalessRequest{
				Protocol: driver.SchemalessTelnet,
				Lines: []string{
					fmt.Sprintf("grid.load %d 0.71 region=north", start.Unix()),
					fmt.Sprintf("grid.load %d 0.64 region=south", start.UnixMilli()),
				},
			}},
			{"JSON", driver.SchemalessRequest{
				Protocol: driver.SchemalessJSON,
				Lines:    []string{fmt.Sprintf(`[{"metric": "outages", "timestamp": %d, "value": 3, "tags": {"region": "north"}}]`, start.Unix())},
			}},
			// A reader is sent in batches that are cut at line breaks, however long it is.
			{"a stream of lines", driver.SchemalessRequest{
				Protocol: driver.SchemalessLine, Precision: driver.SchemalessMilliseconds, BatchBytes: 16 << 10, Reader: stream(start, 1000),
			}},
		} {
			r, err := s.InsertSchemaless(ctx, w.request)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%s: %d points\n", w.what, r.AffectedRows)
		}

		// A malformed line is found by name, and nothing of its batch is written.
		_, err := s.InsertSchemaless(ctx, driver.SchemalessRequest{
			Protocol: driver.SchemalessLine, Lines: []string{"meters,groupid=2 current=10.3", "meters,groupid=2 current=high"},
		})
		var e *driver.Error
		if !errors.As(err, &e) || !errors.Is(err, driver.ErrSchemaless) {
			return fmt.Errorf("the malformed line gives %v", err)
		}
		fmt.Fprintf(out, "refused: %s\n", e.Message)
		return show(ctx, out, db)
	})
}

// stream writes n readings into a pipe, as a file or a socket would give them.
func stream(start time.Time, n int) io.Reader {
	r, w := io.Pipe()
	go func() {
		for i := range n {
			_, err := fmt.Fprintf(w, "meters,location=San\\ Diego,groupid=3 current=%d,voltage=%di32 %d\n", 9+i%3, 215+i%8, start.UnixMilli()+int64(i))
			if err != nil {
				return // nobody reads any more
			}
		}
		w.Close()
	}()
	return r
}

// show reads back what the server made of it.
func show(ctx context.Context, out io.Writer, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "SELECT location, COUNT(*), AVG(current) FROM meters GROUP BY location ORDER BY location")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var location string
		var n int
		var current float64
		if err := rows.Scan(&location, &n, &current); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %d readings, %.1f A on average\n", location, n, current)
	}
	return rows.Err()
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
