package store

import "fmt"

// Error is what the server says of a statement that it refuses.
type Error struct {
	// Code is one of the server's numbers.
	Code    int32
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%d: %s", e.Code, e.Message) }

// The codes in use.
const (
	CodeExecute        = 301
	CodeInternal       = 305
	CodeNoDatabase     = 500
	CodeDatabaseExists = 501
	CodePathExists     = 503
	CodePathMissing    = 508
	CodePartial        = 507
	CodeNoTable        = 550
	CodeTableExists    = 551
	CodeColumnExists   = 552
	CodeCategory       = 615
	CodeNoColumn       = 616
	CodeSyntax         = 700
	CodeSemantic       = 701
	CodeOverflow       = 750
	CodeZeroDivision   = 751
)

func fail(code int32, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// unsupported is for what the server can and the store cannot.
func unsupported(what string) *Error {
	return fail(CodeSemantic, "iotdbtest: not supported by the embedded store: %s", what)
}
