package taosdriver

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"time"
)

// Transport is how taosAdapter or taosd is spoken to.
type Transport string

// The transports, as a DSN spells them after "taos+". Native is the DSN "taos://".
const (
	WebSocket Transport = "ws"     // taosAdapter's /ws: the recommended one
	REST      Transport = "http"   // taosAdapter's /rest/sql: no session, no prepared statements
	Native    Transport = "native" // libtaos, loaded at run time
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
	// Transport. Default WebSocket.
	Transport Transport
	// Hosts as "host:port" or "[ipv6]:port"; a missing port is 6041, 443 with TLS
	// and a Token (TDengine Cloud's gateway), and 6030 for Native. Default
	// localhost, for Native with a ConfigDir what that says.
	Hosts []string
	// Balance is the order in which hosts are tried. Default Ordered.
	Balance Balance
	// HostRest is how long a host that could not be reached is tried last.
	// Default 10 s; 0 turns it off.
	HostRest time.Duration

	// User and Password. Both empty mean TDengine's documented default account,
	// root with taosdata. A user alone has an empty password: no password is
	// ever made up for an account that was named.
	User     string
	Password string
	// Token of TDengine Cloud, sent as the URL's query parameter "token".
	Token string
	// BearerToken of the server, in place of user and password, which are then
	// not sent (TDengine 3.4).
	BearerToken string
	// TOTPCode is the second factor of a login (TDengine 3.4, not over REST).
	TOTPCode string

	// Database that every connection starts in and is brought back to before the
	// next borrower has it. Empty for none.
	Database string

	// SessionTimezone is the zone in which the server reads timestamp literals
	// without one and formats times as text: of the IANA database, because the
	// server takes it by name. nil leaves the server's own.
	SessionTimezone *time.Location
	// Location of the time.Time values that come out of results. Default: that of
	// SessionTimezone, else UTC.
	Location *time.Location

	// ConnectTimeout bounds the dial and login at one host. Default 10 s.
	ConnectTimeout time.Duration
	// ReadTimeout bounds the wait for one reply. Default 5 min; 0 is no bound.
	ReadTimeout time.Duration
	// WriteTimeout bounds sending one request. Default 10 s; 0 is no bound.
	WriteTimeout time.Duration
	// KillGrace is how long after a cancelled statement the driver waits for it to
	// end by itself before it asks the server to kill it, over a connection of its
	// own. Default 2 s; negative ("never" in a DSN) never kills.
	KillGrace time.Duration

	// Compression of what is sent and received: permessage-deflate on WebSocket,
	// gzip on REST. Default off.
	Compression bool
	// MaxMessageBytes refuses larger messages from the server before they are
	// read. Default 256 MiB.
	MaxMessageBytes int64

	// TLS turns on wss and https.
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

	// App is shown in the server's list of connections, cut to 23 bytes there.
	// Default the program's name.
	App string
	// BIMode asks for the server's mode for BI tools (conn_mode=1, not over REST).
	BIMode bool

	// LibraryPath is where libtaos is, for Native: a file, or a folder with the
	// file in it. Empty leaves the search to the system's loader.
	LibraryPath string
	// ConfigDir is the folder of taos.cfg for libtaos, which reads it once a process
	// and, if no Hosts are given, takes the server from it. Empty for libtaos's own.
	ConfigDir string

	// Dial opens network connections in place of net.Dialer, but for those of Native.
	// Not part of a DSN.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Logger receives connects, failovers, cancels and kills with the attributes
	// engine, host, conn, request_id. nil is silence. Not part of a DSN.
	Logger *slog.Logger
}
