// Package dwstest is a Huawei DWS coordinator for tests, in the process of the
// test: what net/http/httptest is for HTTP. It speaks GaussDB's client protocol, in
// front of an embedded store that understands the SQL of ordinary programs, or of
// a real PostgreSQL:
//
//	srv := dwstest.NewServer()
//	defer srv.Close()
//	db, err := sql.Open("dws", srv.DSN(""))
//
// The databases are gaussdb and postgres; the user is dbadmin.
//
// # What it is faithful to
//
// The login: of a password it keeps what GaussDB keeps, salt and keys, and asks by
// the method that follows from how it is stored and from the protocol version that
// the client announces: SHA256 over 3.0, 3.50 or 3.51, MD5, and on demand the rarer
// methods ([WithAuth]). Other versions, wrong passwords, locked accounts and unknown
// databases are refused with GaussDB's codes and texts. Errors have GaussDB's
// fields, not PostgreSQL's; the version is 9.2.4; floats have 15 digits unless the
// client asks for more.
//
// The refusals of DWS: DISCARD, LISTEN, large objects, SCROLL and WITH HOLD cursors,
// PREPARE TRANSACTION, a read-only session, foreign keys, COPY of the server's files.
// Isolation levels that DWS does not have become the next one silently. DISTRIBUTE
// BY and ORIENTATION are taken and mean nothing.
//
// # A real PostgreSQL behind it
//
// [WithPostgres] makes the coordinator a gateway: after the login every message goes
// to a session of that PostgreSQL and back. Types, transactions, locks, cursors and
// COPY are then the real ones. Of the embedded store see below.
//
// # The embedded store
//
// Without it statements are run by SQLite, translated: tables of the usual types
// with their checks, queries with joins and aggregates, transactions, COPY of tables
// in text and CSV form, cursors. There are no schemas but public, no functions of your
// own, and of the catalogue only what is listed in docs/dws.md. One transaction
// writes at a time. It is for quick starts and for tests of programs.
//
// # Several coordinators
//
// [NewCluster] starts coordinators that share their data and list each other in
// pgxc_node. [Server.Stop], [Server.Pause] and [Server.Restart] take one away in the
// ways in which real ones go.
//
// # Faults
//
// [Server.Fault] makes chosen requests go wrong: the connection drops before or
// after a statement ran, a reply is late, lost, cut or corrupt, a login is refused or
// slow, a data node fails in a way that the coordinator may retry (CN Retry).
//
//	srv.Fault(dwstest.On{Action: "query", SQL: "insert", Times: 1}, dwstest.DropAfter)
//
// # What happened
//
// [Server.Statements] and [Server.Executed] tell what was run, so that a test can
// show that a statement ran once; [Server.Logins] counts logins, [Server.Cancels]
// requests to cancel.
package dwstest
