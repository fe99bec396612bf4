package prepare

import (
	"slices"
	"strings"

	"github.com/gaugesql/gaugesql/internal/placeholder"
)

// Insert is what has to be known of an INSERT before the server prepares it.
type Insert struct {
	// Table is the one that has the columns, as it is written: the super table
	// behind USING, otherwise the table itself. Empty if that is a placeholder.
	Table string
	// Columns is the list of columns, folded as the server does; nil if all are
	// meant.
	Columns []string
	// Mixed tells that not every value is a placeholder.
	Mixed bool
	// Bound tells that the name of the table to write to is bound: it is a
	// placeholder, or tbname is among the columns.
	Bound bool
	// Placeholder delimits the "?" for the table's name in the text, if Table is
	// empty.
	Placeholder [2]int
}

// ParseInsert takes the form of INSERT that the server binds values to:
//
//	INSERT INTO t|? [(columns)] [USING s [(tags)] TAGS (...)] [(columns)] VALUES (...)
//
// ok is false for all others: several rows or tables, a placeholder for the super
// table.
func ParseInsert(sql string) (in Insert, ok bool) {
	p := &insertParser{sql: sql, scanner: placeholder.TDengine.Scan(sql)}
	p.next()
	if !p.word("insert") || !p.word("into") {
		return in, false
	}
	if p.token.Kind == placeholder.Question && !p.end {
		in.Bound, in.Placeholder = true, [2]int{p.token.Start, p.token.End}
		p.next()
	} else if in.Table, ok = p.name(); !ok {
		return in, false
	}
	if in.Columns, ok = p.list(); !ok {
		return in, false
	}
	if p.word("using") {
		if in.Table, ok = p.name(); !ok {
			return in, false
		}
		if _, ok = p.list(); !ok {
			return in, false
		}
		if !p.word("tags") || !p.group() {
			return in, false
		}
		if in.Columns == nil {
			if in.Columns, ok = p.list(); !ok {
				return in, false
			}
		}
	}
	if !p.word("values") {
		return in, false
	}
	if in.Mixed, ok = p.values(); !ok {
		return in, false
	}
	for !p.end && p.token.Kind == placeholder.Semicolon {
		p.next()
	}
	in.Bound = in.Bound || slices.Contains(in.Columns, "tbname")
	return in, p.end
}

type insertParser struct {
	sql     string
	scanner placeholder.Scanner
	token   placeholder.Token
	end     bool
}

func (p *insertParser) next() {
	var ok bool
	p.token, ok = p.scanner.Next()
	p.end = !ok
}

func (p *insertParser) text() string {
	if p.end {
		return ""
	}
	return p.sql[p.token.Start:p.token.End]
}

// word passes over a keyword.
func (p *insertParser) word(w string) bool {
	if p.token.Kind != placeholder.Word || !strings.EqualFold(p.text(), w) {
		return false
	}
	p.next()
	return true
}

// identifier passes over a name without a database.
func (p *insertParser) identifier() (folded string, ok bool) {
	text := p.text()
	switch {
	case p.end:
		return "", false
	case p.token.Kind == placeholder.Word:
		folded = strings.ToLower(text)
	case p.token.Kind == placeholder.Quoted && text[0] == '`' && len(text) > 2:
		folded = strings.ReplaceAll(text[1:len(text)-1], "``", "`")
	default:
		return "", false
	}
	p.next()
	return folded, true
}

// name passes over a table's name with or without a database and returns it as
// it is written.
func (p *insertParser) name() (string, bool) {
	start, end := p.token.Start, p.token.End
	if _, ok := p.identifier(); !ok {
		return "", false
	}
	if p.text() == "." {
		p.next()
		end = p.token.End
		if _, ok := p.identifier(); !ok {
			return "", false
		}
	}
	return p.sql[start:end], true
}

// list passes over a list of names in parentheses, if there is one.
func (p *insertParser) list() ([]string, bool) {
	if p.text() != "(" {
		return nil, true
	}
	var names []string
	for {
		p.next()
		name, ok := p.identifier()
		if !ok {
			return nil, false
		}
		names = append(names, name)
		switch p.text() {
		case ",":
		case ")":
			p.next()
			return names, true
		default:
			return nil, false
		}
	}
}

// values passes over the row of values. mixed tells that it has more than
// placeholders.
func (p *insertParser) values() (mixed, ok bool) {
	ahead := *p
	for ahead.next(); ahead.token.Kind == placeholder.Question; ahead.next() {
		if ahead.next(); ahead.text() != "," {
			break
		}
	}
	return ahead.text() != ")", p.group()
}

// group passes over anything in parentheses.
func (p *insertParser) group() bool {
	if p.text() != "(" {
		return false
	}
	for depth := 0; !p.end; {
		switch p.text() {
		case "(":
			depth++
		case ")":
			depth--
		case ";":
			return false
		}
		p.next()
		if depth == 0 {
			return true
		}
	}
	return false
}
