package parse

import (
	"strconv"
	"strings"
)

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func sign(s string) int {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return 1
	}
	return 0
}

// integer reads [-+]?[0-9]+.
func (p *parser) integer() (string, bool) {
	s := p.rest()
	n := sign(s)
	if d := digits(s[n:]); d > 0 {
		return p.take(n+d, "")
	}
	return p.take(0, "integer")
}

// uinteger reads [0-9]+, up to 64 bits.
func (p *parser) uinteger() (uint64, bool) {
	s, ok := p.take(digits(p.rest()), "")
	if !ok {
		return 0, false
	}
	n, _ := strconv.ParseUint(s, 10, 64) // the largest number if it is beyond
	return n, true
}

// floatLen is the length of [-+]?[0-9]*\.?[0-9]+ at the beginning of s.
func floatLen(s string) int {
	n := sign(s)
	whole := digits(s[n:])
	if rest := s[n+whole:]; strings.HasPrefix(rest, ".") {
		if d := digits(rest[1:]); d > 0 {
			return n + whole + 1 + d
		}
	}
	if whole == 0 {
		return 0
	}
	return n + whole
}

// float reads [-+]?[0-9]*\.?[0-9]+.
func (p *parser) float() (float64, bool) {
	s, ok := p.take(floatLen(p.rest()), "float")
	if !ok {
		return 0, false
	}
	f, _ := strconv.ParseFloat(s, 64) // infinite if it is beyond
	return f, true
}

// duration reads [0-9]+[smhdw].
func (p *parser) duration() (string, bool) {
	s := p.rest()
	n := digits(s)
	if n > 0 && n < len(s) && strings.IndexByte("smhdw", s[n]) >= 0 {
		return p.take(n+1, "")
	}
	return p.take(0, "date/time_string")
}

// quoted reads text between quotes, in which the quote is doubled, and returns
// the text.
func (p *parser) quoted(quote byte, name string) (string, bool) {
	s := p.rest()
	if s == "" || s[0] != quote {
		return p.take(0, name)
	}
	n := 0
	for n < len(s) && s[n] == quote {
		end := strings.IndexByte(s[n+1:], quote)
		if end < 0 {
			break
		}
		n += end + 2
	}
	raw, ok := p.take(n, name)
	if !ok {
		return "", false
	}
	q := string(quote)
	return strings.ReplaceAll(raw[1:len(raw)-1], q+q, q), true
}

// text reads a string.
func (p *parser) text() (string, bool) {
	if s, ok := p.quoted('\'', "single_quote_str"); ok {
		return s, true
	}
	return p.quoted('"', "double_quote_str")
}

// grave reads the name of a group or a tag.
func (p *parser) grave() (string, bool) { return p.quoted('`', "") }

// regex reads a regular expression with its slashes.
func (p *parser) regex(name string) (Regex, bool) {
	s := p.rest()
	if s == "" || s[0] != '/' {
		p.expect(name)
		return "", false
	}
	for n := 1; n < len(s); n++ {
		switch s[n] {
		case '\\':
			n++
			if n < len(s) && s[n] == '\n' {
				p.expect(name)
				return "", false
			}
		case '/':
			n++
			if n < len(s) && s[n] == 'i' {
				n++
			}
			re, _ := p.take(n, name)
			return Regex(re), true
		}
	}
	p.expect(name)
	return "", false
}

// uuid reads a UUID in lower case.
func (p *parser) uuid() (string, bool) {
	s := p.rest()
	n := 0
	for i, group := range []int{8, 4, 4, 4, 12} {
		if i > 0 {
			if n >= len(s) || s[n] != '-' {
				return p.take(0, "uuid")
			}
			n++
		}
		for range group {
			if n >= len(s) || strings.IndexByte("0123456789abcdef", s[n]) < 0 {
				return p.take(0, "uuid")
			}
			n++
		}
	}
	return p.take(n, "uuid")
}
