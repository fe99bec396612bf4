package taosdriver

import (
	"crypto/tls"
	"fmt"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dsn"
	"github.com/gaugesql/gaugesql/internal/tlsconfig"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// configError is a Config or DSN that cannot be used. Messages name fields by
// the parameter that sets them and show no value that could be secret.
func configError(format string, args ...any) error {
	return &driver.Error{
		Kind: driver.ErrInterface, Engine: transport.Engine, Op: "config",
		Message: fmt.Sprintf(format, args...),
	}
}

// check reports the first thing in c that is out of range or contradicts
// another.
func (c *Config) check() error {
	for _, check := range []func() error{c.checkFields, c.checkLogin, c.checkTransport, c.checkTLS, c.checkTimezone} {
		if err := check(); err != nil {
			return err
		}
	}
	_, err := c.hostList()
	return err
}

func (c *Config) checkFields() error {
	switch c.Transport {
	case WebSocket, REST, Native:
	default:
		return configError("unknown transport; want ws, http or native, as a Config of NewConfig has it")
	}
	return dsn.ForEngine(transport.Engine, parameters.Check(c))
}

func (c *Config) checkLogin() error {
	if c.User == "" && c.Password != "" {
		return configError("a password without a user")
	}
	if strings.IndexByte(c.Database, 0) >= 0 {
		return configError("the database's name holds a NUL")
	}
	return nil
}

// checkTransport refuses what the transport cannot do rather than leave it out.
func (c *Config) checkTransport() error {
	if c.Transport == REST {
		switch {
		case c.TOTPCode != "":
			return configError("totp_code works over ws and natively only: REST has no login that could ask for it")
		case c.BIMode:
			return configError("bi_mode works over ws and natively only: REST has no session")
		}
	}
	if c.Transport != Native {
		switch {
		case c.LibraryPath != "":
			return configError("library_path is for taos:// alone: this transport needs no library")
		case c.ConfigDir != "":
			return configError("config_dir is for taos:// alone: it configures libtaos")
		}
	}
	if c.Transport == Native {
		switch {
		case strings.IndexByte(c.LibraryPath, 0) >= 0, strings.IndexByte(c.ConfigDir, 0) >= 0:
			return configError("library_path or config_dir holds a NUL")
		case c.TLS:
			return configError("TLS needs taos+wss or taos+https: libtaos takes it from its own configuration")
		case c.Token != "":
			return configError("token is TDengine Cloud's; it needs taos+wss or taos+https")
		case c.Compression:
			return configError("compression works over ws and http only: libtaos takes it from its own configuration")
		}
	}
	return nil
}

// checkTLS refuses settings of TLS on a connection without it: whoever gave
// them believes it to be encrypted.
func (c *Config) checkTLS() error {
	options := c.tlsOptions()
	if !c.TLS {
		if name := options.Given(); name != "" {
			return configError("%s without TLS; use taos+wss or taos+https", name)
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

// tlsClient returns the settings for connections to any of the hosts: the
// server's name is empty unless given. It is nil for connections without TLS.
func (c *Config) tlsClient() (*tls.Config, error) {
	if !c.TLS {
		return nil, nil
	}
	client, err := c.tlsOptions().Client()
	if err != nil {
		return nil, configError("%v", err)
	}
	return client, nil
}

// checkTimezone makes sure that the session's zone can be told to the server.
// taosAdapter 3.3.7.5 refuses offsets on REST, and on WebSocket takes every
// name that it does not know for UTC.
func (c *Config) checkTimezone() error {
	if c.SessionTimezone == nil {
		return nil
	}
	name := c.SessionTimezone.String()
	if name == "Local" || name == "" || strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
		return configError("timezone: the server needs a name of the IANA database, such as Asia/Shanghai")
	}
	if _, err := time.LoadLocation(name); err != nil {
		return configError("timezone: no zone of this name in the time zone database here")
	}
	return nil
}
