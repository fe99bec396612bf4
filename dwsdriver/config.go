package dwsdriver

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"time"
)

// SSLMode says when a connection is encrypted and whom it trusts. The names are
// libpq's.
type SSLMode string

// The values of SSLMode. DWS does not prove that it knows the password, so that
// only the last two tell a coordinator from an impostor.
const (
	SSLDisable    SSLMode = "disable"     // never encrypted
	SSLAllow      SSLMode = "allow"       // encrypted if the server refuses otherwise, before a password was tried
	SSLPrefer     SSLMode = "prefer"      // encrypted if the server can
	SSLRequire    SSLMode = "require"     // encrypted; with SSLRootCert as SSLVerifyCA
	SSLVerifyCA   SSLMode = "verify-ca"   // by a certificate of a known authority
	SSLVerifyFull SSLMode = "verify-full" // which is made out to the host's name
)

// Balance is the order in which the coordinators of a DSN are tried.
type Balance string

// The values of Balance.
const (
	Ordered          Balance = "ordered"           // the first that answers
	Random           Balance = "random"            // shuffled for every connection
	RoundRobin       Balance = "round_robin"       // each connection begins one further on
	LeastConnections Balance = "least_connections" // the one with the fewest of this connector
)

// CopyFormat is how an Appender writes rows.
type CopyFormat string

// The values of CopyFormat.
const (
	// CopyAuto is binary on a server that is PostgreSQL, and text on DWS.
	CopyAuto CopyFormat = "auto"
	// CopyText is text, which the server converts to the types of the columns.
	CopyText CopyFormat = "text"
	// CopyBinary is binary wherever the server has shown that it has PostgreSQL's
	// binary format of the types of all columns, else text.
	CopyBinary CopyFormat = "binary"
)

