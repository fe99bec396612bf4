//go:build unix

package dws

import (
	"syscall"
	"time"
)

// cpu returns the processor time that this process has used, system and user.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
