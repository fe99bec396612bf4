// Package sqlerr holds the errors of the embedded store: TDengine's codes and TDengine's texts.
//
// Codes are the low 16 bits of the server's number, as taosAdapter sends them. Texts are those of TDengine 3.3.7.5, recorded.
package sqlerr

import "fmt"

// Codes the store answers with.
const (
	Usage             = 0x0200 // a client-side refusal; the text says what
	InsertSyntax      = 0x0216 // a syntax error or an unusable value in an INSERT
	StmtTable         = 0x022B // a prepared INSERT names an unknown table
	FuncNotExist      = 0x0374
	DatabaseExists    = 0x0381
	DatabaseNotExist  = 0x0388
	TableExists       = 0x0603
	TimestampRange    = 0x060B
	Syntax            = 0x2600
	Incomplete        = 0x2601
	InvalidColumn     = 0x2602
	TableNotExist     = 0x2603
	WrongType         = 0x2605
	IllegalAggregate  = 0x2608
	WrongOrdinal      = 0x2609
	NotSelected       = 0x260B
	NotSingleGroup    = 0x260C
	TagsNotMatched    = 0x260D
	InvalidTagName    = 0x260E
	NoDatabase        = 0x2616
	InvalidIdentifier = 0x2617
	ColumnCount       = 0x263C
	ValueTooLong      = 0x2653
	NullTimestamp     = 0x267B
	FunctionArgument  = 0x2802
	FunctionArgCount  = 0x2801
	FunctionArgType   = 0x2802
	Internal          = 0xFFFF // the store's own failure, never TDengine's
)

// Error is one refusal: TDengine's code and text.
type Error struct {
	code int
	text string
}

// Code is the 16-bit TDengine code.
func (e *Error) Code() int { return e.code }

// Error is the server's text alone, without prefix.
func (e *Error) Error() string { return e.text }

// New makes an error with a code and a text.
func New(code int, text string) *Error { return &Error{code: code, text: text} }

// Newf makes an error with a code and a formatted text.
func Newf(code int, format string, args ...any) *Error {
	return &Error{code: code, text: fmt.Sprintf(format, args...)}
}

// Near is the parser's error: rest is the statement from the offending token on. An empty rest means that the statement ended too early.
func Near(rest string) *Error {
	if rest == "" {
		return New(Incomplete, "Incomplete SQL statement")
	}
	return Newf(Syntax, "syntax error near \"%s\"", rest)
}

// InsertNear is the error of an INSERT: source is the offending value, or the statement from the offending token on, of which the server
// shows 63 bytes.
func InsertNear(source, info string) *Error {
	if len(source) > 63 {
		source = source[:63]
	}
	return Newf(InsertSyntax, "syntax error near '%s' (%s)", source, info)
}

// Unsupported says what TDengine may understand and the embedded store does not.
func Unsupported(what string) *Error {
	return New(Syntax, "taostest: not supported by the embedded store: "+what)
}

// Unsupportedf is Unsupported with a format.
func Unsupportedf(format string, args ...any) *Error {
	return Unsupported(fmt.Sprintf(format, args...))
}

// The errors without a variable part.
var (
	ErrTableNotExist    = New(TableNotExist, "Table does not exist")
	ErrTableExists      = New(TableExists, "Table already exists")
	ErrDatabaseNotExist = New(DatabaseNotExist, "Database not exist")
	ErrDatabaseExists   = New(DatabaseExists, "Database already exists")
	ErrNoDatabase       = New(NoDatabase, "Database not specified")
	ErrInsertNoDatabase = New(Usage, "db is not specified")
	ErrFuncNotExist     = New(FuncNotExist, "Func not exists")
	ErrTagsNotMatched   = New(TagsNotMatched, "Tags number not matched")
)

// Column is the error of an unknown column.
func Column(name string) *Error { return Newf(InvalidColumn, "Invalid column name: %s", name) }

// Tag is the error of an unknown tag.
func Tag(name string) *Error { return Newf(InvalidTagName, "Invalid tag name: %s", name) }

// TooLong is the error of a value longer than its column.
func TooLong(column string) *Error {
	return Newf(ValueTooLong, "Value too long for column/tag: %s", column)
}
