package taosdriver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

const (
	opAppend = "append"

	// What an appender keeps before it sends, unless its options say otherwise.
	defaultBatchRows  = 1 << 16
	defaultBatchBytes = 4 << 20
)

// appenderOpener loads in bulk over the connection.
type appenderOpener struct {
	c *conn
	t transport.Stmt2Conn
}

var (
	_ driver.AppenderOpener = appenderOpener{}
	_ driver.Appender       = (*appender)(nil)
)

// OpenAppender implements [driver.AppenderOpener] by stmt2. AppendOptions.Table is
// a super table, whose children rows are appended to by AppendTo and AppendTable,
// or another table; empty, each row names an existing table, all of the same
// columns. Children are created from the tags of their first row; tags that are
// left out, nil, are those given before, and if none were, the child must exist.
//
// A batch is at most 65536 rows and 4 MiB of values by default, and it ends before
// a table has more rows than the server takes at once, 32767. Values may be
// pointers, nil for NULL, so that a row can be appended without an allocation.
func (o appenderOpener) OpenAppender(ctx context.Context, options driver.AppendOptions) (driver.Appender, error) {
	id := options.RequestID
	if id == 0 {
		id = driver.RequestID(ctx)
	}
	if o.c.closed {
		return nil, o.c.closedError(opAppend)
	}
	if options.BatchRows < 0 || options.BatchBytes < 0 || options.Interval < 0 {
		return nil, o.c.origin.Error(driver.ErrInterface, opAppend, id, "a bound of a batch is negative", nil)
	}
	if options.BatchRows == 0 {
		options.BatchRows = defaultBatchRows
	}
	if options.BatchBytes == 0 {
		options.BatchBytes = defaultBatchBytes
	}
	a := &appender{
		c: o.c, t: o.t, options: options, id: id, generation: o.c.generation, tables: make(map[string]*appendTable),
		columns: slices.Clone(options.Columns), tags: slices.Clone(options.Tags),
	}
	if options.Table == "" {
		if len(options.Tags) > 0 {
			return nil, a.refuse(driver.ErrProgramming, "tags belong to a super table, and AppendOptions.Table names none")
		}
		return a, nil
	}
	if err := a.open(ctx); err != nil {
		return nil, gate(err)
	}
	return a, nil
}

// open learns of AppendOptions.Table and prepares the statement.
func (a *appender) open(ctx context.Context) error {
	if parts := splitTable(a.options.Table); len(parts) == 2 {
		a.database = parts[0]
	}
	tags, err := a.describe(ctx, a.options.Table)
	if err != nil {
		return err
	}
	if len(tags) == 0 && len(a.tags) > 0 {
		return a.refuse(driver.ErrProgramming, fmt.Sprintf("table %q has no tags", a.options.Table))
	}
	if len(a.tags) == 0 {
		a.tags = tags
	}
	if len(tags) == 0 {
		return a.begin(ctx, named, a.options.Table)
	}
	// A child table is described like its super table, but has no tbname.
	a.super = true
	err = a.begin(ctx, existing, "")
	if e := asError(err); e == nil || e.Code == 0 || errors.Is(err, driver.ErrOperational) || len(a.options.Tags) > 0 {
		return err
	}
	a.super = false
	return a.begin(ctx, named, a.options.Table)
}

// describe completes the columns from the description of a table, and returns its
// tags.
func (a *appender) describe(ctx context.Context, table string) (tags []string, err error) {
	described, err := a.c.describe(ctx, a.id, quoteTable(table))
	if err != nil {
		return nil, err
	}
	if len(a.options.Columns) == 0 {
		a.columns = a.columns[:0]
	}
	for _, column := range described {
		switch {
		case column.tag:
			tags = append(tags, column.name)
		case len(a.options.Columns) == 0:
			a.columns = append(a.columns, column.name)
		}
	}
	return tags, nil
}

// form is the statement that an appender uses.
type form int

const (
	noForm   form = iota
	named         // INSERT INTO ? (columns) VALUES (...)
	existing      // INSERT INTO stable (tbname, columns) VALUES (...)
	creating      // INSERT INTO ? USING stable (tags) TAGS (...) (columns) VALUES (...)
	// or, byName, INSERT INTO stable (tbname, tags, columns) VALUES (...)
)

