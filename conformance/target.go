package conformance

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"fmt"
	"strings"
	"time"
)

// Target is a driver, the server that it speaks to and what the suite must know
// of both. Name, DSN or Open, and a Dialect with a key, an Integer and a Text type
// are needed; everything else adds checks. What a target leaves out is skipped,
// by name and counted.
type Target struct {
	// Name tells driver and transport: "taos/ws". It heads the matrix's column.
	Name string
	// Server says what answers: "taostest (embedded)", "TDengine 3.3.7.5".
	Server string
	// DriverName is what the driver is registered under in database/sql.
	DriverName string
	// DSN of a database in which the suite may create and drop tables.
	DSN string
	// DSNs are further data source names, most of them wrong on purpose.
	DSNs DSNs
	// Open makes a connector of a DSN. Default: the DriverContext of DriverName.
	Open func(dsn string) (sqldriver.Connector, error)
	// Dialect is how the engine writes what the checks need.
	Dialect Dialect
	// Declared are the capabilities that follow from no other field.
	Declared []Capability
	// Interfaces that connections, statements and rows implement. Default
	// [AllInterfaces]; see [AllInterfacesBut].
	Interfaces []string
	// Engine as driver.Identifier and driver.Error name it: "tdengine". Needed
	// with ErrorKinds.
	Engine string
	// Extensions of package driver that connections offer, by the interfaces'
	// names: "SchemalessInserter".
	Extensions []string
	// Faults control the server. The zero value is a server that only works.
	Faults Faults
	// Prompt is how soon after a cancellation a call must be back. Default 1 s,
	// which a busy machine keeps; the report tells what was measured.
	Prompt time.Duration
	// Timeout ends a check. Default 30 s.
	Timeout time.Duration
	// LargeRows is the size of what the suite calls a large result. Default 20,000.
	LargeRows int
	// ServerMemory is what a server in this process may take, in bytes, while a
	// large result is read.
	ServerMemory int64
	// KnownFailures names checks that fail and says why. One that passes is
	// reported as a failure, so that the list cannot outlive its reasons.
	KnownFailures map[string]string
	// Extra are checks of the target's own.
	Extra []Check
}

// DSNs are data source names beside the target's own. An empty one skips the
// checks that need it.
type DSNs struct {
	// WrongPassword has a password that the server refuses.
	WrongPassword string
	// UnknownDatabase names a database that does not exist.
	UnknownDatabase string
	// UnknownParameter has the parameter UnknownParameterName, which the driver
	// does not know.
	UnknownParameter, UnknownParameterName string
	// Malformed cannot be parsed or hold values out of range.
	Malformed []string
	// At returns the target's DSN for a server at another "host:port".
	At func(addr string) string
	// In returns the target's DSN with the location of the time.Time values that
	// come out of results.
	In func(loc *time.Location) string
	// Untrusted asks for TLS and meets a certificate that it cannot trust.
	Untrusted string
	// Secret is a text in DSN, WrongPassword and the others that must never be
	// seen in an error: the password, a token.
	Secret string
}

// Validate tells what a target lacks or contradicts.
func (t *Target) Validate() error {
	var problems []string
	complain := func(bad bool, format string, args ...any) {
		if bad {
			problems = append(problems, fmt.Sprintf(format, args...))
		}
	}
	complain(t.Name == "", "Name is empty")
	complain(t.Open == nil && t.DriverName == "", "neither Open nor DriverName is set")
	complain(t.Dialect.Key.Value == nil, "Dialect.Key.Value is nil")
	complain(t.Dialect.Key.Type == "", "Dialect.Key.Type is empty")
	for _, sort := range []Sort{Integer, Text} {
		_, ok := t.Dialect.typeOf(sort)
		complain(!ok, "Dialect.Types has no type of sort %s", sort)
	}
	for i, typ := range t.Dialect.Types {
		complain(typ.DDL == "", "Dialect.Types[%d].DDL is empty", i)
		complain(typ.Sort == "", "the type %s has no sort", typ.DDL)
		complain(len(typ.Samples) == 0, "the type %s has no samples", typ.DDL)
	}
	complain(t.has(ErrorKinds) && t.Engine == "", "ErrorKinds is declared and Engine is empty")
	known := make(map[string]bool)
	for _, c := range append(Checks(), t.Extra...) {
		complain(known[c.Name], "two checks are named %q", c.Name)
		known[c.Name] = true
	}
	for name := range t.KnownFailures {
		complain(!known[name], "KnownFailures names no check: %q", name)
	}
	for _, c := range t.Declared {
		complain(!declarable(c), "capability %q follows from other fields or does not exist", string(c))
	}
	for _, name := range t.Extensions {
		complain(extension(name) == nil, "there is no extension named %s", name)
	}
	if problems == nil {
		return nil
	}
	return fmt.Errorf("conformance: target %q: %s", t.Name, strings.Join(problems, "; "))
}

// connector opens dsn with Open or the registered driver.
func (t *Target) connector(dsn string) (sqldriver.Connector, error) {
	if t.Open != nil {
		return t.Open(dsn)
	}
	db, err := sql.Open(t.DriverName, t.DSN)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	drv := db.Driver()
	if dc, ok := drv.(sqldriver.DriverContext); ok {
		return dc.OpenConnector(dsn)
	}
	return dsnConnector{dsn, drv}, nil
}

// dsnConnector is database/sql's own for drivers without connectors.
type dsnConnector struct {
	dsn string
	drv sqldriver.Driver
}

func (c dsnConnector) Connect(context.Context) (sqldriver.Conn, error) { return c.drv.Open(c.dsn) }
func (c dsnConnector) Driver() sqldriver.Driver                        { return c.drv }

func (t *Target) prompt() time.Duration {
	if t.Prompt > 0 {
		return t.Prompt
	}
	return time.Second
}

func (t *Target) timeout() time.Duration {
	if t.Timeout > 0 {
		return t.Timeout
	}
	return 30 * time.Second
}

func (t *Target) largeRows() int {
	if t.LargeRows > 0 {
		return t.LargeRows
	}
	return 20_000
}
