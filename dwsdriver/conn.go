package dwsdriver

import (
	sqldriver "database/sql/driver"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/login"
	"github.com/gaugesql/gaugesql/internal/hosts"
)

// conn is a session on a coordinator.
type conn struct {
	connector *Connector
	session   *login.Session
	host      hosts.Host
	serial    int64
	closed    bool
}

var _ sqldriver.Conn = (*conn)(nil)

// newConn makes the connection of a session that is logged in.
func newConn(c *Connector, s *login.Session, h hosts.Host, serial int64) *conn {
	return &conn{connector: c, session: s, host: h, serial: serial}
}

// Prepare implements [sqldriver.Conn].
func (c *conn) Prepare(string) (sqldriver.Stmt, error) {
	return nil, driver.NotSupported(engine, "", "a statement")
}

// Begin implements [sqldriver.Conn].
func (c *conn) Begin() (sqldriver.Tx, error) {
	return nil, driver.NotSupported(engine, "", "a transaction")
}

// Close implements [sqldriver.Conn].
func (c *conn) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	c.connector.hosts.Closed(c.host)
	return c.session.Conn.Close()
}
