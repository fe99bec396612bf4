// Package sqlerr holds the errors of the embedded store: TDengine's codes and TDengine's texts.
//
// Codes are the low 16 bits of the server's number, as taosAdapter sends them. Texts are those of
// TDengine 3.3.7.5, recorded.
package sqlerr

import "fmt"

// Codes the store answers with.
const (
	Usage              = 0x0200 // a client-side refusal; the text says what
	InsertSyntax       = 0x0216 // a syntax error or an unusable value in an INSERT
	StmtTable          = 0x022B // a prepared INSERT names an unknown table
	FuncNotExist       = 0x0374
	DatabaseExists     = 0x0381
	DatabaseNotExist   = 0x0388
	TopicExists        = 0x03E0
	TopicNotExist      = 0x03E1
	InvalidTopicQuery  = 0x03E4
	GroupNotExist      = 0x03E8
	TopicSubscribed    = 0x03EB
	GroupUsed          = 0x03EC
	TopicMustBeDropped = 0x03ED
	TableExists        = 0x0603
	TimestampRange     = 0x060B
	Syntax             = 0x2600
	Incomplete         = 0x2601
	InvalidColumn      = 0x2602
	TableNotExist      = 0x2603
	WrongType          = 0x2605
	IllegalAggregate   = 0x2608
	WrongOrdinal       = 0x2609
	NotSelected        = 0x260B
	NotSingleGroup     = 0x260C
	TagsNotMatched     = 0x260D
	InvalidTagName     = 0x260E
	IntervalTooSmall   = 0x2615
	NoDatabase         = 0x2616
	InvalidIdentifier  = 0x2617
	OtherDatabase      = 0x2618
	DatabaseOption     = 0x2619
	GroupAndWindow     = 0x2624
	AggregateNesting   = 0x2627
	OffsetTooBig       = 0x262F
	SlidingNatural     = 0x2630
	SlidingTooBig      = 0x2631
	SlidingTooSmall    = 0x2632
	OneJSONTag         = 0x2633
	UnionColumns       = 0x2634
	NegativeOffset     = 0x2637
	SLimitAlone        = 0x2638
	DropStableInBatch  = 0x263A
	DuplicateColumn    = 0x263C
	ColumnCount        = 0x263F
	TooManyColumns     = 0x2640
	FirstColumn        = 0x2641
	VarLength          = 0x2642
	TagCount           = 0x2643
	AlterTable         = 0x2649
	DropPrimary        = 0x264A
	ModifyColumn       = 0x264B
	TableNameColumn    = 0x264C
	WindowWithoutTime  = 0x2650
	DropLastColumn     = 0x2651
	JSONColumn         = 0x2652
	ValueTooLong       = 0x2653
	DeleteWhere        = 0x2655
	WindowPseudoColumn = 0x2658
	NullTimestamp      = 0x267B
	FunctionArgCount   = 0x2801
	FunctionArgType    = 0x2802
	Internal           = 0xFFFF // the store's own failure, never TDengine's
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

// Near is the parser's error: rest is the statement from the offending token on. An empty rest
// means that the statement ended too early.
func Near(rest string) *Error {
	if rest == "" {
		return New(Incomplete, "Incomplete SQL statement")
	}
	return cut(Newf(Syntax, "syntax error near \"%s\"", rest))
}

// maxText is the room that TDengine has for the text of a syntax error.
const maxText = 511

func cut(e *Error) *Error {
	e.text = e.text[:min(len(e.text), maxText)]
	return e
}

// Unrecognized is the parser's error of text that starts no token.
func Unrecognized(rest string) *Error {
	return cut(Newf(Syntax, "unrecognized token: \"%s\"", rest))
}

// InsertNear is the error of an INSERT: source is the offending value, or the statement from the
// offending token on, of which the server shows 63 bytes.
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
	ErrInsertNoDatabase  = New(Usage, "db is not specified")
	ErrInsertNoTime      = New(Usage, "Primary timestamp column should not be null")
	ErrInvalidOperation  = New(Usage, "Invalid operation")
	ErrFuncNotExist      = New(FuncNotExist, "Func not exists")
	ErrDatabaseExists    = New(DatabaseExists, "Database already exists")
	ErrDatabaseNotExist  = New(DatabaseNotExist, "Database not exist")
	ErrTableExists       = New(TableExists, "Table already exists")
	ErrTimestampRange    = New(TimestampRange, "Timestamp data out of range")
	ErrTableNotExist     = New(TableNotExist, "Table does not exist")
	ErrIllegalAggregate  = New(IllegalAggregate, "There mustn't be aggregation")
	ErrWrongOrdinal      = New(WrongOrdinal, "ORDER BY item must be the number of a SELECT-list expression")
	ErrNotSelected       = New(NotSelected, "Not SELECTed expression")
	ErrNotSingleGroup    = New(NotSingleGroup, "Not a single-group group function")
	ErrTagsNotMatched    = New(TagsNotMatched, "Tags number not matched")
	ErrIntervalTooSmall  = New(IntervalTooSmall, "Interval cannot be less than 1 us")
	ErrNoDatabase        = New(NoDatabase, "Database not specified")
	ErrOtherDatabase     = New(OtherDatabase, "Corresponding super table not in this db")
	ErrGroupAndWindow    = New(GroupAndWindow, "GROUP BY and WINDOW-clause can't be used together")
	ErrAggregateNesting  = New(AggregateNesting, "Aggregate functions do not support nesting")
	ErrOffsetTooBig      = New(OffsetTooBig, "Interval offset should be shorter than interval")
	ErrSlidingNatural    = New(SlidingNatural, "Does not support sliding when interval is natural month/year")
	ErrSlidingTooBig     = New(SlidingTooBig, "sliding value no larger than the interval value")
	ErrSlidingTooSmall   = New(SlidingTooSmall, "sliding value can not less than 1% of interval value")
	ErrOneJSONTag        = New(OneJSONTag, "Only one tag if there is a json tag")
	ErrUnionColumns      = New(UnionColumns, "Query block has incorrect number of result columns")
	ErrNegativeOffset    = New(NegativeOffset, "soffset/offset can not be less than 0")
	ErrSLimitAlone       = New(SLimitAlone, "slimit/soffset only available for PARTITION/GROUP BY query")
	ErrDropStableInBatch = New(DropStableInBatch, "Cannot drop super table in batch")
	ErrDuplicateColumn   = New(DuplicateColumn, "Duplicated column names")
	ErrColumnCount       = New(ColumnCount, "Illegal number of columns")
	ErrTooManyColumns    = New(TooManyColumns, "Too many columns")
	ErrFirstColumn       = New(FirstColumn, "First column must be timestamp")
	ErrVarLength         = New(VarLength, "Invalid binary/nchar column/tag length")
	ErrTagCount          = New(TagCount, "Invalid number of tag columns")
	ErrAlterTable        = New(AlterTable, "Invalid alter table statement")
	ErrSetTag            = New(AlterTable, "Set tag value only available for child table")
	ErrDropPrimary       = New(DropPrimary, "Primary timestamp column cannot be dropped")
	ErrTableNameColumn   = New(TableNameColumn, "Invalid tbname pseudo column")
	ErrDropLastColumn    = New(DropLastColumn, "No columns can be dropped")
	ErrJSONColumn        = New(JSONColumn, "Only tag can be json type")
	ErrDeleteWhere       = New(DeleteWhere, "The DELETE statement must have a definite time window range")
	ErrNullTimestamp     = New(NullTimestamp, "Primary key column should not be null")
	ErrModifyColumn      = New(ModifyColumn,
		"Only varbinary/binary/nchar/geometry column length could be modified, and the length can only be increased, not decreased")
	ErrWindowWithoutTime = New(WindowWithoutTime,
		"Window query not supported, since the result of subquery not include valid timestamp column")
	ErrWindowPseudoColumn = New(WindowPseudoColumn, "_WSTART, _WEND and _WDURATION can only be used in window query")
)

// Column is the error of an unknown column.
func Column(name string) *Error { return Newf(InvalidColumn, "Invalid column name: %s", name) }

// Tag is the error of an unknown tag.
func Tag(name string) *Error { return Newf(InvalidTagName, "Invalid tag name: %s", name) }

// TooLong is the error of a value longer than its column.
func TooLong(column string) *Error {
	return Newf(ValueTooLong, "Value too long for column/tag: %s", column)
}
