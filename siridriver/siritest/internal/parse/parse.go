package parse

import "strings"

// Parse reads a query and computes its expressions. Text ends at the first NUL.
// The error is a *SyntaxError or a ValueError.
func Parse(text string, clock Clock) (*Statement, error) {
	text, _, _ = strings.Cut(text, "\x00")
	p := &parser{src: text, clock: clock}
	st := &Statement{Timeit: p.is("timeit")}
	p.skip()
	at := p.pos
	body, ok := p.body()
	if !ok && p.pos == at {
		body, ok = nil, true
	}
	if ok && p.end() {
		st.Body = body
		if p.value != nil {
			return nil, p.value
		}
		return st, nil
	}
	if p.err != nil {
		return nil, p.err
	}
	return nil, &SyntaxError{p.far, p.want}
}

// end reads a comment and sees whether that was all.
func (p *parser) end() bool {
	if s := p.rest(); strings.HasPrefix(s, "#") {
		line, _, _ := strings.Cut(s, "\n")
		p.pos += len(line)
	}
	if p.rest() == "" {
		return true
	}
	p.expect("end_of_statement")
	return false
}

func (p *parser) body() (Body, bool) {
	for _, s := range [...]struct {
		name string
		read func(*parser) (Body, bool)
	}{
		{"select", (*parser).selectStmt},
		{"list", (*parser).listStmt},
		{"count", (*parser).countStmt},
		{"alter", (*parser).alterStmt},
		{"create", (*parser).createStmt},
		{"drop", (*parser).dropStmt},
		{"grant", (*parser).grantStmt},
		{"revoke", (*parser).revokeStmt},
		{"show", (*parser).showStmt},
	} {
		if p.is(s.name) {
			return s.read(p)
		}
	}
	p.skip()
	at := p.pos
	if x, ok := p.moment(); ok || p.pos != at {
		return &Calc{x}, ok
	}
	return p.helpStmt()
}
