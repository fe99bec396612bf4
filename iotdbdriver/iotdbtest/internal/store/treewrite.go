package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// INSERT, tablets and DELETE of the tree model.

func isTime(name string) bool {
	return strings.EqualFold(name, "time") || strings.EqualFold(name, "timestamp")
}

func (s *Session) treeInsert(p *parser) work {
	device := p.path()
	var names []string
	p.expect("(")
	p.list(func() { names = append(names, p.node()) })
	p.expect(")")
	aligned := p.accept("aligned")
	if !p.accept("values") {
		p.expect("value")
	}
	var rows [][]node
	p.list(func() {
		var row []node
		p.expect("(")
		p.list(func() { row = append(row, p.expression()) })
		p.expect(")")
		rows = append(rows, row)
	})
	return s.locked(func(ctx context.Context) error { return s.insertRows(ctx, device, aligned, names, rows) })
}

// inferred is the type that a literal gives to a series that it makes.
func inferred(k constant) datatype.Type {
	switch k.typ {
	case datatype.Boolean, datatype.Blob:
		return k.typ
	case datatype.Int32, datatype.Int64, datatype.Double:
		return datatype.Double
	}
	return datatype.Text
}

func (s *Session) insertRows(ctx context.Context, device string, aligned bool, names []string, rows [][]node) error {
	at := slices.IndexFunc(names, isTime)
	t, err := s.store.device(device, aligned)
	if err != nil {
		return err
	}
	b := &batch{table: t}
	bad := make([]error, len(names))
	for i, row := range rows {
		if len(row) != len(names) {
			return fail(CodeSemantic, "the measurementList's size %d is not consistent with the valueList's size %d", len(names)-1, len(row)-1)
		}
		ts, _ := s.store.timestamp(time.Now())
		var values []any
		for n, x := range row {
			k, err := s.value(x, nil, time.Now())
			if err != nil {
				return fail(CodeSyntax, "Error occurred while parsing SQL to physical plan: an expression among values")
			}
			if n == at {
				if ts, err = s.time(k); err != nil {
					return err
				}
				continue
			}
			f := t.field(names[n])
			if f == nil {
				f = &field{name: names[n], typ: inferred(k), category: catField}
				if err := s.store.addField(t, f); err != nil {
					return err
				}
			}
			if i == 0 {
				b.fields = append(b.fields, f)
			}
			v, err := s.literal(k, f.typ)
			if err != nil && bad[n] == nil {
				bad[n] = err
				if k.typ == datatype.String {
					bad[n] = errors.New(strings.Replace(err.Error(), "input "+k.raw, "input '"+k.raw+"'", 1))
				}
			}
			values = append(values, v)
		}
		b.times, b.rows = append(b.times, ts), append(b.rows, values)
	}
	var refused, reasons []string
	for n, err := range bad {
		if err != nil {
			refused, reasons = append(refused, names[n]), append(reasons, err.Error())
			b.leaveOut(t.field(names[n]))
		}
	}
	if err := s.store.write(ctx, b); err != nil {
		return err
	}
	if refused != nil {
		return fail(CodePartial, "Fail to insert measurements [%s] caused by [%s]", strings.Join(refused, ", "), strings.Join(reasons, ", "))
	}
	return nil
}

// insertTree writes a tablet.
func (s *Session) insertTree(ctx context.Context, in Tablet) error {
	if !strings.HasPrefix(in.Table, "root.") {
		return fail(codeIllegalPath, "%s is not a legal path", in.Table)
	}
	var fields []*field
	for _, c := range in.Columns {
		fields = append(fields, &field{name: c.Name, typ: c.Type, category: catField})
	}
	for _, ts := range in.Times {
		if err := s.store.checkTime(ts); err != nil {
			return err
		}
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	t, err := s.store.device(in.Table, in.Aligned)
	if err != nil {
		return err
	}
	return s.store.writeColumns(ctx, t, fields, in)
}

// treeDelete removes values of series, or whole rows if all series are meant.
func (s *Session) treeDelete(p *parser) work {
	pattern := p.path()
	var where node
	if p.accept("where") {
		where = p.expression()
	}
	return s.locked(func(ctx context.Context) error {
		for _, n := range s.store.seriesLocked(pattern) {
			t := n.device
			q := fragment{sql: "update " + t.rows() + " set " + n.field.sql() + " = NULL"}
			if strings.HasSuffix(pattern, ".*") || strings.HasSuffix(pattern, ".**") {
				q.sql = "delete from " + t.rows()
			}
			if where != nil {
				c := &compiler{session: s, now: time.Now()}
				scope := []scoped{{"", "time", datatype.Timestamp, fragment{sql: t.rows() + ".time"}, false}}
				q = compose("%s where %s", q, c.boolean(where, scope, "WHERE clause").fragment)
			}
			if _, err := s.store.db.Writer().ExecContext(context.WithoutCancel(ctx), q.sql, q.args...); err != nil {
				return fail(CodeExecute, "%v", err)
			}
		}
		return nil
	})
}
