package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	_ "github.com/gaugesql/gaugesql/taosdriver"
)

func main() {
	if err := run("taos+ws://root:taosdata@localhost:6041/power?timezone=Asia/Shanghai"); err != nil {
		log.Fatal(err)
	}
}

func run(dsn string) error {
	db, err := sql.Open("taos", dsn) // a bad DSN is found here, not at the first query
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()

	// "?" is bound or quoted by the database's own rules.
	_, err = db.ExecContext(ctx, "INSERT INTO d1001 USING meters TAGS (?) VALUES (?, ?, ?)", "San Francisco", time.Now(), 10.3, 219)
	var e *driver.Error
	if errors.As(err, &e) && e.OutcomeUnknown {
		log.Print("lost on the way: the row may be in, and nobody has sent it twice")
	}
	if err != nil {
		return err
	}

	rows, err := db.QueryContext(ctx, "SELECT ts, current, location FROM meters WHERE voltage > ?", 200)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var at time.Time
		var current sql.Null[float32]
		var location string
		if err := rows.Scan(&at, &current, &location); err != nil {
			return err
		}
		fmt.Println(at, current.V, location)
	}
	if err := rows.Err(); err != nil {
		return err
	}

	// What the engine can do beyond SQL is an interface on the connection.
	return driver.WithDB(ctx, db, func(s driver.ServerInformer) error {
		info, err := s.ServerInfo(ctx)
		fmt.Println(info.Engine, info.Version, info.Database)
		return err
	})
}
