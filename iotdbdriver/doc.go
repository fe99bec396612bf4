// Package iotdbdriver is a database/sql driver for Apache IoTDB 2.0 and newer, in
// pure Go: the table model, and the tree model for statements and tablets.
//
//	import (
//		"database/sql"
//
//		_ "github.com/gaugesql/gaugesql/iotdbdriver"
//	)
//
//	db, err := sql.Open("iotdb", "iotdb://root:root@h1:6667,h2:6667/db1")
//
// [ParseDSN] describes the DSN, [Config] every setting. A program that has its
// settings otherwise makes a Config, hands it to [NewConnector] and that to
// [sql.OpenDB].
//
// # Statements and placeholders
//
// A placeholder is "?". Arguments are written into the text by IoTDB's rules, in
// which a quote is doubled and a backslash is a backslash; a "?" in a string, a
// quoted identifier or a comment is none. A semicolon at the end is cut off, since
// the table model does not take it; a second statement is refused. DB.Prepare lets
// the server prepare a query, where it can (2.0.8 and later).
//
// The server does not count what a statement affects, so that RowsAffected is an
// error of kind driver.ErrNotSupported and never a number.
//
// An INSERT with a value that its column refuses is an error with the code
// [CodeMetadata], and yet has written everything else.
//
// # Values
//
//	IoTDB            Go
//	BOOLEAN          bool
//	INT32, INT64     int64
//	FLOAT, DOUBLE    float32, float64
//	TEXT, STRING     string
//	TIMESTAMP        time.Time, in Config.Location; the tree model's Time too
//	DATE             time.Time, the midnight of the day in UTC
//	BLOB             []byte
//
// Arguments may be any of these, pointers to them, sql.Null and other Valuers, and
// [Date] for a DATE. A time.Time is written as an integer in the server's unit,
// ms, us or ns, which the server takes everywhere; what is finer is cut off. A day
// that no calendar has, such as '2023-02-29' for a DATE, is refused: the server
// would make another of it. NaN goes into an INSERT; infinities into tablets only.
// In the tree model pass text as a string: the server does not decode a []byte for
// a TEXT.
//
// # Contexts and connections
//
// Every call ends when its context does, and the connection is closed then. A query
// goes on at the server, which is asked over another connection to kill it; the
// deadline of a context is the server's timeout as well. Without a deadline the
// server ends a query after a minute, pauses of whoever reads its rows included,
// unless [Config.QueryTimeout] says otherwise.
//
// A statement is never sent twice. If the connection is lost after it was sent, the
// error is a [driver.Error] with OutcomeUnknown, and the connection leaves the pool. A
// server that fails in a call ("Internal error processing ...") has perhaps carried it
// out: OutcomeUnknown is set too, and the connection goes on.
//
// Closing a result early, or a statement that the server has prepared, waits for the
// server for a second at most; the connection is given up then.
//
// What a borrower selects by USE is undone before the next has the connection.
//
// # Errors
//
// Errors are of type *[driver.Error]: its Kind for errors.Is, the server's Code, the
// host. [Code] extracts the code for comparison with [CodeUnknownTable] and others.
//
// # Extensions
//
// Through [driver.With], a connection writes tablets ([driver.TabletInserter]) and
// records ([RecordInserter]), loads in bulk ([driver.AppenderOpener]), runs statements
// under a request id, which errors and logs show ([driver.RequestExecer],
// [driver.RequestQueryer]), and describes its server ([driver.ServerInformer]).
//
// Package iotdbtest has a server for tests. docs/iotdb.md in the repository says more
// about models, types, tablets and the server's ways.
package iotdbdriver
