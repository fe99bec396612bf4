package store

import (
	"context"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// fieldScope are the columns of a table that are of the categories, under the name
// that SQLite has for the table.
func fieldScope(t *table, storage string, categories ...category) []scoped {
	var scope []scoped
	for _, f := range t.columns {
		for _, c := range categories {
			if f.category == c {
				scope = append(scope, scoped{t.name, f.name, f.typ, fragment{sql: storage + "." + f.sql()}, false})
			}
		}
	}
	return scope
}

// remove runs a DELETE, whose conditions are on time and tags.
func (s *Session) remove(ctx context.Context, b remove, args []any) error {
	n, err := s.qualified(b.name)
	if err != nil {
		return err
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	t, missing := s.store.find(n)
	if missing != nil {
		return missing
	}
	q := fragment{sql: "delete from " + t.rows()}
	if b.where != nil {
		if f := foreign(b.where, t, catTime, catTag); f != "" {
			return fail(CodeSemantic, "The column '%s' does not exist or is not a tag column", f)
		}
		c := &compiler{session: s, args: args, now: time.Now()}
		q = compose("%s where %s", q, c.boolean(b.where, fieldScope(t, t.rows(), catTime, catTag), "WHERE clause").fragment)
	}
	if _, err := s.store.db.Writer().ExecContext(context.WithoutCancel(ctx), q.sql, q.args...); err != nil {
		return fail(CodeExecute, "%v", err)
	}
	return nil
}

// foreign returns a column of an expression that is none of the categories, "" if
// all are.
func foreign(n node, t *table, categories ...category) string {
	found := ""
	visit(n, func(c column) {
		f := t.field(c.name)
		ok := false
		for _, want := range categories {
			ok = ok || f != nil && f.category == want
		}
		if !ok && found == "" {
			found = c.name
		}
	})
	return found
}

// visit calls f with the columns of an expression.
func visit(n node, f func(column)) {
	all := func(list ...node) {
		for _, x := range list {
			visit(x, f)
		}
	}
	switch n := n.(type) {
	case column:
		f(n)
	case unary:
		all(n.x)
	case binop:
		all(n.l, n.r)
	case in:
		all(n.x)
		all(n.list...)
	case range_:
		all(n.x, n.low, n.high)
	case like:
		all(n.x, n.pattern)
	case cast:
		all(n.x)
	case call:
		all(n.args...)
	case choice:
		all(n.x, n.other)
		for _, w := range n.whens {
			all(w.cond, w.then)
		}
	}
}

// update runs an UPDATE, which sets attributes of devices.
func (s *Session) update(ctx context.Context, b update, args []any) error {
	n, err := s.qualified(b.name)
	if err != nil {
		return err
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	t, missing := s.store.find(n)
	if missing != nil {
		return missing
	}
	scope := fieldScope(t, t.devices(), catTag, catAttribute)
	c := &compiler{session: s, args: args, now: time.Now()}
	q := fragment{sql: "update " + t.devices() + " set "}
	for i, set := range b.set {
		f := t.field(set.column)
		if f == nil {
			return fail(CodeNoColumn, "Column '%s' cannot be resolved", set.column)
		}
		if f.category != catAttribute {
			return fail(CodeSemantic, "Update can only specify attribute columns.")
		}
		x := c.expression(set.x, scope)
		if !textual(x.typ) && x.typ != datatype.Unknown {
			return fail(CodeSemantic, "Update's attribute value must be STRING, TEXT or null.")
		}
		if i > 0 {
			q.sql += ", "
		}
		q = compose("%s"+f.sql()+" = %s", q, x.fragment)
	}
	if b.where != nil {
		q = compose("%s where %s", q, c.boolean(b.where, scope, "WHERE clause").fragment)
	}
	if _, err := s.store.db.Writer().ExecContext(context.WithoutCancel(ctx), q.sql, q.args...); err != nil {
		return fail(CodeExecute, "%v", err)
	}
	return nil
}
