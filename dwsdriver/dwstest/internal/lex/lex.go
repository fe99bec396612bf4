// Package lex cuts SQL of PostgreSQL's and GaussDB's kind into its words.
package lex

import (
	"strings"
	"unicode/utf8"
)

// Kind is the kind of a token.
type Kind uint8

// The kinds.
const (
	Space  Kind = iota // spaces and comments
	Word               // a name or keyword without quotes
	Quoted             // a name in double quotes
	Text               // a literal in single quotes, E'...' too
	Dollar             // a literal in dollar quotes
	Number
	Param // $1
	Op    // everything else, :: and other operators in one piece
)

// Token is a piece of the text; all tokens in a row are the text.
type Token struct {
	Kind Kind
	Text string
}

// Is reports whether the token is the keyword, given in lower case.
func (t Token) Is(word string) bool { return t.Kind == Word && strings.EqualFold(t.Text, word) }

// IsOp reports whether the token is the operator.
func (t Token) IsOp(op string) bool { return t.Kind == Op && t.Text == op }

// Name returns the name that a Word or Quoted stands for, otherwise "".
func (t Token) Name() string {
	switch t.Kind {
	case Word:
		return strings.ToLower(t.Text)
	case Quoted:
		return strings.ReplaceAll(strings.TrimSuffix(t.Text[1:], `"`), `""`, `"`)
	}
	return ""
}

// Value returns the text that a literal stands for; false if it is none.
func (t Token) Value() (string, bool) {
	switch t.Kind {
	case Text:
		if s, ok := strings.CutPrefix(t.Text, "'"); ok {
			return strings.ReplaceAll(strings.TrimSuffix(s, "'"), "''", "'"), true
		}
		return unescape(strings.TrimSuffix(t.Text[2:], "'")), true
	case Dollar:
		tag := t.Text[:strings.IndexByte(t.Text[1:], '$')+2]
		return strings.TrimSuffix(t.Text[len(tag):], tag), true
	}
	return "", false
}

// unescape reads the inside of an E'...' literal.
func unescape(s string) string {
	s = strings.ReplaceAll(s, "''", "'")
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'x':
			n, digits := 0, 0
			for ; digits < 2 && i+1 < len(s) && hexDigit(s[i+1]) >= 0; digits++ {
				i++
				n = n<<4 | hexDigit(s[i])
			}
			b.WriteByte(byte(n))
		case '0', '1', '2', '3', '4', '5', '6', '7':
			n := int(s[i] - '0')
			for d := 0; d < 2 && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '7'; d++ {
				i++
				n = n<<3 | int(s[i]-'0')
			}
			b.WriteByte(byte(n))
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// Tokens cuts a text. What is not closed ends with the text.
func Tokens(s string) []Token {
	var list []Token
	for len(s) > 0 {
		kind, n := next(s)
		list = append(list, Token{kind, s[:n]})
		s = s[n:]
	}
	return list
}

const operators = "+-*/<>=~!@#%^&|`?"

func next(s string) (Kind, int) {
	switch c := s[0]; {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
		return Space, len(s) - len(strings.TrimLeft(s, " \t\n\r\f\v"))
	case strings.HasPrefix(s, "--"):
		if i := strings.IndexByte(s, '\n'); i >= 0 {
			return Space, i + 1
		}
		return Space, len(s)
	case strings.HasPrefix(s, "/*"):
		return Space, comment(s)
	case c == '\'':
		return Text, quoted(s, 1, '\'', false)
	case (c == 'e' || c == 'E') && len(s) > 1 && s[1] == '\'':
		return Text, quoted(s, 2, '\'', true)
	case c == '"':
		return Quoted, quoted(s, 1, '"', false)
	case c == '$':
		return dollar(s)
	case digit(c) || c == '.' && len(s) > 1 && digit(s[1]):
		return Number, number(s)
	case letter(c):
		n := 1
		for n < len(s) && (letter(s[n]) || digit(s[n]) || s[n] == '$') {
			n++
		}
		return Word, n
	case strings.HasPrefix(s, "::") || strings.HasPrefix(s, ":="):
		return Op, 2
	case strings.IndexByte(operators, c) >= 0:
		n := 1
		for n < len(s) && strings.IndexByte(operators, s[n]) >= 0 && !strings.HasPrefix(s[n:], "--") && !strings.HasPrefix(s[n:], "/*") {
			n++
		}
		// An operator of several characters does not end in a sign that belongs to what follows.
		for n > 1 && (s[n-1] == '-' || s[n-1] == '+') && !strings.ContainsAny(s[:n], "~!@#%^&|`?") {
			n--
		}
		return Op, n
	}
	_, n := utf8.DecodeRuneInString(s)
	return Op, n
}

func digit(c byte) bool  { return c >= '0' && c <= '9' }
func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80 }

func comment(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			i++
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

func quoted(s string, from int, quote byte, escapes bool) int {
	for i := from; i < len(s); i++ {
		switch {
		case escapes && s[i] == '\\':
			i++
		case s[i] == quote:
			if i+1 < len(s) && s[i+1] == quote {
				i++
				continue
			}
			return i + 1
		}
	}
	return len(s)
}

func dollar(s string) (Kind, int) {
	n := 1
	for n < len(s) && digit(s[n]) {
		n++
	}
	if n > 1 {
		return Param, n
	}
	for n < len(s) && (letter(s[n]) || n > 1 && digit(s[n])) {
		n++
	}
	if n == len(s) || s[n] != '$' {
		return Op, 1
	}
	tag := s[:n+1]
	if end := strings.Index(s[n+1:], tag); end >= 0 {
		return Dollar, n + 1 + end + len(tag)
	}
	return Op, 1
}

func number(s string) int {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	if n < len(s) && s[n] == '.' {
		for n++; n < len(s) && digit(s[n]); {
			n++
		}
	}
	if n < len(s) && s[n]|0x20 == 'e' {
		m := n + 1
		if m < len(s) && (s[m] == '+' || s[m] == '-') {
			m++
		}
		if m < len(s) && digit(s[m]) {
			for n = m; n < len(s) && digit(s[n]); {
				n++
			}
		}
	}
	return n
}

// Words returns the tokens without spaces and comments.
func Words(tokens []Token) []Token {
	list := make([]Token, 0, len(tokens))
	for _, t := range tokens {
		if t.Kind != Space {
			list = append(list, t)
		}
	}
	return list
}

// Split cuts at the semicolons. Statements without a word are left out.
func Split(tokens []Token) [][]Token {
	var list [][]Token
	begin := 0
	for i := 0; i <= len(tokens); i++ {
		if i < len(tokens) && !tokens[i].IsOp(";") {
			continue
		}
		if s := tokens[begin:i]; len(Words(s)) > 0 {
			list = append(list, s)
		}
		begin = i + 1
	}
	return list
}

// Join is the text of the tokens.
func Join(tokens []Token) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString(t.Text)
	}
	return b.String()
}
