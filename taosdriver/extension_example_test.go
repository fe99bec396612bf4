package taosdriver_test

import (
	"context"
	sqldriver "database/sql/driver"
	"fmt"
	"io"
	"time"

	"github.com/gaugesql/gaugesql/driver"
)

// A query under a request id through the extension. Its rows are those of
// database/sql/driver.
func Example_requestQueryer() {
	db, stop := meters()
	defer stop()
	if _, err := db.Exec("INSERT INTO d1 VALUES (?, ?, ?)", time.Now(), 10.5, 220); err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.Background()
	err := driver.WithDB(ctx, db, func(x driver.RequestQueryer) error {
		rows, err := x.QueryRequest(ctx, driver.NewRequestID(), "SELECT voltage, location FROM meters WHERE voltage > ?", 200)
		if err != nil {
			return err
		}
		defer rows.Close()
		row := make([]sqldriver.Value, len(rows.Columns()))
		for {
			switch err := rows.Next(row); err {
			case nil:
				fmt.Println(rows.Columns(), row)
			case io.EOF:
				return nil
			default:
				return err
			}
		}
	})
	fmt.Println(err)
	// Output:
	// [voltage location] [220 Berlin]
	// <nil>
}

// What is behind a connection.
func Example_serverInformer() {
	db, stop := meters()
	defer stop()

	ctx := context.Background()
	err := driver.WithDB(ctx, db, func(s driver.ServerInformer) error {
		info, err := s.ServerInfo(ctx)
		fmt.Println(info.Engine, info.Version, info.User, info.Database)
		return err
	})
	fmt.Println(err)
	// Output:
	// tdengine 3.3.7.5 root power
	// <nil>
}
