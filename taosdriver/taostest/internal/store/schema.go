package store

import (
	"fmt"
	"strings"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/query"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

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

// virtual makes up the tables of information_schema that the store has. The catalogue must be
// locked.
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
