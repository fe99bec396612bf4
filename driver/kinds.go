package driver

import "errors"

// kind is a node in the tree of error kinds.
type kind struct {
	name   string
	parent error
}

func (k *kind) Error() string { return k.name }

// Is makes errors.Is(child, parent) hold at any distance.
func (k *kind) Is(target error) bool {
	return k.parent != nil && errors.Is(k.parent, target)
}

// NewKind returns a kind below parent, for an engine that names errors more
// finely than this package. The parent is one of this package's kinds or made
// by NewKind; nil makes a root.
func NewKind(parent error, name string) error {
	return &kind{name: name, parent: parent}
}

// The kinds of errors, a tree: errors.Is(err, parent) holds for each child.
// The roots and the first six below ErrDatabase are those of PEP 249, the
// others are named by the engines' own connectors.
var (
	// ErrInterface is a mistake in the use of the driver rather than of the
	// database: a malformed DSN, a closed statement, a missing client library.
	ErrInterface = NewKind(nil, "interface error")

	// ErrDatabase is the parent of everything that concerns the database.
	ErrDatabase = NewKind(nil, "database error")

	// ErrData is a problem with the data: out of range, wrong type, too long.
	ErrData = NewKind(ErrDatabase, "data error")
	// ErrOperational is a problem of the database's operation that need not be
	// the programmer's fault: a lost connection, a shortage, a failed login.
	ErrOperational = NewKind(ErrDatabase, "operational error")
	// ErrIntegrity is a violated constraint: a duplicate object or key.
	ErrIntegrity = NewKind(ErrDatabase, "integrity error")
	// ErrInternal is a broken invariant: bytes from the server that make no
	// sense, a reply to a request that was not made.
	ErrInternal = NewKind(ErrDatabase, "internal error")
	// ErrProgramming is a mistake in a statement: syntax, an unknown table, a
	// wrong number of arguments.
	ErrProgramming = NewKind(ErrDatabase, "programming error")
	// ErrNotSupported is a request for what the engine or transport cannot do.
	ErrNotSupported = NewKind(ErrDatabase, "not supported")

	// ErrConnection is a connection that could not be made or was lost.
	ErrConnection = NewKind(ErrOperational, "connection error")
	// ErrAuthentication is a refused login.
	ErrAuthentication = NewKind(ErrOperational, "authentication error")
	// ErrTimeout is a time limit of the driver or of the server that ran out.
	// A context's own deadline is context.DeadlineExceeded as well.
	ErrTimeout = NewKind(ErrOperational, "timeout")
	// ErrServer is a server that is there and cannot serve: starting, stopping,
	// overloaded.
	ErrServer = NewKind(ErrOperational, "server error")
	// ErrPool is a server of a cluster that lacks its pool or peers.
	ErrPool = NewKind(ErrOperational, "pool error")
	// ErrConsumer is a failed subscription (TMQ).
	ErrConsumer = NewKind(ErrOperational, "consumer error")

	// ErrPermission is a right that the user lacks.
	ErrPermission = NewKind(ErrProgramming, "permission denied")
	// ErrStatement is a prepared statement used against its rules or bound with
	// values that do not fit it.
	ErrStatement = NewKind(ErrProgramming, "statement error")

	// ErrResult is a result whose data cannot be represented as asked.
	ErrResult = NewKind(ErrData, "result error")
	// ErrSchemaless is a malformed line of a schemaless write.
	ErrSchemaless = NewKind(ErrData, "schemaless error")
	// ErrOverflow is a number that does not fit its type.
	ErrOverflow = NewKind(ErrData, "overflow")
)
