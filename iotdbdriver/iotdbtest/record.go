package iotdbtest

import (
	"strings"
	"sync"
	"time"
)

// Statement is one statement, tablet or record that was given to the store.
type Statement struct {
	// SQL is the text of a statement, or the name of the table.
	SQL string
	// Action is "query", "tablet" or "record".
	Action string
	User   string
	// Database is the session's when the statement came.
	Database string
	// Conn is the number of the connection it came on, counted from 1.
	Conn int
	// Rows is the number of rows of a tablet or record. Code is the status, 200 for
	// success. Code is set when the statement has ended.
	Rows int
	Code int
	// Began is when the statement was given to the store, Took how long it had it until
	// the first page of its result was made.
	Began time.Time
	Took  time.Duration
}

// maxStatements is how many statements are remembered.
const maxStatements = 10000

// record is what has happened on a server.
type record struct {
	mu         sync.Mutex
	statements []*Statement
	opened     int // connections, ever
	open       int
	logins     int
}

func (r *record) began(s Statement) *Statement {
	s.Began = time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.statements) == maxStatements {
		r.statements = append(r.statements[:0], r.statements[maxStatements/10:]...)
	}
	r.statements = append(r.statements, &s)
	return &s
}

func (r *record) ended(s *Statement, code int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Took = max(1, time.Since(s.Began))
	s.Code = int(code)
}

// connect counts a connection that opens and returns its number.
func (r *record) connect() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open++
	r.opened++
	return r.opened
}

func (r *record) disconnect() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open--
}

func (r *record) login() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.logins++
}

// Statements returns what was given to the store so far, in order; of more than 10,000
// the latest.
func (s *Server) Statements() []Statement { return s.record.list("") }

func (r *record) list(part string) []Statement {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := []Statement{}
	for _, st := range r.statements {
		if containsFold(st.SQL, part) {
			list = append(list, *st)
		}
	}
	return list
}

// Executed returns how many statements with this text in them, letter case ignored,
// were given to the store. For a tablet it is the table's name. It is what proves that
// nothing was carried out twice.
func (s *Server) Executed(part string) int { return len(s.record.list(part)) }

// ForgetStatements empties the list behind Statements and Executed.
func (s *Server) ForgetStatements() {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	s.record.statements = nil
}

// Connections returns the number of connections that are open.
func (s *Server) Connections() int {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return s.record.open
}

// Opened returns the number of connections opened so far.
func (s *Server) Opened() int {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return s.record.opened
}

// Logins returns the number of logins tried so far, refused ones included.
func (s *Server) Logins() int {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return s.record.logins
}

// OpenResults returns the number of results that clients have not read to the end and
// not closed.
func (s *Server) OpenResults() int {
	n := 0
	if l := s.lives.Current(); l != nil {
		l.Each(func(c *conn) { n += c.session.openResults() })
	}
	return n
}

func containsFold(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}
