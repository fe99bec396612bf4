package store

import (
	"context"
	"strings"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// The tree model, as much of it as drivers and their tests need: databases, series,
// INSERT, SELECT of one device, DELETE, SHOW. A device is a table without tags in the
// database Store.tree, whose name is the path; names count letter case.

// treeSyntax is how the tree model complains.
func treeSyntax(p *parser) {
	t := p.peek()
	line := 1 + strings.Count(p.sql[:t.start], "\n")
	panic(fail(CodeSyntax, "Error occurred while parsing SQL to physical plan: line %d:%d mismatched input '%s'",
		line, t.start-strings.LastIndexByte(p.sql[:t.start], '\n')-1, t.text))
}

// path reads root.a.b, whose last nodes may be * or **.
func (p *parser) path() string {
	if !p.accept("root") {
		treeSyntax(p)
	}
	nodes := []string{"root"}
	for p.accept(".") {
		switch t := p.peek(); {
		case p.accept("*", "*"):
			nodes = append(nodes, "**")
		case p.accept("*"):
			nodes = append(nodes, "*")
		case t.kind == word || t.kind == quoted:
			nodes = append(nodes, p.take().text)
		default:
			treeSyntax(p)
		}
	}
	return strings.Join(nodes, ".")
}

// node reads the name of a measurement.
func (p *parser) node() string {
	if t := p.peek(); t.kind != word && t.kind != quoted {
		treeSyntax(p)
	}
	return p.take().text
}

func split(path string) (device, measurement string) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path
	}
	return path[:i], path[i+1:]
}

// covers reports whether a pattern of a path is that of a path: * is a node, ** any
// number of them.
func covers(pattern, path string) bool {
	a, b := strings.Split(pattern, "."), strings.Split(path, ".")
	for i, node := range a {
		if node == "**" {
			return len(b) > i
		}
		if i >= len(b) || node != "*" && node != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}

func (s *Session) executeTree(ctx context.Context, sql string) (r *Result, err error) {
	tokens, err := lex(sql)
	if err != nil {
		return nil, fail(CodeSyntax, "Error occurred while parsing SQL to physical plan: %v", err)
	}
	p := &parser{sql: sql, tokens: tokens}
	defer func() {
		if x := recover(); x != nil {
			e, ok := x.(*Error)
			if !ok {
				panic(x)
			}
			r, err = nil, e
		}
	}()
	run := s.treeStatement(p)
	p.accept(";")
	if p.peek().kind != end {
		treeSyntax(p)
	}
	return run(ctx)
}

// work is a statement that was read.
type work = func(context.Context) (*Result, error)

// locked is a statement that changes something.
func (s *Session) locked(f func(ctx context.Context) error) work {
	return func(ctx context.Context) (*Result, error) {
		s.store.mu.Lock()
		defer s.store.mu.Unlock()
		return done(f(ctx))
	}
}

func (s *Session) treeStatement(p *parser) work {
	switch {
	case p.accept("create", "database"), p.accept("set", "storage", "group", "to"):
		path := p.path()
		return s.locked(func(context.Context) error { return s.store.createTreeDatabase(path) })
	case p.accept("delete", "database"), p.accept("drop", "database"):
		path := p.path()
		return s.locked(func(context.Context) error { return s.store.dropTreeDatabase(path) })
	case p.accept("create", "timeseries"):
		return s.createSeries(p)
	case p.accept("create", "aligned", "timeseries"):
		return s.createAligned(p)
	case p.accept("delete", "timeseries"), p.accept("drop", "timeseries"):
		path := p.path()
		return s.locked(func(context.Context) error { return s.store.dropSeries(path) })
	case p.accept("insert", "into"):
		return s.treeInsert(p)
	case p.accept("delete", "from"):
		return s.treeDelete(p)
	case p.accept("select"):
		return s.treeSelect(p)
	case p.accept("show"):
		return s.treeShow(p)
	case p.accept("count", "timeseries"):
		path := p.path()
		return func(context.Context) (*Result, error) {
			return listed([]Column{{"count(timeseries)", datatype.Int64}}, [][]any{{int64(len(s.store.series(path)))}}), nil
		}
	case p.accept("kill", "query"):
		t := p.take()
		return func(context.Context) (*Result, error) { return nil, &Kill{ID: t.text} }
	case p.accept("flush"):
		return func(context.Context) (*Result, error) { return &Result{}, nil }
	}
	treeSyntax(p)
	return nil
}
