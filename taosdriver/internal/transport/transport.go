// Package transport is the seam between the database/sql adapter of TDengine
// and the ways to reach a server: WebSocket, REST, the native library. The
// adapter knows nothing of a transport but the interfaces here; a transport
// knows nothing of database/sql but the values it hands out.
//
// # Errors
//
// Every error of a transport is a [*driver.Error], made by an [Origin] so that
// engine, transport, host, kind and request id are always there. A transport
// never returns ErrBadConn. If it knows that nothing of a request has left the
// process, or that the server has certainly not executed it, it wraps the error
// by [NotSent]; the adapter alone decides what database/sql is told. Connect
// never returns such a mark.
//
// # Contexts
//
// Every call with a context returns within 100 ms of the context's end with an
// error made by [Origin.Canceled]. If the server may still be at work on the
// request, [Settings.Abandoned] is told.
package transport

import (
	"context"
	"database/sql/driver"

	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// Dialer makes the connections of one connector. It is safe for use by several
// goroutines.
type Dialer interface {
	// Connect opens a session at host, "host:port", logs in, selects the database
	// and sets the time zone of the Settings. It tries once: the order of hosts,
	// retries and their time limits are the connector's.
	//
	// The error's kind tells whether another host may do better: ErrConnection,
	// ErrTimeout, ErrServer; otherwise it is final.
	Connect(ctx context.Context, host string) (Conn, error)
	// Close gives back what connections share. Those that are open stay usable.
	Close() error
}

// Conn is a session. Apart from Alive it is used by one goroutine at a time, but
// results may be open while further requests are made.
type Conn interface {
	// Query runs one statement of whatever kind under the request id, which is
	// not 0. The context governs the call, not the result it returns.
	Query(ctx context.Context, requestID uint64, sql string) (*Reply, error)
	// Prepare prepares an INSERT or a SELECT with at least one "?". It returns
	// ErrText if the transport, or the server for this statement, cannot bind its
	// parameters: then they are to be written into the text.
	Prepare(ctx context.Context, requestID uint64, sql string) (Stmt, error)
	// Ping makes a round trip to the server behind the adapter process.
	Ping(ctx context.Context) error
	// Restore brings database and time zone back to those of the Settings. An
	// error means that the connection is not to be used again.
	Restore(ctx context.Context) error
	// Info describes server and session.
	Info(ctx context.Context) (Info, error)
	// Alive reports whether the connection can be used again. It costs no round
	// trip. Once false it stays false.
	Alive() bool
	// Close ends the session. It may be called twice; it waits for no reply.
	Close() error
}

// PingSQL is a question to the server that everybody may ask. SELECT 1, and even
// SELECT SERVER_STATUS(), the client library answers by itself, with the server
// away (3.3.7.5, through taosAdapter and libtaos).
const PingSQL = "SELECT name FROM information_schema.ins_databases LIMIT 1"

// Reply is what a statement was answered with.
type Reply struct {
	// Update tells that the statement returns no rows. Then Result is nil.
	Update bool
	// Affected is the number of rows written or deleted by an update.
	Affected int64
	// Fields describe the columns of the result.
	Fields []block.Field
	// Precision is the unit of all timestamps of the result. NoPrecision tells that
	// the server gave none, which over REST only a timestamp does.
	Precision   block.Precision
	NoPrecision bool
	// Result hands out the rows. The caller closes it.
	Result Result
}

// Result hands out the rows of a statement block by block.
type Result interface {
	// Next returns the next block, which has at least one row, and io.EOF behind
	// the last. The result is closed by any error, io.EOF included.
	Next(ctx context.Context) (*block.Block, error)
	// Close frees the result on the server. It may be called twice and waits for
	// no reply.
	Close() error
}

// Stmt is a prepared statement. It belongs to its connection and is used by one
// goroutine at a time, like the connection. Exec and Query return ErrText, before
// anything was executed, for values that have to be written into the text.
type Stmt interface {
	// NumInput is the number of placeholders.
	NumInput() int
	// Exec runs the statement with one value a placeholder and returns the number
	// of rows written. A value that does not fit is found before anything is sent.
	Exec(ctx context.Context, requestID uint64, args []driver.Value) (affected int64, err error)
	// Query is Exec for statements that return rows. It returns ErrText while the
	// result of the last use is still open.
	Query(ctx context.Context, requestID uint64, args []driver.Value) (*Reply, error)
	// Close frees the statement on the server, once its open result, which stays
	// usable, is closed. It may be called twice.
	Close() error
}

// ErrText is Conn.Prepare's answer to statements whose parameters have to be
// written into the text.
var ErrText = bind2.ErrText

// Info is what a connection knows of server and session.
type Info struct {
	Version  string
	Host     string
	Database string
	// Parameters by the server's own names. May be nil.
	Parameters map[string]string
}
