package dwsdriver

import (
	sqldriver "database/sql/driver"
	"strconv"

	"github.com/gaugesql/gaugesql/driver"
)

// StatusMessenger is the result of a statement with what the server said of it.
// Results of database/sql hide it; those of [driver.RequestExecer] are of this type.
type StatusMessenger interface {
	sqldriver.Result
	// StatusMessage returns the tag of the command that ended last: "INSERT 0 2",
	// "CREATE TABLE".
	StatusMessage() string
}

// result of a statement: the rows that it wrote, and the server's tag.
type result struct {
	rows int64
	tag  string
}

var _ StatusMessenger = result{}

// StatusMessage implements [StatusMessenger]. The tag is kept without its numbers,
// which these commands always have.
func (r result) StatusMessage() string {
	count := strconv.FormatInt(r.rows, 10)
	switch r.tag {
	case "INSERT":
		return "INSERT 0 " + count
	case "SELECT", "UPDATE", "DELETE", "MERGE", "FETCH", "MOVE", "COPY":
		return r.tag + " " + count
	}
	if r.rows > 0 {
		return r.tag + " " + count
	}
	return r.tag
}

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
