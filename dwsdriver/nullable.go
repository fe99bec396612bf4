package dwsdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/session"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// ColumnTypeNullable implements its interface. The description of a result does not
// tell; the catalogue does, of a column that is one of a table. It is asked once
// a table and minute, which costs a round trip, and only if the rows that are open
// are few enough to be read first. In a result with an outer join, a union or
// grouping sets a column may be NULL that cannot be so in its table: there, ok is
// false.
func (r *rows) ColumnTypeNullable(i int) (nullable, ok bool) {
	c := r.column(i)
	if c.Table == 0 || c.Attribute <= 0 {
		return true, false
	}
	t := r.c.tables.get(c.Table)
	if t == nil {
		if !r.result.Absorb(r.ctx) || r.c.session.Status() == wire.InFailed {
			return true, false
		}
		if err := r.c.describeTables(r.ctx, r.result.Columns()); err != nil {
			return true, false
		}
		if t = r.c.tables.get(c.Table); t == nil {
			return true, false
		}
	}
	notNull, known := t.notNull[c.Attribute]
	switch {
	case !known:
		return true, false
	case !notNull:
		return true, true
	case r.result.MayBeOuter():
		return true, false
	}
	return false, true
}

// tables are what a connection knows of the columns of tables.
type tables map[wire.OID]*table

type table struct {
	at      time.Time
	notNull map[int16]bool // by the number of the column
}

// tableAge is how long the description of a table is believed.
const tableAge = time.Minute

func (t tables) get(id wire.OID) *table {
	if known := t[id]; known != nil && time.Since(known.at) < tableAge {
		return known
	}
	return nil
}

const attributesText = "SELECT attrelid, attnum, attnotnull FROM pg_catalog.pg_attribute WHERE attrelid = ANY (CAST($1 AS oid[])) AND attnum > 0"

// describeTables asks the catalogue for the tables that the columns are of.
func (c *conn) describeTables(ctx context.Context, columns []wire.Column) error {
	found := make(tables)
	var list []string
	for i := range columns {
		if id := columns[i].Table; id != 0 && found[id] == nil {
			found[id] = &table{at: time.Now(), notNull: make(map[int16]bool)}
			list = append(list, strconv.FormatUint(uint64(id), 10))
		}
	}
	arg := sqldriver.NamedValue{Ordinal: 1, Value: "{" + strings.Join(list, ",") + "}"}
	q, err := c.session.Query(ctx, session.Text{SQL: attributesText}, []sqldriver.NamedValue{arg})
	if err != nil {
		return err
	}
	defer q.Close()
	if n := len(q.Columns()); n != 3 {
		return fmt.Errorf("the catalogue answers with %d columns", n)
	}
	row := make([]sqldriver.Value, 3)
	for {
		b, err := q.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		for i := range b.Rows {
			b.Row(i, row)
			id, ok1 := row[0].(int64)
			number, ok2 := row[1].(int64)
			notNull, ok3 := row[2].(bool)
			if t := found[wire.OID(id)]; ok1 && ok2 && ok3 && t != nil {
				t.notNull[int16(number)] = notNull
			}
		}
	}
	if c.tables == nil || len(c.tables) > maxTables {
		c.tables = make(tables)
	}
	for id, t := range found {
		c.tables[id] = t
	}
	return nil
}

// maxTables bounds what a connection remembers.
const maxTables = 256
