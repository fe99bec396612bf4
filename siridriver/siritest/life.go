package siritest

import (
	"net"
	"sync/atomic"

	"github.com/gaugesql/gaugesql/internal/lifecycle"
)

// life is what a server is between a start and a stop.
type life struct {
	*lifecycle.Connections[*conn]
	srv     *Server
	closing atomic.Bool // on its way down
}

func newLife(s *Server, listeners []net.Listener) *life {
	l := &life{srv: s}
	l.Connections = lifecycle.NewConnections[*conn](l.adopt, listeners...)
	return l
}

// adopt takes in a connection; it refuses when the life is over.
func (l *life) adopt(nc net.Conn) bool {
	c := newConn(l, nc)
	record, index := &l.srv.cluster.record, l.srv.index
	return l.Adopt(c, func() { c.number = record.connect(index) }, func() {
		c.read()
		c.HangUp()
		c.work.Wait()
		l.Forget(c)
		record.disconnect(index)
	}, c.write)
}
