package siritest

import (
	"fmt"
	"io"
	"log/slog"
	"math"
	"time"

	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/store"
)

// Option changes how a [Server] or a [Cluster] is set up.
type Option func(*options)

type options struct {
	databases   []database
	user        string // the account that DSN names
	password    string
	version     string
	pools       []int // servers in each
	address     string
	socket      string
	groupDelay  time.Duration
	poolTimeout time.Duration
	log         *slog.Logger
}

type database struct{ name, precision string }

func newOptions(opts []Option) *options {
	o := &options{
		user: "iris", password: "siri", version: "2.0.55", poolTimeout: 30 * time.Second,
		log: slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.Level(math.MaxInt)})),
	}
	for _, opt := range opts {
		opt(o)
	}
	if o.databases == nil {
		o.databases = []database{{"dbtest", "ms"}}
	}
	return o
}

// store makes what the servers share.
func (o *options) store() (*store.Store, error) {
	s := store.New(o.version)
	for _, d := range o.databases {
		p, err := store.ParsePrecision(d.precision)
		if err != nil {
			return nil, err
		}
		if err := s.Create(d.name, p); err != nil {
			return nil, fmt.Errorf("database %q: %w", d.name, err)
		}
	}
	s.SetUser(o.user, o.password)
	return s, nil
}

// WithDatabase makes a database whose times are in "s", "ms", "us" or "ns". The
// first one takes the place of dbtest and is the one that [Server.DSN] names by
// default. Names are of 2 to 20 letters, digits, - and _.
func WithDatabase(name, precision string) Option {
	return func(o *options) { o.databases = append(o.databases, database{name, precision}) }
}

// WithUser adds a user with all rights to every database, or gives iris another
// password than siri. The last one given is the one that [Server.DSN] uses.
func WithUser(user, password string) Option {
	return func(o *options) { o.user, o.password = user, password }
}

// WithVersion sets the version that the servers report, 2.0.55 by default.
// Nothing else depends on it.
func WithVersion(version string) Option { return func(o *options) { o.version = version } }

// WithPools puts the servers of a cluster into pools: so many into the first, so
// many into the second. By default all are in one. The sum must be the number of
// servers.
func WithPools(sizes ...int) Option { return func(o *options) { o.pools = sizes } }

// WithAddress makes a server listen on a host and port that are given, in the place
// of any free port of 127.0.0.1. Of a cluster the first server does.
func WithAddress(address string) Option { return func(o *options) { o.address = address } }

// WithUnixSocket makes a server listen on a Unix socket as well. Of a cluster the
// first server does.
func WithUnixSocket(path string) Option { return func(o *options) { o.socket = path } }

// WithGroupDelay keeps new groups empty for a time, as the real server does for
// up to 2 s. By default they are filled at once.
func WithGroupDelay(d time.Duration) Option { return func(o *options) { o.groupDelay = d } }

// WithPoolTimeout sets how long a server waits for a pool that hangs, see
// [Server.Pause], before a request fails, 30 s by default.
func WithPoolTimeout(d time.Duration) Option { return func(o *options) { o.poolTimeout = d } }

// WithLogger logs connections and requests at debug level. There is no output
// without it.
func WithLogger(log *slog.Logger) Option { return func(o *options) { o.log = log } }
