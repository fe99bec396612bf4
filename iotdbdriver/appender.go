package iotdbdriver

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/client"
)

const opAppend = "append"

// What an appender keeps before it sends, unless its options say otherwise. Larger
// tablets gain nothing.
const (
	defaultBatchRows  = 20_000
	defaultBatchBytes = 8 << 20
)

var _ driver.AppenderOpener = (*conn)(nil)

// OpenAppender implements [driver.AppenderOpener]: a batch is a tablet. Tables and
// their columns must exist; values are converted to the types of the columns, and one
// that does not fit is an error before anything is sent. A row is the values of
// Columns, in the order of the table's DESC if there are none given; "time" must be among
// them, as a time.Time or an integer in the server's unit. Options.Tags are columns
// whose values AppendTo takes apart from the others; Append leaves them NULL.
//
// A batch has rows of one table: naming another one sends what is kept. In the tree
// model tables are devices, by their paths, and Columns must be given.
func (c *conn) OpenAppender(ctx context.Context, options driver.AppendOptions) (driver.Appender, error) {
	id := options.RequestID
	if id == 0 {
		id = driver.RequestID(ctx)
	}
	if c.closed {
		return nil, c.closedError(opAppend)
	}
	if options.BatchRows < 0 || options.BatchBytes < 0 || options.Interval < 0 {
		return nil, c.refusal(opAppend, id, errors.New("a bound of a batch is negative"))
	}
	if options.BatchRows == 0 {
		options.BatchRows = defaultBatchRows
	}
	if options.BatchBytes == 0 {
		options.BatchBytes = defaultBatchBytes
	}
	a := &appender{conn: c, options: options, id: id, loads: map[string]*load{}}
	if options.Table != "" {
		if _, err := a.load(ctx, options.Table); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// appender implements [driver.Appender].
type appender struct {
	conn    *conn
	options driver.AppendOptions
	loads   map[string]*load
	current *load // the one that rows are kept in
	buf     []byte
	id      uint64
	oldest  time.Time // of what is kept
	written int64     // rows confirmed
	sent    int64     // rows of all batches that were sent, whatever became of them
	closed  bool
}

var _ driver.Appender = (*appender)(nil)

// Append implements [driver.Appender].
func (a *appender) Append(ctx context.Context, values ...any) error {
	return a.AppendTo(ctx, a.options.Table, nil, values...)
}

// AppendTo implements [driver.Appender]. tags are the values of AppendOptions.Tags, or
// none.
func (a *appender) AppendTo(ctx context.Context, table string, tags []any, values ...any) error {
	l, err := a.turnTo(ctx, table)
	if err != nil {
		return err
	}
	if len(tags) != 0 && len(tags) != len(a.options.Tags) {
		return a.refuse(driver.ErrProgramming, fmt.Errorf("%d tags for AppendOptions.Tags, of which there are %d", len(tags), len(a.options.Tags)))
	}
	if len(values) != len(l.places) {
		return a.refuse(driver.ErrProgramming, fmt.Errorf("%d values for %d columns", len(values), len(l.places)))
	}
	if err := l.append(tags, values); err != nil {
		return a.refuse(nil, err)
	}
	return a.full(ctx)
}

// AppendColumns implements [driver.Appender].
func (a *appender) AppendColumns(ctx context.Context, columns ...driver.Column) error {
	return a.AppendTable(ctx, driver.BindTable{Columns: columns})
}

// AppendTable implements [driver.Appender]. Slices are encoded as they are; more rows
// than a batch has go into several, and a value that does not fit then stops at its
// batch: those before it stay in, as Written tells.
func (a *appender) AppendTable(ctx context.Context, table driver.BindTable) error {
	name := table.Name
	if name == "" {
		name = a.options.Table
	}
	l, err := a.turnTo(ctx, name)
	if err != nil {
		return err
	}
	if len(table.Tags) != 0 && len(table.Tags) != len(a.options.Tags) {
		return a.refuse(driver.ErrProgramming, fmt.Errorf("%d tags for AppendOptions.Tags, of which there are %d", len(table.Tags), len(a.options.Tags)))
	}
	if len(table.Columns) != len(l.places) {
		return a.refuse(driver.ErrProgramming, fmt.Errorf("%d columns; %d are expected", len(table.Columns), len(l.places)))
	}
	rows := 0
	for i := range table.Columns {
		if err := table.Columns[i].Check(); err != nil {
			return a.refuse(nil, fmt.Errorf("column %d: %w", i+1, err))
		}
		if i == 0 {
			rows = table.Columns[i].Len()
		} else if n := table.Columns[i].Len(); n != rows {
			return a.refuse(driver.ErrInterface, fmt.Errorf("columns of %d and %d values", rows, n))
		}
	}
	for from := 0; from < rows; {
		to := min(rows, from+a.options.BatchRows-l.rows())
		part := table.Columns
		if from > 0 || to < rows {
			part = make([]driver.Column, len(table.Columns))
			for i, c := range table.Columns {
				part[i] = portion(c, from, to)
			}
		}
		if err := l.appendColumns(table.Tags, part, to-from); err != nil {
			return a.refuse(nil, err)
		}
		from = to
		if err := a.full(ctx); err != nil {
			return err
		}
	}
	return nil
}

// portion is a part of a column.
func portion(c driver.Column, from, to int) driver.Column {
	p := driver.Column{Values: reflect.ValueOf(c.Values).Slice(from, to).Interface()}
	if c.States != nil {
		p.States = c.States[from:to]
	}
	return p
}

// turnTo makes a table the one that rows are for.
func (a *appender) turnTo(ctx context.Context, table string) (*load, error) {
	switch {
	case a.closed:
		return nil, a.refuse(driver.ErrInterface, errors.New("the appender is closed"))
	case a.conn.closed:
		return nil, a.conn.closedError(opAppend)
	case ctx.Err() != nil:
		return nil, a.conn.session.link.Canceled(ctx, opAppend, a.id, false)
	case table == "":
		return nil, a.refuse(driver.ErrInterface, errors.New("no table is named, and AppendOptions names none"))
	}
	if a.current != nil && a.current.frame.table == table {
		if a.current.rows() == 0 {
			a.oldest = time.Now()
		}
		return a.current, nil
	}
	l, err := a.load(ctx, table)
	if err != nil {
		return nil, err
	}
	if err := a.Flush(ctx); err != nil {
		return nil, err
	}
	a.current, a.oldest = l, time.Now()
	return l, nil
}

// load returns what is known of a table.
func (a *appender) load(ctx context.Context, table string) (*load, error) {
	if l := a.loads[table]; l != nil {
		return l, nil
	}
	if err := a.conn.checkName(table); err != nil {
		return nil, a.refuse(driver.ErrProgramming, err)
	}
	l := &load{frame: frame{table: table}, units: a.conn.session.units}
	var s *schema
	var err error
	if a.conn.connector.config.Dialect == Tree {
		s, l.frame.aligned, err = a.conn.describeDevice(ctx, opAppend, a.id, table, a.options.Columns)
	} else {
		s, err = a.conn.describe(ctx, opAppend, a.id, table)
	}
	if err != nil {
		return nil, err
	}
	if err := l.prepare(s, a.options.Columns, a.options.Tags); err != nil {
		return nil, a.refuse(driver.ErrProgramming, err)
	}
	a.loads[table] = l
	return l, nil
}

// full sends the batch if it is one.
func (a *appender) full(ctx context.Context) error {
	l := a.current
	if l.rows() >= a.options.BatchRows || l.size() >= a.options.BatchBytes ||
		a.options.Interval > 0 && time.Since(a.oldest) >= a.options.Interval {
		return a.Flush(ctx)
	}
	return nil
}

// Flush implements [driver.Appender].
func (a *appender) Flush(ctx context.Context) error {
	if a.current == nil || a.current.rows() == 0 {
		return nil
	}
	if a.conn.closed {
		return a.conn.closedError(opAppend)
	}
	l := a.current
	n := int64(l.rows())
	a.sent += n
	err := l.frame.encode(a.buf)
	if err == nil {
		a.buf = l.frame.values
		err = a.conn.sendEncoded(ctx, opAppend, a.id, &l.frame)
	} else {
		err = a.refuse(nil, err)
	}
	l.reset()
	a.id = driver.NewRequestID()
	if err != nil {
		if tableChanged(Code(err)) {
			delete(a.loads, l.frame.table) // the next row asks anew
			a.current = nil
		}
		var partial *PartialWriteError
		return &driver.AppendError{
			Written: a.written, First: a.sent - n, Last: a.sent - 1, Unknown: outcomeUnknown(err) || errors.As(err, &partial), Err: err,
		}
	}
	a.written += n
	return nil
}

// Written implements [driver.Appender].
func (a *appender) Written() int64 { return a.written }

// Close implements [driver.Appender].
func (a *appender) Close(ctx context.Context) error {
	if a.closed {
		return nil
	}
	err := a.Flush(ctx)
	a.closed = true
	return err
}

// refuse is the error of what was not taken; with a nil kind, the one that suits err.
func (a *appender) refuse(kind, err error) error {
	if kind == nil {
		return a.conn.refusal(opAppend, a.id, err)
	}
	return (client.Origin{Host: a.conn.host.Addr}).Error(kind, opAppend, a.id, strings.TrimSpace(err.Error()), nil)
}
