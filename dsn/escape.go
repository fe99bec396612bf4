package dsn

import "strings"

const hexDigits = "0123456789ABCDEF"

// escape appends s with every byte but RFC 3986's unreserved ones and those of
// plain percent-encoded. "+" is encoded because readers disagree about it.
func escape(dst []byte, s, plain string) []byte {
	for i := range len(s) {
		c := s[i]
		if unreserved(c) || strings.IndexByte(plain, c) >= 0 {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return dst
}

// unescape undoes percent-encoding. A "+" is a plus. It reports false where
// "%" is not followed by two hexadecimal digits.
func unescape(s string) (string, bool) {
	i := strings.IndexByte(s, '%')
	if i < 0 {
		return s, true
	}
	b := append(make([]byte, 0, len(s)), s[:i]...)
	for ; i < len(s); i++ {
		if s[i] != '%' {
			b = append(b, s[i])
			continue
		}
		if len(s)-i < 3 {
			return "", false
		}
		hi, lo := unhex(s[i+1]), unhex(s[i+2])
		if hi > 15 || lo > 15 {
			return "", false
		}
		b = append(b, hi<<4|lo)
		i += 2
	}
	return string(b), true
}

func unreserved(c byte) bool {
	return letter(c) || digit(c) || c == '-' || c == '.' || c == '_' || c == '~'
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func digit(c byte) bool { return '0' <= c && c <= '9' }

func unhex(c byte) byte {
	switch {
	case digit(c):
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return (c | 0x20) - 'a' + 10
	}
	return 16
}

// validKey reports whether s may name a parameter: letters, digits and "._-".
// Anything else is likelier the rest of a password that was not encoded, and
// a name is the one thing from the query that errors show.
func validKey(s string) bool {
	for i := range len(s) {
		if c := s[i]; !unreserved(c) || c == '~' {
			return false
		}
	}
	return s != ""
}
