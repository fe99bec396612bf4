package siridriver

import (
	"context"
	sqldriver "database/sql/driver"
	"io"

	"github.com/gaugesql/gaugesql/siridriver/internal/cluster"
)

// Connector makes connections for [database/sql.OpenDB]. It is safe for
// concurrent use.
//
// The connector keeps one network connection to each host, and all that
// database/sql calls connections share them: each request goes to a host of its
// own choice, and many are answered at a time. Opening and closing connections
// therefore costs nothing, and sql.DB.SetMaxOpenConns bounds the statements at
// work, not the sockets.
type Connector struct {
	config  *Config
	cluster *cluster.Cluster
	types   *typeCache
}

var (
	_ sqldriver.Connector = (*Connector)(nil)
	_ io.Closer           = (*Connector)(nil)
)

// NewConnector checks the Config and keeps a clone: later changes of config
// have no effect. Errors are of kind ErrInterface. No connection is made yet.
func NewConnector(config *Config) (*Connector, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	settings, err := config.clusterConfig()
	if err != nil {
		return nil, err
	}
	return &Connector{config: config.Clone(), cluster: cluster.New(settings), types: newTypeCache()}, nil
}

// Connect implements [sqldriver.Connector]: it waits until a host is up and has
// let the user in. When each host has been tried in vain the error names all
// their reasons; a refused login or an unknown database ends the search. The
// error is never ErrBadConn.
func (c *Connector) Connect(ctx context.Context) (sqldriver.Conn, error) {
	if _, err := c.cluster.Ready(ctx); err != nil {
		return nil, err
	}
	return &conn{connector: c, config: c.config, cluster: c.cluster}, nil
}

// Driver implements [sqldriver.Connector].
func (c *Connector) Driver() sqldriver.Driver { return Driver{} }

// Close leaves all servers and waits for what ran in the background;
// [database/sql.DB] calls it on its own Close. Statements that wait for an answer
// fail, and connections of this connector are of no more use.
func (c *Connector) Close() error {
	c.cluster.Close()
	return nil
}
