package store

import (
	"fmt"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/eval"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/query"
)

// describe answers DESCRIBE.
func (c *conn) describe(st *parse.Describe) (*query.Result, error) {
	c.store.mu.RLock()
	defer c.store.mu.RUnlock()
	t, err := c.table(st.Name)
	if err != nil {
		return nil, err
	}
	fields := []block.Field{
		field("field", block.VarChar, 325), field("type", block.VarChar, 20), field("length", block.Int, 0), field("note", block.VarChar, 16),
		field("encode", block.VarChar, 12), field("compress", block.VarChar, 12), field("level", block.VarChar, 12),
	}
	var rows [][]any
	for _, col := range t.Shape().Columns {
		rows = append(rows, []any{col.Name, typeText(col.Field), int64(col.Bytes), "", col.Encode, col.Compress, col.Level})
	}
	for _, tag := range t.Shape().Tags {
		rows = append(rows, []any{tag.Name, typeText(tag.Field), int64(tag.Bytes), "TAG", "disabled", "disabled", "disabled"})
	}
	return query.Rows(fields, rows), nil
}

// typeText is a type as DESCRIBE has it.
func typeText(f block.Field) string {
	if f.Type.IsDecimal() {
		return fmt.Sprintf("DECIMAL(%d, %d)", f.Precision, f.Scale)
	}
	return f.Type.String()
}

func (c *conn) show(st *parse.Show) (*query.Result, error) {
	switch st.Kind {
	case parse.ShowTopics, parse.ShowConsumers, parse.ShowSubscriptions:
		return c.store.topics.show(st.Kind, st.Like), nil
	}
	c.store.mu.RLock()
	defer c.store.mu.RUnlock()
	switch st.Kind {
	case parse.ShowDatabases:
		names := []string{"information_schema", "performance_schema"}
		for _, d := range c.store.catalog.Databases() {
			names = append(names, d.Name)
		}
		return nameList("name", 64, names, st.Like), nil
	case parse.ShowCreateDatabase:
		d, err := c.store.catalog.Database(st.DB)
		if err != nil {
			return nil, err
		}
		text := fmt.Sprintf("CREATE DATABASE `%s` PRECISION '%s' KEEP %dm", d.Name, d.Precision, int64(d.Keep.Minutes()))
		return query.Rows([]block.Field{field("Database", block.VarChar, 64), field("Create Database", block.VarChar, 1024)},
			[][]any{{d.Name, text}}), nil
	case parse.ShowCreateTable:
		t, err := c.table(st.Name)
		if err != nil {
			return nil, err
		}
		return query.Rows([]block.Field{field("Table", block.VarChar, 193), field("Create Table", block.VarChar, 3145726)},
			[][]any{{t.Name, createText(t)}}), nil
	case parse.ShowTags:
		t, err := c.table(st.Name)
		if err != nil {
			return nil, err
		}
		return tagRows(t), nil
	}
	d, err := c.databaseOf(parse.Name{DB: st.DB})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, t := range d.Tables() {
		if (t.Kind == catalog.Super) == (st.Kind == parse.ShowStables) {
			names = append(names, t.Name)
		}
	}
	if st.Kind == parse.ShowStables {
		return nameList("stable_name", 192, names, st.Like), nil
	}
	return nameList("table_name", 192, names, st.Like), nil
}

// nameList is a result of one column of names.
func nameList(column string, length int, names []string, like string) *query.Result {
	var rows [][]any
	for _, n := range names {
		if like == "" || eval.Like(n, like) {
			rows = append(rows, []any{n})
		}
	}
	return query.Rows([]block.Field{field(column, block.VarChar, length)}, rows)
}

// field is a column of a result that the store makes up.
func field(name string, t block.Type, length int) block.Field {
	if !t.Variable() {
		length = t.Width()
	}
	return block.Field{Name: name, Type: t, Bytes: int32(length)}
}
