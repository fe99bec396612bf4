package siridriver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dsn"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/siridriver/internal/cluster"
)

// Config is everything that a connection needs. Make one with [NewConfig] or
// [ParseDSN], change it, and hand it to [NewConnector], which keeps a clone of
// its own. The zero value of a field is not always its default.
type Config struct {
	// Hosts are all servers of the database or some of them; each takes every
	// statement. None means localhost:9000.
	Hosts []Host

	// User and Password. Without any of the two they are those that SiriDB gives
	// each new database, iris with siri.
	User     string
	Password string
	// Database is the database's name. It must not be empty.
	Database string

	// Location of the time.Time values that come out of results. Default UTC.
	Location *time.Location
	// Precision makes times integers in this unit: in the columns of results that
	// hold times, and where an integer stands for a time in an INSERT. Default
	// empty: results hold time.Time, and integers are in the database's unit.
	Precision Precision
	// Wide makes the answer to a select one column a series, with a row for each
	// time that one of them has, in place of the columns series, time, value.
	Wide bool
	// CheckTypes looks up the type of each series before points go into it, and
	// makes values that the server would convert silently an error of kind
	// ErrData. It costs a request for each series that was not seen yet.
	CheckTypes bool

	// ConnectTimeout bounds dial and login at one host. Default 10 s.
	ConnectTimeout time.Duration
	// QueryTimeout bounds a statement, InsertTimeout an insert, beside their
	// contexts: a server that hangs never answers. Defaults 1 min and 5 min; 0 is
	// no bound.
	QueryTimeout  time.Duration
	InsertTimeout time.Duration
	// PoolWait is how long a request waits and tries again while a pool of the
	// cluster has no server. Default 1 min; 0 reports it at once.
	PoolWait time.Duration
	// WriteTimeout is how long a server may take no bytes before its connection
	// is given up. Default 30 s.
	WriteTimeout time.Duration
	// KeepAlive is how long a connection may hear nothing before the server is
	// pinged. Default 45 s; 0 never pings.
	KeepAlive time.Duration
	// PingTimeout is how long such a ping may take. Default 15 s.
	PingTimeout time.Duration
	// InactiveTime is how long a host that said it cannot serve, or that was lost,
	// is passed over while another is up. Default 30 s.
	InactiveTime time.Duration
	// MaxWaitRetry bounds the wait between attempts to connect again: 1 s, 2 s,
	// 4 s and so on. Default 90 s.
	MaxWaitRetry time.Duration

	// MaxResponse is the largest response in bytes that is read; a larger one is
	// an error of kind ErrResult. A result is in memory as a whole. Default 1 GiB.
	MaxResponse int64
	// MaxInsert is the size in bytes beyond which an insert is split; one with more
	// than 31 MiB of strings for one series is split in any case. The server stores
	// all points of a package or none; what is split is not all or nothing.
	// Default and maximum 40 MiB, the server's own limit.
	MaxInsert int

	// Dial opens network connections in place of net.Dialer. It must return when
	// its context ends: Close waits for it. Not part of a DSN.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Logger receives connects, losses and failovers with the attributes engine,
	// host, conn, request_id. nil is silence. Not part of a DSN.
	Logger *slog.Logger
}

// Host is one server.
type Host struct {
	// Addr is "host:port", "[ipv6]:port" or, with a leading slash, the path of a
	// Unix socket. A missing port is 9000.
	Addr string
	// Weight from 1 to 9 is the host's share of the requests. 0 means 1.
	Weight int
	// Backup hosts are used only while no other is up.
	Backup bool
}

// The account that every new database has.
const (
	defaultUser     = "iris"
	defaultPassword = "siri"
	defaultHost     = "localhost"
	defaultPort     = 9000
)

// NewConfig returns a Config with the defaults.
func NewConfig() *Config {
	c := new(Config)
	parameters.Defaults(c)
	return c
}

// Clone returns a copy that shares nothing that can change.
func (c *Config) Clone() *Config {
	clone := *c
	clone.Hosts = slices.Clone(c.Hosts)
	return &clone
}

// String is the DSN without its secrets.
func (c Config) String() string { return c.url().Redacted() }

// GoString is [Config.String]: %#v shows no secret either.
func (c Config) GoString() string { return c.String() }

