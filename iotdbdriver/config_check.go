package iotdbdriver

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dsn"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/internal/tlsconfig"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/client"
)

// configError is a Config or DSN that cannot be used. Messages name fields by
// the parameter that sets them and show no value that could be secret.
func configError(format string, args ...any) error {
	return &driver.Error{
		Kind: driver.ErrInterface, Engine: client.Engine, Op: "config",
		Message: fmt.Sprintf(format, args...),
	}
}

// check reports the first thing in c that is out of range or contradicts
// another.
func (c *Config) check() error {
	for _, check := range []func() error{c.checkFields, c.checkLogin, c.checkTLS, c.checkTimeZone} {
		if err := check(); err != nil {
			return err
		}
	}
	_, err := c.hostList()
	return err
}

func (c *Config) checkFields() error { return dsn.ForEngine(client.Engine, parameters.Check(c)) }

func (c *Config) checkLogin() error {
	switch {
	case c.User == "" && c.Password != "":
		return configError("a password without a user")
	case strings.ContainsRune(c.Database, 0):
		return configError("the database's name holds a NUL")
	case c.Dialect == Tree && c.Database != "":
		return configError("a database in the tree model, where sessions have none: write complete paths")
	case c.Dialect == Tree && c.CheckTables:
		return configError("check_tables in the tree model, which has no tables")
	}
	return nil
}

// checkTLS refuses settings of TLS on a connection without it.
func (c *Config) checkTLS() error {
	options := c.tlsOptions()
	if !c.TLS {
		if name := options.Given(); name != "" {
			return configError("%s without TLS; use iotdb+tls", name)
		}
		return nil
	}
	if err := options.Check(); err != nil {
		return configError("%v", err)
	}
	return nil
}

func (c *Config) tlsOptions() *tlsconfig.Options {
	o := &tlsconfig.Options{
		CA: c.TLSCA, Cert: c.TLSCert, Key: c.TLSKey, ServerName: c.TLSServerName, SkipVerify: c.TLSSkipVerify, Base: c.TLSConfig,
	}
	if c.TLSMinVersion == TLS13 {
		o.MinVersion = tls.VersionTLS13
	}
	return o
}

// checkTimeZone makes sure that the session's zone can be told to the server, by a
// name or as an offset.
func (c *Config) checkTimeZone() error {
	if _, err := zoneID(c.TimeZone); err != nil {
		return configError("time_zone: %v", err)
	}
	return nil
}

// zoneID is how the server is told of a zone.
func zoneID(loc *time.Location) (string, error) {
	if loc == nil {
		return "UTC", nil
	}
	name := loc.String()
	winter, summer := time.Date(2024, 1, 1, 0, 0, 0, 0, loc), time.Date(2024, 7, 1, 0, 0, 0, 0, loc)
	_, offset := winter.Zone()
	_, other := summer.Zone()
	if named, err := time.LoadLocation(name); err == nil && name != "Local" && name != "" {
		// A time.FixedZone may be called as a zone that has a summer time.
		_, first := winter.In(named).Zone()
		if _, second := summer.In(named).Zone(); first == offset && second == other {
			return name, nil
		}
	}
	if offset != other || offset%60 != 0 || name == "Local" {
		return "", errors.New("the server needs a name of the IANA database, such as Asia/Shanghai, or an offset such as +08:00")
	}
	return winter.Format("-07:00"), nil
}

const defaultPort = 6667

// hostList returns the hosts with names and ports filled in.
func (c *Config) hostList() ([]hosts.Host, error) {
	list, err := hosts.TCP(c.Hosts, defaultPort)
	if err != nil {
		return nil, configError("%v", err)
	}
	return list, nil
}
