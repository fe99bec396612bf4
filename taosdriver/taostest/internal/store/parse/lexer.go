package parse

import "strings"

// kind is the kind of a token.
type kind uint8

const (
	tokEOF      kind = iota
	tokWord          // a bare identifier or keyword, in lower case
	tokQuoted        // an identifier in back-quotes, text without them
	tokString        // a literal, text as written with its quotes
	tokInteger       // digits
	tokFloat         // digits with a point or an exponent
	tokHex           // 0x1f
	tokBinary        // 0b101
	tokDuration      // digits and a unit: 10s
	tokParam         // ?
	tokOp            // an operator or punctuation
	tokIllegal       // an unterminated literal or a byte that starts no token
)

// token is one token; pos and end are its place in the folded text.
type token struct {
	kind     kind
	text     string
	pos, end int
}

// fold lower-cases ASCII letters outside quotes, as TDengine's client does before it parses, so
// that names, column labels and error texts come out the way the server writes them.
func fold(sql string) string {
	first := strings.IndexFunc(sql, func(r rune) bool { return 'A' <= r && r <= 'Z' })
	if first < 0 {
		return sql
	}
	b := []byte(sql)
	var quote byte
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case quote != 0 && c == '\\' && quote != '`':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case 'A' <= c && c <= 'Z':
			b[i] = c + ('a' - 'A')
		}
	}
	return string(b)
}

// lexer cuts folded text into tokens.
type lexer struct {
	src string
	pos int
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWordStart(c byte) bool { return 'a' <= c && c <= 'z' || c == '_' || c == '$' }

func isWordPart(c byte) bool { return isWordStart(c) || isDigit(c) }

// skipSpace moves past white space and both comment forms. An unclosed comment reaches to the end.
func (l *lexer) skipSpace() {
	for l.pos < len(l.src) {
		rest := l.src[l.pos:]
		switch {
		case isSpace(rest[0]):
			l.pos++
		case strings.HasPrefix(rest, "--"):
			if n := strings.IndexByte(rest, '\n'); n >= 0 {
				l.pos += n + 1
			} else {
				l.pos = len(l.src)
			}
		case strings.HasPrefix(rest, "/*"):
			if n := strings.Index(rest[2:], "*/"); n >= 0 {
				l.pos += 2 + n + 2
			} else {
				l.pos = len(l.src)
			}
		default:
			return
		}
	}
}

func (l *lexer) next() token {
	l.skipSpace()
	start := l.pos
	if start == len(l.src) {
		return token{kind: tokEOF, pos: start, end: start}
	}
	c := l.src[start]
	switch {
	case isWordStart(c):
		end := start + 1
		for end < len(l.src) && isWordPart(l.src[end]) {
			end++
		}
		return l.emit(tokWord, end)
	case isDigit(c) || c == '.' && start+1 < len(l.src) && isDigit(l.src[start+1]):
		return l.number()
	case c == '\'' || c == '"':
		return l.quoted(c, tokString)
	case c == '`':
		t := l.quoted(c, tokQuoted)
		if t.kind == tokQuoted {
			t.text = strings.ReplaceAll(t.text[1:len(t.text)-1], "``", "`")
		}
		return t
	case c == '?':
		return l.emit(tokParam, start+1)
	}
	for _, op := range [...]string{"<=", ">=", "<>", "!=", "->", "||", "<<", ">>"} {
		if strings.HasPrefix(l.src[start:], op) {
			return l.emit(tokOp, start+len(op))
		}
	}
	if strings.IndexByte("()+-*/%,.;=<>&|~:[]", c) >= 0 {
		return l.emit(tokOp, start+1)
	}
	return l.emit(tokIllegal, len(l.src))
}

func (l *lexer) emit(k kind, end int) token {
	t := token{kind: k, text: l.src[l.pos:end], pos: l.pos, end: end}
	l.pos = end
	return t
}

// quoted reads a literal up to its closing quote; a doubled quote and, outside back-quotes, a
// backslash protect the next byte.
func (l *lexer) quoted(q byte, k kind) token {
	for i := l.pos + 1; i < len(l.src); i++ {
		switch c := l.src[i]; {
		case c == '\\' && q != '`':
			i++
		case c != q:
		case i+1 < len(l.src) && l.src[i+1] == q:
			i++
		default:
			return l.emit(k, i+1)
		}
	}
	return l.emit(tokIllegal, len(l.src))
}

// number reads an integer, a float, 0x and 0b forms, or a number with a duration's unit.
func (l *lexer) number() token {
	s, i := l.src, l.pos
	at := func(i int) byte {
		if i < len(s) {
			return s[i]
		}
		return 0
	}
	if s[i] == '0' && at(i+1) == 'x' && isHexDigit(at(i+2)) {
		for i += 2; isHexDigit(at(i)); i++ {
		}
		return l.emit(tokHex, i)
	}
	if s[i] == '0' && at(i+1) == 'b' && (at(i+2) == '0' || at(i+2) == '1') {
		for i += 2; at(i) == '0' || at(i) == '1'; i++ {
		}
		return l.emit(tokBinary, i)
	}
	for isDigit(at(i)) {
		i++
	}
	if strings.IndexByte("buasmhdwny", at(i)) >= 0 && at(i) != 0 && !isWordPart(at(i+1)) {
		return l.emit(tokDuration, i+1)
	}
	k := tokInteger
	if at(i) == '.' {
		k = tokFloat
		for i++; isDigit(at(i)); i++ {
		}
	}
	if at(i) == 'e' {
		j := i + 1
		if at(j) == '+' || at(j) == '-' {
			j++
		}
		if isDigit(at(j)) {
			k = tokFloat
			for i = j; isDigit(at(i)); i++ {
			}
		}
	}
	return l.emit(k, i)
}

func isHexDigit(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'f' }

// Unquote is the value of a string literal written with its quotes: a doubled quote is one, \n \r
// \t are control characters, \% \_ and \x keep their backslash (LIKE patterns and binary literals
// need it), any other backslash is dropped.
func Unquote(lit string) string {
	q, body := lit[0], lit[1:len(lit)-1]
	if strings.IndexByte(body, q) < 0 && strings.IndexByte(body, '\\') < 0 {
		return body
	}
	b := make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch {
		case c == q: // the first of a doubled quote
			i++
		case c == '\\' && i+1 < len(body):
			i++
			switch c = body[i]; c {
			case 'n':
				c = '\n'
			case 'r':
				c = '\r'
			case 't':
				c = '\t'
			case '%', '_', 'x':
				b = append(b, '\\')
			}
		}
		b = append(b, c)
	}
	return string(b)
}
