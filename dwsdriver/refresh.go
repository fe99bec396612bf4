package dwsdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/hosts"
)

// coordinators is what DWS's own JDBC driver asks.
const coordinators = "SELECT node_host, node_port FROM pg_catalog.pgxc_node WHERE node_type = 'C'"

// maxCoordinators bounds what is believed of the catalogue.
const maxCoordinators = 1024

// refresh asks the catalogue for the coordinators, if the last answer is too old,
// over a connection that was just made. The hosts of Config stay; others are tried
// beside them. An error means that the connection is of no use, and not that the
// catalogue is.
func (c *Connector) refresh(ctx context.Context, cn *conn) error {
	if c.config.HostRefresh == 0 || !c.refreshDue() {
		return nil
	}
	found, err := cn.coordinators(ctx)
	if err != nil {
		c.debug(ctx, "the list of coordinators cannot be read", "host", cn.host.Addr, "error", err)
		if ctx.Err() != nil || !cn.session.Alive() {
			return plain(err)
		}
		return nil
	}
	c.replaceHosts(found)
	c.debug(ctx, "coordinators", "host", cn.host.Addr, "hosts", found)
	return nil
}

// refreshDue reports whether it is time, to one caller.
func (c *Connector) refreshDue() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); c.refreshed.IsZero() || now.Sub(c.refreshed) >= c.config.HostRefresh {
		c.refreshed = now
		return true
	}
	return false
}

// replaceHosts makes the hosts those of Config and the others found.
func (c *Connector) replaceHosts(found []Host) {
	c.mu.Lock()
	defer c.mu.Unlock()
	addresses := make(map[string]address, len(c.given)+len(found))
	var list []hosts.Host
	add := func(a address) {
		if _, known := addresses[a.host.Addr]; !known {
			addresses[a.host.Addr] = a
			list = append(list, a.host)
		}
	}
	for _, a := range c.given {
		add(a)
		if a.resolved != "" { // which the catalogue may name
			addresses[a.resolved] = a
		}
	}
	for _, h := range found {
		if a, err := h.address(); err == nil {
			add(a)
		}
	}
	c.addresses = addresses
	c.hosts.Replace(list)
}

// expect reports rows that do not have the columns that were asked for.
func (c *conn) expect(r sqldriver.Rows, columns int) error {
	if n := len(r.Columns()); n != columns {
		e := wrong(driver.ErrInternal, opQuery, 0, fmt.Sprintf("the catalogue answers with %d columns in place of %d", n, columns))
		e.Host = c.host.Addr
		return e
	}
	return nil
}

// coordinators reads the catalogue.
func (c *conn) coordinators(ctx context.Context) ([]Host, error) {
	r, err := c.query(ctx, 0, coordinators, nil)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if err := c.expect(r, 2); err != nil {
		return nil, err
	}
	var list []Host
	row := make([]sqldriver.Value, 2)
	for len(list) < maxCoordinators {
		if err := r.Next(row); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		name, _ := row[0].(string)
		port, _ := row[1].(int64)
		if name = strings.TrimSpace(name); name != "" && port > 0 && port < 1<<16 && !strings.HasPrefix(name, "/") {
			list = append(list, Host{Addr: joinHost(name, int(port))})
		}
	}
	return list, nil
}
