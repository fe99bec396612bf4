package taosdriver_test

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// A consumer of a super table reads what was written before, and commits it.
func ExampleOpenConsumer() {
	srv := taostest.NewServer()
	defer srv.Close()
	db, err := sql.Open("taos", srv.DSN("ws", ""))
	if err != nil {
		panic(err)
	}
	defer db.Close()
	today := time.Now().UTC().Truncate(24 * time.Hour).UnixMilli()
	for _, statement := range []string{
		"CREATE DATABASE power",
		"CREATE STABLE power.meters (ts TIMESTAMP, voltage INT) TAGS (location VARCHAR(16))",
		"CREATE TOPIC meters AS STABLE power.meters",
		fmt.Sprintf("INSERT INTO power.d1001 USING power.meters TAGS ('Campbell') VALUES (%d, 219) (%d, 221)", today, today+1000),
	} {
		if _, err := db.Exec(statement); err != nil {
			panic(err)
		}
	}

	ctx := context.Background()
	c, err := taosdriver.OpenConsumer(ctx, srv.DSN("ws", ""), map[string]string{
		"group.id":           "billing",
		"auto.offset.reset":  "earliest",
		"enable.auto.commit": "false",
	})
	if err != nil {
		panic(err)
	}
	defer c.Close(ctx)
	if err := c.Subscribe(ctx, "meters"); err != nil {
		panic(err)
	}
	m, err := c.Poll(ctx, time.Second) // or: for m, err := range c.Messages(ctx)
	if err != nil {
		panic(err)
	}
	type reading struct {
		TS      time.Time
		Voltage int32
	}
	for _, data := range m.Data {
		readings, err := driver.ScanStructs[reading](data.Rows())
		if err != nil {
			panic(err)
		}
		for _, r := range readings {
			fmt.Println(data.Table, r.TS.Format(time.TimeOnly), r.Voltage)
		}
	}
	if err := c.Commit(ctx, m); err != nil {
		panic(err)
	}
	// Output:
	// d1001 00:00:00 219
	// d1001 00:00:01 221
}
