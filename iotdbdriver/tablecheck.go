package iotdbdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/tablet"
)

// schema are the columns of a table.
type schema struct {
	columns []schemaColumn // time first
	exact   bool           // letter case tells names apart
}

type schemaColumn struct {
	name     string
	typ      datatype.Type
	category string // "TIME", "TAG", "ATTRIBUTE", "FIELD"
}

func (s *schema) column(name string) *schemaColumn {
	for i := range s.columns {
		if n := s.columns[i].name; n == name || !s.exact && strings.EqualFold(n, name) {
			return &s.columns[i]
		}
	}
	return nil
}

// maxSchemas bounds what is remembered.
const maxSchemas = 1000

// schemas remember tables of the Config's database that were seen, by names whose
// letter case does not count.
type schemas struct {
	mu      sync.Mutex
	list    map[string]*schema
	changes int // how often something was forgotten
}

// get returns what is known of a table, nil for nothing, and the number that put
// wants of whoever asks the server then.
func (s *schemas) get(table string) (found *schema, asked int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list[strings.ToLower(table)], s.changes
}

// put remembers what the server has told of a table, unless a table may have
// changed since it was asked.
func (s *schemas) put(table string, found *schema, asked int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if asked != s.changes {
		return
	}
	if s.list == nil || len(s.list) >= maxSchemas {
		s.list = map[string]*schema{}
	}
	s.list[strings.ToLower(table)] = found
}

// forget drops a table.
func (s *schemas) forget(table string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.list, strings.ToLower(table))
	s.changes++
}

// forgetAll drops all tables.
func (s *schemas) forgetAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.list)
	s.changes++
}

// tableChanged reports whether a code says that a table is not what it was taken for.
func tableChanged(code int) bool {
	return code == CodeUnknownTable || code == CodeUnknownColumn || code == CodeUnknownDatabase || code == CodeColumnCategory
}

// describe asks for the columns of a table of the session's database.
func (c *conn) describe(ctx context.Context, op string, id uint64, table string) (*schema, error) {
	r, err := c.run(ctx, op, id, "DESC "+quoted(table))
	if err != nil {
		if e := asError(err); e != nil && e.Code == CodeUnknownTable {
			e.Hint = "a tablet would make the table; Config.CheckTables and appenders do not"
		}
		return nil, plain(err)
	}
	defer r.Close()
	found := &schema{}
	row := make([]sqldriver.Value, len(r.names))
	for {
		if err := r.Next(row); err == io.EOF {
			return found, nil
		} else if err != nil {
			return nil, plain(err)
		}
		if len(row) < 3 {
			return nil, c.session.link.Error(driver.ErrInternal, op, id, "DESC has fewer than three columns", nil)
		}
		col := schemaColumn{}
		col.name, _ = row[0].(string)
		name, _ := row[1].(string)
		col.typ, _ = datatype.Of(name)
		col.category, _ = row[2].(string)
		found.columns = append(found.columns, col)
	}
}

// checkTable refuses a tablet for a table or columns that do not exist, or are not
// what the tablet takes them for, if the Config wants that.
func (c *conn) checkTable(ctx context.Context, op string, id uint64, f *frame) error {
	config := c.connector.config
	if !config.CheckTables || config.Dialect != Table {
		return nil
	}
	known := c.changed&databaseEffect == 0 // the database is the Config's
	s, asked := c.connector.schemas.get(f.table)
	if known && s != nil && s.refuses(f) == nil {
		return nil
	}
	s, err := c.describe(ctx, op, id, f.table)
	if err != nil {
		return err
	}
	if known {
		c.connector.schemas.put(f.table, s, asked)
	}
	if err := s.refuses(f); err != nil {
		return c.session.link.Error(driver.ErrProgramming, op, id, err.Error(), nil)
	}
	return nil
}

// refuses tells what is wrong with the columns of a tablet, if anything is.
func (s *schema) refuses(f *frame) error {
	for _, col := range f.columns {
		there := s.column(col.Name)
		switch {
		case there == nil:
			return fmt.Errorf("table %s has no column %s", f.table, col.Name)
		case !strings.EqualFold(there.category, col.Category.String()):
			return fmt.Errorf("column %s of table %s is a %s, not a %s", col.Name, f.table, there.category, col.Category)
		case there.typ != col.Type && !becomes(col.Type, there.typ):
			return fmt.Errorf("column %s of table %s is of type %s, not %s", col.Name, f.table, there.typ, col.Type)
		}
	}
	return nil
}

// becomes tells which values the server converts (2.0.1).
func becomes(from, to datatype.Type) bool {
	switch to {
	case datatype.Int64:
		return from == datatype.Int32 || from == datatype.Timestamp
	case datatype.Timestamp:
		return from == datatype.Int32 || from == datatype.Int64
	case datatype.Float:
		return from == datatype.Int32
	case datatype.Double:
		return from == datatype.Int32 || from == datatype.Int64 || from == datatype.Float
	case datatype.Text, datatype.String:
		return from == datatype.Text || from == datatype.String
	case datatype.Blob:
		return from.Binary()
	}
	return false
}

// categoryOfColumn is the category of a column in a tablet.
func (c *schemaColumn) categoryOfColumn() tablet.Category {
	category, _ := categoryOf(c.category)
	return category
}
