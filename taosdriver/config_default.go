package taosdriver

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The account that TDengine creates and documents.
const (
	defaultUser     = "root"
	defaultPassword = "taosdata"
)

// appLimit is the length to which the server cuts an application's name.
const appLimit = 23

// NewConfig returns a Config with the defaults: WebSocket to localhost:6041.
func NewConfig() *Config {
	c := &Config{Transport: WebSocket}
	parameters.Defaults(c)
	return c
}

// Clone returns a copy that shares nothing that can change.
func (c *Config) Clone() *Config {
	clone := *c
	clone.Hosts = slices.Clone(c.Hosts)
	clone.TLSConfig = c.TLSConfig.Clone()
	return &clone
}

// String is the DSN without its secrets.
func (c Config) String() string { return c.url().Redacted() }

// GoString is [Config.String]: %#v shows no secret either.
func (c Config) GoString() string { return c.String() }

// LogValue is [Config.String], so that a logged Config shows no secret.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// complete returns a clone that is checked and in which the fields whose
// default depends on others have it.
func (c *Config) complete() (*Config, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	c = c.Clone()
	if c.User == "" && c.Password == "" && c.BearerToken == "" {
		c.User, c.Password = defaultUser, defaultPassword
	}
	if c.Location == nil {
		if c.Location = c.SessionTimezone; c.Location == nil {
			c.Location = time.UTC
		}
	}
	if c.App == "" {
		c.App = programName()
	}
	return c, nil
}

// programName is that of this process, as long as the server keeps it.
func programName() string {
	if len(os.Args) == 0 {
		return ""
	}
	name := strings.ToValidUTF8(strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe"), "?")
	for len(name) > appLimit {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name
}
