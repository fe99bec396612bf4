package store

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
)

// The members of these types are in the order of the server's.

type createdTable struct {
	Type       string          `json:"type"`
	TableType  string          `json:"tableType"`
	TableName  string          `json:"tableName"`
	Using      string          `json:"using,omitempty"`
	TagNum     int             `json:"tagNum,omitempty"`
	Columns    []createdColumn `json:"columns,omitempty"`
	Tags       []any           `json:"tags"`
	CreateList *[]createdTable `json:"createList,omitempty"`
}

type createdColumn struct {
	Name     string `json:"name"`
	Type     int    `json:"type"`
	Length   int    `json:"length,omitempty"`
	Primary  bool   `json:"isPrimarykey"`
	Encode   string `json:"encode"`
	Compress string `json:"compress"`
	Level    string `json:"level"`
}

type createdTag struct {
	Name   string `json:"name"`
	Type   int    `json:"type"`
	Length int    `json:"length,omitempty"`
}

type createdValue struct {
	Name  string `json:"name"`
	Type  int    `json:"type"`
	Value any    `json:"value"`
}

func lengthOf(f block.Field) int {
	switch f.Type {
	case block.VarChar, block.NChar, block.VarBinary, block.Geometry:
		return int(f.Bytes)
	}
	return 0
}

func marshalChange(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // types of this file
	}
	return b
}

// createdJSON describes the creation of a table.
func createdJSON(t *catalog.Table) []byte {
	c := createdTable{Type: "create", TableName: t.Name, Tags: []any{}}
	switch t.Kind {
	case catalog.Child:
		c.TableType, c.Using, c.TagNum, c.CreateList = "child", t.Parent.Name, len(t.Parent.Tags), &[]createdTable{}
		for i, tag := range t.Parent.Tags {
			if t.Values[i] != nil {
				c.Tags = append(c.Tags, createdValue{tag.Name, int(tag.Type), tagJSON(tag.Field, t.Values[i])})
			}
		}
		return marshalChange(c)
	case catalog.Super:
		c.TableType = "super"
	default:
		c.TableType = "normal"
	}
	for _, col := range t.Columns {
		c.Columns = append(c.Columns, createdColumn{col.Name, int(col.Type), lengthOf(col.Field), false, col.Encode, col.Compress, col.Level})
	}
	for _, tag := range t.Tags {
		c.Tags = append(c.Tags, createdTag{tag.Name, int(tag.Type), lengthOf(tag.Field)})
	}
	return marshalChange(c)
}

// tagJSON is a tag's value: numbers as they are, texts in quotes of their own.
func tagJSON(f block.Field, v any) any {
	switch x := v.(type) {
	case string:
		return `"` + x + `"`
	case []byte:
		return fmt.Sprintf(`"\x%X"`, x)
	case *literal.JSON:
		return x.Text()
	}
	return v
}

// The numbers of what ALTER TABLE did.
var alterTypes = map[parse.AlterAction]int{
	parse.AddTag: 1, parse.DropTag: 2, parse.RenameTag: 3, parse.SetTag: 4, parse.AddColumn: 5,
	parse.DropColumn: 6, parse.ModifyColumn: 7, parse.ModifyTag: 8, parse.RenameColumn: 10,
}

type alteredTable struct {
	Type         string `json:"type"`
	TableType    string `json:"tableType"`
	TableName    string `json:"tableName"`
	AlterType    int    `json:"alterType"`
	ColName      string `json:"colName"`
	ColNewName   string `json:"colNewName,omitempty"`
	ColType      int    `json:"colType,omitempty"`
	ColLength    int    `json:"colLength,omitempty"`
	ColValue     any    `json:"colValue,omitempty"`
	ColValueNull *bool  `json:"colValueNull,omitempty"`
}

// logAltered logs an ALTER TABLE that has been carried out.
func (c *conn) logAltered(t *catalog.Table, st *parse.AlterTable) {
	kind := map[catalog.Kind]string{catalog.Super: "super", catalog.Child: "child", catalog.Normal: "normal"}[t.Kind]
	a := alteredTable{Type: "alter", TableType: kind, TableName: t.Name, AlterType: alterTypes[st.Action], ColName: st.Column.Name}
	switch st.Action {
	case parse.SetTag:
		for _, set := range st.Sets {
			own := a
			own.ColName = set.Name
			v := t.Values[t.FindTag(set.Name)]
			null := v == nil
			if own.ColValueNull = &null; !null {
				own.ColValue = fmt.Sprint(tagJSON(block.Field{}, v))
			}
			c.store.logs.record(t, marshalChange(own))
		}
		return
	case parse.RenameColumn, parse.RenameTag:
		a.ColNewName = st.NewName
	case parse.AddColumn, parse.AddTag, parse.ModifyColumn, parse.ModifyTag:
		if col, err := catalog.ColumnOf(st.Column); err == nil {
			a.ColType, a.ColLength = int(col.Type), lengthOf(col.Field)
		}
	}
	c.store.logs.record(t, marshalChange(a))
}

type droppedTables struct {
	Type          string   `json:"type"`
	TableType     string   `json:"tableType,omitempty"`
	TableName     string   `json:"tableName,omitempty"`
	TableNameList []string `json:"tableNameList,omitempty"`
}

func (s *Store) logDropped(t *catalog.Table) {
	d := droppedTables{Type: "drop"}
	if t.Kind == catalog.Super {
		d.TableType, d.TableName = "super", t.Name
	} else {
		d.TableNameList = []string{t.Name}
	}
	s.logs.record(t, marshalChange(d))
}

// logDeleted logs that rows from one time to another have been deleted of a table.
func (s *Store) logDeleted(t *catalog.Table, from, to int64) {
	column := "`" + t.Shape().Columns[0].Name + "`"
	s.logs.record(t, marshalChange(struct {
		Type string `json:"type"`
		SQL  string `json:"sql"`
	}{"delete", "delete from `" + t.Name + "` where " + column + " >= " + strconv.FormatInt(from, 10) +
		" and " + column + " <= " + strconv.FormatInt(to, 10)}))
}
