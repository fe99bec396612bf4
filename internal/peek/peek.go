// Package peek looks at a socket without taking anything from it: whether the
// other side has ended the connection, or has sent something, before the
// connection's reader has had the time to notice.
//
// A driver asks before it writes a statement. It narrows the time in which a
// statement goes to a server that has gone to next to nothing, and costs one
// system call and no round trip.
package peek

import (
	"net"
	"syscall"
)

// State is what a look at a socket finds.
type State int

const (
	// Unknown: it cannot be told, here or of this connection.
	Unknown State = iota
	// Quiet: open as far as this side knows, and nothing to read.
	Quiet
	// Readable: there is something to read. An end may follow.
	Readable
	// Ended: the other side has closed or reset the connection, or this side has
	// closed it.
	Ended
)

// Socket is what there is to look at of a connection. The zero value is one that
// cannot be looked at.
type Socket struct {
	raw syscall.RawConn
}

// At returns the socket of a connection. One that is not the system's, such as
// a test's pipe, has none.
func At(conn net.Conn) Socket {
	s, ok := conn.(syscall.Conn)
	if !ok {
		return Socket{}
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return Socket{}
	}
	return Socket{raw}
}

// Look returns the state of the socket. It may be called while others read and
// write.
func (s Socket) Look() State {
	if s.raw == nil {
		return Unknown
	}
	state := Unknown
	if err := s.raw.Control(func(fd uintptr) { state = look(fd) }); err != nil {
		return Ended
	}
	return state
}
