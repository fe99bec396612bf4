package store

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/eval"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/query"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
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
	c.store.mu.RLock()
	defer c.store.mu.RUnlock()
	switch st.Kind {
	case parse.ShowDatabases:
		names := []string{"information_schema", "performance_schema"}
		for _, d := range c.store.catalog.Databases() {
			names = append(names, d.Name)
		}
		return names1("name", 64, names, st.Like), nil
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
		return names1("stable_name", 192, names, st.Like), nil
	}
	return names1("table_name", 192, names, st.Like), nil
}

// names1 is a result of one column of names.
func names1(column string, length int, names []string, like string) *query.Result {
	var rows [][]any
	for _, n := range names {
		if like == "" || eval.Like(n, like) {
			rows = append(rows, []any{n})
		}
	}
	return query.Rows([]block.Field{field(column, block.VarChar, length)}, rows)
}

// createText is the statement that makes a table.
func createText(t *catalog.Table) string {
	if t.Kind == catalog.Child {
		var names, tags []string
		for i, tag := range t.Parent.Tags {
			names = append(names, "`"+tag.Name+"`")
			tags = append(tags, literalText(tag.Field, t.Values[i]))
		}
		return fmt.Sprintf("CREATE TABLE `%s` USING `%s` (%s) TAGS (%s)", t.Name, t.Parent.Name, strings.Join(names, ", "), strings.Join(tags, ", "))
	}
	list := func(cols []catalog.Column) string {
		var parts []string
		for _, c := range cols {
			parts = append(parts, "`"+c.Name+"` "+declared(c.Field))
		}
		return strings.Join(parts, ", ")
	}
	if t.Kind == catalog.Normal {
		return fmt.Sprintf("CREATE TABLE `%s` (%s)", t.Name, list(t.Columns))
	}
	return fmt.Sprintf("CREATE STABLE `%s` (%s) TAGS (%s) SMA(`%s`)", t.Name, list(t.Columns), list(t.Tags), strings.Join(t.Summed, "`,`"))
}

// declared is a type as a statement declares it.
func declared(f block.Field) string {
	switch f.Type {
	case block.VarChar, block.NChar, block.VarBinary, block.Geometry:
		return f.Type.String() + "(" + strconv.Itoa(int(f.Bytes)) + ")"
	}
	return f.TypeName()
}

// literalText is a tag's value as a statement has it.
func literalText(f block.Field, v any) string {
	switch x := v.(type) {
	case nil:
		return "NULL"
	case string:
		return strconv.Quote(x)
	case []byte:
		return fmt.Sprintf(`"\x%X"`, x)
	case *literal.JSON:
		return strconv.Quote(x.Text())
	}
	return fmt.Sprint(v)
}

// tagRows answers SHOW TAGS.
func tagRows(t *catalog.Table) *query.Result {
	var rows [][]any
	if t.Kind == catalog.Child {
		rows = tagsOf(t, rows)
	}
	return query.Rows(tagFields, rows)
}

var tagFields = []block.Field{
	field("table_name", block.VarChar, 192), field("db_name", block.VarChar, 64), field("stable_name", block.VarChar, 192),
	field("tag_name", block.VarChar, 64), field("tag_type", block.VarChar, 32), field("tag_value", block.VarChar, 16384),
}

func tagsOf(t *catalog.Table, rows [][]any) [][]any {
	for i, tag := range t.Parent.Tags {
		var value any
		switch x := t.Values[i].(type) {
		case nil:
		case string:
			value = x
		default:
			value = strings.Trim(literalText(tag.Field, x), `"`)
		}
		rows = append(rows, []any{t.Name, t.Database.Name, t.Parent.Name, tag.Name, declared(tag.Field), value})
	}
	return rows
}

// virtual makes up the tables of information_schema that the store has. The catalogue must be locked.
func (c *conn) virtual(n parse.Name) (*query.Virtual, error) {
	if n.DB == "" {
		n.DB = c.database
	}
	if !isSchema(n.DB) {
		return nil, nil
	}
	v := &query.Virtual{}
	each := func(f func(*catalog.Table)) {
		for _, d := range c.store.catalog.Databases() {
			for _, t := range d.Tables() {
				f(t)
			}
		}
	}
	switch n.Table {
	case "ins_databases":
		v.Columns = []block.Field{
			field("name", block.VarChar, 64), field("create_time", block.Timestamp, 0), field("vgroups", block.SmallInt, 0),
			field("ntables", block.BigInt, 0), field("keep", block.VarChar, 32), field("precision", block.VarChar, 2),
			field("status", block.VarChar, 10),
		}
		for _, d := range c.store.catalog.Databases() {
			tables := int64(0)
			for _, t := range d.Tables() {
				if t.Kind != catalog.Super {
					tables++
				}
			}
			v.Rows = append(v.Rows, []any{
				d.Name, d.Created.UnixMilli(), int64(1), tables, fmt.Sprintf("%dd", int64(d.Keep/day)), d.Precision.String(), "ready",
			})
		}
	case "ins_stables":
		v.Columns = []block.Field{
			field("stable_name", block.VarChar, 192), field("db_name", block.VarChar, 64), field("create_time", block.Timestamp, 0),
			field("columns", block.Int, 0), field("tags", block.Int, 0),
		}
		each(func(t *catalog.Table) {
			if t.Kind == catalog.Super {
				v.Rows = append(v.Rows, []any{t.Name, t.Database.Name, t.Created.UnixMilli(), int64(len(t.Columns)), int64(len(t.Tags))})
			}
		})
	case "ins_tables":
		v.Columns = []block.Field{
			field("table_name", block.VarChar, 192), field("db_name", block.VarChar, 64), field("create_time", block.Timestamp, 0),
			field("columns", block.Int, 0), field("stable_name", block.VarChar, 192), field("uid", block.BigInt, 0),
			field("vgroup_id", block.Int, 0), field("ttl", block.Int, 0), field("type", block.VarChar, 21),
		}
		each(func(t *catalog.Table) {
			var parent any
			kind := "NORMAL_TABLE"
			switch t.Kind {
			case catalog.Super:
				return
			case catalog.Child:
				parent, kind = t.Parent.Name, "CHILD_TABLE"
			}
			v.Rows = append(v.Rows, []any{
				t.Name, t.Database.Name, t.Created.UnixMilli(), int64(len(t.Shape().Columns)), parent, t.ID, int64(2), int64(0), kind,
			})
		})
	case "ins_tags":
		v.Columns = tagFields
		each(func(t *catalog.Table) {
			if t.Kind == catalog.Child {
				v.Rows = tagsOf(t, v.Rows)
			}
		})
	default:
		return nil, sqlerr.Unsupportedf("table %s.%s", n.DB, n.Table)
	}
	return v, nil
}

// isSchema reports whether a database is one of those that are made up.
func isSchema(name string) bool { return name == "information_schema" || name == "performance_schema" }
