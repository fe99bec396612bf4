package iotdbtest

import (
	"net"

	"github.com/gaugesql/gaugesql/internal/lifecycle"
)

// life is what a server is between a start and a stop.
type life struct {
	*lifecycle.Connections[*conn]
	srv *Server
}

func newLife(s *Server, ln net.Listener) *life {
	l := &life{srv: s}
	l.Connections = lifecycle.NewConnections[*conn](l.adopt, ln)
	return l
}

// adopt takes in a connection; it refuses when the life is over.
func (l *life) adopt(nc net.Conn) bool {
	c := newConn(l, nc)
	return l.Adopt(c, func() { c.number = l.srv.record.connect() }, func() {
		c.read()
		c.HangUp()
		close(c.frames)
		l.Forget(c)
		l.srv.record.disconnect()
	}, c.serve) // which ends after what has been read last
}
