package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// treeAggregates are the tree model's functions by the names of the table model's.
var treeAggregates = map[string]string{
	"count": "count", "sum": "sum", "avg": "avg", "max_value": "max", "min_value": "min", "first_value": "first", "last_value": "last",
}

// treeSelect reads SELECT items FROM device [WHERE] [ORDER BY TIME] [LIMIT] [OFFSET].
func (s *Session) treeSelect(p *parser) work {
	var items []item
	p.list(func() { items = append(items, p.item()) })
	if f, ok := items[0].x.(call); ok && f.name == SleepFunction && len(items) == 1 && !p.is("from") {
		return func(ctx context.Context) (*Result, error) {
			return s.query(ctx, &selection{items: items}, nil)
		}
	}
	if !p.accept("from") {
		treeSyntax(p)
	}
	q := treeQuery{device: p.path(), items: items, where: p.where()}
	if p.accept("order", "by") {
		p.expect("time")
		q.desc = p.accept("desc")
		if !q.desc {
			p.accept("asc")
		}
	}
	for range 2 {
		if q.limit == nil && p.accept("limit") {
			q.limit = p.primary()
		}
		if q.offset == nil && p.accept("offset") {
			q.offset = p.primary()
		}
	}
	return func(ctx context.Context) (*Result, error) { return s.runTree(ctx, &q) }
}

type treeQuery struct {
	device        string
	items         []item
	where         node
	desc          bool
	limit, offset node
}

// treeColumn is a column of a result.
type treeColumn struct {
	Column
	x typed
}

func (s *Session) runTree(ctx context.Context, q *treeQuery) (*Result, error) {
	c := &compiler{session: s, now: time.Now(), tree: true}
	var text fragment
	r := &Result{Time: true, Names: true, Columns: []Column{}, Index: []int32{}, Blocks: []datatype.Type{}}
	found := false
	func() {
		s.store.mu.RLock()
		defer s.store.mu.RUnlock()
		t := s.store.tree.tables[q.device]
		if t == nil {
			return
		}
		var scope []scoped
		for _, f := range t.columns {
			scope = append(scope, scoped{"", f.name, f.typ, fragment{sql: t.rows() + "." + f.sql()}, false})
		}
		list, aggregated := c.treeItems(q, t, scope)
		if list == nil {
			return
		}
		found = true
		text = c.treeText(q, t, scope, list, aggregated, r)
	}()
	if !found {
		return r, nil
	}
	if c.sleep > 0 {
		if err := sleep(ctx, c.sleep); err != nil {
			return nil, err
		}
	}
	rows, err := s.store.db.Reader().QueryContext(ctx, text.sql, text.args...)
	if err != nil {
		return nil, broken(ctx, err)
	}
	r.rows = rows
	return r, nil
}

// treeItems compiles what is selected; what does not exist is left out.
func (c *compiler) treeItems(q *treeQuery, t *table, scope []scoped) (list []treeColumn, aggregated bool) {
	for _, it := range q.items {
		for _, x := range spread(it.x, t) {
			if !exist(x, t) {
				continue
			}
			col := treeColumn{x: c.expression(treeFunctions(x), scope)}
			if b, ok := x.(binop); ok && strings.Contains("+-*/%", b.op) {
				col.x.typ = datatype.Double
			}
			col.Name, col.Type = it.alias, col.x.typ
			if col.Name == "" {
				col.Name = treeName(x, q.device)
			}
			aggregated = aggregated || col.x.aggregate
			list = append(list, col)
		}
	}
	return list, aggregated
}

// treeText writes the query and describes its result.
func (c *compiler) treeText(q *treeQuery, t *table, scope []scoped, list []treeColumn, aggregated bool, r *Result) fragment {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(list[a].x.sql, list[b].x.sql) })
	r.Index = make([]int32, len(list))
	text := fragment{sql: "select " + t.rows() + ".time"}
	if r.Time = !aggregated; aggregated {
		text.sql = "select "
	}
	present := fragment{}
	for n, i := range order {
		if n == 0 || !same(list[order[n-1]].x.fragment, list[i].x.fragment) {
			if n > 0 || r.Time {
				text.sql += ", "
			}
			text = compose("%s%s", text, list[i].x.fragment)
			r.Blocks = append(r.Blocks, list[i].Type)
			if present.sql != "" {
				present.sql += " or "
			}
			present = compose("%s%s is not null", present, list[i].x.fragment)
		}
		r.Index[i] = int32(len(r.Blocks) - 1)
	}
	for _, col := range list {
		r.Columns = append(r.Columns, col.Column)
	}
	text = compose("%s from "+t.rows(), text)
	glue := " where "
	if q.where != nil {
		text = compose("%s"+glue+"%s", text, c.boolean(q.where, scope, "WHERE clause").fragment)
		glue = " and "
	}
	if aggregated {
		return text
	}
	text = compose("%s"+glue+"(%s)", text, present)
	text.sql += " order by " + t.rows() + ".time"
	if q.desc {
		text.sql += " desc"
	}
	text.sql += c.bounds(&selection{limit: q.limit, offset: q.offset})
	return text
}

// spread is an item with each series in the place of a *.
func spread(x node, t *table) []node {
	var list []node
	switch n := x.(type) {
	case star:
		for _, f := range t.columns[1:] {
			list = append(list, column{"", f.name, f.name})
		}
		return list
	case call:
		if len(n.args) == 1 {
			if _, ok := n.args[0].(star); ok {
				for _, f := range t.columns[1:] {
					list = append(list, call{n.name, []node{column{"", f.name, f.name}}, false})
				}
				return list
			}
		}
	}
	return []node{x}
}

// exist reports whether the series of an expression do.
func exist(x node, t *table) bool {
	ok := true
	visit(x, func(c column) { ok = ok && (t.field(c.written) != nil || isTime(c.written)) })
	return ok
}

// treeFunctions puts the table model's names into an expression.
func treeFunctions(x node) node {
	n, ok := x.(call)
	if !ok {
		return x
	}
	name, ok := treeAggregates[n.name]
	if !ok && n.name != SleepFunction {
		panic(fail(CodeSemantic, "Error occurred during inferring UDF data type: \norg.apache.iotdb.udf.api.exception.UDFException: "+
			"Failed to reflect UDF instance, because UDF %s has not been registered.", strings.ToUpper(n.name)))
	}
	if ok {
		n.name = name
	}
	return n
}

// treeName is the name of a column without an alias: its text, with whole paths.
func treeName(x node, device string) string {
	switch n := x.(type) {
	case column:
		return device + "." + n.written
	case constant:
		return n.raw
	case unary:
		return n.op + treeName(n.x, device)
	case binop:
		return fmt.Sprintf("%s %s %s", treeName(n.l, device), n.op, treeName(n.r, device))
	case call:
		var args []string
		for _, a := range n.args {
			args = append(args, treeName(a, device))
		}
		return n.name + "(" + strings.Join(args, ", ") + ")"
	}
	return "?"
}
