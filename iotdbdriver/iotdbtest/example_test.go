package iotdbtest_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"

	"github.com/gaugesql/gaugesql/driver"
	_ "github.com/gaugesql/gaugesql/iotdbdriver"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest"
)

func Example() {
	srv := iotdbtest.NewServer(iotdbtest.WithDatabase("db1"))
	defer srv.Close()
	db, err := sql.Open("iotdb", srv.DSN("db1"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		"CREATE TABLE rooms (room STRING TAG, celsius DOUBLE)", "INSERT INTO rooms (time, room, celsius) VALUES (1, 'hall', 20.5), (2, 'attic', 31)",
	} {
		if _, err := db.Exec(statement); err != nil {
			log.Fatal(err)
		}
	}
	var room string
	if err := db.QueryRow("SELECT room FROM rooms WHERE celsius > ?", 25).Scan(&room); err != nil {
		log.Fatal(err)
	}
	fmt.Println(room)
	// Output: attic
}

// A statement whose reply is lost was carried out once, and is never repeated.
func ExampleServer_Fault() {
	srv := iotdbtest.NewServer(iotdbtest.WithDatabase("db1"))
	defer srv.Close()
	db, err := sql.Open("iotdb", srv.DSN("db1"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE rooms (celsius DOUBLE)"); err != nil {
		log.Fatal(err)
	}
	srv.Fault(iotdbtest.On{Action: "query", SQL: "INSERT INTO rooms", Times: 1}, iotdbtest.DropAfter)

	_, err = db.ExecContext(context.Background(), "INSERT INTO rooms (time, celsius) VALUES (1, 20.5)")
	var e *driver.Error
	fmt.Println(errors.As(err, &e) && e.OutcomeUnknown, srv.Executed("INSERT INTO rooms"))
	// Output: true 1
}
