package rest

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// Name of the transport in errors.
const Name = "http"

// Dialer makes connections over HTTP.
type Dialer struct {
	settings transport.Settings
}

var _ transport.Dialer = (*Dialer)(nil)

// NewDialer returns a dialer for the settings.
func NewDialer(s transport.Settings) *Dialer { return &Dialer{settings: s} }

// Connect opens a connection and makes one request on it, so that the host, the
// login and the database are known to be right.
func (d *Dialer) Connect(ctx context.Context, host string) (transport.Conn, error) {
	c := newConn(&d.settings, host)
	if err := c.login(ctx); err != nil {
		c.Close()
		if unmarked, ok := transport.WasNotSent(err); ok {
			err = unmarked
		}
		return nil, err
	}
	return c, nil
}

// Close does nothing: connections share nothing.
func (d *Dialer) Close() error { return nil }

// newConn returns a connection that has not been tried.
func newConn(s *transport.Settings, host string) *Conn {
	dial := &dialer{dial: s.Dial, tls: s.TLS}
	c := &Conn{
		settings: s,
		origin:   transport.Origin{Transport: Name, Host: host},
		database: s.Database,
		base:     url.URL{Scheme: "http", Host: host, Path: "/rest/sql"},
		// A transport for each connection: the pool above then counts what is on
		// the wire, and closing the connection closes it.
		http: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         dial.plain,
			DialTLSContext:      dial.secure,
			TLSClientConfig:     s.TLS, // for a proxy
			DisableCompression:  !s.Compression,
			MaxIdleConnsPerHost: 1,
			// HTTP/2 repeats requests by rules of its own.
			TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
		},
	}
	if s.TLS != nil {
		c.base.Scheme = "https"
	}
	query := url.Values{}
	if s.Token != "" {
		query.Set("token", s.Token)
	}
	if s.Timezone != "" {
		query.Set("conn_tz", s.Timezone)
	}
	if s.App != "" {
		query.Set("app", s.App)
	}
	c.query = query.Encode()
	if s.Timezone != "" {
		c.zone, _ = time.LoadLocation(s.Timezone) // without it, nil, times before 1901 are off by seconds
	}
	return c
}

// roundTrip is a statement that every server answers and that reads nothing: for a
// login that suffices.
const roundTrip = "select 1"

// login makes the first request.
func (c *Conn) login(ctx context.Context) error {
	s := c.settings
	switch {
	case s.TOTPCode != "":
		return driver.NotSupported(transport.Engine, Name, "a second factor (TOTP)")
	case s.BIMode:
		return driver.NotSupported(transport.Engine, Name, "the mode for BI tools")
	}
	statement := roundTrip
	if s.Database != "" {
		// The server ignores an unknown database in the path.
		statement = useStatement(s.Database)
	}
	reply, err := c.run(ctx, "connect", driver.NewRequestID(), statement, "")
	if err != nil {
		return err
	}
	return c.drain(ctx, reply)
}

// credentials sets the request's Authorization.
func (c *Conn) credentials(r *http.Request) {
	switch s := c.settings; {
	case s.BearerToken != "":
		r.Header.Set("Authorization", "Bearer "+s.BearerToken)
	case s.User != "" || s.Token == "":
		r.SetBasicAuth(s.User, s.Password)
	}
}

// address returns the URL of a request in a database, empty for none.
func (c *Conn) address(database string, requestID uint64) *url.URL {
	u := c.base
	if database != "" {
		u.RawPath = u.Path + "/" + url.PathEscape(database)
		u.Path += "/" + database
	}
	// The server reads an int64; larger ids are their two's complement.
	u.RawQuery = "req_id=" + strconv.FormatInt(int64(requestID), 10)
	if c.query != "" {
		u.RawQuery += "&" + c.query
	}
	return &u
}
