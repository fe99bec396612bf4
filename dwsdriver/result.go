package dwsdriver

import (
	sqldriver "database/sql/driver"

	"github.com/gaugesql/gaugesql/driver"
)

// result of a statement: the rows that it wrote.
type result struct{ rows int64 }

var _ sqldriver.Result = result{}

// RowsAffected implements [sqldriver.Result]: the number that stands in the tag of
// the command, which for a SELECT is that of the rows read.
func (r result) RowsAffected() (int64, error) { return r.rows, nil }

// LastInsertId implements [sqldriver.Result] with an error of kind
// ErrNotSupported: the server's rows have no such ids.
func (r result) LastInsertId() (int64, error) {
	e := driver.NotSupported(engine, "", "an insert id")
	e.Hint = "INSERT ... RETURNING gives the columns of the new row, except from column-store tables"
	return 0, e
}
