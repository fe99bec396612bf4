package bind2

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Table is what is bound for one table.
type Table struct {
	// Name of the table, empty if the statement names it.
	Name string
	// Tags has a column of one row a tag.
	Tags []*Column
	// Columns has the rows, as many in each.
	Columns []*Column
}

const (
	headerSize = 28
	// columnSize is what a column needs without rows.
	columnSize = 17
)

// AppendTo appends the bind data of tables to dst. All tables must have the same
// number of tags and of columns, at most [MaxRows] rows, and a row in each tag.
func AppendTo(dst []byte, tables []Table) ([]byte, error) {
	s, err := measure(tables)
	if err != nil {
		return dst, err
	}
	le := binary.LittleEndian
	dst = slices.Grow(dst, int(s.total))
	dst = le.AppendUint32(dst, uint32(s.total))
	dst = le.AppendUint32(dst, uint32(len(tables)))
	dst = le.AppendUint32(dst, uint32(len(tables[0].Tags)))
	dst = le.AppendUint32(dst, uint32(len(tables[0].Columns)))
	dst = le.AppendUint32(dst, uint32(s.names))
	dst = le.AppendUint32(dst, uint32(s.tags))
	dst = le.AppendUint32(dst, uint32(s.columns))
	if s.names != 0 {
		for _, t := range tables {
			dst = le.AppendUint16(dst, uint16(len(t.Name)+1))
		}
		for _, t := range tables {
			dst = append(dst, t.Name...)
			dst = append(dst, 0)
		}
	}
	if s.tags != 0 {
		dst = appendSection(dst, tables, tagsOf)
	}
	if s.columns != 0 {
		dst = appendSection(dst, tables, columnsOf)
	}
	return dst, nil
}

func tagsOf(t *Table) []*Column    { return t.Tags }
func columnsOf(t *Table) []*Column { return t.Columns }

func appendSection(dst []byte, tables []Table, of func(*Table) []*Column) []byte {
	for i := range tables {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(sizeOf(of(&tables[i]))))
	}
	for i := range tables {
		for _, c := range of(&tables[i]) {
			dst = c.appendTo(dst)
		}
	}
	return dst
}

// sections has the offsets of the sections, 0 for those left out.
type sections struct {
	names, tags, columns, total int64
}

// measure checks the tables and lays the sections out.
func measure(tables []Table) (s sections, err error) {
	if len(tables) == 0 {
		return s, errors.New("no tables to bind")
	}
	tags, columns := len(tables[0].Tags), len(tables[0].Columns)
	if tags == 0 && columns == 0 {
		return s, errors.New("no columns to bind")
	}
	named, names, tagBytes, columnBytes := false, int64(0), int64(0), int64(0)
	for i := range tables {
		t := &tables[i]
		if err := t.check(tags, columns); err != nil {
			return s, fmt.Errorf("table %d: %w", i, err)
		}
		named = named || t.Name != ""
		names += 2 + int64(len(t.Name)) + 1
		tagBytes += 4 + sizeOf(t.Tags)
		columnBytes += 4 + sizeOf(t.Columns)
	}
	s.total = headerSize
	if named {
		s.names = s.total
		s.total += names
	}
	if tags != 0 {
		s.tags = s.total
		s.total += tagBytes
	}
	if columns != 0 {
		s.columns = s.total
		s.total += columnBytes
	}
	if s.total > math.MaxInt32 {
		return s, fmt.Errorf("%d bytes of values are too many for one bind", s.total)
	}
	return s, nil
}

func (t *Table) check(tags, columns int) error {
	if len(t.Tags) != tags || len(t.Columns) != columns {
		return fmt.Errorf("%d tags and %d columns, the first table has %d and %d", len(t.Tags), len(t.Columns), tags, columns)
	}
	if len(t.Name) >= math.MaxUint16 || strings.IndexByte(t.Name, 0) >= 0 {
		return errors.New("the name is too long or has a NUL")
	}
	for i, c := range t.Tags {
		if c.Rows() != 1 {
			return fmt.Errorf("tag %d has %d values", i, c.Rows())
		}
	}
	for i, c := range t.Columns {
		if n := t.Columns[0].Rows(); c.Rows() != n {
			return fmt.Errorf("column %d has %d rows, column 0 has %d", i, c.Rows(), n)
		}
		if c.Rows() > MaxRows {
			return fmt.Errorf("%d rows, at most %d can be bound at once", c.Rows(), MaxRows)
		}
	}
	return nil
}

func sizeOf(columns []*Column) (n int64) {
	for _, c := range columns {
		n += c.size()
	}
	return n
}

// size returns the number of bytes that appendTo appends.
func (c *Column) size() int64 {
	n := columnSize + int64(c.Rows()) + int64(len(c.buffer()))
	if c.lengths {
		n += 4 * int64(c.Rows())
	}
	return n
}

// buffer returns the values as they are sent: not at all if none is given.
func (c *Column) buffer() []byte {
	if c.given == 0 && !c.lengths {
		return nil
	}
	return c.data
}

func (c *Column) appendTo(dst []byte) []byte {
	le := binary.LittleEndian
	dst = le.AppendUint32(dst, uint32(c.size()))
	dst = le.AppendUint32(dst, uint32(c.typ))
	dst = le.AppendUint32(dst, uint32(c.Rows()))
	dst = append(dst, c.states...)
	if c.lengths {
		dst = append(dst, 1)
		start := int32(0)
		for _, end := range c.ends {
			dst = le.AppendUint32(dst, uint32(end-start))
			start = end
		}
	} else {
		dst = append(dst, 0)
	}
	buffer := c.buffer()
	dst = le.AppendUint32(dst, uint32(len(buffer)))
	return append(dst, buffer...)
}
