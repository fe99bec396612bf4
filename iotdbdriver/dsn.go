package iotdbdriver

import (
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/dsn"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/client"
)

const (
	maxFetchSize       = 10_000_000
	maxRetries         = 100
	minMaxFrame  int64 = 64 << 10
	maxMaxFrame  int64 = 1<<31 - 1 // what Thrift's length can say
)

// parameters are those of a DSN, and the defaults of a Config.
var parameters = dsn.NewKeys("parameter",
	dsn.Enum("dialect", func(c *Config) *Dialect { return &c.Dialect }, []Dialect{Table, Tree},
		"the model in which sessions work").Default(string(Table)).Alias("sql_dialect"),
	dsn.Int("fetch_size", func(c *Config) *int { return &c.FetchSize }, 1, maxFetchSize,
		"about how many rows the server sends at a time").Default("5000"),
	dsn.Location("time_zone", func(c *Config) **time.Location { return &c.TimeZone },
		"zone of the session, in which the server reads times without one; without it UTC").Alias("timezone"),
	dsn.Location("location", func(c *Config) **time.Location { return &c.Location },
		"zone of the `time.Time` values of results; without it that of `time_zone`").Alias("loc"),
	dsn.Bool("compression", func(c *Config) *bool { return &c.Compression },
		"speak the compact protocol, as a server with dn_rpc_thrift_compression_enable does").Alias("enable_compression"),
	dsn.Bool("redirection", func(c *Config) *bool { return &c.Redirection },
		"send tablets to the node that stores their rows").Alias("enable_redirection"),
	dsn.Bool("check_tables", func(c *Config) *bool { return &c.CheckTables },
		"refuse tablets for tables that do not exist, which the server would make"),
	dsn.Bool("prepare", func(c *Config) *bool { return &c.Prepare },
		"let the server prepare statements, where it can").Default("true"),
	dsn.Duration("connect_timeout", func(c *Config) *time.Duration { return &c.ConnectTimeout },
		"longest dial and login at one host; 0 is no bound").Default("10s").Alias("timeout"),
	dsn.Duration("wait_timeout", func(c *Config) *time.Duration { return &c.WaitTimeout },
		"longest connect over all hosts and retries; 0 is no bound").Default("10s"),
	dsn.Int("max_retry", func(c *Config) *int { return &c.MaxRetry }, 0, maxRetries,
		"how often all hosts are tried again if none could be reached").Default("3"),
	dsn.Duration("read_timeout", func(c *Config) *time.Duration { return &c.ReadTimeout },
		"longest wait for a reply; 0 is no bound").Default("5m"),
	dsn.Duration("write_timeout", func(c *Config) *time.Duration { return &c.WriteTimeout },
		"longest sending of a request; 0 is no bound").Default("30s"),
	dsn.Duration("query_timeout", func(c *Config) *time.Duration { return &c.QueryTimeout },
		"how long the server lets a statement live whose context has no deadline; without it the server's own"),
	dsn.Bool("kill", func(c *Config) *bool { return &c.Kill },
		"end cancelled queries on the server").Default("true"),
	dsn.Size("max_frame_size", func(c *Config) *int64 { return &c.MaxFrame }, minMaxFrame, maxMaxFrame,
		"refuse larger replies").Default("512MiB"),
	dsn.Enum("balance", func(c *Config) *Balance { return &c.Balance }, []Balance{Ordered, Random, RoundRobin},
		"order in which hosts are tried").Default(string(Ordered)),
	dsn.Duration("host_rest", func(c *Config) *time.Duration { return &c.HostRest },
		"how long a host that could not be reached is tried last; 0 never").Default("10s"),
	dsn.String("tls_ca", func(c *Config) *string { return &c.TLSCA },
		"certificates to trust in place of the system's: a PEM file, or its text"),
	dsn.String("tls_cert", func(c *Config) *string { return &c.TLSCert },
		"client certificate: a PEM file, or its text"),
	dsn.SecretString("tls_key", func(c *Config) *string { return &c.TLSKey },
		"key of the client certificate: a PEM file, or its text"),
	dsn.String("tls_server_name", func(c *Config) *string { return &c.TLSServerName },
		"name that the server's certificate must have; without it the host's"),
	dsn.Bool("tls_skip_verify", func(c *Config) *bool { return &c.TLSSkipVerify },
		"accept any certificate: whoever is in between can read and change everything"),
	dsn.Enum("tls_min_version", func(c *Config) *TLSVersion { return &c.TLSMinVersion }, []TLSVersion{TLS12, TLS13},
		"oldest version of TLS to speak").Default(string(TLS12)),
)

// protocolTLS is what follows "iotdb+".
const protocolTLS = "tls"

// ParseDSN reads a DSN into a Config that starts from the defaults:
//
//	iotdb://root:root@h1:6667,h2:6667/db1?dialect=table&fetch_size=5000
//
// The scheme iotdb+tls asks for TLS. What is unknown, malformed, or contradicts
// itself is an error of kind driver.ErrInterface that shows no secret.
func ParseDSN(s string) (*Config, error) {
	c, err := parseDSN(s)
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return nil, dsn.ForEngine(client.Engine, err)
	}
	return c, nil
}

func parseDSN(s string) (*Config, error) {
	u, err := dsn.Parse(s)
	if err != nil {
		return nil, err
	}
	if u.Driver != Name || u.Protocol != "" && u.Protocol != protocolTLS {
		return nil, configError("unknown scheme %q; want iotdb or iotdb+tls", u.Scheme())
	}
	c := NewConfig()
	c.TLS = u.Protocol == protocolTLS
	c.User, c.Password, c.Database = u.User, u.Password, u.Database
	for i, h := range u.Hosts {
		if len(h.Options) > 0 {
			return nil, configError("host %d has an option %q; IoTDB's have none", i+1, h.Options[0].Key)
		}
		if strings.HasPrefix(h.Name, "/") {
			return nil, configError("host %d is a path; IoTDB has no Unix sockets", i+1)
		}
		c.Hosts = append(c.Hosts, hosts.Join(h.Name, h.Port))
	}
	return c, parameters.Read(c, u.Params)
}

// FormatDSN writes c as a DSN of which [ParseDSN] makes c again, secrets
// included: use [Config.String] for people and logs. Fields that no DSN can
// say are left out: Dial, Logger, TLSConfig.
func (c *Config) FormatDSN() string { return c.url().String() }

func (c *Config) url() *dsn.URL {
	u := &dsn.URL{
		Driver: Name, User: c.User, Password: c.Password, HasPassword: c.Password != "",
		Database: c.Database, Params: parameters.Format(c),
	}
	if c.TLS {
		u.Protocol = protocolTLS
	}
	for _, text := range c.Hosts {
		name, port, _ := hosts.Split(text)
		u.Hosts = append(u.Hosts, dsn.Host{Name: name, Port: port})
	}
	return u
}
