package iotdbdriver

import (
	sqldriver "database/sql/driver"
	"errors"
	"regexp"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/client"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
)

// Error codes of the server that programs ask for (TSStatusCode); [driver.Error]
// has the code of any error in its Code. See [Code].
const (
	CodeUnsupportedVersion = 201
	CodeUnsupportedDialect = 205
	CodeExecuteStatement   = 301 // any failure in the execution
	CodeMultiple           = 302 // the message is that of the first part that failed
	CodeInternal           = 305
	CodeUnknownDatabase    = 500
	CodeDatabaseExists     = 501
	CodeSeriesExists       = 503
	CodePathExists         = 506
	CodeMetadata           = 507 // a value or type that the column refuses; the rest of an INSERT is in
	CodeUnknownPath        = 508
	CodeUnknownTable       = 550
	CodeTableExists        = 551
	CodeColumnExists       = 552
	CodeReadOnly           = 600
	CodeWriteRejected      = 606
	CodeDataType           = 614
	CodeColumnCategory     = 615
	CodeUnknownColumn      = 616
	CodeSyntax             = 700
	CodeSemantic           = 701
	CodeQueryNotAllowed    = 704
	CodeRequestTimeout     = 712
	CodeNoSuchQuery        = 714
	CodeQueryKilled        = 715
	CodeQueryTimeout       = 720
	CodeOutOfRange         = 750
	CodeWrongPassword      = 801
	CodeNotLoggedIn        = 802
	CodeNoPermission       = 803
	CodeUnknownUser        = 804
	CodeUserLocked         = 822
)

// Statuses of success.
const (
	codeSuccess  = 200
	codeRedirect = 400 // done, and advice where to do it next time
	codeUse      = 401
)

// kinds are those of codes that are not of their hundred's kind.
var kinds = map[int32]error{
	201: driver.ErrNotSupported, 205: driver.ErrNotSupported,
	300: driver.ErrNotSupported, 301: driver.ErrOperational, 303: driver.ErrProgramming, 306: driver.ErrServer, 307: driver.ErrOperational,
	501: driver.ErrIntegrity, 502: driver.ErrOperational, 503: driver.ErrIntegrity, 505: driver.ErrIntegrity, 506: driver.ErrIntegrity,
	507: driver.ErrData, 511: driver.ErrIntegrity, 526: driver.ErrOperational, 551: driver.ErrIntegrity, 552: driver.ErrIntegrity,
	607: driver.ErrData, 612: driver.ErrData, 614: driver.ErrData, 615: driver.ErrProgramming, 616: driver.ErrProgramming,
	702: driver.ErrOperational, 703: driver.ErrOperational, 704: driver.ErrNotSupported, 708: driver.ErrOperational,
	709: driver.ErrServer, 711: driver.ErrInternal, 712: driver.ErrTimeout, 713: driver.ErrOperational, 714: driver.ErrOperational,
	715: driver.ErrOperational, 716: driver.ErrOperational, 717: driver.ErrServer, 719: driver.ErrServer, 720: driver.ErrTimeout,
	750: driver.ErrOverflow, 751: driver.ErrData, 752: driver.ErrOverflow,
	801: driver.ErrAuthentication, 802: driver.ErrConnection, 804: driver.ErrAuthentication, 805: driver.ErrIntegrity, 806: driver.ErrIntegrity,
	808: driver.ErrProgramming, 809: driver.ErrIntegrity, 822: driver.ErrAuthentication,
}

// hundreds are the kinds of all others.
var hundreds = map[int32]error{
	2: driver.ErrOperational, 3: driver.ErrInternal, 5: driver.ErrProgramming, 6: driver.ErrServer, 7: driver.ErrProgramming,
	8: driver.ErrPermission, 9: driver.ErrServer, 10: driver.ErrServer, 17: driver.ErrServer,
}

func kindOf(code int32, message string) error {
	switch {
	case code == 301 && strings.Contains(message, "executed more than"):
		return driver.ErrTimeout
	case code == 701 && strings.Contains(message, "timestamp precision"):
		return driver.ErrData
	case code == 800:
		return driver.ErrAuthentication
	}
	if kind := kinds[code]; kind != nil {
		return kind
	}
	if kind := hundreds[code/100]; kind != nil {
		return kind
	}
	return driver.ErrOperational
}

// Code returns the server's code of err, or 0 if err is not the server's.
//
//	if iotdbdriver.Code(err) == iotdbdriver.CodeUnknownTable { ... }
func Code(err error) int {
	var e *driver.Error
	if errors.As(err, &e) && e.Engine == client.Engine {
		return e.Code
	}
	return 0
}

// failed is the error that a status reports, nil if it is one of success.
func failed(origin client.Origin, op string, id uint64, s *rpc.Status) *driver.Error {
	switch s.Code {
	case codeSuccess, codeRedirect, codeUse:
		return nil
	case CodeMultiple:
		for i := range s.SubStatus {
			if e := failed(origin, op, id, &s.SubStatus[i]); e != nil {
				return e
			}
		}
		if len(s.SubStatus) > 0 && s.Message == "" {
			return nil
		}
	}
	e := origin.Error(kindOf(s.Code, s.Message), op, id, tidy(s.Message, s.Code), nil)
	e.Code = int(s.Code)
	switch s.Code {
	case CodeMetadata:
		e.Hint = "a statement that inserts has written the values that were not refused"
	case CodeRequestTimeout, CodeQueryTimeout:
		e.Hint = "a context's deadline or query_timeout sets the time, pauses between rows included"
	}
	return e
}

// tidy removes the code that the server puts in front of some messages, "[507] ",
// "[INTERNAL_SERVER_ERROR(305)] ", and the full stop.
func tidy(message string, code int32) string {
	message = strings.TrimRight(message, ". \r\n")
	if strings.HasPrefix(message, "[") {
		name, rest, ok := strings.Cut(message[1:], "] ")
		if ok && (name == itoa(code) || strings.HasSuffix(name, "("+itoa(code)+")")) {
			message = rest
		}
	}
	if message == "" {
		message = "the server gives no reason"
	}
	return message
}

// sessionGone reports whether a status says that there is no session for the
// request, which was therefore not carried out.
func sessionGone(s *rpc.Status) bool {
	return s.Code == CodeNotLoggedIn || s.Code == CodeInternal && noStatement.MatchString(s.Message)
}

// noStatement is how the server says that it does not know the number of a statement.
// The statement's own text stands before that in quotes and may hold anything, these
// very words too: they count where no quote follows them.
var noStatement = regexp.MustCompile(`(?:^|\] |failed\. )StatementId: -?[0-9]+ doesn't exist in this session[^"]*$`)

// badConn lets database/sql run the request again on another connection. If
// there is none to be had, or the connection is a sql.Conn, the caller still
// sees what happened.
type badConn struct{ err *driver.Error }

func (e badConn) Error() string   { return e.err.Error() }
func (e badConn) Unwrap() []error { return []error{sqldriver.ErrBadConn, e.err} }

// gate is the one place where a request becomes repeatable: if it is certain that
// it was not carried out.
func gate(err error) error {
	if e, ok := client.WasNotSent(err); ok {
		return badConn{e}
	}
	return err
}

// plain is gate for calls that database/sql does not repeat.
func plain(err error) error {
	if e, ok := client.WasNotSent(err); ok {
		return e
	}
	return err
}

func asError(err error) *driver.Error {
	var e *driver.Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}
