package dwsdriver

import (
	"errors"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// Kinds of errors that DWS distinguishes more finely than the shared contract.
// errors.Is(err, dwsdriver.ErrPassword) tells one; [SQLState] has the code.
var (
	// ErrPassword: user unknown or password wrong (28P01), which the server does
	// not tell apart. Each counts towards the lock of the account. A
	// driver.ErrAuthentication, as are the two below.
	ErrPassword = driver.NewKind(driver.ErrAuthentication, "wrong user or password")
	// ErrLocked: the account is locked (28000).
	ErrLocked = driver.NewKind(driver.ErrAuthentication, "account locked")
	// ErrInitialUser: the account that installed the cluster, which may log in on
	// the cluster's own machines alone (28000).
	ErrInitialUser = driver.NewKind(driver.ErrAuthentication, "initial user")
	// ErrUnknownDatabase: there is no such database (3D000). A driver.ErrProgramming.
	ErrUnknownDatabase = driver.NewKind(driver.ErrProgramming, "unknown database")
	// ErrRolledBack: the server has rolled the transaction back, as it conflicted
	// with another (40001, 40P01 and others). Do the whole transaction again. A
	// driver.ErrOperational, as is the one below.
	ErrRolledBack = driver.NewKind(driver.ErrOperational, "transaction rolled back")
	// ErrCanceled: the server has ended the statement because somebody asked it to
	// (57014). If its own statement_timeout ran out, the kind is driver.ErrTimeout.
	ErrCanceled = driver.NewKind(driver.ErrOperational, "statement canceled")
	// ErrReadOnly: the cluster or transaction takes no writes (25006). DWS makes a
	// cluster read-only whose disks are nearly full. A driver.ErrInternal, as
	// psycopg2's ReadOnlySqlTransaction is an InternalError.
	ErrReadOnly = driver.NewKind(driver.ErrInternal, "read only")
)

// ServerError is all that the server says of an error. errors.As finds it below
// [driver.Error], and below it the error as lib/pq has it, *[pq.Error].
type ServerError struct {
	// Severity is ERROR, FATAL, PANIC, WARNING, NOTICE, DEBUG, INFO or LOG, or a
	// translation; Plain is never translated, and absent from DWS.
	Severity, Plain string
	// Code is the SQLSTATE.
	Code string
	// Message, Detail and Hint are the server's texts. A coordinator may name
	// itself at the beginning of Message: "cn_5001: ".
	Message, Detail, Hint string
	// Position is a place in the statement, in characters from 1;
	// InternalPosition one in InternalQuery, which the server made itself.
	Position, InternalPosition, InternalQuery string
	// Where is the stack of procedures.
	Where string
	// Schema, Table, Column, DataType and Constraint are named by PostgreSQL, not
	// by DWS.
	Schema, Table, Column, DataType, Constraint string
	// InternalCode is GaussDB's own number of the error, and Module the part of the
	// server that it comes from: "SECURITY".
	InternalCode, Module string
	// File, Line and Routine are places in the server's source.
	File, Line, Routine string
}

// Notice is what the server says beside a result. It has the fields of an error.
type Notice = ServerError

// Error is the message with its SQLSTATE.
func (e *ServerError) Error() string {
	if e.Code == "" {
		return e.Message
	}
	return e.Message + " (" + e.Code + ")"
}

// SQLState returns the SQLSTATE.
func (e *ServerError) SQLState() string { return e.Code }

// Unwrap returns the error as lib/pq has it. Its Column and DataTypeName are empty
// where GaussDB means something else by them.
func (e *ServerError) Unwrap() error { return e.PQ() }

// PQ is [ServerError.Unwrap] by its type.
func (e *ServerError) PQ() *pq.Error { return (*wire.Fields)(e).PQ() }

// SQLState returns the SQLSTATE of err, "" if err is not the server's.
func SQLState(err error) string {
	var e *driver.Error
	if errors.As(err, &e) && e.Engine == engine {
		return e.SQLState
	}
	return ""
}

// byState gives kinds to SQLSTATEs, byClass to their first two characters. Classes
// have psycopg2's kind, or a finer one below it where the contract has it. psycopg2
// does not know those of GaussDB alone, CG and YY: parts of the cluster that cannot
// be reached.
var (
	byState = map[string]error{
		"22003": driver.ErrOverflow,
		"22008": driver.ErrOverflow,
		"25006": ErrReadOnly,
		"28P01": ErrPassword,
		"3D000": ErrUnknownDatabase,
		"42501": driver.ErrPermission,
		"57014": ErrCanceled,
		"57P01": driver.ErrServer,
		"57P02": driver.ErrServer,
		"57P03": driver.ErrServer,
		"57P04": driver.ErrServer,
	}
	byClass = map[string]error{
		"08": driver.ErrConnection,
		"0A": driver.ErrNotSupported,
		"20": driver.ErrProgramming,
		"21": driver.ErrProgramming,
		"22": driver.ErrData,
		"23": driver.ErrIntegrity,
		"24": driver.ErrInternal,
		"25": driver.ErrInternal,
		"26": driver.ErrOperational,
		"27": driver.ErrOperational,
		"28": driver.ErrAuthentication,
		"2B": driver.ErrInternal,
		"2D": driver.ErrInternal,
		"2F": driver.ErrInternal,
		"34": driver.ErrOperational,
		"38": driver.ErrInternal,
		"39": driver.ErrInternal,
		"3B": driver.ErrInternal,
		"3D": driver.ErrProgramming,
		"3F": driver.ErrProgramming,
		"40": ErrRolledBack,
		"42": driver.ErrProgramming,
		"44": driver.ErrProgramming,
		"53": driver.ErrServer,
		"54": driver.ErrOperational,
		"55": driver.ErrOperational,
		"57": driver.ErrOperational,
		"58": driver.ErrServer,
		"CG": driver.ErrConnection,
		"F0": driver.ErrInternal,
		"HV": driver.ErrOperational,
		"P0": driver.ErrInternal,
		"P1": driver.ErrInternal,
		"XX": driver.ErrInternal,
		"YY": driver.ErrConnection,
	}
)

// kind is that of what the server said.
func kind(f *wire.Fields) error {
	switch {
	case f.Code == "28000" && strings.Contains(f.Message, "locked"):
		return ErrLocked
	case strings.HasPrefix(f.Code, "28") && strings.Contains(f.Message, "initial user"):
		return ErrInitialUser
	case f.Code == "57014" && strings.Contains(f.Message, "timeout"):
		return driver.ErrTimeout
	}
	if k := byState[f.Code]; k != nil {
		return k
	}
	if len(f.Code) == 5 {
		if k := byClass[f.Code[:2]]; k != nil {
			return k
		}
	}
	return driver.ErrDatabase
}

// hints say what to do about errors that DWS is known for.
var hints = map[error]string{
	ErrPassword:        "each refused login counts towards the lock of the account",
	ErrLocked:          "an administrator unlocks it by ALTER USER ... ACCOUNT UNLOCK, or it unlocks itself after password_lock_time",
	ErrInitialUser:     "log in as another user: this one may do so on the cluster's own machines alone",
	ErrUnknownDatabase: "a new cluster has the databases gaussdb and postgres",
	ErrRolledBack:      "do the whole transaction again",
	ErrReadOnly:        "DWS makes a cluster read-only when its disks are nearly full",
}

// serverError makes the error of an ErrorResponse.
func serverError(op, host string, id uint64, f *wire.Fields) *driver.Error {
	e := &driver.Error{
		Kind: kind(f), Engine: engine, Op: op, Host: host, RequestID: id, SQLState: f.Code,
		Message: strings.TrimSuffix(strings.TrimSpace(f.Message), "."), Err: (*ServerError)(f),
	}
	e.Code, _ = strconv.Atoi(f.InternalCode)
	e.Hint = hints[e.Kind]
	if f.Hint != "" && e.Hint == "" {
		e.Hint = strings.TrimSuffix(f.Hint, ".")
	}
	if strings.HasPrefix(f.Where, "COPY ") && e.Hint == "" {
		e.Hint, _, _ = strings.Cut(f.Where, ": ") // the data behind it is the user's own
	}
	if e.Message == "" {
		e.Message = "the server gives no reason"
	}
	return e
}

// wrong makes an error of a kind that the driver found before anything was sent.
func wrong(kind error, op string, id uint64, message string) *driver.Error {
	return &driver.Error{Kind: kind, Engine: engine, Op: op, RequestID: id, Message: message}
}

// unsupported is an error of kind ErrNotSupported with the reason.
func unsupported(op, reason string) *driver.Error {
	return wrong(driver.ErrNotSupported, op, 0, reason)
}

// fatal reports whether the server ended the session with the error.
func (e *ServerError) fatal() bool { return (*wire.Fields)(e).Fatal() }
