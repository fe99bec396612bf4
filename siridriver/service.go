package siridriver

import (
	"context"
	"fmt"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/siridriver/internal/cluster"
	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// ServiceOpener is the extension of a connection that reaches the service
// accounts of its servers. Where there is no database to connect to yet, use
// [OpenService].
type ServiceOpener interface {
	// OpenService connects to one of the connection's hosts: "host:port", or empty
	// for the first.
	OpenService(ctx context.Context, host, account, password string) (*Service, error)
}

// OpenService implements [ServiceOpener].
func (c *conn) OpenService(ctx context.Context, host, account, password string) (*Service, error) {
	return openService(ctx, c.config, host, account, password)
}

// OpenService connects to one of the hosts of config, "host:port" or empty for
// the first, as a service account, whose default is sa with siri. Of config only
// hosts, timeouts and Dial matter.
func OpenService(ctx context.Context, config *Config, host, account, password string) (*Service, error) {
	config = config.Clone()
	if config.Database == "" {
		config.Database = "any" // a service account belongs to none
	}
	if err := config.check(); err != nil {
		return nil, err
	}
	return openService(ctx, config, host, account, password)
}

func openService(ctx context.Context, config *Config, host, account, password string) (*Service, error) {
	settings, err := config.clusterConfig()
	if err != nil {
		return nil, err
	}
	var chosen *hosts.Host
	_, addr, err := Host{Addr: host}.address()
	if err != nil {
		return nil, configError("host: %v", err)
	}
	for i, h := range settings.Hosts {
		if chosen == nil && (host == "" || h.Addr == addr) {
			chosen = &settings.Hosts[i]
		}
	}
	if chosen == nil {
		return nil, configError("the host is none of those configured")
	}
	s, err := cluster.OpenService(ctx, settings, *chosen)
	if err != nil {
		return nil, err
	}
	return &Service{s: s, account: account, password: password, timeout: config.QueryTimeout}, nil
}

// Service is a connection to one server as a service account, which manages that
// server's databases and accounts. Nothing is ever repeated. Close it after use.
// Errors of the server are of kind [ErrService].
type Service struct {
	s                 *cluster.Service
	account, password string
	timeout           time.Duration
}

// Close ends the connection.
func (s *Service) Close() error {
	s.s.Close()
	return nil
}

// do sends a request whose answer has no data.
func (s *Service) do(ctx context.Context, op string, request wire.ServiceRequest, options qpack.Pairs) error {
	_, err := s.request(ctx, op, request, options, wire.ServiceOK)
	return err
}

func (s *Service) request(ctx context.Context, op string, request wire.ServiceRequest, options qpack.Pairs, want wire.Type) ([]byte, error) {
	id := driver.RequestID(ctx)
	pkg, err := wire.AppendService(wire.Begin(nil), s.account, s.password, request, options)
	if err != nil {
		return nil, refusal(op, id, err)
	}
	reply, err := s.s.Do(ctx, cluster.Request{Op: op, Type: wire.Service, Package: pkg, ID: id, Timeout: s.timeout})
	if err == nil {
		err = cluster.Refused(op, id, reply, want)
	}
	return reply.Data, err
}

// list sends a request whose answer is a list of texts.
func (s *Service) list(ctx context.Context, op string, request wire.ServiceRequest) ([]string, error) {
	data, err := s.request(ctx, op, request, nil, wire.ServiceData)
	if err != nil {
		return nil, err
	}
	d := qpack.NewDecoder(data)
	texts := []string{}
	for array := d.Array(); array.Next(d); {
		texts = append(texts, d.String())
	}
	if err := d.Close(); err != nil {
		return nil, unreadable(op, "", 0, err)
	}
	return texts, nil
}

// Version returns the server's version.
func (s *Service) Version(ctx context.Context) (string, error) {
	list, err := s.list(ctx, "version", wire.GetVersion)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0], nil
}

// Accounts returns the names of the service accounts.
func (s *Service) Accounts(ctx context.Context) ([]string, error) {
	return s.list(ctx, "list accounts", wire.GetAccounts)
}

// Databases returns the names of the server's databases.
func (s *Service) Databases(ctx context.Context) ([]string, error) {
	return s.list(ctx, "list databases", wire.GetDatabases)
}

// NewAccount creates a service account.
func (s *Service) NewAccount(ctx context.Context, account, password string) error {
	return s.do(ctx, "new account", wire.NewAccount, qpack.Pairs{{Key: "account", Value: account}, {Key: "password", Value: password}})
}

