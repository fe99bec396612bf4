package store

import (
	"slices"
	"time"

	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/parse"
)

// set is a set of series.
type set map[*Series]bool

// match finds the series that a query means, by age. It works from left to right.
func (d *Database) match(terms parse.Series, now time.Time) ([]*Series, *Error) {
	if terms == nil {
		return d.order, nil
	}
	found, err := d.matchSet(terms, now)
	if err != nil {
		return nil, err
	}
	list := make([]*Series, 0, len(found))
	for s := range found {
		list = append(list, s)
	}
	slices.SortFunc(list, byID)
	return list, nil
}

func (d *Database) matchSet(terms parse.Series, now time.Time) (set, *Error) {
	result := set{}
	for _, t := range terms {
		found, err := d.matchTerm(t, now)
		if err != nil {
			return nil, err
		}
		switch t.Op {
		case "", "|":
			for s := range found {
				result[s] = true
			}
		case "-":
			for s := range found {
				delete(result, s)
			}
		case "&":
			for s := range result {
				if !found[s] {
					delete(result, s)
				}
			}
		case "^":
			for s := range found {
				if result[s] {
					delete(result, s)
				} else {
					result[s] = true
				}
			}
		}
	}
	return result, nil
}

func (d *Database) matchTerm(t parse.Term, now time.Time) (set, *Error) {
	found := set{}
	switch {
	case t.Inner != nil:
		return d.matchSet(t.Inner, now)
	case t.All:
		for _, s := range d.order {
			found[s] = true
		}
	case t.Name != nil:
		if s := d.series[*t.Name]; s != nil {
			found[s] = true
		}
	case t.Group != nil:
		if g := d.groups[*t.Group]; g != nil {
			for _, s := range g.members(now) {
				found[s] = true
			}
		} else if tagged := d.tags[*t.Group]; tagged != nil {
			return tagged.series, nil
		} else {
			return nil, wrong("Cannot find group or tag '%s'", *t.Group)
		}
	default:
		re, err := compile(t.Regex)
		if err != nil {
			return nil, err
		}
		for _, s := range d.order {
			if re.MatchString(s.Name) {
				found[s] = true
			}
		}
	}
	return found, nil
}
