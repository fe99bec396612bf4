package tmq

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// Kind is what a raw message is: the raw_type of the C library, meta_type of
// fetch_raw_data. Numbers above those here are metadata alone, by the type of the
// request that changed the schema.
type Kind uint16

// The kinds. Only Data and DataMeta are read here.
const (
	Data      Kind = 2 // rows
	DataMeta  Kind = 4 // rows and the creation of their tables
	BatchMeta Kind = 5 // several changes of the schema
	Submit    Kind = 6 // rows as the server replicates them (msg.consume.rawdata)
)

// HasRows reports whether [Parse] reads the kind.
func (k Kind) HasRows() bool { return k == Data || k == DataMeta }

// Raw is a raw message with its parts told apart. Parsed, they share the
// message's memory.
type Raw struct {
	Kind Kind
	// Begin and Next are the positions of the message and behind it.
	Begin, Next Offset
	// WithNames and WithSchemas tell whether tables have Name and Schema.
	WithNames, WithSchemas bool
	Tables                 []RawTable
	// Sleep, of Data, is how long the server would have the client wait.
	Sleep int64
	// Created, of DataMeta, are the requests that created the tables.
	Created [][]byte
}

// RawTable is a block of rows that share a table and a schema.
type RawTable struct {
	Name []byte
	// Schema is the schema as encoded, see [Columns].
	Schema    []byte
	Rows      int64
	Precision block.Precision
	// Block is the raw block.
	Block []byte
}

// Column is a column of a schema.
type Column struct {
	Type  block.Type
	Flags uint8
	// Bytes is the storage length, as in the schema of a block.
	Bytes int32
	ID    int16
	Name  string
}

const (
	headVersion = 100
	// blockFront is what precedes the raw block in its length.
	blockFront = 18
	// leastColumn is the least that a column takes in a schema.
	leastColumn  = 6
	blockVersion = 1
)

// Parse tells the parts of a raw message apart. What it allocates is bounded by a
// small multiple of len(raw).
func Parse(kind Kind, raw []byte) (*Raw, error) {
	if !kind.HasRows() {
		return nil, fmt.Errorf("raw message: of kind %d, without rows", kind)
	}
	m := &Raw{Kind: kind}
	r := &reader{rest: raw}
	if len(raw) > 0 && raw[0] >= headVersion && raw[0] < 0x80 {
		r.byte()
		n := r.int32()
		if n < 0 {
			return nil, fmt.Errorf("raw message: a head of %d bytes", n)
		}
		head := &reader{rest: r.take(uint64(n))}
		m.Begin, m.Next = head.offset(), head.offset()
		if head.err != nil && r.err == nil {
			r.fail(head.err)
		}
	} else {
		m.Begin, m.Next = r.offset(), r.offset()
	}
	m.parseTables(r)
	m.parseTail(r)
	if r.err != nil {
		return nil, fmt.Errorf("raw message: %w", r.err)
	}
	return m, nil
}

func (m *Raw) parseTables(r *reader) {
	n := r.int32()
	if n == 0 {
		return
	}
	m.WithNames, m.WithSchemas = r.byte() != 0, r.byte() != 0
	if n < 0 || int64(n) > int64(len(r.rest))/(blockFront+1) {
		r.fail(fmt.Errorf("%d tables in %d bytes", n, len(r.rest)))
		return
	}
	m.Tables = make([]RawTable, n)
	for i := range m.Tables {
		m.parseTable(r, &m.Tables[i])
		if r.err != nil {
			r.err = fmt.Errorf("table %d: %w", i, r.err)
			return
		}
	}
}

func (m *Raw) parseTable(r *reader, t *RawTable) {
	b := r.take(r.uvarint())
	if r.err != nil {
		return
	}
	if len(b) < blockFront {
		r.fail(fmt.Errorf("a block of %d bytes", len(b)))
		return
	}
	t.Rows = int64(binary.BigEndian.Uint64(b[8:]))
	t.Precision = block.Precision(b[17])
	t.Block = b[blockFront:]
	if m.WithSchemas {
		start := r.rest
		r.schema(nil)
		if r.err == nil {
			t.Schema = start[: len(start)-len(r.rest) : len(start)-len(r.rest)]
		}
	}
	if m.WithNames {
		t.Name = r.name()
	}
}

