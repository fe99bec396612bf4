package parse

import (
	"strconv"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// maxDepth bounds nesting of expressions and subqueries, so that hostile text cannot exhaust the
// stack.
const maxDepth = 200

// maxOperators bounds the operators of a statement: a chain of them, a + b + c, is as deep a tree
// as it is long.
const maxOperators = 10000

// Parse reads the first statement of sql. The error is a *sqlerr.Error.
func Parse(sql string) (Statement, error) {
	p := newParser(fold(sql))
	var st Statement
	err := p.catch(func() { st = p.statement() })
	if err != nil {
		return nil, err
	}
	return st, nil
}

// parser is a recursive-descent parser with one token in hand and one to look at. Errors travel as
// panics of type failure to catch.
type parser struct {
	lex    lexer
	tok    token // the token in hand
	ahead  token // the one after it, if peeked
	peeked bool
	prev   int // end of the token before tok
	params Params
	depth  int

	operators int
	lastValue token // of the last option read
}

type failure struct{ err error }

func newParser(src string) *parser {
	p := &parser{lex: lexer{src: src}}
	p.tok = p.lex.next()
	return p
}

func (p *parser) catch(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case failure:
			err = r.err
		default:
			panic(r)
		}
	}()
	f()
	return nil
}

func (p *parser) fail(err error) { panic(failure{err}) }

// failHere is the syntax error at the token in hand.
func (p *parser) failHere() {
	if p.tok.kind == tokIllegal {
		p.fail(sqlerr.Unrecognized(p.tok.text))
	}
	p.fail(sqlerr.Near(p.rest()))
}

func (p *parser) unsupported(what string) { p.fail(sqlerr.Unsupported(what)) }

// rest is the text from the token in hand.
func (p *parser) rest() string { return p.lex.src[p.tok.pos:] }

func (p *parser) advance() token {
	t := p.tok
	p.prev = t.end
	if p.peeked {
		p.tok, p.peeked = p.ahead, false
	} else {
		p.tok = p.lex.next()
	}
	return t
}

func (p *parser) peek() token {
	if !p.peeked {
		p.ahead, p.peeked = p.lex.next(), true
	}
	return p.ahead
}

// word reports whether the token in hand is this bare word.
func (p *parser) word(w string) bool { return p.tok.kind == tokWord && p.tok.text == w }

func (p *parser) op(o string) bool { return p.tok.kind == tokOp && p.tok.text == o }

// take moves past a word if it is in hand.
func (p *parser) take(w string) bool {
	if p.word(w) {
		p.advance()
		return true
	}
	return false
}

func (p *parser) takeOp(o string) bool {
	if p.op(o) {
		p.advance()
		return true
	}
	return false
}

func (p *parser) expect(w string) {
	if !p.take(w) {
		p.failHere()
	}
}

func (p *parser) expectOp(o string) {
	if !p.takeOp(o) {
		p.failHere()
	}
}

// atEnd reports whether the statement ends here.
func (p *parser) atEnd() bool { return p.tok.kind == tokEOF || p.op(";") }

func (p *parser) expectEnd() {
	if !p.atEnd() {
		p.failHere()
	}
}

func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		p.unsupported("nesting deeper than " + strconv.Itoa(maxDepth))
	}
}

func (p *parser) leave() { p.depth-- }

// grown counts an operator that makes the tree deeper.
func (p *parser) grown(e Expr) Expr {
	if p.operators++; p.operators > maxOperators {
		p.unsupported("more than " + strconv.Itoa(maxOperators) + " operators in a statement")
	}
	return e
}

// reserved words end a list of names; they are names only in back-quotes.
var reserved = map[string]bool{
	"select": true, "from": true, "where": true, "order": true, "group": true, "by": true, "partition": true, "interval": true,
	"having": true, "limit": true, "offset": true, "slimit": true, "soffset": true, "union": true, "all": true, "on": true,
	"join": true, "inner": true, "left": true, "right": true, "full": true, "as": true, "and": true, "or": true, "not": true,
	"in": true, "is": true, "like": true, "match": true, "nmatch": true, "between": true, "null": true, "true": true, "false": true,
	"case": true, "when": true, "then": true, "else": true, "end": true, "distinct": true, "asc": true, "desc": true, "values": true,
	"using": true, "tags": true, "insert": true, "into": true, "create": true, "drop": true, "table": true, "stable": true,
	"database": true, "if": true, "exists": true, "fill": true, "sliding": true, "session": true, "state_window": true,
	"event_window": true, "count_window": true, "range": true, "every": true, "contains": true, "cast": true, "use": true,
	"nulls": true, "user": true, "set": true, "alter": true, "delete": true, "show": true, "describe": true,
}

