package driver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"

	"github.com/gaugesql/gaugesql/driver"
	_ "github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// embedded opens a TDengine that runs in this process.
func embedded() (db *sql.DB, stop func()) {
	srv := taostest.NewServer()
	db, err := sql.Open("taos", srv.DSN("ws", ""))
	if err != nil {
		log.Fatal(err)
	}
	return db, func() {
		db.Close()
		srv.Close()
	}
}

// With stays on a connection that the caller has reserved, for what belongs to
// one session.
func ExampleWith() {
	db, stop := embedded()
	defer stop()
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	for _, statement := range []string{"CREATE DATABASE power", "USE power"} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			log.Fatal(err)
		}
	}

	err = driver.With(conn, func(s driver.ServerInformer) error {
		info, err := s.ServerInfo(ctx)
		fmt.Println(info.Engine, info.Version, info.User, info.Database)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: tdengine 3.3.7.5 root power
}

// WithDB takes any connection of the pool. An engine that lacks the extension
// says so.
func ExampleWithDB() {
	db, stop := embedded()
	defer stop()
	ctx := context.Background()

	err := driver.WithDB(ctx, db, func(x driver.RequestExecer) error {
		_, err := x.ExecRequest(ctx, 0x1b3, "CREATE DATABASE power")
		return err
	})
	fmt.Println(err)

	err = driver.WithDB(ctx, db, func(driver.TabletInserter) error { return nil })
	fmt.Println(errors.Is(err, driver.ErrNotSupported), err)
	// Output:
	// <nil>
	// true tdengine: the extension driver.TabletInserter is not supported by tdengine over ws
}

// As is the search alone: for several extensions of one connection, or one that
// may be missing.
func ExampleAs() {
	db, stop := embedded()
	defer stop()
	conn, err := db.Conn(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()

	err = conn.Raw(func(c any) error {
		_, err := driver.As[driver.RequestQueryer](c)
		fmt.Println("request ids:", err == nil)
		_, err = driver.As[driver.Copier](c)
		fmt.Println("COPY:", err == nil)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// request ids: true
	// COPY: false
}
