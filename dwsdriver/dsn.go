package dwsdriver

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/dsn"
)

const (
	maxRetries    = 100
	maxStatements = 1 << 16
)

// parameters are those of a DSN, and the defaults of a Config.
var parameters = dsn.NewKeys("parameter",
	dsn.Enum("sslmode", func(c *Config) *SSLMode { return &c.SSLMode }, sslModes,
		"when to encrypt and whom to trust; only verify-ca and verify-full tell a coordinator from an impostor").Default(string(SSLPrefer)),
	dsn.String("sslrootcert", func(c *Config) *string { return &c.SSLRootCert },
		"certificates to trust in place of the system's: a PEM file, or its text"),
	dsn.String("sslcert", func(c *Config) *string { return &c.SSLCert },
		"client certificate: a PEM file, or its text"),
	dsn.SecretString("sslkey", func(c *Config) *string { return &c.SSLKey },
		"key of the client certificate: a PEM or PKCS #8 file, or PEM text"),
	dsn.String("sslservername", func(c *Config) *string { return &c.SSLServerName },
		"name that the server's certificate must have; without it the host's"),
	dsn.Of("require_auth", "methods", func(c *Config) *[]string { return &c.RequireAuth }, parseMethods, formatMethods,
		"methods, separated by commas, by which the server may ask for the login: "+strings.Join(methods, ", ")+"; without it all"),
	dsn.String("passfile", func(c *Config) *string { return &c.Passfile },
		"password file, searched if there is no password; without it `~/.pgpass`"),
	dsn.String("application_name", func(c *Config) *string { return &c.ApplicationName },
		"name in the server's list of sessions; without it the program's").Alias("ApplicationName"),
	dsn.String("search_path", func(c *Config) *string { return &c.SearchPath },
		"schemas of the session, separated by commas").Alias("currentSchema"),
	dsn.String("timezone", func(c *Config) *string { return &c.SessionTimezone },
		"zone in which the server reads and writes times; without it the server's own").Alias("TimeZone"),
	dsn.String("options", func(c *Config) *string { return &c.Options },
		"command-line options of the session, such as `-c geqo=off`"),
	dsn.Location("location", func(c *Config) **time.Location { return &c.Location },
		"zone of the `time.Time` values of results, and of a timestamp without time zone").Default("UTC").Alias("loc"),
	dsn.Duration("connect_timeout", func(c *Config) *time.Duration { return &c.ConnectTimeout },
		"longest dial and login at one host; 0 is no bound").Default("10s").Alias("connectTimeout"),
	dsn.Of("keepalive", "duration or boolean", func(c *Config) *time.Duration { return &c.KeepAlive }, parseKeepAlive, dsn.FormatDuration,
		"let the system probe a connection that was silent for so long; `true` is 30s, `false` and 0 never").Default("30s").Alias("tcpKeepAlive"),
	dsn.Of("balance", "ordered, random, round_robin, least_connections", func(c *Config) *Balance { return &c.Balance }, parseBalance, formatBalance,
		"order in which hosts are tried").Default(string(Ordered)).Alias("load_balance_hosts", "loadBalanceHosts"),
	dsn.Duration("host_rest", func(c *Config) *time.Duration { return &c.HostRest },
		"how long a host that could not be reached is tried last; 0 never").Default("10s").Alias("hostRecheckSeconds"),
	dsn.Duration("host_refresh", func(c *Config) *time.Duration { return &c.HostRefresh },
		"ask the catalogue for the coordinators when its last answer is older; 0 never"),
	dsn.Int("retries", func(c *Config) *int { return &c.Retries }, 0, maxRetries,
		"how often the driver tries again to connect, and what the next parameter says").Default("0"),
	dsn.Bool("retry_reads", func(c *Config) *bool { return &c.RetryReads },
		"try statements again that only read, where the server says that another try may do"),
	dsn.Duration("retry_wait", func(c *Config) *time.Duration { return &c.RetryWait },
		"wait before the second try; it doubles each time").Default("200ms"),
	dsn.Duration("retry_max_wait", func(c *Config) *time.Duration { return &c.RetryMaxWait },
		"longest such wait").Default("10s"),
	dsn.Bool("allow_isolation", func(c *Config) *bool { return &c.AllowIsolation },
		"begin transactions of levels that DWS silently runs at another"),
	dsn.Int("statement_cache", func(c *Config) *int { return &c.StatementCache }, 0, maxStatements,
		"statements that a connection keeps prepared, from their second use on").Default("256").Alias("preparedStatementCacheQueries"),
	dsn.Bool("binary_results", func(c *Config) *bool { return &c.BinaryResults },
		"take numbers, times and bytes in binary form, as far as the server has shown that it knows it").Default("true"),
	dsn.Enum("copy_format", func(c *Config) *CopyFormat { return &c.CopyFormat }, formats,
		"how an Appender writes rows; auto is binary on PostgreSQL and text on DWS").Default(string(CopyAuto)),
	dsn.Bool("binary_parameters", func(c *Config) *bool { return &c.BinaryParameters },
		"send arguments in binary form where their type is that of their parameter"),
	dsn.Bool("request_comments", func(c *Config) *bool { return &c.RequestComments },
		"put the request id in front of statements that have one, as a comment"),
	dsn.Bool("reset_always", func(c *Config) *bool { return &c.ResetAlways },
		"restore the session's settings whenever a connection is taken from the pool, not only when a statement may have changed them"),
	dsn.String("krbsrvname", func(c *Config) *string { return &c.KrbServiceName },
		"service name of Kerberos, for a provider registered with lib/pq"),
	dsn.String("krbspn", func(c *Config) *string { return &c.KrbSPN },
		"service principal of Kerberos, in place of `krbsrvname` and the host"),
)

