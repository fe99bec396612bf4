package bind2

import (
	"bytes"
	"database/sql/driver"
	"encoding/binary"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

func TestAppend(t *testing.T) {
	at := time.Unix(1700000000, 123456789)
	for _, x := range []struct {
		name string
		typ  block.Type
		in   any
		want driver.Value
	}{
		{"nil", block.Int, nil, nil},
		{"nil bytes", block.Blob, []byte(nil), nil},
		{"boolean", block.Bool, true, true},
		{"smallest TINYINT", block.TinyInt, int8(-128), int64(-128)},
		{"largest TINYINT UNSIGNED", block.UTinyInt, 255, int64(255)},
		{"smallest SMALLINT", block.SmallInt, int16(math.MinInt16), int64(math.MinInt16)},
		{"largest SMALLINT UNSIGNED", block.USmallInt, uint16(math.MaxUint16), int64(math.MaxUint16)},
		{"smallest INT", block.Int, int32(math.MinInt32), int64(math.MinInt32)},
		{"largest INT UNSIGNED", block.UInt, uint32(math.MaxUint32), int64(math.MaxUint32)},
		{"smallest BIGINT", block.BigInt, int64(math.MinInt64), int64(math.MinInt64)},
		{"largest BIGINT UNSIGNED", block.UBigInt, uint64(math.MaxUint64), uint64(math.MaxUint64)},
		{"platform's integers", block.BigInt, uint(7), int64(7)},
		{"FLOAT", block.Float, float32(0.1), float32(0.1)},
		{"integer to FLOAT", block.Float, 3, float32(3)},
		{"infinity to FLOAT", block.Float, math.Inf(-1), float32(math.Inf(-1))},
		{"DOUBLE", block.Double, 0.1, 0.1},
		{"integer to DOUBLE", block.Double, uint8(3), 3.0},
		{"text", block.VarChar, "é", "é"},
		{"empty text", block.VarChar, "", ""},
		{"bytes to VARCHAR", block.VarChar, []byte("a"), "a"},
		{"text to BLOB", block.Blob, "a", []byte("a")},
		{"empty bytes", block.VarBinary, []byte{}, []byte{}},
		{"JSON", block.JSON, `{"a":1}`, []byte(`{"a":1}`)},
		{"text to DECIMAL", block.Decimal64, "-1.5", "-1.5"},
		{"integer to DECIMAL", block.Decimal128, -15, "-15"},
		{"float32 to DECIMAL", block.Decimal64, float32(0.1), "0.1"},
		{"float64 to DECIMAL", block.Decimal64, 1e-7, "0.0000001"},
		{"time", block.Timestamp, at, at.UTC()},
		{"integer to TIMESTAMP", block.Timestamp, at.UnixNano(), at.UTC()},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := NewColumn(x.typ, block.Nano)
			if err := c.Append(x.in); err != nil {
				t.Fatal(err)
			}
			if got := c.Value(0, block.Nano); !reflect.DeepEqual(got, x.want) {
				t.Errorf("%#v, want %#v", got, x.want)
			}
			if c.Rows() != 1 {
				t.Errorf("%d rows", c.Rows())
			}
		})
	}
}

func TestAppendRefuses(t *testing.T) {
	for _, x := range []struct {
		name string
		typ  block.Type
		in   any
	}{
		{"text to INT", block.Int, "1"},
		{"boolean to INT", block.Int, true},
		{"integer to BOOL", block.Bool, 1},
		{"float to INT", block.Int, 1.0},
		{"time to BIGINT", block.BigInt, time.Now()},
		{"integer to VARCHAR", block.VarChar, 1},
		{"float to VARCHAR", block.VarChar, 1.5},
		{"bytes to DOUBLE", block.Double, []byte("1")},
		{"128 to TINYINT", block.TinyInt, 128},
		{"-1 to INT UNSIGNED", block.UInt, -1},
		{"-1 to BIGINT UNSIGNED", block.UBigInt, -1},
		{"2^63 to BIGINT", block.BigInt, uint64(1 << 63)},
		{"2^63 to DOUBLE", block.Double, uint64(1 << 63)},
		{"1e39 to FLOAT", block.Float, 1e39},
		{"year 3000 in ns", block.Timestamp, time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"a struct", block.VarChar, struct{}{}},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := NewColumn(x.typ, block.Nano)
			if err := c.Append(x.in); err == nil {
				t.Error("no error")
			}
			if c.Rows() != 0 || len(c.data) != 0 || len(c.ends) != 0 {
				t.Errorf("something was appended: %+v", c)
			}
		})
	}
}

