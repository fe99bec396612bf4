//go:build (linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"encoding/binary"
	"errors"
	"runtime"
	"unsafe"

	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
)

// binding is what a bind hands to the library: the structures of taos.h, pointing
// into the bind data that bind2 makes, whose columns are laid out as they want
// them. It stays where it is until release.
type binding struct {
	tables bindTables
	// rows of all tables.
	rows int
	pins runtime.Pinner
}

var errBinding = errors.New("bind data ends early")

// newBinding returns the binding of the tables. message is memory that it may use,
// and is returned as it has grown; it belongs to the binding until release.
func newBinding(message []byte, tables []bind2.Table) (*binding, []byte, error) {
	message, err := bind2.AppendTo(message[:0], tables)
	if err != nil {
		return nil, message, err
	}
	b := &binding{tables: bindTables{count: int32(len(tables))}}
	b.pins.Pin(unsafe.SliceData(message))
	le := binary.LittleEndian
	if at := le.Uint32(message[16:]); at != 0 {
		b.tables.names = b.names(message[at:], len(tables))
	}
	if at := le.Uint32(message[20:]); at != 0 {
		b.tables.tags, err = b.section(message[at:], len(tables), len(tables[0].Tags))
	}
	if at := le.Uint32(message[24:]); at != 0 && err == nil {
		b.tables.columns, err = b.section(message[at:], len(tables), len(tables[0].Columns))
	}
	if err != nil {
		b.release()
		return nil, message, err
	}
	for _, t := range tables {
		if len(t.Columns) > 0 {
			b.rows += t.Columns[0].Rows()
		}
	}
	b.pins.Pin(&b.tables)
	return b, message, nil
}

// release may be called twice, but not at once.
func (b *binding) release() { b.pins.Unpin() }

// names returns the char ** of a section of names.
func (b *binding) names(section []byte, tables int) handle {
	pointers := make([]*byte, tables)
	text := section[2*tables:]
	for i := range pointers {
		pointers[i] = &text[0]
		text = text[binary.LittleEndian.Uint16(section[2*i:]):]
	}
	b.pins.Pin(&pointers[0])
	return handle(&pointers[0])
}

// section returns the TAOS_STMT2_BIND ** of a section of columns.
func (b *binding) section(data []byte, tables, columns int) (handle, error) {
	data = data[4*tables:]
	binds := make([]bindColumn, tables*columns)
	pointers := make([]*bindColumn, tables)
	for i := range binds {
		rest, err := binds[i].read(data)
		if err != nil {
			return nil, err
		}
		data = rest
	}
	for i := range pointers {
		pointers[i] = &binds[i*columns]
	}
	b.pins.Pin(&binds[0])
	b.pins.Pin(&pointers[0])
	return handle(&pointers[0]), nil
}

// read points the bind into the column at the start of data and returns what is
// behind it. The layout is that of package bind2.
func (c *bindColumn) read(data []byte) (rest []byte, err error) {
	const fixed = 12
	if len(data) < fixed {
		return nil, errBinding
	}
	le := binary.LittleEndian
	size, rows := int(le.Uint32(data)), int(le.Uint32(data[8:]))
	if size > len(data) || size < fixed+rows+5 {
		return nil, errBinding
	}
	rest, data = data[size:], data[:size]
	c.typ, c.rows = int32(le.Uint32(data[4:])), int32(rows)
	at := fixed
	if rows > 0 {
		c.isNull = handle(&data[at])
	}
	at += rows + 1
	if data[at-1] != 0 {
		if size < at+4*rows+4 {
			return nil, errBinding
		}
		if rows > 0 {
			c.length = handle(&data[at])
		}
		at += 4 * rows
	}
	if at += 4; at < size {
		c.buffer = handle(&data[at])
	}
	return rest, nil
}
