// Package query reads statements as far as a driver must: what kind they are,
// where their placeholders are, and the driver's own INSERT, which SiriDB's
// language does not have. Everything else is left for the server to judge.
package query

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gaugesql/gaugesql/internal/placeholder"
)

// Kind is what the answer to a statement looks like.
type Kind uint8

// The kinds. Other is everything but select and insert: its answer tells by
// itself what it is.
const (
	Other Kind = iota
	Select
	Insert
)

// Statement is a statement taken apart.
type Statement struct {
	// Text without a semicolon at its end.
	Text string
	Kind Kind
	// Timeit is true if the server is asked for durations.
	Timeit bool
	// Args is the number of placeholders.
	Args int
	// Insert is the statement of kind Insert; nil otherwise.
	Insert *InsertStatement
}

// ErrSyntax is what errors of this package wrap, except those of literals.
var ErrSyntax = errors.New("syntax error")

func syntax(at int, format string, args ...any) error {
	return fmt.Errorf("%w at byte %d: %s", ErrSyntax, at, fmt.Sprintf(format, args...))
}

var dialect = &placeholder.SiriDB

// Parse takes a statement apart.
func Parse(text string) (*Statement, error) {
	if at := strings.IndexByte(text, 0); at >= 0 {
		return nil, syntax(at, "a NUL byte, where the server would stop reading")
	}
	first, rest := dialect.First(text)
	if rest != "" {
		return nil, syntax(len(text)-len(rest), "a second statement; SiriDB takes one at a time")
	}
	s := &Statement{Text: first}
	scan := dialect.Scan(first)
	t, ok := scan.Next()
	if ok && word(first, t) == "timeit" {
		s.Timeit = true
		t, ok = scan.Next()
	}
	switch w := word(first, t); {
	case !ok:
	case w == "select":
		s.Kind = Select
	case strings.EqualFold(w, "insert") && !s.Timeit:
		s.Kind = Insert
		insert, err := parseInsert(first)
		if err != nil {
			return nil, err
		}
		s.Insert, s.Args = insert, insert.args
		return s, nil
	case t.Kind == placeholder.Question:
		// The server's alias for help, unless something is calculated with it.
		if next, more := scan.Next(); !more || next.Kind == placeholder.Word {
			s.Text = first[:t.Start] + "help" + first[t.End:]
		}
	}
	_, args, err := dialect.Marks(s.Text)
	if s.Args = args; args == 0 {
		s.Text = first
	}
	return s, err
}

func word(text string, t placeholder.Token) string {
	if t.Kind != placeholder.Word {
		return ""
	}
	return text[t.Start:t.End]
}

// Expand writes the arguments into the statement's text; not for kind Insert.
func Expand[A any](s *Statement, args []A, quote func(dst []byte, arg A) ([]byte, error)) (string, error) {
	if s.Args == 0 && len(args) == 0 {
		return s.Text, nil
	}
	return placeholder.Expand(dialect, s.Text, args, quote)
}
