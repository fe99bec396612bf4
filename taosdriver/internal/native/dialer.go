//go:build (linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// Supported tells whether this program can load libtaos.
const Supported = true

// Dialer makes connections through libtaos.
type Dialer struct{ settings transport.Settings }

var _ transport.Dialer = (*Dialer)(nil)

// NewDialer returns a Dialer. The library is loaded by the first Connect.
func NewDialer(settings transport.Settings) *Dialer { return &Dialer{settings} }

// Close implements transport.Dialer. The library stays.
func (d *Dialer) Close() error { return nil }

// Connect implements transport.Dialer. An empty host leaves it to libtaos's own
// configuration.
func (d *Dialer) Connect(ctx context.Context, host string) (transport.Conn, error) {
	o := transport.Origin{Transport: Name, Host: host}
	if err := ctx.Err(); err != nil {
		return nil, o.Canceled(ctx, "connect", 0, false)
	}
	c := &Conn{settings: &d.settings, origin: o}
	var err error
	f := fly(func() { err = c.open(ctx, host) }, func() {
		if err == nil {
			c.Close()
		}
	}, func() {})
	switch l, _ := f.wait(ctx, 0, nil); l {
	case returned:
		if err != nil {
			return nil, err
		}
		return c, nil
	default:
		return nil, o.Canceled(ctx, "connect", 0, false)
	}
}

// knock makes sure that somebody listens at the host. libtaos would try for minutes,
// and could not be told to stop.
func knock(ctx context.Context, o transport.Origin) error {
	if o.Host == "" {
		return nil
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", o.Host)
	if err == nil {
		return conn.Close()
	}
	if ctx.Err() != nil {
		return o.Canceled(ctx, "connect", 0, false)
	}
	kind := driver.ErrConnection
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		kind = driver.ErrTimeout
	}
	return o.Error(kind, "connect", 0, "", err)
}

// open loads the library and logs in.
func (c *Conn) open(ctx context.Context, host string) (err error) {
	s := c.settings
	if c.lib, err = load(c.origin, s.LibraryPath, s.ConfigDir); err != nil {
		return err
	}
	for _, text := range []string{s.User, s.Password, s.BearerToken, s.TOTPCode, s.Database} {
		if strings.IndexByte(text, 0) >= 0 {
			return c.origin.Error(driver.ErrInterface, "connect", 0, "user, password, token or database hold a NUL", nil)
		}
	}
	name, port, err := endpoint(host)
	if err != nil {
		return c.origin.Error(driver.ErrInterface, "connect", 0, "", err)
	}
	if err := knock(ctx, c.origin); err != nil {
		return err
	}
	switch {
	case s.BearerToken != "":
		if err := c.lib.require(c.origin, "connect", "bearer_token", "a login with bearer_token"); err != nil {
			return err
		}
		c.taos = c.lib.ConnectToken(name, s.BearerToken, s.Database, port)
	case s.TOTPCode != "":
		if err := c.lib.require(c.origin, "connect", "totp_code", "a login with totp_code"); err != nil {
			return err
		}
		c.taos = c.lib.ConnectTOTP(name, s.User, s.Password, s.TOTPCode, s.Database, port)
	default:
		c.taos = c.lib.Connect(name, s.User, s.Password, s.Database, port)
	}
	if c.taos == nil {
		return c.failed("connect", 0, nil)
	}
	if err := c.configure(); err != nil {
		c.Close()
		return err
	}
	c.version = c.serverVersion()
	return nil
}

// endpoint takes "host:port" apart for the library, which wants NULL for none.
func endpoint(host string) (name *byte, port uint16, err error) {
	if host == "" {
		return nil, 0, nil
	}
	h, p, err := net.SplitHostPort(host)
	if err != nil {
		return nil, 0, err
	}
	n, err := strconv.ParseUint(p, 10, 16)
	if err != nil {
		return nil, 0, err
	}
	return cstring(h), uint16(n), nil
}

// The options of taos_options_connection.
const (
	connectionTimezone = 1
	connectionApp      = 3
)

// biMode is the mode of taos_set_conn_mode for BI tools.
const biMode = 0

// configure brings a new session into the state of the Settings.
func (c *Conn) configure() error {
	s := c.settings
	if s.BIMode {
		if err := c.lib.require(c.origin, "connect", "bi_mode", "bi_mode"); err != nil {
			return err
		}
		if code := c.lib.SetConnMode(c.taos, biMode, 1); code != 0 {
			return c.refused("connect", 0, code)
		}
	}
	if s.App != "" && c.lib.OptionsConnection != nil {
		// The name is for people: a server that does not take it is no less usable.
		c.lib.OptionsConnection(c.taos, connectionApp, strings.ReplaceAll(s.App, "\x00", ""))
	}
	return c.setTimezone("connect")
}

// setTimezone sets the session's zone if there is one in the Settings.
func (c *Conn) setTimezone(op string) error {
	s := c.settings
	if s.Timezone == "" {
		return nil
	}
	if err := c.lib.require(c.origin, op, "options", "a session time zone"); err != nil {
		return err
	}
	if code := c.lib.OptionsConnection(c.taos, connectionTimezone, s.Timezone); code != 0 {
		return c.refused(op, 0, code)
	}
	return nil
}

// serverVersion returns the number in the server's description of itself.
func (c *Conn) serverVersion() string {
	text := c.lib.GetServerInfo(c.taos)
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ':' || r == '\n' }) {
		if _, ok := transport.ParseVersion(word); ok {
			return word
		}
	}
	return strings.TrimSpace(text)
}
