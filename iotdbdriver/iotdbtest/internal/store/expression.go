package store

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

func (p *parser) selection() *selection {
	p.enter()
	defer p.leave()
	if p.accept("(") {
		s := p.selection()
		p.expect(")")
		return s
	}
	p.expect("select")
	s := &selection{}
	if p.accept("distinct") {
		s.distinct = true
	} else {
		p.accept("all")
	}
	p.list(func() { s.items = append(s.items, p.item()) })
	if p.accept("from") {
		s.from = p.relations()
	}
	s.where = p.where()
	if p.accept("group", "by") {
		p.list(func() { s.group = append(s.group, p.expression()) })
	}
	if p.accept("having") {
		s.having = p.expression()
	}
	if p.is("union") || p.is("intersect") || p.is("except") {
		panic(fail(CodeInternal, "%s is not supported in current version.", strings.ToUpper(p.peek().text[:1])+strings.ToLower(p.peek().text[1:])))
	}
	if p.accept("order", "by") {
		p.list(func() {
			o := order{x: p.expression()}
			o.desc = p.accept("desc")
			if !o.desc {
				p.accept("asc")
			}
			if p.accept("nulls") {
				o.nullsFirst = p.one("first", "last") == "first"
			}
			s.order = append(s.order, o)
		})
	}
	for range 2 {
		if s.offset == nil && p.accept("offset") {
			s.offset = p.primary()
			if !p.accept("rows") {
				p.accept("row")
			}
		}
		if s.limit == nil && p.accept("limit") && !p.accept("all") {
			s.limit = p.primary()
		}
	}
	return s
}

func (p *parser) item() item {
	if p.accept("*") {
		return item{x: star{}}
	}
	if p.at+2 < len(p.tokens) && p.tokens[p.at+1].text == "." && p.tokens[p.at+2].kind == symbol && p.tokens[p.at+2].text == "*" {
		t := p.lower()
		p.at += 2
		return item{x: star{t}}
	}
	i := item{x: p.expression()}
	if p.accept("as") {
		i.alias = p.identifier()
	} else if t := p.peek(); t.kind == quoted || t.kind == word && !reserved[strings.ToLower(t.text)] {
		i.alias = p.take().text
	}
	return i
}

func (p *parser) relations() *relation {
	left := p.joined()
	for p.accept(",") {
		left = &relation{join: "cross join", left: left, right: p.joined()}
	}
	return left
}

func (p *parser) joined() *relation {
	left := p.relation()
	for {
		kind := ""
		switch {
		case p.accept("join"), p.accept("inner", "join"):
			kind = "join"
		case p.accept("cross", "join"):
			kind = "cross join"
		case p.accept("full", "join"), p.accept("full", "outer", "join"):
			kind = "full join"
		case p.accept("left", "join"), p.accept("left", "outer", "join"):
			kind = "left join"
		case p.accept("right", "join"), p.accept("right", "outer", "join"):
			kind = "right join"
		default:
			return left
		}
		r := &relation{join: kind, left: left, right: p.relation()}
		switch {
		case kind == "cross join":
		case p.accept("using"):
			p.expect("(")
			p.list(func() { r.using = append(r.using, p.lower()) })
			p.expect(")")
		default:
			p.expect("on")
			r.on = p.expression()
		}
		left = r
	}
}

func (p *parser) relation() *relation {
	p.enter()
	defer p.leave()
	r := &relation{}
	switch {
	case p.is("(", "select") || p.is("(", "("):
		p.expect("(")
		r.query = p.selection()
		p.expect(")")
	case p.accept("("):
		r = p.relations()
		p.expect(")")
		return r
	default:
		r.table = p.name()
		r.alias = r.table.table
	}
	if p.accept("as") {
		r.alias = p.lower()
	} else if t := p.peek(); t.kind == quoted || t.kind == word && !reserved[strings.ToLower(t.text)] {
		r.alias = p.lower()
	}
	return r
}

func (p *parser) expression() node {
	p.enter()
	defer p.leave()
	x := p.conjunction()
	for p.accept("or") {
		x = p.operator("or", x, p.conjunction())
	}
	return x
}

func (p *parser) conjunction() node {
	x := p.negation()
	for p.accept("and") {
		x = p.operator("and", x, p.negation())
	}
	return x
}

