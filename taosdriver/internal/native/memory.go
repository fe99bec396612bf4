//go:build (linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"bytes"
	"unsafe"
)

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

// maxText bounds text of the library whose length it does not tell.
const maxText = 64 << 20

// terminated returns a copy of the text at p.
func terminated(p handle) []byte {
	n := 0
	for n < maxText && *(*byte)(unsafe.Add(p, n)) != 0 {
		n++
	}
	return bytes.Clone(view(p, n))
}

// texts returns copies of the n texts of a char **.
func texts(p handle, n int) []string {
	out := make([]string, n)
	for i, t := range unsafe.Slice((*handle)(p), n) {
		if t != nil {
			out[i] = string(terminated(t))
		}
	}
	return out
}

// assignments returns the n elements at p, which are the library's.
func assignments(p handle, n int) []vgroupAssignment {
	return unsafe.Slice((*vgroupAssignment)(p), n)
}
