package store

import (
	"slices"
	"sync"

	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// Store is what the servers of a cluster have in common.
type Store struct {
	version string

	mu        sync.Mutex
	databases []*Database
	accounts  []account
}

type account struct{ name, password string }

// New returns a store without a database and with the service account sa.
func New(version string) *Store {
	return &Store{version: version, accounts: []account{{"sa", "siri"}}}
}

// Database returns the database of the name, nil if there is none.
func (s *Store) Database(name string) *Database {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.database(name)
}

func (s *Store) database(name string) *Database {
	for _, d := range s.databases {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// Create makes a database with durations that suit its precision.
func (s *Store) Create(name string, p Precision) *Error {
	week := 7 * 24 * 3600 * p.second()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.create(name, newDatabase(name, p, 1024, week, week/7))
}

func (s *Store) create(name string, d *Database) *Error {
	if !validDatabase.MatchString(name) {
		return fail(wire.ErrService, "invalid database name: '%s'", name)
	}
	if s.database(name) != nil {
		return fail(wire.ErrService, "database name already exists: '%s'", name)
	}
	s.databases = append(s.databases, d)
	return nil
}

// Auth checks a login. On success the type is wire.AuthOK.
func (s *Store) Auth(user, password, database string) (*Database, *User, wire.Type) {
	d := s.Database(database)
	if d == nil {
		return nil, nil, wire.ErrUnknownDatabase
	}
	u := d.Login(user, password)
	if u == nil {
		return nil, nil, wire.ErrCredentials
	}
	return d, u, wire.AuthOK
}

// SetUser makes or changes a user with all rights, in every database.
func (s *Store) SetUser(name, password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.databases {
		d.mu.Lock()
		if u := d.user(name); u != nil {
			u.password, u.rights = password, full
		} else {
			d.users = append(d.users, &User{name, password, full})
		}
		d.mu.Unlock()
	}
}

// drop takes a database off the list. Who is logged in goes on working on it.
func (s *Store) drop(d *Database) {
	s.databases = slices.DeleteFunc(s.databases, func(o *Database) bool { return o == d })
}
