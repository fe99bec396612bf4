package dwsdriver

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/lib/pq"

	"github.com/gaugesql/gaugesql/driver"
)

const (
	opCursor = "cursor"

	// defaultFetch is psycopg2's itersize.
	defaultFetch = 2000
)

// CursorOptions are those of a named cursor.
type CursorOptions struct {
	// Name is quoted, so that it is taken as it is. Empty makes one up.
	Name string
	// Size is how many rows [Cursor.Rows] fetches at a time. Default 2000.
	Size int
	// Scroll and Hold are psycopg2's scrollable and withhold. DWS has neither: they
	// are errors of kind ErrNotSupported that say why.
	Scroll, Hold bool
}

// Cursor is a named cursor: the rows of a query that the server keeps and hands out
// some at a time, in one transaction. Results of a query are streamed in any
// case; a cursor is for work between its rows in the same transaction, such as
// UPDATE ... WHERE CURRENT OF.
type Cursor struct {
	tx   *sql.Tx
	name string
	size int
	done bool
}

var cursors atomic.Uint64

// DeclareCursor opens a named cursor for a query in a transaction of this driver.
func DeclareCursor(ctx context.Context, tx *sql.Tx, options CursorOptions, query string, args ...any) (*Cursor, error) {
	switch {
	case options.Scroll:
		return nil, unsupported(opCursor, "DWS has no SCROLL cursors: rows are fetched once, from the first to the last")
	case options.Hold:
		return nil, unsupported(opCursor, "DWS requires a WITH HOLD cursor to be closed before the commit, so that it would hold nothing: read the rows in the transaction, or into memory")
	case options.Size < 0:
		return nil, wrong(driver.ErrInterface, opCursor, 0, "the size is negative")
	}
	c := &Cursor{tx: tx, name: options.Name, size: options.Size}
	if c.size == 0 {
		c.size = defaultFetch
	}
	if c.name == "" {
		c.name = fmt.Sprintf("gaugesql_%d", cursors.Add(1))
	}
	query = strings.TrimRight(query, "; \t\r\n")
	if _, err := tx.ExecContext(ctx, "DECLARE "+pq.QuoteIdentifier(c.name)+" NO SCROLL CURSOR FOR "+query, args...); err != nil {
		return nil, err
	}
	return c, nil
}

// Name is the cursor's, as it stands in WHERE CURRENT OF when it is quoted.
func (c *Cursor) Name() string { return c.name }

// Fetch returns the next n rows, fewer at the end, and none behind it: psycopg2's
// fetchmany. They are in memory when it returns, so that the transaction can
// run other statements while they are read. n is 1 or more.
func (c *Cursor) Fetch(ctx context.Context, n int) (*sql.Rows, error) {
	if n < 1 {
		return nil, unsupported(opCursor, "DWS fetches forward only, a row or more")
	}
	return c.tx.QueryContext(ctx, fmt.Sprintf("FETCH FORWARD %d FROM %s", n, pq.QuoteIdentifier(c.name)))
}

// Rows hands out the rows from the next to the last; each is scanned before the
// next is asked for. An error is handed out once, with nil rows, and ends them. The
// cursor is closed at the end of the rows and when the caller stops.
//
//	for row, err := range cursor.Rows(ctx) {
//		if err != nil {
//			return err
//		}
//		if err := row.Scan(&id, &name); err != nil {
//			return err
//		}
//	}
func (c *Cursor) Rows(ctx context.Context) iter.Seq2[*sql.Rows, error] {
	return func(yield func(*sql.Rows, error) bool) {
		err := c.each(ctx, func(rows *sql.Rows) bool { return yield(rows, nil) })
		switch {
		case err == errEnough:
			_ = c.Close(ctx)
		case err != nil:
			yield(nil, err)
		default:
			if err := c.Close(ctx); err != nil {
				yield(nil, err)
			}
		}
	}
}

// errEnough is a caller who wants no more rows.
var errEnough = io.ErrClosedPipe

// each calls f with each row.
func (c *Cursor) each(ctx context.Context, f func(*sql.Rows) bool) error {
	for {
		n, err := c.portion(ctx, f)
		if err != nil {
			return err
		}
		if n < c.size {
			return nil
		}
	}
}

func (c *Cursor) portion(ctx context.Context, f func(*sql.Rows) bool) (n int, err error) {
	rows, err := c.Fetch(ctx, c.size)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if n++; !f(rows) {
			return n, errEnough
		}
	}
	return n, rows.Err()
}

// Scroll is psycopg2's cursor.scroll. It returns an error of kind ErrNotSupported.
func (c *Cursor) Scroll(context.Context, int) error {
	return unsupported(opCursor, "DWS has no SCROLL cursors: MOVE BACKWARD and FETCH PRIOR are refused")
}

// Close closes the cursor; the end of the transaction does so as well. It may be
// called twice.
func (c *Cursor) Close(ctx context.Context) error {
	if c.done {
		return nil
	}
	c.done = true
	_, err := c.tx.ExecContext(ctx, "CLOSE "+pq.QuoteIdentifier(c.name))
	return err
}

// fetches reports whether a statement takes rows from a cursor: as many as it says,
// so that they are read at once and the session is free for other statements. ALL
// of them can be more than there is memory.
func fetches(text string) bool {
	word, rest := firstWord(text)
	return strings.EqualFold(word, "FETCH") && !slices.ContainsFunc(strings.Fields(rest), func(w string) bool { return strings.EqualFold(w, "ALL") })
}

// readAhead reads all rows of the result.
func (r *rows) readAhead() error {
	for {
		b, err := r.result.Next()
		if err == io.EOF {
			r.isAhead = true
			return nil
		}
		if err != nil {
			_ = r.result.Close() // nobody else will
			return plain(r.c.fail(opQuery, r.id, r.ctx, err))
		}
		r.ahead = append(r.ahead, b.Clone())
	}
}
