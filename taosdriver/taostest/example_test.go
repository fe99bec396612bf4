package taostest_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/DATA-DOG/go-sqlmock"

	_ "github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

func Example() {
	srv := taostest.NewServer()
	defer srv.Close()

	db, err := sql.Open("taos", srv.DSN("ws", ""))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	for _, stmt := range []string{
		"CREATE DATABASE power",
		"CREATE STABLE power.meters (ts TIMESTAMP, current FLOAT) TAGS (site INT)",
		"INSERT INTO power.d1 USING power.meters TAGS (7) VALUES ('2024-05-06T07:08:09Z', 10.5) ('2024-05-06T07:08:10Z', 11.5)",
	} {
		if _, err := db.Exec(stmt); err != nil {
			log.Fatal(err)
		}
	}
	var site, n int
	var avg float64
	row := db.QueryRow("SELECT site, COUNT(*), AVG(current) FROM power.meters WHERE current > ? GROUP BY site", 10)
	if err := row.Scan(&site, &n, &avg); err != nil {
		log.Fatal(err)
	}
	fmt.Println(site, n, avg)
	fmt.Println("inserts:", srv.Executed("INSERT"))
	// Output:
	// 7 2 11
	// inserts: 1
}

// A reply is lost with its connection after the statement ran. The driver must
// not run it again.
func ExampleServer_Fault() {
	srv := taostest.NewServer()
	defer srv.Close()
	db, err := sql.Open("taos", srv.DSN("ws", ""))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE DATABASE power"); err != nil {
		log.Fatal(err)
	}

	srv.Fault(taostest.On{Action: "query", SQL: "create table", Times: 1}, taostest.DropAfter)
	_, err = db.Exec("CREATE TABLE power.t (ts TIMESTAMP, v INT)")
	fmt.Println("failed:", err != nil)
	fmt.Println("executed:", srv.Executed("create table"))
	// Output:
	// failed: true
	// executed: 1
}

// go-sqlmock behind the protocol scripts what the server answers.
func ExampleWithDB() {
	mockDB, mock, err := sqlmock.New()
	if err != nil {
		log.Fatal(err)
	}
	defer mockDB.Close()
	mock.ExpectQuery("SELECT v").WillReturnRows(sqlmock.NewRows([]string{"v"}).AddRow(int64(42)))
	mock.ExpectQuery("SELECT w").WillReturnError(errors.New("disk full"))

	srv := taostest.NewServer(taostest.WithDB(mockDB))
	defer srv.Close()
	db, err := sql.Open("taos", srv.DSN("http", ""))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	var v int
	fmt.Println(db.QueryRow("SELECT v FROM t").Scan(&v), v)
	fmt.Println(db.QueryRow("SELECT w FROM t").Scan(&v) != nil)
	// Output:
	// <nil> 42
	// true
}

// The store's own function taostest_sleep makes a query slow.
func ExampleServer_Statements() {
	srv := taostest.NewServer()
	defer srv.Close()
	db, err := sql.Open("taos", srv.DSN("ws", ""))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err = db.ExecContext(ctx, "SELECT taostest_sleep(200)")
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	for _, st := range srv.Statements() {
		fmt.Println(st.SQL)
	}
	// Output:
	// true
	// SELECT taostest_sleep(200)
}
