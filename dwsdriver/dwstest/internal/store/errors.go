package store

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/message"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/upstream"
)

// Error is an error with its SQLSTATE.
type Error struct{ State, Text string }

func (e *Error) Error() string { return e.Text }

func failf(state, format string, args ...any) *Error {
	return &Error{state, fmt.Sprintf(format, args...)}
}

// mark carries an error through SQLite, which knows texts only.
const mark = "\x01dws:"

func (e *Error) marked() error { return fmt.Errorf("%s%s:%s\x01", mark, e.State, e.Text) }

var patterns = []struct {
	pattern *regexp.Regexp
	state   string
	text    string
}{
	{regexp.MustCompile(`no such table: (?:main\.)?(\S+)`), "42P01", `relation "$1" does not exist`},
	{regexp.MustCompile(`no such column: "?([^" ]+)"?`), "42703", `column "$1" does not exist`},
	{regexp.MustCompile(`has no column named (\S+)`), "42703", `column "$1" does not exist`},
	{regexp.MustCompile(`no such function: (\S+)`), "42883", `function $1 does not exist`},
	{regexp.MustCompile(`wrong number of arguments to function (\S+)\(\)`), "42883", `function $1 does not exist with these arguments`},
	{regexp.MustCompile(`(?:table|index|view) (\S+) already exists`), "42P07", `relation "$1" already exists`},
	{regexp.MustCompile(`no such (?:index|view): (\S+)`), "42704", `"$1" does not exist`},
	{regexp.MustCompile(`ambiguous column name: (\S+)`), "42702", `column reference "$1" is ambiguous`},
	{regexp.MustCompile(`UNIQUE constraint failed: (\w+)\.`), "23505", `duplicate key value violates unique constraint "${1}_pkey"`},
	{regexp.MustCompile(`NOT NULL constraint failed: \w+\.(\w+)`), "23502", `null value in column "$1" violates not-null constraint`},
	{regexp.MustCompile(`CHECK constraint failed: (.+?)(?: \(\d+\))?$`), "23514", `new row violates check constraint "$1"`},
	{regexp.MustCompile(`FOREIGN KEY constraint failed`), "23503", `violates foreign key constraint`},
	{regexp.MustCompile(`near "(.*?)": syntax error`), "42601", `syntax error at or near "$1"`},
	{regexp.MustCompile(`incomplete input|unrecognized token`), "42601", `syntax error at end of input`},
	{regexp.MustCompile(`table \S+ has (\d+) columns but (\d+) values were supplied|\d+ values for \d+ columns`), "42601", `INSERT has more expressions than target columns`},
	{regexp.MustCompile(`misuse of aggregate`), "42803", `aggregate functions are not allowed here`},
	{regexp.MustCompile(`integer overflow`), "22003", `bigint out of range`},
	{regexp.MustCompile(`database is locked|database table is locked`), "40001", `could not serialize access due to concurrent update`},
	{regexp.MustCompile(`interrupted|context canceled`), "57014", `canceling statement due to user request`},
	{regexp.MustCompile(`query_only|readonly database`), "25006", `cannot execute this statement in a read-only transaction`},
}

// explain turns an error of SQLite's into one of the server's.
func explain(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := err.(*Error); ok {
		return e
	}
	text := err.Error()
	if _, rest, ok := strings.Cut(text, mark); ok {
		rest, _, _ = strings.Cut(rest, "\x01")
		state, text, _ := strings.Cut(rest, ":")
		return &Error{state, text}
	}
	for _, p := range patterns {
		if m := p.pattern.FindStringSubmatchIndex(text); m != nil {
			return &Error{p.state, string(p.pattern.ExpandString(nil, strings.ReplaceAll(p.text, "$1", "${1}"), text, m))}
		}
	}
	return &Error{"42601", "the embedded store cannot run this statement: " + text}
}

// upstream is the error as a login meets it.
func (e *Error) upstream() error {
	return &upstream.Error{Fields: e.fields("FATAL")}
}

func (e *Error) fields(severity string) []message.Field {
	return []message.Field{{Code: 'S', Text: severity}, {Code: 'C', Text: e.State}, {Code: 'M', Text: e.Text}}
}
