package eval

import (
	"regexp"
	"unicode/utf8"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// match is LIKE, MATCH and NMATCH.
func (c *Compiler) match(op string, l, r Node) (Node, error) {
	if !isText(l.Field.Type) || !isText(r.Field.Type) || !r.Const {
		return Node{}, sqlerr.ErrInvalidOperation
	}
	pattern, ok := r.Eval(nil).(string)
	if !ok {
		return constant(field(block.Bool), nil), nil
	}
	var matches func(string) bool
	switch op {
	case "like":
		matches = func(s string) bool { return Like(s, pattern) }
	default:
		re, err := regexp.CompilePOSIX(pattern)
		if err != nil {
			return Node{}, sqlerr.Newf(sqlerr.Usage, "Invalid regular expression: %s", pattern)
		}
		negate := op == "nmatch"
		matches = func(s string) bool { return re.MatchString(s) != negate }
	}
	return Node{field(block.Bool), l.Const, func(row *Row) any {
		if s, ok := l.Eval(row).(string); ok {
			return matches(s)
		}
		return nil
	}}, nil
}

// Like matches s against a pattern: % is any text, _ any character, a backslash takes the next
// character as it is.
func Like(s, pattern string) bool {
	// The usual two-pointer walk: on a mismatch go back to the last % and let it eat one more
	// character.
	star, retry := -1, 0
	i, j := 0, 0
	for i < len(s) {
		_, size := utf8.DecodeRuneInString(s[i:])
		if j < len(pattern) {
			switch p := pattern[j]; {
			case p == '%':
				star, retry = j, i
				j++
				continue
			case p == '_':
				i += size
				j++
				continue
			case p == '\\' && j+1 < len(pattern) && pattern[j+1] == s[i]:
				i++
				j += 2
				continue
			case p == s[i] && p != '\\':
				i++
				j++
				continue
			}
		}
		if star < 0 {
			return false
		}
		_, size = utf8.DecodeRuneInString(s[retry:])
		retry += size
		i, j = retry, star+1
	}
	for j < len(pattern) && pattern[j] == '%' {
		j++
	}
	return j == len(pattern)
}
