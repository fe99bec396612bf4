package dwstest

import (
	"strings"
	"sync"
	"time"
)

// Statement is one statement that a coordinator has run, or one text of several.
type Statement struct {
	// SQL is the text as the client sent it.
	SQL string
	// Action is "query"; "copy" for COPY.
	Action string
	// Extended is true for the protocol with parameters, false for the simple one.
	Extended bool
	User     string
	Database string
	// Conn is the number of the connection it came on, counted from 1 over all
	// servers of a cluster.
	Conn int
	// Server is the number of the server it came to, from 0.
	Server int
	// Rows is the number of rows that the last command of the text tells, State the
	// SQLSTATE of its error or "". Both are set when the statement has ended.
	Rows  int64
	State string
	// Retried is how often the coordinator ran it again by itself (CN Retry).
	Retried int
	// Began is when the statement was run, Took how long; 0 while it runs.
	Began time.Time
	Took  time.Duration
}

// maxStatements is how many statements are remembered.
const maxStatements = 10000

// record is what has happened on the servers of a cluster.
type record struct {
	mu         sync.Mutex
	statements []*Statement
	opened     int // connections, ever
	servers    map[int]*tally
}

// tally counts what came to a server.
type tally struct{ open, opened, logins, cancels int }

func (r *record) count(server int, f func(*tally)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.servers == nil {
		r.servers = map[int]*tally{}
	}
	if r.servers[server] == nil {
		r.servers[server] = &tally{}
	}
	f(r.servers[server])
}

func (r *record) get(server int) (t tally) {
	r.count(server, func(now *tally) { t = *now })
	return t
}

// connect counts a connection that opens and returns its number.
func (r *record) connect(server int) int {
	n := 0
	r.count(server, func(t *tally) {
		t.open++
		t.opened++
		r.opened++
		n = r.opened
	})
	return n
}

func (r *record) disconnect(server int) { r.count(server, func(t *tally) { t.open-- }) }

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

// ended notes the end of statements.
func (r *record) ended(list ...*Statement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range list {
		if s.Took == 0 {
			s.Took = max(time.Since(s.Began), 1)
		}
	}
}

func (r *record) note(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
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

// Statements returns what this server has run so far, in order; of more than 10,000
// the latest. What was refused or only prepared is not among them.
func (s *Server) Statements() []Statement { return s.cluster.record.list(s.index, "") }

// Statements is [Server.Statements] over all servers.
func (c *Cluster) Statements() []Statement { return c.record.list(-1, "") }

// Executed returns how many statements with this text in them, letter case ignored,
// this server has run. It is what proves that nothing ran twice.
func (s *Server) Executed(part string) int { return len(s.cluster.record.list(s.index, part)) }

// Executed is [Server.Executed] over all servers.
func (c *Cluster) Executed(part string) int { return len(c.record.list(-1, part)) }

// ForgetStatements empties the list behind Statements and Executed, of all servers
// of the cluster.
func (s *Server) ForgetStatements() { s.cluster.ForgetStatements() }

// ForgetStatements empties the list behind Statements and Executed.
func (c *Cluster) ForgetStatements() {
	c.record.mu.Lock()
	defer c.record.mu.Unlock()
	c.record.statements = nil
}

// Connections returns the number of connections that are open.
func (s *Server) Connections() int { return s.cluster.record.get(s.index).open }

// Opened returns the number of connections opened so far, those that only brought a
// request to cancel among them.
func (s *Server) Opened() int { return s.cluster.record.get(s.index).opened }

// Logins returns how many clients have asked to log in so far, refused ones included.
func (s *Server) Logins() int { return s.cluster.record.get(s.index).logins }

// Cancels returns how many requests to cancel have come, right or wrong.
func (s *Server) Cancels() int { return s.cluster.record.get(s.index).cancels }

func containsFold(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}
