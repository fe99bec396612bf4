// Package dwsdriver is a database/sql driver for Huawei DWS (GaussDB), on lib/pq.
//
//	import (
//		"database/sql"
//
//		_ "github.com/gaugesql/gaugesql/dwsdriver"
//	)
//
//	db, err := sql.Open("dws", "dws://dbadmin:pw@cn1:8000,cn2:8000/gaussdb?sslmode=verify-full")
//
// [ParseDSN] describes the DSN, [Config] every setting. A program that has its
// settings otherwise makes a Config, hands it to [NewConnector] and that to
// [sql.OpenDB].
//
// # Login
//
// The driver announces protocol 3.51 and answers GaussDB's SHA256, MD5 and SHA256
// over MD5, so that password_encryption_type can stay as it is; PostgreSQL's own
// methods go through lib/pq. A refused login is reported at once, whatever hosts
// are left: each one counts towards the lock of the account. [ErrPassword],
// [ErrLocked], [ErrInitialUser] and [ErrUnknownDatabase] tell the reasons.
//
// DWS does not prove that it knows the password. Only sslmode verify-ca and
// verify-full tell a coordinator from an impostor.
//
// # Statements
//
// Placeholders are $1 or "?". Arguments are bound by the server, never written
// into the text. A statement goes as one batch, without a BEGIN and without a
// Flush message, so that the coordinator may try it again when a part of the
// cluster fails (CN Retry). Results are streamed and decoded by column.
//
// # Contexts and connections
//
// Every call ends when its context does; the server is sent a cancel request. A
// statement is never sent twice: if the connection is lost after it was sent, the
// error is a [driver.Error] with OutcomeUnknown, and the connection leaves the
// pool. [Config.Retries] and [WithIdempotent] say what may be tried again. What a
// borrower of a connection has set is undone before the next has it.
//
// # Errors
//
// Errors are of type *[driver.Error]: its Kind for errors.Is, the SQLSTATE, the
// host. Below it are *[ServerError], with all that the server said, and lib/pq's
// *pq.Error.
//
// # Extensions
//
// Through [driver.With], a connection loads rows in bulk ([driver.AppenderOpener]),
// copies streams ([driver.Copier]), commits in two phases ([driver.TwoPhase]), runs
// a statement with many rows of arguments ([ManyExecer]), and describes its server
// and session ([driver.ServerInformer], [SessionInformer]). [DeclareCursor],
// [CallProc], [Call] and [Mogrify] are functions. [driver.RequestExecer] runs a
// statement under a request id, and its results are [StatusMessenger]s.
//
// Package dwstest has a coordinator for tests. docs/dws.md in the repository says
// more, and has psycopg2's interface in Go.
package dwsdriver
