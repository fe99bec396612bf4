package store

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
)

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
