// Package store is the database behind taostest: TDengine's SQL on an embedded SQLite, as a database/sql driver.
//
//	db := sql.OpenDB(store.New())
//	defer db.Close()
//
// Every connection is a session with a current database and a time zone. SQLite keeps the rows of tables and their order; databases, tables,
// types, time and everything above a scan are done in Go, so that values, column types and errors are TDengine's: an error has a method Code
// with the server's 16-bit number and the server's text. What the store does not understand it refuses by name ("taostest: not supported by
// the embedded store: ...").
//
// Besides the interfaces of database/sql/driver a connection has methods for a server that stands in front of it, found with sql.Conn.Raw:
// CurrentDatabase, SetTimezone, StmtFields and ExecMany.
//
// The store has one function that TDengine has not: taostest_sleep(ms) waits, for each row, and is interrupted by the context.
package store
