package taostest

import (
	"database/sql"

	_ "modernc.org/sqlite"
)

func openStore() *sql.DB {
	db, _ := sql.Open("sqlite", ":memory:")
	db.SetMaxOpenConns(1)
	return db
}
