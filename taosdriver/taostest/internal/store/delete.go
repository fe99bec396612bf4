package store

import (
	"context"
	"database/sql"
	"io"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/query"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// delete removes the rows of a table, or of all children of a super table, that a condition on
// time, tags and tbname holds of.
func (c *conn) delete(ctx context.Context, st *parse.Delete, args []any) (int64, error) {
	unlock, err := c.store.lock(ctx)
	if err != nil {
		return 0, err
	}
	defer unlock()
	t, err := c.table(st.Table)
	if err != nil {
		return 0, err
	}
	shape := t.Shape()
	var bad error
	var visit func(parse.Expr)
	visit = func(e parse.Expr) {
		if col, ok := e.(*parse.Column); ok && shape.FindColumn(col.Name) > 0 {
			bad = sqlerr.ErrDeleteWhere
		}
		parse.Children(e, visit)
	}
	if st.Where != nil {
		visit(st.Where)
	}
	if bad != nil {
		return 0, bad
	}
	sel := &parse.Select{
		Items: []parse.Item{{Expr: &parse.Column{Name: "tbname"}}, {Expr: &parse.Column{Name: shape.Columns[0].Name}}},
		From:  &parse.From{Table: st.Table},
		Where: st.Where,
	}
	p := &query.Planner{Compiler: c.compiler(ctx, args), Storage: c.store, Table: c.table, Virtual: c.virtual}
	res, err := p.Plan(&parse.Query{Terms: []*parse.Select{sel}, Source: st.Source})
	if err != nil {
		return 0, err
	}
	defer res.Close()
	affected := int64(0)
	type span struct{ from, to int64 }
	spans := map[*catalog.Table]span{}
	err = c.store.write(ctx, func(tx *sql.Tx) error {
		text := "delete from " + storageName(shape) + " where tid = ? and ts = ?"
		for {
			row, err := res.Next()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			name, _ := row[0].(string)
			of, err := t.Database.Table(name)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, text, of.ID, row[1]); err != nil {
				return err
			}
			if ts, ok := row[1].(int64); ok {
				s, known := spans[of]
				if !known {
					s = span{ts, ts}
				}
				spans[of] = span{min(s.from, ts), max(s.to, ts)}
			}
			affected++
		}
	})
	if err != nil {
		return 0, err
	}
	for of, s := range spans {
		c.store.logDeleted(of, s.from, s.to)
	}
	return affected, nil
}
