package taosdriver

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/internal/hosts"
)

const (
	adapterPort = 6041
	cloudPort   = 443
	taosdPort   = 6030
)

// port is that of a host without one.
func (c *Config) port() int {
	switch {
	case c.Transport == Native:
		return taosdPort
	case c.TLS && c.Token != "":
		return cloudPort
	}
	return adapterPort
}

// hostList returns the hosts with names and ports filled in.
func (c *Config) hostList() ([]hosts.Host, error) {
	if len(c.Hosts) == 0 && c.Transport == Native && c.ConfigDir != "" {
		return []hosts.Host{{Network: "tcp"}}, nil // libtaos knows
	}
	if len(c.Hosts) == 0 {
		return []hosts.Host{{Network: "tcp", Addr: net.JoinHostPort("localhost", strconv.Itoa(c.port()))}}, nil
	}
	list := make([]hosts.Host, len(c.Hosts))
	seen := make(map[string]bool)
	for i, text := range c.Hosts {
		name, port, ok := splitHost(text)
		if !ok {
			return nil, configError(`host %d is not "host:port", "host" or "[ipv6]:port" with a port from 1 to 65535`, i+1)
		}
		if name == "" {
			name = "localhost"
		}
		if port == 0 {
			port = c.port()
		}
		addr := net.JoinHostPort(name, strconv.Itoa(port))
		if seen[addr] {
			return nil, configError("host %d is given twice", i+1)
		}
		seen[addr] = true
		list[i] = hosts.Host{Network: "tcp", Addr: addr}
	}
	return list, nil
}

// hostSet returns the hosts and what a connector will learn of them. Final
// says of a login's error whether the other hosts would give it too.
func (c *Config) hostSet(final func(error) bool) (*hosts.Set, error) {
	list, err := c.hostList()
	if err != nil {
		return nil, err
	}
	policy := map[Balance]hosts.Policy{Random: hosts.Random, RoundRobin: hosts.RoundRobin}[c.Balance]
	return hosts.New(list, hosts.Config{
		Policy: policy, Rest: c.HostRest, Timeout: c.ConnectTimeout, Final: final,
	}), nil
}

// splitHost takes an element of Config.Hosts apart; port is 0 if there is none.
func splitHost(s string) (name string, port int, ok bool) {
	var rest string
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", 0, false
		}
		name, rest = s[1:end], s[end+1:]
		if ip, err := netip.ParseAddr(name); err != nil || !ip.Is6() {
			return "", 0, false
		}
	} else {
		end := strings.IndexByte(s, ':')
		if end < 0 {
			end = len(s)
		}
		name, rest = s[:end], s[end:]
		if s == "" || strings.ContainsFunc(name, notInName) {
			return "", 0, false
		}
	}
	if rest == "" {
		return name, 0, true
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(rest, ":"), 10, 16)
	if err != nil || n == 0 || rest[0] != ':' {
		return "", 0, false
	}
	return name, int(n), true
}

func notInName(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune(`/\?#@[]:,;%"<>`, r)
}

// joinHost is the reverse of splitHost.
func joinHost(name string, port int) string {
	if strings.IndexByte(name, ':') >= 0 {
		name = "[" + name + "]"
	}
	if port == 0 {
		return name
	}
	return name + ":" + strconv.Itoa(port)
}
