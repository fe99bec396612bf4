package taosdriver

import (
	"errors"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/dsn"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

const (
	minMessageBytes = 1 << 10
	maxMessageBytes = 1 << 40
)

// parameters are those of a DSN, and the defaults of a Config.
var parameters = dsn.NewKeys("parameter",
	dsn.SecretString("token", func(c *Config) *string { return &c.Token },
		"token of TDengine Cloud; with TLS the port is then 443 unless given"),
	dsn.SecretString("bearer_token", func(c *Config) *string { return &c.BearerToken },
		"token of the server, in place of user and password (TDengine 3.4)").Alias("bearerToken"),
	dsn.SecretString("totp_code", func(c *Config) *string { return &c.TOTPCode },
		"second factor of the login (TDengine 3.4; not over http)").Alias("totpCode"),
	dsn.Location("timezone", func(c *Config) **time.Location { return &c.SessionTimezone },
		"zone in which the server reads and writes times as text, by its IANA name; without it the server's own"),
	dsn.Location("location", func(c *Config) **time.Location { return &c.Location },
		"zone of the `time.Time` values of results; without it that of `timezone`, else UTC").Alias("loc"),
	dsn.Duration("connect_timeout", func(c *Config) *time.Duration { return &c.ConnectTimeout },
		"longest dial and login at one host; 0 is no bound").Default("10s").Alias("connectTimeout", "conn_timeout"),
	dsn.Duration("read_timeout", func(c *Config) *time.Duration { return &c.ReadTimeout },
		"longest wait for a reply; 0 is no bound").Default("5m").Alias("readTimeout"),
	dsn.Duration("write_timeout", func(c *Config) *time.Duration { return &c.WriteTimeout },
		"longest sending of a request; 0 is no bound").Default("10s").Alias("writeTimeout"),
	dsn.Of("kill_grace", "duration or `never`", func(c *Config) *time.Duration { return &c.KillGrace },
		parseKillGrace, formatKillGrace,
		"how long a cancelled statement may go on before the server is asked to kill it").Default("2s"),
	dsn.Bool("compression", func(c *Config) *bool { return &c.Compression },
		"compress what is sent and received").Alias("enableCompression"),
	dsn.Size("max_message_size", func(c *Config) *int64 { return &c.MaxMessageBytes }, minMessageBytes, maxMessageBytes,
		"refuse larger messages of the server").Default("256MiB"),
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
		"accept any certificate: whoever is in between can read and change everything").Alias("skipVerify"),
	dsn.Enum("tls_min_version", func(c *Config) *TLSVersion { return &c.TLSMinVersion }, []TLSVersion{TLS12, TLS13},
		"oldest version of TLS to speak").Default(string(TLS12)),
	dsn.String("app", func(c *Config) *string { return &c.App },
		"name in the server's list of connections, where it is cut to 23 bytes; without it the program's").Alias("user_app"),
	dsn.String("library_path", func(c *Config) *string { return &c.LibraryPath },
		"where libtaos is, a file or its folder; without it the system's loader searches (natively only)").Alias("libraryPath"),
	dsn.String("config_dir", func(c *Config) *string { return &c.ConfigDir },
		"folder of libtaos's taos.cfg, read once a process; with no host given, it names the server (natively only)").Alias("configDir", "config"),
	dsn.Bool("bi_mode", func(c *Config) *bool { return &c.BIMode },
		"the server's mode for BI tools (not over http)").Alias("conn_mode"),
)

// schemes maps what stands before "://", and in the official form before the
// parenthesis, to what it means.
var schemes = map[string]struct {
	transport Transport
	tls       bool
}{
	"taos":       {Native, false},
	"taos+ws":    {WebSocket, false},
	"taos+wss":   {WebSocket, true},
	"taos+http":  {REST, false},
	"taos+https": {REST, true},
	"ws":         {WebSocket, false},
	"wss":        {WebSocket, true},
	"http":       {REST, false},
	"https":      {REST, true},
}

// ParseDSN reads a DSN into a Config that starts from the defaults. It takes
// two forms:
//
//	taos+ws://user:password@host:6041,host2:6041/database?timezone=Asia/Shanghai
//	user:password@ws(host:6041)/database?timezone=Asia%2FShanghai
//
// The first is that of package dsn, with taos+ws, taos+wss, taos+http and
// taos+https (each also without "taos+"), or taos for libtaos. The second is
// that of the official Go driver. What is unknown, malformed, or contradicts
// itself is an error of kind driver.ErrInterface that shows no secret.
func ParseDSN(s string) (*Config, error) {
	c, err := parseDSN(s)
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return nil, dsn.ForEngine(transport.Engine, err)
	}
	return c, nil
}

func parseDSN(s string) (*Config, error) {
	if isOfficial(s) {
		return parseOfficial(s)
	}
	u, err := dsn.Parse(s)
	if err != nil {
		return nil, err
	}
	scheme, ok := schemes[u.Scheme()]
	if !ok {
		return nil, configError("unknown scheme %q; want taos+ws, taos+wss, taos+http, taos+https, or taos for libtaos", u.Scheme())
	}
	c := NewConfig()
	c.Transport, c.TLS = scheme.transport, scheme.tls
	c.User, c.Password, c.Database = u.User, u.Password, u.Database
	for i, h := range u.Hosts {
		if len(h.Options) > 0 {
			return nil, configError("host %d has an option %q; TDengine's have none", i+1, h.Options[0].Key)
		}
		if strings.HasPrefix(h.Name, "/") {
			return nil, configError("host %d is a path; TDengine has no Unix sockets", i+1)
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
		Driver: "taos", User: c.User, Password: c.Password, HasPassword: c.Password != "",
		Database: c.Database, Params: parameters.Format(c),
	}
	if c.Transport != Native {
		u.Protocol = string(c.Transport)
		if c.TLS {
			u.Protocol += "s"
		}
	}
	for _, text := range c.Hosts {
		name, port, _ := hosts.Split(text)
		u.Hosts = append(u.Hosts, dsn.Host{Name: name, Port: port})
	}
	return u
}

const never = "never"

func parseKillGrace(s string) (time.Duration, error) {
	if strings.EqualFold(s, never) {
		return -1, nil
	}
	d, err := dsn.ParseDuration(s)
	if err != nil {
		return 0, errors.New(err.Error() + ", or never")
	}
	return d, nil
}

func formatKillGrace(d time.Duration) string {
	if d < 0 {
		return never
	}
	return dsn.FormatDuration(d)
}
