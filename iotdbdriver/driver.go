package iotdbdriver

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"

	"github.com/gaugesql/gaugesql/dsn"
)

// Name is the driver's name for [sql.Open], and the scheme of its DSNs.
const Name = "iotdb"

func init() {
	sql.Register(Name, Driver{})
	dsn.Register(Name, Driver{})
}

// Driver is what [sql.Open] finds under the name "iotdb". Programs that have a
// [Config] use [NewConnector] and [sql.OpenDB].
type Driver struct{}

var (
	_ sqldriver.Driver        = Driver{}
	_ sqldriver.DriverContext = Driver{}
)

// OpenConnector implements [sqldriver.DriverContext]: a DSN that cannot be used
// is an error of sql.Open.
func (Driver) OpenConnector(name string) (sqldriver.Connector, error) {
	config, err := ParseDSN(name)
	if err != nil {
		return nil, err
	}
	return NewConnector(config)
}

// Open implements [sqldriver.Driver]. What the connector does in the background
// ends with the connection.
func (d Driver) Open(name string) (sqldriver.Conn, error) {
	connector, err := d.OpenConnector(name)
	if err != nil {
		return nil, err
	}
	c, err := connector.Connect(context.Background())
	if err != nil {
		connector.(*Connector).Close()
		return nil, err
	}
	c.(*conn).owned = true
	return c, nil
}