func TestColumnsAppendAllOrNothing(t *testing.T) {
	c := NewColumn(block.TinyInt, block.Milli)
	if err := AppendInts[byte](c, []int64{1, 2}, nil); err != nil {
		t.Fatal(err)
	}
	err := AppendInts(c, []int64{3, 0, 300}, []byte{Given, Null, Given})
	if err == nil || !strings.Contains(err.Error(), "row 2") || !strings.Contains(err.Error(), "300") {
		t.Errorf("error %v does not name row and value", err)
	}
	if err := AppendInts(c, []int64{3, 4}, []byte{Given}); err == nil {
		t.Error("too few states give no error")
	}
	if err := AppendInts(c, []int64{3}, []byte{3}); err == nil {
		t.Error("an unknown state gives no error")
	}
	if c.Rows() != 2 || len(c.data) != 2 || c.given != 2 {
		t.Errorf("%+v, want the 2 values from before", c)
	}
	s := NewColumn(block.VarChar, block.Milli)
	if err := AppendStrings[byte](s, []string{"ab", "c"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := AppendAnys[byte](s, []any{"def", nil, 1}, nil); err == nil {
		t.Error("an integer to VARCHAR gives no error")
	}
	if s.Rows() != 2 || string(s.data) != "abc" || s.given != 2 || len(s.ends) != 2 {
		t.Errorf("%+v, want the 2 values from before", s)
	}
}

func TestStates(t *testing.T) {
	c := NewColumn(block.VarChar, block.Milli)
	if err := AppendStrings(c, []string{"a", "ignored", "ignored", "d"}, []byte{Given, Null, None, Given}); err != nil {
		t.Fatal(err)
	}
	data, err := AppendTo(nil, []Table{{Columns: []*Column{c}}})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	got := tables[0].Columns[0]
	for i, want := range []byte{Given, Null, None, Given} {
		if got.State(i) != want {
			t.Errorf("row %d has state %d, want %d", i, got.State(i), want)
		}
	}
	if got.Value(0, 0) != "a" || got.Value(1, 0) != nil || got.Value(2, 0) != nil || got.Value(3, 0) != "d" {
		t.Errorf("%v %v %v %v", got.Value(0, 0), got.Value(1, 0), got.Value(2, 0), got.Value(3, 0))
	}
	if bytes.Contains(data, []byte("ignored")) {
		t.Error("values that are not given were sent")
	}
}

func TestUnscaledDecimals(t *testing.T) {
	c := NewUnscaled(block.Decimal64, 4)
	for _, v := range []any{"123.4567", nil, -2} {
		if err := c.Append(v); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range []any{"1.00001", "1000000000000000", "x"} {
		if err := c.Append(v); err == nil {
			t.Errorf("%v gives no error", v)
		}
	}
	data, err := AppendTo(nil, []Table{{Columns: []*Column{c}}})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	got := tables[0].Columns[0]
	if got.Value(0, 0) != block.DecimalOf(1234567) || got.Value(1, 0) != nil || got.Value(2, 0) != block.DecimalOf(-20000) {
		t.Errorf("%v %v %v", got.Value(0, 0), got.Value(1, 0), got.Value(2, 0))
	}
	if n := len(got.data); n != 3*8 {
		t.Errorf("a buffer of %d bytes", n)
	}
	if NewColumn(block.Decimal64, 0).AppendDecimal(block.DecimalOf(1)) == nil {
		t.Error("an unscaled number where text is bound gives no error")
	}
}

func ints(t *testing.T, n int) *Column {
	t.Helper()
	c := NewColumn(block.Int, block.Milli)
	if err := AppendInts[byte](c, make([]int32, n), nil); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAppendToRefuses(t *testing.T) {
	one := ints(t, 1)
	for name, tables := range map[string][]Table{
		"no tables":               {},
		"no columns":              {{Name: "t"}},
		"different columns":       {{Columns: []*Column{one}}, {Columns: []*Column{one, one}}},
		"different tags":          {{Tags: []*Column{one}, Columns: []*Column{one}}, {Columns: []*Column{one}}},
		"tag of two rows":         {{Tags: []*Column{ints(t, 2)}, Columns: []*Column{one}}},
		"tag of no rows":          {{Tags: []*Column{ints(t, 0)}, Columns: []*Column{one}}},
		"columns of two lengths":  {{Columns: []*Column{one, ints(t, 2)}}},
		"more rows than possible": {{Columns: []*Column{ints(t, MaxRows+1)}}},
		"name with NUL":           {{Name: "a\x00b", Columns: []*Column{one}}},
		"name of 64 KiB":          {{Name: strings.Repeat("a", math.MaxUint16), Columns: []*Column{one}}},
	} {
		if got, err := AppendTo([]byte("before"), tables); err == nil || string(got) != "before" {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	if _, err := AppendTo(nil, []Table{{Columns: []*Column{ints(t, MaxRows)}}}); err != nil {
		t.Errorf("%d rows: %v", MaxRows, err)
	}
}

func TestResetKeepsTheType(t *testing.T) {
	c := NewColumn(block.VarChar, block.Milli)
	for range 2 {
		if err := AppendStrings[byte](c, []string{"a", "bc"}, nil); err != nil {
			t.Fatal(err)
		}
		if c.Rows() != 2 || c.Value(1, 0) != "bc" {
			t.Errorf("%d rows, %v", c.Rows(), c.Value(1, 0))
		}
		c.Reset()
		if c.Rows() != 0 || c.given != 0 || len(c.data) != 0 {
			t.Errorf("after Reset %+v", c)
		}
	}
}

// hostile returns bind data of a table with tag, INT and VARCHAR, patched.
func hostile(t testing.TB, patch func(b []byte)) []byte {
	t.Helper()
	tag, number, text := NewColumn(block.Int, 0), NewColumn(block.Int, 0), NewColumn(block.VarChar, 0)
	for c, v := range map[*Column]any{tag: 1, number: 2, text: "abc"} {
		if err := c.Append(v); err != nil {
			t.Fatal(err)
		}
	}
	b, err := AppendTo(nil, []Table{{Name: "t", Tags: []*Column{tag}, Columns: []*Column{number, text}}})
	if err != nil {
		t.Fatal(err)
	}
	patch(b)
	return b
}

func TestDecodeRefuses(t *testing.T) {
	le := binary.LittleEndian
	u32 := func(at int, v uint32) func([]byte) { return func(b []byte) { le.PutUint32(b[at:], v) } }
	const (
		names = 28
		tags  = names + 2 + 2 // one name "t"
		tag   = tags + 4
		cols  = tag + 17 + 1 + 4
		col   = cols + 4
		text  = col + 17 + 1 + 4
	)
	if b := hostile(t, func([]byte) {}); len(b) != text+17+1+4+3 || le.Uint32(b[20:]) != tags || le.Uint32(b[24:]) != cols {
		t.Fatalf("the layout is another: %x", b)
	}
	for name, patch := range map[string]func([]byte){
		"total length too long":            u32(0, 1000),
		"no tables":                        u32(4, 0),
		"4 G tables":                       u32(4, math.MaxUint32),
		"one table more":                   u32(4, 2),
		"no tags with an offset":           u32(8, 0),
		"4 G tags":                         u32(8, math.MaxUint32),
		"one tag more":                     u32(8, 2),
		"one tag less of two":              u32(12, 1),
		"4 G columns":                      u32(12, math.MaxUint32),
		"names inside the header":          u32(16, 27),
		"tags beyond the end":              u32(20, 1000),
		"columns without an offset":        u32(24, 0),
		"columns at the last byte":         u32(24, text+17+1+4+3-1),
		"name of no bytes":                 func(b []byte) { b[names] = 0 },
		"name beyond the end":              func(b []byte) { b[names+1] = 0xff },
		"name without NUL":                 func(b []byte) { b[names+3] = 'x' },
		"name with two NULs":               func(b []byte) { b[names+2] = 0 },
		"table's tags beyond the end":      u32(tags, 1000),
		"table's tags too short":           u32(tags, 16),
		"table's tags longer than its tag": u32(tags, 17+1+4+1),
		"column too short":                 u32(col, 10),
		"column too long":                  u32(col, 17+1+4+1),
		"unknown type":                     u32(col+4, 22),
		"type of more than a byte":         u32(col+4, 0x104),
		"negative rows":                    u32(col+8, math.MaxUint32),
		"too many rows":                    u32(col+8, MaxRows+1),
		"rows beyond the end":              u32(col+8, 1000),
		"unknown state":                    func(b []byte) { b[col+12] = 3 },
		"unknown have_length":              func(b []byte) { b[col+13] = 2 },
		"lengths of a fixed type":          func(b []byte) { b[col+13] = 1 },
		"no lengths of a variable type":    func(b []byte) { b[text+13] = 0 },
		"buffer beyond the end":            u32(col+14, 1000),
		"buffer of 3 bytes for INT":        u32(col+14, 3),
		"negative length":                  u32(text+14, math.MaxUint32),
		"length of 2 for 3 bytes":          u32(text+14, 2),
		"length of 2 GiB":                  u32(text+14, math.MaxInt32),
	} {
		if tables, err := Decode(hostile(t, patch)); err == nil {
			t.Errorf("%s gives %+v", name, tables)
		}
	}
	whole := hostile(t, func([]byte) {})
	for n := range whole {
		short := bytes.Clone(whole[:n])
		if n >= 4 {
			le.PutUint32(short, uint32(n))
		}
		if tables, err := Decode(short); err == nil {
			t.Errorf("the first %d bytes give %+v", n, tables)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, r := range loadRecorded(f) {
		f.Add(r.data(f))
	}
	f.Add(hostile(f, func([]byte) {}))
	f.Fuzz(func(t *testing.T, data []byte) {
		tables, err := Decode(data)
		if err != nil {
			return
		}
		// Whatever was decoded can be read.
		for i := range tables {
			for _, c := range append(tables[i].Tags, tables[i].Columns...) {
				for row := range c.Rows() {
					if v := c.Value(row, block.Micro); (v != nil) != (c.State(row) == Given) && c.Type() != block.Null {
						t.Fatalf("value %v with state %d", v, c.State(row))
					}
				}
			}
		}
		// What can be encoded again comes to the same, and stays so.
		once, err := AppendTo(nil, tables)
		if err != nil {
			return
		}
		again, err := Decode(once)
		if err != nil {
			t.Fatalf("%v of %x", err, once)
		}
		twice, err := AppendTo(nil, again)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%x became %x, %v", once, twice, err)
		}
		for i := range tables {
			if tables[i].Name != again[i].Name {
				t.Fatalf("name %q became %q", tables[i].Name, again[i].Name)
			}
			compareDecoded(t, tables[i].Tags, again[i].Tags)
			compareDecoded(t, tables[i].Columns, again[i].Columns)
		}
	})
}

func compareDecoded(t *testing.T, a, b []*Column) {
	t.Helper()
	if len(a) != len(b) {
		t.Fatalf("%d columns became %d", len(a), len(b))
	}
	for i := range a {
		if a[i].Type() != b[i].Type() || !bytes.Equal(a[i].states, b[i].states) {
			t.Fatalf("column %d: %+v became %+v", i, a[i], b[i])
		}
		for row := range a[i].Rows() {
			if v, w := a[i].Value(row, 0), b[i].Value(row, 0); !reflect.DeepEqual(v, w) && !isNaN(v) {
				t.Fatalf("row %d of column %d: %v became %v", row, i, v, w)
			}
		}
	}
}

func isNaN(v driver.Value) bool {
	switch v := v.(type) {
	case float32:
		return v != v
	case float64:
		return v != v
	}
	return false
}

// TestAppendAllocates nothing once the memory is there.
func TestAppendAllocates(t *testing.T) {
	c := NewColumn(block.Double, block.Milli)
	values := make([]float64, 1000)
	states := make([]byte, 1000)
	var dst []byte
	run := func() {
		c.Reset()
		if err := AppendFloats(c, values, states); err != nil {
			t.Fatal(err)
		}
		var err error
		if dst, err = AppendTo(dst[:0], []Table{{Columns: []*Column{c}}}); err != nil {
			t.Fatal(err)
		}
	}
	run()
	if n := testing.AllocsPerRun(10, run); n > 4 {
		t.Errorf("%v allocations for 1000 rows", n)
	}
}

func BenchmarkAppendFloats(b *testing.B) {
	c := NewColumn(block.Double, block.Milli)
	values := make([]float64, 10000)
	var dst []byte
	b.SetBytes(int64(8 * len(values)))
	b.ReportAllocs()
	for range b.N {
		c.Reset()
		if err := AppendFloats[byte](c, values, nil); err != nil {
			b.Fatal(err)
		}
		dst, _ = AppendTo(dst[:0], []Table{{Columns: []*Column{c}}})
	}
}
