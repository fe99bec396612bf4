// Package taostest is a TDengine server for tests, in the process of the test:
// what net/http/httptest is for HTTP. It speaks taosAdapter's protocol, WebSocket
// and REST, in front of an embedded store that understands TDengine's SQL, or of
// any other *sql.DB:
//
//	srv := taostest.NewServer()
//	defer srv.Close()
//	db, err := sql.Open("taos", srv.DSN("ws", ""))
//
// # What it is faithful to
//
// Messages, their order and timing, codes and texts are those of taosAdapter
// 3.3.7.5, held against recorded traffic. Each message of a WebSocket is served
// in its own goroutine, replies come when they are ready; one connection is one
// session; what runs goes on when the client has gone, until it is killed with
// KILL QUERY; a request that ends the real server's process drops every
// connection and is listed by [Server.Crashes].
//
// Lines without a schema need the embedded store, which keeps no TTL of tables.
// Subscriptions need the embedded store. Their offsets count the writes into a
// vgroup, and a consumer joins and leaves its group at once.
//
// # Other databases
//
// [WithDB] puts the protocol in front of another database. With go-sqlmock a
// test scripts exact answers and failures. An error with a method Code() int is
// sent with that code, any other with 0xffff.
//
// # Faults
//
// [Server.Fault] makes chosen requests go wrong: the connection drops before or
// after the statement ran, a reply is late, lost, cut or corrupt, a login or an
// upgrade is refused.
//
//	srv.Fault(taostest.On{Action: "query", SQL: "insert", Times: 1}, taostest.DropAfter)
//
// # What happened
//
// [Server.Statements] and [Server.Executed] tell what was given to the database,
// so that a test can show that a statement ran once. [Server.Connections],
// [Server.OpenResults] and [Server.OpenStatements] show what a client forgot to
// give back.
package taostest
