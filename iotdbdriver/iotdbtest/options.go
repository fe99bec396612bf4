package iotdbtest

import (
	"crypto/tls"
	"database/sql"
	"io"
	"log/slog"
	"math"
)

// Option changes how a [Server] is set up.
type Option func(*options)

type options struct {
	db         *sql.DB
	databases  []string
	users      map[string]string
	user       string // the account that DSN names
	precision  string
	version    string
	compact    bool
	prepared   bool
	wantTLS    bool
	tls        *tls.Config
	clientCert bool
	address    string
	blockRows  int
	beside     *Server
	log        *slog.Logger
}

func newOptions(opts []Option) *options {
	o := &options{
		users: map[string]string{"root": "root"}, user: "root", precision: "ms", version: "2.0.1-beta", blockRows: 1000,
		log: slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.Level(math.MaxInt)})),
	}
	for _, opt := range opts {
		opt(o)
	}
	return o
}

// WithDatabase makes a database of the table model, in the place of a CREATE
// DATABASE. The first one is what [Server.DSN] names by default.
func WithDatabase(name string) Option {
	return func(o *options) { o.databases = append(o.databases, name) }
}

// WithDB puts the server in front of a database: go-sqlmock to script exact answers,
// SQLite, or anything else. The server does not close it. The default is the embedded
// store, which understands IoTDB's SQL.
//
// Statements go to it as they are; those that begin with SELECT, SHOW, DESC, WITH,
// VALUES, PRAGMA or EXPLAIN are queries. Columns get the IoTDB type that their database
// type name stands for, or the one that suits the first value. USE, SHOW VERSION and
// what drivers ask about running queries are answered by the server and never reach
// the database. Tablets become one INSERT a row, with ? as placeholders.
func WithDB(db *sql.DB) Option { return func(o *options) { o.db = db } }

// WithUser adds an account, or gives root another password than root. The last one
// given is the one that [Server.DSN] uses.
func WithUser(user, password string) Option {
	return func(o *options) { o.users[user], o.user = password, user }
}

// WithPrecision sets the unit of timestamps: "ms", the default, "us" or "ns".
func WithPrecision(unit string) Option { return func(o *options) { o.precision = unit } }

// WithVersion sets the version that the server reports, 2.0.1-beta by default.
// Nothing else depends on it.
func WithVersion(version string) Option { return func(o *options) { o.version = version } }

// WithCompression makes the server speak the compact protocol alone, as
// dn_rpc_thrift_compression_enable does; clients call that compression.
func WithCompression() Option { return func(o *options) { o.compact = true } }

// WithPreparedStatements gives the server the calls for prepared statements, which
// real ones have from 2.0.8 on. Without them it has no such method.
func WithPreparedStatements() Option { return func(o *options) { o.prepared = true } }

// WithTLS makes the server speak TLS. A nil config means a certificate made for the
// occasion, valid for 127.0.0.1, ::1 and localhost, that [Server.CertPool] trusts.
func WithTLS(config *tls.Config) Option {
	return func(o *options) { o.tls, o.wantTLS = config, true }
}

// WithClientCertificate is [WithTLS] of nil and refuses clients that do not show the
// certificate of [Server.ClientCertificate].
func WithClientCertificate() Option { return func(o *options) { o.wantTLS, o.clientCert = true, true } }

// WithAddress makes the server listen on a host and port that are given, in the place
// of any free port of 127.0.0.1.
func WithAddress(address string) Option { return func(o *options) { o.address = address } }

// WithBlockRows sets the number of rows in a block, 1000 by default. A page has as
// many blocks as it takes to reach the rows that the client asks for, and one at
// least.
func WithBlockRows(n int) Option { return func(o *options) { o.blockRows = max(1, n) } }

// Beside makes the server another node of the cluster of a server: they share their
// data, accounts and running queries. The options of that server hold for what they
// share.
func Beside(server *Server) Option { return func(o *options) { o.beside = server } }

// WithLogger logs connections and requests at debug level. There is no output without
// it.
func WithLogger(log *slog.Logger) Option { return func(o *options) { o.log = log } }
