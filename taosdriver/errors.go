package taosdriver

import (
	sqldriver "database/sql/driver"
	"errors"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// Error codes of the server that programs ask for, as its documentation counts
// them; [driver.Error] has the code of any error in its Code. See [Code].
const (
	CodeConnectionRefused   = 0x000b // taosAdapter does not reach taosd
	CodeInvalidConnection   = 0x020b
	CodeDisconnected        = 0x0213
	CodeConnectionKilled    = 0x0215
	CodeInsertSyntax        = 0x0216
	CodeStatementTooLong    = 0x0219
	CodeQueryKilled         = 0x022d
	CodeNoPrivilege         = 0x0303
	CodeUserExists          = 0x0350
	CodeUnknownUser         = 0x0351
	CodeAuthentication      = 0x0357
	CodeDatabaseExists      = 0x0381
	CodeUnknownDatabase     = 0x0388
	CodeTransactionConflict = 0x03d3
	CodeTableExists         = 0x0603
	CodeTimestampRange      = 0x060b // outside the database's KEEP
	CodeQueryTimeout        = 0x2504
	CodeSyntax              = 0x2600
	CodeUnknownColumn       = 0x2602
	CodeUnknownTable        = 0x2603
	CodeNoDatabase          = 0x2616
	CodeValueTooLong        = 0x2653
	CodeNullKey             = 0x267b
	CodeAdapter             = 0xffff // refused by taosAdapter itself; the message says why
)

// Code returns the server's code of err, or 0 if err is not the server's.
//
//	if taosdriver.Code(err) == taosdriver.CodeUnknownTable { ... }
func Code(err error) int {
	if e := asError(err); e != nil && e.Engine == transport.Engine {
		return e.Code
	}
	return 0
}

// CodeName returns what a code means in a few words.
func CodeName(code int) string { return transport.Name(code) }

func asError(err error) *driver.Error {
	var e *driver.Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// badConn lets database/sql run the request again on another connection. If
// there is none to be had, or the connection is a sql.Conn, the caller still
// sees what happened.
type badConn struct{ err *driver.Error }

func (e badConn) Error() string   { return e.err.Error() }
func (e badConn) Unwrap() []error { return []error{sqldriver.ErrBadConn, e.err} }

// gate is the one place where a request becomes repeatable: if the transport
// knows that it was not executed.
func gate(err error) error {
	if e, ok := transport.WasNotSent(err); ok {
		return badConn{e}
	}
	return err
}

// plain is gate for calls that database/sql does not repeat.
func plain(err error) error {
	if e, ok := transport.WasNotSent(err); ok {
		return e
	}
	return err
}
