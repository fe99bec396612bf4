package siritest

import (
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/internal/lifecycle"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/store"
)

// session is who has logged in on a connection, and where.
type session struct {
	mu       sync.Mutex
	database *store.Database
	user     *store.User
}

func (s *session) get() (*store.Database, *store.User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.database, s.user
}

// exchange describes a request to the rules for faults.
func (c *conn) exchange(action, sql string) *exchange {
	x := &exchange{ctx: c.life.Context, action: action, sql: sql, conn: c, server: c.life.srv}
	c.life.srv.cluster.rules.arm(x)
	return x
}

// maxNames is how many series of an insert are remembered.
const maxNames = 100

// request is what a package asks for.
type request struct {
	action    string
	sql       string
	precision int
	silent    bool // it is none that is ever answered
}

func newRequest(h wire.Header, data []byte) request {
	switch h.Type {
	case wire.Query:
		text, precision, err := wire.ParseQuery(data)
		if len(data) > wire.MaxQuery {
			err = nil
		}
		return request{"query", text, precision, err != nil}
	case wire.Insert:
		return request{action: "insert", sql: strings.Join(store.Names(data, maxNames), ",")}
	case wire.Auth:
		_, _, _, err := wire.ParseAuth(data)
		return request{action: "auth", silent: err != nil}
	case wire.Ping:
		return request{action: "ping"}
	case wire.Service:
		return request{action: "service"}
	case fileServers, fileUsers, fileGroups, fileDatabase:
		return request{action: "file"}
	}
	return request{action: "unknown", silent: true}
}

// The requests by which servers ask each other for files.
const (
	fileServers  wire.Type = 7
	fileUsers    wire.Type = 8
	fileGroups   wire.Type = 9
	fileDatabase wire.Type = 10
)

// serve answers a request, at once if nothing keeps it waiting.
func (c *conn) serve(h wire.Header, data []byte) {
	r := newRequest(h, data)
	x := c.exchange(r.action, r.sql)
	c.life.srv.cluster.options.log.Debug("request", "server", c.life.srv.index, "conn", c.number, "pid", h.PID, "action", r.action)
	waits := len(x.faults) > 0 || (r.action == "query" || r.action == "insert") && c.life.srv.cluster.hung(c.life.srv.index) != ""
	if !waits {
		c.answer(x, h, r, data)
		return
	}
	c.work.Add(1)
	go func() {
		defer c.work.Done()
		c.answer(x, h, r, data)
	}()
}

func (c *conn) answer(x *exchange, h wire.Header, r request, data []byte) {
	var reply store.Reply
	switch err := x.meet(); {
	case err == nil:
		if r.silent {
			return
		}
		reply, err = c.carryOut(h, r, data)
		var crash *store.Crash
		if errors.As(err, &crash) {
			c.life.srv.crash(crash.Why)
			return
		}
	case err == errHangUp:
		c.HangUp()
		return
	case err == errSilent:
		return
	default:
		var refusal *refusalError
		if !errors.As(err, &refusal) {
			return
		}
		reply = refusal.reply
	}
	pkg := append(wire.Begin(nil), reply.Data...)
	wire.Seal(pkg, h.PID, reply.Type)
	m := message{data: pkg}
	x.spoil(&m)
	c.send(m)
}

// carryOut does what a request asks for. The error is a *store.Crash.
func (c *conn) carryOut(h wire.Header, r request, data []byte) (store.Reply, error) {
	s := c.life.srv
	if reply, closing := s.refusal(c); closing {
		return reply, nil
	}
	switch r.action {
	case "ping":
		return store.Reply{Type: wire.Ack}, nil
	case "service":
		return s.cluster.store.Service(data), nil
	case "auth":
		return store.Reply{Type: c.login(data)}, nil
	}
	database, user := c.session.get()
	if database == nil {
		return store.Reply{Type: wire.ErrNotAuthentic}, nil
	}
	if r.action == "query" && len(data) > wire.MaxQuery {
		return (&store.Error{Type: wire.ErrQuery, Text: "Query too long."}).Reply(), nil
	}
	if name := s.cluster.hung(s.index); name != "" && forwarded(r) {
		lifecycle.Pause(c.life.Context, s.cluster.options.poolTimeout)
		if s.cluster.hung(s.index) != "" {
			return hungReply(r, name), nil
		}
	}
	in := store.Request{
		Database: database, User: user, Cluster: fellows{s.cluster}, Self: s.index, Now: time.Now(), GroupDelay: s.cluster.options.groupDelay,
	}
	if r.action == "file" {
		return store.ReadFile(in, store.File(h.Type)), nil
	}
	st := s.cluster.record.began(Statement{
		SQL: r.sql, Action: r.action, User: database.UserName(user), Database: database.Name, Conn: c.number, Server: s.index,
	})
	var reply store.Reply
	var err error
	if r.action == "insert" {
		reply, err = store.Insert(in, data)
	} else {
		reply = store.Query(in, r.sql, r.precision)
	}
	s.cluster.record.ended(st, reply)
	return reply, err
}

// login changes the session if the login is right, and leaves it alone if not.
func (c *conn) login(data []byte) wire.Type {
	user, password, name, err := wire.ParseAuth(data)
	if err != nil {
		return wire.ErrCredentials
	}
	database, u, t := c.life.srv.cluster.store.Auth(user, password, name)
	if t == wire.AuthOK {
		c.session.mu.Lock()
		c.session.database, c.session.user = database, u
		c.session.mu.Unlock()
	}
	return t
}

// refusal is what a server says to everything while it shuts down.
func (s *Server) refusal(c *conn) (store.Reply, bool) {
	if !c.life.closing.Load() {
		return store.Reply{}, false
	}
	if database, _ := c.session.get(); database == nil {
		return (&store.Error{Type: wire.ErrServer, Text: "Not accepting the request because the sever is not running"}).Reply(), true
	}
	return store.Refusal(s.node()).Reply(), true
}

// forwarded reports whether a request goes to all pools.
func forwarded(r request) bool {
	word := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(r.sql), "timeit"))
	for _, local := range []string{"show", "help", "?", "now"} {
		if strings.HasPrefix(word, local) {
			return r.action == "insert"
		}
	}
	return r.action == "insert" || word != "" && word[0] >= 'a' && word[0] <= 'z'
}

// hungReply is what a server says that has waited too long for another.
func hungReply(r request, name string) store.Reply {
	if r.action == "insert" {
		return (&store.Error{Type: wire.ErrInsert, Text: "Error occurred while sending points to at least '" + name + "'"}).Reply()
	}
	return (&store.Error{Type: wire.ErrQuery, Text: "Error occurred while sending request to at least '" + name + "'"}).Reply()
}
