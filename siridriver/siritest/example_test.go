package siritest_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"time"

	"github.com/gaugesql/gaugesql/siridriver"
	"github.com/gaugesql/gaugesql/siridriver/siritest"
)

func Example() {
	srv := siritest.NewServer()
	defer srv.Close()
	db, err := sql.Open("siridb", srv.DSN(""))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	at := time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC)
	if _, err := db.Exec("INSERT INTO 'cpu.user' (time, value) VALUES (?, ?), (?, ?)", at, 0.5, at.Add(time.Minute), 0.7); err != nil {
		log.Fatal(err)
	}
	var series string
	var last time.Time
	var mean float64
	if err := db.QueryRow("select mean(1h) from ?", "cpu.user").Scan(&series, &last, &mean); err != nil {
		log.Fatal(err)
	}
	fmt.Println(series, last.Format(time.DateTime), mean)
	// Output:
	// cpu.user 2023-11-14 23:00:00 0.6
}

// An insert whose answer is lost may have been carried out. The driver says so and
// leaves it at that.
func ExampleServer_Fault() {
	srv := siritest.NewServer()
	defer srv.Close()
	db, err := sql.Open("siridb", srv.DSN(""))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	srv.Fault(siritest.On{Action: "insert", Times: 1}, siritest.DropAfter)
	_, err = db.Exec("INSERT INTO cpu (time, value) VALUES (?, ?)", time.Now(), 0.5)
	fmt.Println("failed:", err != nil)
	fmt.Println("carried out:", srv.Executed("cpu"), "time")
	// Output:
	// failed: true
	// carried out: 1 time
}

// One of three servers goes down, another one serves.
func ExampleNewCluster() {
	cluster := siritest.NewCluster(3)
	defer cluster.Close()
	config, err := siridriver.ParseDSN(cluster.DSN("", "weight=3", "", "backup=true"))
	if err != nil {
		log.Fatal(err)
	}
	connector, err := siridriver.NewConnector(config)
	if err != nil {
		log.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()

	ctx := context.Background()
	for range 2 {
		var n int
		if err := db.QueryRowContext(ctx, "count users").Scan(&n); err != nil {
			log.Fatal(err)
		}
		fmt.Println(n)
		cluster.Server(0).Stop()
	}
	fmt.Println("by the backup:", cluster.Server(2).Executed("count"))
	// Output:
	// 1
	// 1
	// by the backup: 0
}
