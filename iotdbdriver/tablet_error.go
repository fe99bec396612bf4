package iotdbdriver

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/tablet"
)

// PartialWriteError is a tablet that the server has written in part: all rows are in,
// without the columns that it refused (507). It unwraps to the server's error.
type PartialWriteError struct {
	// Table, or device.
	Table string
	// Rows that were written, all of the tablet's.
	Rows int
	// Columns that are missing in them, as the tablet names them. Empty if the server's
	// text does not tell.
	Columns []string
	// Err is the server's error.
	Err error
}

// Error tells what is missing, and the server's reasons.
func (e *PartialWriteError) Error() string {
	columns := "some columns"
	if len(e.Columns) > 0 {
		columns = strings.Join(e.Columns, ", ")
	}
	return fmt.Sprintf("%d rows of %s were written without %s: %v", e.Rows, e.Table, columns, e.Err)
}

// Unwrap returns the server's error.
func (e *PartialWriteError) Unwrap() error { return e.Err }

// refusedColumns is how the server's text begins that tells of columns.
const refusedColumns = "Fail to insert measurements ["

// partly makes a PartialWriteError of a server's error that is one, and of others
// what the caller gets.
func (c *conn) partly(f *frame, err error) error {
	e := asError(err)
	if e != nil && tableChanged(e.Code) {
		c.connector.schemas.forget(f.table)
	}
	if e == nil || e.Code != CodeMetadata {
		return plain(err)
	}
	e.Hint = ""
	list, ok := strings.CutPrefix(e.Message, refusedColumns)
	if !ok {
		return plain(err) // of the tablet as a whole: nothing is in
	}
	p := &PartialWriteError{Table: f.table, Rows: f.rows(), Err: e}
	list, _, _ = strings.Cut(list, "] caused by [")
	tree := c.connector.config.Dialect == Tree
	for _, name := range strings.Split(list, ", ") {
		at := slices.IndexFunc(f.columns, func(col *tablet.Column) bool { return sameColumn(col.Name, name, tree) })
		if at < 0 {
			p.Columns = nil // the text is not what we take it for
			break
		}
		p.Columns = append(p.Columns, f.columns[at].Name)
	}
	return p
}

// sameColumn reports whether two names are those of one column: letter case tells
// them apart in the tree model only.
func sameColumn(a, b string, tree bool) bool {
	return a == b || !tree && strings.EqualFold(a, b)
}

// TabletsError is one of several tablets that was not written as it should.
type TabletsError struct {
	// Written is the number of tablets that the server has confirmed before.
	Written int
	// Failed is the index of the tablet that failed. Those behind it were not sent.
	Failed int
	// Unknown is true if that one may be in.
	Unknown bool
	// Err is why it failed, a [*PartialWriteError] if a part of it is in.
	Err error
}

// Error tells how many are in, and the cause.
func (e *TabletsError) Error() string {
	state := "was refused"
	if e.Unknown {
		state = "may be in"
	}
	return fmt.Sprintf("%d tablets are in, tablet %d %s, what follows was not sent: %v", e.Written, e.Failed, state, e.Err)
}

// Unwrap returns the cause.
func (e *TabletsError) Unwrap() error { return e.Err }

func outcomeUnknown(err error) bool {
	var e *driver.Error
	return errors.As(err, &e) && e.OutcomeUnknown
}
