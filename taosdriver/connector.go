package taosdriver

import (
	"context"
	"crypto/tls"
	sqldriver "database/sql/driver"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync/atomic"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/taosdriver/internal/native"
	"github.com/gaugesql/gaugesql/taosdriver/internal/rest"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
	"github.com/gaugesql/gaugesql/taosdriver/internal/ws"
)

// Connector makes connections for [database/sql.OpenDB]. It is safe for
// concurrent use.
type Connector struct {
	config *Config
	dialer transport.Dialer
	hosts  *hosts.Set
	killer *killer
	log    *slog.Logger
	serial atomic.Int64
	closed atomic.Bool
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
	client, err := config.tlsClient()
	if err != nil {
		return nil, err
	}
	c := &Connector{config: config, log: config.Logger}
	if c.hosts, err = config.hostSet(final); err != nil {
		return nil, err
	}
	settings := config.settings(client)
	if config.KillGrace >= 0 {
		c.killer = newKiller(c, config.KillGrace, killDialers(config.Transport, settings))
	}
	settings.Abandoned = c.abandoned
	if c.dialer, err = config.dialer(settings); err != nil {
		return nil, err
	}
	return c, nil
}

// dialer returns the transport's.
func (c *Config) dialer(settings transport.Settings) (transport.Dialer, error) {
	switch c.Transport {
	case WebSocket:
		return ws.NewDialer(settings), nil
	case REST:
		return rest.NewDialer(settings), nil
	}
	return native.NewDialer(settings), nil
}

// Connect implements [sqldriver.Connector]: it logs in at the first host that
// can be used. A refused login and an unknown database end the search. The error
// is never ErrBadConn.
func (c *Connector) Connect(ctx context.Context) (sqldriver.Conn, error) {
	if c.closed.Load() {
		return nil, c.origin("").Error(driver.ErrInterface, "connect", 0, "the connector is closed", nil)
	}
	t, host, err := hosts.Dial(ctx, c.hosts, func(ctx context.Context, h hosts.Host) (transport.Conn, error) {
		t, err := c.dialer.Connect(ctx, h.Addr)
		if err != nil {
			c.debug(ctx, "host refused or not reached", "host", h.Addr, "error", err)
		}
		return t, err
	})
	if err != nil {
		return nil, connectError(ctx, c.origin(""), err)
	}
	cn := &conn{connector: c, t: t, host: host, origin: c.origin(host.Addr), serial: c.serial.Add(1)}
	c.debug(ctx, "connected", "host", host.Addr, "conn", cn.serial)
	return cn, nil
}

// Driver implements [sqldriver.Connector].
func (c *Connector) Driver() sqldriver.Driver { return Driver{} }

// Close ends what the connector runs beside its connections; [database/sql.DB]
// calls it on its own Close. Connections that are open stay usable.
func (c *Connector) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	if c.killer != nil {
		c.killer.close()
	}
	return c.dialer.Close()
}

// abandoned is told by the transports of statements that nobody waits for.
func (c *Connector) abandoned(a transport.Abandoned) {
	c.debug(context.Background(), "statement abandoned", "host", a.Host, "request_id", a.RequestID)
	if c.killer != nil {
		c.killer.add(a)
	}
}

// origin makes errors of the host.
func (c *Connector) origin(host string) transport.Origin {
	return transport.Origin{Transport: string(c.config.Transport), Host: host}
}

// debug logs if there is a logger.
func (c *Connector) debug(ctx context.Context, message string, attributes ...any) {
	if c.log != nil {
		c.log.DebugContext(ctx, message, append([]any{"engine", transport.Engine}, attributes...)...)
	}
}

// final reports whether another host would answer the same: it is about who asks
// and for what, not about the host.
func final(err error) bool {
	return errors.Is(err, driver.ErrAuthentication) || errors.Is(err, driver.ErrProgramming)
}

// connectError makes a driver.Error of what hosts.Dial returned. That of a
// single host is shown as it is.
func connectError(ctx context.Context, origin transport.Origin, err error) error {
	var failures hosts.Failures
	var e *driver.Error
	if !errors.As(err, &failures) && errors.As(err, &e) {
		return e
	}
	kind := driver.ErrConnection
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		kind = driver.ErrOperational
	case ctx.Err() != nil, errors.Is(err, driver.ErrTimeout):
		kind = driver.ErrTimeout
	}
	if errors.As(err, &e) && len(failures) > 0 && ctx.Err() == nil {
		kind = e.Kind
	}
	return origin.Error(kind, "connect", 0, "", err)
}

// settings are what transports need of a complete Config.
func (c *Config) settings(client *tls.Config) transport.Settings {
	s := transport.Settings{
		User: c.User, Password: c.Password, Token: c.Token, BearerToken: c.BearerToken, TOTPCode: c.TOTPCode,
		Database: c.Database, Location: c.Location,
		ReadTimeout: c.ReadTimeout, WriteTimeout: c.WriteTimeout,
		Compression: c.Compression, MaxMessageBytes: c.MaxMessageBytes,
		TLS: client, App: c.App, BIMode: c.BIMode,
		LibraryPath: c.LibraryPath, ConfigDir: c.ConfigDir, KeepAbandoned: c.KillGrace < 0,
		Dial: c.Dial, Logger: c.Logger,
	}
	if c.SessionTimezone != nil {
		s.Timezone = c.SessionTimezone.String()
	}
	if s.Dial == nil {
		s.Dial = new(net.Dialer).DialContext
	}
	return s
}
