// Package taosdriver is a database/sql driver for TDengine 3.3.2 and newer. It
// speaks to taosAdapter over WebSocket, which is recommended, or REST, in pure
// Go, or to taosd through libtaos, loaded at run time without cgo.
//
//	import (
//		"database/sql"
//
//		_ "github.com/gaugesql/gaugesql/taosdriver"
//	)
//
//	db, err := sql.Open("taos", "taos+ws://root:taosdata@localhost:6041/power")
//
// [ParseDSN] describes the DSN, [Config] every setting. A program that has its
// settings otherwise makes a Config, hands it to [NewConnector] and that to
// [sql.OpenDB].
//
// # Statements and placeholders
//
// A placeholder is "?". Arguments of DB.Exec and DB.Query are quoted by
// TDengine's rules and written into the text; a "?" in a string, a quoted
// identifier or a comment is none. A text with a second statement is refused: the
// server would run the first alone, without an error.
//
// DB.Prepare prepares an INSERT of one row and a SELECT on the server (stmt2, over
// WebSocket and libtaos) and binds the arguments, converted to the columns' types
// exactly or refused. Whatever the server cannot bind is written into the text
// instead. The server converts then: 1.5 for a column of integers becomes 2.
//
// # Values
//
//	TDengine                             Go
//	BOOL                                 bool
//	TINYINT to BIGINT, signed, unsigned  int64; BIGINT UNSIGNED uint64
//	FLOAT, DOUBLE                        float32, float64
//	VARCHAR, NCHAR                       string
//	TIMESTAMP                            time.Time, in Config.Location
//	DECIMAL                              string, without loss
//	JSON                                 []byte, for json.RawMessage
//	VARBINARY, GEOMETRY, BLOB            []byte
//
// Arguments may be any of these, pointers to them, sql.Null and other Valuers.
// A []byte is written into a text as the binary literal '\x...', which VARCHAR
// does not decode: pass text as a string.
//
// # Contexts and connections
//
// Every call ends when its context does. The statement goes on at the server;
// the driver asks the server to kill it if it has not ended after
// [Config.KillGrace], and uses the connection for other statements meanwhile.
//
// A statement is never sent twice. If the connection is lost after it was sent,
// the error is a [driver.Error] with OutcomeUnknown, and the connection leaves
// the pool. What a borrower of a connection changes by USE is undone before the
// next has it.
//
// # Subscriptions
//
// [OpenConsumer] and [NewConsumer] make consumers of topics (TMQ), as does
// driver.ConsumerOpener on a connection. Messages come at least once, through lost
// connections and at other hosts; docs/tdengine-tmq.md has the properties.
//
// # Errors
//
// Errors are of type *[driver.Error]: its Kind for errors.Is, the server's
// Code, the host, and the request id under which the server's logs have the
// statement. [Code] extracts the code for comparison with CodeUnknownTable and
// others.
//
// # Extensions
//
// Through [driver.With], a connection runs statements under a request id of the
// caller's ([driver.RequestExecer], [driver.RequestQueryer]; simpler is
// [driver.WithRequestID]) and describes its server ([driver.ServerInformer]).
//
// Over WebSocket and libtaos it also writes lines without a schema
// ([driver.SchemalessInserter]), binds columns of many tables to a prepared
// statement ([driver.Stmt2Preparer]; [Statement] is the older interface over it),
// and loads in bulk ([driver.AppenderOpener]).
//
// Package taostest has a server for tests. docs/tdengine.md in the repository
// says more about types, pooling, cancellation and the server's ways.
package taosdriver
