package tmq

import (
	"bytes"
	"fmt"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// Message is the content of a raw message.
type Message struct {
	// Begin and Next are the positions of the message and behind it.
	Begin, Next Offset
	// Tables hold the rows in the order of the message. A table may occur several
	// times.
	Tables []Table
}

// Table is a block of rows that share a table and a schema.
type Table struct {
	// Name of the table; empty if the topic does not tell.
	Name string
	// Fields describe the columns; their names are empty if the message has none.
	// Several tables may share them.
	Fields    []block.Field
	Precision block.Precision
	Block     *block.Block
}

// maxNames and maxName bound the names that a [Decoder] remembers.
const (
	maxNames = 4096
	maxName  = 256
)

// Decoder decodes the messages of a subscription. It remembers schema and names,
// which most messages repeat. The zero value is ready; it is used by one goroutine
// at a time.
type Decoder struct {
	schema []byte
	fields []block.Field
	names  map[string]string
}

// Decode decodes a raw message; nothing of raw is kept. Timestamps are put in the
// location; nil is UTC. Tables without rows are left out.
//
// What Decode allocates is bounded by a small multiple of len(raw), and its number
// of allocations by the numbers of tables and columns.
func (d *Decoder) Decode(kind Kind, raw []byte, loc *time.Location) (*Message, error) {
	parts, err := Parse(kind, raw)
	if err != nil {
		return nil, err
	}
	m := &Message{Begin: parts.Begin, Next: parts.Next, Tables: make([]Table, 0, len(parts.Tables))}
	for i := range parts.Tables {
		t := &parts.Tables[i]
		b, err := block.Decode(t.Block, t.Precision, loc)
		if err != nil {
			return nil, fmt.Errorf("raw message: table %d: %w", i, err)
		}
		fields, err := d.fieldsOf(t.Schema, b)
		if err != nil {
			return nil, fmt.Errorf("raw message: table %d: %w", i, err)
		}
		if b.Rows == 0 {
			continue
		}
		m.Tables = append(m.Tables, Table{Name: d.name(t.Name), Fields: fields, Precision: t.Precision, Block: b})
	}
	return m, nil
}

// fieldsOf returns the fields of the block with the names of the schema.
func (d *Decoder) fieldsOf(schema []byte, b *block.Block) ([]block.Field, error) {
	if len(d.fields) == len(b.Columns) && bytes.Equal(schema, d.schema) && d.same(b) {
		return d.fields, nil
	}
	fields := make([]block.Field, len(b.Columns))
	for i := range fields {
		fields[i] = b.Columns[i].Field
	}
	if schema != nil {
		columns, err := Columns(schema)
		if err != nil {
			return nil, err
		}
		if len(columns) != len(fields) {
			return nil, fmt.Errorf("a schema of %d columns for a block of %d", len(columns), len(fields))
		}
		for i := range fields {
			fields[i].Name = columns[i].Name
		}
	}
	d.schema = append(d.schema[:0], schema...)
	d.fields = fields
	return fields, nil
}

// same reports whether the block's columns are those of the fields.
func (d *Decoder) same(b *block.Block) bool {
	for i := range d.fields {
		f := b.Columns[i].Field
		f.Name = d.fields[i].Name
		if f != d.fields[i] {
			return false
		}
	}
	return true
}

func (d *Decoder) name(b []byte) string {
	if len(b) == 0 || len(b) > maxName {
		return string(b)
	}
	if name, ok := d.names[string(b)]; ok {
		return name
	}
	if d.names == nil || len(d.names) >= maxNames {
		d.names = make(map[string]string)
	}
	name := string(b)
	d.names[name] = name
	return name
}