// functionWords are reserved words that are also the names of functions.
var functionWords = map[string]bool{"database": true, "user": true}

// isName reports whether the token can be an identifier.
func isName(t token) bool { return t.kind == tokQuoted || t.kind == tokWord && !reserved[t.text] }

func (p *parser) ident() string {
	if !isName(p.tok) {
		p.failHere()
	}
	return p.advance().text
}

// tableName reads name or db.name.
func (p *parser) tableName() Name {
	n := Name{Table: p.ident()}
	if p.takeOp(".") {
		n.DB, n.Table = n.Table, p.ident()
	}
	return n
}

// integer reads a plain number that fits an int32.
func (p *parser) integer() int {
	if p.tok.kind != tokInteger {
		p.failHere()
	}
	n, err := strconv.ParseInt(p.tok.text, 10, 32)
	if err != nil {
		p.failHere()
	}
	p.advance()
	return int(n)
}

func (p *parser) stringLit() string {
	if p.tok.kind != tokString {
		p.failHere()
	}
	return Unquote(p.advance().text)
}

func (p *parser) param() int {
	if p.params.Count == 0 {
		p.params.First = p.tok.pos
	}
	p.advance()
	p.params.Count++
	return p.params.Count - 1
}

func (p *parser) ifNotExists() bool {
	if !p.take("if") {
		return false
	}
	p.expect("not")
	p.expect("exists")
	return true
}

func (p *parser) ifExists() bool {
	if !p.take("if") {
		return false
	}
	p.expect("exists")
	return true
}

// statement reads one statement by its first word.
func (p *parser) statement() Statement {
	if p.tok.kind != tokWord {
		if p.op("(") {
			return p.queryStatement()
		}
		p.failHere()
	}
	switch p.tok.text {
	case "select":
		return p.queryStatement()
	case "insert", "import":
		return p.insert()
	case "create":
		return p.create()
	case "drop":
		return p.drop()
	case "alter":
		return p.alter()
	case "use":
		p.advance()
		name := p.ident()
		p.expectEnd()
		return &Use{Name: name}
	case "delete":
		return p.delete()
	case "desc", "describe":
		p.advance()
		name := p.tableName()
		p.expectEnd()
		return &Describe{Name: name}
	case "show":
		return p.show()
	case "explain", "flush", "kill", "grant", "revoke", "trim", "compact", "redistribute", "merge", "split", "balance", "pause",
		"resume", "reset", "sync", "with", "s3migrate", "assign", "restore", "update_vgroup":
		p.unsupported(p.tok.text)
	}
	p.failHere()
	return nil
}

func (p *parser) delete() Statement {
	p.advance()
	p.expect("from")
	d := &Delete{Table: p.tableName(), Source: p.lex.src}
	if p.take("where") {
		d.Where = p.expr()
	}
	p.expectEnd()
	d.Params = p.params
	return d
}

func (p *parser) show() Statement {
	p.advance()
	s := &Show{}
	for p.word("user") || p.word("system") || p.word("normal") || p.word("child") {
		if p.peek().text == "tables" || p.peek().text == "databases" {
			p.advance()
			continue
		}
		break
	}
	if isName(p.tok) && p.peek().kind == tokOp && p.peek().text == "." {
		s.DB = p.ident()
		p.advance()
	}
	switch {
	case p.take("databases"):
		s.Kind = ShowDatabases
	case p.take("stables"):
		s.Kind = ShowStables
	case p.take("tables"):
		s.Kind = ShowTables
	case p.take("topics"):
		s.Kind = ShowTopics
	case p.take("consumers"):
		s.Kind = ShowConsumers
	case p.take("subscriptions"):
		s.Kind = ShowSubscriptions
	case p.take("create"):
		switch {
		case p.take("table"), p.take("stable"):
			s.Kind, s.Name = ShowCreateTable, p.tableName()
		case p.take("database"):
			s.Kind, s.DB = ShowCreateDatabase, p.ident()
		default:
			p.failHere()
		}
	case p.take("tags"):
		p.expect("from")
		s.Kind, s.Name = ShowTags, p.tableName()
		if p.take("from") {
			s.Name.DB = p.ident()
		}
	case p.tok.kind == tokWord && (isName(p.tok) || p.word("user")) && !p.word("show"):
		p.unsupported("show " + p.tok.text)
	default:
		p.failHere()
	}
	if p.take("like") {
		s.Like = p.stringLit()
	}
	p.expectEnd()
	return s
}
