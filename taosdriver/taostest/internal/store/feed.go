package store

import (
	"context"
	"io"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/tmq"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/eval"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/query"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// minPollRows is how many rows a message collects, if there are as many.
const minPollRows = 4096

// Message is a message of a topic.
type Message struct {
	Topic, Database string
	VGroup          int32
	// Begin and Next are the offsets of the message and behind it.
	Begin, Next int64
	// Tables hold the rows; none in a message of metadata alone.
	Tables []MessageTable
	// Meta describes changes of the schema; nil in a message of rows alone.
	Meta []byte
	// Created are the requests behind Meta of a message with rows.
	Created   [][]byte
	WithNames bool
	Precision block.Precision
}

// MessageTable are rows of one table.
type MessageTable struct {
	Name    string
	Columns []tmq.Column
	Fields  []block.Field
	Rows    int
	Block   []byte
}

// read returns the next message of a share, nil if there is none, and the position behind what was
// looked at. The topics must be locked.
func (t *Topics) read(ctx context.Context, s *share, names bool) (*Message, int64, error) {
	t.store.logs.mu.Lock()
	first, entries := s.vgroup.first, s.vgroup.entries
	t.store.logs.mu.Unlock()
	own := s.topic
	m := &Message{
		Topic: own.name, Database: own.db.Name, VGroup: s.vgroup.id, Begin: s.next,
		WithNames: names && (own.query == nil || own.stable != nil), Precision: own.db.Precision,
	}
	rows := 0
	at := max(s.next, first)
	for ; at < first+int64(len(entries)) && rows < minPollRows; at++ {
		e := &entries[at-first]
		meta := own.metaOf(e)
		if meta != nil && len(m.Tables) > 0 {
			break // a message of its own
		}
		if e.change != nil {
			if meta != nil {
				m.Meta, m.Next = meta, at+1
				return m, at + 1, nil
			}
			continue
		}
		n, err := t.collect(ctx, own, e, m)
		if err != nil {
			return nil, s.next, err
		}
		rows += n
		if meta != nil {
			m.Meta, m.Created = meta, [][]byte{meta}
			at++
			break
		}
	}
	if len(m.Tables) == 0 && m.Meta == nil {
		return nil, at, nil
	}
	m.Next = at
	return m, at, nil
}

// metaOf describes the change of the schema in an entry, nil if there is none for the topic.
func (t *topic) metaOf(e *entry) []byte {
	if t.meta == parse.DataOnly {
		return nil
	}
	if e.change != nil {
		if t.stable == nil || e.change.stable == t.stable {
			return e.change.json
		}
		return nil
	}
	for _, child := range e.created {
		if t.stable == nil || child.Parent == t.stable {
			return createdJSON(child)
		}
	}
	return nil
}

// collect adds what an entry has for the topic to the message.
func (t *Topics) collect(ctx context.Context, own *topic, e *entry, m *Message) (int, error) {
	if own.meta == parse.OnlyMeta {
		return 0, nil
	}
	total := 0
	for i := range e.rows {
		r := &e.rows[i]
		if own.stable != nil && r.shape != own.stable {
			continue
		}
		fields, rows := fieldsOf(r.columns), r.rows
		if own.query != nil {
			var err error
			if fields, rows, err = t.filter(ctx, own, r); err != nil {
				return 0, err
			}
		}
		if len(rows) == 0 {
			continue
		}
		table, err := encodeRows(fields, own.db.Precision, rows)
		if err != nil {
			return 0, err
		}
		table.Name = r.table.Name
		flags := uint8(1)
		if own.query != nil && own.stable == nil {
			flags = 0
		}
		for k, f := range fields {
			table.Columns = append(table.Columns, tmq.Column{Type: f.Type, Flags: flags, Bytes: f.StorageBytes(), ID: int16(k + 1), Name: f.Name})
		}
		m.Tables = append(m.Tables, table)
		total += len(rows)
	}
	return total, nil
}

func fieldsOf(columns []catalog.Column) []block.Field {
	fields := make([]block.Field, len(columns))
	for i := range columns {
		fields[i] = columns[i].Field
	}
	return fields
}

// encodeRows makes a block of a subscription.
func encodeRows(fields []block.Field, unit block.Precision, rows [][]any) (MessageTable, error) {
	b := block.NewBuilder(fields, unit, nil)
	for _, row := range rows {
		for i, v := range row {
			if err := appendCell(b.Column(i), fields[i], v); err != nil {
				return MessageTable{}, sqlerr.Newf(sqlerr.Internal, "taostest: column %s: %v", fields[i].Name, err)
			}
		}
	}
	raw, err := b.AppendTo(make([]byte, 0, b.Size()))
	if err != nil {
		return MessageTable{}, sqlerr.Newf(sqlerr.Internal, "taostest: %v", err)
	}
	raw[0] = 2 // the version of subscriptions
	return MessageTable{Fields: fields, Rows: len(rows), Block: raw}, nil
}

func appendCell(c *block.ColumnBuilder, f block.Field, v any) error {
	switch x := v.(type) {
	case int64:
		if f.Type == block.Timestamp {
			return c.AppendTime(x)
		}
	case *literal.JSON:
		return c.AppendBytes([]byte(x.Text()))
	}
	return c.Append(v)
}

// filter runs the topic's query over the rows of one table.
func (t *Topics) filter(ctx context.Context, own *topic, r *tableRows) ([]block.Field, [][]any, error) {
	t.store.mu.RLock()
	defer t.store.mu.RUnlock()
	p := &query.Planner{Compiler: own.zone.compiler(ctx, nil), Storage: &loggedRows{r}, Table: own.zone.table, Virtual: own.zone.virtual}
	res, err := p.Plan(own.query)
	if err != nil {
		return nil, nil, err
	}
	defer res.Close()
	var rows [][]any
	for {
		row, err := res.Next()
		if err == io.EOF {
			return res.Fields, rows, nil
		}
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, row)
	}
}

// loggedRows is a storage that has nothing but the rows of one table.
type loggedRows struct{ *tableRows }

// Scan implements query.Storage.
func (l *loggedRows) Scan(_ context.Context, sc query.Scan) (query.Cursor, error) {
	c := &loggedCursor{}
	m, ok := sc.Members[l.table.ID]
	if sc.Table != l.shape || !ok || sc.Only != nil && !has(sc.Only, l.table.ID) {
		return c, nil
	}
	places := make([]int, len(sc.Columns)) // of the scan's columns in the rows
	for i, col := range sc.Columns {
		places[i] = -1
		for k := range l.columns {
			if l.columns[k].ID == col.ID {
				places[i] = k
			}
		}
	}
	for _, row := range l.rows {
		ts, _ := row[0].(int64)
		if ts < sc.Range.From || ts > sc.Range.To {
			continue
		}
		r := &eval.Row{Cols: make([]any, len(sc.Columns)), Tags: m.Tags, Table: m.Name, Time: ts}
		for i, k := range places {
			if k >= 0 {
				r.Cols[i] = row[k]
			}
		}
		c.rows = append(c.rows, r)
	}
	return c, nil
}

func has(list []int64, id int64) bool {
	for _, x := range list {
		if x == id {
			return true
		}
	}
	return false
}

type loggedCursor struct{ rows []*eval.Row }

func (c *loggedCursor) Next() (*eval.Row, error) {
	if len(c.rows) == 0 {
		return nil, io.EOF
	}
	r := c.rows[0]
	c.rows = c.rows[1:]
	return r, nil
}

func (c *loggedCursor) Close() error { return nil }
