// Package store serves sessions of the embedded coordinator from SQLite: it reads
// PostgreSQL's protocol, turns statements into those of SQLite, and answers in
// PostgreSQL's types.
package store

import (
	"bufio"
	"context"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/upstream"
	"github.com/gaugesql/gaugesql/internal/embedded"
)

// Store is a database that sessions share.
type Store struct {
	id string // among those of the process, whose functions are the same
	db *embedded.Database
}

var serial atomic.Int64

// Open makes an empty store.
func Open() (*Store, error) {
	db, err := embedded.Open()
	if err != nil {
		return nil, err
	}
	return &Store{id: strconv.FormatInt(serial.Add(1), 10), db: db}, nil
}

// Close ends the store. Its sessions should have ended.
func (s *Store) Close() error { return s.db.Close() }

// The databases of the store, all the same.
var databases = map[string]bool{"gaussdb": true, "postgres": true}

// Session begins a session, which ends when its connection is closed.
func (st *Store) Session(ctx context.Context, want upstream.Request, others []string) (*upstream.Session, error) {
	known := databases[want.Database]
	for _, name := range others {
		known = known || name == want.Database
	}
	if !known {
		return nil, failf("3D000", "database %q does not exist", want.Database).upstream()
	}
	settings, err := newSettings(want)
	if err != nil {
		return nil, explain(err).upstream()
	}
	front, back := net.Pipe()
	s := &session{
		store: st, want: want, settings: settings, id: strconv.FormatInt(serial.Add(1), 10), started: time.Now(),
		r: bufio.NewReaderSize(back, bufferSize), w: bufio.NewWriterSize(back, bufferSize), pipe: back,
		prepared: map[string]*prepared{}, portals: map[string]*portal{}, cursors: map[string]*cursor{},
	}
	s.ctx, s.end = context.WithCancel(ctx)
	sessions.Store(s.id, s)
	go s.serve()
	out := &upstream.Session{Conn: front, R: bufio.NewReaderSize(front, bufferSize), Cancel: s.cancel}
	for _, name := range reported {
		out.Parameters = append(out.Parameters, upstream.Parameter{Name: report(name), Value: settings.values[name]})
	}
	return out, nil
}

const bufferSize = 32 << 10

// sessions are those of the process, for the functions that SQLite calls.
var sessions sync.Map

// sleep waits as long as the session's statement may.
func sleep(id string, d time.Duration) error {
	v, ok := sessions.Load(id)
	if !ok {
		return failf("57014", "canceling statement due to user request")
	}
	ctx := v.(*session).statement()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return failf("57014", "canceling statement due to user request")
	}
}

var sequences = struct {
	sync.Mutex
	next map[string]int64
}{next: map[string]int64{}}

func nextval(name string) int64 {
	sequences.Lock()
	defer sequences.Unlock()
	sequences.next[name]++
	return sequences.next[name]
}
