// Command siridb writes points in the three ways that there are, reads them in
// both forms, and carries on when a server of the cluster is killed. It runs against an embedded cluster; -dsn names a real
// one, of which nobody is killed:
//
//	go run ./examples/siridb
//	go run ./examples/siridb -dsn siridb://iris:siri@localhost:9000/dbtest
//
// Its series begin with "gaugesql." and are dropped at the end.
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
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver"
	"github.com/gaugesql/gaugesql/siridriver/siritest"
)

func main() {
	dsn := flag.String("dsn", "", "a real SiriDB in place of the embedded cluster")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *dsn); err != nil {
		fmt.Fprintln(os.Stderr, "siridb:", err)
		os.Exit(1)
	}
}

// start is the time of the first point.
var start = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

// ours matches the series of this program.
var ours = siridriver.Regexp{Pattern: `gaugesql\..*`}

func run(ctx context.Context, out io.Writer, dsn string) (err error) {
	var cluster *siritest.Cluster
	if dsn == "" {
		cluster = siritest.NewCluster(3)
		defer cluster.Close()
		dsn = cluster.DSN("", "weight=3", "", "backup=true")
		fmt.Fprintln(out, "An embedded cluster of three servers is running in this process.")
	}
	db, err := sql.Open("siridb", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	defer func() {
		_, e := db.ExecContext(context.WithoutCancel(ctx), "drop series ? set ignore_threshold true", ours)
		err = errors.Join(err, e)
	}()

	for _, step := range []func(context.Context, io.Writer, *sql.DB) error{write, read, table, mistakes} {
		if err := step(ctx, out, db); err != nil {
			return err
		}
	}
	if cluster == nil {
		return nil
	}
	cluster.Server(0).Stop()
	if _, err := db.ExecContext(ctx, "INSERT INTO gaugesql.cpu VALUES (?, ?)", start.Add(time.Hour), 0.9); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nOne server is gone, and the next insert went to another.")
	return nil
}

// write inserts by statement, by column and row by row.
func write(ctx context.Context, out io.Writer, db *sql.DB) error {
	result, err := db.ExecContext(ctx, "INSERT INTO gaugesql.cpu (time, value) VALUES (?, ?), (?, ?)",
		start, 0.25, start.Add(time.Second), 0.5)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "\nAn INSERT wrote", n, "points,")

	times := []time.Time{start, start.Add(time.Second), start.Add(2 * time.Second)}
	err = driver.WithDB(ctx, db, func(i driver.SeriesInserter) error {
		result, err := i.InsertSeries(ctx,
			driver.Series{Name: "gaugesql.memory", Times: times, Values: driver.ColumnOf([]int64{512, 640, 768})},
			driver.Series{Name: "gaugesql.log", Times: times[:1], Values: driver.ColumnOf([]string{"it's up"})})
		fmt.Fprintln(out, "a package of columns", result.Points, "points of two series,")
		return err
	})
	if err != nil {
		return err
	}

	return driver.WithDB(ctx, db, func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(ctx, driver.AppendOptions{BatchRows: 1000})
		if err != nil {
			return err
		}
		for i := range 3000 {
			series := fmt.Sprint("gaugesql.sensor", i%3)
			if err := a.Append(ctx, series, start.Add(time.Duration(i)*time.Second), i); err != nil {
				return err
			}
		}
		if err := a.Close(ctx); err != nil {
			return err
		}
		fmt.Fprintln(out, "and an appender", a.Written(), "in three batches.")
		return nil
	})
}

// read selects points as they are and as a series of means.
func read(ctx context.Context, out io.Writer, db *sql.DB) error {
	fmt.Fprintln(out, "\nPoints, a row each:")
	err := points(ctx, out, db, "select * from ? | ? | ?", "gaugesql.cpu", "gaugesql.memory", "gaugesql.log")
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "\nMeans of a quarter of an hour:")
	return points(ctx, out, db, "select mean(?) from ? before ?", 15*time.Minute, "gaugesql.sensor0", start.Add(30*time.Minute))
}

func points(ctx context.Context, out io.Writer, db *sql.DB, query string, args ...any) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var series string
		var at time.Time
		var value any
		if err := rows.Scan(&series, &at, &value); err != nil {
			return err
		}
		fmt.Fprintf(out, "  %-16s %s %v\n", series, at.Format(time.TimeOnly), value)
	}
	return rows.Err()
}

// table reads two series side by side.
func table(ctx context.Context, out io.Writer, db *sql.DB) error {
	rows, err := db.QueryContext(siridriver.WithWide(ctx, true), "select * from ? | ?", "gaugesql.cpu", "gaugesql.memory")
	if err != nil {
		return err
	}
	defer rows.Close()
	fmt.Fprintln(out, "\nThe same with a column a series:")
	for rows.Next() {
		var at time.Time
		var cpu sql.Null[float64]
		var memory sql.Null[int64]
		if err := rows.Scan(&at, &cpu, &memory); err != nil {
			return err
		}
		if cpu.Valid {
			fmt.Fprintf(out, "  %s %4.2f %d\n", at.Format(time.TimeOnly), cpu.V, memory.V)
		} else {
			fmt.Fprintf(out, "  %s   -  %d\n", at.Format(time.TimeOnly), memory.V)
		}
	}
	return rows.Err()
}

// mistakes shows errors by their kinds.
func mistakes(ctx context.Context, out io.Writer, db *sql.DB) error {
	_, syntax := db.ExecContext(ctx, "selekt * from 'gaugesql.cpu'")
	_, null := db.ExecContext(ctx, "INSERT INTO gaugesql.cpu VALUES (?, ?)", start, nil)
	_, early := db.ExecContext(ctx, "INSERT INTO gaugesql.cpu VALUES (?, ?)", time.Unix(-1, 0), 1)
	fmt.Fprintln(out, "\nMistakes have kinds:")
	fmt.Fprintln(out, "  query error:", errors.Is(syntax, siridriver.ErrQuery), "with code", siridriver.Code(syntax))
	fmt.Fprintln(out, "  NULL is a data error:", errors.Is(null, driver.ErrData))
	fmt.Fprintln(out, "  1969 is an overflow:", errors.Is(early, siridriver.ErrOverflow))
	return nil
}
