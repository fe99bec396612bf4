package transport

import (
	"context"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
)

// What a Conn may be able to do beyond statements. The adapter looks for these
// interfaces and offers the extensions of package driver on top of them: it cuts
// lines into batches, checks values before they are sent, keeps the order of the
// steps of a statement and loads in bulk. A transport only takes each step to the
// server. Contexts and errors are as everywhere in this package.

// LineWriter is a Conn that writes lines without a schema.
type LineWriter interface {
	Conn
	// WriteLines writes one batch into the current database.
	WriteLines(ctx context.Context, requestID uint64, lines Lines) (driver.SchemalessResult, error)
}

// Lines is one batch of a schemaless write. All members are checked.
type Lines struct {
	Protocol driver.SchemalessProtocol
	// Precision of the line protocol's timestamps; SchemalessDefault leaves it to
	// the server.
	Precision driver.SchemalessPrecision
	// TTL in days, 0 for none.
	TTL int32
	// TableNameKey is empty for none.
	TableNameKey string
	// Data is the lines, each but the last closed by "\n", or one JSON document.
	// It is not empty, has no NUL, and belongs to the caller again once WriteLines
	// has returned.
	Data []byte
	// Count is the number of lines, 1 for JSON.
	Count int
}

// Stmt2Conn is a Conn that takes bound columns, TDengine's stmt2.
type Stmt2Conn interface {
	Conn
	// Version is the server's, "3.3.7.5": it decides what the server stores
	// correctly. Empty if it is not known.
	Version() string
	// Stmt2 makes and prepares a statement, which is an INSERT or a SELECT with at
	// least one "?". The request id is that of stmt2_init; 0 leaves it to the
	// transport.
	Stmt2(ctx context.Context, requestID uint64, sql string, options Stmt2Options) (Stmt2, error)
}

// Stmt2Options are those of stmt2_init and stmt2_prepare.
type Stmt2Options struct {
	SingleSuperTable, BindTableOnce bool
	// Apart makes the statement under an id that no generated one comes upon when
	// the server counts up from it. The request id is then that of the preparation
	// alone.
	Apart bool
	// Fields asks for the placeholders of an INSERT. The server does not know them,
	// and answers 0x022B, where the table's name is a placeholder and there is no
	// super table.
	Fields bool
}

// Stmt2 is a statement that the server has prepared. Its methods are single steps
// and are called in an order that the server survives: Exec after one or more
// Binds, Result once after the Exec of a query. An error of a step has closed the
// statement on the server, as it would only repeat the error; the caller closes it
// and makes another.
//
// The result of a query is closed by the caller before the next step; the
// transport waits for what is under way of it. Close leaves a result usable.
type Stmt2 interface {
	// IsInsert is what the server took the statement for.
	IsInsert() bool
	// Inputs is the number of placeholders, 0 if the server did not tell.
	Inputs() int
	// Params are the placeholders of an INSERT in the order of the text, nil if
	// they were not asked for, and of a query.
	Params() []bind2.Param
	// Bind adds values to the batch. The tables are checked: see bind2.AppendTo.
	Bind(ctx context.Context, requestID uint64, tables []bind2.Table) error
	// Exec runs the statement and returns the number of rows written.
	Exec(ctx context.Context, requestID uint64) (affected int64, err error)
	// Result returns the rows of a query that was executed.
	Result(ctx context.Context, requestID uint64) (*Reply, error)
	// Close frees the statement on the server. It may be called twice and does not
	// wait.
	Close() error
}
