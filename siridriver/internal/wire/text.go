package wire

import "strings"

// HasNUL reports whether a NUL is in s. Values are short as a rule, and a call for
// each would take as long as packing it.
func HasNUL(s string) bool {
	n := len(s)
	if n < 8 || n > 64 {
		return strings.IndexByte(s, 0) >= 0
	}
	for i := 8; i < n; i += 8 {
		if zeroByte(word(s[i-8:])) {
			return true
		}
	}
	return zeroByte(word(s[n-8:]))
}

// word is the first eight bytes of s.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// zeroByte reports whether one of the eight bytes of v is 0: only from such a one,
// or from one above it, does the subtraction carry into a high bit that was clear.
func zeroByte(v uint64) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	return (v-ones)&^v&highs != 0
}
