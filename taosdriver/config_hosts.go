package taosdriver

import "github.com/gaugesql/gaugesql/internal/hosts"

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
	list, err := hosts.TCP(c.Hosts, c.port())
	if err != nil {
		return nil, configError("%v", err)
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
