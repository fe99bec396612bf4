package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/tablet"
)

// Tablet are rows that come without a statement: a tablet, or a record, which has
// one row.
type Tablet struct {
	// Table, or the path of a device.
	Table string
	// Columns by name, type and, of tables, category.
	Columns []*tablet.Column
	Times   []int64
	Aligned bool // of the tree model
}

// codeIllegalPath is for names that cannot be.
const codeIllegalPath = 509

// Insert writes a tablet. Tables, devices and columns that do not exist are made. A
// column of another type than the table's is left out: the rest is written, and the
// error of code 507 says so.
func (s *Session) Insert(ctx context.Context, in Tablet) error {
	if s.tree {
		return s.insertTree(ctx, in)
	}
	if s.Database == "" {
		return fail(CodeSemantic, "database is not specified")
	}
	if in.Table == "" {
		return fail(codeIllegalPath, "[ILLEGAL_PATH(509)] Exception occurred: insertTablet failed.  is not a legal path")
	}
	var fields []*field
	seen := map[string]bool{}
	for _, c := range in.Columns {
		f := &field{name: strings.ToLower(c.Name), typ: c.Type, category: category(c.Category)}
		switch {
		case f.name == "":
			return fail(CodeSemantic, "Measurement contains null or empty string: []")
		case seen[f.name]:
			return fail(CodeSemantic, "Insertion contains duplicated measurement: %s", f.name)
		case f.name == "time":
			return fail(CodePartial, "Columns in table shall not share the same name time.")
		}
		seen[f.name] = true
		fields = append(fields, f)
	}
	for _, ts := range in.Times {
		if err := s.store.checkTime(ts); err != nil {
			return err
		}
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	d := s.store.databases[s.Database]
	if d == nil {
		return fail(CodeNoDatabase, "Unknown database %s", s.Database)
	}
	t := d.tables[strings.ToLower(in.Table)]
	for _, f := range fields {
		var there *field
		if t != nil {
			there = t.field(f.name)
		}
		switch {
		case there == nil && f.category != catField && f.typ != datatype.String:
			return fail(CodePartial, "DataType of %s Column should only be STRING, current is %s", f.category, f.typ)
		case there != nil && there.category != f.category:
			return fail(CodeCategory, "Wrong category at column %s.", f.name)
		}
	}
	var err error
	if t == nil {
		if t, err = s.store.newTable(d, strings.ToLower(in.Table), "", nil); err != nil {
			return err
		}
	}
	return s.store.writeColumns(ctx, t, fields, in)
}

// writeColumns writes a tablet into a table, whose missing columns are made.
func (s *Store) writeColumns(ctx context.Context, t *table, fields []*field, in Tablet) error {
	b := &batch{table: t, times: in.Times, rows: make([][]any, len(in.Times))}
	var names, reasons []string
	for i, f := range fields {
		there := t.field(f.name)
		if there == nil {
			if err := s.addField(t, f); err != nil {
				return fail(CodeExecute, "%v", err)
			}
			there = f
		}
		if !fits(f.typ, there.typ) {
			names = append(names, f.name)
			reasons = append(reasons, fmt.Sprintf("Incompatible data type of column %s: %s/%s", f.name, f.typ, there.typ))
			continue
		}
		b.fields = append(b.fields, there)
		for n, v := range in.Columns[i].Values() {
			b.rows[n] = append(b.rows[n], widen(v, there.typ))
		}
	}
	if err := s.write(ctx, b); err != nil {
		return err
	}
	if names != nil {
		return fail(CodePartial, "Fail to insert measurements [%s] caused by [%s]", strings.Join(names, ", "), strings.Join(reasons, ", "))
	}
	return nil
}

// takes has what columns take beside their own type.
var takes = map[datatype.Type][]datatype.Type{
	datatype.Int64:     {datatype.Int32, datatype.Timestamp},
	datatype.Float:     {datatype.Int32},
	datatype.Double:    {datatype.Int32, datatype.Int64, datatype.Float, datatype.Timestamp},
	datatype.Timestamp: {datatype.Int32, datatype.Int64},
	datatype.Text:      {datatype.String},
	datatype.String:    {datatype.Text},
	datatype.Blob:      {datatype.Text, datatype.String},
}

func fits(from, to datatype.Type) bool { return from == to || slices.Contains(takes[to], from) }

// widen turns a value into one of a column's type.
func widen(v any, to datatype.Type) any {
	n := int64(0)
	switch x := v.(type) {
	case int32:
		if to == datatype.Int32 || to == datatype.Date {
			return x
		}
		n = int64(x)
	case int64:
		n = x
	case float32:
		if to == datatype.Double {
			return float64(x)
		}
		return x
	case string:
		if to == datatype.Blob {
			return []byte(x)
		}
		return x
	default:
		return v
	}
	switch to {
	case datatype.Float:
		return float32(n)
	case datatype.Double:
		return float64(n)
	}
	return n
}
