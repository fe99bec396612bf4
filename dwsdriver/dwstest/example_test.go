package dwstest_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"

	_ "github.com/gaugesql/gaugesql/dwsdriver"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest"
)

func Example() {
	srv := dwstest.NewServer()
	defer srv.Close()
	db, err := sql.Open("dws", srv.DSN(""))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	if _, err := db.Exec("create table meters (id int primary key, place text) distribute by hash(id)"); err != nil {
		log.Fatal(err)
	}
	if _, err := db.Exec("insert into meters values ($1, $2)", 1, "San Francisco"); err != nil {
		log.Fatal(err)
	}
	var place string
	if err := db.QueryRow("select place from meters where id = $1", 1).Scan(&place); err != nil {
		log.Fatal(err)
	}
	fmt.Println(place)
	// Output:
	// San Francisco
}

// An insert whose answer is lost may have run. The driver says so and leaves it at that.
func ExampleServer_Fault() {
	srv := dwstest.NewServer()
	defer srv.Close()
	db, err := sql.Open("dws", srv.DSN(""))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("create table t (a int)"); err != nil {
		log.Fatal(err)
	}

	srv.Fault(dwstest.On{Action: "query", SQL: "insert", Times: 1}, dwstest.DropAfter)
	_, err = db.Exec("insert into t values (1)")
	fmt.Println("failed:", err != nil)
	fmt.Println("ran:", srv.Executed("insert"), "time")
	// Output:
	// failed: true
	// ran: 1 time
}

// A data node fails. Outside of a transaction the coordinator runs the statement again
// and the program sees nothing of it; within one, the error is the program's.
func ExampleServer_Fault_retry() {
	srv := dwstest.NewServer()
	defer srv.Close()
	db, err := sql.Open("dws", srv.DSN(""))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("create table t (a int)"); err != nil {
		log.Fatal(err)
	}

	srv.Fault(dwstest.On{Action: "query", SQL: "insert"}, dwstest.NodeFailure)
	_, err = db.Exec("insert into t values ($1)", 1)
	fmt.Println("alone:", err)
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer tx.Rollback()
	_, err = tx.Exec("insert into t values ($1)", 2)
	fmt.Println("in a transaction:", err != nil)
	// Output:
	// alone: <nil>
	// in a transaction: true
}

// One coordinator of two is killed; the other has the same data.
func ExampleNewCluster() {
	cluster := dwstest.NewCluster(2)
	defer cluster.Close()
	db, err := sql.Open("dws", cluster.DSN(""))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("create table t (a int)"); err != nil {
		log.Fatal(err)
	}
	cluster.Server(0).Stop()
	_, err = db.Exec("insert into t values (1)")
	fmt.Println(err, cluster.Server(1).Executed("insert"))
	// Output:
	// <nil> 1
}
