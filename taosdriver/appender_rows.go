package taosdriver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
)

const (
	// portion is how many rows of columns are taken between looks at the bounds,
	// variablePortion where their size is not known beforehand.
	portion         = 4096
	variablePortion = 256

	// A table has room for firstRows at first, then for four times as many, and from
	// manyRows on for twice as many.
	firstRows, manyRows = 16, 1024
)

// Append implements [driver.Appender].
func (a *appender) Append(ctx context.Context, values ...any) error {
	return a.AppendTo(ctx, "", nil, values...)
}

// AppendTo implements [driver.Appender].
func (a *appender) AppendTo(ctx context.Context, table string, tags []any, values ...any) error {
	if err := a.usable(ctx); err != nil {
		return err
	}
	if err := a.room(ctx); err != nil {
		return err
	}
	t, err := a.table(ctx, table, tags)
	if err != nil {
		return err
	}
	params := a.binding.columns
	if len(values) != len(params) {
		return a.refuse(driver.ErrProgramming, fmt.Sprintf("%d values for %d columns", len(values), len(params)))
	}
	a.activate(t)
	if t.columns[0].Full() {
		more := max(3*t.rows, firstRows) // fewer allocations than by append
		if t.rows >= manyRows {
			more = t.rows
		}
		for _, c := range t.columns {
			c.Grow(more)
		}
	}
	for i, c := range t.columns {
		if err := appendCell(c, &params[i], values[i]); err != nil {
			return a.undo(t, &params[i], err)
		}
	}
	if i := a.binding.primary; i >= 0 && t.columns[i].State(t.rows) != bind2.Given {
		return a.undo(t, &params[i], errPrimary)
	}
	return a.added(ctx, t, 1)
}

// undo takes a row back that does not fit.
func (a *appender) undo(t *appendTable, p *bind2.Param, err error) error {
	for _, c := range t.columns {
		c.Truncate(min(t.rows, c.Rows()))
	}
	row := int(a.sent) + a.rows
	a.deactivate(t)
	return a.binding.misfit(a.id, t.name, p, &bind2.RowError{Row: row, Err: err})
}

// AppendColumns implements [driver.Appender].
func (a *appender) AppendColumns(ctx context.Context, columns ...driver.Column) error {
	return a.AppendTable(ctx, driver.BindTable{Columns: columns})
}

// AppendTable implements [driver.Appender]. Rows are counted from the first of the
// columns in the error of a value that does not fit; those of the portions before
// may have been appended.
func (a *appender) AppendTable(ctx context.Context, table driver.BindTable) error {
	if err := a.usable(ctx); err != nil {
		return err
	}
	t, err := a.table(ctx, table.Name, table.Tags)
	if err != nil {
		return err
	}
	params := a.binding.columns
	if len(table.Columns) != len(params) {
		return a.refuse(driver.ErrProgramming, fmt.Sprintf("%d columns are appended to %d", len(table.Columns), len(params)))
	}
	most := portion
	rows := table.Columns[0].Len()
	for i, c := range table.Columns {
		if err := c.Check(); err != nil {
			return a.refuse(driver.ErrInterface, fmt.Sprintf("column %q: %s", params[i].Name, asError(err).Message))
		}
		if c.Len() != rows {
			return a.refuse(driver.ErrInterface, fmt.Sprintf("columns of %d and %d rows", rows, c.Len()))
		}
		if params[i].Type.Variable() {
			most = variablePortion
		}
	}
	for from := 0; from < rows; {
		if err := a.room(ctx); err != nil {
			return err
		}
		until := min(rows, from+min(most, a.options.BatchRows-a.rows, bind2.MaxRows-t.rows))
		a.activate(t)
		if err := a.columnsOf(t, table.Columns, from, until); err != nil {
			return err
		}
		if err := a.added(ctx, t, until-from); err != nil {
			return err
		}
		from = until
	}
	return nil
}

