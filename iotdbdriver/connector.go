package iotdbdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/internal/placeholder"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/client"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
)

// Connector makes connections for [database/sql.OpenDB]. It is safe for
// concurrent use.
type Connector struct {
	config   *Config
	settings *client.Settings
	hosts    *hosts.Set
	killer   *killer // nil if nothing is to be killed
	log      *slog.Logger
	serial   atomic.Int64
	closed   atomic.Bool
	marks    marks
	// preparable is what is known of the servers: 0 nothing yet, 1 that they prepare
	// statements, -1 that they do not.
	preparable atomic.Int32
	// schemas are the tables seen for Config.CheckTables.
	schemas schemas
	// routes are where tablets should go, for Config.Redirection.
	routes routes
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
	c := &Connector{config: config, log: config.Logger, marks: newMarks(config.Dialect)}
	c.settings = &client.Settings{
		Dial: config.Dial, MaxFrame: config.MaxFrame, ReadTimeout: config.ReadTimeout, WriteTimeout: config.WriteTimeout,
	}
	if config.Compression {
		c.settings.Protocol = rpc.Compact
	}
	if config.TLS {
		if c.settings.TLS, err = config.tlsOptions().Client(); err != nil {
			return nil, configError("%v", err)
		}
	}
	list, err := config.hostList()
	if err != nil {
		return nil, err
	}
	c.hosts = hosts.New(list, hosts.Config{
		Policy: map[Balance]hosts.Policy{Random: hosts.Random, RoundRobin: hosts.RoundRobin}[config.Balance],
		Rest:   config.HostRest, Timeout: config.ConnectTimeout, Final: final,
	})
	if config.Kill {
		c.killer = newKiller(c)
	}
	return c, nil
}

// firstPause is the wait before all hosts are tried again; it doubles.
const firstPause = 100 * time.Millisecond

// Connect implements [sqldriver.Connector]: it logs in at the first host that
// can be used. A refused login and an unknown database end the search. The error
// is never ErrBadConn.
func (c *Connector) Connect(ctx context.Context) (sqldriver.Conn, error) {
	if c.closed.Load() {
		return nil, client.Origin{}.Error(driver.ErrInterface, opConnect, 0, "the connector is closed", nil)
	}
	limited := ctx
	if c.config.WaitTimeout > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeoutCause(ctx, c.config.WaitTimeout, &hosts.TimeoutError{After: c.config.WaitTimeout})
		defer cancel()
	}
	pause := firstPause
	for try := 0; ; try++ {
		s, host, err := hosts.Dial(limited, c.hosts, func(ctx context.Context, h hosts.Host) (*session, error) {
			s, err := connect(ctx, c.config, c.settings, h.Addr)
			if err != nil {
				c.debug(ctx, "host refused or not reached", "host", h.Addr, "error", err)
			}
			return s, err
		})
		if err == nil {
			cn := &conn{connector: c, session: s, host: host, serial: c.serial.Add(1)}
			c.debug(ctx, "connected", "host", host.Addr, "conn", cn.serial)
			return cn, nil
		}
		if try >= c.config.MaxRetry || final(err) || !wait(limited, pause) {
			return nil, c.connectError(ctx, err)
		}
		pause *= 2
	}
}

// wait reports whether the time passed before the context ended.
func wait(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Driver implements [sqldriver.Connector].
func (c *Connector) Driver() sqldriver.Driver { return Driver{} }

// Close ends what the connector runs beside its connections; [database/sql.DB]
// calls it on its own Close. Connections that are open stay usable.
func (c *Connector) Close() error {
	if !c.closed.Swap(true) && c.killer != nil {
		c.killer.close()
	}
	return nil
}

// lexer knows the texts and comments of the dialect.
func (c *Connector) lexer() *placeholder.Dialect {
	if c.config.Dialect == Tree {
		return &placeholder.IoTDBTree
	}
	return &placeholder.IoTDB
}

// debug logs if there is a logger.
func (c *Connector) debug(ctx context.Context, message string, attributes ...any) {
	if c.log != nil {
		c.log.DebugContext(ctx, message, append([]any{"engine", client.Engine}, attributes...)...)
	}
}

// final reports whether another host would answer the same: it is about who asks
// and for what, not about the host.
func final(err error) bool {
	return errors.Is(err, driver.ErrAuthentication) || errors.Is(err, driver.ErrProgramming) || errors.Is(err, driver.ErrInterface)
}

// connectError makes a driver.Error of what hosts.Dial returned. That of a
// single host is shown as it is.
func (c *Connector) connectError(ctx context.Context, err error) error {
	var failures hosts.Failures
	var e *driver.Error
	if !errors.As(err, &failures) && errors.As(err, &e) {
		if errors.Is(e, context.DeadlineExceeded) && ctx.Err() == nil {
			return client.Origin{Host: e.Host}.Error(driver.ErrTimeout, opConnect, 0, "", &hosts.TimeoutError{After: c.config.WaitTimeout})
		}
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
	return client.Origin{}.Error(kind, opConnect, 0, "", err)
}
