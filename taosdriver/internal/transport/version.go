package transport

import (
	"fmt"
	"strconv"
)

// Version is a server's, its numbers in order.
type Version [4]int

// ParseVersion reads "3.3.7.5", "3.4.0.0.alpha" and "3.3.7-rc1"; what is missing
// counts 0. ok is false if there is no number.
func ParseVersion(s string) (v Version, ok bool) {
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

// Less reports whether v is older than w.
func (v Version) Less(w Version) bool {
	for i := range v {
		if v[i] != w[i] {
			return v[i] < w[i]
		}
	}
	return false
}

// String returns the first three numbers, which features go by.
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

// AtLeast reports whether the version that a server tells is not older. One that
// cannot be read is.
func AtLeast(version string, need Version) bool {
	v, ok := ParseVersion(version)
	return ok && !v.Less(need)
}