// LogValue is [Config.String], so that a logged Config shows no secret.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// configError is a Config or DSN that cannot be used. Messages name fields by
// the parameter that sets them and show no value that could be secret.
func configError(format string, args ...any) error {
	return &driver.Error{
		Kind: driver.ErrInterface, Engine: cluster.Engine, Op: "config",
		Message: fmt.Sprintf(format, args...),
	}
}

// check reports the first thing in c that is out of range or contradicts
// another.
func (c *Config) check() error {
	if err := parameters.Check(c); err != nil {
		return dsn.ForEngine(cluster.Engine, err)
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"connect_timeout", c.ConnectTimeout},
		{"write_timeout", c.WriteTimeout},
		{"ping_timeout", c.PingTimeout},
		{"max_wait_retry", c.MaxWaitRetry},
	} {
		if d.value == 0 {
			return configError("%s is not positive; NewConfig gives its default", d.name)
		}
	}
	switch {
	case c.KeepAlive < 0:
		return configError("keepalive is negative")
	case c.Database == "":
		return configError("no database; a DSN has it after the hosts, as in siridb://localhost/dbtest")
	case strings.ContainsRune(c.Database+c.User+c.Password, 0):
		return configError("user, password or database holds a NUL, where the server would cut it")
	case c.User == "" && c.Password != "":
		return configError("a password without a user")
	}
	_, err := c.hostList()
	return err
}

// hostList resolves the hosts' defaults.
func (c *Config) hostList() ([]hosts.Host, error) {
	list := []hosts.Host{}
	given := c.Hosts
	if len(given) == 0 {
		given = []Host{{}}
	}
	seen := map[string]bool{}
	for i, h := range given {
		if h.Weight < 0 || h.Weight > maxWeight {
			return nil, configError("weight of host %d is not from 1 to %d", i+1, maxWeight)
		}
		network, addr, err := h.address()
		if err != nil {
			return nil, configError("host %d: %v", i+1, err)
		}
		if seen[addr] {
			return nil, configError("host %d is given twice", i+1)
		}
		seen[addr] = true
		list = append(list, hosts.Host{Network: network, Addr: addr, Weight: h.Weight, Backup: h.Backup})
	}
	return list, nil
}

const maxWeight = 9

// address is what net.Dial takes.
func (h Host) address() (network, addr string, err error) {
	if strings.HasPrefix(h.Addr, "/") {
		return "unix", h.Addr, nil
	}
	name, port, ok := hosts.Split(h.Addr)
	if !ok {
		return "", "", errors.New("want " + hosts.Format + ", or the path of a Unix socket")
	}
	if name == "" {
		name = defaultHost
	}
	if port == 0 {
		port = defaultPort
	}
	return "tcp", net.JoinHostPort(name, strconv.Itoa(port)), nil
}

// clusterConfig is what the cluster needs of a checked Config.
func (c *Config) clusterConfig() (cluster.Config, error) {
	list, err := c.hostList()
	if err != nil {
		return cluster.Config{}, err
	}
	user, password := c.User, c.Password
	if user == "" && password == "" {
		user, password = defaultUser, defaultPassword
	}
	logger := c.Logger
	if logger == nil {
		logger = slog.New(discard{})
	}
	return cluster.Config{
		Hosts: list, User: user, Password: password, Database: c.Database,
		ConnectTimeout: c.ConnectTimeout, KeepAlive: c.KeepAlive, PingTimeout: c.PingTimeout, WriteTimeout: c.WriteTimeout,
		InactiveTime: c.InactiveTime, FirstWaitRetry: min(time.Second, c.MaxWaitRetry), MaxWaitRetry: c.MaxWaitRetry,
		MaxResponse: c.MaxResponse, Dial: c.Dial, Logger: logger.With("engine", cluster.Engine),
	}, nil
}

// discard is a slog.Handler that is silent.
type discard struct{}

func (discard) Enabled(context.Context, slog.Level) bool  { return false }
func (discard) Handle(context.Context, slog.Record) error { return nil }
func (d discard) WithAttrs([]slog.Attr) slog.Handler      { return d }
func (d discard) WithGroup(string) slog.Handler           { return d }
