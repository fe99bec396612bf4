package iotdbdriver

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"slices"
	"time"
)

// Dialect is the model in which a session works.
type Dialect string

// The dialects.
const (
	Table Dialect = "table" // databases of tables, with tags, attributes and fields
	Tree  Dialect = "tree"  // devices under root, with measurements
)

// Balance is the order in which the hosts of a DSN are tried.
type Balance string

// The values of Balance.
const (
	Ordered    Balance = "ordered"     // the first that answers
	Random     Balance = "random"      // shuffled for every connection
	RoundRobin Balance = "round_robin" // each connection begins one further on
)

// TLSVersion is a version of TLS.
type TLSVersion string

// The values of TLSVersion.
const (
	TLS12 TLSVersion = "1.2"
	TLS13 TLSVersion = "1.3"
)

// Config is everything that a connection needs. Make one with [NewConfig] or
// [ParseDSN], change it, and hand it to [NewConnector], which keeps a clone of
// its own. The zero value of a field is not always its default.
type Config struct {
	// Dialect. Default Table.
	Dialect Dialect
	// Hosts as "host:port" or "[ipv6]:port": nodes of the cluster, any of which
	// serves everything. A missing port is 6667. Default localhost.
	Hosts []string
	// Balance is the order in which hosts are tried. Default Ordered.
	Balance Balance
	// HostRest is how long a host that could not be reached is tried last.
	// Default 10 s; 0 turns it off.
	HostRest time.Duration

	// User and Password. Both empty mean the account of a new server, root with
	// root. A user alone has an empty password.
	User     string
	Password string
	// Database that every connection starts in and is brought back to before the
	// next borrower has it. It must exist, or Connect fails. Empty for none. Table
	// model only: in the tree model paths are complete.
	Database string

	// TimeZone is the session's zone: the server reads times without a zone in
	// it. An IANA name or an offset. Default UTC.
	TimeZone *time.Location
	// Location of the time.Time values that come out of results. Default: that of
	// TimeZone.
	Location *time.Location

	// FetchSize is about how many rows the server sends at a time. It sends whole
	// blocks of its own, so that a page can have more, and its bytes are not
	// bounded by it. Default 5000.
	FetchSize int
	// Compression speaks Thrift's compact protocol in place of the binary one,
	// which the official clients call RPC compression: it must be on if the server
	// has dn_rpc_thrift_compression_enable and off if not; there is no negotiation.
	// Default off.
	Compression bool
	// Redirection sends tablets to the node that stores their rows, which the
	// server tells after the first, over connections of its own. Default off.
	Redirection bool
	// CheckTables makes a tablet for a table that does not exist an error, in
	// place of a new table that a misspelt name makes. It costs a request for each
	// table that was not seen yet, or may have changed: a DROP or ALTER of the same
	// pool is noticed, another client's is not. Table model only. Default off.
	CheckTables bool
	// Prepare lets the server prepare statements, where it can (2.0.8 and later,
	// table model). Otherwise arguments are written into the text. Default on.
	Prepare bool

	// ConnectTimeout bounds dial and login at one host. Default 10 s.
	ConnectTimeout time.Duration
	// WaitTimeout bounds a connect as a whole, over all hosts and retries. Default
	// 10 s; 0 is no bound but the context's.
	WaitTimeout time.Duration
	// MaxRetry is how often all hosts are tried again, after a pause, if none could
	// be reached. Default 3.
	MaxRetry int
	// ReadTimeout bounds the wait for one reply. Default 5 min; 0 is no bound.
	ReadTimeout time.Duration
	// WriteTimeout bounds sending one request. Default 30 s; 0 is no bound.
	WriteTimeout time.Duration
	// QueryTimeout is how long the server lets a statement live whose context has no
	// deadline, the time in which its rows are read included. Default 0: the
	// server's query_timeout_threshold, 60 s unless configured otherwise.
	QueryTimeout time.Duration
	// Kill ends a cancelled query on the server, over a connection of its own: a
	// query whose client has gone runs on otherwise. Default on.
	Kill bool

	// MaxFrame refuses larger replies. Memory is taken as bytes come. Default
	// 512 MiB.
	MaxFrame int64

	// TLS turns on TLS, as the scheme iotdb+tls does.
	TLS bool
	// TLSCA is a file of PEM certificates to trust in place of the system's, or
	// the PEM text itself.
	TLSCA string
	// TLSCert and TLSKey are the files of a client certificate and its key, or
	// the PEM texts themselves.
	TLSCert string
	TLSKey  string
	// TLSServerName is the name that the server's certificate must have. Default
	// the host's.
	TLSServerName string
	// TLSSkipVerify accepts any certificate: whoever is in between can read and
	// change everything.
	TLSSkipVerify bool
	// TLSMinVersion is the oldest version of TLS to speak. Default TLS12.
	TLSMinVersion TLSVersion
	// TLSConfig is cloned and completed by the fields above. It is not part of a
	// DSN.
	TLSConfig *tls.Config

	// Dial opens network connections in place of net.Dialer. Not part of a DSN.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Logger receives connects, failovers, cancels and kills with the attributes
	// engine, host, conn, request_id. nil is silence. Not part of a DSN.
	Logger *slog.Logger
}

// The account that a new server has.
const (
	defaultUser     = "root"
	defaultPassword = "root"
)

// NewConfig returns a Config with the defaults: the table model on
// localhost:6667.
func NewConfig() *Config {
	c := &Config{}
	parameters.Defaults(c)
	return c
}

// Clone returns a copy that shares nothing that can change.
func (c *Config) Clone() *Config {
	clone := *c
	clone.Hosts = slices.Clone(c.Hosts)
	clone.TLSConfig = c.TLSConfig.Clone()
	return &clone
}

// String is the DSN without its secrets.
func (c Config) String() string { return c.url().Redacted() }

// GoString is [Config.String]: %#v shows no secret either.
func (c Config) GoString() string { return c.String() }

// LogValue is [Config.String], so that a logged Config shows no secret.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// complete returns a clone that is checked and in which the fields whose
// default depends on others have it.
func (c *Config) complete() (*Config, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	c = c.Clone()
	if c.Dialect == "" {
		c.Dialect = Table
	}
	if c.User == "" && c.Password == "" {
		c.User, c.Password = defaultUser, defaultPassword
	}
	if c.TimeZone == nil {
		c.TimeZone = time.UTC
	}
	if c.Location == nil {
		c.Location = c.TimeZone
	}
	if c.Dial == nil {
		c.Dial = new(net.Dialer).DialContext
	}
	return c, nil
}
