package taosdriver

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"

	"github.com/gaugesql/gaugesql/dsn"
)

// Name is the driver's name for [sql.Open].
const Name = "taos"

func init() {
	sql.Register(Name, Driver{})
	for _, scheme := range []string{"taos", "ws", "wss", "http", "https"} {
		dsn.Register(scheme, Driver{})
	}
}

// Driver is what [sql.Open] finds under the name "taos". Programs that have a
// [Config] use [NewConnector] and [sql.OpenDB].
type Driver struct{}

var (
	_ sqldriver.Driver        = Driver{}
	_ sqldriver.DriverContext = Driver{}
)

// OpenConnector implements [sqldriver.DriverContext]: a DSN that cannot be used
// is an error of sql.Open already.
func (Driver) OpenConnector(name string) (sqldriver.Connector, error) {
	config, err := ParseDSN(name)
	if err != nil {
		return nil, err
	}
	return NewConnector(config)
}

// Open implements [sqldriver.Driver]. The connector that it makes does not kill
// abandoned statements, since nothing would close it.
func (Driver) Open(name string) (sqldriver.Conn, error) {
	config, err := ParseDSN(name)
	if err != nil {
		return nil, err
	}
	config.KillGrace = -1
	c, err := NewConnector(config)
	if err != nil {
		return nil, err
	}
	return c.Connect(context.Background())
}
