package dwsdriver

import (
	"context"
	"crypto/tls"
	sqldriver "database/sql/driver"
	"io"
	"log/slog"
	"maps"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lib/pq"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/login"
	"github.com/gaugesql/gaugesql/internal/hosts"
)

// Connector makes connections for [database/sql.OpenDB]. It is safe for
// concurrent use.
type Connector struct {
	config *Config
	tls    *tls.Config
	hosts  *hosts.Set
	log    *slog.Logger
	serial atomic.Int64
	closed atomic.Bool
	// servers are what was found out of hosts, a server by its Addr.
	servers sync.Map

	mu        sync.Mutex
	given     []address          // by Config.Hosts
	addresses map[string]address // those of hosts, by their Addr
	refreshed time.Time
}

var (
	_ sqldriver.Connector = (*Connector)(nil)
	_ io.Closer           = (*Connector)(nil)
)

// NewConnector checks the Config, reads the files that it names, and keeps a
// clone: later changes of config have no effect. Errors are of kind
// ErrInterface. No connection is made yet.
func NewConnector(config *Config) (*Connector, error) {
	config, err := config.complete()
	if err != nil {
		return nil, err
	}
	c := &Connector{config: config, log: config.Logger, addresses: make(map[string]address)}
	if c.tls, err = config.tlsClient(); err != nil {
		return nil, err
	}
	if c.given, err = config.hostList(); err != nil {
		return nil, err
	}
	for _, a := range c.given {
		c.addresses[a.host.Addr] = a
	}
	c.hosts = config.hostSet(c.given)
	return c, nil
}

// Connect implements [sqldriver.Connector]: it logs in at the first coordinator
// that can be used. A refused login and an unknown database end the search, so
// that a wrong password is tried once however many hosts there are. The error
// is never ErrBadConn.
func (c *Connector) Connect(ctx context.Context) (sqldriver.Conn, error) {
	var cn *conn
	err := c.retry(ctx, opConnect, 0, connectable, func() (err error) {
		cn, err = c.connect(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return cn, nil
}

// connect tries all hosts once.
func (c *Connector) connect(ctx context.Context) (*conn, error) {
	if c.closed.Load() {
		return nil, wrong(driver.ErrInterface, opConnect, 0, "the connector is closed")
	}
	session, host, err := hosts.Dial(ctx, c.hosts, func(ctx context.Context, h hosts.Host) (*login.Session, error) {
		s, err := login.Open(ctx, c.target(h))
		if err != nil {
			refusal := loginError(h.Addr, err)
			c.debug(ctx, "host refused or not reached", "host", h.Addr, "error", refusal)
			return nil, refusal
		}
		return s, nil
	})
	if err != nil {
		return nil, connectError(ctx, err)
	}
	serial := c.serial.Add(1)
	c.debug(ctx, "connected", "host", host.Addr, "conn", serial)
	cn := newConn(c, session, host, serial)
	if err := c.refresh(ctx, cn); err != nil {
		cn.Close()
		return nil, err
	}
	return cn, nil
}

// target is the host with what is needed to log in there.
func (c *Connector) target(h hosts.Host) login.Target {
	c.mu.Lock()
	a, known := c.addresses[h.Addr]
	c.mu.Unlock()
	if !known { // no longer in the catalogue
		a, _ = Host{Addr: h.Addr}.address()
	}
	config := c.config
	t := login.Target{
		Network: h.Network, Addr: a.dial(), Dial: config.Dial, Mode: config.tlsMode(), Methods: config.RequireAuth,
		Config: pq.Config{
			Host: a.name, Port: uint16(a.port), User: config.User, Password: config.Password, Passfile: config.Passfile,
			Database: config.Database, Options: config.Options, ApplicationName: config.ApplicationName,
			ClientEncoding: "UTF8", Datestyle: "ISO, MDY", KrbSrvname: config.KrbServiceName, KrbSpn: config.KrbSPN,
			Runtime: config.runtime(),
		},
	}
	if c.tls != nil {
		t.TLS = c.tls
		if t.TLS.ServerName == "" {
			t.TLS = c.tls.Clone()
			t.TLS.ServerName = a.name
		}
	}
	if t.Dial == nil {
		keepAlive := config.KeepAlive
		if keepAlive == 0 {
			keepAlive = -1 // net.Dialer's word for never
		}
		t.Dial = (&net.Dialer{KeepAlive: keepAlive}).DialContext
		t.Direct = true
	}
	return t
}

// runtime are the session parameters that lib/pq has no field for.
func (c *Config) runtime() map[string]string {
	params := maps.Clone(c.Params)
	if params == nil {
		params = make(map[string]string)
	}
	// Servers before PostgreSQL 12, all of DWS among them, round floats otherwise.
	params["extra_float_digits"] = "3"
	if c.SearchPath != "" {
		params["search_path"] = c.SearchPath
	}
	if c.SessionTimezone != "" {
		params["timezone"] = c.SessionTimezone
	}
	return params
}

// Driver implements [sqldriver.Connector].
func (c *Connector) Driver() sqldriver.Driver { return Driver{} }

// Close ends the making of connections; [database/sql.DB] calls it on its own
// Close. Connections that are open stay usable.
func (c *Connector) Close() error {
	c.closed.Store(true)
	return nil
}

// debug logs if there is a logger.
func (c *Connector) debug(ctx context.Context, message string, attributes ...any) {
	if c.log != nil {
		c.log.DebugContext(ctx, message, append([]any{"engine", engine}, attributes...)...)
	}
}
