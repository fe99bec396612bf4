package dsn

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"fmt"
	"sync"
)

// imports tells where the driver of a scheme lives, for the error of a program
// that does not import it.
var imports = map[string]string{
	"taos": "taosdriver", "ws": "taosdriver", "wss": "taosdriver", "http": "taosdriver", "https": "taosdriver",
	"siridb": "siridriver", "iotdb": "iotdbdriver", "dws": "dwsdriver",
}

var registry = struct {
	sync.RWMutex
	drivers map[string]sqldriver.Driver
}{drivers: make(map[string]sqldriver.Driver)}

// Register makes d the driver of DSNs whose scheme is the given one with or
// without a "+<protocol>". Engines call it from init, next to [sql.Register].
// It panics if d is nil or the scheme is taken.
func Register(scheme string, d sqldriver.Driver) {
	registry.Lock()
	defer registry.Unlock()
	if d == nil {
		panic("dsn: Register of a nil driver")
	}
	if registry.drivers[scheme] != nil {
		panic(fmt.Sprintf("dsn: scheme %q registered twice", scheme))
	}
	registry.drivers[scheme] = d
}

// Open opens the database that url names with the driver that its scheme
// names. The driver's package must be imported. A url that is malformed, or
// that its driver refuses, is an error here already; no connection is made yet.
func Open(url string) (*sql.DB, error) {
	c, err := OpenConnector(url)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

// OpenConnector is [Open] for those who hand the connector on, to
// [sql.OpenDB] or to an instrumentation wrapper.
func OpenConnector(url string) (sqldriver.Connector, error) {
	u, err := Parse(url)
	if err != nil {
		return nil, err
	}
	registry.RLock()
	d := registry.drivers[u.Driver]
	registry.RUnlock()
	if d == nil {
		if pkg := imports[u.Driver]; pkg != "" {
			return nil, errorf(`no driver for %s://; import _ "github.com/gaugesql/gaugesql/%s"`, u.Driver, pkg)
		}
		return nil, errorf("unknown scheme %q; known are taos, iotdb, siridb and dws", u.Driver)
	}
	if dc, ok := d.(sqldriver.DriverContext); ok {
		return dc.OpenConnector(url)
	}
	return connector{url, d}, nil
}

// connector serves a driver that has no connectors of its own.
type connector struct {
	url string
	d   sqldriver.Driver
}

func (c connector) Connect(context.Context) (sqldriver.Conn, error) { return c.d.Open(c.url) }

func (c connector) Driver() sqldriver.Driver { return c.d }
