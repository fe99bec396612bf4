// Package rest speaks to taosAdapter over HTTP: POST /rest/sql, one statement a
// request. It implements the interfaces of package transport.
//
// The server keeps no session. The current database and the time zone belong to
// the connection here and go with every request. Rows are decoded from the body
// as it arrives, into the same columns as the blocks of WebSocket.
//
// Two losses are the server's and cannot be noticed here: a fetch that fails on
// the server in the middle of a result, or its option restfulRowLimit, ends the
// rows early and counts them as if they were all; and bytes of a VARCHAR that
// are not UTF-8 arrive as U+FFFD.
//
// The body does not name the unit of timestamps; the first one shows it. A result
// without any says milliseconds whatever the database has.
package rest
