package dwsdriver

import (
	"database/sql"
	"os"
	"testing"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest"
)

// To cancel the query would take back what its function has written.
func TestRowsOfAFunctionThatWritesAreClosedEarlyWithoutLoss(t *testing.T) {
	if os.Getenv("CONFORMANCE_POSTGRES") == "" {
		t.Skip("skipped: no server is named by CONFORMANCE_POSTGRES")
	}
	srv := dwstest.NewServer(dwstest.WithPostgres(os.Getenv("CONFORMANCE_POSTGRES")), dwstest.WithIterations(100))
	defer srv.Close()
	db, err := sql.Open("dws", srv.DSN(""))
	must(t, err)
	defer db.Close()
	defer db.Exec("DROP FUNCTION IF EXISTS early_note(int); DROP TABLE IF EXISTS early")
	_, err = db.Exec(`CREATE TABLE early (a int);
		CREATE FUNCTION early_note(int) RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO early VALUES ($1); RETURN repeat('x', 1000); END $$`)
	must(t, err)
	const count = 20_000 // 20 MB, of which the server has sent a part when the rows are closed
	rows, err := db.Query("SELECT early_note(g) FROM generate_series(1, $1) g", count)
	must(t, err)
	if !rows.Next() {
		t.Fatal(rows.Err())
	}
	must(t, rows.Close())
	var n int
	if err := db.QueryRow("SELECT count(*) FROM early").Scan(&n); err != nil || n != count {
		t.Errorf("%d rows were written, %v", n, err)
	}
}
