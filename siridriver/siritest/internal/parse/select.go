package parse

import "math"

func (p *parser) selectStmt() (Body, bool) {
	s, ok := &Select{}, false
	for {
		sel, ok := p.selection()
		if !ok {
			return nil, false
		}
		s.Selections = append(s.Selections, sel)
		if !p.token(",") {
			break
		}
	}
	if !p.is("from") {
		return nil, false
	}
	if s.From, ok = p.series(); !ok {
		return nil, false
	}
	if s.Where, ok = p.where("series"); !ok {
		return nil, false
	}
	if s.Range, ok = p.timeRange(); !ok {
		return nil, false
	}
	if !p.is("merge") {
		return s, true
	}
	if !p.is("as") {
		return nil, false
	}
	s.Merge = &Merge{}
	if s.Merge.As, ok = p.text(); !ok {
		return nil, false
	}
	if p.is("using") {
		s.Merge.Using, ok = p.functions()
	}
	return s, ok
}

func (p *parser) selection() (s Selection, ok bool) {
	if s.Functions, ok = p.functions(); !ok {
		return s, false
	}
	if p.is("prefix") {
		if s.Prefix, ok = p.text(); !ok {
			return s, false
		}
	}
	if p.is("suffix") {
		s.Suffix, ok = p.text()
	}
	return s, ok
}

func (p *parser) timeRange() (r Range, ok bool) {
	kind, ok := p.keyword("after", "between", "before", "tail", "head")
	if !ok {
		return r, true
	}
	r.Kind = kind
	if kind == "tail" || kind == "head" {
		r.A, ok = p.count()
		return r, ok
	}
	if r.A, ok = p.moment(); !ok || kind != "between" {
		return r, ok
	}
	if !p.is("and") {
		return r, false
	}
	r.B, ok = p.moment()
	return r, ok
}

// The functions in the order of the grammar.
var (
	functions = []string{"offset", "limit", "mean", "sum", "median", "median_low", "median_high", "min", "max", "count", "variance",
		"pvariance", "stddev", "first", "last", "timeval", "interval", "difference", "derivative", "filter"}
	limiting = []string{"mean", "median", "median_high", "median_low", "sum", "min", "max", "count", "variance", "pvariance", "stddev", "first", "last"}
)

func (p *parser) functions() (list []Function, ok bool) {
	for {
		f, ok := p.function()
		if !ok {
			return nil, false
		}
		list = append(list, f)
		if !p.token("=>") {
			return list, true
		}
	}
}

func (p *parser) function() (f Function, ok bool) {
	if p.token("*") || p.is("all") {
		return Function{Name: "all"}, true
	}
	if f.Name, ok = p.keyword(functions...); !ok {
		return Function{Name: "all"}, p.is("points")
	}
	if !p.token("(") {
		return f, false
	}
	switch f.Name {
	case "timeval", "interval":
	case "filter":
		if f.Filter, ok = p.filter(); !ok {
			return f, false
		}
	case "limit":
		x, ok := p.count()
		if !ok || !p.token(",") {
			return f, false
		}
		f.Args = []int64{x}
		if f.Of, ok = p.keyword(limiting...); !ok {
			return f, false
		}
	case "offset":
		x, ok := p.moment()
		if !ok {
			return f, false
		}
		f.Args = []int64{x}
	case "derivative":
		if f.Args, ok = p.arguments(2); !ok {
			return f, false
		}
	default:
		if f.Args, ok = p.arguments(1); !ok {
			return f, false
		}
	}
	return f, p.token(")")
}

// arguments reads none to most expressions of times.
func (p *parser) arguments(most int) (args []int64, ok bool) {
	p.skip()
	at := p.pos
	x, ok := p.moment()
	if !ok {
		return nil, p.pos == at // there may be none, but no half of one
	}
	args = []int64{x}
	for len(args) < most && p.token(",") {
		if x, ok = p.moment(); !ok {
			return nil, false
		}
		args = append(args, x)
	}
	return args, true
}

// filter reads an operator, == if there is none, and a value.
func (p *parser) filter() (*Filter, bool) {
	f := &Filter{Op: "=="}
	if op, ok := p.tokens(textOperators); ok {
		f.Op = op
	}
	if s, ok := p.text(); ok {
		f.Value = s
		return f, true
	}
	// The longer of integer and float wins.
	rest := p.rest()
	n := sign(rest)
	whole := n + digits(rest[n:])
	if floatLen(rest) > whole || whole == n {
		p.expect("integer")
		if v, ok := p.float(); ok {
			f.Value = v
			return f, true
		}
	} else if s, ok := p.integer(); ok {
		f.Value = nearest(s)
		return f, true
	}
	if re, ok := p.regex("regular_expression"); ok {
		f.Value = re
		return f, true
	}
	switch {
	case p.is("nan"):
		f.Value = math.NaN()
	case p.is("inf"):
		f.Value = math.Inf(1)
	case p.token("-"):
		if !p.is("inf") {
			return nil, false
		}
		f.Value = math.Inf(-1)
	default:
		return nil, false
	}
	return f, true
}
