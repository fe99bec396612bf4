package block

import (
	"bytes"
	"database/sql/driver"
	"encoding/binary"
	"math"
	"reflect"
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
