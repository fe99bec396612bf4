// Package parse reads SiriDB's query language into statements.
//
// The grammar is the one of siridb-server 2.0.55, and so are the texts of syntax
// errors: what could have stood at the furthest place that was reached.
package parse
