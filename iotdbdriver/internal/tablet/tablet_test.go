package tablet

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// TestRecorded: the tablet that apache-iotdb 2.0.11 makes of two rows.
func TestRecorded(t *testing.T) {
	columns := []*Column{{Type: datatype.String}, {Type: datatype.Int32}, {Type: datatype.Double}, {Type: datatype.Boolean}}
	for _, row := range [][]any{{"a", 1, 1.5, true}, {"bc", nil, nil, false}} {
		for i, v := range row {
			if err := columns[i].Append(v); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := AppendValues(nil, columns)
	if err != nil {
		t.Fatal(err)
	}
	want := []byte("\x00\x00\x00\x01a\x00\x00\x00\x02bc" + "\x00\x00\x00\x01\x00\x00\x00\x00" +
		"\x3f\xf8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" + "\x01\x00" + "\x00\x01\x02\x01\x02\x00")
	if !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := AppendTimes(nil, []int64{1, -2}); !bytes.Equal(got, []byte("\x00\x00\x00\x00\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xfe")) {
		t.Errorf("times are %q", got)
	}
	records := Records(columns)
	if want := "\x0b\x00\x00\x00\x02bc\xfe\xfe\x00\x00"; string(records[1]) != want {
		t.Errorf("record is %q, want %q", records[1], want)
	}
}

// TestBitmapSize: eight rows need two bytes of bits.
func TestBitmapSize(t *testing.T) {
	for _, rows := range []int{1, 7, 8, 9, 16} {
		c := &Column{Type: datatype.Boolean}
		c.AppendNull(1)
		for range rows - 1 {
			if err := c.AppendBool(true); err != nil {
				t.Fatal(err)
			}
		}
		b, err := AppendValues(nil, []*Column{c})
		if err != nil || len(b) != rows+1+rows/8+1 {
			t.Errorf("%d rows: %d bytes, %v", rows, len(b), err)
		}
	}
}

func TestSlices(t *testing.T) {
	at := time.Date(2024, 2, 29, 23, 0, 0, 123456789, time.UTC)
	type text string
	for _, test := range []struct {
		typ    datatype.Type
		values any
		want   []any
	}{
		{datatype.Int32, []int32{1, -2}, []any{int32(1), int32(-2)}},
		{datatype.Int32, []int{7}, []any{int32(7)}},
		{datatype.Int32, []int64{7}, []any{int32(7)}},
		{datatype.Int32, []int8{-7}, []any{int32(-7)}},
		{datatype.Int32, []int16{-7}, []any{int32(-7)}},
		{datatype.Int32, []uint8{255}, []any{int32(255)}},
		{datatype.Int32, []uint16{65535}, []any{int32(65535)}},
		{datatype.Int64, []uint32{math.MaxUint32}, []any{int64(math.MaxUint32)}},
		{datatype.Int64, []uint64{math.MaxInt64}, []any{int64(math.MaxInt64)}},
		{datatype.Int64, []uint{5}, []any{int64(5)}},
		{datatype.Int64, []int32{5}, []any{int64(5)}},
		{datatype.Int64, []int64{math.MinInt64}, []any{int64(math.MinInt64)}},
		{datatype.Timestamp, []int64{17}, []any{int64(17)}},
		{datatype.Timestamp, []time.Time{at, time.Unix(-1, 999_999_999)}, []any{at.UnixMilli(), int64(-1)}},
		{datatype.Date, []time.Time{at}, []any{int32(20240229)}},
		{datatype.Date, []int32{20240229}, []any{int32(20240229)}},
		{datatype.Float, []float32{0.1}, []any{float32(0.1)}},
		{datatype.Float, []float64{0.1, math.Inf(1)}, []any{float32(0.1), float32(math.Inf(1))}},
		{datatype.Double, []float64{0.1}, []any{0.1}},
		{datatype.Double, []float32{0.5}, []any{0.5}},
		{datatype.Double, []int{3}, []any{3.0}},
		{datatype.Boolean, []bool{true, false}, []any{true, false}},
		{datatype.Text, []string{"", "日本"}, []any{"", "日本"}},
		{datatype.String, []text{"x"}, []any{"x"}},
		{datatype.String, [][]byte{[]byte("x"), nil}, []any{"x", nil}},
		{datatype.Blob, [][]byte{{0, 255}, {}}, []any{[]byte{0, 255}, []byte{}}},
		{datatype.Blob, []any{"x", nil, []byte(nil), []byte{1}}, []any{[]byte("x"), nil, nil, []byte{1}}},
		{datatype.Double, []any{1.5, int8(2), float32(0.5), nil}, []any{1.5, 2.0, 0.5, nil}},
		{datatype.Int64, []*int64{new(int64), nil}, []any{int64(0), nil}},
	} {
		c := &Column{Type: test.typ, Units: 1000}
		if err := c.AppendSlice(test.values, nil); err != nil {
			t.Errorf("%s %T: %v", test.typ, test.values, err)
			continue
		}
		if got := c.Values(); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s %T: got %v, want %v", test.typ, test.values, got, test.want)
		}
		c.Reset()
		if err := c.AppendSlice(test.values, func(i int) bool { return i == 0 }); err != nil {
			t.Errorf("%s %T: %v", test.typ, test.values, err)
			continue
		}
		test.want[0] = nil
		if got := c.Values(); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s %T with NULL: got %v, want %v", test.typ, test.values, got, test.want)
		}
	}
}

