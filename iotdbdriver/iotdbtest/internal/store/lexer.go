package store

import (
	"regexp"
	"strings"
)

// kind is what a token is.
type kind uint8

const (
	end     kind = iota
	word         // an identifier or keyword
	quoted       // an identifier in quotes
	text         // a string
	binary       // X'…'
	integer      // digits
	decimal      // with a point or an exponent
	instant      // a date, with a time or not, without quotes
	symbol       // anything else
)

// token is a token of a statement. text is its value: a string without its quotes.
type token struct {
	kind       kind
	text       string
	start, end int
}

var (
	numberToken  = regexp.MustCompile(`^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?`)
	instantToken = regexp.MustCompile(`^[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?:[T ][0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[+-][0-9]{2}:[0-9]{2})?)?`)
)

// lex cuts a statement into tokens, the last of which is the end.
func lex(sql string) ([]token, error) {
	var tokens []token
	for i := 0; ; {
		i = skip(sql, i)
		if i == len(sql) {
			return append(tokens, token{kind: end, text: "<EOF>", start: i, end: i}), nil
		}
		t, err := next(sql, i)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		i = t.end
	}
}

// skip passes over blanks and comments.
func skip(sql string, i int) int {
	for i < len(sql) {
		switch rest := sql[i:]; {
		case strings.IndexByte(" \t\r\n\f", sql[i]) >= 0:
			i++
		case strings.HasPrefix(rest, "--"):
			n := strings.IndexAny(rest, "\r\n")
			if n < 0 {
				return len(sql)
			}
			i += n
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return i // is refused as a symbol
			}
			i += n + 4
		default:
			return i
		}
	}
	return i
}

func next(sql string, i int) (token, error) {
	rest := sql[i:]
	c := rest[0]
	of := func(k kind, n int) token { return token{k, rest[:n], i, i + n} }
	switch {
	case c == '\'' || c == '"' || c == '`':
		s, n, ok := unquote(rest)
		if !ok {
			return token{}, syntax(sql, i, rest[:1], "<string>")
		}
		t := token{quoted, s, i, i + n}
		if c == '\'' {
			t.kind = text
		}
		return t, nil
	case (c == 'x' || c == 'X') && strings.HasPrefix(rest[1:], "'"):
		s, n, ok := unquote(rest[1:])
		if !ok {
			return token{}, syntax(sql, i, rest[:1], "<string>")
		}
		return token{binary, s, i, i + n + 1}, nil
	case digit(c) || c == '.' && len(rest) > 1 && digit(rest[1]):
		if m := instantToken.FindString(rest); m != "" {
			return of(instant, len(m)), nil
		}
		m := numberToken.FindString(rest)
		if strings.ContainsAny(m, ".eE") {
			return of(decimal, len(m)), nil
		}
		return of(integer, len(m)), nil
	case letter(c):
		n := 1
		for n < len(rest) && (letter(rest[n]) || digit(rest[n])) {
			n++
		}
		return of(word, n), nil
	}
	for _, op := range []string{"<>", "!=", "<=", ">=", "||"} {
		if strings.HasPrefix(rest, op) {
			return of(symbol, 2), nil
		}
	}
	return of(symbol, 1), nil
}

// unquote reads a quoted text, whose quote is doubled inside, and tells its length.
func unquote(s string) (value string, n int, ok bool) {
	doubled := false
	for i := 1; ; i += 2 {
		at := strings.IndexByte(s[i:], s[0])
		if at < 0 {
			return "", 0, false
		}
		i += at
		if i+1 < len(s) && s[i+1] == s[0] {
			doubled = true
			continue
		}
		if value = s[1:i]; doubled {
			value = strings.ReplaceAll(value, s[:1]+s[:1], s[:1])
		}
		return value, i + 1, true
	}
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

// syntax is the server's complaint about a token, with its line, and its column
// counted from 1.
func syntax(sql string, at int, found, expecting string) *Error {
	line := 1 + strings.Count(sql[:at], "\n")
	column := at - strings.LastIndexByte(sql[:at], '\n')
	return fail(CodeSyntax, "line %d:%d: mismatched input '%s'. Expecting: %s", line, column, found, expecting)
}
