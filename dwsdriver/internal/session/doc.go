// Package session runs statements on a session that has been logged in: it owns
// the socket, the state of the protocol, cancellation and the prepared
// statements.
//
// # Round trips
//
// A statement without arguments that returns no rows goes by the simple
// protocol, in one message. Every other goes by the extended protocol, in one
// batch that ends in Sync: never Flush, never a BEGIN of its own, so that a
// coordinator can run the batch again where DWS's CN Retry allows it. A statement
// that is new to the session runs unnamed, from its second use on by a name that
// the server keeps until the statement leaves the cache.
//
// Two cases take a second round trip, as long as the server does not keep the
// statement: arguments whose text depends on their parameters' types (times and
// bytes), and queries without arguments where results may be binary: those that
// are large tend to be of this sort, and their columns' types decide the format.
// What the server can send in binary is found out when a result is first likely
// to be large, by another.
//
// # Never twice
//
// [NotSentError] says that nothing of a statement has left the process. A statement that
// the server no longer knows by its name, or whose result has changed its
// columns, is refused before it is executed, when it is bound; only then is it
// sent again, once, and only outside of a transaction, which it has not ended.
//
// # Contexts
//
// When the context of a request ends the server is sent a cancel request, and has
// a moment, [Grace], to answer. If it does the session stays usable; otherwise
// it is given up. The goroutine that cancels ends by itself, at the latest after
// [Options].CancelTimeout. There is no other.
//
// A Session is used by one goroutine at a time.
package session
