package taosdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// meters opens the smart meters of an embedded server. A program has a DSN
// instead: "taos+ws://root:taosdata@localhost:6041/power".
func meters() (db *sql.DB, stop func()) {
	srv := taostest.NewServer()
	setup, err := sql.Open("taos", srv.DSN("ws", ""))
	if err != nil {
		panic(err)
	}
	defer setup.Close()
	for _, statement := range []string{
		"create database power precision 'us'",
		"create stable power.meters (ts timestamp, current float, voltage int) tags (location varchar(24))",
		"create table power.d1 using power.meters tags ('Berlin')",
	} {
		if _, err := setup.Exec(statement); err != nil {
			panic(err)
		}
	}
	if db, err = sql.Open("taos", srv.DSN("ws", "power")); err != nil {
		panic(err)
	}
	return db, func() {
		db.Close()
		srv.Close()
	}
}

func Example() {
	db, stop := meters()
	defer stop()

	insert, err := db.Prepare("INSERT INTO d1 VALUES (?, ?, ?)")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer insert.Close()
	start := time.Now().Truncate(time.Second)
	for i := range 3 {
		if _, err := insert.Exec(start.Add(time.Duration(i)*time.Second), 10.5+float64(i), 220+i); err != nil {
			fmt.Println(err)
			return
		}
	}

	rows, err := db.Query("SELECT voltage, current, location FROM meters WHERE ts > ? ORDER BY ts", start)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer rows.Close()
	for rows.Next() {
		var voltage int
		var current sql.Null[float32]
		var location string
		if err := rows.Scan(&voltage, &current, &location); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(voltage, current.V, location)
	}
	fmt.Println(rows.Err())
	// Output:
	// 221 11.5 Berlin
	// 222 12.5 Berlin
	// <nil>
}

func ExampleNewConnector() {
	srv := taostest.NewServer()
	defer srv.Close()

	config := taosdriver.NewConfig()
	config.Hosts = []string{srv.Addr()}
	config.ReadTimeout = time.Minute
	connector, err := taosdriver.NewConnector(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	fmt.Println(db.Ping())
	// Output:
	// <nil>
}

func ExampleCode() {
	db, stop := meters()
	defer stop()

	_, err := db.Exec("SELECT * FROM nosuch")
	var e *driver.Error
	if errors.As(err, &e) {
		fmt.Println(e.Message)
	}
	fmt.Println(taosdriver.Code(err) == taosdriver.CodeUnknownTable, errors.Is(err, driver.ErrProgramming))
	// Output:
	// Table does not exist
	// true true
}

// A statement under a request id of the caller's shows up with it in the
// server's logs and lists, and in errors.
func Example_requestID() {
	db, stop := meters()
	defer stop()

	ctx := driver.WithRequestID(context.Background(), 0x2a)
	_, err := db.ExecContext(ctx, "INSERT INTO nosuch VALUES (now, 1, 2)")
	var e *driver.Error
	if errors.As(err, &e) {
		fmt.Println(e.RequestID)
	}
	// Output:
	// 42
}

func ExampleConnector_cancellation() {
	db, stop := meters()
	defer stop()

	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := db.ExecContext(ctx, "SELECT taostest_sleep(60000)")
	fmt.Println(errors.Is(err, context.DeadlineExceeded), time.Since(start) < 10*time.Second)
	// Output:
	// true true
}
