package dwstest

import (
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"math"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/upstream"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/gaussauth"
)

// Option changes how a [Server] or a [Cluster] is set up.
type Option func(*options)

type options struct {
	users       map[string]string
	user        string // the account that DSN names
	storage     Storage
	iterations  int
	auth        Auth
	attempts    int
	databases   []string
	postgres    string
	upstream    *upstream.Config // of postgres
	tls         *tls.Config
	wantTLS     bool
	requireTLS  bool
	clientCert  bool
	version     string
	maintenance bool
	retries     int
	address     string
	log         *slog.Logger
}

// Storage is how passwords are stored: the values of GaussDB's
// password_encryption_type.
type Storage int

// The ways to store passwords.
const (
	StoreMD5    Storage = 0 // for MD5 only
	StoreBoth   Storage = 1 // clients that announce 3.0 are asked by MD5, others by SHA256
	StoreSHA256 Storage = 2 // for SHA256 only
)

// Auth is a method by which the server asks for the password.
type Auth string

// The methods that [WithAuth] takes.
const (
	AuthMD5       Auth = "md5"        // code 5
	AuthSHA256    Auth = "sha256"     // code 10
	AuthSHA256MD5 Auth = "sha256-md5" // code 10 over a password stored for MD5
	AuthMD5SHA256 Auth = "md5-sha256" // code 11
	AuthSM3       Auth = "sm3"        // code 13; no login succeeds
	AuthIAM       Auth = "iam"        // code 14; no login succeeds
	AuthUnknown   Auth = "unknown"    // code 99; no login succeeds
	AuthCleartext Auth = "cleartext"  // code 3
	AuthTrust     Auth = "trust"      // no password at all
)

const (
	defaultUser     = "dbadmin"
	defaultPassword = "Gauss@123"
	defaultVersion  = "8.2.1"
	// kernelVersion is what the server reports as its version at login.
	kernelVersion = "9.2.4"
)

func newOptions(opts []Option) (*options, error) {
	o := &options{
		users: map[string]string{defaultUser: defaultPassword}, user: defaultUser, storage: StoreSHA256, iterations: 10_000, attempts: 10,
		databases: []string{"gaussdb", "postgres"}, version: defaultVersion, retries: 6,
		log: slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.Level(math.MaxInt)})),
	}
	for _, opt := range opts {
		opt(o)
	}
	if o.iterations < 1 || o.iterations > gaussauth.MaxIterations {
		return nil, fmt.Errorf("%d iterations", o.iterations)
	}
	if o.postgres != "" {
		c, err := upstream.Parse(o.postgres)
		if err != nil {
			return nil, err
		}
		o.upstream = &c
	}
	return o, nil
}

// WithUser adds an account, or gives dbadmin another password than Gauss@123. The
// last one given is the one that [Server.DSN] uses.
func WithUser(user, password string) Option {
	return func(o *options) { o.users[user], o.user = password, user }
}

// WithStorage sets how passwords are stored, [StoreSHA256] by default as on DWS.
func WithStorage(s Storage) Option { return func(o *options) { o.storage = s } }

// WithIterations sets the iterations of SHA256, 10,000 by default. Clients that
// announce less than 3.51 are not told them and take 2048.
func WithIterations(n int) Option { return func(o *options) { o.iterations = n } }

// WithAuth makes the server ask by this method whatever the passwords are stored for.
func WithAuth(a Auth) Option { return func(o *options) { o.auth = a } }

// WithLoginAttempts sets the number of wrong passwords in a row that lock an
// account: failed_login_attempts, 10 by default. 0 means no number.
func WithLoginAttempts(n int) Option { return func(o *options) { o.attempts = n } }

// WithDatabase adds a database to gaussdb and postgres and makes it the one that
// [Server.DSN] names. All databases of the embedded store have the same tables; of a
// PostgreSQL it must exist.
func WithDatabase(name string) Option {
	return func(o *options) { o.databases = append([]string{name}, o.databases...) }
}

// WithPostgres puts the server in front of a PostgreSQL, version 12 or later, given as
// postgres://user:password@host:port/database. Every session there is of that user,
// whoever has logged in here, and of the database that the client names. TLS is not
// spoken to it, and sslmode must be left out or be disable.
func WithPostgres(dsn string) Option { return func(o *options) { o.postgres = dsn } }

// WithTLS makes the server offer TLS. A nil config means a certificate made for the
// occasion, valid for 127.0.0.1, ::1 and localhost, that [Server.CertPool] trusts.
func WithTLS(config *tls.Config) Option {
	return func(o *options) { o.tls, o.wantTLS = config, true }
}

// WithTLSOnly is [WithTLS] of nil, and refuses logins without.
func WithTLSOnly() Option { return func(o *options) { o.wantTLS, o.requireTLS = true, true } }

// WithClientCertificate is [WithTLSOnly] and refuses clients that do not show the
// certificate of [Server.ClientCertificate].
func WithClientCertificate() Option {
	return func(o *options) { o.wantTLS, o.requireTLS, o.clientCert = true, true, true }
}

// WithVersion sets the version of DWS that version() tells, 8.2.1 by default.
// Nothing else depends on it.
func WithVersion(version string) Option { return func(o *options) { o.version = version } }

// WithMaintenanceMode takes PREPARE TRANSACTION, COMMIT PREPARED and ROLLBACK
// PREPARED, as coordinators do whose xc_maintenance_mode is on.
func WithMaintenanceMode() Option { return func(o *options) { o.maintenance = true } }

// WithQueryRetries sets max_query_retry_times, 6 by default: how often the
// coordinator runs a statement again that [NodeFailure] met and that may be run
// again. 0 switches CN Retry off.
func WithQueryRetries(n int) Option { return func(o *options) { o.retries = n } }

// WithAddress listens there, "127.0.0.1:8000", and not on a free port. Of a cluster it
// is the first server's.
func WithAddress(addr string) Option { return func(o *options) { o.address = addr } }

// WithLogger logs connections and requests at debug level. There is no output
// without it.
func WithLogger(log *slog.Logger) Option { return func(o *options) { o.log = log } }

// fullVersion is what version() returns.
func (o *options) fullVersion() string {
	return "PostgreSQL " + kernelVersion + " gsql ((GaussDB " + o.version +
		" build 39137c2d) compiled at 2022-09-23 19:01:03 commit 3629 last mr 5138 release) on x86_64-unknown-linux-gnu, compiled by g++ (GCC) 5.4.0, 64-bit"
}
