// Package store is what lies behind the embedded SiriDB server: databases with
// their series, users, groups and tags, and the statements that work on them.
// It knows bytes of requests and responses, but no sockets.
//
// Behaviour and texts are those of siridb-server 2.0.55, oddities included: names
// are cut at NUL, the first point decides the type of a series, times are scaled
// by a 32 bit float, regular expressions are anchored around the whole of their
// text and not around each branch.
package store
