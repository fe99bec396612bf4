package placeholder

import "strings"

// Kind is what a token is.
type Kind uint8

const (
	// Word is a keyword or an identifier without quotes.
	Word Kind = iota + 1
	// Number begins with a digit; a sign is a token of its own.
	Number
	// Quoted is a string, a quoted identifier or a regular expression. One that
	// is not closed reaches to the end.
	Quoted
	// Question is "?".
	Question
	// Dollar is "$" with digits.
	Dollar
	// Semicolon is ";".
	Semicolon
	// Symbol is any other single byte.
	Symbol
)

// Token is the part of a statement from Start up to End.
type Token struct {
	Kind       Kind
	Start, End int
}

// Scanner walks through a statement's tokens, over blanks and comments, in
// time linear in the statement's length and without allocation.
type Scanner struct {
	d   *Dialect
	sql string
	pos int
	// operand is true after a token that ends an operand, where a slash divides.
	operand bool
}

// Scan returns a scanner at the beginning of sql.
func (d *Dialect) Scan(sql string) Scanner { return Scanner{d: d, sql: sql} }

// Next returns the next token, and false at the end.
func (s *Scanner) Next() (Token, bool) {
	s.skip()
	if s.pos >= len(s.sql) {
		return Token{}, false
	}
	t := Token{Start: s.pos}
	t.Kind, t.End = s.token()
	text := s.sql[t.Start:t.End]
	s.operand = t.Kind == Number || t.Kind == Quoted || t.Kind == Question || text == ")" || text == "now"
	s.pos = t.End
	return t, true
}

func (s *Scanner) token() (Kind, int) {
	sql, i := s.sql, s.pos
	c := sql[i]
	switch {
	case c == '?':
		return Question, i + 1
	case c == ';':
		return Semicolon, i + 1
	case c == '\'' && s.d.Single.On:
		return Quoted, closing(sql, i+1, c, s.d.Single.Backslash)
	case c == '"' && s.d.Double.On:
		return Quoted, closing(sql, i+1, c, s.d.Double.Backslash)
	case c == '`' && s.d.Back.On:
		return Quoted, closing(sql, i+1, c, s.d.Back.Backslash)
	case c == '/' && s.d.Regex && !s.operand:
		return Quoted, regexEnd(sql, i+1)
	case c == '$':
		return s.dollar(i)
	case isDigit(c):
		return Number, wordEnd(sql, i+1, true)
	case isWord(c):
		end := wordEnd(sql, i+1, false)
		if s.d.EscapeStrings && end == i+1 && c|0x20 == 'e' && end < len(sql) && sql[end] == '\'' {
			return Quoted, closing(sql, end+1, '\'', true)
		}
		return Word, end
	}
	return Symbol, i + 1
}

// dollar reads "$1" and "$tag$…$tag$" where the dialect has them.
func (s *Scanner) dollar(i int) (Kind, int) {
	sql, end := s.sql, i+1
	for end < len(sql) && isDigit(sql[end]) {
		end++
	}
	if end > i+1 {
		if s.d.Numbered {
			return Dollar, end
		}
		return Symbol, i + 1
	}
	if !s.d.DollarQuotes {
		return Symbol, i + 1
	}
	for end < len(sql) && isWord(sql[end]) && sql[end] != '$' {
		end++
	}
	if end == len(sql) || sql[end] != '$' {
		return Symbol, i + 1
	}
	tag := sql[i : end+1]
	if at := strings.Index(sql[end+1:], tag); at >= 0 {
		return Quoted, end + 1 + at + len(tag)
	}
	return Quoted, len(sql)
}

// skip passes over blanks and comments.
func (s *Scanner) skip() {
	sql := s.sql
	for s.pos < len(sql) {
		switch c := sql[s.pos]; {
		case c == ' ' || '\t' <= c && c <= '\r':
			s.pos++
		case c == '#' && s.d.Hash, c == '-' && s.d.Dashes && strings.HasPrefix(sql[s.pos:], "--"):
			end := strings.IndexAny(sql[s.pos:], s.d.LineEnds)
			if end < 0 {
				end = len(sql) - s.pos
			}
			s.pos += end
		case c == '/' && s.d.Block && strings.HasPrefix(sql[s.pos:], "/*"):
			s.pos = blockEnd(sql, s.pos+2, s.d.Nested)
		default:
			return
		}
	}
}

// closing returns the index behind the quote that closes the text at i.
func closing(sql string, i int, quote byte, backslash bool) int {
	for i < len(sql) {
		switch c := sql[i]; {
		case c == '\\' && backslash:
			i += 2
		case c != quote:
			i++
		case i+1 < len(sql) && sql[i+1] == quote:
			i += 2
		default:
			return i + 1
		}
	}
	return len(sql)
}

// regexEnd returns the index behind the slash that closes the expression at i.
func regexEnd(sql string, i int) int {
	for i < len(sql) {
		switch sql[i] {
		case '\\':
			i += 2
		case '/':
			return i + 1
		default:
			i++
		}
	}
	return len(sql)
}

// blockEnd returns the index behind the "*/" that closes the comment whose
// inside begins at i.
func blockEnd(sql string, i int, nested bool) int {
	for depth := 1; i < len(sql); i++ {
		switch {
		case strings.HasPrefix(sql[i:], "*/"):
			i++
			if depth--; depth == 0 {
				return i + 1
			}
		case nested && strings.HasPrefix(sql[i:], "/*"):
			i++
			depth++
		}
	}
	return len(sql)
}

// wordEnd returns where the word or number goes on to. A number takes letters
// too (1d, 0x1F) and a decimal point, but no sign of an exponent.
func wordEnd(sql string, i int, number bool) int {
	for i < len(sql) && (isWord(sql[i]) || number && sql[i] == '.') {
		i++
	}
	return i
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isWord reports whether c can be inside of a word. "$" can, so that the "$1"
// of "a$1" is none.
func isWord(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || isDigit(c) || c == '_' || c == '$' || c >= 0x80
}
