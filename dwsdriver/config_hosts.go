package dwsdriver

import (
	"errors"
	"net"
	"net/netip"
	"path"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/internal/hosts"
)

const (
	defaultHost = "localhost"
	defaultPort = 8000
	maxWeight   = 100
)

// address is a host taken apart.
type address struct {
	host     hosts.Host
	name     string // for certificates and password files
	port     int
	resolved string // what is dialled in its place, "" for host.Addr
}

// dial is what to dial.
func (a *address) dial() string {
	if a.resolved != "" {
		return a.resolved
	}
	return a.host.Addr
}

// hostList resolves the hosts' defaults.
func (c *Config) hostList() ([]address, error) {
	given := c.Hosts
	if len(given) == 0 {
		given = []Host{{}}
	}
	list := make([]address, len(given))
	seen := map[string]bool{}
	for i, h := range given {
		if h.Weight < 0 || h.Weight > maxWeight {
			return nil, configError("weight of host %d is not from 1 to %d", i+1, maxWeight)
		}
		a, err := h.address()
		if err != nil {
			return nil, configError("host %d: %v", i+1, err)
		}
		if seen[a.host.Addr] {
			return nil, configError("host %d is given twice", i+1)
		}
		seen[a.host.Addr] = true
		list[i] = a
	}
	return list, nil
}

func (h Host) address() (a address, err error) {
	name, port, ok := splitHost(h.Addr)
	if !ok {
		return a, errors.New("want " + hosts.Format)
	}
	if name == "" {
		name = defaultHost
	}
	if port == 0 {
		port = defaultPort
	}
	a = address{name: name, port: port, host: hosts.Host{Network: "tcp", Weight: h.Weight, Backup: h.Backup}}
	text := strconv.Itoa(port)
	if strings.HasPrefix(name, "/") {
		a.host.Network, a.host.Addr = "unix", path.Join(name, ".s.PGSQL."+text)
	} else {
		a.host.Addr = net.JoinHostPort(name, text)
	}
	if h.IP != "" {
		ip, err := netip.ParseAddr(h.IP)
		if err != nil || a.host.Network == "unix" {
			return a, errors.New("hostaddr is not an IP address, or beside a Unix socket")
		}
		a.resolved = net.JoinHostPort(ip.String(), text)
	}
	return a, nil
}

// splitHost is [hosts.Split] that takes directories of Unix sockets too.
func splitHost(s string) (name string, port int, ok bool) {
	if !strings.HasPrefix(s, "/") {
		return hosts.Split(s)
	}
	end := len(s)
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, '/') {
		end = i
	}
	_, port, ok = hosts.Split(s[end:])
	if !ok || strings.IndexByte(s[:end], 0) >= 0 {
		return "", 0, false
	}
	return s[:end], port, true
}

// joinHost is the reverse of splitHost.
func joinHost(name string, port int) string {
	if !strings.HasPrefix(name, "/") {
		return hosts.Join(name, port)
	}
	return name + hosts.Join("", port)
}

// hostSet returns the hosts and what a connector will learn of them.
func (c *Config) hostSet(list []address) *hosts.Set {
	policy := map[Balance]hosts.Policy{
		Random: hosts.Random, RoundRobin: hosts.RoundRobin, LeastConnections: hosts.LeastConnections,
	}[c.Balance]
	plain := make([]hosts.Host, len(list))
	for i, a := range list {
		plain[i] = a.host
	}
	return hosts.New(plain, hosts.Config{Policy: policy, Rest: c.HostRest, Timeout: c.ConnectTimeout, Final: final})
}
