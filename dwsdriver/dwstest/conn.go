package dwstest

import (
	"bufio"
	"context"
	"errors"
	"net"
	"sync"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/message"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/upstream"
)

const bufferSize = 32 << 10

// conn is one connection. Its own goroutine reads requests and hands them to the
// session behind it; another brings back what that answers.
type conn struct {
	life           *life
	r              *bufio.Reader
	number         int
	pid, secret    uint32
	user, database string

	writing sync.Mutex // held while w, or nc in the login, is used
	nc      net.Conn
	w       *bufio.Writer

	prepared map[string]string // texts of prepared statements by name
	portals  map[string]string // texts of portals by name

	mu      sync.Mutex
	current *unit // the request that is being read
	session *upstream.Session
	units   []*unit // handed on and not answered, in order
	status  byte    // of the transaction, as ReadyForQuery tells it
	frozen  bool
	gone    bool          // the client is
	waiting chan struct{} // closed when the fault that delays a request is to end
}

func newConn(l *life, nc net.Conn) *conn {
	return &conn{
		life: l, nc: nc, r: bufio.NewReaderSize(nc, bufferSize), w: bufio.NewWriterSize(nc, bufferSize), status: 'I',
		prepared: map[string]string{}, portals: map[string]string{},
	}
}

// exchange describes a request to the rules for faults.
func (c *conn) exchange(u *unit, sql string, names ...string) *exchange {
	x := &exchange{ctx: c.life.Context, names: names, sql: sql, conn: c, server: c.life.srv, unit: u}
	c.life.srv.cluster.rules.arm(x)
	return x
}

// run serves the connection until it ends.
func (c *conn) run() {
	defer c.HangUp()
	if c.exchange(nil, "", "connect").meet() != nil || !c.life.srv.gate.Pass(c.life.Context) {
		return
	}
	s, err := c.login()
	if err != nil {
		c.turnAway(err)
		return
	}
	log := c.life.srv.cluster.options.log
	log.Debug("login", "server", c.life.srv.index, "conn", c.number, "user", c.user, "database", c.database)
	c.mu.Lock()
	c.session = s
	c.mu.Unlock()
	defer s.Conn.Close()
	stop := context.AfterFunc(c.life.Context, func() { c.kill(s) })
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.replies(s)
	}()
	c.requests(s)
	c.leave(s)
	<-done
}

// turnAway tells a client why its login has failed.
func (c *conn) turnAway(err error) {
	var r *refusal
	switch {
	case errors.As(err, &r):
		c.fatal(r.state, r.text)
	case err == errSilent:
		<-c.life.Context.Done()
	}
}

// leave is the end of the client. A statement that runs goes on until it has something
// to say, as in the real server, which then finds that nobody is there.
func (c *conn) leave(s *upstream.Session) {
	c.mu.Lock()
	c.gone = true
	idle := len(c.units) == 0
	c.mu.Unlock()
	if idle {
		_ = s.Conn.Close()
		return
	}
	_, _ = s.Conn.Write(message.Append(nil, 'X'))
}

// kill ends the session behind with the server.
func (c *conn) kill(s *upstream.Session) {
	c.mu.Lock()
	busy := len(c.units) > 0
	c.mu.Unlock()
	if busy {
		s.Cancel()
	}
	_ = s.Conn.Close()
}

// HangUp ends the connection without a word.
func (c *conn) HangUp() {
	_ = c.raw().Close()
}

func (c *conn) raw() net.Conn {
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.nc
}

// fatal sends a FATAL error.
func (c *conn) fatal(state, text string) {
	c.write(message.AppendFields(nil, 'E', errorFields("FATAL", state, text)...), true)
}

// write sends bytes; what cannot be sent is lost, which the reader notices.
func (c *conn) write(data []byte, flush bool) {
	if c.isFrozen() {
		return
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	_, _ = c.w.Write(data)
	if flush {
		_ = c.w.Flush()
	}
}

// freeze makes the connection neither read nor write any more. It stays open.
func (c *conn) freeze() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen = true
}

func (c *conn) isFrozen() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.frozen
}

// wait returns what is closed when the client asks to cancel, until waited is called.
func (c *conn) wait() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = make(chan struct{})
	return c.waiting
}

func (c *conn) waited() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = nil
}

// cancel stops what runs.
func (c *conn) cancel() {
	c.mu.Lock()
	waiting, s := c.waiting, c.session
	c.waiting = nil
	c.mu.Unlock()
	switch {
	case waiting != nil:
		close(waiting)
	case s != nil:
		s.Cancel()
	}
}
