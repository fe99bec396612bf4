package dwsdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest"
)

// coordinator starts a DWS in this process, with a table of two columns.
func coordinator() (*sql.DB, func()) {
	srv := dwstest.NewServer()
	db, err := sql.Open("dws", srv.DSN("")) // dws://dbadmin:...@127.0.0.1:.../gaussdb
	if err == nil {
		_, err = db.Exec("CREATE TABLE test (id int, name text)")
	}
	if err != nil {
		log.Fatal(err)
	}
	return db, func() {
		db.Close()
		srv.Close()
	}
}

func Example() {
	db, stop := coordinator()
	defer stop()
	ctx := context.Background()

	if _, err := db.ExecContext(ctx, "INSERT INTO test VALUES ($1, $2), ($3, $4)", 1, "number1", 2, "number2"); err != nil {
		fmt.Println(err)
		return
	}
	var name string
	if err := db.QueryRowContext(ctx, "SELECT name FROM test WHERE id = ?", 2).Scan(&name); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(name)

	_, err := db.ExecContext(ctx, "DISCARD ALL")
	var e *driver.Error
	fmt.Println(errors.Is(err, driver.ErrNotSupported), errors.As(err, &e) && e.SQLState != "")
	// Output:
	// number2
	// true true
}

// An Appender loads rows by COPY; a Copier streams files.
func Example_bulk() {
	db, stop := coordinator()
	defer stop()
	ctx := context.Background()

	err := driver.WithDB(ctx, db, func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(ctx, driver.AppendOptions{Table: "test", Columns: []string{"id", "name"}})
		if err != nil {
			return err
		}
		for i := range 3 {
			if err := a.Append(ctx, i, fmt.Sprintf("number%d", i)); err != nil {
				return err
			}
		}
		return a.Close(ctx)
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = driver.WithDB(ctx, db, func(c driver.Copier) error {
		n, err := c.CopyFrom(ctx, dwsdriver.CopyFromStdin("test", dwsdriver.CopyOptions{Format: "csv"}), strings.NewReader("3,number3\n4,\n"))
		if err != nil {
			return err
		}
		fmt.Println(n, "rows in")
		_, err = c.CopyTo(ctx, dwsdriver.CopyToStdout("test", dwsdriver.CopyOptions{}), os.Stdout)
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// 2 rows in
	// 0	number0
	// 1	number1
	// 2	number2
	// 3	number3
	// 4	\N
}

// Rows of a named cursor are fetched some at a time, and the transaction runs other
// statements between them.
func ExampleDeclareCursor() {
	db, stop := coordinator()
	defer stop()
	ctx := context.Background()
	if _, err := db.ExecContext(ctx, "INSERT INTO test VALUES (1, 'a'), (2, 'b'), (3, 'c')"); err != nil {
		fmt.Println(err)
		return
	}

	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer tx.Rollback()
	cursor, err := dwsdriver.DeclareCursor(ctx, tx, dwsdriver.CursorOptions{Size: 2}, "SELECT id, name FROM test WHERE id < $1 ORDER BY id", 10)
	if err != nil {
		fmt.Println(err)
		return
	}
	for row, err := range cursor.Rows(ctx) {
		if err != nil {
			fmt.Println(err)
			return
		}
		var id int
		var name string
		if err := row.Scan(&id, &name); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(id, name)
	}
	fmt.Println(errors.Is(cursor.Scroll(ctx, -1), driver.ErrNotSupported))
	// Output:
	// 1 a
	// 2 b
	// 3 c
	// true
}

// The statement is prepared once, and many rows go in a round trip.
func ExampleManyExecer() {
	db, stop := coordinator()
	defer stop()
	ctx := context.Background()
	err := driver.WithDB(ctx, db, func(m dwsdriver.ManyExecer) error {
		n, err := m.ExecMany(ctx, "INSERT INTO test VALUES ($1, $2)", func(yield func([]any) bool) {
			for i := range 1000 {
				if !yield([]any{i, "name"}) {
					return
				}
			}
		})
		fmt.Println(n, err)
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output: 1000 <nil>
}

// What the server said of a statement is in the result of a RequestExecer.
func ExampleStatusMessenger() {
	db, stop := coordinator()
	defer stop()
	ctx := context.Background()
	err := driver.WithDB(ctx, db, func(e driver.RequestExecer) error {
		for _, statement := range []string{"INSERT INTO test VALUES (1, 'a'), (2, 'b')", "DROP TABLE test"} {
			r, err := e.ExecRequest(ctx, 0, statement)
			if err != nil {
				return err
			}
			fmt.Println(r.(dwsdriver.StatusMessenger).StatusMessage())
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// INSERT 0 2
	// DROP TABLE
}

// For logs; what runs has its arguments bound.
func ExampleMogrify() {
	text, err := dwsdriver.Mogrify("SELECT * FROM test WHERE id = $1 AND name = $2", 1, "it's")
	fmt.Println(text, err)
	// Output: SELECT * FROM test WHERE id = 1 AND name = 'it''s' <nil>
}

// A configuration without a DSN. It shows no secret.
func ExampleNewConnector() {
	config := dwsdriver.NewConfig()
	config.Hosts = []dwsdriver.Host{{Addr: "cn1:8000"}, {Addr: "cn2:8000"}}
	config.User, config.Password, config.Database = "dbadmin", "secret", "gaussdb"
	config.Balance = dwsdriver.LeastConnections
	config.SSLMode = dwsdriver.SSLRequire
	fmt.Println(config)

	connector, err := dwsdriver.NewConnector(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	// Output: dws://dbadmin:xxxxx@cn1:8000,cn2:8000/gaussdb?sslmode=require&balance=least_connections
}
