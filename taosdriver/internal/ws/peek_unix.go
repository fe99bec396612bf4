//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package ws

import (
	"errors"
	"syscall"
)

// ended reports whether the other side has ended the connection, also if the
// reader has had no time yet to notice. It looks and takes nothing.
func (c *netConn) ended() bool {
	if c.raw == nil {
		return false
	}
	ended := false
	err := c.raw.Control(func(fd uintptr) {
		var b [1]byte
		for {
			n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
			if errors.Is(err, syscall.EINTR) {
				continue
			}
			ended = err == nil && n == 0 || err != nil && !errors.Is(err, syscall.EAGAIN)
			return
		}
	})
	return ended || err != nil
}
