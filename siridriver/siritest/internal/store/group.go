package store

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"time"

	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/parse"
)

// group is the series whose names match a regular expression. It is filled some
// time after it was made.
type group struct {
	name   string
	source string
	regex  *regexp.Regexp
	from   time.Time // nothing is in it before
	series []*Series
}

// tag is a set of series that users choose.
type tag struct {
	name   string
	series map[*Series]bool
}

// compile reads a regular expression of the language. The server's own are those
// of PCRE; ones that Go does not have, look-around among them, are refused.
func compile(source parse.Regex) (*regexp.Regexp, *Error) {
	s, flags := string(source), ""
	if s[len(s)-1] == 'i' {
		s, flags = s[:len(s)-1], "(?i)"
	}
	pattern := "^" + s[1:len(s)-1] + "$"
	re, err := regexp.Compile(flags + pattern)
	if err == nil {
		return re, nil
	}
	text := err.Error()
	var e *syntax.Error
	if errors.As(err, &e) {
		text = e.Code.String()
		if e.Code == syntax.ErrMissingParen {
			text = "missing closing parenthesis"
		}
	}
	return nil, wrong("Cannot compile regular expression '%s': %s", pattern, text)
}

// fill puts the series into the group that belong there.
func (d *Database) fill(g *group, ready time.Time) {
	g.from, g.series = ready, nil
	for _, s := range d.order {
		if g.regex.MatchString(s.Name) {
			g.series = append(g.series, s)
		}
	}
}

// members are the series of a group at a time.
func (g *group) members(now time.Time) []*Series {
	if now.Before(g.from) {
		return nil
	}
	return g.series
}

func (d *Database) checkName(what, name string) *Error {
	switch {
	case len(name) < 1:
		return wrong("%s name should be at least 1 characters.", what)
	case len(name) > 255:
		return wrong("%s name should be at most 255 characters.", what)
	}
	return d.checkTaken(name)
}

// checkTaken refuses a name that a group or a tag has.
func (d *Database) checkTaken(name string) *Error {
	if d.groups[name] != nil {
		return wrong("Group '%s' already exists.", name)
	}
	if d.tags[name] != nil {
		return wrong("Tag '%s' already exists.", name)
	}
	return nil
}
