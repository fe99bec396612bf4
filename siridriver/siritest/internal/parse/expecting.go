package parse

import (
	"fmt"
	"slices"
	"strings"
)

// SyntaxError is a text that is no statement.
type SyntaxError struct {
	// Pos is the place in bytes, from 0, where nothing fits any more.
	Pos int
	// Expecting names what would.
	Expecting []string
}

func (e *SyntaxError) Error() string {
	list := ""
	if n := len(e.Expecting); n == 1 {
		list = e.Expecting[0]
	} else if n > 1 {
		list = strings.Join(e.Expecting[:n-1], ", ") + " or " + e.Expecting[n-1]
	}
	return fmt.Sprintf("Query error at position %d. Expecting %s", e.Pos, list)
}

// parser reads terminals. Each that fails leaves a note of what it was, those at
// the furthest place make the message of a syntax error.
type parser struct {
	src   string
	pos   int
	far   int
	want  []string
	depth int
	clock Clock
	value error // of an expression
	err   error // other than of syntax
}

// maxDepth bounds parentheses in parentheses.
const maxDepth = 100

// expect notes that something called name would fit here. Names that the server
// does not tell are empty.
func (p *parser) expect(name string) {
	if p.pos > p.far {
		p.far, p.want = p.pos, p.want[:0]
	}
	if p.pos == p.far && name != "" && !slices.Contains(p.want, name) {
		p.want = append(p.want, name)
	}
}

// skip passes over white space.
func (p *parser) skip() {
	for p.pos < len(p.src) && strings.IndexByte(" \t\n\v\f\r", p.src[p.pos]) >= 0 {
		p.pos++
	}
}

// rest returns what is left, without white space before it.
func (p *parser) rest() string {
	p.skip()
	return p.src[p.pos:]
}

// word returns the keyword that comes next, without consuming it.
func (p *parser) word() string {
	s := p.rest()
	n := 0
	for n < len(s) && (s[n] >= 'a' && s[n] <= 'z' || s[n] == '_') {
		n++
	}
	return s[:n]
}

// keyword consumes one of the words.
func (p *parser) keyword(words ...string) (string, bool) {
	w := p.word()
	if w != "" && slices.Contains(words, w) {
		p.pos += len(w)
		return w, true
	}
	for _, w := range words {
		p.expect(w)
	}
	return "", false
}

// is consumes the word.
func (p *parser) is(word string) bool {
	_, ok := p.keyword(word)
	return ok
}

// tokens consumes the first that fits of tokens separated by a blank, longer ones
// before their beginnings.
func (p *parser) tokens(list string) (string, bool) {
	rest := p.rest()
	for _, t := range strings.Fields(list) {
		if strings.HasPrefix(rest, t) {
			p.pos += len(t)
			return t, true
		}
	}
	p.expect(list)
	return "", false
}

// token consumes the token.
func (p *parser) token(t string) bool {
	_, ok := p.tokens(t)
	return ok
}

// take consumes n bytes if they are something, and notes the name if not.
func (p *parser) take(n int, name string) (string, bool) {
	if n == 0 {
		p.expect(name)
		return "", false
	}
	s := p.src[p.pos : p.pos+n]
	p.pos += n
	return s, true
}
