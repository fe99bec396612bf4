package tsblock

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// raw makes a block of value columns with the encodings; body is what follows the
// header.
func raw(rows int32, types []datatype.Type, encodings []Encoding, body ...byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(types)))
	for _, t := range types {
		b = append(b, byte(t))
	}
	b = binary.BigEndian.AppendUint32(b, uint32(rows))
	b = append(b, encodings...)
	return append(b, body...)
}

// noTime is a time column of zeros.
var noTime = []byte{byte(Int64Array), 0, 0, 0, 0, 0, 0, 0, 0, 0}

func layout(t testing.TB, types ...datatype.Type) *Layout {
	t.Helper()
	l, err := NewLayout(Layout{Types: types, Units: 1e3})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A BOOLEAN has a bit for each position, NULL or not; other types have no value for
// NULL.
func TestNullsTakeNoPlace(t *testing.T) {
	body := append(noTime[:len(noTime):len(noTime)],
		1, 0b01000000, 0b10100000, // BOOLEAN: row 1 is NULL; values 1, (0), 1
		1, 0b10100000, 0, 0, 0, 7, // INT32: rows 0 and 2 are NULL
	)
	b, err := layout(t, datatype.Boolean, datatype.Int32).Decode(
		raw(3, []datatype.Type{datatype.Boolean, datatype.Int32}, []Encoding{RLE, ByteArray, Int32Array}, body...))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]driver.Value{{true, nil}, {nil, int64(7)}, {true, nil}}
	for i, row := range want {
		got := make([]driver.Value, 2)
		b.Row(i, got)
		if got[0] != row[0] || got[1] != row[1] {
			t.Errorf("row %d is %v, want %v", i, got, row)
		}
	}
}

// A repetition costs one value, however many rows it says it is.
func TestRepetition(t *testing.T) {
	body := append(noTime[:len(noTime):len(noTime)], byte(BinaryArray), 0, 0, 0, 0, 1, 'x')
	block := raw(math.MaxInt32, []datatype.Type{datatype.Text}, []Encoding{RLE, RLE}, body...)
	l := layout(t, datatype.String)
	if n := testing.AllocsPerRun(10, func() {
		b, err := l.Decode(block)
		if err != nil || b.Rows != math.MaxInt32 || b.Value(math.MaxInt32-1, 0) != "x" {
			t.Fatal(b, err)
		}
	}); n > 12 {
		t.Errorf("%v allocations", n)
	}
}

