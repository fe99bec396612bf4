package siridriver

import (
	"context"
	sqldriver "database/sql/driver"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver/internal/cluster"
)

// What an appender keeps before it sends, unless its options say otherwise. The
// server recommends packages below 1 MB.
const (
	defaultBatchRows  = 100_000
	defaultBatchBytes = 1 << 20
)

// OpenAppender implements [driver.AppenderOpener]. A row is a point. Its columns
// are time and value for AppendOptions.Table, a series; without a table they are
// series, time, value; Columns may order them otherwise. A batch is one insert
// package, which the server stores as a whole or not at all; the points of a
// series need not stand together.
func (c *conn) OpenAppender(ctx context.Context, options driver.AppendOptions) (driver.Appender, error) {
	id := options.RequestID
	if id == 0 {
		id = driver.RequestID(ctx)
	}
	if len(options.Tags) > 0 {
		return nil, wrong(driver.ErrNotSupported, opAppend, id, "a series has no tags of its own; alter series … tag puts it under one")
	}
	if options.BatchRows < 0 || options.BatchBytes < 0 || options.Interval < 0 {
		return nil, wrong(driver.ErrInterface, opAppend, id, "a bound of a batch is negative")
	}
	a := &appender{conn: c, options: options, id: id}
	if a.options.BatchRows == 0 {
		a.options.BatchRows = defaultBatchRows
	}
	if a.options.BatchBytes == 0 {
		a.options.BatchBytes = defaultBatchBytes
	}
	a.options.BatchBytes = min(a.options.BatchBytes, c.config.MaxInsert)
	var err error
	if a.columns, err = pointColumns(options.Columns, options.Table != ""); err != nil {
		return nil, refusal(opAppend, id, err)
	}
	if a.batch, err = c.newBatch(ctx, opAppend, id); err != nil {
		return nil, err
	}
	a.batch.limit = a.options.BatchBytes
	return a, nil
}

// layout tells where in a row the parts of a point are; series is -1 if a table
// names it.
type layout struct{ series, time, value, n int }

func pointColumns(names []string, table bool) (layout, error) {
	l := layout{-1, -1, -1, len(names)}
	switch {
	case len(names) == 0 && table:
		return layout{-1, 0, 1, 2}, nil
	case len(names) == 0:
		return layout{0, 1, 2, 3}, nil
	}
	for i, name := range names {
		place := map[string]*int{"series": &l.series, "time": &l.time, "value": &l.value}[strings.ToLower(name)]
		if place == nil || *place >= 0 {
			return l, dataError(driver.ErrProgramming, "a point has the columns series, time and value, each once; not %.40q", name)
		}
		*place = i
	}
	switch {
	case l.time < 0 || l.value < 0:
		return l, dataError(driver.ErrProgramming, "columns time and value are both needed")
	case table == (l.series >= 0):
		return l, dataError(driver.ErrProgramming, "the series is named either by Table or by the column series")
	}
	return l, nil
}

// appender implements [driver.Appender].
type appender struct {
	conn    *conn
	options driver.AppendOptions
	columns layout
	batch   *batch
	id      uint64
	oldest  time.Time // of what is kept
	written int64     // rows confirmed
	sent    int64     // rows of all batches that were sent, whatever became of them
	closed  bool
}

var _ driver.Appender = (*appender)(nil)

// Append implements [driver.Appender].
func (a *appender) Append(ctx context.Context, values ...any) error {
	if len(values) != a.columns.n {
		return wrong(driver.ErrProgramming, opAppend, a.id, fmt.Sprintf("%d values for %d columns", len(values), a.columns.n))
	}
	series := any(a.options.Table)
	if a.columns.series >= 0 {
		series = values[a.columns.series]
	}
	return a.point(ctx, series, values[a.columns.time], values[a.columns.value])
}

// AppendTo implements [driver.Appender]: values are time and value, in the order
// of AppendOptions.Columns. There are no tags.
func (a *appender) AppendTo(ctx context.Context, table string, tags []any, values ...any) error {
	if len(tags) > 0 {
		return wrong(driver.ErrNotSupported, opAppend, a.id, "a series has no tags of its own")
	}
	if len(values) != 2 {
		return wrong(driver.ErrProgramming, opAppend, a.id, fmt.Sprintf("%d values; a point of a series is a time and a value", len(values)))
	}
	at, value := values[0], values[1]
	if a.columns.time > a.columns.value {
		at, value = value, at
	}
	return a.point(ctx, table, at, value)
}

