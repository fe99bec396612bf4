package block

import (
	"bytes"
	"database/sql/driver"
	"encoding/binary"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

// everyType returns a field of each type that has values.
func everyType() []Field {
	var fields []Field
	for code := range len(types) {
		f := Field{Type: Type(code), Bytes: 20}
		switch f.Type {
		case Null, MediumBlob:
			continue
		case Decimal64:
			f.Precision, f.Scale = 10, 4
		case Decimal128:
			f.Precision, f.Scale = 30, 8
		}
		fields = append(fields, f)
	}
	return fields
}

func TestBuilderTakesAndGivesEveryType(t *testing.T) {
	at := time.Date(2024, 2, 29, 12, 0, 0, 123456789, time.UTC)
	values := map[Type][]driver.Value{
		Bool:       {true, false},
		TinyInt:    {int64(math.MinInt8), int64(math.MaxInt8)},
		SmallInt:   {int64(math.MinInt16), int64(math.MaxInt16)},
		Int:        {int64(math.MinInt32), int64(math.MaxInt32)},
		BigInt:     {int64(math.MinInt64), int64(math.MaxInt64)},
		UTinyInt:   {int64(0), int64(math.MaxUint8)},
		USmallInt:  {int64(0), int64(math.MaxUint16)},
		UInt:       {int64(0), int64(math.MaxUint32)},
		UBigInt:    {uint64(0), uint64(math.MaxUint64)},
		Float:      {float32(-0.1), float32(math.Inf(1))},
		Double:     {-0.1, math.SmallestNonzeroFloat64},
		Timestamp:  {at, time.Unix(0, -1).UTC()},
		VarChar:    {"", "中文\x00\xff"},
		NChar:      {"", "中文😀\x00"},
		JSON:       {[]byte(`{"a":1}`), []byte("null")},
		VarBinary:  {[]byte{}, []byte{0, 0xff}},
		Geometry:   {[]byte{}, []byte{1, 2, 3}},
		Blob:       {[]byte{}, bytes.Repeat([]byte{7}, 70000)},
		Decimal64:  {"-999999.9999", "0.0001"},
		Decimal128: {"-9999999999999999999999.99999999", "0.00000001"},
	}
	builder := NewBuilder(everyType(), Nano, nil)
	for i := range builder.Columns() {
		c := builder.Column(i)
		for _, v := range values[c.Field().Type] {
			if err := c.Append(v); err != nil {
				t.Fatal(err)
			}
			c.AppendNull()
		}
	}
	b, err := builder.Block()
	if err != nil {
		t.Fatal(err)
	}
	if b.Rows != 4 || builder.Rows() != 4 {
		t.Fatalf("%d rows, %d in the builder", b.Rows, builder.Rows())
	}
	for i := range b.Columns {
		c := &b.Columns[i]
		want := values[c.Field.Type]
		for row, want := range []driver.Value{want[0], nil, want[1], nil} {
			if got := c.Value(row); !reflect.DeepEqual(got, want) || c.Null(row) != (want == nil) {
				t.Errorf("row %d of %v is %#v, want %#v", row, c.Field.TypeName(), got, want)
			}
		}
	}
	if size := builder.Size(); size != len(must(builder.AppendTo(nil))) {
		t.Errorf("a size of %d", size)
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func TestBuilderAppend(t *testing.T) {
	for _, x := range []struct {
		name  string
		field Field
		in    any
		want  driver.Value
	}{
		{"nil bytes", Field{Type: Blob}, []byte(nil), nil},
		{"1 to BOOL", Field{Type: Bool}, 1, true},
		{"int8", Field{Type: Int}, int8(-1), int64(-1)},
		{"uint32", Field{Type: BigInt}, uint32(7), int64(7)},
		{"uint64 to BIGINT", Field{Type: BigInt}, uint64(7), int64(7)},
		{"integral float to INT", Field{Type: Int}, 7.0, int64(7)},
		{"integral float to BOOL", Field{Type: Bool}, 0.0, false},
		{"integer to DOUBLE", Field{Type: Double}, 7, 7.0},
		{"integer to DECIMAL", Field{Type: Decimal64, Scale: 2}, 7, "7.00"},
		{"bytes to DECIMAL", Field{Type: Decimal64, Scale: 2}, []byte("-0.5"), "-0.50"},
		{"bytes to NCHAR", Field{Type: NChar}, []byte("é"), "é"},
		{"invalid UTF-8 to NCHAR", Field{Type: NChar}, "a\xff", "a\uFFFD"},
		{"float32 to DOUBLE", Field{Type: Double}, float32(0.5), 0.5},
		{"units to TIMESTAMP", Field{Type: Timestamp}, int64(1), time.UnixMilli(1).UTC()},
	} {
		t.Run(x.name, func(t *testing.T) {
			builder := NewBuilder([]Field{x.field}, Milli, nil)
			if err := builder.Column(0).Append(x.in); err != nil {
				t.Fatal(err)
			}
			b, err := builder.Block()
			if err != nil {
				t.Fatal(err)
			}
			if got := b.Columns[0].Value(0); !reflect.DeepEqual(got, x.want) {
				t.Errorf("%#v, want %#v", got, x.want)
			}
		})
	}
}

func TestBuilderRefuses(t *testing.T) {
	for _, x := range []struct {
		name  string
		field Field
		in    any
	}{
		{"text to INT", Field{Type: Int}, "1"},
		{"boolean to INT", Field{Type: Int}, true},
		{"2 to BOOL", Field{Type: Bool}, 2},
		{"float to INT", Field{Type: Int}, 1.5},
		{"2^63 to BIGINT", Field{Type: BigInt}, float64(1 << 63)},
		{"unsigned 2^63 to BIGINT", Field{Type: BigInt}, uint64(1 << 63)},
		{"128 to TINYINT", Field{Type: TinyInt}, 128},
		{"-1 to INT UNSIGNED", Field{Type: UInt}, -1},
		{"1e39 to FLOAT", Field{Type: Float}, 1e39},
		{"integer to VARCHAR", Field{Type: VarChar}, 1},
		{"float to VARCHAR", Field{Type: VarChar}, 1.5},
		{"time to VARCHAR", Field{Type: VarChar}, time.Now()},
		{"text to TIMESTAMP", Field{Type: Timestamp}, "2024-01-01"},
		{"zero time in ns", Field{Type: Timestamp}, time.Time{}},
		{"64 KiB to VARCHAR", Field{Type: VarChar}, strings.Repeat("a", 65536)},
		{"16384 characters to NCHAR", Field{Type: NChar}, strings.Repeat("é", 16384)},
		{"words to DECIMAL", Field{Type: Decimal64}, "one"},
		{"128 bits to DECIMAL of 64", Field{Type: Decimal64}, "9223372036854775808"},
		{"a struct", Field{Type: VarChar}, struct{}{}},
	} {
		t.Run(x.name, func(t *testing.T) {
			builder := NewBuilder([]Field{x.field}, Nano, nil)
			c := builder.Column(0)
			if err := c.Append(x.in); err == nil {
				t.Error("no error")
			}
			if c.Rows() != 0 || len(c.data) != 0 || len(c.nulls) != 0 || len(c.offsets) != 0 {
				t.Errorf("something was appended: %+v", c)
			}
		})
	}
	builder := NewBuilder([]Field{{Type: Int}, {Type: Int}}, Milli, nil)
	builder.Column(0).AppendNull()
	if got, err := builder.AppendTo([]byte("before")); err == nil || string(got) != "before" {
		t.Errorf("columns of 1 and 0 rows: %d bytes, %v", len(got), err)
	}
	if _, err := NewBuilder(nil, Milli, nil).AppendTo(nil); err == nil {
		t.Error("no columns give no error")
	}
}

func TestBuilderTruncates(t *testing.T) {
	fields := everyType()
	for n := range 20 {
		cut, short := NewBuilder(fields, Milli, nil), NewBuilder(fields, Milli, nil)
		for i := range fields {
			for row := range 20 {
				for _, b := range []*Builder{cut, short} {
					if b == short && row >= n {
						continue
					}
					c := b.Column(i)
					if row%3 == 1 {
						c.AppendNull()
						continue
					}
					var v any = row
					switch typ := c.Field().Type; {
					case typ == Bool:
						v = row%2 == 0
					case typ.Variable():
						v = strings.Repeat("x", row)
					}
					if err := c.Append(v); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		cut.Truncate(n)
		if got, want := must(cut.AppendTo(nil)), must(short.AppendTo(nil)); !bytes.Equal(got, want) {
			t.Errorf("cut to %d rows:\n%x, want\n%x", n, got, want)
		}
		cut.Reset()
		if cut.Rows() != 0 {
			t.Errorf("%d rows after Reset", cut.Rows())
		}
	}
}

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

// FuzzBuilderRoundTrip makes a block of every type from bytes and reads it.
func FuzzBuilderRoundTrip(f *testing.F) {
	f.Add([]byte("0123456789abcdef\x00\x01\xff中文"), uint8(0))
	f.Add([]byte{}, uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, precision uint8) {
		fields := everyType()
		p := Precision(precision % 3)
		builder := NewBuilder(fields, p, nil)
		want := make([][]driver.Value, len(fields))
		for i := range fields {
			for k, b := range data {
				c := builder.Column(i)
				v := sample(fields[i], p, data[k:], b)
				if b%5 == 0 {
					v = nil
				}
				if err := c.Append(v); err != nil {
					t.Fatalf("%v to %v: %v", v, fields[i].TypeName(), err)
				}
				want[i] = append(want[i], v)
			}
		}
		got, err := builder.Block()
		if err != nil {
			t.Fatal(err)
		}
		for i := range fields {
			for row, w := range want[i] {
				if g := got.Columns[i].Value(row); !same(g, w) {
					t.Fatalf("row %d of %v is %#v, want %#v", row, fields[i].TypeName(), g, w)
				}
			}
		}
	})
}

// sample returns a value of the type made from the bytes, as Value would.
func sample(f Field, p Precision, data []byte, b byte) driver.Value {
	var word [8]byte
	copy(word[:], data)
	n := binary.LittleEndian.Uint64(word[:])
	switch f.Type {
	case Bool:
		return b&1 == 1
	case TinyInt:
		return int64(int8(n))
	case SmallInt:
		return int64(int16(n))
	case Int:
		return int64(int32(n))
	case BigInt:
		return int64(n)
	case UTinyInt:
		return int64(uint8(n))
	case USmallInt:
		return int64(uint16(n))
	case UInt:
		return int64(uint32(n))
	case UBigInt:
		return n
	case Float:
		return math.Float32frombits(uint32(n))
	case Double:
		return math.Float64frombits(n)
	case Timestamp:
		return p.Time(int64(n), nil)
	case VarChar:
		return string(data[:min(len(data), 100)])
	case NChar:
		return strings.ToValidUTF8(string(data[:min(len(data), 100)]), "?")
	case Decimal64:
		return string(DecimalOf(int64(n)).AppendText(nil, f.Scale))
	case Decimal128:
		return string(Decimal{Hi: int64(n), Lo: ^n}.AppendText(nil, f.Scale))
	}
	return append([]byte{}, data[:min(len(data), 100)]...)
}
