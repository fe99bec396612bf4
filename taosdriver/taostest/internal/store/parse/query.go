package parse

func (p *parser) queryStatement() Statement {
	q := p.query()
	p.expectEnd()
	q.Params = p.params
	return q
}

// query reads SELECT ... [UNION [ALL] SELECT ...] [ORDER BY] [SLIMIT] [LIMIT].
func (p *parser) query() *Query {
	p.enter()
	defer p.leave()
	q := &Query{Source: p.lex.src}
	p.term(q)
	for p.take("union") {
		all := p.take("all")
		q.All = append(q.All, all)
		p.term(q)
	}
	if p.take("order") {
		p.expect("by")
		for {
			q.OrderBy = append(q.OrderBy, p.orderItem())
			if !p.takeOp(",") {
				break
			}
		}
	}
	if p.take("slimit") {
		l := p.limit("soffset")
		if len(q.Terms) != 1 {
			p.unsupported("slimit of a union")
		}
		q.Terms[0].SLimit = l
	}
	if p.take("limit") {
		q.Limit = p.limit("offset")
	}
	return q
}

// term reads one SELECT, or a query in brackets, which becomes a SELECT from it unless it is plain.
func (p *parser) term(q *Query) {
	if !p.takeOp("(") {
		q.Terms = append(q.Terms, p.selectTerm())
		return
	}
	sub := p.query()
	p.expectOp(")")
	if len(sub.Terms) == 1 && sub.OrderBy == nil && sub.Limit == nil {
		q.Terms = append(q.Terms, sub.Terms[0])
		return
	}
	q.Terms = append(q.Terms, &Select{Items: []Item{{Expr: &Star{}}}, From: &From{Query: sub}})
}

func (p *parser) selectTerm() *Select {
	p.expect("select")
	s := &Select{}
	switch {
	case p.take("distinct"):
		s.Distinct = true
	case p.take("tags"):
		s.TagsOnly = true
	default:
		p.take("all")
	}
	for {
		s.Items = append(s.Items, p.item())
		if !p.takeOp(",") {
			break
		}
	}
	if !p.take("from") {
		return s
	}
	s.From = p.from()
	if p.take("where") {
		s.Where = p.expr()
	}
	if p.take("partition") {
		p.expect("by")
		for {
			s.PartitionBy = append(s.PartitionBy, p.item())
			if !p.takeOp(",") {
				break
			}
		}
	}
	p.window(s)
	if p.take("group") {
		p.expect("by")
		for {
			s.GroupBy = append(s.GroupBy, p.expr())
			if !p.takeOp(",") {
				break
			}
		}
	}
	if p.take("having") {
		s.Having = p.expr()
	}
	return s
}

// item reads a result column. Without a name it is labelled by its text, a column by its name.
func (p *parser) item() Item {
	if p.takeOp("*") {
		return Item{Expr: &Star{}}
	}
	start := p.tok.pos
	it := Item{Expr: p.expr()}
	it.Label = p.lex.src[start:p.prev]
	switch e := it.Expr.(type) {
	case *Star:
		return it
	case *Column:
		it.Label = e.Name
	}
	switch {
	case p.take("as"):
		it.Label, it.Alias = p.ident(), true
	case isName(p.tok):
		it.Label, it.Alias = p.ident(), true
	}
	return it
}

func (p *parser) from() *From {
	f := &From{}
	if p.takeOp("(") {
		f.Query = p.query()
		p.expectOp(")")
	} else {
		f.Table = p.tableName()
	}
	if p.take("as") || isName(p.tok) {
		f.Alias = p.ident()
	}
	switch {
	case p.op(","), p.word("join"), p.word("inner"), p.word("left"), p.word("right"), p.word("full"):
		p.unsupported("join")
	}
	return f
}

// window reads INTERVAL with what may follow it. The other windows are named as unsupported.
func (p *parser) window(s *Select) {
	switch {
	case p.word("session"), p.word("state_window"), p.word("event_window"), p.word("count_window"), p.word("range"), p.word("every"):
		p.unsupported(p.tok.text)
	case p.take("interval"):
		w := &Interval{}
		p.expectOp("(")
		w.Every = p.duration()
		if p.takeOp(",") {
			w.Offset = p.duration()
		}
		p.expectOp(")")
		if p.take("sliding") {
			p.expectOp("(")
			w.Sliding = p.duration()
			p.expectOp(")")
		}
		if p.take("fill") {
			p.fill(w)
		}
		s.Window = w
	}
}

func (p *parser) duration() string {
	if p.tok.kind == tokString {
		return p.stringLit()
	}
	if p.tok.kind != tokDuration {
		p.failHere()
	}
	return p.advance().text
}

func (p *parser) fill(w *Interval) {
	p.expectOp("(")
	switch {
	case p.take("none"):
	case p.word("null"), p.word("prev"), p.word("next"), p.word("linear"):
		w.Fill = p.advance().text
	case p.take("value"):
		w.Fill = "value"
		for p.takeOp(",") {
			w.FillValues = append(w.FillValues, p.expr())
		}
	case p.word("null_f"), p.word("value_f"), p.word("near"):
		p.unsupported("fill(" + p.tok.text + ")")
	default:
		p.failHere()
	}
	p.expectOp(")")
}

func (p *parser) orderItem() OrderItem {
	o := OrderItem{Expr: p.expr()}
	if p.take("desc") {
		o.Desc = true
	} else {
		p.take("asc")
	}
	if p.take("nulls") {
		first := p.take("first")
		if !first {
			p.expect("last")
		}
		o.NullsFirst = &first
	}
	return o
}

// limit reads n, n OFFSET m or m, n.
func (p *parser) limit(offset string) *Limit {
	l := &Limit{Count: p.limitNumber()}
	switch {
	case p.take(offset):
		l.Offset = p.limitNumber()
	case p.takeOp(","):
		l.Offset, l.Count = l.Count, p.limitNumber()
	}
	return l
}

func (p *parser) limitNumber() Expr {
	switch p.tok.kind {
	case tokParam:
		return &Param{Index: p.param()}
	case tokInteger:
		return &Literal{Kind: IntegerLiteral, Text: p.advance().text}
	}
	p.failHere()
	return nil
}
