package siridriver

import (
	"errors"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/dsn"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/siridriver/internal/cluster"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

const (
	minMaxResponse int64 = 64 << 10
	maxMaxResponse int64 = 1 << 30 // the most that a 32-bit process could hold
	minMaxInsert         = 64 << 10
)

// parameters are those of a DSN, and the defaults of a Config.
var parameters = dsn.NewKeys("parameter",
	dsn.Enum("precision", func(c *Config) *Precision { return &c.Precision }, precisions,
		"hand out times as integers of this unit, and take integers for times in an INSERT as such; without it, results hold `time.Time`").Alias("time_precision"),
	dsn.Location("location", func(c *Config) **time.Location { return &c.Location },
		"zone of the `time.Time` values of results; without it UTC").Alias("loc"),
	dsn.Bool("wide", func(c *Config) *bool { return &c.Wide },
		"answer a select with one column a series instead of series, time, value"),
	dsn.Bool("check_types", func(c *Config) *bool { return &c.CheckTypes },
		"refuse values that the server would convert silently to the type of their series"),
	dsn.Duration("connect_timeout", func(c *Config) *time.Duration { return &c.ConnectTimeout },
		"longest dial and login at one host").Default("10s").Alias("timeout"),
	dsn.Duration("query_timeout", func(c *Config) *time.Duration { return &c.QueryTimeout },
		"longest wait for the answer to a statement; 0 is no bound").Default("1m"),
	dsn.Duration("insert_timeout", func(c *Config) *time.Duration { return &c.InsertTimeout },
		"longest wait for the answer to an insert; 0 is no bound").Default("5m"),
	dsn.Duration("pool_wait", func(c *Config) *time.Duration { return &c.PoolWait },
		"how long to try again while a pool has no server; 0 reports it at once").Default("1m"),
	dsn.Duration("write_timeout", func(c *Config) *time.Duration { return &c.WriteTimeout },
		"how long a server may take no bytes").Default("30s"),
	dsn.Of("keepalive", "duration or boolean", func(c *Config) *time.Duration { return &c.KeepAlive },
		parseKeepAlive, dsn.FormatDuration,
		"ping a connection that was silent for so long; `true` is 45s, `false` and 0 never").Default("45s"),
	dsn.Duration("ping_timeout", func(c *Config) *time.Duration { return &c.PingTimeout },
		"longest wait for the answer to such a ping").Default("15s"),
	dsn.Duration("inactive_time", func(c *Config) *time.Duration { return &c.InactiveTime },
		"how long a host that cannot serve is passed over while another is up").Default("30s"),
	dsn.Duration("max_wait_retry", func(c *Config) *time.Duration { return &c.MaxWaitRetry },
		"longest wait between attempts to connect again, which begin at 1s and double").Default("90s"),
	dsn.Size("max_response", func(c *Config) *int64 { return &c.MaxResponse }, minMaxResponse, maxMaxResponse,
		"refuse larger responses").Default("1GiB"),
	dsn.Size("max_insert", func(c *Config) *int { return &c.MaxInsert }, minMaxInsert, wire.MaxRequest,
		"split larger inserts; what is split is not all or nothing").Default("40MiB"),
)

// hostOptions follow a host after ";".
var hostOptions = dsn.NewKeys("host option",
	dsn.Int("weight", func(h *Host) *int { return &h.Weight }, 1, maxWeight,
		"the host's share of the requests").Default("1"),
	dsn.Bool("backup", func(h *Host) *bool { return &h.Backup },
		"use the host only while no other is up"),
)

// ParseDSN reads a DSN into a Config that starts from the defaults:
//
//	siridb://iris:siri@s1:9000;weight=3,s2:9001,b1:9002;backup=true/dbtest?query_timeout=30s
//
// A host may be the path of a Unix socket with its slashes written %2F. What is
// unknown, malformed, or contradicts itself is an error of kind
// driver.ErrInterface that shows no secret.
func ParseDSN(s string) (*Config, error) {
	c, err := parseDSN(s)
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return nil, dsn.ForEngine(cluster.Engine, err)
	}
	return c, nil
}

func parseDSN(s string) (*Config, error) {
	u, err := dsn.Parse(s)
	if err != nil {
		return nil, err
	}
	if u.Scheme() != Name {
		return nil, configError("unknown scheme %q; want siridb, which has no TLS", u.Scheme())
	}
	c := NewConfig()
	c.User, c.Password, c.Database = u.User, u.Password, u.Database
	for _, h := range u.Hosts {
		host := Host{Addr: hosts.Join(h.Name, h.Port)}
		hostOptions.Defaults(&host)
		if err := hostOptions.Read(&host, h.Options); err != nil {
			return nil, err
		}
		if strings.HasPrefix(h.Name, "/") && h.Port != 0 {
			return nil, configError("a Unix socket has no port")
		}
		c.Hosts = append(c.Hosts, host)
	}
	return c, parameters.Read(c, u.Params)
}

// FormatDSN writes c as a DSN of which [ParseDSN] makes c again, secrets
// included: use [Config.String] for people and logs. Fields that no DSN can
// say are left out: Dial, Logger.
func (c *Config) FormatDSN() string { return c.url().String() }

func (c *Config) url() *dsn.URL {
	u := &dsn.URL{
		Driver: Name, User: c.User, Password: c.Password, HasPassword: c.Password != "",
		Database: c.Database, Params: parameters.Format(c),
	}
	for _, h := range c.Hosts {
		host := dsn.Host{Name: h.Addr}
		if name, port, ok := hosts.Split(h.Addr); ok {
			host.Name, host.Port = name, port
		}
		if h.Weight == 0 {
			h.Weight = 1
		}
		host.Options = hostOptions.Format(&h)
		u.Hosts = append(u.Hosts, host)
	}
	return u
}

// parseKeepAlive takes a duration or, as the official Python connector does, a
// boolean.
func parseKeepAlive(s string) (time.Duration, error) {
	switch strings.ToLower(s) {
	case "true":
		return 45 * time.Second, nil
	case "false":
		return 0, nil
	}
	d, err := dsn.ParseDuration(s)
	if err != nil {
		return 0, errors.New("want true, false or a duration such as 45s")
	}
	return d, nil
}
