package block

import (
	"bytes"
	"database/sql/driver"
	"encoding/binary"
	"math"
	"reflect"
	"runtime"
	"testing"
	"time"
)

func TestDecodeKeepsNothingOfItsInput(t *testing.T) {
	for _, r := range loadRecorded(t) {
		raw := r.raw(t)
		want, err := Decode(raw, r.Precision, nil)
		if err != nil {
			t.Fatal(err)
		}
		scratch := bytes.Clone(raw)
		got, err := Decode(scratch, r.Precision, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range scratch {
			scratch[i] = 0x5a
		}
		compareBlocks(t, got, want)
	}
}

func TestDecodeLocation(t *testing.T) {
	loc := time.FixedZone("UTC+8", 8*3600)
	for _, p := range []Precision{Milli, Micro, Nano} {
		builder := NewBuilder([]Field{{Type: Timestamp}}, p, loc)
		if err := builder.Column(0).AppendTime(-1); err != nil {
			t.Fatal(err)
		}
		b, err := builder.Block()
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Columns[0].Value(0); got != p.Time(-1, loc) {
			t.Errorf("%v: %v", p, got)
		}
	}
}

// raw returns a block of one column with these rows, offsets (of a variable type)
// and data, which may be anything.
func rawColumn(t Type, schema int32, rows int, front, data []byte) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 1)
	b = le.AppendUint32(b, uint32(headerSize+perColumn+len(front)+len(data)))
	b = le.AppendUint32(b, uint32(rows))
	b = le.AppendUint32(b, 1)
	b = le.AppendUint32(b, 1<<31)
	b = le.AppendUint64(b, 0)
	b = append(b, byte(t))
	b = le.AppendUint32(b, uint32(schema))
	b = le.AppendUint32(b, uint32(len(data)))
	return append(append(b, front...), data...)
}

func offsets(all ...int32) (b []byte) {
	for _, o := range all {
		b = binary.LittleEndian.AppendUint32(b, uint32(o))
	}
	return b
}