// hostOptions follow a host after ";".
var hostOptions = dsn.NewKeys("host option",
	dsn.String("hostaddr", func(h *Host) *string { return &h.IP },
		"IP address to connect to; the name is then for certificates and password files alone"),
	dsn.Int("weight", func(h *Host) *int { return &h.Weight }, 1, maxWeight,
		"the host's share, for random and least_connections").Default("1"),
	dsn.Bool("backup", func(h *Host) *bool { return &h.Backup },
		"use the host only while no other is up"),
)

// setPrefix begins the names of session parameters in a DSN.
const setPrefix = "set."

// ParseDSN reads a DSN into a Config that starts from the defaults:
//
//	dws://dbadmin:pw@cn1:8000,cn2:8000;weight=2/gaussdb?sslmode=verify-full&sslrootcert=cacert.pem
//
// A host may be the directory of a Unix socket with its slashes written %2F. A
// parameter "set.<name>" is a session parameter of the server.
//
// What has no scheme is read as libpq's connection string by lib/pq, which also
// looks at the environment (PGHOST, ...) and the service file:
//
//	host=cn1,cn2 port=8000 user=dbadmin password=pw dbname=gaussdb sslmode=require
//
// There, what neither lib/pq nor this driver knows is a session parameter, and a
// port not given is 5432. postgres:// and postgresql:// are read as dws:// is.
//
// What is unknown, malformed, or contradicts itself is an error of kind
// driver.ErrInterface that shows no secret.
func ParseDSN(s string) (*Config, error) {
	c, err := parseDSN(s)
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return nil, dsn.ForEngine(engine, err)
	}
	return c, nil
}

func parseDSN(s string) (*Config, error) {
	if !hasScheme(s) {
		return parseKeywords(s)
	}
	u, err := dsn.Parse(s)
	if err != nil {
		return nil, err
	}
	switch u.Driver {
	case Name, "postgres", "postgresql":
	default:
		return nil, configError("unknown scheme %q; want dws", u.Driver)
	}
	if u.Protocol != "" {
		return nil, configError("unknown protocol %q in the scheme; want dws:// with the parameter sslmode", u.Protocol)
	}
	c := NewConfig()
	c.User, c.Password, c.Database = u.User, u.Password, u.Database
	for _, h := range u.Hosts {
		host := Host{Addr: joinHost(h.Name, h.Port)}
		if host.Addr == "" {
			host.Addr = defaultHost
		}
		hostOptions.Defaults(&host)
		if err := hostOptions.Read(&host, h.Options); err != nil {
			return nil, err
		}
		c.Hosts = append(c.Hosts, host)
	}
	return c, c.read(u.Params)
}

