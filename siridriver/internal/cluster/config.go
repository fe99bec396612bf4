package cluster

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/gaugesql/gaugesql/internal/hosts"
)

// Config is what a cluster needs to know. All durations must be positive but
// those that say what 0 means.
type Config struct {
	Hosts                    []hosts.Host
	User, Password, Database string

	// ConnectTimeout bounds dial and login at one host.
	ConnectTimeout time.Duration
	// KeepAlive is how long a session may hear nothing before it is asked for a
	// sign of life. 0 never asks.
	KeepAlive time.Duration
	// PingTimeout is how long the sign of life may take.
	PingTimeout time.Duration
	// WriteTimeout is how long a server may take no bytes.
	WriteTimeout time.Duration
	// InactiveTime is how long a host that cannot serve is passed over.
	InactiveTime time.Duration
	// FirstWaitRetry and MaxWaitRetry bound the wait before the next attempt to
	// connect, which doubles with each.
	FirstWaitRetry, MaxWaitRetry time.Duration
	// MaxResponse is the largest response in bytes that is read.
	MaxResponse int64

	// Dial opens connections. nil is net.Dialer's.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Logger is never nil.
	Logger *slog.Logger
}

func (c *Config) dial(ctx context.Context, h hosts.Host) (net.Conn, error) {
	if c.Dial != nil {
		return c.Dial(ctx, h.Network, h.Addr)
	}
	var d net.Dialer
	return d.DialContext(ctx, h.Network, h.Addr)
}
