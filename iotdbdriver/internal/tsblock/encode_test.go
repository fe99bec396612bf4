package tsblock

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// TestWriter: what is written is read back, with and without NULL and repetitions.
func TestWriter(t *testing.T) {
	types := []datatype.Type{
		datatype.Boolean, datatype.Int32, datatype.Int64, datatype.Float, datatype.Double, datatype.Text,
		datatype.Timestamp, datatype.Date, datatype.Blob, datatype.String,
	}
	value := func(typ datatype.Type, i int) (in any, out driver.Value) {
		switch typ {
		case datatype.Boolean:
			return i%3 == 0, i%3 == 0
		case datatype.Int32:
			return int32(-i), int64(-i)
		case datatype.Int64:
			return int64(i) << 40, int64(i) << 40
		case datatype.Float:
			return float32(i) / 3, float32(i) / 3
		case datatype.Double:
			return float64(i) / 3, float64(i) / 3
		case datatype.Timestamp:
			return int64(i), time.UnixMilli(int64(i)).UTC()
		case datatype.Date:
			return int32(20240200 + i%28 + 1), time.Date(2024, 2, i%28+1, 0, 0, 0, 0, time.UTC)
		case datatype.Blob:
			return make([]byte, i%5), make([]byte, i%5)
		}
		return fmt.Sprint("text ", i)[:i%6], fmt.Sprint("text ", i)[:i%6]
	}
	layout, err := NewLayout(Layout{Types: types, Units: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, rows := range []int{0, 1, 7, 8, 9, 64, 65, 200} {
		for _, null := range []int{0, 1, 2, 5} { // every n-th is NULL
			for _, repeat := range []bool{false, true} {
				w := NewWriter(types)
				w.Repeat = repeat
				var want [][]driver.Value
				for i := range rows {
					in, out := make([]any, len(types)), make([]driver.Value, len(types))
					for k, typ := range types {
						if null == 0 || (i+k)%null != 0 {
							n := i
							if repeat && k%2 == 0 {
								n = 3
							}
							in[k], out[k] = value(typ, n)
						}
					}
					want = append(want, out)
					if err := w.Append(0, in); err != nil {
						t.Fatal(err)
					}
				}
				b, err := layout.Decode(w.Bytes())
				if err != nil {
					t.Fatalf("%d rows, NULL %d, repeat %t: %v", rows, null, repeat, err)
				}
				if b.Rows != rows {
					t.Fatalf("%d rows of %d", b.Rows, rows)
				}
				got := make([]driver.Value, len(types))
				for i := range want {
					if b.Row(i, got); !reflect.DeepEqual(got, want[i]) {
						t.Fatalf("%d rows, NULL %d, repeat %t, row %d:\ngot  %v\nwant %v", rows, null, repeat, i, got, want[i])
					}
				}
			}
		}
	}
}

// TestWriterTimes: the time column of the tree model.
func TestWriterTimes(t *testing.T) {
	layout, err := NewLayout(Layout{Types: []datatype.Type{datatype.Timestamp, datatype.Int32}, Blocks: []int{TimeColumn, 0}, Units: 1000})
	if err != nil {
		t.Fatal(err)
	}
	w := NewWriter([]datatype.Type{datatype.Int32})
	for i := range int64(3) {
		if err := w.Append(i, []any{int32(i)}); err != nil {
			t.Fatal(err)
		}
	}
	b, err := layout.Decode(w.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if got, want := b.Value(i, 0), time.UnixMilli(int64(i)).UTC(); got != want {
			t.Errorf("time %d is %v", i, got)
		}
	}
}

func TestWriterRefuses(t *testing.T) {
	for typ, v := range map[datatype.Type]any{
		datatype.Boolean: int32(1), datatype.Int32: int64(1), datatype.Text: []byte("x"), datatype.Blob: "x", datatype.Double: float32(1), datatype.Date: time.Time{},
	} {
		if err := NewWriter([]datatype.Type{typ}).Append(0, []any{v}); err == nil {
			t.Errorf("%s takes a %T", typ, v)
		}
	}
	if err := NewWriter(nil).Append(0, []any{1}); err == nil {
		t.Error("a value too many is taken")
	}
}
