package store

import (
	"regexp"

	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/parse"
)

// filter keeps the points whose value is in a relation to another.
type filter struct {
	op    string
	value any // int64, float64 or string
	regex *regexp.Regexp
}

func newFilter(f *parse.Filter) (*filter, *Error) {
	out := &filter{op: f.Op, value: f.Value}
	switch v := f.Value.(type) {
	case string:
	case parse.Regex:
		if f.Op != "==" && f.Op != "!=" {
			return nil, wrong("Regular expressions can only be used with 'equal' (==) or 'not equal' (!=) operator.")
		}
		re, err := compile(v)
		if err != nil {
			return nil, err
		}
		out.regex = re
	default:
		if f.Op == "~" || f.Op == "!~" {
			return nil, wrong("Operator '%s' can only be used with strings.", f.Op)
		}
	}
	return out, nil
}

func (f *filter) run(p *Points) (*Points, *Error) {
	var whole int64
	var real float64
	text, isText := f.value.(string)
	isText = isText || f.regex != nil
	switch v := f.value.(type) {
	case int64:
		whole, real = v, float64(v)
	case float64:
		whole, real = truncate(v), v
	}
	if p.Kind == String && !isText {
		return nil, wrong("Cannot use a number filter on string type.")
	}
	if p.Kind != String && isText {
		return nil, wrong("Cannot use a string filter on number type.")
	}
	out := &Points{Kind: p.Kind}
	for i, ts := range p.Times {
		keep := false
		switch {
		case f.regex != nil:
			keep = f.regex.MatchString(p.Strings[i]) == (f.op == "==")
		case p.Kind == String:
			keep = textRelation(f.op, p.Strings[i], text)
		case p.Kind == Int:
			keep = relation(f.op, p.Ints[i], whole)
		default:
			keep = sameOr(f.op, p.Floats[i], real)
		}
		if keep {
			out.add(ts, p, i)
		}
	}
	return out, nil
}

// sameOr is the relation of two floats; NaN equals NaN.
func sameOr(op string, a, b float64) bool {
	if a != a && b != b {
		return op == "==" || op == "<=" || op == ">="
	}
	return relation(op, a, b)
}
