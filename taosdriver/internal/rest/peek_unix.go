//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package rest

import (
	"errors"
	"syscall"
)

// quiet reports whether an idle connection is still open and nothing has arrived
// on it, also if net/http's reader has had no time yet to notice. It looks and
// takes nothing.
func quiet(raw syscall.RawConn) bool {
	silent := false
	err := raw.Control(func(fd uintptr) {
		var b [1]byte
		for {
			_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
			if errors.Is(err, syscall.EINTR) {
				continue
			}
			silent = errors.Is(err, syscall.EAGAIN)
			return
		}
	})
	return silent && err == nil
}
