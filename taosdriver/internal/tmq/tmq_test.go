package tmq

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// data returns a raw block of one INT column.
func data(t testing.TB, values ...int64) []byte {
	t.Helper()
	b := block.NewBuilder([]block.Field{{Name: "v", Type: block.Int}}, block.Milli, nil)
	for _, v := range values {
		if err := b.Column(0).AppendInt64(v); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := b.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func sample(t testing.TB, kind Kind, names ...string) *Raw {
	t.Helper()
	m := &Raw{
		Kind: kind, Begin: Offset{Type: Log, Version: 3}, Next: Offset{Type: Log, Version: 1 << 40},
		WithNames: true, WithSchemas: true,
	}
	for i, name := range names {
		m.Tables = append(m.Tables, RawTable{
			Name: []byte(name), Schema: AppendSchema(nil, int32(i), []Column{{Type: block.Int, Flags: 1, Bytes: 4, ID: 2, Name: "v" + name}}),
			Rows: 2, Precision: block.Nano, Block: data(t, int64(i), -1),
		})
	}
	if kind == DataMeta {
		m.Created = [][]byte{{1, 2, 3}, {}}
	} else {
		m.Sleep = 17
	}
	return m
}

func encode(t testing.TB, m *Raw) []byte {
	t.Helper()
	raw, err := m.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestRoundTrip(t *testing.T) {
	for _, m := range []*Raw{
		sample(t, Data, "a", "b"),
		sample(t, DataMeta, "a"),
		sample(t, Data),
		{Kind: Data, Begin: Offset{Type: -2}, Next: Offset{Type: SnapshotData, UID: 7, Time: -1}},
		{Kind: Data, Begin: Offset{Type: SnapshotMeta, UID: 1, Key: []byte{5, 1, 2, 3, 4, 5, 6, 7, 8}}, Next: Offset{Type: SnapshotData, Key: []byte{8, 2, 'x', 'y'}}},
	} {
		if len(m.Tables) == 0 {
			m.WithNames, m.WithSchemas = false, false
		}
		got, err := Parse(m.Kind, encode(t, m))
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("got %+v, want %+v (%v)", got, m, err)
		}
	}
}

func TestMessageOfAnOldServer(t *testing.T) {
	// Neither version nor length in front, no version in the offsets, no sleep time.
	raw := encode(t, sample(t, Data, "a"))
	old := append([]byte{1}, raw[6:14]...)
	old = append(old, raw[5+18:len(raw)-8]...)
	old = append(old[:9], append(append([]byte{1}, raw[15:23]...), old[9:]...)...)
	var d Decoder
	m, err := d.Decode(Data, old, nil)
	if err != nil {
		t.Fatal(err)
	}
	if m.Begin.Version != 3 || m.Next.Version != 1<<40 || len(m.Tables) != 1 || m.Tables[0].Name != "a" {
		t.Errorf("got %+v", m)
	}
}

func TestDecoderSharesTheFieldsOfTablesWithOneSchema(t *testing.T) {
	m := sample(t, Data, "a", "b")
	m.Tables[1].Schema = m.Tables[0].Schema
	var d Decoder
	first, err := d.Decode(Data, encode(t, m), nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := d.Decode(Data, encode(t, m), nil)
	if err != nil {
		t.Fatal(err)
	}
	if &first.Tables[0].Fields[0] != &first.Tables[1].Fields[0] || &first.Tables[0].Fields[0] != &second.Tables[0].Fields[0] {
		t.Error("the fields are not shared")
	}
	other, err := d.Decode(Data, encode(t, sample(t, Data, "x")), nil)
	if err != nil || other.Tables[0].Fields[0].Name != "vx" || first.Tables[0].Fields[0].Name != "va" {
		t.Errorf("got %+v behind %+v (%v)", other, first, err)
	}
}

func TestTablesWithoutSchema(t *testing.T) {
	m := sample(t, Data, "a")
	m.WithSchemas, m.WithNames = false, false
	m.Tables[0].Schema, m.Tables[0].Name = nil, nil
	empty := m.Tables[0]
	empty.Block, empty.Rows = data(t), 0
	m.Tables = append(m.Tables, empty)
	var d Decoder
	got, err := d.Decode(Data, encode(t, m), nil)
	if err != nil || len(got.Tables) != 1 {
		t.Fatalf("got %+v (%v), want the one table with rows", got, err)
	}
	if f := got.Tables[0].Fields[0]; f.Name != "" || f.Type != block.Int || got.Tables[0].Name != "" {
		t.Errorf("got %+v", got.Tables[0])
	}
}

func TestMalformedMessages(t *testing.T) {
	whole := encode(t, sample(t, DataMeta, "a"))
	for n := range whole {
		if _, err := Parse(DataMeta, whole[:n]); err == nil {
			t.Errorf("%d of %d bytes were read", n, len(whole))
		}
	}
	change := func(f func(*Raw)) []byte {
		m := sample(t, Data, "a")
		f(m)
		return encode(t, m)
	}
	le := binary.LittleEndian
	for name, raw := range map[string][]byte{
		"unknown offset type":    change(func(m *Raw) { m.Begin.Type = 4 }),
		"many tables":            le.AppendUint32(bytes.Clone(whole[:23]), 1<<31-1),
		"negative tables":        append(le.AppendUint32(bytes.Clone(whole[:23]), 1<<31), 1, 1),
		"negative head":          le.AppendUint32([]byte{100}, 1<<31),
		"unknown precision":      change(func(m *Raw) { m.Tables[0].Precision = 3 }),
		"another number of cols": change(func(m *Raw) { m.Tables[0].Schema = AppendSchema(nil, 0, make([]Column, 2)) }),
		"many columns":           change(func(m *Raw) { m.Tables[0].Schema = binary.AppendVarint(nil, 1<<40) }),
		"short block":            change(func(m *Raw) { m.Tables[0].Block = m.Tables[0].Block[:20] }),
		"name without zero":      bytes.Replace(change(func(*Raw) {}), []byte("va\x00"), []byte("va1"), 1),
		"endless number":         append(bytes.Clone(whole[:29]), bytes.Repeat([]byte{0xff}, 20)...),
	} {
		var d Decoder
		if m, err := d.Decode(Data, raw, nil); err == nil {
			t.Errorf("%s: got %+v", name, m)
		} else if !strings.HasPrefix(err.Error(), "raw message: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (&Raw{Kind: Submit}).AppendTo(nil); err == nil {
		t.Error("a kind without rows was written")
	}
}

func TestDecoderForgetsNames(t *testing.T) {
	var d Decoder
	for i := range 3 * maxNames {
		if name := fmt.Sprint("t", i); d.name([]byte(name)) != name || len(d.names) > maxNames {
			t.Fatalf("%d names behind %s", len(d.names), name)
		}
	}
	long := strings.Repeat("x", maxName+1)
	if n := len(d.names); d.name([]byte(long)) != long || len(d.names) != n {
		t.Error("a long name is remembered")
	}
}

func FuzzDecode(f *testing.F) {
	for _, r := range loadRecorded(f) {
		f.Add(uint16(r.Kind), r.raw(f))
	}
	f.Add(uint16(DataMeta), encode(f, sample(f, DataMeta, "a", "b")))
	f.Fuzz(func(t *testing.T, kind uint16, raw []byte) {
		var d Decoder
		if m, err := d.Decode(Kind(kind), raw, nil); err == nil {
			for _, table := range m.Tables {
				if len(table.Fields) != len(table.Block.Columns) || table.Block.Rows == 0 {
					t.Fatalf("%+v", table)
				}
			}
		}
		m, err := Parse(Kind(kind), raw)
		if err != nil {
			return
		}
		again, err := m.AppendTo(nil)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := Parse(Kind(kind), again); err != nil || !reflect.DeepEqual(plain(n), plain(m)) {
			t.Fatalf("%+v became %+v (%v)", m, n, err)
		}
	})
}

// plain makes what is written alike equal.
func plain(m *Raw) *Raw {
	if len(m.Tables) == 0 {
		m.Tables, m.WithNames, m.WithSchemas = nil, false, false
	}
	return m
}

func BenchmarkDecode(b *testing.B) {
	m := sample(b, Data)
	m.WithNames, m.WithSchemas = true, true
	values := make([]int64, 4096)
	for range 8 {
		m.Tables = append(m.Tables, sample(b, Data, "a").Tables[0])
	}
	for i := range m.Tables {
		m.Tables[i].Block = data(b, values...)
	}
	raw := encode(b, m)
	var d Decoder
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Decode(Data, raw, nil); err != nil {
			b.Fatal(err)
		}
	}
}