// Config is everything that a connection needs. Make one with [NewConfig] or
// [ParseDSN], change it, and hand it to [NewConnector], which keeps a clone of
// its own. The zero value of a field is not always its default.
type Config struct {
	// Hosts are the coordinators. None means localhost:8000.
	Hosts []Host
	// Balance is the order in which they are tried. Default Ordered.
	Balance Balance
	// HostRest is how long a host that could not be reached, or that said it
	// cannot serve, is tried last. Default 10 s; 0 turns it off.
	HostRest time.Duration
	// HostRefresh asks the catalogue (pgxc_node) for the coordinators each time a
	// connection is made and the last answer is older, and tries those beside Hosts.
	// They are named by addresses of the cluster's own network. Default 0: never.
	HostRefresh time.Duration

	// User is the account. It must not be empty.
	User string
	// Password of the account. If it is empty, Passfile is searched for it.
	Password string
	// Passfile is a password file of libpq's form. Default ~/.pgpass. It is not
	// used if others than its owner may read it.
	Passfile string
	// RequireAuth are the methods by which the server may ask for the login; any
	// other ends it before anything of the password is sent: "sha256", "md5",
	// "sha256-md5", "md5-sha256", "scram-sha-256", "password" (in clear), "gss",
	// "none" (not at all). Empty means all.
	RequireAuth []string
	// KrbServiceName and KrbSPN are for a provider that was registered by lib/pq's
	// RegisterGSSProvider.
	KrbServiceName, KrbSPN string

	// Database that every connection is to. Empty means that of the user's name.
	Database string
	// ApplicationName is shown in the server's list of sessions. Default the
	// program's name.
	ApplicationName string
	// SearchPath of a session: schemas, separated by commas. Empty leaves the
	// server's.
	SearchPath string
	// SessionTimezone is the zone in which the server reads and writes times, by a
	// name that it knows. Empty leaves the server's own.
	SessionTimezone string
	// Params are further session parameters that the login sets, such as
	// statement_timeout. In a DSN they are written "set.<name>".
	Params map[string]string
	// Options are command-line options for the session, "-c geqo=off".
	Options string

	// Location of the time.Time values that come out of results, and in which a
	// timestamp without time zone is read. Default UTC.
	Location *time.Location

	// SSLMode says when to encrypt. Default SSLPrefer.
	SSLMode SSLMode
	// SSLRootCert is a file of PEM certificates to trust in place of the system's,
	// or the PEM text itself.
	SSLRootCert string
	// SSLCert and SSLKey are the files of a client certificate and its key, or the
	// PEM texts themselves. The key may also be PKCS #8 in DER ("client.key.pk8").
	SSLCert string
	SSLKey  string
	// SSLServerName is the name that the server's certificate must have. Default the
	// host's.
	SSLServerName string
	// TLSConfig replaces all that the fields above say, but for SSLMode, which must
	// be SSLRequire or stricter. Without a ServerName it gets the host's. It is not
	// part of a DSN.
	TLSConfig *tls.Config

	// ConnectTimeout bounds the dial and login at one host. Default 10 s; 0 is no
	// bound but the context's.
	ConnectTimeout time.Duration
	// KeepAlive is how long a connection is silent before the system probes it.
	// Default 30 s; 0 never.
	KeepAlive time.Duration

	// Retries is how often the driver itself tries again what failed: to connect
	// when no host could serve, and statements as the two fields below say. Default
	// 0: never. Waits between the tries double from RetryWait to RetryMaxWait, the
	// half of each by chance, and end with the context.
	Retries int
	// RetryReads lets statements that only read be tried again, by their first word:
	// SELECT, SHOW, EXPLAIN, VALUES, TABLE. One that calls a function which the driver
	// does not know to write nothing, such as any of a user's, is none of them. Others
	// are tried again under [WithIdempotent] alone.
	RetryReads bool
	// RetryWait and RetryMaxWait bound the waits. Defaults 200 ms and 10 s.
	RetryWait, RetryMaxWait time.Duration

	// AllowIsolation lets transactions of a level begin that DWS takes and runs at
	// another: read uncommitted as read committed, serializable as repeatable
	// read. Without it they are refused with an error of kind ErrNotSupported.
	AllowIsolation bool
	// StatementCache is how many statements a connection keeps prepared on the
	// server, those that were used last. A statement is prepared when it is used for
	// the second time. 0 prepares none but those of Prepare. Default 256.
	StatementCache int
	// BinaryResults lets a coordinator send numbers, times and bytes in binary form,
	// which takes it and the driver less time. Only types are sent so that the
	// coordinator has sent rightly when the connector first met it. Default true.
	BinaryResults bool
	// BinaryParameters sends arguments in binary form where the statement's
	// description says that the parameter is of their very type: int64, float64,
	// float32, []byte for bytea, time.Time for timestamp with time zone. All others
	// go as text, so that a []byte for a number or JSON is not misread, as it is
	// under lib/pq's parameter of this name.
	BinaryParameters bool
	// CopyFormat is how an Appender writes rows. Default CopyAuto.
	CopyFormat CopyFormat
	// RequestComments puts the request id in front of each statement that has one, as
	// a comment: /* request 0x2a */. Such a statement is not kept prepared.
	RequestComments bool
	// ResetAlways restores the session's settings each time a connection is taken from
	// the pool, at the cost of a round trip. Without it that is done if a statement
	// may have changed them, which the driver cannot tell of functions that do.
	ResetAlways bool

	// OnNotice is called with each notice of the server, by the goroutine that runs
	// the statement: it should return soon, and must not use the connection. Not
	// part of a DSN.
	OnNotice func(*Notice)
	// Dial opens network connections in place of net.Dialer. It must return when
	// its context ends. Not part of a DSN.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Logger receives connects, failovers, retries and cancels with the attributes
	// engine, host, conn, request_id. nil is silence. Not part of a DSN.
	Logger *slog.Logger
}

// Host is one coordinator.
type Host struct {
	// Addr is "host:port", "[ipv6]:port" or, with a leading slash, the directory of
	// a Unix socket, as libpq has it: "/run/postgresql:8000". A missing port is
	// 8000.
	Addr string
	// IP is the address to connect to in place of the name, which then only
	// stands for the server in certificates and password files. Often empty.
	IP string
	// Weight from 1 to 100 is the host's share for Random and LeastConnections. 0
	// means 1.
	Weight int
	// Backup hosts are used only while no other is up.
	Backup bool
}
