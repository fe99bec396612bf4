package parse

import (
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// insert reads INSERT INTO. Only the form with VALUES or USING is an INSERT to TDengine's value
// reader, with its own error code; any other text that begins with INSERT is left to the general
// parser.
func (p *parser) insert() Statement {
	if !insertsValues(p.lex.src) {
		p.advance()
		p.expect("into")
		p.tableName()
		if p.takeOp("(") {
			p.names()
		}
		if p.word("select") || p.op("(") {
			p.unsupported("insert ... select")
		}
		p.failHere()
	}
	s := &Insert{Source: p.lex.src}
	p.advance()
	if !p.take("into") {
		p.failInsert("keyword INTO is expected")
	}
	// What was read before an error is kept: the server would have looked at its values first.
	s.Tail = p.catch(func() {
		for {
			s.Clauses = append(s.Clauses, InsertClause{Param: -1})
			p.insertClause(&s.Clauses[len(s.Clauses)-1])
			if p.atEnd() {
				return
			}
		}
	})
	s.Params = p.params
	return s
}

// insertsValues looks for VALUES, USING or FILE before any SELECT.
func insertsValues(src string) bool {
	l := lexer{src: src}
	for {
		t := l.next()
		switch {
		case t.kind == tokEOF, t.kind == tokIllegal, t.kind == tokWord && t.text == "select":
			return false
		case t.kind == tokWord && (t.text == "values" || t.text == "using" || t.text == "file"):
			return true
		}
	}
}

// failInsert is the syntax error of an INSERT at the token in hand.
func (p *parser) failInsert(info string) { p.fail(sqlerr.InsertNear(p.rest(), info)) }

func (p *parser) insertClause(c *InsertClause) {
	switch {
	case p.tok.kind == tokParam:
		c.Param = p.param()
	case isName(p.tok):
		c.Table = p.tableName()
	default:
		p.failInsert("table name is expected")
	}
	c.After = p.prev
	for {
		switch {
		case c.Columns == nil && p.takeOp("("):
			c.Columns = p.names()
		case c.Using == nil && p.take("using"):
			u := p.insertUsing()
			c.Using = &u
		case p.take("values"):
			p.rows(c)
			return
		case p.word("file"):
			p.unsupported("insert from a file")
		default:
			p.failInsert("keyword VALUES or FILE is expected")
		}
	}
}

func (p *parser) insertUsing() Using {
	u := Using{Stable: p.tableName()}
	if p.takeOp("(") {
		u.TagNames = p.names()
	}
	if !p.take("tags") {
		p.failInsert("TAGS is expected")
	}
	if !p.takeOp("(") {
		p.failInsert("( is expected")
	}
	p.values(&u.Tags)
	u.Close = p.tok.pos
	if !p.takeOp(")") {
		p.failInsert(") is expected")
	}
	for p.word("ttl") || p.word("comment") {
		p.option()
	}
	return u
}

// rows reads (values) (values) ..., with or without commas between them.
func (p *parser) rows(c *InsertClause) {
	for p.op("(") || p.op(",") && len(c.Rows) > 0 && p.peek().text == "(" {
		p.takeOp(",")
		p.advance()
		c.Rows = append(c.Rows, Row{Close: -1})
		row := &c.Rows[len(c.Rows)-1]
		if n := len(c.Rows); n > 1 {
			row.Values = make([]Value, 0, len(c.Rows[n-2].Values))
		}
		if !p.op(")") {
			p.values(&row.Values)
		}
		row.Close = p.tok.pos
		if !p.takeOp(")") {
			p.failInsert(") expected")
		}
	}
	if len(c.Rows) == 0 {
		p.fail(sqlerr.New(sqlerr.InsertSyntax, "no any data points"))
	}
}

// values reads values separated by commas and stops at whatever follows the last. What was read
// stays in the list when an error ends it.
func (p *parser) values(list *[]Value) {
	for {
		*list = append(*list, p.value())
		if !p.takeOp(",") {
			return
		}
	}
}

// value reads one constant, with durations added to it or taken from it.
func (p *parser) value() Value {
	v := Value{Pos: p.tok.pos}
	sign := ""
	if (p.op("-") || p.op("+")) && isNumber(p.peek().kind) {
		sign = p.advance().text
	}
	switch p.tok.kind {
	case tokInteger, tokHex, tokBinary:
		v.Kind, v.Text = IntegerValue, sign+p.advance().text
	case tokFloat:
		v.Kind, v.Text = FloatValue, sign+p.advance().text
	case tokDuration:
		v.Kind, v.Text = DurationValue, sign+p.advance().text
	case tokString:
		v.Kind, v.Text = StringValue, Unquote(p.advance().text)
	case tokParam:
		v.Kind, v.Param = ParamValue, p.param()
	case tokWord:
		v.Kind, v.Text = wordValue(p.tok.text), p.advance().text
		if (v.Kind == NowValue || v.Kind == TodayValue) && p.takeOp("(") {
			p.expectOp(")")
		}
	default:
		p.failInsert("invalid data or symbol")
	}
	for (p.op("+") || p.op("-")) && p.peek().kind == tokDuration {
		minus := p.advance().text == "-"
		v.Shift = append(v.Shift, Shift{Minus: minus, Text: p.advance().text})
	}
	return v
}

func isNumber(k kind) bool {
	return k == tokInteger || k == tokFloat || k == tokHex || k == tokBinary || k == tokDuration
}

func wordValue(w string) ValueKind {
	switch w {
	case "null":
		return NullValue
	case "true", "false":
		return BoolValue
	case "now":
		return NowValue
	case "today":
		return TodayValue
	}
	return WordValue
}

// InsertsValues reports whether an INSERT is one with VALUES or USING, which TDengine reads with
// its value reader.
func InsertsValues(sql string) bool { return insertsValues(fold(sql)) }
