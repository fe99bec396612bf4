package taostest

import (
	"sync"
	"time"
)

// Statement is one statement that the server gave to the database.
type Statement struct {
	// SQL is the text as it came, with question marks where it was prepared.
	SQL string
	// ReqID is the request id that came with it, 0 if none did. REST ids are
	// int64 and are shown as uint64 of the same bits.
	ReqID uint64
	// Action is how it came: "query", "binary_query", "rest", "stmt2_exec",
	// "exec".
	Action string
	User   string
	// Database is the session's database before the statement, "" if none.
	Database string
	// Conn is the number of the connection it came on, counted from 1.
	Conn int
	// Rows is the number of rows affected, Code the error's number or 0. Both
	// are set when the statement has ended.
	Rows int64
	Code int
	// Began is when the statement was given to the database, Took how long it
	// had it. Rows of a query are fetched later and not counted.
	Began time.Time
	Took  time.Duration
}

// maxStatements is how many statements a server remembers.
const maxStatements = 10000

// record is what has happened on a server.
type record struct {
	mu         sync.Mutex
	statements []*Statement
	crashes    []string
	killed     int
	conns      int // open
	opened     int // ever
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

func (r *record) ended(s *Statement, rows int64, code int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Rows, s.Code, s.Took = rows, code, time.Since(s.Began)
}

func (r *record) crash(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.crashes = append(r.crashes, why)
}

func (r *record) kill() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.killed++
}

// connect counts a connection that opens and returns its number.
func (r *record) connect() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conns++
	r.opened++
	return r.opened
}

func (r *record) disconnect() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conns--
}

// Statements returns the statements given to the database so far, in order; of
// more than 10,000 the latest.
func (s *Server) Statements() []Statement {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	list := make([]Statement, len(s.record.statements))
	for i, st := range s.record.statements {
		list[i] = *st
	}
	return list
}

// Executed returns how many statements with this text in them, letter case
// ignored, were given to the database. It is what proves that nothing ran twice.
func (s *Server) Executed(part string) int {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	n := 0
	for _, st := range s.record.statements {
		if containsFold(st.SQL, part) {
			n++
		}
	}
	return n
}

// ForgetStatements empties the list behind [Server.Statements] and
// [Server.Executed].
func (s *Server) ForgetStatements() {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	s.record.statements = nil
}

// Connections returns the number of TCP connections that are open, WebSockets
// and idle HTTP connections alike.
func (s *Server) Connections() int {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return s.record.conns
}

// Opened returns the number of TCP connections opened so far.
func (s *Server) Opened() int {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return s.record.opened
}

// Killed returns the number of queries that KILL QUERY ended.
func (s *Server) Killed() int {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return s.record.killed
}

// Crashes returns a line for each request that ends the process of a real
// server. The embedded one drops every connection then and lives on. A driver
// must never be the cause.
func (s *Server) Crashes() []string {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return append([]string(nil), s.record.crashes...)
}
