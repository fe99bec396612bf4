// Package login opens sessions on a DWS coordinator: it dials, speaks TLS, logs
// in by GaussDB's methods or, through lib/pq, by PostgreSQL's, and hands out the
// socket with what the server told on the way.
//
// lib/pq believes that it talks to a server of protocol 3.0 without TLS. What it
// reads and writes goes through a bridge, which announces protocol 3.51, asks it
// for the password where the server asks for a proof of GaussDB's, and sends that
// proof. When the server is ready for a query lib/pq has done its work: its
// connection is dropped, and the session is the caller's.
package login
