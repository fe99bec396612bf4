package eval_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/eval"
)

func TestLike(t *testing.T) {
	for _, c := range []struct {
		s, pattern string
		want       bool
	}{
		{"", "", true}, {"", "%", true}, {"", "_", false}, {"a", "", false}, {"abc", "abc", true}, {"abc", "ABC", false}, {"abc", "a%", true},
		{"abc", "%c", true}, {"abc", "%b%", true}, {"abc", "a_c", true}, {"abc", "a_", false}, {"abc", "%%", true}, {"abab", "%ab", true},
		{"aab", "%ab", true}, {"mississippi", "%iss%pi", true}, {"中文", "_文", true}, {"中文", "__", true}, {"中文", "___", false},
		{"a%c", `a\%c`, true}, {"abc", `a\%c`, false}, {"a_c", `a\_c`, true}, {`a\c`, `a\\c`, true}, {`\`, `\`, false},
	} {
		if got := eval.Like(c.s, c.pattern); got != c.want {
			t.Errorf("%q like %q: %v", c.s, c.pattern, got)
		}
	}
}

func FuzzLike(f *testing.F) {
	f.Add("mississippi", "%iss_ss%")
	f.Add("中文%", `_\%`)
	f.Add("aaaaaaaaaaaaaaaaaaaaaaaaaaaab", "%a%a%a%a%a%a%c")
	f.Fuzz(func(t *testing.T, s, pattern string) {
		if !utf8.ValidString(s) || !utf8.ValidString(pattern) || strings.HasSuffix(pattern, `\`) || len(pattern) > 100 {
			eval.Like(s, pattern)
			return
		}
		// The same as a regular expression.
		var re strings.Builder
		re.WriteString("(?s)^")
		escaped := false
		for _, r := range pattern {
			switch {
			case escaped:
				re.WriteString(regexp.QuoteMeta(string(r)))
				escaped = false
			case r == '\\':
				escaped = true
			case r == '%':
				re.WriteString(".*")
			case r == '_':
				re.WriteString(".")
			default:
				re.WriteString(regexp.QuoteMeta(string(r)))
			}
		}
		want := regexp.MustCompile(re.String() + "$").MatchString(s)
		if got := eval.Like(s, pattern); got != want {
			t.Fatalf("%q like %q: %v, want %v", s, pattern, got, want)
		}
	})
}
