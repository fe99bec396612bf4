package store

import (
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/lex"
)

// compiler turns a statement into SQLite's SQL as it reads it, from left to right.
// What it finds to be wrong it reports by a panic with an *Error, which compile
// catches.
type compiler struct {
	w       []lex.Token // words of one statement
	at      int
	catalog catalog
	session *session
	params  *[]*typ // of $1, $2...; nil while unknown
	scope   *scope
	ctes    map[string][]column
	aliases []column // of the select list, for ORDER BY
	depth   int      // of what stands in each other
}

// maxDepth keeps a hostile statement from using up the stack.
const maxDepth = 200

// deeper is called by what may stand in itself, and what it returns in its end.
func (c *compiler) deeper() func() {
	if c.depth++; c.depth > maxDepth {
		raise("54001", "stack depth limit exceeded")
	}
	return func() { c.depth-- }
}

// catalog tells the columns of tables.
type catalog interface {
	// columns of a table or view; false if there is none.
	columns(name string) ([]tableColumn, bool)
	// relations are the names of all tables and views.
	relations() []string
}

type tableColumn struct {
	column
	notNull  bool
	key      bool
	fallback string // its default, as SQLite knows it
}

// scope is what names stand for.
type scope struct {
	outer     *scope
	relations []relation
}

type relation struct {
	name    string
	columns []column
}

// expr is a piece of an expression.
type expr struct {
	sql   string
	typ   *typ // nil for a literal or parameter whose type its surroundings tell
	mod   int
	name  string // of the column that it makes; "" for ?column?
	param int    // the number of a parameter that stands alone
	text  *string
	null  bool
}

func raise(state, format string, args ...any) { panic(failf(state, format, args...)) }

// compile runs f and returns the error that it raised.
func compile(f func()) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *Error:
			err = p
		default:
			panic(p)
		}
	}()
	f()
	return nil
}

func (c *compiler) peek() lex.Token { return c.peekAt(0) }

func (c *compiler) peekAt(n int) lex.Token {
	if c.at+n < len(c.w) {
		return c.w[c.at+n]
	}
	return lex.Token{Kind: lex.Op}
}

func (c *compiler) next() lex.Token {
	t := c.peek()
	c.at++
	return t
}

func (c *compiler) done() bool { return c.at >= len(c.w) }

// is reports whether the keywords come next.
func (c *compiler) is(words ...string) bool {
	for i, word := range words {
		if !c.peekAt(i).Is(word) {
			return false
		}
	}
	return true
}

// accept takes the keywords if they come next.
func (c *compiler) accept(words ...string) bool {
	if !c.is(words...) {
		return false
	}
	c.at += len(words)
	return true
}

func (c *compiler) acceptOp(op string) bool {
	if !c.peek().IsOp(op) {
		return false
	}
	c.at++
	return true
}

func (c *compiler) syntax() {
	if c.done() {
		raise("42601", "syntax error at end of input")
	}
	raise("42601", "syntax error at or near %q", c.peek().Text)
}

func (c *compiler) expect(words ...string) {
	if !c.accept(words...) {
		c.syntax()
	}
}

func (c *compiler) expectOp(op string) {
	if !c.acceptOp(op) {
		c.syntax()
	}
}

// reserved are the words that are no names.
var reserved = map[string]bool{}

func init() {
	for word := range strings.FieldsSeq(`all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
		current_date current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign from grant
		group having in initially intersect into leading limit localtime localtimestamp not null offset on only or order placing primary references
		returning select session_user some symmetric table then to trailing true union unique user using variadic when where window with
		inner join left right full cross natural is isnull notnull like ilike similar between set values`) {
		reserved[word] = true
	}
}

// name takes a name.
func (c *compiler) name() string {
	t := c.peek()
	name := t.Name()
	if name == "" || t.Kind == lex.Word && reserved[name] {
		c.syntax()
	}
	c.at++
	return name
}

// table takes the name of a table; its schema is checked and dropped.
func (c *compiler) table() string {
	name := c.name()
	if c.acceptOp(".") {
		schema := name
		if name = c.anyName(); schema != "public" && schema != "pg_catalog" && schema != "information_schema" {
			raise("3F000", "schema %q does not exist", schema)
		}
		if schema == "information_schema" {
			name = schema + "." + name
		}
	}
	return name
}