// appender implements [driver.Appender].
type appender struct {
	c             *conn
	t             transport.Stmt2Conn
	options       driver.AppendOptions
	id            uint64 // of the next batch
	generation    int
	super         bool // options.Table is a super table
	columns, tags []string
	database      string // of options.Table, if it is named

	form    form
	byName  bool // children are made by tbname
	binding *binding
	tables  map[string]*appendTable
	last    *appendTable
	// active are the tables that have rows, and batch what is sent of them.
	active []*appendTable
	batch  []bind2.Table
	// free are the columns of tables that have none.
	free [][]*bind2.Column

	rows   int   // kept
	bytes  int64 // kept
	full   bool  // what is kept is to be sent before it is more
	oldest time.Time
	// written are the rows confirmed, sent those of all batches that were sent,
	// whatever became of them.
	written, sent int64
	closed        bool
}

// appendTable is a table that rows were appended to.
type appendTable struct {
	name    string
	bare    string          // without the database
	bound   string          // with that of the super table
	tags    []*bind2.Column // nil if none were given
	columns []*bind2.Column // nil without rows
	rows    int
	bytes   int64
}

// begin prepares the statement of a form, after what is kept for another is sent.
// first is a table of the named form.
func (a *appender) begin(ctx context.Context, f form, first string) error {
	if a.form == f {
		return nil
	}
	if err := a.Flush(ctx); err != nil {
		return err
	}
	b, err := a.prepare(ctx, f, first)
	if e := asError(err); f == creating && !a.byName && e != nil && e.Code != 0 && !errors.Is(err, driver.ErrOperational) {
		// USING needs a current database, though all names have theirs.
		a.byName = true
		b, err = a.prepare(ctx, f, first)
	}
	if err != nil {
		return err
	}
	if a.binding != nil {
		a.binding.close()
	}
	a.form, a.binding, a.free = f, b, nil
	return nil
}

// prepare prepares the statement of a form. The options of stmt2 that promise more
// to the server have it work through queues, which takes it longer.
func (a *appender) prepare(ctx context.Context, f form, first string) (*binding, error) {
	b, err := a.c.newBinding(a.t, a.id, a.statement(f), transport.Stmt2Options{})
	if err != nil {
		return nil, err
	}
	err = b.make(ctx, a.id, 0)
	if err == nil && f == named {
		err = b.learn(ctx, a.id, first)
	}
	if err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// statement is the text of a form.
func (a *appender) statement(f form) string {
	var text strings.Builder
	columns, inputs := quoteNames(a.columns), len(a.columns)
	text.WriteString("INSERT INTO ")
	switch {
	case f == named:
		text.WriteString("?")
		if len(a.options.Columns) == 0 {
			columns = nil // so that no table can have more, and none is looked at
		}
	case f == creating && !a.byName:
		text.WriteString("? USING " + quoteTable(a.options.Table) +
			" (" + strings.Join(quoteNames(a.tags), ", ") + ") TAGS (" + placeholders(len(a.tags)) + ")")
	default:
		text.WriteString(quoteTable(a.options.Table))
		names := []string{"tbname"}
		if f == creating {
			names = append(names, quoteNames(a.tags)...)
		}
		columns = append(names, columns...)
		inputs += len(names)
	}
	if len(columns) > 0 {
		text.WriteString(" (" + strings.Join(columns, ", ") + ")")
	}
	text.WriteString(" VALUES (" + placeholders(inputs) + ")")
	return text.String()
}

func quoteNames(names []string) []string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quoteName(n)
	}
	return quoted
}

func placeholders(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// usable returns an error if nothing can be appended any more.
func (a *appender) usable(ctx context.Context) error {
	message := ""
	switch {
	case a.closed:
		message = "the appender is closed"
	case a.generation != a.c.generation:
		message = "the connection has gone back to the pool"
	case a.c.closed:
		return a.c.closedError(opAppend)
	case ctx.Err() != nil:
		return a.c.origin.Canceled(ctx, opAppend, a.id, false)
	default:
		return nil
	}
	return a.refuse(driver.ErrInterface, message)
}

func (a *appender) refuse(kind error, message string) error {
	return a.c.origin.Error(kind, opAppend, a.id, message, nil)
}
