package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// output is a column of a query's result.
type output struct {
	name   string
	typ    datatype.Type
	x      fragment
	source int // number of the column in the scope, -1 for others
}

// compiled is a query for SQLite. Its columns are named o0, o1 and so on.
type compiled struct {
	fragment
	columns []output
}

func (c *compiler) selection(s *selection) compiled {
	if s.from == nil {
		return c.sleeping(s)
	}
	from, scope := c.relation(s.from)
	var outputs []output
	var grouping, loose []fragment // what is grouped by, what is to be grouped by
	aggregated := len(s.group) > 0
	aliases := map[string]int{}
	var items []typed
	for _, it := range s.items {
		if st, ok := it.x.(star); ok {
			list := c.expand(st, scope)
			outputs = append(outputs, list...)
			for _, o := range list {
				x := typed{fragment: o.x, typ: o.typ, loose: []fragment{o.x}, source: o.source}
				items = append(items, x)
			}
			continue
		}
		x := c.expression(it.x, scope)
		o := output{it.alias, x.typ, x.fragment, x.source}
		if col, ok := it.x.(column); ok && o.name == "" {
			o.name = col.written
		}
		if o.name == "" {
			o.name = fmt.Sprintf("_col%d", len(outputs))
		}
		if it.alias != "" {
			aliases[strings.ToLower(it.alias)] = len(outputs)
		}
		aggregated = aggregated || x.aggregate
		outputs, items = append(outputs, o), append(items, x)
	}
	q := compiled{columns: outputs}
	parts := []fragment{}
	text := "SELECT "
	if s.distinct {
		text += "DISTINCT "
	}
	for i, o := range outputs {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%%s AS o%d", i)
		parts = append(parts, o.x)
	}
	text += " FROM %s"
	parts = append(parts, from)
	if s.where != nil {
		x := c.boolean(s.where, scope, "WHERE clause")
		if x.aggregate {
			panic(fail(CodeSemantic, "WHERE clause cannot contain aggregations, window functions or grouping operations"))
		}
		text += " WHERE %s"
		parts = append(parts, x.fragment)
	}
	for i, g := range s.group {
		text += map[bool]string{true: " GROUP BY ", false: ", "}[i == 0] + "%s"
		var x typed
		if n, ok := ordinal(g, len(outputs)); ok {
			x = items[n]
		} else {
			x = c.expression(g, scope)
		}
		if x.aggregate {
			panic(fail(CodeSemantic, "GROUP BY clause cannot contain aggregations, window functions or grouping operations"))
		}
		grouping = append(grouping, x.fragment)
		parts = append(parts, x.fragment)
	}
	check := func(x typed) {
		if among(grouping, x.fragment) {
			return
		}
		loose = append(loose, x.loose...)
	}
	if s.having != nil {
		x := c.boolean(s.having, scope, "HAVING clause")
		aggregated = true
		check(x)
		if len(s.group) == 0 {
			text += " GROUP BY NULL"
		}
		text += " HAVING %s"
		parts = append(parts, x.fragment)
	}
	for _, x := range items {
		check(x)
	}
	for i, o := range s.order {
		text += map[bool]string{true: " ORDER BY ", false: ", "}[i == 0] + "%s"
		n, ok := ordinal(o.x, len(outputs))
		if col, isColumn := o.x.(column); isColumn && col.table == "" && !ok {
			n, ok = aliases[col.name]
		}
		if ok {
			parts = append(parts, fragment{sql: fmt.Sprint(n + 1)})
		} else {
			x := c.expression(o.x, scope)
			aggregated = aggregated || x.aggregate
			check(x)
			parts = append(parts, x.fragment)
		}
		if o.desc {
			text += " DESC"
		}
		text += map[bool]string{true: " NULLS FIRST", false: " NULLS LAST"}[o.nullsFirst]
	}
	if aggregated {
		for _, x := range loose {
			if !among(grouping, x) {
				panic(fail(CodeSemantic, "'%s' must be an aggregate expression or appear in GROUP BY clause", nameOf(scope, x)))
			}
		}
	}
	text += c.bounds(s)
	q.fragment = compose(text, parts...)
	return q
}

// bounds is LIMIT and OFFSET.
func (c *compiler) bounds(s *selection) string {
	if s.limit == nil && s.offset == nil {
		return ""
	}
	number := func(n node, otherwise int64) int64 {
		if p, ok := n.(parameter); ok && p.n < len(c.args) {
			switch v := c.args[p.n].(type) {
			case int32:
				return int64(v)
			case int64:
				return v
			}
		}
		switch k, _ := n.(constant); v := k.value.(type) {
		case int32:
			return int64(v)
		case int64:
			return v
		}
		if n != nil {
			panic(fail(CodeSemantic, "LIMIT and OFFSET take a number"))
		}
		return otherwise
	}
	return fmt.Sprintf(" LIMIT %d OFFSET %d", number(s.limit, -1), number(s.offset, 0))
}

// ordinal is the output that a bare number in GROUP BY or ORDER BY means.
func ordinal(n node, outputs int) (int, bool) {
	k, ok := n.(constant)
	v, isInt := k.value.(int32)
	if !ok || !isInt {
		return 0, false
	}
	if v < 1 || int(v) > outputs {
		panic(fail(CodeSemantic, "ORDER BY position %d is not in select list", v))
	}
	return int(v) - 1, true
}