// point adds one point and sends the batch that it fills.
func (a *appender) point(ctx context.Context, series, at, value any) error {
	if a.closed {
		return wrong(driver.ErrInterface, opAppend, a.id, "the appender is closed")
	}
	if err := ctx.Err(); err != nil {
		return &driver.Error{Kind: driver.ErrOperational, Engine: cluster.Engine, Op: opAppend, RequestID: a.id, Err: err}
	}
	args := [3]any{series, at, value}
	for i := range args {
		switch args[i].(type) {
		case int64, float64, string, time.Time:
			continue
		}
		v := sqldriver.NamedValue{Ordinal: i + 1, Value: args[i]}
		if err := checkValue(&v); err != nil {
			return refusal(opAppend, a.id, err)
		}
		args[i] = v.Value
	}
	if a.batch.groups.Points() == 0 {
		a.oldest = time.Now()
	}
	err := a.batch.point(args[0], args[1], args[2])
	if err == errFull {
		if err := a.Flush(ctx); err != nil {
			return err
		}
		a.oldest = time.Now()
		err = a.batch.point(args[0], args[1], args[2])
	}
	if err != nil {
		return refusal(opAppend, a.id, err)
	}
	if a.batch.groups.Points() >= a.options.BatchRows ||
		a.options.Interval > 0 && time.Since(a.oldest) >= a.options.Interval {
		return a.Flush(ctx)
	}
	return nil
}

// AppendColumns implements [driver.Appender]: the columns of Append.
func (a *appender) AppendColumns(ctx context.Context, columns ...driver.Column) error {
	if len(columns) != a.columns.n {
		return wrong(driver.ErrProgramming, opAppend, a.id, fmt.Sprintf("%d columns; %d are expected", len(columns), a.columns.n))
	}
	var series func(i int) any
	if l := a.columns; l.series >= 0 {
		if err := columns[l.series].Check(); err != nil {
			return refusal(opAppend, a.id, err)
		}
		series = reader(columns[l.series])
	} else {
		series = func(int) any { return a.options.Table }
	}
	return a.appendColumns(ctx, series, columns, columns[a.columns.time], columns[a.columns.value])
}

// AppendTable implements [driver.Appender]: two columns, time and value.
func (a *appender) AppendTable(ctx context.Context, table driver.BindTable) error {
	if len(table.Tags) > 0 {
		return wrong(driver.ErrNotSupported, opAppend, a.id, "a series has no tags of its own")
	}
	if len(table.Columns) != 2 {
		return wrong(driver.ErrProgramming, opAppend, a.id, fmt.Sprintf("%d columns; a point of a series is a time and a value", len(table.Columns)))
	}
	name := table.Name
	if name == "" {
		name = a.options.Table
	}
	at, value := table.Columns[0], table.Columns[1]
	if a.columns.time > a.columns.value {
		at, value = value, at
	}
	return a.appendColumns(ctx, func(int) any { return name }, table.Columns, at, value)
}

// appendColumns adds the rows of columns that are checked first.
func (a *appender) appendColumns(ctx context.Context, series func(int) any, all []driver.Column, at, value driver.Column) error {
	for i := range all {
		if err := all[i].Check(); err != nil {
			return refusal(opAppend, a.id, fmt.Errorf("column %d: %w", i+1, err))
		}
		if all[i].Len() != at.Len() {
			return wrong(driver.ErrInterface, opAppend, a.id, fmt.Sprintf("columns of %d and %d values", at.Len(), all[i].Len()))
		}
	}
	times, values := reader(at), reader(value)
	for i := range at.Len() {
		if err := a.point(ctx, series(i), times(i), values(i)); err != nil {
			return err
		}
	}
	return nil
}

// reader returns a function that reads a cell of the column, chosen by the type
// of its slice.
func reader(c driver.Column) func(i int) any {
	var get func(int) any
	switch v := c.Values.(type) {
	case []int64:
		get = func(i int) any { return v[i] }
	case []float64:
		get = func(i int) any { return v[i] }
	case []string:
		get = func(i int) any { return v[i] }
	case []time.Time:
		get = func(i int) any { return v[i] }
	case []any:
		get = func(i int) any { return v[i] }
	default:
		list := reflect.ValueOf(c.Values)
		get = func(i int) any { return list.Index(i).Interface() }
	}
	if c.States == nil {
		return get
	}
	return func(i int) any {
		if c.States[i] != driver.Given {
			return nil
		}
		return get(i)
	}
}

// Flush implements [driver.Appender].
func (a *appender) Flush(ctx context.Context) error {
	n := int64(a.batch.groups.Points())
	if n == 0 {
		return nil
	}
	types := a.batch.types
	pkg := a.batch.groups.Package()
	if types != nil {
		a.batch.types = make(seriesTypes)
	}
	a.sent += n
	err := a.conn.checkTypes(ctx, opAppend, a.id, types)
	if err == nil {
		err = a.conn.sendPackage(ctx, opAppend, a.id, a.batch.unit, pkg)
	}
	a.id = driver.NewRequestID()
	if err != nil {
		return &driver.AppendError{
			Written: a.written, First: a.sent - n, Last: a.sent - 1, Unknown: outcomeUnknown(err), Err: err,
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
