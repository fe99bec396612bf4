package store

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/eval"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/query"
)

// A super or normal table with the number 7 is the SQLite table t7 (tid, ts, c1, c2, ...): tid is
// the number of the child the row is of, or of the table itself, ts its primary timestamp, c<n> the
// column with the number n.

// maxColumns is what SQLite takes, less than TDengine's 4096.
const maxColumns = 1990

func storageName(t *catalog.Table) string { return "t" + strconv.FormatInt(t.ID, 10) }

func columnName(c catalog.Column) string {
	if c.ID == 0 {
		return "ts"
	}
	return "c" + strconv.Itoa(c.ID)
}

func createStorage(t *catalog.Table) string {
	var b strings.Builder
	fmt.Fprintf(&b, "create table %s (tid integer not null, ts integer not null", storageName(t))
	for _, c := range t.Columns[1:] {
		b.WriteString(", " + columnName(c))
	}
	b.WriteString(", primary key (tid, ts)) without rowid")
	return b.String()
}

// encode turns a value into one that SQLite keeps exactly and in order: BIGINT UNSIGNED moves into
// the range of int64, NaN, which SQLite takes for NULL, becomes a text.
func encode(v any) any {
	switch v := v.(type) {
	case uint64:
		return int64(v ^ 1<<63)
	case float32:
		return encode(float64(v))
	case float64:
		if math.IsNaN(v) {
			return "nan"
		}
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	}
	return v
}

// decode is the opposite of encode.
func decode(t block.Type, v any) any {
	switch x := v.(type) {
	case int64:
		switch t {
		case block.Bool:
			return x != 0
		case block.UBigInt:
			return uint64(x) ^ 1<<63
		}
	case float64:
		if t == block.Float {
			return float32(x)
		}
	case string:
		if t == block.Float {
			return float32(math.NaN())
		}
		if t == block.Double {
			return math.NaN()
		}
	case []byte:
		if x == nil {
			return []byte{}
		}
	}
	return v
}

// Scan implements query.Storage.
func (s *Store) Scan(ctx context.Context, sc query.Scan) (query.Cursor, error) {
	if sc.Only != nil && len(sc.Only) == 0 || sc.Range.From > sc.Range.To {
		return &cursor{}, nil
	}
	c := &cursor{scan: sc}
	var b strings.Builder
	b.WriteString("select tid, ts")
	for i, col := range sc.Columns {
		if i > 0 && sc.Need[i] {
			b.WriteString(", " + columnName(col))
			c.places = append(c.places, i)
		}
	}
	b.WriteString(" from " + storageName(sc.Table))
	var args []any
	sep := " where "
	cond := func(text string, values ...any) {
		b.WriteString(sep + text)
		args = append(args, values...)
		sep = " and "
	}
	switch {
	case len(sc.Only) == 1: // then the primary key gives the order of time
		cond("tid = ?", sc.Only[0])
	case sc.Only != nil:
		ids := make([]any, len(sc.Only))
		for i, id := range sc.Only {
			ids[i] = id
		}
		cond("tid in (?"+strings.Repeat(",?", len(ids)-1)+")", ids...)
	}
	if sc.Range.From > math.MinInt64 {
		cond("ts >= ?", sc.Range.From)
	}
	if sc.Range.To < math.MaxInt64 {
		cond("ts <= ?", sc.Range.To)
	}
	sep = " order by "
	for _, k := range sc.Order {
		b.WriteString(sep + columnName(sc.Columns[k.Column]))
		if k.Desc {
			b.WriteString(" desc")
		}
		sep = ", "
	}
	rows, err := s.db.Reader().QueryContext(ctx, b.String(), args...)
	if err != nil {
		return nil, fault(err)
	}
	c.rows = rows
	c.values = make([]any, 2+len(c.places))
	c.dest = make([]any, len(c.values))
	for i := range c.values {
		c.dest[i] = &c.values[i]
	}
	return c, nil
}

// cursor reads the rows of a scan.
type cursor struct {
	scan         query.Scan
	rows         *sql.Rows // nil: none
	places       []int     // of the fetched columns from the third on
	values, dest []any
}

func (c *cursor) Next() (*eval.Row, error) {
	if c.rows == nil {
		return nil, io.EOF
	}
	for c.rows.Next() {
		if err := c.rows.Scan(c.dest...); err != nil {
			return nil, fault(err)
		}
		id, _ := c.values[0].(int64)
		ts, _ := c.values[1].(int64)
		m, ok := c.scan.Members[id]
		if !ok { // a table made after the query was planned
			continue
		}
		r := &eval.Row{Cols: make([]any, len(c.scan.Columns)), Tags: m.Tags, Table: m.Name, Time: ts}
		r.Cols[0] = c.values[1]
		for i, place := range c.places {
			r.Cols[place] = decode(c.scan.Columns[place].Type, c.values[2+i])
		}
		return r, nil
	}
	if err := c.rows.Err(); err != nil {
		return nil, fault(err)
	}
	return nil, io.EOF
}

func (c *cursor) Close() error {
	if c.rows == nil {
		return nil
	}
	return c.rows.Close()
}
