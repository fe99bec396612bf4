package taostest

import (
	"context"
	"database/sql"
	"strings"
	"sync"
	"time"
)

// session is one TDengine session: of a WebSocket after its login, or of one
// REST request. Its database and time zone are shared by all requests that are
// under way in it, as on the real server.
//
// Every statement borrows a connection of the database for itself, so that
// statements of one session run side by side and several results can be open;
// the session's state is put on the connection first and taken off it after.
type session struct {
	srv    *Server
	ctx    context.Context // ends with the server
	user   string
	number int // of the connection

	mu   sync.Mutex
	db   string
	zone *time.Location
	app  string
	ip   string
}

// lease is a connection borrowed for one statement.
type lease struct {
	*sql.Conn
	by       *session
	db       string // the connection's database when it was handed out
	dropped  bool   // there should have been one
	stateful bool
}

func (s *session) state() (db string, zone *time.Location) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.db, s.zone
}

// client returns what the client said about itself.
func (s *session) client() (app, ip string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.app, s.ip
}

func (s *session) setDatabase(db string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.db = db
}

func (s *session) setZone(zone *time.Location) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zone = zone
}

// borrow takes a connection in the session's state.
func (s *session) borrow(ctx context.Context) (*lease, error) {
	db, _ := s.state()
	return s.borrowIn(ctx, db)
}

// borrowIn is borrow in another database than the session's. One that has been
// dropped is no error: a session keeps its name, and what needs it fails.
func (s *session) borrowIn(ctx context.Context, db string) (*lease, error) {
	conn, err := s.srv.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	_, zone := s.state()
	l := &lease{Conn: conn, by: s}
	err = conn.Raw(func(c any) error {
		if c, ok := c.(stateful); ok {
			l.stateful = true
			c.SetTimezone(zone)
		}
		return nil
	})
	if err == nil && l.stateful && db != "" {
		_, err = conn.ExecContext(ctx, "USE "+backquote(db))
		if code, _ := codeOf(err); code == errNoDatabase.code {
			l.dropped, err = true, nil
		} else {
			l.db = db
		}
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return l, nil
}

// explain returns what an error of a statement is to the client, who has a
// database even if it was dropped.
func (l *lease) explain(err error) error {
	if code, text := codeOf(err); l.dropped && (code == 0x2616 || text == "db is not specified") {
		return errNoDatabase
	}
	return err
}

// giveBack returns the connection and notes what the statement did to the
// session's database. Dropping it leaves the session its name.
func (l *lease) giveBack() {
	if l.stateful {
		now := l.db
		// A connection that is broken has changed nothing.
		_ = l.Raw(func(c any) error {
			now = c.(stateful).CurrentDatabase()
			return nil
		})
		if now != l.db && now != "" {
			l.by.setDatabase(now)
		}
	}
	_ = l.Close()
}

// statement is one run of a statement.
type statement struct {
	sql    string
	args   []any
	reqID  uint64
	action string
	// db is the database to run in when own is set, otherwise the session's.
	db  string
	own bool
	// rows makes it an INSERT that runs for each of them.
	rows []row
	// kill has it killed as it runs.
	kill bool
}

// outcome is what a statement that was run answers: rows or a count.
type outcome struct {
	result   *result // nil for a statement that returns no rows
	affected int64
}

// run gives a statement to the database, or answers it itself where the server
// and not the database knows the answer.
func (s *session) run(st statement) (outcome, error) {
	switch text := strings.TrimSpace(st.sql); {
	case text == "":
		return outcome{}, errEmptySQL
	case len(st.sql) > maxSQL:
		return outcome{}, errLongSQL
	}
	if out, own, err := s.answer(st); own {
		return out, err
	}
	q := s.begin(st.reqID, st.sql)
	if st.kill {
		defer time.AfterFunc(time.Millisecond, q.kill).Stop()
	}
	db, _ := s.state()
	if st.own {
		db = st.db
	}
	entry := s.srv.record.began(Statement{
		SQL: st.sql, ReqID: st.reqID, Action: st.action, User: s.user, Database: db, Conn: s.number,
	})
	out, err := s.execute(q, st, db)
	if st.kill {
		q.kill()
	}
	if q.killed() {
		err = errKilled
		if out.result != nil {
			out.result.free()
		}
	}
	code, _ := codeOf(err)
	s.srv.record.ended(entry, out.affected, code)
	if err != nil || out.result == nil {
		q.end()
	}
	return out, err
}

// execute runs a registered statement on a borrowed connection. The connection
// stays with the result if there is one.
func (s *session) execute(q *query, st statement, db string) (outcome, error) {
	l, err := s.borrowIn(q.ctx, db)
	if err != nil {
		return outcome{}, err
	}
	if st.rows != nil {
		defer l.giveBack()
		n, err := l.insert(q.ctx, st.sql, st.rows)
		return outcome{affected: n}, l.explain(err)
	}
	if !returnsRows(st.sql) {
		defer l.giveBack()
		res, err := l.ExecContext(q.ctx, st.sql, st.args...)
		if err != nil {
			return outcome{}, l.explain(err)
		}
		return outcome{affected: count(res)}, nil
	}
	rows, err := l.QueryContext(q.ctx, st.sql, st.args...)
	if err != nil {
		l.giveBack()
		return outcome{}, l.explain(err)
	}
	src, err := newRowsSource(rows)
	if err != nil {
		_ = rows.Close()
		l.giveBack()
		return outcome{}, err
	}
	return outcome{result: newResult(q, src, l.giveBack)}, nil
}

// validate reports what is wrong with a statement without running it, as far as
// the database can tell: a query is begun, which changes nothing, any other is
// prepared.
func (s *session) validate(text string) error {
	if strings.TrimSpace(text) == "" {
		return errEmptySQL
	}
	l, err := s.borrow(s.ctx)
	if err != nil {
		return err
	}
	defer l.giveBack()
	if returnsRows(text) {
		rows, err := l.QueryContext(s.ctx, text)
		if err != nil {
			return err
		}
		return rows.Close()
	}
	st, err := l.PrepareContext(s.ctx, text)
	if err != nil {
		return err
	}
	return st.Close()
}

// checkDatabase reports whether a database can be used.
func (s *session) checkDatabase(db string) error {
	l, err := s.borrowIn(s.ctx, db)
	if err != nil {
		return err
	}
	defer l.giveBack()
	if l.dropped {
		return errNoDatabase
	}
	return nil
}