func nameOf(scope []scoped, x fragment) string {
	for _, s := range scope {
		if same(s.x, x) {
			return s.name
		}
	}
	return x.sql
}

// sleeping is a SELECT without FROM, which the server has not, but for waiting.
func (c *compiler) sleeping(s *selection) compiled {
	if len(s.items) == 1 {
		if f, ok := s.items[0].x.(call); ok && f.name == SleepFunction {
			x := c.call(f, nil)
			return compiled{compose("SELECT %s AS o0", x.fragment), []output{{"_col0", x.typ, x.fragment, -1}}}
		}
	}
	panic(fail(CodeInternal, "From clause must not by empty"))
}

// expand is what * means.
func (c *compiler) expand(st star, scope []scoped) []output {
	var list []output
	for i, s := range scope {
		if (st.table == "" || st.table == s.table) && !s.hidden {
			list = append(list, output{s.name, s.typ, s.x, i})
		}
	}
	if list == nil {
		panic(fail(CodeSemantic, "Unable to resolve reference %s", st.table))
	}
	return list
}

func (c *compiler) relation(r *relation) (fragment, []scoped) {
	c.serial++
	alias := fmt.Sprintf("r%d", c.serial)
	switch {
	case r.query != nil:
		q := c.selection(r.query)
		var scope []scoped
		for i, o := range q.columns {
			scope = append(scope, scoped{r.alias, strings.ToLower(o.name), o.typ, fragment{sql: fmt.Sprintf("%s.o%d", alias, i)}, false})
		}
		return compose("(%s) AS "+alias, q.fragment), scope
	case r.join != "":
		return c.join(r)
	}
	n := r.table
	if n.database == "" {
		n.database = c.session.need()
	}
	if n.database == "information_schema" {
		return c.information(n.table, r.alias, alias)
	}
	t, err := c.session.store.find(n)
	if err != nil {
		panic(err)
	}
	var scope []scoped
	for _, f := range t.columns {
		scope = append(scope, scoped{r.alias, f.name, f.typ, fragment{sql: alias + "." + f.sql()}, false})
	}
	attributes := t.of(catAttribute)
	if attributes == nil {
		return fragment{sql: t.rows() + " AS " + alias}, scope
	}
	text := "(SELECT t.*"
	for _, f := range attributes {
		text += ", d." + f.sql()
	}
	return fragment{sql: text + " FROM " + t.rows() + " t JOIN " + t.devices() + " d ON d.dev = t.dev) AS " + alias}, scope
}

func (c *compiler) join(r *relation) (fragment, []scoped) {
	if r.join == "left join" || r.join == "right join" {
		panic(fail(CodeSemantic, "%s is not supported, only support INNER JOIN in current version.", strings.ToUpper(r.join)))
	}
	left, ls := c.relation(r.left)
	right, rs := c.relation(r.right)
	scope := slices.Concat(ls, rs)
	if r.join == "cross join" {
		return compose("%s CROSS JOIN %s", left, right), scope
	}
	var on fragment
	if r.using == nil {
		on = c.boolean(r.on, scope, "JOIN ON clause").fragment
	}
	for i, name := range r.using {
		l, rr := -1, -1
		for k, s := range scope {
			if s.name == name && k < len(ls) && l < 0 {
				l = k
			} else if s.name == name && k >= len(ls) && rr < 0 {
				rr = k
			}
		}
		if l < 0 || rr < 0 {
			panic(fail(CodeNoColumn, "Column '%s' is missing from one side of join", name))
		}
		text := "%s = %s"
		if i > 0 {
			text = on.sql + " AND " + text
		}
		on = compose(text, scope[l].x, scope[rr].x)
		scope[rr].hidden = true
		if r.join == "full join" {
			scope[l].x = compose("coalesce(%s, %s)", scope[l].x, scope[rr].x)
		}
	}
	return compose("%s "+strings.ToUpper(r.join)+" %s ON %s", left, right, on), scope
}

// virtual makes a relation of rows that are at hand.
func virtual(alias, sqlAlias string, columns []scoped, rows [][]any) (fragment, []scoped) {
	text := "(SELECT "
	for i := range columns {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("json_extract(value, '$[%d]') AS v%d", i, i)
		columns[i].table, columns[i].x = alias, fragment{sql: fmt.Sprintf("%s.v%d", sqlAlias, i)}
	}
	if rows == nil {
		rows = [][]any{}
	}
	b, err := json.Marshal(rows)
	if err != nil {
		panic(fail(CodeInternal, "%v", err))
	}
	return fragment{sql: text + " FROM json_each(?)) AS " + sqlAlias, args: []any{string(b)}}, columns
}

// layout puts the columns of a result into the order in which the server's blocks
// have them: first those of the table, in its order and once, then the others.
func layout(columns []output) (blocks []output, index []int32) {
	order := make([]int, len(columns))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool {
		x, y := columns[order[a]].source, columns[order[b]].source
		return x >= 0 && (y < 0 || x < y)
	})
	index = make([]int32, len(columns))
	for n, i := range order {
		if n > 0 && columns[i].source >= 0 && columns[order[n-1]].source == columns[i].source {
			index[i] = int32(len(blocks) - 1)
			continue
		}
		index[i] = int32(len(blocks))
		blocks = append(blocks, columns[i])
	}
	return blocks, index
}