// columnsOf appends rows of columns, or none.
func (a *appender) columnsOf(t *appendTable, columns []driver.Column, from, until int) error {
	params := a.binding.columns
	for i, c := range t.columns {
		err := appendColumn(c, &params[i], columns[i], from, until)
		if err == nil && i == a.binding.primary {
			if row := c.Skipped(); row >= 0 {
				err = &bind2.RowError{Row: from + row - t.rows, Err: errPrimary}
			}
		}
		if err == nil {
			continue
		}
		for _, c := range t.columns {
			c.Truncate(min(t.rows, c.Rows()))
		}
		a.deactivate(t)
		return a.binding.misfit(a.id, t.name, &params[i], err)
	}
	return nil
}

// table returns the table of the name, with the statement that it is written by.
func (a *appender) table(ctx context.Context, name string, tags []any) (*appendTable, error) {
	if name == "" {
		name = a.options.Table
		if name == "" || a.super {
			return nil, a.refuse(driver.ErrProgramming, "the rows name no table, and AppendOptions.Table is not one that has rows of its own")
		}
	}
	t := a.last
	if t == nil || t.name != name {
		t = a.tables[name]
	}
	if t != nil && (len(tags) == 0 || t.tags != nil) {
		a.last = t
		return t, a.begin(ctx, a.formOf(t.tags != nil), name)
	}
	return a.newTable(ctx, name, tags)
}

func (a *appender) formOf(tagged bool) form {
	switch {
	case !a.super:
		return named
	case tagged:
		return creating
	}
	return existing
}

// newTable returns a table that was not appended to before, or without its tags.
func (a *appender) newTable(ctx context.Context, name string, tags []any) (*appendTable, error) {
	switch {
	case len(name) > maxTableName || strings.IndexByte(name, 0) >= 0:
		return nil, a.refuse(driver.ErrProgramming, "the name of the table is too long or has a NUL")
	case len(tags) > 0 && !a.super:
		return nil, a.refuse(driver.ErrProgramming, "tags are given, and AppendOptions.Table is not a super table")
	case len(tags) > 0 && len(tags) != len(a.tags):
		return nil, a.refuse(driver.ErrProgramming, fmt.Sprintf("%d tags for %d of the super table", len(tags), len(a.tags)))
	}
	if a.options.Table == "" && a.form == noForm {
		if _, err := a.describe(ctx, name); err != nil {
			return nil, err
		}
	}
	if err := a.begin(ctx, a.formOf(len(tags) > 0), name); err != nil {
		return nil, err
	}
	if a.form == named {
		if err := a.binding.learn(ctx, a.id, name); err != nil {
			return nil, err
		}
	}
	t, err := a.tables[name], error(nil)
	if t == nil {
		if t, err = a.named(name); err != nil {
			return nil, err
		}
	}
	if len(tags) > 0 {
		columns := make([]*bind2.Column, len(tags))
		for i := range columns {
			p := &a.binding.tags[i]
			columns[i] = p.Column()
			if err := appendCell(columns[i], p, tags[i]); err != nil {
				return nil, a.binding.misfit(a.id, name, p, err)
			}
		}
		t.tags = columns
	}
	a.tables[name], a.last = t, t
	return t, nil
}

// named returns a table by the names that the server takes: without the database
// and backticks as tbname, and with the database of the super table as a child that
// is to be made.
func (a *appender) named(name string) (*appendTable, error) {
	t := &appendTable{name: name, bare: name, bound: name}
	if !a.super {
		return t, nil
	}
	parts := splitTable(name)
	t.bare = parts[len(parts)-1]
	switch {
	case len(parts) == 2 && parts[0] != a.database:
		return nil, a.refuse(driver.ErrProgramming, fmt.Sprintf("table %q is not in the database that AppendOptions.Table names, %q", name, a.database))
	case len(parts) == 1 && a.database != "":
		t.bound = quoteName(a.database) + "." + quoteName(t.bare)
	}
	return t, nil
}

// maxTableName is the longest name of a table with its database's, 192 and 64
// characters, and backticks.
const maxTableName = 192 + 64 + 5

