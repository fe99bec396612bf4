package iotdbdriver

import (
	sqldriver "database/sql/driver"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/client"
)

// result is that of a statement that was carried out. IoTDB says nothing more.
type result struct{}

var _ sqldriver.Result = result{}

// RowsAffected implements [sqldriver.Result] with an error of kind
// ErrNotSupported: the server counts nothing.
func (result) RowsAffected() (int64, error) {
	return 0, driver.NotSupported(client.Engine, "", "the number of rows affected")
}

// LastInsertId implements [sqldriver.Result] with an error of kind
// ErrNotSupported.
func (result) LastInsertId() (int64, error) {
	return 0, driver.NotSupported(client.Engine, "", "LastInsertId")
}
