package query

import (
	"math"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/internal/placeholder"
	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
)

// InsertStatement is the driver's own statement
//
//	INSERT INTO <series> [(time, value)] VALUES (<time>, <value>), …
//	INSERT INTO <anything> (series, time, value) VALUES (<series>, <time>, <value>), …
//
// with the columns in any order. Keywords and columns may be in any case, names
// in any quotes or bare.
type InsertStatement struct {
	// Rows in the order written.
	Rows []Row
	args int
}

// Row is one point.
type Row struct {
	Series, Time, Value Operand
}

// Operand is a constant or a placeholder.
type Operand struct {
	Kind  OperandKind
	Arg   int // index of the argument
	Int   int64
	Float float64
	Text  string
}

// OperandKind tells which field of an [Operand] counts.
type OperandKind uint8

// The kinds of operands. Now is the keyword.
const (
	Arg OperandKind = iota + 1
	Int
	Float
	Text
	Now
)

// parser walks through an INSERT with one token of foresight.
type parser struct {
	text string
	scan placeholder.Scanner
	tok  placeholder.Token
	more bool
	args int
}

func parseInsert(text string) (*InsertStatement, error) {
	p := &parser{text: text, scan: dialect.Scan(text)}
	p.next()
	p.next() // insert
	if !p.keyword("into") {
		return nil, p.expected("INTO")
	}
	var target Operand
	var err error
	if !p.symbol('(') && !strings.EqualFold(p.word(), "values") {
		if target, err = p.name(); err != nil {
			return nil, err
		}
	}
	columns, err := p.columns()
	if err != nil {
		return nil, err
	}
	if !p.keyword("values") {
		return nil, p.expected("VALUES")
	}
	insert := new(InsertStatement)
	for first := 0; ; {
		begin := p.at()
		row, used, err := p.row(columns)
		if err != nil {
			return nil, err
		}
		if first == 0 {
			first = used
		}
		if used != first {
			return nil, syntax(begin, "%d values after rows of %d", used, first)
		}
		if used == len(long) && target.Kind == Arg {
			return nil, syntax(0, "the series is given twice, after INTO and as a column")
		}
		if used == len(short) {
			if row.Series = target; target.Kind == 0 {
				return nil, syntax(0, "no series, neither after INTO nor as a column")
			}
		}
		insert.Rows = append(insert.Rows, row)
		if !p.take(',') {
			break
		}
	}
	if p.more {
		return nil, p.expected("a comma or the end")
	}
	insert.args = p.args
	return insert, nil
}

// The columns without a list of them, by their number.
var (
	short = []string{"time", "value"}
	long  = []string{"series", "time", "value"}
)

// columns reads the list of columns; nil if there is none.
func (p *parser) columns() ([]string, error) {
	if !p.take('(') {
		return nil, nil
	}
	var columns []string
	seen := map[string]bool{}
	for {
		at := p.tok.Start
		name, err := p.name()
		if err != nil {
			return nil, err
		}
		column := strings.ToLower(name.Text)
		switch {
		case name.Kind != Text, column != "series" && column != "time" && column != "value":
			return nil, syntax(at, "a point has the columns series, time and value")
		case seen[column]:
			return nil, syntax(at, "column %s is given twice", column)
		}
		seen[column] = true
		columns = append(columns, column)
		if !p.take(',') {
			break
		}
	}
	if !seen["time"] || !seen["value"] {
		return nil, syntax(p.at(), "columns time and value are both needed")
	}
	if !p.take(')') {
		return nil, p.expected(`")"`)
	}
	return columns, nil
}

// row reads one tuple and returns it with its number of columns.
func (p *parser) row(columns []string) (row Row, n int, err error) {
	begin := p.at()
	if !p.take('(') {
		return row, 0, p.expected(`"("`)
	}
	var operands [3]Operand
	for {
		if n == len(operands) || columns != nil && n == len(columns) {
			return row, 0, syntax(begin, "more values than columns")
		}
		if operands[n], err = p.operand(); err != nil {
			return row, 0, err
		}
		n++
		if !p.take(',') {
			break
		}
	}
	if !p.take(')') {
		return row, 0, p.expected(`a comma or ")"`)
	}
	if columns == nil {
		if columns = long; n == len(short) {
			columns = short
		}
	}
	if n != len(columns) {
		return row, 0, syntax(begin, "%d values for %d columns", n, len(columns))
	}
	for i, column := range columns {
		switch column {
		case "series":
			row.Series = operands[i]
		case "time":
			row.Time = operands[i]
		case "value":
			row.Value = operands[i]
		}
	}
	return row, n, nil
}

