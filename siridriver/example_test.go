package siridriver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver"
	"github.com/gaugesql/gaugesql/siridriver/siritest"
)

var noon = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

// example opens a database on an embedded server.
func example() (db *sql.DB, closeAll func()) {
	server := siritest.NewServer()
	db, err := sql.Open("siridb", server.DSN(""))
	if err != nil {
		log.Fatal(err)
	}
	return db, func() {
		db.Close()
		server.Close()
	}
}

func Example() {
	db, closeAll := example()
	defer closeAll()

	_, err := db.Exec("INSERT INTO points (series, time, value) VALUES (?, ?, ?), (?, ?, ?), (?, ?, ?)",
		"cpu", noon, 0.5, "cpu", noon.Add(time.Minute), 0.7, "mem", noon, 42)
	if err != nil {
		log.Fatal(err)
	}
	rows, err := db.Query("select * from ? | ? after ?", "cpu", "mem", noon)
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var series string
		var at time.Time
		var value any
		if err := rows.Scan(&series, &at, &value); err != nil {
			log.Fatal(err)
		}
		fmt.Println(series, at.Format(time.TimeOnly), value)
	}
	if err := rows.Err(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// cpu 12:00:00 0.5
	// cpu 12:01:00 0.7
	// mem 12:00:00 42
}

func ExampleWithWide() {
	db, closeAll := example()
	defer closeAll()
	ctx := context.Background()
	if _, err := db.Exec("INSERT INTO (series, time, value) VALUES ('cpu', ?, 0.5), ('cpu', ?, 0.7), ('mem', ?, 42)",
		noon, noon.Add(time.Minute), noon); err != nil {
		log.Fatal(err)
	}

	rows, err := db.QueryContext(siridriver.WithWide(ctx, true), "select * from ?", siridriver.Regexp{Pattern: ".*"})
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	fmt.Println(columns)
	for rows.Next() {
		var at time.Time
		var cpu sql.Null[float64]
		var mem sql.Null[int64]
		if err := rows.Scan(&at, &cpu, &mem); err != nil {
			log.Fatal(err)
		}
		fmt.Println(at.Format(time.TimeOnly), cpu, mem)
	}
	if err := rows.Err(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// [time cpu mem]
	// 12:00:00 {0.5 true} {42 true}
	// 12:01:00 {0.7 true} {0 false}
}

func ExampleWithPrecision() {
	db, closeAll := example()
	defer closeAll()
	if _, err := db.Exec("INSERT INTO cpu VALUES (?, ?)", noon, 0.5); err != nil {
		log.Fatal(err)
	}
	ctx := siridriver.WithPrecision(context.Background(), siridriver.Seconds)
	var series string
	var at int64
	var value float64
	if err := db.QueryRowContext(ctx, "select * from 'cpu'").Scan(&series, &at, &value); err != nil {
		log.Fatal(err)
	}
	fmt.Println(series, at, value)
	// Output: cpu 1714564800 0.5
}

// Columns of many series go in one package, all of it or nothing.
func Example_seriesInserter() {
	db, closeAll := example()
	defer closeAll()
	ctx := context.Background()
	times := []time.Time{noon, noon.Add(time.Second)}
	err := driver.WithDB(ctx, db, func(i driver.SeriesInserter) error {
		result, err := i.InsertSeries(ctx,
			driver.Series{Name: "cpu", Times: times, Values: driver.ColumnOf([]float64{0.5, 0.7})},
			driver.Series{Name: "log", Times: times, Values: driver.ColumnOf([]string{"started", "ready"})},
		)
		fmt.Println(result.Points, "points")
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: 4 points
}

func Example_appender() {
	db, closeAll := example()
	defer closeAll()
	ctx := context.Background()
	err := driver.WithDB(ctx, db, func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(ctx, driver.AppendOptions{BatchRows: 1000})
		if err != nil {
			return err
		}
		for i := range 2500 {
			series := fmt.Sprint("sensor", i%10)
			if err := a.Append(ctx, series, noon.Add(time.Duration(i)*time.Second), float64(i)/2); err != nil {
				return err
			}
		}
		err = a.Close(ctx)
		fmt.Println(a.Written(), "points in")
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	var series int
	if err := db.QueryRow("count series").Scan(&series); err != nil {
		log.Fatal(err)
	}
	fmt.Println(series, "series")
	// Output:
	// 2500 points in
	// 10 series
}

func ExampleOpenService() {
	server := siritest.NewServer()
	defer server.Close()
	config, err := siridriver.ParseDSN(server.DSN(""))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	service, err := siridriver.OpenService(ctx, config, "", "sa", "siri")
	if err != nil {
		log.Fatal(err)
	}
	defer service.Close()
	if err := service.NewDatabase(ctx, siridriver.NewDatabase{Name: "events", Precision: siridriver.Nanoseconds}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(service.Databases(ctx))
	// Output: [dbtest events] <nil>
}

func Example_errors() {
	db, closeAll := example()
	defer closeAll()

	_, err := db.Query("select mean( from 'cpu'")
	fmt.Println(errors.Is(err, siridriver.ErrQuery), siridriver.Code(err))

	_, err = db.Exec("INSERT INTO cpu VALUES (?, ?)", noon, nil)
	fmt.Println(errors.Is(err, driver.ErrData), siridriver.Code(err)) // found before anything was sent
	// Output:
	// true 65
	// true 0
}
