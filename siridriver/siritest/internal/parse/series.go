package parse

// series reads which series are meant.
func (p *parser) series() (Series, bool) {
	if p.depth++; p.depth > maxDepth {
		p.err = ErrTooDeep
		return nil, false
	}
	defer func() { p.depth-- }()
	var list Series
	op := ""
	for {
		t, ok := p.term()
		if !ok {
			return nil, false
		}
		t.Op = op
		list = append(list, t)
		if op, ok = p.setOperator(); !ok {
			return list, true
		}
	}
}

// optionalSeries reads which series are meant if that is said.
func (p *parser) optionalSeries() (Series, bool) {
	p.skip()
	at := p.pos
	list, ok := p.series()
	return list, ok || p.pos == at
}

func (p *parser) term() (t Term, ok bool) {
	if p.token("*") || p.is("all") {
		return Term{All: true}, true
	}
	if s, ok := p.text(); ok {
		return Term{Name: &s}, true
	}
	if s, ok := p.grave(); ok {
		return Term{Group: &s}, true
	}
	if re, ok := p.regex(""); ok {
		return Term{Regex: re}, true
	}
	if !p.token("(") {
		return Term{}, false
	}
	inner, ok := p.series()
	return Term{Inner: inner}, ok && p.token(")")
}

func (p *parser) setOperator() (string, bool) {
	if _, ok := p.tokens(", |"); ok || p.is("union") {
		return "|", true
	}
	if p.token("-") || p.is("difference") {
		return "-", true
	}
	if p.token("&") || p.is("intersection") {
		return "&", true
	}
	return "^", p.token("^") || p.is("symmetric_difference")
}
