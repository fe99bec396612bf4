// Command errors shows how to tell errors apart: by kind with errors.Is, by the
// server's code with errors.As, and whether a statement may have been carried
// out.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gaugesql/gaugesql/driver"
	_ "github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "errors:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	server := taostest.NewServer()
	defer server.Close()
	db, err := sql.Open("taos", server.DSN("ws", ""))
	if err != nil {
		return err
	}
	defer db.Close()
	for _, statement := range []string{"CREATE DATABASE power", "CREATE TABLE power.meter (ts TIMESTAMP, v INT)"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	exec := func(statement string, args ...any) error {
		_, err := db.ExecContext(ctx, statement, args...)
		return err
	}

	explain(out, "a misspelt statement", exec("SELEC 1"))
	explain(out, "an unknown table", exec("SELECT * FROM power.nowhere"))
	explain(out, "a table that is there", exec("CREATE TABLE power.meter (ts TIMESTAMP, v INT)"))
	explain(out, "too few arguments", exec("INSERT INTO power.meter VALUES (NOW, ?)"))

	wrong, err := sql.Open("taos", "taos+ws://root:guess@"+server.Addr())
	if err != nil {
		return err
	}
	defer wrong.Close()
	explain(out, "a wrong password", wrong.PingContext(ctx))

	// The connection breaks behind the statement: it ran, and nobody was told.
	// The driver does not run it again; whether the program may, only it knows.
	server.Fault(taostest.On{SQL: "INSERT", Times: 1}, taostest.DropAfter)
	explain(out, "a connection lost", exec("INSERT INTO power.meter VALUES (1700000000000, 1)"))
	fmt.Fprintf(out, "the server ran it %d time\n", server.Executed("INSERT"))

	server.Stop()
	explain(out, "a server that is gone", exec("SELECT 1"))
	return nil
}

// explain prints what a program can find out about an error.
func explain(out io.Writer, what string, err error) {
	kind := "something else"
	switch {
	case errors.Is(err, driver.ErrAuthentication):
		kind = "authentication"
	case errors.Is(err, driver.ErrConnection):
		kind = "connection"
	case errors.Is(err, driver.ErrIntegrity):
		kind = "integrity"
	case errors.Is(err, driver.ErrProgramming):
		kind = "programming"
	}
	var e *driver.Error
	if !errors.As(err, &e) {
		fmt.Fprintf(out, "%s: %v\n", what, err)
		return
	}
	fmt.Fprintf(out, "%s: kind %s, code 0x%04x, may have been carried out: %v\n", what, kind, e.Code, e.OutcomeUnknown)
}
