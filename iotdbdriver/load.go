package iotdbdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/tablet"
)

// load is a tablet that rows are appended to.
type load struct {
	frame  frame
	units  int64
	tags   []*tablet.Column // those of AppendOptions.Tags
	places []*tablet.Column // where the values of a row go; nil is the time
	names  []string         // of places
	marks  []tablet.Mark
}

// timeName is the column that every table has.
const timeName = "time"

// prepare finds the columns that rows are made of.
func (l *load) prepare(s *schema, columns, tags []string) error {
	tagged := map[string]bool{}
	add := func(name string) (*tablet.Column, error) {
		there := s.column(name)
		if there == nil {
			return nil, fmt.Errorf("table %s has no column %s", l.frame.table, name)
		}
		col := &tablet.Column{Name: there.name, Type: there.typ, Category: there.categoryOfColumn(), Units: l.units}
		if err := distinct(l.frame.columns, col, s.exact); err != nil {
			return nil, fmt.Errorf("column %s: %w", name, err)
		}
		l.frame.columns = append(l.frame.columns, col)
		return col, nil
	}
	for _, name := range tags {
		col, err := add(name)
		if err != nil {
			return err
		}
		if col.Category != tablet.Tag && col.Category != tablet.Attribute {
			return fmt.Errorf("column %s is a FIELD and cannot be among the tags", name)
		}
		l.tags = append(l.tags, col)
		tagged[strings.ToLower(name)] = true
	}
	if len(columns) == 0 {
		for _, c := range s.columns {
			if !tagged[c.name] {
				columns = append(columns, c.name)
			}
		}
	}
	timed := false
	for _, name := range columns {
		var col *tablet.Column
		if strings.EqualFold(name, timeName) {
			if timed {
				return errors.New("the column time is there twice")
			}
			timed = true
		} else {
			var err error
			if col, err = add(name); err != nil {
				return err
			}
		}
		l.places, l.names = append(l.places, col), append(l.names, name)
	}
	switch {
	case !timed:
		return errors.New("the column time is missing")
	case len(l.frame.columns) == 0:
		return errors.New("there is no column but time")
	}
	l.marks = make([]tablet.Mark, len(l.frame.columns))
	return nil
}

func (l *load) rows() int { return l.frame.rows() }

func (l *load) size() int {
	n := len(l.frame.times)
	for _, col := range l.frame.columns {
		n += col.Size()
	}
	return n
}

func (l *load) reset() {
	l.frame.times = l.frame.times[:0]
	for _, col := range l.frame.columns {
		col.Reset()
	}
}

// atomically runs f, which appends to the columns, and takes back what it has appended
// if it fails.
func (l *load) atomically(f func() error) error {
	for i, col := range l.frame.columns {
		l.marks[i] = col.Mark()
	}
	rows := len(l.frame.times)
	err := f()
	if err != nil {
		l.frame.times = l.frame.times[:rows]
		for i, col := range l.frame.columns {
			col.Return(l.marks[i])
		}
	}
	return err
}

// append adds a row.
func (l *load) append(tags, values []any) error {
	return l.atomically(func() error {
		for i, v := range values {
			var err error
			if col := l.places[i]; col == nil {
				err = l.time(v)
			} else if v, err = day(v); err == nil {
				err = col.Append(v)
			}
			if err != nil {
				return fmt.Errorf("column %s: %w", l.names[i], err)
			}
		}
		return l.tag(tags, 1)
	})
}

// tag adds the tags' values to n rows.
func (l *load) tag(tags []any, n int) error {
	for i, col := range l.tags {
		if len(tags) == 0 {
			col.AppendNull(n)
			continue
		}
		for range n {
			if err := col.Append(tags[i]); err != nil {
				return fmt.Errorf("tag %s: %w", col.Name, err)
			}
		}
	}
	return nil
}

// time adds the time of a row.
func (l *load) time(v any) error {
	var ts int64
	switch v := v.(type) {
	case time.Time:
		var ok bool
		if ts, ok = tablet.Timestamp(v, l.units); !ok {
			return &tablet.Misfit{Type: datatype.Timestamp, Range: true, Text: "the time is out of the range of the server's unit"}
		}
	case int64:
		ts = v
	case int:
		ts = int64(v)
	default:
		return &tablet.Misfit{Type: datatype.Timestamp, Text: fmt.Sprintf("a time is a time.Time or an int64, not %T", v)}
	}
	l.frame.times = binary.BigEndian.AppendUint64(l.frame.times, uint64(ts))
	return nil
}

// appendColumns adds rows.
func (l *load) appendColumns(tags []any, columns []driver.Column, rows int) error {
	return l.atomically(func() error {
		for i := range columns {
			var err error
			if col := l.places[i]; col == nil {
				err = l.times(&columns[i])
			} else {
				err = appendColumn(col, &columns[i])
			}
			if err != nil {
				return fmt.Errorf("column %s: %w", l.names[i], err)
			}
		}
		return l.tag(tags, rows)
	})
}

// times adds the times of rows.
func (l *load) times(c *driver.Column) (err error) {
	for i, state := range c.States {
		if state != driver.Given {
			return fmt.Errorf("row %d: %w", i, &tablet.Misfit{Type: datatype.Timestamp, Text: "a row has a time, which is not NULL"})
		}
	}
	switch v := c.Values.(type) {
	case []time.Time:
		times, err := tablet.AppendInstants(l.frame.times, v, l.units)
		if err == nil {
			l.frame.times = times
		}
		return err
	case []int64:
		l.frame.times = tablet.AppendTimes(l.frame.times, v)
		return nil
	case []any:
		for i := range v {
			if err := l.time(v[i]); err != nil {
				return fmt.Errorf("row %d: %w", i, err)
			}
		}
		return nil
	}
	return &tablet.Misfit{Type: datatype.Timestamp, Text: fmt.Sprintf("times are a []time.Time or a []int64, not %T", c.Values)}
}

// describeDevice asks for the series of a device of the tree model, and whether it is
// aligned.
func (c *conn) describeDevice(ctx context.Context, op string, id uint64, device string, names []string) (*schema, bool, error) {
	if len(names) == 0 {
		return nil, false, c.refusal(op, id, errors.New("the tree model needs AppendOptions.Columns"))
	}
	found := &schema{columns: []schemaColumn{{name: timeName, typ: datatype.Timestamp, category: "TIME"}}, exact: true}
	err := c.each(ctx, op, id, "SHOW TIMESERIES "+device+".*", func(row map[string]string) {
		name, ok := strings.CutPrefix(row["timeseries"], device+".")
		if t, known := datatype.Of(row["datatype"]); ok && known {
			found.columns = append(found.columns, schemaColumn{name, t, "FIELD"})
		}
	})
	if err != nil {
		return nil, false, err
	}
	aligned := false
	err = c.each(ctx, op, id, "SHOW DEVICES "+device, func(row map[string]string) {
		aligned = aligned || row["device"] == device && strings.EqualFold(row["isaligned"], "true")
	})
	return found, aligned, err
}

// each calls f with the texts of each row of a result, by the names of their columns
// in lower case.
func (c *conn) each(ctx context.Context, op string, id uint64, text string, f func(map[string]string)) error {
	r, err := c.run(ctx, op, id, text)
	if err != nil {
		return plain(err)
	}
	defer r.Close()
	row := make([]sqldriver.Value, len(r.names))
	for {
		if err := r.Next(row); err == io.EOF {
			return nil
		} else if err != nil {
			return plain(err)
		}
		texts := map[string]string{}
		for i, name := range r.names {
			texts[strings.ToLower(name)], _ = row[i].(string)
		}
		f(texts)
	}
}