// name reads the name of a series or column: quoted, bare, or a placeholder.
func (p *parser) name() (Operand, error) {
	at := p.at()
	switch {
	case !p.more || p.tok.Kind == placeholder.Semicolon:
		return Operand{}, p.expected("a name")
	case p.tok.Kind == placeholder.Question:
		return p.argument(), nil
	case p.tok.Kind == placeholder.Quoted:
		name, ok := unquote(p.text[p.tok.Start:p.tok.End])
		if !ok || p.text[p.tok.Start] == '/' {
			return Operand{}, syntax(at, "a name that is not closed, or a regular expression")
		}
		p.next()
		return Operand{Kind: Text, Text: name}, nil
	}
	bare := p.run()
	if bare == "" {
		return Operand{}, syntax(at, "a name is expected; put quotes around one with unusual characters")
	}
	return Operand{Kind: Text, Text: bare}, nil
}

// operand reads a value: a placeholder, a string, a number, nan, inf or now.
func (p *parser) operand() (Operand, error) {
	at := p.at()
	switch {
	case !p.more:
		return Operand{}, p.expected("a value")
	case p.tok.Kind == placeholder.Question:
		return p.argument(), nil
	case p.tok.Kind == placeholder.Quoted:
		text, ok := unquote(p.text[p.tok.Start:p.tok.End])
		if c := p.text[p.tok.Start]; !ok || c == '/' || c == '`' {
			return Operand{}, syntax(at, "a string in ' or \" is expected")
		}
		p.next()
		return Operand{Kind: Text, Text: text}, nil
	}
	bare := p.run()
	if n, err := strconv.ParseInt(bare, 10, 64); err == nil {
		return Operand{Kind: Int, Int: n}, nil
	}
	switch strings.ToLower(bare) {
	case "now":
		return Operand{Kind: Now}, nil
	case "nan":
		return Operand{Kind: Float, Float: math.NaN()}, nil
	case "inf", "+inf":
		return Operand{Kind: Float, Float: math.Inf(1)}, nil
	case "-inf":
		return Operand{Kind: Float, Float: math.Inf(-1)}, nil
	}
	if number(bare) {
		if f, err := strconv.ParseFloat(bare, 64); err == nil && strings.ContainsAny(bare, ".eE") {
			return Operand{Kind: Float, Float: f}, nil
		}
		return Operand{}, &overflowError{syntax(at, "a number that does not fit into 64 bits")}
	}
	return Operand{}, syntax(at, "a number, a string, nan, inf, now or ? is expected")
}

// overflowError is a number beyond 64 bits.
type overflowError struct{ error }

// Unwrap makes it a syntax error and an overflow.
func (e *overflowError) Unwrap() []error { return []error{e.error, qpack.ErrOverflow} }

// number reports whether s is made of what decimal numbers are made of.
func number(s string) bool {
	return strings.Trim(s, "0123456789.+-eE") == "" && strings.ContainsAny(s, "0123456789")
}

// run reads tokens that touch each other as one: cpu.user, -1.5e-3. It ends at a
// blank and at any of "(),;" and quotes.
func (p *parser) run() string {
	begin, end := p.tok.Start, p.tok.Start
	for p.more && p.tok.Start == end {
		switch p.tok.Kind {
		case placeholder.Word, placeholder.Number:
		case placeholder.Symbol:
			if strings.IndexByte("(),", p.text[p.tok.Start]) >= 0 {
				return p.text[begin:end]
			}
		default:
			return p.text[begin:end]
		}
		end = p.tok.End
		p.next()
	}
	return p.text[begin:end]
}

func (p *parser) argument() Operand {
	p.next()
	p.args++
	return Operand{Kind: Arg, Arg: p.args - 1}
}

func (p *parser) next() { p.tok, p.more = p.scan.Next() }

// at is where the parser is, for errors.
func (p *parser) at() int {
	if !p.more {
		return len(p.text)
	}
	return p.tok.Start
}

func (p *parser) word() string {
	if !p.more {
		return ""
	}
	return word(p.text, p.tok)
}

func (p *parser) keyword(want string) bool {
	if !strings.EqualFold(p.word(), want) {
		return false
	}
	p.next()
	return true
}

func (p *parser) symbol(c byte) bool {
	return p.more && p.tok.Kind == placeholder.Symbol && p.text[p.tok.Start] == c
}

func (p *parser) take(c byte) bool {
	if !p.symbol(c) {
		return false
	}
	p.next()
	return true
}

func (p *parser) expected(what string) error { return syntax(p.at(), "%s is expected", what) }

// unquote undoes quotes of any kind. ok is false if they are not closed.
func unquote(s string) (text string, ok bool) {
	q := s[:1]
	if len(s) < 2 || !strings.HasSuffix(s, q) {
		return "", false
	}
	inner := s[1 : len(s)-1]
	if strings.Count(inner, q)%2 != 0 { // "a"" is open: its end is a doubled quote
		return "", false
	}
	return strings.ReplaceAll(inner, q+q, q), true
}
