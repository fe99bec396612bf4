package driver

import (
	"context"
	"fmt"
	"time"
)

// AppenderOpener opens the bulk-load path of the engine: stmt2 on TDengine,
// tablets on IoTDB, insert packages on SiriDB, COPY on DWS.
type AppenderOpener interface {
	// OpenAppender makes an appender on this connection. The caller closes it
	// before the connection goes back to the pool.
	OpenAppender(ctx context.Context, options AppendOptions) (Appender, error)
}

// AppendOptions says what is loaded and in what portions.
type AppendOptions struct {
	// Table receives rows that name no other. On TDengine it may be a super
	// table; each portion then names its child. On SiriDB a series.
	Table string
	// Columns in the order of the values; empty means all, in the table's order.
	Columns []string
	// Tags in the order of the tag values, where child tables are created.
	Tags []string
	// BatchRows and BatchBytes bound what is kept before it is sent. Defaults
	// are the engine's; both apply.
	BatchRows, BatchBytes int
	// Interval sends what is kept when it is older, checked at the next call.
	// 0 means never.
	Interval time.Duration
	// RequestID of the first batch; 0 asks for generated ones.
	RequestID uint64
}

// Appender loads rows in batches. It belongs to its connection and is used by
// one goroutine at a time. A batch that the server refuses is reported by the
// call that sent it as an [*AppendError]; rows appended later go into a new
// batch.
type Appender interface {
	// Append adds one row to AppendOptions.Table.
	Append(ctx context.Context, values ...any) error
	// AppendTo adds one row to a table, which the engine creates from the tags
	// where it can and must.
	AppendTo(ctx context.Context, table string, tags []any, values ...any) error
	// AppendColumns adds rows as columns, all of one length.
	AppendColumns(ctx context.Context, columns ...Column) error
	// AppendTable adds rows of one table as columns.
	AppendTable(ctx context.Context, table BindTable) error
	// Flush sends what is kept and returns when the server has it.
	Flush(ctx context.Context) error
	// Written is the number of rows that the server has confirmed.
	Written() int64
	// Close flushes and ends the appender. It may be called twice.
	Close(ctx context.Context) error
}

// AppendError tells which rows of an [Appender] are in and which are not. Rows
// count from 0 in the order in which they were appended.
type AppendError struct {
	// Written is the number of rows that the server confirmed before.
	Written int64
	// First and Last delimit the rows of the batch that failed, both inclusive.
	First, Last int64
	// Unknown is true if the batch had been sent when the connection was lost:
	// its rows may be in. Otherwise none of them is.
	Unknown bool
	// Err is the cause.
	Err error
}

// Error tells which rows are in, and the cause.
func (e *AppendError) Error() string {
	state := "were not written"
	if e.Unknown {
		state = "may have been written"
	}
	return fmt.Sprintf("rows %d to %d %s, %d rows before are in: %v", e.First, e.Last, state, e.Written, e.Err)
}

// Unwrap returns the cause.
func (e *AppendError) Unwrap() error { return e.Err }
