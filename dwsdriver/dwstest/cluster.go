package dwstest

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/dialect"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/store"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/upstream"
	"github.com/gaugesql/gaugesql/internal/authority"
)

// Cluster is several coordinators of one cluster: what is written to one can be
// read from each. All methods may be called from several goroutines.
type Cluster struct {
	options   *options
	accounts  *accounts
	authority *authority.Authority // has issued nothing without TLS
	tls       *tls.Config
	store     *store.Store
	servers   []*Server
	rules     rules
	record    record
}

// NewCluster starts coordinators and panics if it cannot. Close must be called when
// they are no longer needed.
func NewCluster(servers int, opts ...Option) *Cluster {
	c, err := StartCluster(servers, opts...)
	if err != nil {
		panic(fmt.Sprintf("dwstest: %v", err))
	}
	return c
}

// StartCluster starts coordinators. The error is that of an option or of listening
// on 127.0.0.1.
func StartCluster(servers int, opts ...Option) (*Cluster, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	c := &Cluster{options: o, accounts: newAccounts(o), authority: new(authority.Authority)}
	if o.wantTLS {
		if c.authority, err = authority.New("dwstest", o.user); err != nil {
			return nil, err
		}
		c.tls = c.authority.Config(o.tls, o.clientCert)
	}
	if o.upstream == nil {
		if c.store, err = store.Open(); err != nil {
			return nil, err
		}
	}
	for i := range servers {
		s := newServer(c, i)
		c.servers = append(c.servers, s)
		if err := s.Resume(); err != nil {
			c.Close()
			return nil, err
		}
	}
	return c, nil
}

// Servers returns the coordinators in their order.
func (c *Cluster) Servers() []*Server { return slices.Clone(c.servers) }

// Server returns the i-th coordinator, from 0.
func (c *Cluster) Server(i int) *Server { return c.servers[i] }

// DSN returns the data source name that connects to all coordinators. The database
// may be empty for gaussdb, or the one of [WithDatabase]. It has no parameters: with
// [WithTLS] the driver's sslmode decides.
func (c *Cluster) DSN(database string) string { return c.dsn(database, c.servers...) }

func (c *Cluster) dsn(database string, servers ...*Server) string {
	hosts := make([]string, len(servers))
	for i, s := range servers {
		hosts[i] = s.Addr()
	}
	if database == "" {
		database = c.options.databases[0]
	}
	u := url.URL{Scheme: "dws", User: url.UserPassword(c.options.user, c.options.users[c.options.user]), Host: strings.Join(hosts, ","), Path: "/" + database}
	if c.options.wantTLS {
		return u.String()
	}
	return u.String() + "?sslmode=disable"
}

// Fault makes requests to any of the coordinators go wrong, see [Server.Fault].
func (c *Cluster) Fault(on On, faults ...Fault) *Rule { return c.rules.add(nil, on, faults) }

// ClearFaults removes all rules, those of single servers too.
func (c *Cluster) ClearFaults() { c.rules.Clear(nil) }

// Close stops the coordinators for good and waits for everything they have started.
func (c *Cluster) Close() {
	for _, s := range c.servers {
		s.lives.Close()
	}
	if c.store != nil {
		_ = c.store.Close()
	}
}

// dialect is what the coordinators make of statements.
func (c *Cluster) dialect() dialect.Rules {
	rules := dialect.Rules{Version: c.options.fullVersion(), Maintenance: c.options.maintenance}
	for _, s := range c.servers {
		rules.Coordinators = append(rules.Coordinators, s.Addr())
	}
	return rules
}

// open makes the session behind a connection.
func (c *Cluster) open(ctx context.Context, want upstream.Request) (*upstream.Session, error) {
	if c.store != nil {
		return c.store.Session(ctx, want, c.options.databases)
	}
	return c.options.upstream.Open(ctx, want)
}