// hasScheme tells a URL from libpq's keywords, in whose values anything may stand.
func hasScheme(s string) bool {
	scheme, _, ok := strings.Cut(s, "://")
	return ok && !strings.ContainsAny(scheme, "= '\\\t\n\r")
}

// read takes parameters, those of the session apart.
func (c *Config) read(params dsn.Params) error {
	var rest dsn.Params
	for _, p := range params {
		name, ok := strings.CutPrefix(p.Key, setPrefix)
		if !ok {
			rest = append(rest, p)
			continue
		}
		if c.Params == nil {
			c.Params = make(map[string]string)
		}
		c.Params[name] = p.Value
	}
	return parameters.Read(c, rest)
}

// FormatDSN writes c as a DSN of which [ParseDSN] makes c again, secrets
// included: use [Config.String] for people and logs. Fields that no DSN can
// say are left out: TLSConfig, OnNotice, Dial, Logger.
func (c *Config) FormatDSN() string { return c.url().String() }

func (c *Config) url() *dsn.URL {
	u := &dsn.URL{
		Driver: Name, User: c.User, Password: c.Password, HasUser: c.User != "" || c.Password != "", HasPassword: c.Password != "",
		Database: c.Database, Params: parameters.Format(c),
	}
	for _, name := range slices.Sorted(maps.Keys(c.Params)) {
		u.Params = append(u.Params, dsn.Param{Key: setPrefix + name, Value: c.Params[name]})
	}
	for _, h := range c.Hosts {
		host := dsn.Host{Name: h.Addr}
		if name, port, ok := splitHost(h.Addr); ok {
			host.Name, host.Port = name, port
		}
		if h.Weight == 0 {
			h.Weight = 1
		}
		host.Options = hostOptions.Format(&h)
		if host.Name == "" && host.Port == 0 {
			host.Name = defaultHost
		}
		u.Hosts = append(u.Hosts, host)
	}
	return u
}

func parseMethods(s string) ([]string, error) {
	var list []string
	for _, m := range strings.Split(s, ",") {
		if m = strings.ToLower(strings.TrimSpace(m)); m == "" {
			continue
		}
		if !slices.Contains(methods, m) {
			return nil, fmt.Errorf("want some of %s", strings.Join(methods, ", "))
		}
		list = append(list, m)
	}
	return list, nil
}

func formatMethods(list []string) string { return strings.Join(list, ",") }

// parseKeepAlive takes a duration or, as DWS's JDBC driver does, a boolean.
func parseKeepAlive(s string) (time.Duration, error) {
	switch strings.ToLower(s) {
	case "true":
		return 30 * time.Second, nil
	case "false":
		return 0, nil
	}
	d, err := dsn.ParseDuration(s)
	if err != nil {
		return 0, errors.New("want true, false or a duration such as 30s")
	}
	return d, nil
}

// parseBalance also takes the words of libpq and of DWS's JDBC driver.
func parseBalance(s string) (Balance, error) {
	switch b := Balance(strings.ReplaceAll(strings.ToLower(s), "-", "_")); b {
	case "disable", "false":
		return Ordered, nil
	case "shuffle", "true":
		return Random, nil
	case Ordered, Random, RoundRobin, LeastConnections:
		return b, nil
	case "roundrobin":
		return RoundRobin, nil
	case "leastconn":
		return LeastConnections, nil
	}
	return "", errors.New("want ordered, random, round_robin or least_connections")
}

func formatBalance(b Balance) string {
	if b == "" {
		return string(Ordered)
	}
	return string(b)
}
