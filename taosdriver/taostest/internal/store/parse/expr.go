package parse

// expr reads an expression. Binding, from loose to tight: OR, AND, NOT, comparison, | and &, + and
// -, * / and %, sign, ->.
func (p *parser) expr() Expr {
	p.enter()
	defer p.leave()
	l := p.andExpr()
	for p.take("or") {
		l = p.grown(&Binary{Op: "or", L: l, R: p.andExpr()})
	}
	return l
}

func (p *parser) andExpr() Expr {
	l := p.notExpr()
	for p.take("and") {
		l = p.grown(&Binary{Op: "and", L: l, R: p.notExpr()})
	}
	return l
}

func (p *parser) notExpr() Expr {
	p.enter()
	defer p.leave()
	if p.take("not") {
		return &Unary{Op: "not", X: p.notExpr()}
	}
	return p.comparison()
}

func (p *parser) comparison() Expr {
	l := p.bits()
	for {
		switch {
		case p.tok.kind == tokOp && isComparison(p.tok.text):
			op := p.advance().text
			if op == "<>" {
				op = "!="
			}
			l = p.grown(&Binary{Op: op, L: l, R: p.bits()})
		case p.word("like"), p.word("match"), p.word("nmatch"), p.word("contains"):
			op := p.advance().text
			l = p.grown(&Binary{Op: op, L: l, R: p.bits()})
		case p.take("is"):
			not := p.take("not")
			p.expect("null")
			l = p.grown(&IsNull{X: l, Not: not})
		case p.word("between"), p.word("in"):
			l = p.grown(p.rangeOrList(l, false))
		case p.word("not"):
			p.advance()
			switch {
			case p.take("like"):
				l = p.grown(&Unary{Op: "not", X: &Binary{Op: "like", L: l, R: p.bits()}})
			case p.word("between"), p.word("in"):
				l = p.grown(p.rangeOrList(l, true))
			default:
				p.failHere()
			}
		default:
			return l
		}
	}
}

func isComparison(op string) bool {
	switch op {
	case "=", "!=", "<>", "<", "<=", ">", ">=":
		return true
	}
	return false
}

// rangeOrList reads BETWEEN a AND b or IN (list) after x.
func (p *parser) rangeOrList(x Expr, not bool) Expr {
	if p.advance().text == "between" {
		b := &Between{X: x, Lo: p.bits(), Not: not}
		p.expect("and")
		b.Hi = p.bits()
		return b
	}
	in := &In{X: x, Not: not}
	p.expectOp("(")
	if p.word("select") {
		p.unsupported("a subquery in an expression")
	}
	for {
		in.List = append(in.List, p.expr())
		if !p.takeOp(",") {
			break
		}
	}
	p.expectOp(")")
	return in
}

func (p *parser) bits() Expr {
	l := p.sum()
	for p.op("&") || p.op("|") {
		op := p.advance().text
		l = p.grown(&Binary{Op: op, L: l, R: p.sum()})
	}
	return l
}

func (p *parser) sum() Expr {
	l := p.product()
	for p.op("+") || p.op("-") {
		op := p.advance().text
		l = p.grown(&Binary{Op: op, L: l, R: p.product()})
	}
	return l
}

func (p *parser) product() Expr {
	l := p.sign()
	for p.op("*") || p.op("/") || p.op("%") {
		op := p.advance().text
		l = p.grown(&Binary{Op: op, L: l, R: p.sign()})
	}
	return l
}

// sign reads a sign. Before a number it is part of the literal, as on the server, so that -1 is an
// integer.
func (p *parser) sign() Expr {
	p.enter()
	defer p.leave()
	switch {
	case p.takeOp("+"):
		return p.sign()
	case p.takeOp("-"):
		x := p.sign()
		if lit, ok := x.(*Literal); ok && lit.isNumber() {
			if lit.Text[0] == '-' {
				return &Literal{Kind: lit.Kind, Text: lit.Text[1:]}
			}
			return &Literal{Kind: lit.Kind, Text: "-" + lit.Text}
		}
		return &Unary{Op: "-", X: x}
	}
	return p.arrow()
}

