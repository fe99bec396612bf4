package rest

import (
	"encoding/hex"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape appends the text of a JSON string without its quotes. As in
// encoding/json, half of a surrogate pair becomes U+FFFD. ok is false if an
// escape is malformed.
func unescape(dst, b []byte) (text []byte, ok bool) {
	for i := 0; i < len(b); {
		if b[i] != '\\' {
			start := i
			for i < len(b) && b[i] != '\\' {
				i++
			}
			dst = append(dst, b[start:i]...)
			continue
		}
		if i+1 >= len(b) {
			return nil, false
		}
		c := b[i+1]
		i += 2
		switch c {
		case '"', '\\', '/':
			dst = append(dst, c)
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r, ok := hex4(b[i:])
			if !ok {
				return nil, false
			}
			i += 4
			if utf16.IsSurrogate(r) {
				r = pair(r, b[i:])
				if r != utf8.RuneError {
					i += 6
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			return nil, false
		}
	}
	return dst, true
}

// pair returns the rune of a surrogate and the escape that follows it, RuneError
// if the two are no pair.
func pair(first rune, rest []byte) rune {
	if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' {
		return utf8.RuneError
	}
	second, _ := hex4(rest[2:])
	return utf16.DecodeRune(first, second)
}

func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	var v [2]byte
	if _, err := hex.Decode(v[:], b[:4]); err != nil {
		return 0, false
	}
	return rune(v[0])<<8 | rune(v[1]), true
}

// appendHex appends the bytes of a text of hexadecimal digits.
func appendHex(dst, b []byte) (bytes []byte, ok bool) {
	dst, err := hex.AppendDecode(dst, b)
	return dst, err == nil
}
