package iotdbdriver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/placeholder"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// checkInsert refuses an INSERT that the server would take and make something else
// of: a day that no calendar has, such as '2023-02-29', in a column of type DATE, and
// in the tree model bytes in a TEXT or STRING, which would get their hexadecimal
// digits. Only if there is such a literal the server is asked for the column's type.
func (c *conn) checkInsert(ctx context.Context, op string, id uint64, text string, bytes bool) error {
	tree := c.connector.config.Dialect == Tree
	bytes = bytes && tree
	if !bytes && !hasImpossibleDate(text) {
		return nil
	}
	insert, ok := parseInsert(c.connector.lexer(), text)
	if !ok || len(insert.suspects) == 0 {
		return nil // the server will say what is wrong, or there is nothing
	}
	names, types, err := c.columnTypes(ctx, op, id, insert.into, tree)
	if err != nil {
		if errors.Is(err, driver.ErrProgramming) || errors.Is(err, driver.ErrPermission) {
			return nil // no such table: the server will say so
		}
		return err
	}
	columns := insert.columns
	if columns == nil {
		columns = names
	}
	for _, s := range insert.suspects {
		if s.column >= len(columns) {
			continue
		}
		at := slices.IndexFunc(names, func(name string) bool { return sameName(name, columns[s.column], tree) })
		if at < 0 {
			continue
		}
		typ, _ := datatype.Of(types[at])
		switch {
		case !s.bytes && typ == datatype.Date:
			return c.session.link.Error(driver.ErrData, op, id,
				fmt.Sprintf("%s for the DATE %s is no day of the calendar", s.text, columns[s.column]), nil)
		case s.bytes && tree && (typ == datatype.Text || typ == datatype.String):
			return c.session.link.Error(driver.ErrData, op, id,
				fmt.Sprintf("bytes for the %s %s; the tree model takes text as a string only", typ, columns[s.column]), nil)
		}
	}
	return nil
}

// columnTypes returns the columns of a table, or the measurements of a device, and
// their types.
func (c *conn) columnTypes(ctx context.Context, op string, id uint64, name string, tree bool) (names, types []string, err error) {
	query, typeColumn := "DESC "+name, 1
	if tree {
		query, typeColumn = "SHOW TIMESERIES "+name+".*", 3
	}
	r, err := c.run(ctx, op, id, query)
	if err != nil {
		return nil, nil, err
	}
	rows, err := r.all()
	if err != nil || len(r.names) <= typeColumn {
		return nil, nil, plain(err)
	}
	for _, row := range rows {
		column, _ := row[0].(string)
		typ, _ := row[typeColumn].(string)
		names, types = append(names, column), append(types, typ)
	}
	return names, types, nil
}

// sameName compares a column as the server names it with one of a statement.
func sameName(stored, written string, tree bool) bool {
	if len(written) > 1 && (written[0] == '"' || written[0] == '`') && written[len(written)-1] == written[0] {
		quote := written[:1]
		written = strings.ReplaceAll(written[1:len(written)-1], quote+quote, quote)
	}
	if tree {
		return strings.HasSuffix(stored, "."+written) || strings.HasSuffix(stored, ".`"+written+"`")
	}
	return strings.EqualFold(stored, written)
}

// dateText is the length of '2006-01-02' with its quotes.
const dateText = len(`'2006-01-02'`)

// hasImpossibleDate reports whether there may be a quoted day that no calendar
// has.
func hasImpossibleDate(text string) bool {
	for {
		at := strings.IndexByte(text, '\'')
		if at < 0 || len(text)-at < dateText {
			return false
		}
		if impossibleDate(text[at : at+dateText]) {
			return true
		}
		text = text[at+1:]
	}
}

// impossibleDate reports whether the literal has the form of a day and is none.
func impossibleDate(literal string) bool {
	if len(literal) != dateText || literal[0] != literal[dateText-1] {
		return false
	}
	for i, form := range "0000-00-00" {
		c := literal[i+1]
		if form == '-' && c != '-' || form == '0' && (c < '0' || c > '9') {
			return false
		}
	}
	_, err := time.Parse(time.DateOnly, literal[1:dateText-1])
	return err != nil
}

// insertion is what is looked at of an INSERT.
type insertion struct {
	into     string // the table or device, as it is written
	columns  []string
	suspects []suspect
}

// suspect is a value that has the form of a day and is none, or the bytes X'...'.
type suspect struct {
	column int
	text   string
	bytes  bool
}

// parseInsert takes an INSERT ... VALUES apart; ok is false if it is not one.
func parseInsert(lexer *placeholder.Dialect, text string) (in insertion, ok bool) {
	s := lexer.Scan(text)
	var t placeholder.Token
	next := func() string {
		var more bool
		if t, more = s.Next(); !more {
			return ""
		}
		return text[t.Start:t.End]
	}
	if !strings.EqualFold(next(), "insert") || !strings.EqualFold(next(), "into") {
		return in, false
	}
	word := next()
	from, to := t.Start, t.End
	for word != "" && word != "(" && !strings.EqualFold(word, "values") && !strings.EqualFold(word, "aligned") {
		to = t.End
		word = next()
	}
	in.into = strings.TrimSpace(text[from:to])
	if word == "(" {
		for word = next(); word != ")"; word = next() {
			switch word {
			case "":
				return in, false
			case ",":
			default:
				in.columns = append(in.columns, word)
			}
		}
		word = next()
	}
	if strings.EqualFold(word, "aligned") {
		word = next()
	}
	if !strings.EqualFold(word, "values") {
		return in, false
	}
	column, depth := 0, 0
	hex := -1 // where an X ends
	for word = next(); word != ""; word = next() {
		switch {
		case word == "(":
			if depth++; depth == 1 {
				column = 0
			}
		case word == ")":
			depth--
		case word == "," && depth == 1:
			column++
		case t.Kind == placeholder.Quoted && t.Start == hex:
			in.suspects = append(in.suspects, suspect{column, word, true})
		case t.Kind == placeholder.Quoted && impossibleDate(word):
			in.suspects = append(in.suspects, suspect{column, word, false})
		}
		hex = -1
		if strings.EqualFold(word, "x") {
			hex = t.End
		}
	}
	return in, true
}
