package bind2

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// Decode reads bind data. The tables share its memory; their columns are for
// reading and encoding, not for appending. What Decode allocates is
// bounded by a small multiple of len(data). Where the error text of taosAdapter
// is recorded, the errors have it.
func Decode(data []byte) ([]Table, error) {
	if len(data) < headerSize {
		return nil, errors.New("data length is less than 28")
	}
	var head [7]uint32
	for i := range head {
		head[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	count, tags, columns := head[1], head[2], head[3]
	names, err := sectionAt(data, head[4])
	if err != nil {
		return nil, err
	}
	tagSection, err := sectionAt(data, head[5])
	if err != nil {
		return nil, err
	}
	columnSection, err := sectionAt(data, head[6])
	if err != nil {
		return nil, err
	}
	switch {
	case uint64(head[0]) != uint64(len(data)):
		return nil, fmt.Errorf("total length not match, expect %d, but get %d", len(data), head[0])
	case count == 0:
		return nil, errors.New("table count is 0")
	case (tags == 0) != (tagSection == nil):
		return nil, mismatch("tag", "tags", tags)
	case (columns == 0) != (columnSection == nil):
		return nil, mismatch("col", "cols", columns)
	case tags == 0 && columns == 0:
		return nil, errors.New("no tags and no columns")
	case uint64(count)*4 > uint64(len(data)):
		// Each table has a length in one of the sections.
		return nil, fmt.Errorf("%d tables do not fit %d bytes", count, len(data))
	}
	tables := make([]Table, count)
	if names != nil {
		if err := readNames(names, tables); err != nil {
			return nil, err
		}
	}
	if tagSection != nil {
		err = readSection(tagSection, tables, tags, func(t *Table) *[]*Column { return &t.Tags })
	}
	if columnSection != nil && err == nil {
		err = readSection(columnSection, tables, columns, func(t *Table) *[]*Column { return &t.Columns })
	}
	if err != nil {
		return nil, err
	}
	return tables, nil
}

func mismatch(singular, plural string, count uint32) error {
	if count == 0 {
		return fmt.Errorf("%s count is 0, but %s offset is not 0", singular, plural)
	}
	return fmt.Errorf("%s count is %d, but %s offset is 0", singular, count, plural)
}

// sectionAt returns the data from the offset on, nil for offset 0.
func sectionAt(data []byte, offset uint32) ([]byte, error) {
	if offset == 0 {
		return nil, nil
	}
	if offset < headerSize || uint64(offset) >= uint64(len(data)) {
		return nil, fmt.Errorf("offset %d in %d bytes", offset, len(data))
	}
	return data[offset:], nil
}

func readNames(section []byte, tables []Table) error {
	if uint64(len(tables))*2 > uint64(len(section)) {
		return errors.New("the table names end early")
	}
	lengths, rest := section[:2*len(tables)], section[2*len(tables):]
	for i := range tables {
		n := int(binary.LittleEndian.Uint16(lengths[2*i:]))
		if n == 0 || n > len(rest) || bytes.IndexByte(rest[:n], 0) != n-1 {
			return fmt.Errorf("the name of table %d is not %d bytes with a NUL at the end", i, n)
		}
		tables[i].Name = string(rest[:n-1])
		rest = rest[n:]
	}
	return nil
}

func readSection(section []byte, tables []Table, columns uint32, of func(*Table) *[]*Column) error {
	if uint64(len(tables))*4 > uint64(len(section)) {
		return errors.New("the lengths of the tables end early")
	}
	lengths, rest := section[:4*len(tables)], section[4*len(tables):]
	for i := range tables {
		n := binary.LittleEndian.Uint32(lengths[4*i:])
		if uint64(n) > uint64(len(rest)) || uint64(columns)*columnSize > uint64(n) {
			return fmt.Errorf("table %d has %d bytes for %d columns of the remaining %d", i, n, columns, len(rest))
		}
		table := rest[:n]
		rest = rest[n:]
		list := make([]*Column, columns)
		values := make([]Column, columns)
		for k := range list {
			size, err := readColumn(table, &values[k])
			if err == errLength {
				return fmt.Errorf("bind data length error, tableIndex: %d, fieldIndex: %d", i, k)
			}
			if err != nil {
				return fmt.Errorf("bind data error, tableIndex: %d, fieldIndex: %d: %w", i, k, err)
			}
			list[k] = &values[k]
			table = table[size:]
		}
		if len(table) != 0 {
			return fmt.Errorf("table %d has %d bytes after its last column", i, len(table))
		}
		*of(&tables[i]) = list
	}
	return nil
}

var errLength = errors.New("length")

// readColumn reads the column at the start of data and returns its size.
func readColumn(data []byte, c *Column) (int, error) {
	if len(data) < columnSize {
		return 0, errLength
	}
	le := binary.LittleEndian
	size, typ, rows := le.Uint32(data), le.Uint32(data[4:]), le.Uint32(data[8:])
	if typ > 0xff || !block.Type(typ).Valid() {
		return 0, fmt.Errorf("unknown type %d", typ)
	}
	if rows > MaxRows {
		return 0, fmt.Errorf("%d rows", rows)
	}
	n := int(rows)
	rest := data[12:]
	if len(rest) < n+1+4 {
		return 0, errLength
	}
	c.typ = block.Type(typ)
	c.states, rest = rest[:n:n], rest[n:]
	for _, s := range c.states {
		if s > None {
			return 0, fmt.Errorf("unknown state %d", s)
		}
		if s == Given {
			c.given++
		}
	}
	switch rest[0] {
	case 0:
	case 1:
		c.lengths = true
	default:
		return 0, fmt.Errorf("have_length is %d", rest[0])
	}
	if !c.typ.IsDecimal() && c.lengths != c.typ.Variable() {
		return 0, fmt.Errorf("have_length is %d with type %v", rest[0], c.typ)
	}
	rest = rest[1:]
	if c.lengths {
		if len(rest) < 4*n+4 {
			return 0, errLength
		}
		if err := c.readLengths(rest[:4*n]); err != nil {
			return 0, err
		}
		rest = rest[4*n:]
	}
	buffer := le.Uint32(rest)
	rest = rest[4:]
	if uint64(buffer) > uint64(len(rest)) {
		return 0, errLength
	}
	c.data = rest[:buffer:buffer]
	rest = rest[buffer:]
	if actual := len(data) - len(rest); uint64(size) != uint64(actual) {
		return 0, errLength
	}
	if err := c.checkBuffer(); err != nil {
		return 0, err
	}
	return int(size), nil
}

// readLengths sums the lengths up to where the values end.
func (c *Column) readLengths(lengths []byte) error {
	c.ends = make([]int32, len(c.states))
	end := int64(0)
	for i := range c.ends {
		n := int32(binary.LittleEndian.Uint32(lengths[4*i:]))
		end += int64(n)
		if n < 0 || end > 1<<31-1 {
			return fmt.Errorf("a length of %d in row %d", n, i)
		}
		c.ends[i] = int32(end)
	}
	return nil
}

// checkBuffer compares the buffer's length with that of the values.
func (c *Column) checkBuffer() error {
	want := c.Rows() * c.typ.Width()
	if c.lengths {
		want = int(c.end(c.Rows() - 1))
	} else if c.given == 0 && len(c.data) == 0 {
		return nil
	}
	if len(c.data) != want {
		return fmt.Errorf("a buffer of %d bytes for values of %d", len(c.data), want)
	}
	return nil
}
