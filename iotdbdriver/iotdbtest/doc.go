// Package iotdbtest is an Apache IoTDB server for tests, in the process of the test:
// what net/http/httptest is for HTTP. It speaks IoTDB's Thrift protocol in front of a
// small store that understands its SQL:
//
//	srv := iotdbtest.NewServer(iotdbtest.WithDatabase("db1"))
//	defer srv.Close()
//	db, err := sql.Open("iotdb", srv.DSN("db1"))
//
// The user is root with the password root. Official clients speak to it too.
//
// # What it is faithful to
//
// Calls, blocks, codes and texts are those of IoTDB 2.0.1-beta, held against recorded
// answers of the real server: logins whose call succeeds with a wrong password,
// results whose blocks have their columns in another order, INSERTs that are refused
// and written in part, tablets that make tables of misspelt names, pages that are lost
// without an error, results that stay open until they are closed. As on the real
// server dropping the connection does not end a query; KILL QUERY does.
//
// SHOW CLUSTER and what else belongs to a machine is made up. FILL, joins other than
// inner and full ones, window functions, users and grants are missing: see
// "not supported by the embedded store" in its errors.
//
// # Faults
//
// [Server.Fault] makes chosen requests go wrong: the connection drops before or after
// the request was carried out, a reply is late, lost, cut or corrupt, a login is
// refused, a tablet is told where it should have gone, the server restarts.
//
//	srv.Fault(iotdbtest.On{Action: "tablet", Times: 1}, iotdbtest.DropAfter)
//
// # What happened
//
// [Server.Statements] and [Server.Executed] tell what was given to the store, so that
// a test can show that a statement was carried out once.
package iotdbtest