// activate gives the table columns for rows.
func (a *appender) activate(t *appendTable) {
	if t.columns != nil {
		return
	}
	if n := len(a.free); n > 0 {
		t.columns, a.free = a.free[n-1], a.free[:n-1]
	} else {
		t.columns = newTable(nil, a.binding.columns).Columns
	}
	a.active = append(a.active, t)
}

// deactivate takes the columns of a table that got no row after all.
func (a *appender) deactivate(t *appendTable) {
	if t.rows > 0 {
		return
	}
	a.active = a.active[:len(a.active)-1] // the table was activated last
	a.free = append(a.free, t.columns)
	t.columns = nil
}

// added counts rows and sends the batch that they fill.
func (a *appender) added(ctx context.Context, t *appendTable, rows int) error {
	if a.options.Interval > 0 && a.rows == 0 {
		a.oldest = time.Now()
	}
	t.rows += rows
	a.rows += rows
	size := int64(0)
	for _, c := range t.columns {
		size += c.Size()
	}
	a.bytes += size - t.bytes
	t.bytes = size
	a.full = a.full || a.rows >= a.options.BatchRows || a.bytes >= int64(a.options.BatchBytes) || t.rows >= bind2.MaxRows ||
		a.options.Interval > 0 && time.Since(a.oldest) >= a.options.Interval
	if !a.full || ctx.Err() != nil { // the rows are kept, and no error may say otherwise
		return nil
	}
	return a.flush(ctx)
}

// room sends a full batch that could not be sent when it became full.
func (a *appender) room(ctx context.Context) error {
	if !a.full {
		return nil
	}
	return a.Flush(ctx)
}

// Flush implements [driver.Appender].
func (a *appender) Flush(ctx context.Context) error {
	if a.rows == 0 {
		return nil
	}
	if err := a.usable(ctx); err != nil {
		return err // and the rows are kept
	}
	return a.flush(ctx)
}

// flush sends what is kept.
func (a *appender) flush(ctx context.Context) error {
	a.batch = a.batch[:0]
	for _, t := range a.active {
		table := bind2.Table{Name: t.bound, Columns: t.columns}
		if a.form == creating {
			table.Tags = t.tags
		}
		if a.form == existing || a.form == creating && a.byName {
			table.Name = t.bare
		}
		a.batch = append(a.batch, table)
	}
	n := int64(a.rows)
	a.sent += n
	err := a.send(ctx)
	a.id = driver.NewRequestID()
	for i, t := range a.active {
		for _, c := range t.columns {
			c.Reset()
		}
		a.free = append(a.free, t.columns)
		t.columns, t.rows, t.bytes = nil, 0, 0
		a.active[i] = nil
	}
	clear(a.batch)
	a.active, a.rows, a.bytes, a.full = a.active[:0], 0, 0, false
	if err != nil {
		a.free = nil // the statement is made again, and may find another table
		var e *driver.Error
		return &driver.AppendError{
			Written: a.written, First: a.sent - n, Last: a.sent - 1,
			Unknown: errors.As(err, &e) && e.OutcomeUnknown, Err: err,
		}
	}
	a.written += n
	return nil
}

// send binds the batch and executes it.
func (a *appender) send(ctx context.Context) error {
	if err := a.binding.make(ctx, a.id, 0); err != nil { // again, after an error
		return plain(err)
	}
	if err := a.binding.bind(ctx, a.id, a.batch); err != nil {
		return err
	}
	_, err := a.binding.exec(ctx, a.id)
	return err
}

// Written implements [driver.Appender].
func (a *appender) Written() int64 { return a.written }

// Close implements [driver.Appender].
func (a *appender) Close(ctx context.Context) error {
	if a.closed {
		return nil
	}
	err := a.Flush(ctx)
	if err != nil && a.rows > 0 { // it was not sent
		err = &driver.AppendError{Written: a.written, First: a.sent, Last: a.sent + int64(a.rows) - 1, Err: err}
	}
	a.closed = true
	if a.binding != nil {
		a.binding.close()
	}
	a.tables, a.last, a.active, a.batch, a.free = nil, nil, nil, nil, nil
	return err
}