func (l *Literal) isNumber() bool {
	return l.Kind == IntegerLiteral || l.Kind == FloatLiteral || l.Kind == DurationLiteral
}

func (p *parser) arrow() Expr {
	x := p.primary()
	for p.op("->") {
		p.advance()
		x = p.grown(&Binary{Op: "->", L: x, R: &Literal{Kind: StringLiteral, Text: p.stringLit()}})
	}
	return x
}

func (p *parser) primary() Expr {
	switch p.tok.kind {
	case tokInteger, tokHex, tokBinary:
		return &Literal{Kind: IntegerLiteral, Text: p.advance().text}
	case tokFloat:
		return &Literal{Kind: FloatLiteral, Text: p.advance().text}
	case tokDuration:
		return &Literal{Kind: DurationLiteral, Text: p.advance().text}
	case tokString:
		return &Literal{Kind: StringLiteral, Text: Unquote(p.advance().text)}
	case tokParam:
		return &Param{Index: p.param()}
	case tokQuoted:
		return p.columnRef()
	case tokWord:
		return p.wordExpr()
	}
	if p.op("(") {
		p.advance()
		if p.word("select") {
			p.unsupported("a subquery in an expression")
		}
		x := p.expr()
		p.expectOp(")")
		return x
	}
	p.failHere()
	return nil
}

// wordExpr reads what starts with a bare word: a constant, CASE, CAST, a function call or a column.
func (p *parser) wordExpr() Expr {
	switch w := p.tok.text; w {
	case "null":
		p.advance()
		return &Literal{Kind: NullLiteral}
	case "true", "false":
		p.advance()
		return &Literal{Kind: BoolLiteral, Text: w}
	case "case":
		return p.caseExpr()
	case "timestamp": // TIMESTAMP '2024-01-01'
		if p.peek().kind == tokString {
			p.advance()
			return &Cast{X: &Literal{Kind: StringLiteral, Text: p.stringLit()}, Type: TypeName{Name: "TIMESTAMP"}}
		}
	}
	if next := p.peek(); next.kind == tokOp && next.text == "(" && (isName(p.tok) || functionWords[p.tok.text] || p.word("cast")) {
		return p.call()
	}
	if p.word("now") || p.word("today") {
		return &Call{Name: p.advance().text, Bare: true}
	}
	return p.columnRef()
}

func (p *parser) columnRef() Expr {
	c := &Column{Name: p.ident()}
	if p.op(".") && (isName(p.peek()) || p.peek().text == "*") {
		p.advance()
		if p.takeOp("*") {
			return &Star{Table: c.Name}
		}
		c.Table, c.Name = c.Name, p.ident()
	}
	return c
}

func (p *parser) call() Expr {
	name := p.advance().text
	p.expectOp("(")
	if name == "cast" {
		c := &Cast{X: p.expr()}
		p.expect("as")
		c.Type = p.typeName()
		p.expectOp(")")
		return c
	}
	c := &Call{Name: name}
	if p.takeOp(")") {
		return c
	}
	for {
		if p.op("*") {
			p.advance()
			c.Args = append(c.Args, &Star{})
		} else {
			c.Args = append(c.Args, p.expr())
		}
		if !p.takeOp(",") {
			break
		}
	}
	p.expectOp(")")
	return c
}

func (p *parser) caseExpr() Expr {
	p.advance()
	c := &Case{}
	if !p.word("when") {
		c.X = p.expr()
	}
	for p.take("when") {
		w := When{Cond: p.expr()}
		p.expect("then")
		w.Then = p.expr()
		c.When = append(c.When, w)
	}
	if len(c.When) == 0 {
		p.failHere()
	}
	if p.take("else") {
		c.Else = p.expr()
	}
	p.expect("end")
	return c
}
