package dwsdriver

import (
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/lib/pq"

	"github.com/gaugesql/gaugesql/dsn"
)

// parseKeywords lets lib/pq read a connection string of libpq, the environment and
// the service file.
func parseKeywords(s string) (*Config, error) {
	own, err := pq.NewConfig(s)
	if err != nil {
		return nil, configError("%s", explainPQ(err))
	}
	c := NewConfig()
	// What lib/pq does not know it takes for session parameters. Some are this
	// driver's.
	var params dsn.Params
	for _, name := range slices.Sorted(maps.Keys(own.Runtime)) {
		params = append(params, dsn.Param{Key: name, Value: own.Runtime[name]})
	}
	rest, err := parameters.ReadKnown(c, params)
	if err != nil {
		return nil, err
	}
	for _, p := range rest {
		if c.Params == nil {
			c.Params = make(map[string]string)
		}
		c.Params[strings.TrimPrefix(p.Key, setPrefix)] = p.Value
	}
	if own.Geqo != "" {
		if c.Params == nil {
			c.Params = make(map[string]string)
		}
		c.Params["geqo"] = own.Geqo
	}
	return c, c.take(own)
}

// take reads what lib/pq has understood.
func (c *Config) take(own pq.Config) error {
	c.Hosts = append(c.Hosts, host(own.Host, own.Hostaddr, own.Port))
	for _, h := range own.Multi {
		c.Hosts = append(c.Hosts, host(h.Host, h.Hostaddr, h.Port))
	}
	c.User, c.Password, c.Passfile, c.Database = own.User, own.Password, own.Passfile, own.Database
	c.Options = own.Options
	if own.ApplicationName != "" {
		c.ApplicationName = own.ApplicationName
	}
	if own.TZ != "" {
		c.SessionTimezone = own.TZ
	}
	if own.ConnectTimeout > 0 {
		c.ConnectTimeout = own.ConnectTimeout
	}
	if own.LoadBalanceHosts == pq.LoadBalanceHostsRandom {
		c.Balance = Random
	}
	c.SSLRootCert, c.SSLCert, c.SSLKey = own.SSLRootCert, own.SSLCert, own.SSLKey
	c.BinaryParameters = own.BinaryParameters
	c.KrbServiceName, c.KrbSPN = own.KrbSrvname, own.KrbSpn
	switch {
	case strings.HasPrefix(string(own.SSLMode), "pqgo-"):
		return unsupported("config", "a sslmode registered with lib/pq: set Config.TLSConfig")
	case own.SSLMode != "":
		c.SSLMode = SSLMode(own.SSLMode)
	}
	if own.SSLNegotiation == pq.SSLNegotiationDirect {
		return unsupported("config", "sslnegotiation=direct: DWS speaks TLS only when asked to")
	}
	switch own.TargetSessionAttrs {
	case "", pq.TargetSessionAttrsAny, pq.TargetSessionAttrsReadWrite, pq.TargetSessionAttrsPrimary:
		// Every coordinator of DWS is one.
	default:
		return unsupported("config", "target_session_attrs for a standby: all coordinators of DWS are equal")
	}
	return nil
}

// host makes a Host of libpq's three words.
func host(name string, ip netip.Addr, port uint16) Host {
	h := Host{Weight: 1}
	if ip.IsValid() {
		if h.IP = ip.String(); name == "" {
			name, h.IP = h.IP, ""
		}
	}
	h.Addr = joinHost(name, int(port))
	return h
}

var (
	wrongValue  = regexp.MustCompile(`^pq: wrong value for ("[a-z_]+"|\$[A-Z_]+): `)
	supported   = regexp.MustCompile(`supported values are .*$`)
	environment = regexp.MustCompile(`^pq: environment variable \$[A-Z_]+ is not supported`)
)

// explainPQ is what lib/pq says of a connection string without what it quotes of
// it: that may be a password with a blank in it.
func explainPQ(err error) string {
	text := err.Error()
	if m := wrongValue.FindStringSubmatch(text); m != nil {
		if values := supported.FindString(text); values != "" {
			if strings.Contains(m[1], "load_balance_hosts") {
				values += "; the parameter balance has more"
			}
			return "wrong value for " + m[1] + ": " + values
		}
		return "wrong value for " + m[1]
	}
	switch {
	case environment.MatchString(text):
		return strings.TrimPrefix(text, "pq: ")
	case strings.HasPrefix(text, `missing "=" after`):
		return `a word without "=" in the connection string; a value with blanks stands in single quotes`
	case strings.Contains(text, "character after backslash"), strings.Contains(text, "unterminated quoted"):
		return text
	case strings.Contains(text, "client_encoding"):
		return "client_encoding must be absent or UTF8: Go's strings are"
	case strings.Contains(text, "datestyle"):
		return `datestyle must be absent or "ISO, MDY"`
	case strings.Contains(text, "could not match"), strings.Contains(text, "may not be used with"):
		return strings.TrimPrefix(text, "pq: ")
	case strings.Contains(text, "service"):
		return "the service file or the service in it cannot be read"
	}
	return "lib/pq cannot read the connection string"
}