// What a block says is compared with what there is before anything is allocated.
func TestHostileBlocks(t *testing.T) {
	types := []datatype.Type{datatype.Int64}
	for name, block := range map[string][]byte{
		"empty":           {},
		"columns":         {0x7f, 0xff, 0xff, 0xff, 2},
		"negative":        {0xff, 0xff, 0xff, 0xff},
		"rows":            raw(math.MaxInt32, types, []Encoding{RLE, Int64Array}, append(noTime, 0, 1, 2, 3)...),
		"negative rows":   raw(-1, types, []Encoding{RLE, Int64Array}, append(noTime, 0)...),
		"null bits":       raw(math.MaxInt32, types, []Encoding{RLE, Int64Array}, append(noTime, 1, 0xff)...),
		"dictionary":      raw(1, types, []Encoding{RLE, 5}, append(noTime, 0)...),
		"rle of rle":      raw(1, types, []Encoding{RLE, RLE}, append(noTime, byte(RLE))...),
		"wrong type":      raw(1, types, []Encoding{RLE, Int32Array}, append(noTime, 0, 0, 0, 0)...),
		"no such column":  raw(1, nil, []Encoding{RLE}, noTime...),
		"negative length": raw(1, []datatype.Type{datatype.Text}, []Encoding{RLE, BinaryArray}, append(noTime, 0, 0xff, 0xff, 0xff, 0xff)...),
		"long value":      raw(1, []datatype.Type{datatype.Text}, []Encoding{RLE, BinaryArray}, append(noTime, 0, 0x7f, 0xff, 0xff, 0xff)...),
	} {
		if _, err := layout(t, datatype.Int64).Decode(block); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A number that is no day is an error that shows it, not another day.
func TestImpossibleDate(t *testing.T) {
	l := layout(t, datatype.Date)
	date := func(n uint32) []byte {
		return raw(1, []datatype.Type{datatype.Int32}, []Encoding{RLE, Int32Array}, binary.BigEndian.AppendUint32(append(noTime[:len(noTime):len(noTime)], 0), n)...)
	}
	b, err := l.Decode(date(20240229))
	if err != nil || !b.Value(0, 0).(time.Time).Equal(time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%v, %v", b, err)
	}
	for _, n := range []uint32{20240231, 0, 20241301, 20240100, math.MaxUint32} {
		var e *DateError
		if _, err := l.Decode(date(n)); !errors.As(err, &e) || e.Number != int32(n) {
			t.Errorf("%d: %v", n, err)
		}
	}
}

// A column of a type that is not known is shown as what it is stored as.
func TestUnknownType(t *testing.T) {
	body := append(noTime[:len(noTime):len(noTime)], 0, 0, 0, 0, 2, 'a', 'b')
	b, err := layout(t, datatype.Unknown).Decode(raw(1, []datatype.Type{datatype.Text}, []Encoding{RLE, BinaryArray}, body...))
	if err != nil || b.Value(0, 0) != "ab" {
		t.Errorf("%v, %v", b, err)
	}
	// SELECT NULL: nothing but NULL, of a type that is none.
	b, err = layout(t, datatype.Unknown).Decode(raw(2, []datatype.Type{datatype.Unknown}, []Encoding{RLE, RLE}, append(noTime[:len(noTime):len(noTime)], byte(ByteArray), 1, 0x80, 0)...))
	if err != nil || b.Value(1, 0) != nil {
		t.Errorf("%v, %v", b, err)
	}
}

// A column of the block that no column of the result shows is passed over.
func TestHiddenColumn(t *testing.T) {
	l, err := NewLayout(Layout{Types: []datatype.Type{datatype.Int32}, Blocks: []int{1}, Units: 1e3})
	if err != nil {
		t.Fatal(err)
	}
	body := append(noTime[:len(noTime):len(noTime)], 0, 0, 0, 0, 1, 'x', 0, 0, 0, 0, 7)
	b, err := l.Decode(raw(1, []datatype.Type{datatype.Text, datatype.Int32}, []Encoding{RLE, BinaryArray, Int32Array}, body...))
	if err != nil || b.Value(0, 0) != int64(7) {
		t.Errorf("%v, %v", b, err)
	}
	if _, err := l.Decode(raw(1, []datatype.Type{datatype.Text}, []Encoding{RLE, BinaryArray}, body[:len(body)-5]...)); err == nil {
		t.Error("a column that is not there")
	}
}

func TestLayoutsThatCannotBe(t *testing.T) {
	for _, l := range []Layout{
		{Types: []datatype.Type{datatype.Int32}, Blocks: []int{maxColumns}, Units: 1e3},
		{Types: []datatype.Type{datatype.Int32}, Blocks: []int{-2}, Units: 1e3},
		{Types: []datatype.Type{datatype.Int32}, Blocks: []int{0, 0}, Units: 1e3},
		{Types: []datatype.Type{datatype.Int32, datatype.Date}, Blocks: []int{0, 0}, Units: 1e3},
		{Types: []datatype.Type{datatype.Int32}, Units: 1},
	} {
		if _, err := NewLayout(l); err == nil {
			t.Errorf("%+v is taken", l)
		}
	}
}

// bench is a block of (time, STRING, INT32, DOUBLE, TEXT).
func bench(t testing.TB, rows int) ([]byte, *Layout) {
	t.Helper()
	types := []datatype.Type{datatype.Timestamp, datatype.String, datatype.Int32, datatype.Double, datatype.Text}
	w := NewWriter(types)
	for i := range rows {
		if err := w.Append(0, []any{int64(i), "device-1", int32(i), float64(i) / 7, strings.Repeat("x", i%20)}); err != nil {
			t.Fatal(err)
		}
	}
	return w.Bytes(), layout(t, types...)
}

// A block costs a constant number of allocations, whatever its rows, and so does
// walking it.
func TestDecodeAllocations(t *testing.T) {
	dest := make([]driver.Value, 5)
	allocs := func(rows int) float64 {
		block, l := bench(t, rows)
		count := func() float64 {
			return testing.AllocsPerRun(10, func() {
				b, err := l.Decode(block)
				if err != nil {
					t.Fatal(err)
				}
				for i := range b.Rows {
					b.Row(i, dest)
				}
			})
		}
		return min(count(), count(), count()) // the process allocates for itself now and then
	}
	small, large := allocs(16), allocs(5000)
	if large > small+2 || large > 24 {
		t.Errorf("%v allocations for 5000 rows, %v for 16", large, small)
	}
}

func BenchmarkDecode(b *testing.B) {
	block, l := bench(b, 5000)
	dest := make([]driver.Value, 5)
	b.SetBytes(int64(len(block)))
	b.ReportAllocs()
	for b.Loop() {
		d, err := l.Decode(block)
		if err != nil {
			b.Fatal(err)
		}
		for i := range d.Rows {
			d.Row(i, dest)
		}
	}
}

func FuzzDecode(f *testing.F) {
	l, err := NewLayout(Layout{
		Types: []datatype.Type{
			datatype.Timestamp, datatype.Boolean, datatype.Int32, datatype.Int64, datatype.Float, datatype.Double, datatype.Text,
			datatype.Blob, datatype.Date, datatype.Unknown,
		},
		Blocks: []int{TimeColumn, 0, 1, 2, 3, 4, 5, 6, 7, 8}, Units: 1e9,
	})
	if err != nil {
		f.Fatal(err)
	}
	for _, rows := range []int{0, 1, 9} {
		w := NewWriter(l.Types[1:])
		for i := range rows {
			row := []any{i%2 == 0, int32(i), int64(i), float32(i), float64(i), "text", []byte{1}, int32(20240101), nil}
			row[i%9] = nil
			if err := w.Append(int64(i), row); err != nil {
				f.Fatal(err)
			}
		}
		f.Add(w.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := l.Decode(data)
		if err != nil {
			return
		}
		row := make([]driver.Value, len(l.Types))
		for i := range min(b.Rows, 1000) {
			b.Row(i, row)
		}
		if b.Rows > 0 {
			b.Row(b.Rows-1, row)
		}
	})
}
