package siritest

import (
	"strings"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/store"
)

// Statement is one query or insert that a server gave to the store.
type Statement struct {
	// SQL is the text of a query. Of an insert it is the names of the series, at
	// most 100, with commas between them.
	SQL string
	// Action is "query" or "insert".
	Action string
	User   string
	// Database is the session's.
	Database string
	// Conn is the number of the connection it came on, counted from 1 over all
	// servers of a cluster.
	Conn int
	// Server is the number of the server it came to, from 0.
	Server int
	// Rows is the number of points inserted, or of series or shards dropped, or
	// series tagged. Code is the error's package type (65 to 69) or 0. Both are set
	// when the statement has ended.
	Rows int64
	Code int
	// Began is when the statement was given to the store, Took how long it had it.
	Began time.Time
	Took  time.Duration
}

// maxStatements is how many statements are remembered.
const maxStatements = 10000

// record is what has happened on the servers of a cluster.
type record struct {
	mu         sync.Mutex
	statements []*Statement
	crashes    []crash
	opened     int // connections, ever
	servers    map[int]*tally
}

type crash struct {
	server int
	why    string
}

// tally counts the connections of a server.
type tally struct{ open, opened int }

func (r *record) tally(server int) *tally {
	if r.servers == nil {
		r.servers = map[int]*tally{}
	}
	if r.servers[server] == nil {
		r.servers[server] = &tally{}
	}
	return r.servers[server]
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

func (r *record) ended(s *Statement, reply store.Reply) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Took = time.Since(s.Began)
	if reply.Type >= wire.ErrMessage {
		s.Code = int(reply.Type)
		return
	}
	s.Rows = wire.Affected(wire.Message(reply.Data))
}

func (r *record) crash(server int, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.crashes = append(r.crashes, crash{server, why})
}

// connect counts a connection that opens and returns its number.
func (r *record) connect(server int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.tally(server)
	t.open++
	t.opened++
	r.opened++
	return r.opened
}

func (r *record) disconnect(server int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tally(server).open--
}

// list returns the statements of a server, or of all if it is negative, that have
// the part in them.
func (r *record) list(server int, part string) []Statement {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := []Statement{}
	for _, st := range r.statements {
		if (server < 0 || st.Server == server) && containsFold(st.SQL, part) {
			list = append(list, *st)
		}
	}
	return list
}

// Statements returns what was given to the store through this server so far, in
// order; of more than 10,000 the latest.
func (s *Server) Statements() []Statement { return s.cluster.record.list(s.index, "") }

// Statements returns what was given to the store so far, in order; of more than
// 10,000 the latest.
func (c *Cluster) Statements() []Statement { return c.record.list(-1, "") }

// Executed returns how many statements with this text in them, letter case ignored,
// were given to the store through this server. For an insert it is the name of a
// series. It is what proves that nothing was carried out twice.
func (s *Server) Executed(part string) int { return len(s.cluster.record.list(s.index, part)) }

// Executed is [Server.Executed] over all servers.
func (c *Cluster) Executed(part string) int { return len(c.record.list(-1, part)) }

// ForgetStatements empties the list behind Statements and Executed, of all servers.
func (c *Cluster) ForgetStatements() {
	c.record.mu.Lock()
	defer c.record.mu.Unlock()
	c.record.statements = nil
}

// ForgetStatements empties the list behind [Server.Statements] and
// [Server.Executed], of all servers of the cluster.
func (s *Server) ForgetStatements() { s.cluster.ForgetStatements() }

// Connections returns the number of connections that are open.
func (s *Server) Connections() int {
	r := &s.cluster.record
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tally(s.index).open
}

// Opened returns the number of connections opened so far.
func (s *Server) Opened() int {
	r := &s.cluster.record
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tally(s.index).opened
}

// Crashes returns a line for each request that ends the process of a real server.
// The embedded one drops every connection then and lives on. A driver must never
// be the cause.
func (s *Server) Crashes() []string {
	r := &s.cluster.record
	r.mu.Lock()
	defer r.mu.Unlock()
	var lines []string
	for _, c := range r.crashes {
		if c.server == s.index {
			lines = append(lines, c.why)
		}
	}
	return lines
}

func containsFold(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}
