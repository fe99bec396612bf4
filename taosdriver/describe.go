package taosdriver

import (
	"context"
	"io"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// tableColumn is a column or tag of a table as DESCRIBE tells it.
type tableColumn struct {
	name          string
	typ           block.Type // Null if it is not one of those known
	digits, scale uint8
	tag           bool
}

// describe returns the columns of a table, whose name is written as in SQL, the
// primary timestamp first and tags last. Whoever may write a table may ask.
func (c *conn) describe(ctx context.Context, id uint64, table string) ([]tableColumn, error) {
	reply, err := c.t.Query(ctx, id, "DESCRIBE "+table)
	if err != nil {
		return nil, err
	}
	if reply.Result == nil || len(reply.Fields) < 4 {
		return nil, c.origin.Error(driver.ErrInternal, "describe", id, "the description of the table makes no sense", nil)
	}
	defer reply.Result.Close() //nolint:errcheck // it was read
	var columns []tableColumn
	for {
		b, err := reply.Result.Next(ctx)
		if err == io.EOF {
			return columns, nil
		}
		if err != nil {
			return nil, plain(err)
		}
		for i := range b.Rows {
			name, _ := b.Columns[0].Value(i).(string)
			typ, _ := b.Columns[1].Value(i).(string)
			note, _ := b.Columns[3].Value(i).(string)
			column := tableColumn{name: name, tag: strings.EqualFold(note, "TAG")}
			if t, digits, scale, err := block.ParseType(typ); err == nil {
				column.typ, column.digits, column.scale = t, digits, scale
			}
			columns = append(columns, column)
		}
	}
}

// isBlob reports whether the column may not be left out of a prepared INSERT.
func (c tableColumn) isBlob() bool { return c.typ == block.Blob || c.typ == block.MediumBlob }

// quoteTable writes a table's name, "t", "db.t", either part with or without
// backticks, as SQL takes it.
func quoteTable(name string) string {
	parts := splitTable(name)
	for i, p := range parts {
		parts[i] = quoteName(p)
	}
	return strings.Join(parts, ".")
}

// splitTable splits a table's name at the first dot outside of backticks, which it
// takes away.
func splitTable(name string) []string {
	rest, quoted := strings.CutPrefix(name, "`")
	if quoted {
		if end := strings.IndexByte(rest, '`'); end >= 0 {
			first, behind := rest[:end], rest[end+1:]
			if table, ok := strings.CutPrefix(behind, "."); ok {
				return append([]string{first}, splitTable(table)[0])
			}
			return []string{first}
		}
		return []string{name}
	}
	db, table, found := strings.Cut(name, ".")
	if !found {
		return []string{name}
	}
	return []string{db, strings.Trim(table, "`")}
}

func quoteName(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