func (m *Raw) parseTail(r *reader) {
	if m.Kind == Data {
		if len(r.rest) > 0 { // older servers send none
			m.Sleep = int64(r.uint64())
		}
		return
	}
	n := r.int32()
	if n < 0 || int64(n) > int64(len(r.rest)) {
		r.fail(fmt.Errorf("%d created tables in %d bytes", n, len(r.rest)))
		return
	}
	for range n {
		m.Created = append(m.Created, r.take(r.uvarint()))
	}
}

// schema reads a schema and calls f, if not nil, with each column's name and, but
// for the name, the column.
func (r *reader) schema(f func(c Column, name []byte)) {
	n := r.varint()
	r.varint() // version
	if n < 0 || n > int64(len(r.rest))/leastColumn {
		r.fail(fmt.Errorf("a schema of %d columns in %d bytes", n, len(r.rest)))
		return
	}
	for range n {
		c := Column{Type: block.Type(r.byte()), Flags: r.byte()}
		bytes, id := r.varint(), r.varint()
		name := r.name()
		if bytes != int64(int32(bytes)) || id != int64(int16(id)) {
			r.fail(fmt.Errorf("column %q of %d bytes has the id %d", name, bytes, id))
		}
		if r.err != nil {
			return
		}
		if f != nil {
			c.Bytes, c.ID = int32(bytes), int16(id)
			f(c, name)
		}
	}
}

// Columns reads a schema.
func Columns(schema []byte) ([]Column, error) {
	r := &reader{rest: schema}
	var columns []Column
	r.schema(func(c Column, name []byte) {
		c.Name = string(name)
		columns = append(columns, c)
	})
	if r.err != nil {
		return nil, fmt.Errorf("schema: %w", r.err)
	}
	return columns, nil
}

// AppendSchema appends a schema.
func AppendSchema(dst []byte, version int32, columns []Column) []byte {
	dst = binary.AppendVarint(dst, int64(len(columns)))
	dst = binary.AppendVarint(dst, int64(version))
	for _, c := range columns {
		dst = append(dst, byte(c.Type), c.Flags)
		dst = binary.AppendVarint(dst, int64(c.Bytes))
		dst = binary.AppendVarint(dst, int64(c.ID))
		dst = appendName(dst, c.Name)
	}
	return dst
}

// AppendTo appends the message as servers of 3.2.2 and newer send it.
func (m *Raw) AppendTo(dst []byte) ([]byte, error) {
	if !m.Kind.HasRows() {
		return dst, fmt.Errorf("raw message: of kind %d, without rows", m.Kind)
	}
	le := binary.LittleEndian
	dst = append(dst, headVersion, 0, 0, 0, 0)
	start := len(dst)
	dst = m.Next.appendTo(m.Begin.appendTo(dst))
	le.PutUint32(dst[start-4:], uint32(len(dst)-start))
	if len(m.Tables) > math.MaxInt32 || len(m.Created) > math.MaxInt32 {
		return dst, fmt.Errorf("raw message: %d tables, %d created ones", len(m.Tables), len(m.Created))
	}
	dst = le.AppendUint32(dst, uint32(len(m.Tables)))
	if len(m.Tables) > 0 {
		dst = append(dst, flag(m.WithNames), flag(m.WithSchemas))
	}
	for i := range m.Tables {
		t := &m.Tables[i]
		dst = binary.AppendUvarint(dst, uint64(len(t.Block))+blockFront)
		dst = le.AppendUint64(dst, blockVersion)
		dst = binary.BigEndian.AppendUint64(dst, uint64(t.Rows))
		dst = append(dst, 0, byte(t.Precision))
		dst = append(dst, t.Block...)
		if m.WithSchemas {
			dst = append(dst, t.Schema...)
		}
		if m.WithNames {
			dst = appendName(dst, t.Name)
		}
	}
	if m.Kind == Data {
		return le.AppendUint64(dst, uint64(m.Sleep)), nil
	}
	dst = le.AppendUint32(dst, uint32(len(m.Created)))
	for _, c := range m.Created {
		dst = append(binary.AppendUvarint(dst, uint64(len(c))), c...)
	}
	return dst, nil
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}
