package taostest

import (
	"crypto/tls"
	"database/sql"
	"io"
	"log/slog"
	"math"
	"time"
)

// Option changes how a [Server] is set up.
type Option func(*options)

type options struct {
	db         *sql.DB
	users      map[string]string
	user       string // the account DSN names
	token      string
	bearer     string
	totp       string
	tls        *tls.Config
	wantTLS    bool
	clientCert bool
	version    string
	blockRows  int
	ping       time.Duration
	killDelay  time.Duration
	log        *slog.Logger
}

func newOptions(opts []Option) *options {
	o := &options{
		users:     map[string]string{"root": "taosdata"},
		user:      "root",
		version:   "3.3.7.5",
		blockRows: 4096,
		ping:      54 * time.Second,
		log:       slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.Level(math.MaxInt)})),
	}
	for _, opt := range opts {
		opt(o)
	}
	return o
}

// WithDB puts the server in front of a database: go-sqlmock to script exact
// answers, SQLite, or anything else. The server does not close it. The default
// is the embedded store, which understands TDengine's SQL.
//
// Columns get the TDengine type that their database type name stands for, or
// the one that suits the first value. USE, SELECT 1, SELECT SERVER_VERSION() and
// what this module's driver pings with, which drivers send by themselves, are answered by the server and never reach
// the database. Arguments of prepared statements arrive in the order of the
// question marks; those of an INSERT as text, for the database does not tell what
// they are.
func WithDB(db *sql.DB) Option { return func(o *options) { o.db = db } }

// WithUser adds an account, or gives root another password than taosdata. The
// last one given is the one that [Server.DSN] uses.
func WithUser(user, password string) Option {
	return func(o *options) { o.users[user], o.user = password, user }
}

// WithToken puts a gateway like TDengine Cloud's in front: every request needs
// the query parameter token, otherwise it is refused with 401. REST requests
// need no other authorization then.
func WithToken(token string) Option { return func(o *options) { o.token = token } }

// WithBearerToken makes logins by token possible: bearer_token in conn, Bearer
// in the Authorization header. It logs in as the account of [Server.DSN].
// Without this option the server ignores and refuses them like a server before
// version 3.4.
func WithBearerToken(token string) Option { return func(o *options) { o.bearer = token } }

// WithTOTP makes logins over WebSocket need a second factor in totp_code. A
// wrong one is answered like a wrong password.
func WithTOTP(code string) Option { return func(o *options) { o.totp = code } }

// WithTLS makes the server speak TLS. A nil config means a certificate made for
// the occasion, valid for 127.0.0.1, ::1 and localhost, that
// [Server.CertPool] trusts.
func WithTLS(config *tls.Config) Option {
	return func(o *options) { o.tls, o.wantTLS = config, true }
}

// WithClientCertificate is [WithTLS] of nil and refuses clients that do not show
// the certificate of [Server.ClientCertificate].
func WithClientCertificate() Option {
	return func(o *options) { o.wantTLS, o.clientCert = true, true }
}

// WithVersion sets the version that the server reports, 3.3.7.5 by default.
// Nothing else depends on it.
func WithVersion(version string) Option { return func(o *options) { o.version = version } }

// WithBlockRows sets the number of rows in a block, 4096 by default. Fewer give
// results of many blocks without many rows.
func WithBlockRows(n int) Option { return func(o *options) { o.blockRows = max(1, n) } }

// WithPingInterval sets the time between pings, 54 s by default. A client from
// which nothing comes, pongs included, for about twice that time is cut off. 0
// does without.
func WithPingInterval(d time.Duration) Option { return func(o *options) { o.ping = d } }

// WithKillDelay makes running queries visible in performance_schema.perf_queries
// only after a time, as the real server does with its heartbeat of 1.5 s. By
// default they are there at once.
func WithKillDelay(d time.Duration) Option { return func(o *options) { o.killDelay = d } }

// WithLogger logs connections and requests at debug level. There is no output
// without it.
func WithLogger(log *slog.Logger) Option { return func(o *options) { o.log = log } }

// Beside makes the server another taosAdapter of the database behind an embedded
// server: both show the same data and the same topics. The other one is closed
// last.
func Beside(other *Server) Option { return func(o *options) { o.db = other.db } }
