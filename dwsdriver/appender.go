package dwsdriver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/copydata"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/session"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

const (
	opAppend = "append"

	// defaultBatchBytes is what an appender gives to one COPY, unless its options say
	// otherwise. There is no bound on its rows.
	defaultBatchBytes = 64 << 20
	// startCopy is how many bytes are kept before a COPY begins.
	startCopy = 64 << 10
)

var (
	_ driver.AppenderOpener = (*conn)(nil)
	_ driver.Appender       = (*appender)(nil)
)

// OpenAppender implements [driver.AppenderOpener] by COPY. AppendOptions.Table may
// have its schema in front, "public.t"; names are taken as they are, in the case
// in which they are written. Its columns are asked for once.
//
// A batch is a COPY: all of its rows are in or none of them. It is 64 MiB of data by
// default, and ends before a row of another table. Its rows are sent as they
// come, so that the connection runs no other statement, from the first 64 KiB of
// a batch on until Flush. Outside of a transaction each batch is committed by
// itself; Config.CopyFormat says how the rows are written.
func (c *conn) OpenAppender(ctx context.Context, options driver.AppendOptions) (driver.Appender, error) {
	id := options.RequestID
	if id == 0 {
		id = driver.RequestID(ctx)
	}
	switch {
	case len(options.Tags) > 0:
		return nil, wrong(driver.ErrNotSupported, opAppend, id, "the tables of DWS have no tags")
	case options.BatchRows < 0 || options.BatchBytes < 0 || options.Interval < 0:
		return nil, wrong(driver.ErrInterface, opAppend, id, "a bound of a batch is negative")
	}
	if options.BatchBytes == 0 {
		options.BatchBytes = defaultBatchBytes
	}
	options.Columns = slices.Clone(options.Columns)
	a := &appender{c: c, options: options, id: id}
	if options.Table != "" {
		if err := a.turn(ctx, options.Table); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// appender implements [driver.Appender].
type appender struct {
	c       *conn
	options driver.AppendOptions
	id      uint64

	table   string
	types   []wire.OID
	names   []string
	encoder *copydata.Encoder

	in     *session.CopyIn // nil until a batch has startCopy bytes
	stop   context.CancelCauseFunc
	kept   []byte    // rows of a batch that has not begun to be sent
	ending bool      // the server may have been told that the batch is complete
	rows   int64     // of the batch
	bytes  int       // of it that were sent
	oldest time.Time // of its rows

	written int64 // rows confirmed
	sent    int64 // rows of all batches that were ended, whatever became of them
	closed  bool
}

// turn makes a table that of the rows to come.
func (a *appender) turn(ctx context.Context, table string) error {
	if a.c.connector.config.CopyFormat != CopyText {
		if err := a.c.meet(ctx); err != nil {
			return plain(a.c.fail(opAppend, a.id, ctx, err))
		}
	}
	statement := CopyOptions{Columns: a.options.Columns}
	query := "SELECT " + statement.list("*") + " FROM " + quoteTable(table) + " LIMIT 0"
	r, err := a.c.session.Query(ctx, session.Text{SQL: query}, nil)
	if err != nil {
		return plain(a.c.fail(opAppend, a.id, ctx, err))
	}
	columns := slices.Clone(r.Columns())
	if err := r.Close(); err != nil {
		return plain(a.c.fail(opAppend, a.id, ctx, err))
	}
	a.table, a.types, a.names = table, make([]wire.OID, len(columns)), make([]string, len(columns))
	for i := range columns {
		a.types[i], a.names[i] = columns[i].Type, columns[i].Name
	}
	a.format(a.c.binaryCopy(a.types))
	return nil
}

// format begins to write rows in a format.
func (a *appender) format(binary bool) {
	a.encoder = copydata.NewEncoder(a.types, a.c.connector.config.Location, binary, func(v any) (any, error) { return plainValue(v) })
}

// binaryCopy reports whether rows of these types are to be written in the binary
// format. Of a server that was first met in a transaction, nothing is known.
func (c *conn) binaryCopy(types []wire.OID) bool {
	format, server := c.connector.config.CopyFormat, c.server
	if server == nil || format == CopyText || format != CopyBinary && server.gauss {
		return false
	}
	return copydata.HasBinary(types, server.binary)
}

// Append implements [driver.Appender].
func (a *appender) Append(ctx context.Context, values ...any) error {
	return a.AppendTo(ctx, a.options.Table, nil, values...)
}

// AppendTo implements [driver.Appender]. There are no tags, and the table must
// exist. Rows of one table should come together: a batch is of one.
func (a *appender) AppendTo(ctx context.Context, table string, tags []any, values ...any) error {
	if len(tags) > 0 {
		return wrong(driver.ErrNotSupported, opAppend, a.id, "the tables of DWS have no tags")
	}
	if err := a.ready(ctx, table, len(values)); err != nil {
		return err
	}
	buffer, err := a.encoder.Row(a.buffer(), values)
	if errors.Is(err, copydata.ErrText) {
		if err := a.toText(ctx); err != nil {
			return err
		}
		buffer, err = a.encoder.Row(a.buffer(), values)
	}
	if err != nil {
		return a.bad(err)
	}
	return a.add(ctx, buffer)
}

// AppendColumns implements [driver.Appender].
func (a *appender) AppendColumns(ctx context.Context, columns ...driver.Column) error {
	return a.AppendTable(ctx, driver.BindTable{Columns: columns})
}

// AppendTable implements [driver.Appender]. The columns are those of
// AppendOptions.Columns.
func (a *appender) AppendTable(ctx context.Context, table driver.BindTable) error {
	if len(table.Tags) > 0 {
		return wrong(driver.ErrNotSupported, opAppend, a.id, "the tables of DWS have no tags")
	}
	if table.Name == "" {
		table.Name = a.options.Table
	}
	n := 0
	for i := range table.Columns {
		column := &table.Columns[i]
		if err := column.Check(); err != nil {
			return a.bad(fmt.Errorf("column %d: %w", i+1, err))
		}
		if i == 0 {
			n = column.Len()
		} else if column.Len() != n {
			return wrong(driver.ErrInterface, opAppend, a.id, fmt.Sprintf("columns of %d and %d values", n, column.Len()))
		}
	}
	if err := a.ready(ctx, table.Name, len(table.Columns)); err != nil {
		return err
	}
	rows := a.encoder.Rows(table.Columns)
	for i := range n {
		buffer, err := rows.Append(a.buffer(), i)
		if errors.Is(err, copydata.ErrText) {
			if err := a.toText(ctx); err != nil {
				return err
			}
			rows = a.encoder.Rows(table.Columns)
			buffer, err = rows.Append(a.buffer(), i)
		}
		if err != nil {
			return a.bad(err)
		}
		if err := a.add(ctx, buffer); err != nil {
			return err
		}
	}
	return nil
}

// ready is called before rows of a table are added.
func (a *appender) ready(ctx context.Context, table string, values int) error {
	switch {
	case a.closed:
		return wrong(driver.ErrInterface, opAppend, a.id, "the appender is closed")
	case table == "":
		return wrong(driver.ErrProgramming, opAppend, a.id, "AppendOptions names no table, nor does the row")
	case ctx.Err() != nil:
		return a.c.fail(opAppend, a.id, ctx, &session.CanceledError{Err: ctx.Err()})
	}
	if table != a.table {
		if err := a.Flush(ctx); err != nil {
			return err
		}
		if err := a.turn(ctx, table); err != nil {
			return err
		}
	}
	if values != len(a.types) {
		return wrong(driver.ErrProgramming, opAppend, a.id, fmt.Sprintf("%d values for %d columns", values, len(a.types)))
	}
	return nil
}

// bad makes the error of a row that cannot be written. The batch goes on.
func (a *appender) bad(err error) error {
	kind := driver.ErrData
	message := err.Error()
	var cell *copydata.CellError
	if errors.As(err, &cell) {
		message = fmt.Sprintf("column %q: %v", a.names[cell.Column], cell.Err)
	}
	var inner *driver.Error
	if errors.As(err, &inner) {
		kind = inner.Kind
	}
	return wrong(kind, opAppend, a.id, message)
}

// buffer is what the next row is appended to.
func (a *appender) buffer() []byte {
	if a.in != nil {
		return a.in.Buffer()
	}
	if len(a.kept) == 0 {
		a.kept = a.encoder.Begin(a.kept)
	}
	return a.kept
}

// add takes the buffer back, to which a row was appended, and sends what is to be
// sent.
func (a *appender) add(ctx context.Context, buffer []byte) error {
	if a.rows == 0 && a.options.Interval > 0 {
		a.oldest = time.Now()
	}
	a.rows++
	size := a.bytes
	if a.in == nil {
		size = len(buffer)
		if a.kept = buffer; size >= startCopy {
			if err := a.begin(ctx); err != nil {
				return a.failed(ctx, err)
			}
		}
	} else if len(buffer) < session.CopyChunk {
		_ = a.in.Append(buffer) // which keeps it
		size += len(buffer)
	} else {
		a.bytes += len(buffer)
		size = a.bytes
		if err := a.heed(ctx, func() error { return a.in.Append(buffer) }); err != nil {
			return a.failed(ctx, err)
		}
	}
	if size >= a.options.BatchBytes ||
		a.options.BatchRows > 0 && a.rows >= int64(a.options.BatchRows) ||
		a.options.Interval > 0 && time.Since(a.oldest) >= a.options.Interval {
		return a.Flush(ctx)
	}
	return nil
}

// begin begins the COPY of the batch and sends what is kept.
func (a *appender) begin(ctx context.Context) error {
	o := CopyOptions{Columns: a.options.Columns}
	if a.encoder.Binary() {
		o.Format = "binary"
	}
	// The COPY outlives the call, and its context.
	own, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	a.stop = stop
	return a.heed(ctx, func() (err error) {
		if a.in, err = a.c.session.CopyIn(own, CopyFromStdin(a.table, o)); err != nil {
			return err
		}
		a.bytes = len(a.kept)
		_, err = a.in.Write(a.kept)
		a.kept = a.kept[:0]
		return err
	})
}

// heed runs f, which the end of ctx stops.
func (a *appender) heed(ctx context.Context, f func() error) error {
	if ctx.Done() != nil {
		stop := a.stop // this batch's: what ctx sets off may run when the call is over
		defer context.AfterFunc(ctx, func() { stop(ctx.Err()) })()
	}
	return f()
}

// toText goes on in the text format: the server has to convert a value to the type
// of its column.
func (a *appender) toText(ctx context.Context) error {
	if !a.encoder.Binary() {
		return a.bad(copydata.ErrText)
	}
	if err := a.Flush(ctx); err != nil {
		return err
	}
	a.format(false)
	return nil
}

// Flush implements [driver.Appender].
func (a *appender) Flush(ctx context.Context) error {
	if a.rows == 0 {
		a.kept = a.kept[:0]
		return nil
	}
	if ctx.Err() != nil && a.in == nil {
		return a.c.fail(opAppend, a.id, ctx, &session.CanceledError{Err: ctx.Err()})
	}
	if a.in == nil {
		if err := a.begin(ctx); err != nil {
			return a.failed(ctx, err)
		}
	}
	var n int64
	err := a.heed(ctx, func() (err error) {
		if err = a.in.Append(a.encoder.End(a.in.Buffer())); err == nil {
			a.ending = true
			n, err = a.in.Close()
		}
		return err
	})
	if err != nil {
		return a.failed(ctx, err)
	}
	if n == 0 {
		n = a.rows // some servers do not count
	}
	a.sent += a.rows
	a.written += n
	a.over()
	return nil
}

// failed ends a batch of which no row is in, unless that is not known.
func (a *appender) failed(ctx context.Context, err error) error {
	if a.in != nil {
		// What ended the COPY is the better reason than what came of it.
		if after := a.heed(ctx, func() error { _, err := a.in.Close(); return err }); after != nil && after != io.EOF {
			err = after
		}
	}
	var stopped *session.CanceledError
	if errors.As(err, &stopped) && ctx.Err() != nil {
		err = &session.CanceledError{Err: ctx.Err(), Unknown: stopped.Unknown}
	}
	e := plain(a.c.fail(opAppend, a.id, ctx, err))
	failure := &driver.AppendError{Written: a.written, First: a.sent, Last: a.sent + a.rows - 1, Err: e}
	var known *driver.Error
	if errors.As(e, &known) {
		known.OutcomeUnknown = known.OutcomeUnknown && a.ending // a COPY that was not completed is taken back
		failure.Unknown = known.OutcomeUnknown
	}
	a.sent += a.rows
	a.over()
	return failure
}

// over makes ready for the next batch.
func (a *appender) over() {
	if a.stop != nil {
		a.stop(nil)
		a.stop = nil
	}
	a.in, a.kept, a.rows, a.bytes, a.ending = nil, a.kept[:0], 0, 0, false
	a.id = driver.NewRequestID()
}

// Written implements [driver.Appender].
func (a *appender) Written() int64 { return a.written }

// Close implements [driver.Appender].
func (a *appender) Close(ctx context.Context) error {
	if a.closed {
		return nil
	}
	err := a.Flush(ctx)
	if a.in != nil {
		_ = a.in.Abort("the appender was closed")
		a.over()
	}
	a.closed = true
	return err
}
