//go:build (linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative

package native

import "unsafe"

// cstring returns s as C has text. It is for arguments that may be NULL; purego
// keeps what a call is given until it has returned.
func cstring(s string) *byte { return &append([]byte(s), 0)[0] }

// view returns n bytes at p, memory of the library. It is to be read, and only for
// as long as the library says.
func view(p handle, n int) []byte { return unsafe.Slice((*byte)(p), n) }

// text returns a copy of b up to its first NUL.
func text(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
