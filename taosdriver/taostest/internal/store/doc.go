// Package store is the database behind taostest: TDengine's SQL on an embedded SQLite, as a
// database/sql driver.
//
//	db := sql.OpenDB(store.New())
//	defer db.Close()
//
// Every connection is a session with a current database and a time zone. SQLite keeps the rows of
// tables and their order; databases, tables, types, time and everything above a scan are done in
// Go, so that values, column types and errors are TDengine's: an error has a method Code with the
// server's 16-bit number and the server's text. Besides the interfaces of database/sql/driver a
// connection has methods for a server that stands in front of it, found with sql.Conn.Raw:
// CurrentDatabase, SetTimezone, StmtFields and ExecMany.
//
// # What it understands
//
//   - CREATE, ALTER and DROP DATABASE (precision and KEEP count, other options are read and
//     dropped), USE.
//   - CREATE [S]TABLE with columns and tags of every type, CREATE TABLE ... USING for one or more
//     children, ALTER TABLE (columns and tags added, dropped, widened, renamed; SET TAG), DROP
//     [S]TABLE.
//   - INSERT INTO one or more tables, with columns, USING and TAGS, or into a super table with
//     tbname among the columns. The same timestamp overwrites; columns that are not named keep
//     their value. A statement is written as a whole or not at all.
//   - DELETE by time, tags and tbname.
//   - SELECT from a table or a subquery, or from nothing: WHERE, PARTITION BY, INTERVAL with offset
//     and SLIDING, GROUP BY, HAVING, ORDER BY, SLIMIT, LIMIT, DISTINCT, UNION; count, sum, avg,
//     min, max, first, last, last_row, spread, stddev, variance; the functions of numbers, texts
//     and time, CASE, CAST, JSON tags.
//   - SHOW DATABASES, STABLES, TABLES, CREATE, TAGS; DESCRIBE; ins_databases, ins_stables,
//     ins_tables and ins_tags of information_schema.
//
// A question mark stands for a value anywhere and for the table's name after INSERT INTO. As on the
// server only the first statement of a text runs. Joins, windows other than INTERVAL, FILL,
// functions with several result rows, users, topics, streams and whatever else is not listed are
// refused by name: "taostest: not supported by the embedded store: join", with the code of a syntax
// error.
//
// # What it adds
//
// taostest_sleep(ms) waits, for each row, and is interrupted by the context: a slow query for
// tests.
package store
