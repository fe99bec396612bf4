package store

import (
	"context"
	"database/sql"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

func (c *conn) alterTable(ctx context.Context, st *parse.AlterTable) error {
	t, err := c.table(st.Name)
	if err != nil {
		return err
	}
	if err := c.alter(ctx, t, st); err != nil || st.Action == parse.AlterOptions {
		return err
	}
	c.logAltered(t, st)
	return nil
}

func (c *conn) alter(ctx context.Context, t *catalog.Table, st *parse.AlterTable) error {
	switch {
	case st.Action == parse.AlterOptions:
		return nil
	case st.Action == parse.SetTag:
		return c.setTags(t, st.Sets)
	case t.Kind == catalog.Child:
		return sqlerr.ErrAlterTable
	case t.Kind == catalog.Normal && st.Action >= parse.AddTag:
		return sqlerr.Tag(st.Column.Name)
	}
	name := st.Column.Name
	col, tag := t.FindColumn(name), t.FindTag(name)
	switch st.Action {
	case parse.AddColumn, parse.AddTag:
		return c.addColumn(ctx, t, st, col >= 0 || tag >= 0)
	case parse.DropColumn, parse.ModifyColumn, parse.RenameColumn:
		if col < 0 {
			return sqlerr.Column(name)
		}
		if st.Action == parse.RenameColumn && t.Kind == catalog.Super {
			return sqlerr.ErrAlterTable
		}
		return c.changeColumn(t.Columns[col], st, col == 0, len(t.Columns) <= 2,
			func() { t.DropColumn(col) }, func(d catalog.Column) { t.SetColumn(col, d) })
	}
	if tag < 0 {
		return sqlerr.Tag(name)
	}
	return c.changeColumn(t.Tags[tag], st, false, len(t.Tags) <= 1, func() { t.DropTag(tag) }, func(d catalog.Column) { t.SetTag(tag, d) })
}

func (c *conn) addColumn(ctx context.Context, t *catalog.Table, st *parse.AlterTable, exists bool) error {
	d, err := catalog.ColumnOf(st.Column)
	switch {
	case err != nil:
		return err
	case exists:
		return sqlerr.ErrDuplicateColumn
	case st.Action == parse.AddTag && (d.Type == block.JSON || t.Tags[0].Type == block.JSON):
		return sqlerr.ErrOneJSONTag
	case st.Action == parse.AddTag:
		c.store.change(func() { t.AddTag(d) })
		return nil
	case d.Type == block.JSON:
		return sqlerr.ErrJSONColumn
	case len(t.Columns) >= maxColumns:
		return sqlerr.ErrTooManyColumns
	}
	// The storage first: a query planned in between does not know the column yet.
	d.ID = t.NextColumn()
	if err := c.store.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "alter table "+storageName(t)+" add column "+columnName(d))
		return err
	}); err != nil {
		return err
	}
	c.store.change(func() { t.AddColumn(d) })
	return nil
}

// changeColumn drops, widens or renames a column or tag. Dropped columns stay in the storage
// unseen.
func (c *conn) changeColumn(old catalog.Column, st *parse.AlterTable, primary, last bool, drop func(), set func(catalog.Column)) error {
	switch st.Action {
	case parse.DropColumn, parse.DropTag:
		switch {
		case primary:
			return sqlerr.ErrDropPrimary
		case last:
			return sqlerr.ErrDropLastColumn
		}
		c.store.change(drop)
	case parse.RenameColumn, parse.RenameTag:
		d := old
		d.Name = st.NewName
		c.store.change(func() { set(d) })
	default:
		d, err := catalog.ColumnOf(st.Column)
		if err != nil {
			return err
		}
		if d.Type != old.Type || !d.Type.Variable() || d.Bytes <= old.Bytes {
			return sqlerr.ErrModifyColumn
		}
		d.ID = old.ID
		c.store.change(func() { set(d) })
	}
	return nil
}

func (c *conn) setTags(t *catalog.Table, sets []parse.TagSet) error {
	if t.Kind != catalog.Child {
		return sqlerr.ErrSetTag
	}
	env := c.env(t.Database.Precision)
	places, tags := make([]int, len(sets)), make([]any, len(sets))
	for i := range sets {
		place := t.FindTag(sets[i].Name)
		if place < 0 {
			return sqlerr.Tag(sets[i].Name)
		}
		v, err := env.Literal(&t.Parent.Tags[place].Field, &sets[i].Value)
		if err != nil {
			return badValue(err, sets[i].Value.Text)
		}
		places[i], tags[i] = place, v
	}
	c.store.change(func() {
		for i, place := range places {
			t.SetValue(place, tags[i])
		}
	})
	return nil
}