// TestMisfits: a value that a column cannot hold is refused, and the column is what
// it was.
func TestMisfits(t *testing.T) {
	for _, test := range []struct {
		typ    datatype.Type
		values any
		isMany bool // out of range rather than of the wrong kind
	}{
		{datatype.Int32, []int64{1, math.MaxInt32 + 1}, true},
		{datatype.Int32, []uint64{1, math.MaxUint64}, true},
		{datatype.Int32, []float64{1}, false},
		{datatype.Int32, []string{"1"}, false},
		{datatype.Int64, []bool{true}, false},
		{datatype.Float, []any{nil, math.MaxFloat64}, true},
		{datatype.Float, []int{1<<24 + 1}, true},
		{datatype.Double, []int64{1<<53 + 1}, true},
		{datatype.Boolean, []int{1}, false},
		{datatype.Text, []int{1}, false},
		{datatype.Date, []int32{20240101, 20230229}, false},
		{datatype.Date, []int32{9991231}, false},
		{datatype.Date, []time.Time{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, true},
		{datatype.Timestamp, []string{"2024-01-01"}, false},
		{datatype.Timestamp, []time.Time{{}, time.Unix(math.MaxInt64/1_000_000+1, 0)}, true},
		{datatype.Text, []any{"x", struct{}{}}, false},
		{datatype.Text, 5, false},
	} {
		c := &Column{Type: test.typ, Units: 1_000_000}
		c.AppendNull(1)
		err := c.AppendSlice(test.values, nil)
		if err == nil {
			t.Errorf("%s takes %v", test.typ, test.values)
			continue
		}
		var m *Misfit
		if errors.As(err, &m) && m.Range != test.isMany {
			t.Errorf("%s, %v: range is %t: %v", test.typ, test.values, m.Range, err)
		}
		if got := c.Values(); len(got) != 1 || got[0] != nil {
			t.Errorf("%s, %v: %v remains", test.typ, test.values, got)
		}
	}
}

func TestTimestamp(t *testing.T) {
	for _, units := range []int64{1e3, 1e6, 1e9} {
		step := time.Second / time.Duration(units)
		for _, want := range []int64{0, 1, -1, math.MaxInt64, math.MinInt64, 1_700_000_000 * units, -units, -units - 1} {
			sec, part := want/units, want%units
			at := time.Unix(sec, part*int64(step))
			if got, ok := Timestamp(at, units); got != want || !ok {
				t.Errorf("%d units of 1/%d s: got %d, %t", want, units, got, ok)
			}
			if beyond := at.Add(step); want == math.MaxInt64 {
				if got, ok := Timestamp(beyond, units); ok {
					t.Errorf("%v in 1/%d s is %d", beyond, units, got)
				}
			}
			if beyond := at.Add(-step); want == math.MinInt64 {
				if got, ok := Timestamp(beyond, units); ok {
					t.Errorf("%v in 1/%d s is %d", beyond, units, got)
				}
			}
		}
	}
	if _, ok := Timestamp(time.Time{}, 1e9); ok {
		t.Error("the year 1 is taken in nanoseconds")
	}
}

func TestReturn(t *testing.T) {
	c := &Column{Type: datatype.String}
	for i := range 20 {
		if i%3 == 0 {
			c.AppendNull(1)
		} else if err := c.AppendString("x"); err != nil {
			t.Fatal(err)
		}
	}
	short := &Column{Type: datatype.String}
	for i := range 7 {
		if i%3 == 0 {
			short.AppendNull(1)
		} else if err := short.AppendString("x"); err != nil {
			t.Fatal(err)
		}
	}
	c.Return(short.Mark())
	a, _ := AppendValues(nil, []*Column{c})
	b, _ := AppendValues(nil, []*Column{short})
	if !bytes.Equal(a, b) {
		t.Errorf("got  %q\nwant %q", a, b)
	}
}

// TestOrder: rows of a device come together, in their order, and nothing else changes.
func TestOrder(t *testing.T) {
	columns := []*Column{
		{Name: "tg", Type: datatype.String, Category: Tag}, {Name: "b", Type: datatype.Boolean, Category: Field},
		{Name: "i", Type: datatype.Int32, Category: Field}, {Name: "l", Type: datatype.Int64, Category: Field}, {Name: "x", Type: datatype.Text, Category: Field},
	}
	var times []int64
	rows := [][]any{
		{"a", true, int32(0), int64(0), "zero"}, {"b", false, int32(1), nil, ""}, {"a", nil, int32(2), int64(2), nil},
		{nil, true, int32(3), int64(3), "3"}, {"b", true, nil, int64(4), "four"}, {"", true, int32(5), int64(5), "5"}, {nil, false, int32(6), int64(6), "six"},
	}
	for n, row := range rows {
		times = append(times, int64(n))
		for i, v := range row {
			if err := columns[i].Append(v); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 2 { // the memory of the first is used again
		var sorter Sorter
		devices := sorter.Devices(columns, len(rows), 7)
		order := sorter.Order(devices)
		if want := []int32{0, 2, 1, 4, 3, 6, 5}; !reflect.DeepEqual(order, want) {
			t.Fatalf("order %v, want %v", order, want)
		}
		b, err := sorter.AppendValues(nil, columns, order)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]*Column, len(columns))
		for i, c := range columns {
			got[i] = &Column{Name: c.Name, Type: c.Type, Category: c.Category}
		}
		if err := Decode(b, len(rows), got); err != nil {
			t.Fatal(err)
		}
		sorted, err := DecodeTimes(sorter.SortTimes(AppendTimes(nil, times), order))
		if err != nil {
			t.Fatal(err)
		}
		numbers := sorter.SortDevices(devices, order)
		for i, from := range order {
			if sorted[i] != int64(from) || numbers[i] != devices[from] {
				t.Errorf("time %d is %d", i, sorted[i])
			}
			for n, c := range got {
				if v, want := c.Values()[i], rows[from][n]; !reflect.DeepEqual(v, want) {
					t.Errorf("row %d, column %s is %v, want %v", i, c.Name, v, want)
				}
			}
		}
		if again := new(Sorter).Order(numbers); again != nil {
			t.Errorf("rows in order are given the order %v", again)
		}
	}
}

func TestUnequalColumns(t *testing.T) {
	a, b := &Column{Name: "a", Type: datatype.Text}, &Column{Name: "b", Type: datatype.Text}
	a.AppendNull(2)
	b.AppendNull(1)
	if _, err := AppendValues(nil, []*Column{a, b}); err == nil {
		t.Error("columns of 2 and 1 values are encoded")
	}
}

func TestNoAllocationPerValue(t *testing.T) {
	ints, floats, names := make([]int64, 1000), make([]float64, 1000), make([]string, 1000)
	columns := []*Column{{Type: datatype.Int64}, {Type: datatype.Double}, {Type: datatype.String}, {Type: datatype.Timestamp, Units: 1000}}
	times := make([]time.Time, 1000)
	var buf []byte
	load := func() {
		for i, v := range []any{ints, floats, names, times} {
			columns[i].Reset()
			if err := columns[i].AppendSlice(v, nil); err != nil {
				t.Fatal(err)
			}
		}
		buf, _ = AppendValues(buf[:0], columns)
	}
	load()
	if n := testing.AllocsPerRun(10, load); n > 16 {
		t.Errorf("%v allocations for 4000 values", n)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{0, 1, 11}, 2, []byte("\x01\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01a\x00\x00\x00\x00\x00\x01\x02\x00"))
	f.Add([]byte{4, 10}, 0, []byte("\x00\x00"))
	f.Add([]byte{}, 1000000000, []byte{})
	f.Fuzz(func(t *testing.T, types []byte, rows int, data []byte) {
		columns := make([]*Column, len(types))
		for i, typ := range types {
			columns[i] = &Column{Type: datatype.Type(typ)}
		}
		if Decode(data, rows, columns) != nil {
			return
		}
		again, err := AppendValues(nil, columns)
		if err != nil {
			t.Fatal(err)
		}
		copies := make([]*Column, len(types))
		for i, typ := range types {
			copies[i] = &Column{Type: datatype.Type(typ)}
		}
		if err := Decode(again, rows, copies); err != nil {
			t.Fatal(err)
		}
		for i, c := range columns {
			if got, want := copies[i].Values(), c.Values(); !same(got, want) {
				t.Errorf("%v became %v", want, got)
			}
		}
		for _, r := range Records(columns) {
			values, err := DecodeRecord(r, len(columns))
			if err != nil || len(values) != len(columns) {
				t.Errorf("record %q: %v", r, err)
			}
		}
	})
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add([]byte("\x0b\x00\x00\x00\x02bc\xfe\x00\x01"), 3)
	f.Fuzz(func(t *testing.T, data []byte, n int) {
		values, err := DecodeRecord(data, n)
		if err != nil {
			return
		}
		columns := make([]*Column, n)
		for i, v := range values {
			columns[i] = &Column{Type: v.Type}
			if v.Type == datatype.Date { // impossible days are the server's to take
				columns[i].Type = datatype.Int32
			}
			if err := columns[i].Append(v.Value); err != nil {
				t.Fatal(err)
			}
		}
		if len(columns) == 0 {
			return
		}
		got, err := DecodeRecord(Records(columns)[0], n)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			if !same([]any{got[i].Value}, []any{values[i].Value}) {
				t.Errorf("%v became %v", values[i], got[i])
			}
		}
	})
}

// same compares values, a NaN as equal to itself.
func same(a, b []any) bool {
	for i := range a {
		switch v := a[i].(type) {
		case float32:
			if w, ok := b[i].(float32); ok && math.Float32bits(v) == math.Float32bits(w) || ok && v != v && w != w {
				continue
			}
		case float64:
			if w, ok := b[i].(float64); ok && math.Float64bits(v) == math.Float64bits(w) || ok && v != v && w != w {
				continue
			}
		}
		if !reflect.DeepEqual(a[i], b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}
