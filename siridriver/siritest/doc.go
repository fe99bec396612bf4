// Package siritest is a SiriDB server for tests, in the process of the test: what
// net/http/httptest is for HTTP. It speaks SiriDB's client protocol in front of a
// small store that understands the query language:
//
//	srv := siritest.NewServer()
//	defer srv.Close()
//	db, err := sql.Open("siridb", srv.DSN(""))
//
// There is a database dbtest with times in milliseconds; [WithDatabase] makes
// others. The user is iris with the password siri.
//
// # What it is faithful to
//
// Packages, their types and texts are those of siridb-server 2.0.55, held against
// recorded traffic: syntax errors that name what could stand there, requests that
// are never answered, results whose containers are never closed, the silent
// conversion to the type of a series, the wrong scaling of times when another
// precision is asked for. Requests of a connection are served in their order; a
// [Delay] lets answers overtake each other, as they do in the real server. A
// request that ends the real server's process drops every connection and is
// listed by [Server.Crashes].
//
// What belongs to a machine and not to data (memory, open files, shards on disk)
// is made up. There are no help pages, regular expressions are those of Go's
// package regexp and not of PCRE, and points do not expire.
//
// # Several servers
//
// [NewCluster] starts servers that share one store, in one or several pools.
// [Server.Stop], [Server.Pause], [Server.SetStatus] and [Server.Shutdown] take one
// away in the ways in which real ones go: killed, hung, in backup mode, closing.
// The others answer what they would then: that a pool is lacking a server, or part
// of a list.
//
// # Faults
//
// [Server.Fault] makes chosen requests go wrong: the connection drops before or
// after the request was carried out, a reply is late, lost, cut or corrupt, a login
// is refused, the server restarts.
//
//	srv.Fault(siritest.On{Action: "insert", Times: 1}, siritest.DropAfter)
//
// # What happened
//
// [Server.Statements] and [Server.Executed] tell what was given to the store, so
// that a test can show that a request was carried out once. [Server.Points] reads
// a series past the protocol.
package siritest