func (p *parser) negation() node {
	if p.accept("not") {
		p.enter()
		defer p.leave()
		return unary{"not", "", p.negation()}
	}
	return p.predicate()
}

func (p *parser) predicate() node {
	x := p.sum()
	for {
		not := false
		if p.is("not", "in") || p.is("not", "between") || p.is("not", "like") {
			p.take()
			not = true
		}
		switch {
		case p.accept("is"):
			op := "is null"
			if p.accept("not") {
				op = "is not null"
			}
			p.expect("null")
			x = unary{op, "", x}
		case p.accept("in"):
			i := in{x: x, not: not}
			p.expect("(")
			if p.is("select") {
				i.query = p.selection()
			} else {
				p.list(func() { i.list = append(i.list, p.expression()) })
			}
			p.expect(")")
			x = i
		case p.accept("between"):
			r := range_{x: x, low: p.sum(), not: not}
			p.expect("and")
			r.high = p.sum()
			x = r
		case p.accept("like"):
			l := like{x: x, pattern: p.sum(), not: not}
			if p.accept("escape") {
				l.escape = p.sum()
			}
			x = l
		default:
			op := p.peek()
			if op.kind != symbol || !strings.Contains(" = <> != < <= > >= ", " "+op.text+" ") {
				return x
			}
			p.take()
			if op.text == "!=" {
				op.text = "<>"
			}
			x = p.operator(op.text, x, p.sum())
		}
	}
}

func (p *parser) sum() node {
	x := p.product()
	for {
		switch {
		case p.accept("+"):
			x = p.operator("+", x, p.product())
		case p.accept("-"):
			x = p.operator("-", x, p.product())
		case p.accept("||"):
			x = p.operator("||", x, p.product())
		default:
			return x
		}
	}
}

func (p *parser) product() node {
	x := p.sign()
	for {
		switch {
		case p.accept("*"):
			x = p.operator("*", x, p.sign())
		case p.accept("/"):
			x = p.operator("/", x, p.sign())
		case p.accept("%"):
			x = p.operator("%", x, p.sign())
		default:
			return x
		}
	}
}

func (p *parser) sign() node {
	p.enter()
	defer p.leave()
	if p.accept("+") {
		return p.sign()
	}
	if !p.accept("-") {
		return p.primary()
	}
	if t := p.peek(); t.kind == integer || t.kind == decimal {
		p.take()
		return p.number(t, "-")
	}
	return unary{"-", "", p.sign()}
}

// number is the constant of a number: INT32, INT64 if it is larger, DOUBLE with a
// point or an exponent.
func (p *parser) number(t token, sign string) node {
	raw := sign + t.text
	if t.kind == decimal {
		f, _ := strconv.ParseFloat(raw, 64)
		return constant{datatype.Double, f, raw}
	}
	n, err := strconv.ParseInt(raw, 10, 64)
	if err != nil {
		line := 1 + strings.Count(p.sql[:t.start], "\n")
		panic(fail(CodeSyntax, "line %d:%d: Invalid numeric literal: %s", line, t.start-strings.LastIndexByte(p.sql[:t.start], '\n'), t.text))
	}
	if n == int64(int32(n)) {
		return constant{datatype.Int32, int32(n), raw}
	}
	return constant{datatype.Int64, n, raw}
}

func (p *parser) primary() node {
	p.enter()
	defer p.leave()
	t := p.peek()
	switch t.kind {
	case integer, decimal:
		return p.number(p.take(), "")
	case text:
		p.take()
		return constant{datatype.String, t.text, t.text}
	case binary:
		p.take()
		b, err := hex.DecodeString(strings.ReplaceAll(t.text, " ", ""))
		if err != nil {
			panic(fail(CodeSemantic, "Invalid hexadecimal literal: %s", t.text))
		}
		return constant{datatype.Blob, b, t.text}
	case instant:
		p.take()
		return constant{datatype.Timestamp, nil, t.text}
	case symbol:
		switch {
		case p.accept("?"):
			p.parameters++
			return parameter{p.parameters - 1}
		case p.is("(", "select"):
			p.take()
			q := p.selection()
			p.expect(")")
			return query{q}
		case p.accept("("):
			x := p.expression()
			p.expect(")")
			return x
		}
	case word:
		if x := p.special(); x != nil {
			return x
		}
	}
	return p.reference()
}

