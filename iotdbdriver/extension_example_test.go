package iotdbdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest"
)

// A tablet is rows of one table, column by column. The server makes the table.
func Example_tablet() {
	srv := iotdbtest.NewServer(iotdbtest.WithDatabase("db1"))
	defer srv.Close()
	db, err := sql.Open("iotdb", srv.DSN("db1"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	ctx := context.Background()
	start := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

	err = driver.WithDB(ctx, db, func(i driver.TabletInserter) error {
		return i.InsertTablet(ctx, driver.Tablet{
			Table: "rooms", Times: []time.Time{start, start.Add(time.Minute), start.Add(2 * time.Minute)},
			Columns: []driver.TabletColumn{
				{Name: "room", Category: "TAG", Column: driver.ColumnOf([]string{"hall", "hall", "attic"})},
				{Name: "celsius", Column: driver.NullColumnOf([]sql.Null[float64]{{V: 20.5, Valid: true}, {}, {V: 31, Valid: true}})},
			},
		})
	})
	if err != nil {
		log.Fatal(err)
	}
	var rooms int
	var warmest float64
	if err := db.QueryRow("SELECT count(*), max(celsius) FROM rooms").Scan(&rooms, &warmest); err != nil {
		log.Fatal(err)
	}
	fmt.Println(rooms, "rows, at most", warmest)
	// Output: 3 rows, at most 31
}

// The server leaves a column out that is of another type than the table's, and writes
// the rest.
func ExamplePartialWriteError() {
	srv := iotdbtest.NewServer(iotdbtest.WithDatabase("db1"))
	defer srv.Close()
	db, err := sql.Open("iotdb", srv.DSN("db1"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	ctx := context.Background()
	if _, err := db.Exec("CREATE TABLE rooms (room STRING TAG, celsius DOUBLE)"); err != nil {
		log.Fatal(err)
	}
	err = driver.WithDB(ctx, db, func(i driver.TabletInserter) error {
		return i.InsertTablet(ctx, driver.Tablet{Table: "rooms", Times: []time.Time{time.UnixMilli(1)}, Columns: []driver.TabletColumn{
			{Name: "room", Category: "TAG", Column: driver.ColumnOf([]string{"hall"})},
			{Name: "celsius", Column: driver.ColumnOf([]string{"20.5"})},
		}})
	})
	var partial *iotdbdriver.PartialWriteError
	fmt.Println(errors.As(err, &partial), partial.Columns, errors.Is(err, driver.ErrData), iotdbdriver.Code(err))
	// Output: true [celsius] true 507
}

// An appender takes rows one by one and sends them in tablets.
func Example_appender() {
	srv := iotdbtest.NewServer(iotdbtest.WithDatabase("db1"))
	defer srv.Close()
	db, err := sql.Open("iotdb", srv.DSN("db1"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	ctx := context.Background()
	if _, err := db.Exec("CREATE TABLE rooms (room STRING TAG, celsius DOUBLE)"); err != nil {
		log.Fatal(err)
	}
	err = driver.WithDB(ctx, db, func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(ctx, driver.AppendOptions{Table: "rooms", Columns: []string{"time", "room", "celsius"}, BatchRows: 1000})
		if err != nil {
			return err
		}
		for i := range 2500 {
			if err := a.Append(ctx, time.UnixMilli(int64(i)), "hall", 20+float64(i%10)/10); err != nil {
				return err
			}
		}
		fmt.Println(a.Written(), "rows are in")
		err = a.Close(ctx)
		fmt.Println(a.Written(), "rows are in")
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// 2000 rows are in
	// 2500 rows are in
}

// Records need not have the same columns.
func ExampleRecordInserter() {
	srv := iotdbtest.NewServer(iotdbtest.WithDatabase("db1"))
	defer srv.Close()
	db, err := sql.Open("iotdb", srv.DSN("db1"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	ctx := context.Background()
	room := iotdbdriver.RecordValue{Name: "room", Category: "TAG", Value: "hall"}
	err = driver.WithDB(ctx, db, func(i iotdbdriver.RecordInserter) error {
		return i.InsertRecords(ctx,
			iotdbdriver.Record{Table: "rooms", Time: time.UnixMilli(1), Values: []iotdbdriver.RecordValue{room, {Name: "celsius", Value: 20.5}}},
			iotdbdriver.Record{Table: "rooms", Time: time.UnixMilli(2), Values: []iotdbdriver.RecordValue{room, {Name: "window", Value: "open"}}})
	})
	if err != nil {
		log.Fatal(err)
	}
	var celsius sql.Null[float64]
	var window sql.Null[string]
	if err := db.QueryRow("SELECT celsius, window FROM rooms WHERE time = ?", 2).Scan(&celsius, &window); err != nil {
		log.Fatal(err)
	}
	fmt.Println(celsius.Valid, window.V)
	// Output: false open
}
