package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/internal/embedded"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// Store is an empty TDengine when new. It is a driver.Connector; its zero value is not usable.
type Store struct {
	// Now is the clock behind NOW and KEEP. It may be replaced before the first connection.
	Now func() time.Time
	// Version is what server_version() answers, "3.3.7.5" unless set before the first connection.
	Version string
	// User is what current_user() answers, "root@localhost" unless set before the first connection.
	User string

	logs   *logs
	topics *Topics

	mu      sync.RWMutex // of catalog
	catalog *catalog.Catalog
	writing chan struct{} // holds one element while somebody writes

	opening sync.Mutex
	db      *embedded.Database // opened by the first connection
	closed  bool
	ctx     context.Context // ends when the store closes
	cancel  context.CancelFunc
}

var (
	_ driver.Connector = (*Store)(nil)
	_ io.Closer        = (*Store)(nil)
)

var errClosed = errors.New("taostest: the embedded store is closed")

// New returns an empty store. Close frees it, and so does sql.DB.Close of the sql.DB it was opened
// with.
func New() *Store {
	s := &Store{
		Now: time.Now, Version: "3.3.7.5", User: "root@localhost",
		catalog: catalog.New(), writing: make(chan struct{}, 1), logs: newLogs(),
	}
	s.topics = newTopics(s)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Connect opens a session without a current database, in UTC.
func (s *Store) Connect(ctx context.Context) (driver.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.opening.Lock()
	defer s.opening.Unlock()
	if s.closed {
		return nil, errClosed
	}
	if s.db == nil {
		db, err := embedded.Open()
		if err != nil {
			return nil, err
		}
		s.db = db
	}
	return &conn{store: s, zone: time.UTC}, nil
}

// Driver is needed by database/sql; it opens nothing.
func (s *Store) Driver() driver.Driver { return noDriver{} }

type noDriver struct{}

func (noDriver) Open(string) (driver.Conn, error) {
	return nil, errors.New("taostest: the embedded store is opened with sql.OpenDB")
}

// Close ends running queries and removes all data. A second Close does nothing.
func (s *Store) Close() error {
	s.cancel()
	s.opening.Lock()
	defer s.opening.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.db == nil {
		return nil
	}
	return s.db.Close()
}

// begin makes the context of one statement: it ends with ctx, with the store, or by end, which must
// be called.
func (s *Store) begin(ctx context.Context) (_ context.Context, end func(), err error) {
	s.opening.Lock()
	defer s.opening.Unlock()
	if s.closed {
		return nil, nil, errClosed
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ctx, cancel)
	return ctx, sync.OnceFunc(func() {
		stop()
		cancel()
	}), nil
}

// lock waits for the right to write.
func (s *Store) lock(ctx context.Context) (unlock func(), err error) {
	select {
	case s.writing <- struct{}{}:
		return func() { <-s.writing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fault gives an error of SQLite or Go a code, so that a client sees what went wrong. Errors of the
// context and of TDengine stay.
func fault(err error) error {
	var known interface{ Code() int }
	switch {
	case err == nil, errors.As(err, &known), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), err == io.EOF:
		return err
	}
	return sqlerr.Newf(sqlerr.Internal, "taostest: %v", err)
}
