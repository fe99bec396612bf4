//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package cluster

import (
	"net"
	"syscall"
)

// ended reports whether the peer has closed or reset the connection, without
// taking anything from its reader. It narrows the time in which a request is
// written to a server that has gone to next to nothing.
func ended(conn net.Conn) bool {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	dead := false
	err = raw.Control(func(fd uintptr) {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		switch {
		case err == nil:
			dead = n == 0
		case err != syscall.EAGAIN && err != syscall.EWOULDBLOCK && err != syscall.EINTR:
			dead = true
		}
	})
	return err != nil || dead
}
