//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package peek

import (
	"errors"
	"syscall"
)

func look(fd uintptr) State {
	var b [1]byte
	for {
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		switch {
		case err == nil && n > 0:
			return Readable
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			return Quiet
		default:
			return Ended
		}
	}
}
