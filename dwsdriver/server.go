package dwsdriver

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/session"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// server is what a connector has found out about a coordinator. It asks once a
// host, when it first needs to know.
type server struct {
	// version is what version() says. Empty if it was not told.
	version string
	// gauss is true for GaussDB's kernels, DWS among them.
	gauss bool
	// binary are the types that it sends in PostgreSQL's binary format.
	binary []wire.OID
}

// know takes what is known of the coordinator.
func (c *conn) know(s *server) {
	c.server = s
	if c.connector.config.BinaryResults {
		c.session.SetBinaryResults(s.binary)
	} else {
		c.session.SetBinaryResults(nil)
	}
}

// meet finds out about the coordinator, unless it is known. In a transaction,
// which the question could spoil, it does nothing.
func (c *conn) meet(ctx context.Context) error {
	if c.server == nil {
		if known, ok := c.connector.servers.Load(c.host.Addr); ok {
			c.know(known.(*server))
		}
	}
	if c.server != nil || c.session.Status() != wire.Idle || c.session.Busy() {
		return nil
	}
	version, types, err := c.session.Probe(ctx)
	var said *session.ServerError
	if err != nil && (!errors.As(err, &said) || !c.session.Alive()) {
		return err
	}
	s := &server{version: version, binary: types}
	s.gauss = isGauss(version, c.session.Parameter("server_version"))
	known, _ := c.connector.servers.LoadOrStore(c.host.Addr, s)
	c.know(known.(*server))
	return nil
}

// isGauss reports whether the coordinator is GaussDB's. While rows are open it may
// not have been met: the version that it reported must do.
func (c *conn) isGauss() bool {
	if c.server == nil {
		return isGauss("", c.session.Parameter("server_version"))
	}
	return c.server.gauss
}

// meetForResults is meet if it matters how results are sent.
func (c *conn) meetForResults(ctx context.Context) error {
	if !c.connector.config.BinaryResults {
		c.session.SetBinaryResults(nil)
		return nil
	}
	return c.meet(ctx)
}

// isGauss tells GaussDB's kernels by version(), or if that is not known by the
// version of PostgreSQL that they descend from.
func isGauss(version, number string) bool {
	if version == "" {
		return strings.HasPrefix(number, "9.2.")
	}
	for _, name := range []string{"GaussDB", "gaussdb", "gsql", "openGauss"} {
		if strings.Contains(version, name) {
			return true
		}
	}
	return false
}

var kernelVersion = regexp.MustCompile(`(?:GaussDB|openGauss)(?: Kernel)? (?:V\d+R\d+C\d+ ?)?v?(\d+(?:\.\d+)+)`)

// number is the version's number: the kernel's, "8.2.1", where the server is
// GaussDB, since its "server_version" is that of its ancestor.
func (s *server) number(reported string) string {
	if m := kernelVersion.FindStringSubmatch(s.version); m != nil {
		return m[1]
	}
	return reported
}

// ServerInfo implements [driver.ServerInformer]; it costs a round trip once a
// host. SessionID is the logical id of the session, which pg_stat_activity and
// cancel requests know it by. Parameters are those that the server reports, and
// under "version" what version() says, unless that was first asked for in a
// transaction.
func (c *conn) ServerInfo(ctx context.Context) (driver.Info, error) {
	if c.closed {
		return driver.Info{}, wrong(driver.ErrInterface, opInfo, 0, "the connection is closed")
	}
	if err := c.meet(ctx); err != nil {
		return driver.Info{}, gate(c.fail(opInfo, 0, ctx, err))
	}
	config := c.connector.config
	parameters := c.session.Parameters()
	info := driver.Info{
		Engine: engine, Version: parameters["server_version"], Host: c.host.Addr, Database: config.Database,
		User: config.User, TimeZone: parameters["TimeZone"], Parameters: parameters,
	}
	if info.Database == "" {
		info.Database = config.User // the server's rule
	}
	if c.login.PID != 0 {
		info.SessionID = strconv.FormatUint(uint64(c.login.PID), 10)
	}
	if c.server != nil && c.server.version != "" {
		info.Version = c.server.number(info.Version)
		parameters["version"] = c.server.version
	}
	return info, nil
}