// anyName takes a name that may be a keyword.
func (c *compiler) anyName() string {
	name := c.peek().Name()
	if name == "" {
		c.syntax()
	}
	c.at++
	return name
}

// quote writes a name for SQLite, which takes one in double quotes for a text if there
// is no such column.
func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// parameter notes the use of $n.
func (c *compiler) parameter(n int) expr {
	if n < 1 || n > 65535 {
		raise("42P02", "there is no parameter $%d", n)
	}
	for len(*c.params) < n {
		*c.params = append(*c.params, nil)
	}
	return expr{sql: "?" + strconv.Itoa(n), typ: (*c.params)[n-1], mod: -1, param: n}
}

// as gives an expression whose type its surroundings tell that type.
func (c *compiler) as(e expr, t *typ) expr {
	switch {
	case t == nil || e.typ != nil:
	case e.null:
		e.typ = t
	case e.param > 0:
		if known := (*c.params)[e.param-1]; known != nil {
			t = known
		}
		(*c.params)[e.param-1] = t
		e.typ = t
	case e.text != nil:
		v, err := t.parse(*e.text, c.session.settings.zone())
		if err != nil {
			panic(err)
		}
		e.sql, e.typ = inline(v), t
	}
	return e
}

// settle gives what is left without a type the type text.
func (c *compiler) settle(e expr) expr { return c.as(e, named("text")) }

// inline writes a value that is kept as a literal of SQLite.
func inline(v any) string {
	switch v := v.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		switch text := strconv.FormatFloat(v, 'g', -1, 64); text {
		case "+Inf":
			return "9e999"
		case "-Inf":
			return "-9e999"
		default:
			if !strings.ContainsAny(text, ".e") {
				text += ".0"
			}
			return text
		}
	case []byte:
		const digits = "0123456789abcdef"
		var b strings.Builder
		b.WriteString("x'")
		for _, x := range v {
			b.WriteByte(digits[x>>4])
			b.WriteByte(digits[x&15])
		}
		return b.String() + "'"
	case string:
		return literal(v)
	}
	return "NULL"
}

// cast makes e a value of the type and modifier, explicitly or by assignment.
func (c *compiler) cast(e expr, t *typ, mod int) expr {
	wasText := e.text != nil && e.typ == nil
	e = c.as(e, t)
	if wasText && e.typ == t && mod < 0 {
		return e
	}
	from := ""
	if e.typ != nil {
		from = e.typ.name
	}
	if e.typ != t || mod >= 0 {
		zone := c.session.settings.values["timezone"]
		e.sql = "dws_cast(" + e.sql + ", " + literal(from) + ", " + literal(t.name) + ", " + strconv.Itoa(mod) + ", " + literal(zone) + ")"
	}
	e.typ, e.mod, e.param, e.text = t, mod, 0, nil
	return e
}

// resolve finds a column.
func (c *compiler) resolve(qualifier, name string) (column, bool) {
	for s := c.scope; s != nil; s = s.outer {
		found := false
		for _, r := range s.relations {
			if qualifier != "" && r.name != qualifier {
				continue
			}
			found = found || qualifier != ""
			for _, col := range r.columns {
				if col.name == name {
					return col, true
				}
			}
		}
		if found {
			return column{}, false
		}
	}
	return column{}, false
}

func (c *compiler) reference(qualifier, name string) expr {
	col, ok := c.resolve(qualifier, name)
	if !ok && (name == "ctid" || name == "oid" || name == "tableoid") {
		return expr{sql: "rowid", typ: named("bigint"), mod: -1, name: name}
	}
	if !ok && qualifier == "" {
		for _, a := range c.aliases {
			if a.name == name {
				return expr{sql: quote(name), typ: a.typ, mod: a.mod, name: name}
			}
		}
	}
	if !ok {
		if qualifier != "" {
			raise("42703", "column %s.%s does not exist", qualifier, name)
		}
		raise("42703", "column %q does not exist", name)
	}
	sql := quote(name)
	if qualifier != "" {
		sql = quote(qualifier) + "." + sql
	}
	return expr{sql: sql, typ: col.typ, mod: col.mod, name: name}
}
