package query

import (
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/eval"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// tableNameLength is the length the server reports of tbname.
const tableNameLength = 270

// relation is what a SELECT reads from.
type relation struct {
	name, alias string
	columns     []block.Field
	tags        []block.Field
	starTags    bool // * includes the tags
	isTable     bool // has tbname
	time        int  // the column of time, -1 if there is none
	precision   block.Precision
	scan        *Scan                      // of a table
	open        func(Scan) (Cursor, error) // of a table
	rows        func() (Cursor, error)     // of anything else
}

// scope finds columns in a relation and remembers which were asked for.
type scope struct {
	rel    *relation
	window bool
	need   []bool
	tags   bool // a tag or tbname was asked for
}

func newScope(rel *relation) *scope { return &scope{rel: rel, need: make([]bool, len(rel.columns))} }

// find is the place of a column, or of a tag, -1 if there is none.
func (s *scope) find(table, name string) (column, tag int) {
	column, tag = -1, -1
	if table != "" && table != s.rel.alias && (s.rel.alias != "" || table != s.rel.name) {
		return
	}
	if (name == "_rowts" || name == "_c0") && s.rel.time >= 0 {
		return s.rel.time, -1
	}
	for i := range s.rel.columns {
		if s.rel.columns[i].Name == name {
			return i, -1
		}
	}
	for i := range s.rel.tags {
		if s.rel.tags[i].Name == name {
			return -1, i
		}
	}
	return
}

// Column implements eval.Scope.
func (s *scope) Column(table, name string) (eval.Node, error) {
	column, tag := s.find(table, name)
	switch {
	case column >= 0:
		s.need[column] = true
		return eval.Node{Field: s.rel.columns[column], Eval: func(r *eval.Row) any { return r.Cols[column] }}, nil
	case tag >= 0:
		s.tags = true
		return eval.Node{Field: s.rel.tags[tag], Eval: func(r *eval.Row) any { return r.Tags[tag] }}, nil
	case name == "tbname" && s.rel.isTable:
		s.tags = true
		f := block.Field{Name: name, Type: block.VarChar, Bytes: tableNameLength}
		return eval.Node{Field: f, Eval: func(r *eval.Row) any { return r.Table }}, nil
	case name == "tbname" && s.rel.name != "":
		return eval.Node{}, sqlerr.ErrTableNameColumn
	}
	if n, ok := windowColumn(name); ok && table == "" {
		if s.window {
			return n, nil
		}
		return eval.Node{}, sqlerr.ErrWindowPseudoColumn
	}
	return eval.Node{}, sqlerr.Column(name)
}

func windowColumn(name string) (eval.Node, bool) {
	f := block.Field{Name: name, Type: block.Timestamp, Bytes: 8}
	switch name {
	case "_wstart":
		return eval.Node{Field: f, Eval: func(r *eval.Row) any { return r.Window.Start }}, true
	case "_wend":
		return eval.Node{Field: f, Eval: func(r *eval.Row) any { return r.Window.End }}, true
	case "_wduration":
		f.Type = block.BigInt
		return eval.Node{Field: f, Eval: func(r *eval.Row) any { return r.Window.End - r.Window.Start }}, true
	}
	return eval.Node{}, false
}

// groupScope is a scope above an aggregation. A column that is no key of the groups has one value
// only if an aggregate chooses a row.
type groupScope struct {
	*scope
	isKey func(table, name string) bool
	loose bool // a column that is no key was asked for
}

func (g *groupScope) Column(table, name string) (eval.Node, error) {
	column, tag := g.find(table, name)
	if (column >= 0 || tag >= 0 || name == "tbname") && !g.isKey(table, name) {
		g.loose = true
	}
	return g.scope.Column(table, name)
}
