package taosdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"encoding/json"
	"io"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/tmq"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// message is the message as it is handed out.
func (c *consumer) message(m *transport.Message) *driver.Message {
	out := &driver.Message{
		TopicOffset: driver.TopicOffset{Topic: m.Topic, Partition: m.VGroup, Offset: m.Offset},
		Next:        m.Next, Database: m.Database, Meta: json.RawMessage(m.Meta),
	}
	if len(m.Tables) == 0 {
		return out
	}
	out.Data = make([]driver.MessageData, len(m.Tables))
	for i := range m.Tables {
		t := &m.Tables[i]
		out.Data[i] = driver.MessageData{
			Table: t.Name, Columns: c.names.of(t.Fields), Len: t.Block.Rows,
			Rows:   func() sqldriver.Rows { return messageRows(t) },
			Column: func(i int) driver.Column { return messageColumn(t, i) },
		}
	}
	return out
}

// columnNames remembers the names of the fields asked for last, which tables
// share.
type columnNames struct {
	fields []block.Field
	names  []string
}

func (c *columnNames) of(fields []block.Field) []string {
	if len(fields) == 0 || len(fields) != len(c.fields) || &fields[0] != &c.fields[0] {
		c.fields, c.names = fields, make([]string, len(fields))
		for i := range fields {
			c.names[i] = fields[i].Name
		}
	}
	return c.names
}

func messageRows(t *tmq.Table) sqldriver.Rows {
	return newRows(context.Background(), &transport.Reply{
		Fields: t.Fields, Precision: t.Precision, Result: &oneBlock{b: t.Block},
	})
}

// oneBlock is a result of the rows of a message.
type oneBlock struct{ b *block.Block }

func (r *oneBlock) Next(context.Context) (*block.Block, error) {
	b := r.b
	if b == nil {
		return nil, io.EOF
	}
	r.b = nil
	return b, nil
}

func (r *oneBlock) Close() error {
	r.b = nil
	return nil
}

func messageColumn(t *tmq.Table, i int) driver.Column {
	c := &t.Block.Columns[i]
	column := driver.Column{Values: c.Slice()}
	if c.Field.Type == block.Null {
		column.Values = make([]any, t.Block.Rows)
	}
	if !c.HasNulls() {
		return column
	}
	states := make([]driver.State, t.Block.Rows)
	for row := range states {
		if c.Null(row) {
			states[row] = driver.Null
		}
	}
	return column.WithStates(states)
}
