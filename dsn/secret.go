package dsn

import "strings"

// secretWords are looked for in a key written in lower case without "._-".
var secretWords = []string{
	"pass", "pwd", "secret", "token", "otp", "key", "cred", "auth", "bearer", "jwt", "signature",
}

// Secret reports whether a parameter of this name holds a secret that
// [URL.Redacted] must hide: passwords, tokens, one-time codes, key material and
// whatever sounds like them ("tls_key", "bearerToken", "td.connect.pass"). It
// errs on the side of hiding.
func Secret(key string) bool {
	key = fold(key)
	for _, word := range secretWords {
		if strings.Contains(key, word) {
			return true
		}
	}
	return false
}

// fold writes a key in lower case without its separators, so that readTimeout,
// read-timeout and read_timeout are the same.
func fold(key string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '_' || r == '-' || r == '.':
			return -1
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, key)
}
