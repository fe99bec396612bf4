package dwsdriver

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dsn"
)

// NewConfig returns a Config with the defaults. It lacks a User.
func NewConfig() *Config {
	c := new(Config)
	parameters.Defaults(c)
	return c
}

// Clone returns a copy that shares nothing that can change.
func (c *Config) Clone() *Config {
	clone := *c
	clone.Hosts = slices.Clone(c.Hosts)
	clone.RequireAuth = slices.Clone(c.RequireAuth)
	clone.Params = maps.Clone(c.Params)
	clone.TLSConfig = c.TLSConfig.Clone()
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
	return &driver.Error{Kind: driver.ErrInterface, Engine: engine, Op: "config", Message: fmt.Sprintf(format, args...)}
}

// check reports the first thing in c that is out of range or contradicts
// another.
func (c *Config) check() error {
	for _, check := range []func() error{c.checkFields, c.checkLogin, c.checkParams, c.checkTLS} {
		if err := check(); err != nil {
			return err
		}
	}
	_, err := c.hostList()
	return err
}

var (
	sslModes = []SSLMode{SSLDisable, SSLAllow, SSLPrefer, SSLRequire, SSLVerifyCA, SSLVerifyFull}
	balances = []Balance{Ordered, Random, RoundRobin, LeastConnections}
	formats  = []CopyFormat{CopyAuto, CopyText, CopyBinary}
	methods  = []string{"sha256", "md5", "sha256-md5", "md5-sha256", "scram-sha-256", "password", "gss", "none"}
)

func (c *Config) checkFields() error {
	switch {
	case c.Balance != "" && !slices.Contains(balances, c.Balance):
		return configError("unknown balance; want ordered, random, round_robin or least_connections")
	case c.KeepAlive < 0:
		return configError("keepalive is negative")
	}
	for _, m := range c.RequireAuth {
		if !slices.Contains(methods, m) {
			return configError("unknown method in require_auth; known are %s", strings.Join(methods, ", "))
		}
	}
	return dsn.ForEngine(engine, parameters.Check(c))
}

func (c *Config) checkLogin() error {
	switch {
	case c.User == "":
		return configError("no user; a DSN has it before the hosts, as in dws://dbadmin@cn1:8000/gaussdb")
	case strings.ContainsRune(c.User+c.Password+c.Database+c.ApplicationName+c.SearchPath+c.SessionTimezone+c.Options, 0):
		return configError("user, password, database or a session parameter holds a NUL, where the server would cut it")
	}
	return nil
}

// ownParams are the session parameters that have a field, and those without
// which the driver could not read what the server sends.
var ownParams = map[string]string{
	"user": "the user name", "password": "the password", "database": "the database", "dbname": "the database",
	"application_name": "application_name", "search_path": "search_path", "currentschema": "search_path",
	"timezone": "timezone", "options": "options",
	"client_encoding": "", "datestyle": "", "extra_float_digits": "", "replication": "",
}

func (c *Config) checkParams() error {
	for name, value := range c.Params {
		own, ok := ownParams[strings.ToLower(name)]
		switch {
		case name == "" || strings.ContainsFunc(name, notInParam) || strings.ContainsRune(value, 0):
			return configError("a session parameter whose name holds something other than letters, digits and \"._-\", or whose value holds a NUL")
		case ok && own != "":
			return configError("session parameter %q: use %s", name, own)
		case ok:
			return configError("session parameter %q is the driver's: it reads and writes UTF-8, ISO dates and exact floats", name)
		}
	}
	return nil
}

func notInParam(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-'
}

// complete returns a clone that is checked and in which fields without a value
// have their default.
func (c *Config) complete() (*Config, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	c = c.Clone()
	if c.SSLMode == "" {
		c.SSLMode = SSLPrefer
	}
	if c.Location == nil {
		c.Location = time.UTC
	}
	if c.ApplicationName == "" {
		c.ApplicationName = programName()
	}
	return c, nil
}

// nameLimit is the length to which the server cuts names.
const nameLimit = 63

// programName is that of this process.
func programName() string {
	if len(os.Args) == 0 {
		return ""
	}
	name := strings.ToValidUTF8(strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe"), "?")
	for len(name) > nameLimit {
		name = strings.ToValidUTF8(name[:len(name)-1], "")
	}
	return name
}
