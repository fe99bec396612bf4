package dwsdriver

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest"
)

// Texts of another encoding would come as strings that are no UTF-8, and go as ones
// that the server takes for something else.
func TestAnotherEncodingIsRefusedAndItsConnectionReplaced(t *testing.T) {
	for name, options := range map[string][]dwstest.Option{
		"embedded": nil, "PostgreSQL": {dwstest.WithPostgres(os.Getenv("CONFORMANCE_POSTGRES"))},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "PostgreSQL" && os.Getenv("CONFORMANCE_POSTGRES") == "" {
				t.Skip("skipped: no server is named by CONFORMANCE_POSTGRES")
			}
			srv := dwstest.NewServer(append(options, dwstest.WithIterations(100))...)
			defer srv.Close()
			db, err := sql.Open("dws", srv.DSN(""))
			must(t, err)
			defer db.Close()
			db.SetMaxOpenConns(1)
			ctx := context.Background()
			_, err = db.ExecContext(ctx, "SET client_encoding TO 'LATIN1'")
			var e *driver.Error
			switch {
			case name == "embedded": // which has no other encoding
				if SQLState(err) != "22023" {
					t.Errorf("the error is %v", err)
				}
			case !errors.Is(err, driver.ErrNotSupported), !errors.As(err, &e) || !e.OutcomeUnknown, !strings.Contains(err.Error(), "LATIN1"):
				t.Errorf("the error is %v", err)
			}
			var got string
			if err := db.QueryRowContext(ctx, "SELECT 'größe'").Scan(&got); err != nil || got != "größe" {
				t.Errorf("%q, %v", got, err)
			}
			_, err = db.ExecContext(ctx, "SET client_encoding TO 'UTF8'")
			must(t, err)

			tx, err := db.BeginTx(ctx, nil)
			must(t, err)
			if name != "embedded" {
				if _, err = tx.ExecContext(ctx, "SET client_encoding TO 'LATIN1'"); !errors.Is(err, driver.ErrNotSupported) {
					t.Errorf("in a transaction: %v", err)
				}
				if err := tx.Commit(); err == nil {
					t.Error("a transaction is committed whose connection was ended")
				}
			} else {
				must(t, tx.Rollback())
			}
		})
	}
}
