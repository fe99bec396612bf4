package dsn

import (
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// URL is a data source name taken apart. All text is decoded; what an absent
// part defaults to is the engine's matter.
type URL struct {
	// Driver is the scheme up to "+", in lower case: "taos", "iotdb".
	Driver string
	// Protocol is the scheme after "+", in lower case: "ws", "tls". Empty if
	// the scheme has none.
	Protocol string
	// User is the account. HasUser tells an empty one ("@host") from none.
	User string
	// Password is the account's password. HasPassword tells an empty one
	// ("root:@host") from none.
	Password string
	// HasUser is true if there was an "@".
	HasUser bool
	// HasPassword is true if there was a ":" before the "@".
	HasPassword bool
	// Hosts are in the order written. None is allowed.
	Hosts []Host
	// Database is the path without its leading slash.
	Database string
	// Params are the parameters after "?", in the order written.
	Params Params
}

// Host is one server of a [URL].
type Host struct {
	// Name is a host name, an IP address (IPv6 without brackets, with its zone
	// after "%"), or the path of a Unix socket if it begins with "/". Empty if
	// only a port or options were written.
	Name string
	// Port is 1 to 65535, or 0 if there was none.
	Port int
	// Options are what followed ";" for this host alone.
	Options Params
}

// Address returns the host as [net.Dial] takes it: "tcp" with "name:port",
// where name and port fill what the host left out, or "unix" with a path.
func (h Host) Address(name string, port int) (network, address string) {
	if strings.HasPrefix(h.Name, "/") {
		return "unix", h.Name
	}
	if h.Name != "" {
		name = h.Name
	}
	if h.Port != 0 {
		port = h.Port
	}
	return "tcp", net.JoinHostPort(name, strconv.Itoa(port))
}

// Param is one parameter or host option.
type Param struct {
	Key, Value string
}

// Params are parameters in order, each key once.
type Params []Param

// Get returns the value of key and whether it is there.
func (p Params) Get(key string) (value string, ok bool) {
	for _, param := range p {
		if param.Key == key {
			return param.Value, true
		}
	}
	return "", false
}

// Scheme is the driver and, after a "+", the protocol if there is one.
func (u *URL) Scheme() string {
	if u.Protocol == "" {
		return u.Driver
	}
	return u.Driver + "+" + u.Protocol
}

// String writes the URL out, password and tokens included; use [URL.Redacted]
// for people and logs. [Parse] of the result gives u back.
func (u *URL) String() string { return u.format(false) }

// Redacted is [URL.String] with the password, and the value of every parameter
// and host option for which [Secret] holds, replaced by "xxxxx".
func (u *URL) Redacted() string { return u.format(true) }

// LogValue is [URL.Redacted], so that a logged URL shows no secret.
func (u *URL) LogValue() slog.Value { return slog.StringValue(u.Redacted()) }

// Clone returns a deep copy.
func (u *URL) Clone() *URL {
	c := *u
	c.Params = slices.Clone(u.Params)
	c.Hosts = slices.Clone(u.Hosts)
	for i := range c.Hosts {
		c.Hosts[i].Options = slices.Clone(c.Hosts[i].Options)
	}
	return &c
}

const redacted = "xxxxx"

func (u *URL) format(redact bool) string {
	b := append([]byte(u.Scheme()), "://"...)
	hasPassword := u.HasPassword || u.Password != ""
	if u.HasUser || u.User != "" || hasPassword {
		b = escape(b, u.User, "")
		if hasPassword {
			b = append(b, ':')
			if redact {
				b = append(b, redacted...)
			} else {
				b = escape(b, u.Password, "")
			}
		}
		b = append(b, '@')
	}
	for i, h := range u.Hosts {
		if i > 0 {
			b = append(b, ',')
		}
		b = h.append(b, redact)
	}
	if u.Database != "" {
		b = append(b, '/')
		b = escape(b, u.Database, "")
	}
	for i, p := range u.Params {
		b = append(b, "?&"[min(i, 1)])
		b = p.append(b, redact, "/:,")
	}
	return string(b)
}

func (h Host) append(b []byte, redact bool) []byte {
	if ip, err := netip.ParseAddr(h.Name); err == nil && ip.Is6() {
		b = append(b, '[')
		b = escape(b, h.Name, ":")
		b = append(b, ']')
	} else {
		b = escape(b, h.Name, "")
	}
	if h.Port != 0 {
		b = append(b, ':')
		b = strconv.AppendInt(b, int64(h.Port), 10)
	}
	for _, o := range h.Options {
		b = append(b, ';')
		b = o.append(b, redact, "")
	}
	return b
}

func (p Param) append(b []byte, redact bool, plain string) []byte {
	b = append(b, p.Key...)
	b = append(b, '=')
	if redact && Secret(p.Key) {
		return append(b, redacted...)
	}
	return escape(b, p.Value, plain)
}
