package reference

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// session is the server's side of a connection.
type session struct {
	server *Server
	name   string
	net    net.Conn
	ctx    context.Context // ends when the connection is to end
	cancel context.CancelFunc
	ended  chan struct{} // closed when it has

	mu       sync.Mutex
	database string
	sqlite   *sql.Conn    // taken from the pool at the first statement
	busy     sync.RWMutex // held by statements, and by who closes sqlite
}

var (
	errDropped         = errors.New("the server closed the connection")
	errUnknownDatabase = errors.New("unknown database")
)

func (s *session) drop() {
	s.cancel()
	s.net.Close()
}

func (s *session) end() {
	s.drop()
	s.busy.Lock()
	defer s.busy.Unlock()
	s.mu.Lock()
	if s.sqlite != nil {
		s.sqlite.ExecContext(context.Background(), "ROLLBACK") // if there is something
		s.sqlite.Close()
		s.sqlite = nil
	}
	s.mu.Unlock()
	s.server.mu.Lock()
	delete(s.server.sessions, s.name)
	s.server.mu.Unlock()
	close(s.ended)
}

func (s *session) conn(ctx context.Context) (*sql.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return nil, errDropped
	}
	if s.sqlite == nil {
		c, err := s.server.db.Conn(ctx)
		if err != nil {
			return nil, err
		}
		s.sqlite = c
	}
	return s.sqlite, nil
}

// cause replaces an error by that of the connection, once it has ended.
func (s *session) cause(err error) error {
	if s.ctx.Err() != nil {
		return errDropped
	}
	return err
}

// current returns the session's database.
func (s *session) current() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.database
}

func (s *session) use(name string) error {
	if name != "main" && name != "other" {
		return errUnknownDatabase
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.database = name
	return nil
}

// wait lets time pass, or for ever if d is 0.
func (s *session) wait(ctx context.Context, d time.Duration) error {
	var after <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		after = t.C
	}
	select {
	case <-after:
		return ctx.Err() // both may be true on a busy machine
	case <-s.ctx.Done():
		return errDropped
	case <-ctx.Done():
		return ctx.Err()
	}
}

// around carries a statement out with the faults that wait for it.
func (s *session) around(ctx context.Context, text string, id uint64, run func() error) error {
	if s.server.strikes(DropBefore, text) != nil {
		s.drop()
		return errDropped
	}
	s.server.runs(text, 1)
	defer s.server.runs(text, -1)
	err := run()
	s.server.carriedOut(text, id)
	if s.server.strikes(DropAfter, text) != nil {
		s.drop()
		return errDropped
	}
	if s.server.strikes(LoseReply, text) != nil {
		return s.wait(ctx, 0)
	}
	if f := s.server.strikes(Delay, text); f != nil {
		if err := s.wait(ctx, f.delay); err != nil {
			return err
		}
	}
	return err
}

var (
	useStatement   = regexp.MustCompile(`(?i)^\s*USE\s+(\w+)\s*$`)
	showDatabase   = regexp.MustCompile(`(?i)^\s*SELECT\s+DATABASE\(\)\s*$`)
	sleepStatement = regexp.MustCompile(`(?i)^\s*SELECT\s+SLEEP\((\d+)\)\s*$`)
)

// exec carries out a statement without rows.
func (s *session) exec(ctx context.Context, text string, id uint64, args []any) (res sql.Result, err error) {
	err = s.around(ctx, text, id, func() error {
		if m := useStatement.FindStringSubmatch(text); m != nil {
			return s.use(m[1])
		}
		if showDatabase.MatchString(text) {
			return nil
		}
		if m := sleepStatement.FindStringSubmatch(text); m != nil {
			ms, _ := strconv.Atoi(m[1])
			return s.wait(ctx, time.Duration(ms)*time.Millisecond)
		}
		s.busy.RLock()
		defer s.busy.RUnlock()
		c, err := s.conn(ctx)
		if err != nil {
			return err
		}
		if err := s.server.lock(ctx); err != nil {
			return err
		}
		defer s.server.unlock()
		res, err = c.ExecContext(ctx, text, args...)
		return err
	})
	return res, err
}

// query carries out a statement with rows. A statement of the server's own is
// turned into one of SQLite's that has the same row.
func (s *session) query(ctx context.Context, text string, id uint64, args []any) (rows *sql.Rows, err error) {
	err = s.around(ctx, text, id, func() error {
		sqlite := text
		if showDatabase.MatchString(text) {
			sqlite = "SELECT '" + s.current() + "'"
		}
		if m := useStatement.FindStringSubmatch(text); m != nil {
			if err := s.use(m[1]); err != nil {
				return err
			}
			sqlite = "SELECT 1 WHERE 0"
		}
		if m := sleepStatement.FindStringSubmatch(text); m != nil {
			ms, _ := strconv.Atoi(m[1])
			if err := s.wait(ctx, time.Duration(ms)*time.Millisecond); err != nil {
				return err
			}
			sqlite = "SELECT 0"
		}
		s.busy.RLock()
		defer s.busy.RUnlock()
		c, err := s.conn(ctx)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(strings.ToUpper(strings.TrimSpace(sqlite)), "SELECT") {
			if err := s.server.lock(ctx); err != nil {
				return err
			}
			defer s.server.unlock()
		}
		rows, err = c.QueryContext(ctx, sqlite, args...)
		return err
	})
	if err != nil && rows != nil {
		rows.Close()
		rows = nil
	}
	return rows, err
}