// ChangePassword gives a service account another password. If it is the one of s,
// s goes on with the new one.
func (s *Service) ChangePassword(ctx context.Context, account, password string) error {
	err := s.do(ctx, "change password", wire.ChangePassword, qpack.Pairs{{Key: "account", Value: account}, {Key: "password", Value: password}})
	if err == nil && account == s.account {
		s.password = password
	}
	return err
}

// DropAccount drops a service account, but not the one of s.
func (s *Service) DropAccount(ctx context.Context, account string) error {
	return s.do(ctx, "drop account", wire.DropAccount, qpack.Pairs{{Key: "account", Value: account}})
}

// NewDatabase are the properties of a database to be.
type NewDatabase struct {
	// Name: 2 to 20 letters, digits, "-" and "_", a letter first and a letter or
	// digit last.
	Name string
	// Precision of the times, for ever. Default Milliseconds.
	Precision Precision
	// BufferSize in bytes of a series' buffer, a multiple of 512. Default 1024.
	BufferSize int
	// NumberDuration and LogDuration are how long a shard of numbers and of
	// strings is, from 1 to 99 hours, days or weeks: "12h", "1w". Defaults "1w" and
	// "1d".
	//
	// They are always sent: the defaults of the server overflow for databases in
	// us and ns, and such a database ends its server at the first insert.
	NumberDuration, LogDuration string
}

// NewDatabase creates a database, with the user iris whose password is siri.
func (s *Service) NewDatabase(ctx context.Context, db NewDatabase) error {
	const op = "new database"
	if db.Precision == "" {
		db.Precision = Milliseconds
	}
	if db.BufferSize == 0 {
		db.BufferSize = 1024
	}
	if db.NumberDuration == "" {
		db.NumberDuration = "1w"
	}
	if db.LogDuration == "" {
		db.LogDuration = "1d"
	}
	if !db.Precision.known() {
		return wrong(driver.ErrProgramming, op, 0, "unknown precision; want s, ms, us or ns")
	}
	for _, d := range []string{db.NumberDuration, db.LogDuration} {
		if !isDuration(d) {
			return wrong(driver.ErrProgramming, op, 0, fmt.Sprintf("%.20q is no duration; want one such as 12h, 1d or 1w", d))
		}
	}
	return s.do(ctx, op, wire.NewDatabase, qpack.Pairs{
		{Key: "dbname", Value: db.Name},
		{Key: "time_precision", Value: string(db.Precision)},
		{Key: "buffer_size", Value: db.BufferSize},
		{Key: "duration_num", Value: db.NumberDuration},
		{Key: "duration_log", Value: db.LogDuration},
	})
}

// isDuration reports whether s is a number from 1 to 99 and one of h, d, w.
func isDuration(s string) bool {
	if len(s) < 2 || len(s) > 3 || s[0] == '0' {
		return false
	}
	for _, c := range []byte(s[:len(s)-1]) {
		if c < '0' || c > '9' {
			return false
		}
	}
	switch s[len(s)-1] {
	case 'h', 'd', 'w':
		return true
	}
	return false
}

// DropDatabase drops a database on all its servers; ignoreOffline also if some
// are offline. The server answers nobody for about two seconds. Connections to
// the database go on with its ghost until they are closed.
func (s *Service) DropDatabase(ctx context.Context, name string, ignoreOffline bool) error {
	options := qpack.Pairs{{Key: "database", Value: name}}
	if ignoreOffline {
		options = append(options, qpack.Pair{Key: "ignore_offline", Value: true})
	}
	return s.do(ctx, "drop database", wire.DropDatabase, options)
}

// Member is an existing server of a database that another joins.
type Member struct {
	// Database to join.
	Database string
	// Host and Port of one of its servers.
	Host string
	Port int
	// User and Password of a database user with full rights.
	User, Password string
}

func (m Member) options() qpack.Pairs {
	return qpack.Pairs{
		{Key: "dbname", Value: m.Database}, {Key: "host", Value: m.Host}, {Key: "port", Value: m.Port},
		{Key: "username", Value: m.User}, {Key: "password", Value: m.Password},
	}
}

// NewPool makes the server of s a pool of its own of the database, which spreads
// its series anew. The answer comes when it has joined.
func (s *Service) NewPool(ctx context.Context, m Member) error {
	return s.do(ctx, "new pool", wire.NewPool, m.options())
}

// NewReplica makes the server of s the second server of a pool. Do it only while
// no pool is being added.
func (s *Service) NewReplica(ctx context.Context, m Member, pool int) error {
	return s.do(ctx, "new replica", wire.NewReplica, append(m.options(), qpack.Pair{Key: "pool", Value: pool}))
}
