//go:build (linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"testing"
	"unsafe"

	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// The structures are handed to a C library as they are.
func TestLayouts(t *testing.T) {
	for name, sizes := range map[string][2]uintptr{
		"TAOS_FIELD_E":         {unsafe.Sizeof(columnField{}), 72},
		"TAOS_FIELD_ALL":       {unsafe.Sizeof(placeholderField{}), 76},
		"TAOS_FIELD_ALL.type":  {unsafe.Offsetof(placeholderField{}.role), 72},
		"TAOS_STMT2_OPTION":    {unsafe.Sizeof(stmtOption{}), 32},
		"TAOS_STMT2_BIND":      {unsafe.Sizeof(bindColumn{}), 40},
		"TAOS_STMT2_BIND.num":  {unsafe.Offsetof(bindColumn{}.rows), 32},
		"TAOS_STMT2_BINDV":     {unsafe.Sizeof(bindTables{}), 32},
		"tmq_raw_data":         {unsafe.Sizeof(rawMessage{}), 16},
		"tmq_raw_data.type":    {unsafe.Offsetof(rawMessage{}.kind), 12},
		"tmq_topic_assignment": {unsafe.Sizeof(vgroupAssignment{}), 32},
	} {
		if sizes[0] != sizes[1] {
			t.Errorf("%s is %d bytes, want %d", name, sizes[0], sizes[1])
		}
	}
}

// FuzzBindColumn reads a column of bind data: what it points to is always inside.
func FuzzBindColumn(f *testing.F) {
	for _, typ := range []block.Type{block.Int, block.VarChar} {
		c := bind2.NewColumn(typ, block.Milli)
		c.AppendNull()
		c.AppendNone()
		if err := c.Append(map[block.Type]any{block.Int: int64(7), block.VarChar: "seven"}[typ]); err != nil {
			f.Fatal(err)
		}
		data, err := bind2.AppendTo(nil, []bind2.Table{{Columns: []*bind2.Column{c}}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[32:]) // behind the header and the length of the table's section
	}
	f.Add([]byte{})
	f.Add([]byte{12, 0, 0, 0, 4, 0, 0, 0, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, data []byte) {
		var c bindColumn
		rest, err := c.read(data)
		if err != nil {
			return
		}
		inside := func(p handle, size int) {
			if p == nil {
				return
			}
			if at := uintptr(p) - uintptr(unsafe.Pointer(unsafe.SliceData(data))); at+uintptr(size) > uintptr(len(data)-len(rest)) {
				t.Fatalf("%d bytes at %d of %d", size, at, len(data))
			}
		}
		inside(c.isNull, int(c.rows))
		inside(c.length, 4*int(c.rows))
		inside(c.buffer, 1)
	})
}
