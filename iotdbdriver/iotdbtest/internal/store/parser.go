package store

import (
	"strings"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// maxNesting bounds expressions and queries in each other, maxTerms the operators of a
// statement, which SQLite nests too, up to a thousand.
const (
	maxNesting = 200
	maxTerms   = 2000
)

// parser reads statements. Its methods panic with an *Error, which parse returns.
type parser struct {
	sql        string
	tokens     []token
	at         int
	parameters int
	depth      int
	terms      int // of operators with two sides
}

// parse reads the one statement of a text and tells how many question marks it has.
func parse(sql string) (s statement, parameters int, err error) {
	tokens, err := lex(sql)
	if err != nil {
		return nil, 0, err
	}
	p := &parser{sql: sql, tokens: tokens}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	s = p.statement()
	if p.peek().kind != end {
		p.wrong("<EOF>")
	}
	return s, p.parameters, nil
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != end {
		p.at++
	}
	return t
}

// wrong ends the parse at the token at hand.
func (p *parser) wrong(expecting ...string) {
	t := p.peek()
	found := p.sql[t.start:t.end]
	if t.kind == end {
		found = t.text
	}
	panic(syntax(p.sql, t.start, found, strings.Join(expecting, ", ")))
}

// is reports whether the next tokens are these keywords or symbols.
func (p *parser) is(words ...string) bool {
	for i, w := range words {
		if p.at+i >= len(p.tokens) {
			return false
		}
		if t := p.tokens[p.at+i]; t.kind != word && t.kind != symbol || !strings.EqualFold(t.text, w) {
			return false
		}
	}
	return true
}

// accept takes the keywords or symbols if they are next.
func (p *parser) accept(words ...string) bool {
	if !p.is(words...) {
		return false
	}
	p.at += len(words)
	return true
}

// one takes one of the keywords and returns it.
func (p *parser) one(words ...string) string {
	for _, w := range words {
		if p.accept(w) {
			return w
		}
	}
	for i, w := range words {
		words[i] = "'" + strings.ToUpper(w) + "'"
	}
	p.wrong(words...)
	return ""
}

func (p *parser) expect(words ...string) {
	for _, w := range words {
		p.one(w)
	}
}

func (p *parser) enter() {
	if p.depth++; p.depth > maxNesting {
		panic(fail(CodeSemantic, "expressions are nested too deep"))
	}
}

func (p *parser) leave() { p.depth-- }

// operator is an operator between two expressions.
func (p *parser) operator(op string, l, r node) node {
	if p.terms++; p.terms > maxTerms {
		panic(fail(CodeSemantic, "the statement has more than %d operators", maxTerms))
	}
	return binop{op, l, r}
}

// list reads one and more elements with commas between them.
func (p *parser) list(element func()) {
	element()
	for p.accept(",") {
		element()
	}
}

// reserved cannot be names without quotes.
var reserved = map[string]bool{}

func init() {
	for _, w := range strings.Fields(`alter and as between by case cast constraint create cross cube current_date current_time current_user
		deallocate delete describe distinct drop else end escape except execute exists extract false for from full group grouping having in
		inner insert intersect into is join left like natural not null on or order outer prepare recursive right rollup select table then
		true uescape union unnest using values when where with limit offset fill`) {
		reserved[w] = true
	}
}

// identifier reads a name as it was written.
func (p *parser) identifier() string {
	t := p.peek()
	if t.kind == quoted || t.kind == word && !reserved[strings.ToLower(t.text)] {
		return p.take().text
	}
	p.wrong("<identifier>")
	return ""
}

// lower reads a name as it is stored.
func (p *parser) lower() string { return strings.ToLower(p.identifier()) }

func (p *parser) name() name {
	n := name{table: p.lower()}
	if p.accept(".") {
		n.database, n.table = n.table, p.lower()
	}
	return n
}

func (p *parser) exists(not bool) bool {
	if not {
		return p.accept("if", "not", "exists")
	}
	return p.accept("if", "exists")
}

func (p *parser) statement() statement {
	p.enter()
	defer p.leave()
	switch {
	case p.is("select") || p.is("("):
		return p.selection()
	case p.accept("insert"):
		return p.insert()
	case p.accept("create"):
		return p.create()
	case p.accept("drop"):
		switch p.one("database", "table") {
		case "database":
			s := dropDatabase{ifExists: p.exists(false)}
			s.name = p.lower()
			return s
		default:
			s := dropTable{ifExists: p.exists(false)}
			s.name = p.name()
			return s
		}
	case p.accept("alter"):
		return p.alter()
	case p.accept("use"):
		return use{p.lower()}
	case p.accept("describe"), p.accept("desc"):
		return describe{p.name(), p.accept("details")}
	case p.accept("delete"):
		p.expect("from")
		s := remove{name: p.name()}
		if p.accept("where") {
			s.where = p.expression()
		}
		return s
	case p.accept("update"):
		return p.update()
	case p.accept("show"):
		return p.show()
	case p.accept("count", "devices"):
		p.expect("from")
		return show{what: "devices", from: p.name(), where: p.where(), count: true}
	case p.accept("kill"):
		if p.accept("all", "queries") {
			return kill{}
		}
		p.expect("query")
		return kill{p.primary()}
	case p.accept("flush"), p.accept("clear", "cache"):
		for p.peek().kind != end {
			p.take()
		}
		return nothing{}
	case p.accept("explain"):
		p.accept("analyze")
		p.accept("verbose")
		return explain{p.selection()}
	case p.accept("prepare"):
		s := prepare{name: p.lower()}
		p.expect("from")
		s.sql = p.sql[p.peek().start:]
		s.body = p.statement()
		return s
	case p.accept("execute"):
		s := executeName{name: p.lower()}
		if p.accept("using") {
			p.list(func() { s.args = append(s.args, p.expression()) })
		}
		return s
	case p.accept("deallocate"):
		p.expect("prepare")
		return deallocate{p.lower()}
	}
	p.wrong("'ALTER'", "'CLEAR'", "'COUNT'", "'CREATE'", "'DELETE'", "'DESC'", "'DESCRIBE'", "'DROP'", "'EXPLAIN'", "'FLUSH'",
		"'INSERT'", "'KILL'", "'LOAD'", "'MIGRATE'", "'SET'", "'SHOW'", "'START'", "'STOP'", "'UPDATE'", "'USE'", "<query>")
	return nil
}

func (p *parser) where() node {
	if p.accept("where") {
		return p.expression()
	}
	return nil
}

func (p *parser) create() statement {
	if p.accept("database") {
		s := createDatabase{ifNot: p.exists(true)}
		s.name = p.lower()
		p.properties()
		return s
	}
	p.one("table")
	s := createTable{ifNot: p.exists(true)}
	s.name = p.name()
	p.expect("(")
	if !p.is(")") {
		p.list(func() { s.columns = append(s.columns, p.definition()) })
	}
	if !p.accept(")") {
		p.wrong("')'", "','")
	}
	s.ttl = p.properties()
	return s
}

// properties reads WITH (TTL=…) and returns the TTL in milliseconds, if there is one.
func (p *parser) properties() (ttl string) {
	if p.accept("with") {
		p.expect("(")
		p.list(func() {
			key := p.lower()
			p.expect("=")
			if t := p.take(); key == "ttl" {
				ttl = strings.ToUpper(t.text)
			}
		})
		p.expect(")")
	}
	return ttl
}

func (p *parser) definition() definition {
	d := definition{name: p.lower()}
	d.typeName = p.identifier()
	d.typ, _ = datatype.Of(d.typeName)
	for _, category := range []string{"tag", "attribute", "field", "time"} {
		if p.accept(category) {
			d.category = category
			break
		}
	}
	return d
}

func (p *parser) alter() statement {
	p.one("table")
	ifExists := p.exists(false)
	n := p.name()
	switch p.one("add", "drop", "set") {
	case "add":
		p.expect("column")
		s := addColumn{name: n, ifExists: ifExists, ifNot: p.exists(true)}
		s.column = p.definition()
		return s
	case "drop":
		p.expect("column")
		s := dropColumn{name: n, ifExists: ifExists, colExists: p.exists(false)}
		s.column = p.lower()
		return s
	}
	p.expect("properties")
	key := p.lower()
	p.expect("=")
	value := p.take().text
	if key != "ttl" {
		panic(unsupported("the property " + key))
	}
	return setTTL{n, strings.ToUpper(value)}
}

func (p *parser) insert() statement {
	p.expect("into")
	s := insert{name: p.name()}
	if p.accept("(") {
		s.named = true
		p.list(func() { s.columns = append(s.columns, p.lower()) })
		p.expect(")")
	}
	p.one("values")
	p.list(func() {
		var row []node
		if p.accept("(") {
			p.list(func() { row = append(row, p.expression()) })
			p.expect(")")
		} else {
			row = append(row, p.expression())
		}
		s.rows = append(s.rows, row)
	})
	return s
}

func (p *parser) update() statement {
	s := update{name: p.name()}
	p.expect("set")
	p.list(func() {
		c := p.lower()
		p.expect("=")
		s.set = append(s.set, struct {
			column string
			x      node
		}{c, p.expression()})
	})
	s.where = p.where()
	return s
}

// showable is what SHOW knows besides what takes a name.
var showable = []string{
	"databases", "tables", "devices", "queries", "current_database", "current_user", "current_sql_dialect", "current_timestamp",
	"version", "variables", "cluster", "datanodes", "confignodes", "functions",
}

func (p *parser) show() statement {
	s := show{}
	for _, what := range showable {
		if p.accept(what) {
			s.what = what
			break
		}
	}
	switch s.what {
	case "":
		var expecting []string
		for _, what := range showable {
			expecting = append(expecting, "'"+strings.ToUpper(what)+"'")
		}
		p.wrong(expecting...)
	case "databases", "cluster":
		s.details = p.accept("details")
	case "tables":
		s.details = p.accept("details")
		if p.accept("from") || p.accept("in") {
			s.from.database = p.lower()
		}
	case "devices":
		p.expect("from")
		s.from = p.name()
		s.where = p.where()
	case "queries":
		s.where = p.where()
	}
	return s
}
