package native

import (
	"fmt"
	"strconv"
)

// Name of the transport in errors.
const Name = "native"

// hint is what to do without libtaos.
const hint = "taos+ws and taos+http need no library"

// version of a client library, its numbers in order.
type version [3]int

var (
	// needLibrary is the oldest library that this package takes: its statements are
	// those of the servers that the driver is for.
	needLibrary = version{3, 3, 2}
	// shimSince is when libtaos became a shim.
	shimSince = version{3, 3, 6}
)

// parseVersion reads "3.3.7.5" and "3.4.0.0.alpha"; what is missing counts 0.
func parseVersion(s string) (v version, ok bool) {
	for i := range v {
		end := 0
		for end < len(s) && '0' <= s[end] && s[end] <= '9' {
			end++
		}
		n, err := strconv.Atoi(s[:end])
		if err != nil {
			break
		}
		v[i] = n
		if s = s[end:]; s == "" || s[0] != '.' {
			break
		}
		s = s[1:]
	}
	return v, v[0] > 0
}

func (v version) less(w version) bool {
	for i := range v {
		if v[i] != w[i] {
			return v[i] < w[i]
		}
	}
	return false
}

func (v version) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }
