package siritest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/store"
)

// Cluster is several servers of one database system: what is written to one can
// be read from each. All methods may be called from several goroutines.
type Cluster struct {
	options *options
	store   *store.Store
	servers []*Server
	rules   rules
	record  record
}

// NewCluster starts servers and panics if it cannot. Close must be called when
// they are no longer needed.
func NewCluster(servers int, opts ...Option) *Cluster {
	c, err := StartCluster(servers, opts...)
	if err != nil {
		panic(fmt.Sprintf("siritest: %v", err))
	}
	return c
}

// StartCluster starts servers. The error is that of an option or of listening on
// 127.0.0.1.
func StartCluster(servers int, opts ...Option) (*Cluster, error) {
	o := newOptions(opts)
	if o.pools == nil {
		o.pools = []int{servers}
	}
	sum := 0
	for _, n := range o.pools {
		if sum += n; n < 1 {
			return nil, fmt.Errorf("a pool of %d servers", n)
		}
	}
	if sum != servers {
		return nil, fmt.Errorf("pools of %v for %d servers", o.pools, servers)
	}
	st, err := o.store()
	if err != nil {
		return nil, err
	}
	c := &Cluster{options: o, store: st}
	for pool, n := range o.pools {
		for range n {
			s := newServer(c, len(c.servers), pool)
			if err := s.Resume(); err != nil {
				c.Close()
				return nil, err
			}
			c.servers = append(c.servers, s)
		}
	}
	return c, nil
}

// Servers returns the servers in their order.
func (c *Cluster) Servers() []*Server { return slices.Clone(c.servers) }

// Server returns the i-th server, from 0.
func (c *Cluster) Server(i int) *Server { return c.servers[i] }

// DSN returns the data source name that connects to all servers. The database may
// be empty for the first one. Options belong to the servers in their order, as in
//
//	c.DSN("", "weight=3", "", "backup=true")
func (c *Cluster) DSN(database string, options ...string) string {
	var hosts []string
	for i, s := range c.servers {
		host := s.Addr()
		if i < len(options) && options[i] != "" {
			host += ";" + options[i]
		}
		hosts = append(hosts, host)
	}
	if database == "" {
		database = c.options.databases[0].name
	}
	user := url.UserPassword(c.options.user, c.options.password)
	return "siridb://" + user.String() + "@" + strings.Join(hosts, ",") + "/" + database
}

// Fault makes requests to any of the servers go wrong, see [Server.Fault].
func (c *Cluster) Fault(on On, faults ...Fault) *Rule { return c.rules.add(nil, on, faults) }

// ClearFaults removes all rules, those of single servers too.
func (c *Cluster) ClearFaults() { c.rules.Clear(nil) }

// Close stops the servers for good and waits for everything they have started.
func (c *Cluster) Close() {
	for _, s := range c.servers {
		s.lives.Close()
	}
}

// nodes returns what the servers know of each other.
func (c *Cluster) nodes() []store.Node {
	nodes := make([]store.Node, len(c.servers))
	for i, s := range c.servers {
		nodes[i] = s.node()
	}
	return nodes
}

// fellows lets the store see and change the servers.
type fellows struct{ c *Cluster }

func (f fellows) Nodes() []store.Node { return f.c.nodes() }

func (f fellows) SetLogLevel(i int, level string) {
	s := f.c.servers[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logLevel = level
}

func (f fellows) SetBackupMode(i int, on bool) {
	s := f.c.servers[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status &^= BackupMode; on {
		s.status |= BackupMode
	}
}

// hung returns the name of a server that a request would wait for: its pool has
// no other that runs. A server that is asked does not wait for itself.
func (c *Cluster) hung(self int) string {
	awake, asleep := map[int]bool{c.servers[self].pool: true}, map[int]string{}
	for _, s := range c.servers {
		switch n := s.node(); {
		case !n.Status.Accessible():
		case s.gate.IsShut():
			asleep[s.pool] = n.Name
		default:
			awake[s.pool] = true
		}
	}
	for pool, name := range asleep {
		if !awake[pool] {
			return name
		}
	}
	return ""
}
