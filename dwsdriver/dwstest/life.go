package dwstest

import (
	"net"
	"sync"

	"github.com/gaugesql/gaugesql/internal/lifecycle"
)

// life is what a server is between a start and a stop.
type life struct {
	*lifecycle.Connections[*conn]
	srv *Server

	mu       sync.Mutex
	sessions map[uint32]*conn // those logged in, by what stands for the backend's process
}

func newLife(s *Server, ln net.Listener) *life {
	l := &life{srv: s, sessions: map[uint32]*conn{}}
	l.Connections = lifecycle.NewConnections[*conn](l.adopt, ln)
	return l
}

// adopt takes in a connection; it refuses when the life is over.
func (l *life) adopt(nc net.Conn) bool {
	c := newConn(l, nc)
	record, index := &l.srv.cluster.record, l.srv.index
	return l.Adopt(c, func() {
		c.number = record.connect(index)
		c.pid = uint32(index+1)<<20 | uint32(c.number)&0xfffff
	}, func() {
		c.run()
		l.mu.Lock()
		delete(l.sessions, c.pid)
		l.mu.Unlock()
		l.Forget(c)
		record.disconnect(index)
	})
}

// loggedIn makes a connection that has logged in one that can be cancelled.
func (l *life) loggedIn(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sessions[c.pid] = c
}

// session finds who is to be cancelled.
func (l *life) session(pid, secret uint32) *conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.sessions[pid]; c != nil && c.secret == secret {
		return c
	}
	return nil
}
