package reference

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"fmt"
	"io"
	"net"
	"net/url"
	"time"

	"github.com/gaugesql/gaugesql/driver"
)

func init() { sql.Register("reference", Driver{}) }

// Driver opens connectors.
type Driver struct{}

var (
	_ sqldriver.DriverContext = Driver{}
	_ sqldriver.Connector     = (*connector)(nil)
	_ io.Closer               = (*connector)(nil)
)

// DSN writes a data source name. A nil location is UTC.
func DSN(addr, password, database string, loc *time.Location) string {
	u := url.URL{Scheme: "reference", User: url.UserPassword("user", password), Host: addr, Path: "/" + database}
	if loc != nil {
		u.RawQuery = url.Values{"location": {loc.String()}}.Encode()
	}
	return u.String()
}

// Open makes a connection.
func (d Driver) Open(dsn string) (sqldriver.Conn, error) {
	c, err := d.OpenConnector(dsn)
	if err != nil {
		return nil, err
	}
	return c.Connect(context.Background())
}

// OpenConnector parses the DSN.
func (d Driver) OpenConnector(dsn string) (sqldriver.Connector, error) {
	malformed := func(what string) error {
		return &driver.Error{Kind: driver.ErrInterface, Engine: Engine, Op: "parse DSN", Message: what}
	}
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme != "reference" || u.Host == "" || len(u.Path) < 2 || u.User == nil {
		return nil, malformed("the DSN is not reference://user:password@host:port/database")
	}
	c := &connector{addr: u.Host, database: u.Path[1:], loc: time.UTC}
	c.password, _ = u.User.Password()
	for key, values := range u.Query() {
		if key != "location" || len(values) != 1 {
			return nil, malformed("unknown parameter " + key)
		}
		if c.loc, err = time.LoadLocation(values[0]); err != nil {
			return nil, malformed("location: " + err.Error())
		}
	}
	return c, nil
}

type connector struct {
	addr, password, database string
	loc                      *time.Location
}

func (c *connector) Driver() sqldriver.Driver { return Driver{} }
func (c *connector) Close() error             { return nil }

// Connect dials and logs in.
func (c *connector) Connect(ctx context.Context) (sqldriver.Conn, error) {
	fail := func(kind, err error, message string) error {
		if ctx.Err() != nil {
			kind, err = driver.ErrTimeout, ctx.Err()
		}
		return &driver.Error{Kind: kind, Engine: Engine, Op: "connect", Host: c.addr, Message: message, Err: err}
	}
	var d net.Dialer
	nc, err := d.DialContext(ctx, "tcp", c.addr)
	if err != nil {
		return nil, fail(driver.ErrConnection, err, "")
	}
	stop := context.AfterFunc(ctx, func() { nc.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	_, err = fmt.Fprintf(nc, "%s\t%s\n", c.password, c.database)
	answer := ""
	if err == nil {
		answer, err = readLine(nc)
	}
	if err != nil {
		nc.Close()
		return nil, fail(driver.ErrConnection, err, "")
	}
	s, _ := servers.Load(c.addr)
	server, _ := s.(*Server)
	if server != nil {
		server.mu.Lock()
		defer server.mu.Unlock()
		if ses := server.sessions[answer]; ses != nil {
			return newConn(c, nc, ses), nil
		}
	}
	nc.Close()
	switch answer {
	case "refused login":
		return nil, fail(driver.ErrAuthentication, nil, "the login was refused")
	case "refused database":
		return nil, fail(driver.ErrProgramming, nil, "the database "+c.database+" does not exist")
	}
	return nil, fail(driver.ErrConnection, nil, "the session ended as it began")
}
