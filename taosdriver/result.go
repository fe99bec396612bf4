package taosdriver

import (
	sqldriver "database/sql/driver"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// result of a statement without rows.
type result struct {
	affected int64
	origin   transport.Origin
}

var _ sqldriver.Result = result{}

// LastInsertId implements [sqldriver.Result]: rows are identified by their
// timestamps, which the caller chooses.
func (r result) LastInsertId() (int64, error) {
	return 0, driver.NotSupported(transport.Engine, r.origin.Transport, "an insert id")
}

// RowsAffected implements [sqldriver.Result]: the rows written or deleted.
func (r result) RowsAffected() (int64, error) { return r.affected, nil }
