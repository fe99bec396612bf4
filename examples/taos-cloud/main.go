// Command taos-cloud works with TDengine Cloud, by a token in place of user and
// password: statements over REST, and over WebSocket the same with a bulk load. The
// environment says where:
//
//	export TDENGINE_CLOUD_URL=https://gw.cloud.example.com TDENGINE_CLOUD_TOKEN=...
//	go run ./examples/taos-cloud
//
// Without them it runs against an embedded server that asks for a token. A database
// "power" must exist, since Cloud makes databases in its own console; the super
// table gaugesql_meters in it is dropped before and after.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

func main() {
	err := run(context.Background(), os.Stdout, os.Getenv("TDENGINE_CLOUD_URL"), os.Getenv("TDENGINE_CLOUD_TOKEN"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "taos-cloud:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, gateway, token string) error {
	if gateway == "" {
		server, err := cloud(ctx)
		if err != nil {
			return err
		}
		defer server.Close()
		gateway, token = "http://"+server.Addr(), cloudToken
	}
	at, err := url.Parse(gateway)
	if err != nil {
		return err
	}
	for _, t := range []taosdriver.Transport{taosdriver.REST, taosdriver.WebSocket} {
		// The same as a DSN: taos+https://gw.cloud.example.com/power?token=...
		config := taosdriver.NewConfig()
		config.Transport, config.Hosts, config.TLS = t, []string{at.Host}, at.Scheme == "https"
		config.Token, config.Database = token, "power"
		connector, err := taosdriver.NewConnector(config)
		if err != nil {
			return err
		}
		db := sql.OpenDB(connector)
		fmt.Fprintf(out, "over %s\n", t)
		err = meters(ctx, out, db)
		db.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// meters makes the super table of smart meters, writes and reads it.
func meters(ctx context.Context, out io.Writer, db *sql.DB) error {
	const (
		drop   = "DROP STABLE IF EXISTS gaugesql_meters"
		create = "CREATE STABLE gaugesql_meters (ts TIMESTAMP, current FLOAT, voltage INT, phase FLOAT) TAGS (location VARCHAR(64), groupid INT)"
		insert = "INSERT INTO gaugesql_d1001 USING gaugesql_meters TAGS (?, ?) VALUES (?, ?, ?, ?) (?, ?, ?, ?)"
	)
	for _, q := range []string{drop, create} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	defer db.ExecContext(ctx, drop)
	start := time.Now().UTC().Truncate(time.Hour)
	r, err := db.ExecContext(ctx, insert, "California.SanFrancisco", 2, start, 10.3, 219, 0.31, start.Add(10*time.Second), 12.6, 218, 0.33)
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "  inserted %d rows\n", n)

	err = driver.WithDB(ctx, db, func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(ctx, driver.AppendOptions{Table: "gaugesql_meters"})
		if err != nil {
			return err
		}
		for i := range 100 {
			err := a.AppendTo(ctx, "gaugesql_d1002", []any{"California.LosAngeles", 3},
				start.Add(time.Duration(i)*time.Second), float32(11), 220+i%3, float32(0.25))
			if err != nil {
				return err
			}
		}
		if err := a.Close(ctx); err != nil {
			return err
		}
		fmt.Fprintf(out, "  appended %d rows\n", a.Written())
		return nil
	})
	if errors.Is(err, driver.ErrNotSupported) {
		fmt.Fprintln(out, "  no bulk load over this transport")
	} else if err != nil {
		return err
	}

	rows, err := db.QueryContext(ctx, "SELECT location, COUNT(*), AVG(voltage) FROM gaugesql_meters WHERE groupid < ? GROUP BY location ORDER BY location", 9)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var location string
		var n int
		var voltage float64
		if err := rows.Scan(&location, &n, &voltage); err != nil {
			return err
		}
		fmt.Fprintf(out, "  %s: %d readings, %.1f V on average\n", location, n, voltage)
	}
	return rows.Err()
}

const cloudToken = "a-token-of-the-embedded-server"

// cloud is an embedded server that lets in who has the token, with a database.
func cloud(ctx context.Context) (*taostest.Server, error) {
	server := taostest.NewServer(taostest.WithToken(cloudToken))
	config, err := taosdriver.ParseDSN(server.DSN("ws", ""))
	if err != nil {
		return nil, err
	}
	config.Token = cloudToken
	connector, err := taosdriver.NewConnector(config)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	_, err = db.ExecContext(ctx, "CREATE DATABASE power")
	return server, err
}