func TestDecodeSharedValues(t *testing.T) {
	text := []byte("\x04\x00a\x00\x00\x00\x04\x00b\x00\x00\x00\x00\x00")
	b, err := Decode(rawColumn(NChar, 42, 8, offsets(0, 0, 6, 6, 0, -1, 12, 6), text), Milli, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []driver.Value{"a", "a", "b", "b", "a", nil, "", "b"} {
		if got := b.Columns[0].Value(i); got != want {
			t.Errorf("row %d is %v, want %v", i, got, want)
		}
	}
	for _, typ := range []Type{VarChar, VarBinary} {
		b, err := Decode(rawColumn(typ, 42, 3, offsets(3, 0, 3), []byte("\x01\x00a\x02\x00bc")), Milli, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{"bc", "a", "bc"} {
			if got := b.Columns[0].Value(i); got != want && !reflect.DeepEqual(got, []byte(want)) {
				t.Errorf("row %d of %v is %v, want %v", i, typ, got, want)
			}
		}
	}
}

func TestDecodeOddities(t *testing.T) {
	for name, x := range map[string]struct {
		raw  []byte
		want []driver.Value
	}{
		"NULL type without values":      {rawColumn(Null, 0, 2, []byte{0}, nil), []driver.Value{nil, nil}},
		"NULL type with values":         {rawColumn(Null, 1, 2, []byte{0}, []byte{0, 0}), []driver.Value{nil, nil}},
		"BOOL of 2":                     {rawColumn(Bool, 1, 1, []byte{0}, []byte{2}), []driver.Value{true}},
		"bits behind the last row":      {rawColumn(TinyInt, 1, 2, []byte{0x7f}, []byte{1, 2}), []driver.Value{int64(1), nil}},
		"only bits behind the last row": {rawColumn(TinyInt, 1, 2, []byte{0x3f}, []byte{1, 2}), []driver.Value{int64(1), int64(2)}},
		"surrogates in NCHAR":           {rawColumn(NChar, 42, 1, offsets(0), []byte("\x04\x00\x00\xd8\x00\x00")), []driver.Value{"\uFFFD"}},
		"NCHAR beyond Unicode":          {rawColumn(NChar, 42, 1, offsets(0), []byte("\x04\x00\xff\xff\xff\xff")), []driver.Value{"\uFFFD"}},
		"no rows":                       {rawColumn(Int, 4, 0, nil, nil), nil},
		"MEDIUMBLOB":                    {rawColumn(MediumBlob, 5, 1, offsets(0), []byte("\x01\x00\x00\x00a")), []driver.Value{[]byte("a")}},
	} {
		b, err := Decode(x.raw, Milli, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if b.Rows != len(x.want) {
			t.Errorf("%s: %d rows", name, b.Rows)
		}
		for i, want := range x.want {
			if got := b.Columns[0].Value(i); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: row %d is %#v, want %#v", name, i, got, want)
			}
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := func() []byte { return rawColumn(Int, 4, 1, []byte{0}, []byte{1, 2, 3, 4}) }
	patch := func(at int, v uint32) []byte {
		b := good()
		binary.LittleEndian.PutUint32(b[at:], v)
		return b
	}
	if _, err := Decode(good(), Milli, nil); err != nil {
		t.Fatal(err)
	}
	const minus = math.MaxUint32
	for name, raw := range map[string][]byte{
		"nothing":                         nil,
		"a header too short":              good()[:headerSize-1],
		"version 0":                       patch(0, 0),
		"version 3":                       patch(0, 3),
		"a length too short":              patch(4, 41),
		"a length too long":               patch(4, 43),
		"a negative length":               patch(4, minus),
		"a length below the header":       patch(4, 27),
		"two rows of one":                 patch(8, 2),
		"no rows of one":                  patch(8, 0),
		"negative rows":                   patch(8, minus),
		"2 G rows":                        patch(8, math.MaxInt32),
		"no columns":                      patch(12, 0),
		"two columns of one":              patch(12, 2),
		"negative columns":                patch(12, minus),
		"2 G columns":                     patch(12, math.MaxInt32),
		"an unknown type":                 append(append(good()[:28:28], 22), good()[29:]...),
		"a negative data length":          patch(33, minus),
		"a data length of 5":              patch(33, 5),
		"two bytes behind":                resized(append(good(), 0, 0)),
		"no data":                         resized(good()[:headerSize+perColumn]),
		"half a value":                    resized(good()[:headerSize+perColumn+3]),
		"2 G rows of no width":            rawColumn(Null, 0, math.MaxInt32, []byte{0}, nil),
		"2 G rows of offsets":             rawColumn(VarChar, 22, math.MaxInt32, offsets(0), nil),
		"an offset of -2":                 rawColumn(VarChar, 22, 1, offsets(-2), []byte("\x01\x00a")),
		"an offset in the last byte":      rawColumn(VarChar, 22, 1, offsets(2), []byte("\x01\x00a")),
		"an offset beyond the end":        rawColumn(VarChar, 22, 1, offsets(math.MaxInt32), []byte("\x01\x00a")),
		"a value beyond the end":          rawColumn(VarChar, 22, 1, offsets(0), []byte("\x02\x00a")),
		"a value in no data":              rawColumn(VarChar, 22, 1, offsets(0), nil),
		"a BLOB with half a length":       rawColumn(Blob, 5, 1, offsets(0), []byte("\x01\x00\x00")),
		"a BLOB of 4 GiB":                 rawColumn(Blob, 5, 1, offsets(0), []byte("\xff\xff\xff\xffa")),
		"an NCHAR of 3 bytes":             rawColumn(NChar, 42, 1, offsets(0), []byte("\x03\x00abc")),
		"NCHAR values that overlap":       rawColumn(NChar, 42, 2, offsets(0, 4), []byte("\x08\x00ab\x04\x00\x00\x00\x00\x00")),
		"a DECIMAL of 39 digits":          rawColumn(Decimal64, 8<<24|39<<8, 1, []byte{0}, make([]byte, 8)),
		"a DECIMAL of 39 fraction digits": rawColumn(Decimal128, 16<<24|38<<8|39, 1, []byte{0}, make([]byte, 16)),
	} {
		if b, err := Decode(raw, Milli, nil); err == nil {
			t.Errorf("%s gives %d rows of %d columns", name, b.Rows, len(b.Columns))
		}
	}
	if _, err := Decode(good(), 3, nil); err == nil {
		t.Error("an unknown precision gives no error")
	}
}

// resized sets the length to that of the block.
func resized(raw []byte) []byte {
	binary.LittleEndian.PutUint32(raw[4:], uint32(len(raw)))
	return raw
}

// TestDecodeMemory: a block that shares values does not expand.
func TestDecodeMemory(t *testing.T) {
	const rows = 20000
	data := append([]byte{0xfc, 0xff}, make([]byte, 0xfffc)...)
	for name, all := range map[string]func(i int) int32{
		"one value":               func(int) int32 { return 0 },
		"values that overlap":     func(i int) int32 { return int32(i % 4) },
		"values that take turns":  func(i int) int32 { return int32(i%2) * 4 },
		"values that run forward": func(i int) int32 { return int32(i) },
	} {
		front := make([]int32, rows)
		for i := range front {
			front[i] = all(i)
		}
		for _, typ := range []Type{NChar, VarChar, VarBinary} {
			raw := rawColumn(typ, 42, rows, offsets(front...), data)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			Decode(raw, Milli, nil) // an error is as good
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > uint64(20*len(raw)) {
				t.Errorf("%s of %v: %d bytes for %d", name, typ, n, len(raw))
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, r := range loadRecorded(f) {
		if raw := r.raw(f); len(raw) < 4096 {
			f.Add(raw, uint8(r.Precision))
		}
	}
	f.Add(rawColumn(NChar, 42, 2, offsets(0, 0), []byte("\x04\x00a\x00\x00\x00")), uint8(1))
	f.Fuzz(func(t *testing.T, raw []byte, precision uint8) {
		p := Precision(precision)
		b, err := Decode(raw, p, nil)
		if err != nil {
			return
		}
		// Whatever was decoded can be read, and what a builder can take of it comes
		// back the same, byte for byte from then on.
		fields := make([]Field, len(b.Columns))
		for i := range b.Columns {
			fields[i] = b.Columns[i].Field
		}
		builder := NewBuilder(fields, p, nil)
		for i := range b.Columns {
			for row := range b.Rows {
				if err := builder.Column(i).Append(b.Columns[i].Value(row)); err != nil {
					t.Fatalf("row %d of column %d, %v: %v", row, i, fields[i].TypeName(), err)
				}
			}
		}
		once, err := builder.AppendTo(nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Decode(once, p, nil)
		if err != nil {
			t.Fatalf("%v of %x", err, once)
		}
		compareBlocks(t, again, b)
		second := NewBuilder(fields, p, nil)
		appendBlock(t, second, again)
		if twice := must(second.AppendTo(nil)); !bytes.Equal(once, twice) {
			t.Fatalf("%x became %x", once, twice)
		}
	})
}
