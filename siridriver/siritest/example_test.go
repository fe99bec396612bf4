package siritest_test

import (
	"database/sql"
	"fmt"
	"log"
	"time"

	_ "github.com/gaugesql/gaugesql/siridriver"
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

// A server in backup mode refuses to read and write; the others do it.
func ExampleNewCluster() {
	cluster := siritest.NewCluster(3)
	defer cluster.Close()
	db, err := sql.Open("siridb", cluster.DSN("", "weight=3", "", "backup=true"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	cluster.Server(0).SetStatus(siritest.Running | siritest.BackupMode)
	for i := range 10 {
		if _, err := db.Exec("INSERT INTO cpu (time, value) VALUES (?, ?)", i, 0.5); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(len(cluster.Points("", "cpu")), "points")
	// Output:
	// 10 points
}