// special reads what begins with a keyword, nil if nothing does.
func (p *parser) special() node {
	switch {
	case p.accept("null"):
		return constant{datatype.Unknown, nil, "null"}
	case p.accept("true"):
		return constant{datatype.Boolean, true, "true"}
	case p.accept("false"):
		return constant{datatype.Boolean, false, "false"}
	case p.accept("case"):
		c := choice{}
		if !p.is("when") {
			c.x = p.expression()
		}
		for p.accept("when") {
			w := when{cond: p.expression()}
			p.expect("then")
			w.then = p.expression()
			c.whens = append(c.whens, w)
		}
		if c.whens == nil {
			p.wrong("'WHEN'")
		}
		if p.accept("else") {
			c.other = p.expression()
		}
		p.expect("end")
		return c
	case p.is("cast", "("), p.is("try_cast", "("):
		c := cast{try: strings.EqualFold(p.take().text, "try_cast")}
		p.expect("(")
		c.x = p.expression()
		p.expect("as")
		name := p.identifier()
		typ, ok := datatype.Of(name)
		if !ok || !typ.Column() {
			panic(fail(CodeSemantic, "Unknown type: %s", name))
		}
		c.typ = typ
		p.expect(")")
		return c
	case p.accept("exists", "("):
		q := p.selection()
		p.expect(")")
		return exists{q}
	}
	return nil
}

// reference reads a column or a call.
func (p *parser) reference() node {
	t := p.peek()
	if t.kind != quoted && (t.kind != word || reserved[strings.ToLower(t.text)]) {
		p.wrong("<expression>")
	}
	written := p.take().text
	if t.kind == word && p.accept("(") {
		c := call{name: strings.ToLower(written)}
		switch {
		case p.accept(")"):
			return c
		case p.accept("*"):
			c.args = []node{star{}}
		default:
			c.distinct = p.accept("distinct")
			if c.name == "date_bin" {
				c.args = append(c.args, p.duration())
				p.expect(",")
			}
			p.list(func() { c.args = append(c.args, p.expression()) })
		}
		p.expect(")")
		return c
	}
	if p.accept(".") {
		table := strings.ToLower(written)
		written = p.identifier()
		if p.accept(".") { // database.table.column
			table, written = strings.ToLower(written), p.identifier()
		}
		return column{table, strings.ToLower(written), written}
	}
	return column{"", strings.ToLower(written), written}
}

// duration reads 1d12h, which is a duration nowhere but in date_bin: elsewhere it is
// a number and the name of its column.
func (p *parser) duration() node {
	from := p.peek()
	to := from
	for t := from; t.kind == integer || t.kind == word; t = p.peek() {
		if to = t; p.tokens[p.at+1].start != t.end {
			p.take()
			break
		}
		p.take()
	}
	text := p.sql[from.start:to.end]
	ns, ok := parseDuration(text)
	if !ok || ns == 0 {
		panic(unsupported("the duration " + text))
	}
	return span{ns}
}

// units of durations. Months and years differ in length.
var units = []struct {
	name string
	ns   int64
}{
	{"ms", int64(time.Millisecond)}, {"us", int64(time.Microsecond)}, {"ns", 1}, {"w", 7 * 24 * int64(time.Hour)},
	{"d", 24 * int64(time.Hour)}, {"h", int64(time.Hour)}, {"m", int64(time.Minute)}, {"s", int64(time.Second)},
}

func parseDuration(s string) (int64, bool) {
	s = strings.ToLower(s)
	total := int64(0)
next:
	for s != "" {
		i := 0
		for i < len(s) && digit(s[i]) {
			i++
		}
		n, err := strconv.ParseInt(s[:i], 10, 64)
		s = s[i:]
		for _, u := range units {
			if err == nil && strings.HasPrefix(s, u.name) && !strings.HasPrefix(s, "mo") && n <= (1<<62)/u.ns {
				total += n * u.ns
				s = s[len(u.name):]
				continue next
			}
		}
		return 0, false
	}
	return total, true
}
