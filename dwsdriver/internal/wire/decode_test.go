package wire

import (
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

// row appends a DataRow; nil is NULL.
func row(dst []byte, cells ...any) []byte {
	dst, mark := Begin(dst, DataRow)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(cells)))
	for _, c := range cells {
		switch c := c.(type) {
		case nil:
			dst = append(dst, 0xff, 0xff, 0xff, 0xff)
		case string:
			dst = append(binary.BigEndian.AppendUint32(dst, uint32(len(c))), c...)
		case []byte:
			dst = append(binary.BigEndian.AppendUint32(dst, uint32(len(c))), c...)
		}
	}
	return End(dst, mark)
}

// decode reads all rows of b, so many in a block.
func decode(t *testing.T, columns []Column, b []byte, block int, loc *time.Location) ([][]driver.Value, error) {
	t.Helper()
	d, err := NewDecoder(columns, loc)
	if err != nil {
		return nil, err
	}
	var all [][]driver.Value
	for len(b) > 0 {
		rows, length, err := Rows(b, block)
		if err != nil {
			return all, err
		}
		if rows == 0 {
			t.Fatalf("no row in %q", b)
		}
		blk, err := d.Decode(b[:length], rows)
		if err != nil {
			return all, err
		}
		b = b[length:]
		for i := range blk.Rows {
			values := make([]driver.Value, len(columns))
			blk.Row(i, values)
			all = append(all, values)
		}
	}
	return all, nil
}

func one(t *testing.T, typ OID, format Format, cell any, loc *time.Location) (driver.Value, error) {
	t.Helper()
	all, err := decode(t, []Column{{Type: typ, Format: format}}, row(nil, cell), 1, loc)
	if err != nil {
		return nil, err
	}
	return all[0][0], nil
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func TestTextValues(t *testing.T) {
	for _, c := range []struct {
		typ  OID
		cell any
		want any
	}{
		{Bool, "t", true}, {Bool, "f", false}, {Bool, "1", true}, {Bool, "0", false},
		{Int8, "-9223372036854775808", int64(math.MinInt64)}, {Int8, "9223372036854775807", int64(math.MaxInt64)},
		{Int4, "-1", int64(-1)}, {Int2, "7", int64(7)}, {TinyInt, "255", int64(255)}, {ObjectID, "4294967295", int64(math.MaxUint32)},
		{Float8, "0.30000000000000004", 0.30000000000000004}, {Float8, "-Infinity", math.Inf(-1)}, {Float8, "1e+300", 1e300},
		{Float4, "0.1", float32(0.1)}, {Numeric, "123456789012345678901234567890.1234567890", "123456789012345678901234567890.1234567890"},
		{Numeric, "NaN", "NaN"}, {TextType, "", ""}, {TextType, "日本", "日本"}, {VarChar, "x", "x"}, {NVarChar2, "y", "y"}, {Clob, "z", "z"},
		{Interval, "1 day 02:03:04.5", "1 day 02:03:04.5"}, {OID(1007), "{1,2}", "{1,2}"}, {OID(99999), "?", "?"},
		{Bytea, `\x00ff`, []byte{0, 255}}, {Bytea, `a\\b\000\377`, []byte("a\\b\x00\xff")}, {Bytea, "", []byte{}}, {Bytea, `\x`, []byte{}},
		{Raw, "DEADBEEF", []byte{0xde, 0xad, 0xbe, 0xef}}, {Blob, "", []byte{}}, {Blob, "0a", []byte{10}},
		{JSON, `{"a":1}`, []byte(`{"a":1}`)}, {JSONB, `[]`, []byte(`[]`)},
		{TimestampTZ, "2024-02-29 23:59:59.123456+00", at("2024-02-29T23:59:59.123456Z")},
		{TimestampTZ, "2024-01-01 00:00:00+05:30", at("2023-12-31T18:30:00Z")},
		{TimestampTZ, "1890-01-01 00:00:00-00:01:15", at("1890-01-01T00:01:15Z")},
		{TimestampTZ, "0044-03-15 12:00:00+00 BC", time.Date(-43, 3, 15, 12, 0, 0, 0, time.UTC)},
		{TimestampTZ, "12345-06-07 08:09:10+00", time.Date(12345, 6, 7, 8, 9, 10, 0, time.UTC)},
		{TimestampTZ, "infinity", "infinity"}, {Timestamp, "-infinity", "-infinity"},
		{Timestamp, "1969-12-31 23:59:59.5", at("1969-12-31T23:59:59.5Z")}, {SmallDatetime, "2020-01-01 00:01:00", at("2020-01-01T00:01:00Z")},
		{Date, "2000-01-01", at("2000-01-01T00:00:00Z")}, {Date, "0001-01-01 BC", time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)},
		{Time, "24:00:00", "24:00:00"}, {Int8, nil, nil}, {TextType, nil, nil}, {Bytea, nil, nil}, {Bool, nil, nil}, {Date, nil, nil},
		{Float4, nil, nil}, {Float8, nil, nil},
	} {
		got, err := one(t, c.typ, Text, c.cell, nil)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %q: got %T %v, %v, want %T %v", c.typ, c.cell, got, got, err, c.want, c.want)
		}
	}
	if got, err := one(t, Float8, Text, "NaN", nil); err != nil || !math.IsNaN(got.(float64)) {
		t.Error(got, err)
	}
}

func TestTextsThatAreNoValues(t *testing.T) {
	for typ, cells := range map[OID][]string{
		Bool: {"", "x", "T", "yes", "10", "\x01"},
		Int8: {"", "-", "+", "1.0", "9223372036854775808", "-9223372036854775809", "99999999999999999999", "0x1", " 1"},
		// What only Go reads is none of the server's.
		Float8: {"", "x", "0x1p2", "1_0", "1e999"}, Float4: {"1e39"},
		Bytea: {`\x0`, `\xzz`, `\`, `\9`, `\400`}, Raw: {"0", "xx"},
		TimestampTZ: {"", "01/02/2024", "2024-13-01 00:00:00+00", "2024-00-01 00:00:00+00", "2024-01-01 00:00", "2024-01-01 00:00:00+", "2024-01-01 00:00:00+0x", "2024-01-01 00:00:00.+00", "2024-01-01 00:00:00+00 AD", "Mon Jan 01 00:00:00 2024 UTC"},
		Date:        {"20240101", "2024-1-1", "2024-01-011"},
	} {
		for _, cell := range cells {
			if got, err := one(t, typ, Text, cell, nil); err == nil {
				t.Errorf("%s %q became %v", typ, cell, got)
			}
		}
	}
}

func be(v any) []byte {
	b, err := binary.Append(nil, binary.BigEndian, v)
	if err != nil {
		panic(err)
	}
	return b
}

func TestBinaryValues(t *testing.T) {
	for _, c := range []struct {
		typ  OID
		cell any
		want any
	}{
		{Int8, be(int64(math.MinInt64)), int64(math.MinInt64)}, {Int4, be(int32(-2)), int64(-2)}, {Int2, be(int16(-3)), int64(-3)},
		{ObjectID, be(uint32(math.MaxUint32)), int64(math.MaxUint32)},
		{Float8, be(0.1), 0.1}, {Float4, be(float32(0.1)), float32(0.1)}, {Bytea, []byte{0, 1}, []byte{0, 1}},
		{TimestampTZ, be(int64(0)), at("2000-01-01T00:00:00Z")}, {TimestampTZ, be(int64(-1)), at("1999-12-31T23:59:59.999999Z")},
		{Timestamp, be(int64(-946684800000001)), at("1969-12-31T23:59:59.999999Z")},
		{TimestampTZ, be(int64(math.MaxInt64)), "infinity"}, {Timestamp, be(int64(math.MinInt64)), "-infinity"},
		{Date, be(int32(-1)), at("1999-12-31T00:00:00Z")}, {Date, be(int32(math.MaxInt32)), "infinity"}, {Int8, nil, nil},
	} {
		got, err := one(t, c.typ, Binary, c.cell, nil)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %x: got %T %v, %v, want %v", c.typ, c.cell, got, got, err, c.want)
		}
	}
	for _, typ := range []OID{Int8, Int4, Int2, ObjectID, Float8, Float4, TimestampTZ, Timestamp, Date} {
		for _, n := range []int{0, 1, 3, 5, 7, 9} {
			if _, err := one(t, typ, Binary, make([]byte, n), nil); err == nil {
				t.Errorf("%s of %d bytes", typ, n)
			}
		}
	}
	if _, err := one(t, Numeric, Binary, "1", nil); err == nil {
		t.Error("a type that is not read in binary")
	}
}

func TestTimesWithoutZoneAreInTheLocation(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	summer := time.Date(2024, 7, 1, 12, 0, 0, 0, berlin)
	us := time.Date(2024, 7, 1, 12, 0, 0, 0, time.UTC).UnixMicro() - epochSeconds*1e6
	for name, c := range map[string]struct {
		typ    OID
		format Format
		cell   any
		want   time.Time
	}{
		"text timestamp":   {Timestamp, Text, "2024-07-01 12:00:00", summer},
		"binary timestamp": {Timestamp, Binary, be(us), summer},
		"text instant":     {TimestampTZ, Text, "2024-07-01 10:00:00+00", summer},
		"binary instant":   {TimestampTZ, Binary, be(us - 2*3600e6), summer},
		"text date":        {Date, Text, "2024-07-01", summer.Add(-12 * time.Hour)},
		"binary date":      {Date, Binary, be(int32(us / 86400e6)), summer.Add(-12 * time.Hour)},
	} {
		got, err := one(t, c.typ, c.format, c.cell, berlin)
		if v, ok := got.(time.Time); err != nil || !ok || !v.Equal(c.want) || v.Location() != berlin {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestBlocksShareSlabsAndKeepTheirValues(t *testing.T) {
	columns := []Column{{Type: Int8}, {Type: TextType}, {Type: Bytea}, {Type: TimestampTZ}, {Type: Bool}}
	var b []byte
	var want [][]driver.Value
	texts := []string{"", "short", strings.Repeat("long ", 30000)}
	for i := range 3000 {
		s, n := texts[i%3], int64(i*i)
		if i > 9 {
			s = s[:min(len(s), i%200)]
		}
		ts := time.Date(2024, 1, 1, 0, 0, i, 0, time.UTC)
		cells := []any{string(mustText(n)), s, mustHex([]byte(s)), string(mustText(ts)), string(mustText(i%2 == 0))}
		values := []driver.Value{n, s, []byte(s), ts, i%2 == 0}
		if i%7 == 0 {
			cells[i%5], values[i%5] = nil, nil
		}
		b = row(b, cells...)
		want = append(want, values)
	}
	for _, size := range []int{1, 7, 500, 5000} {
		got, err := decode(t, columns, b, size, nil)
		if err != nil || len(got) != len(want) {
			t.Fatalf("blocks of %d: %d rows, %v", size, len(got), err)
		}
		for i := range want {
			if !reflect.DeepEqual(got[i], want[i]) {
				t.Fatalf("blocks of %d: row %d is %.60v, want %.60v", size, i, got[i], want[i])
			}
		}
	}
}

func mustText(v driver.Value) []byte {
	b, err := AppendText(nil, v, 0, time.UTC)
	if err != nil {
		panic(err)
	}
	return b
}

func mustHex(v []byte) string {
	b, err := AppendText(nil, v, Bytea, time.UTC)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestMalformedRows(t *testing.T) {
	good := row(nil, "1", "x")
	d, err := NewDecoder([]Column{{Type: Int8}, {Type: TextType}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"fewer values": row(nil, "1"), "more values": row(nil, "1", "x", "y"), "no count": Append(nil, DataRow, []byte{0}),
		"a byte too many":  Append(nil, DataRow, append(good[HeaderSize:len(good):len(good)], 0)),
		"a value too long": Append(nil, DataRow, []byte{0, 2, 0, 0, 0, 9, '1', 0, 0, 0, 0}),
		"a length of -2":   Append(nil, DataRow, []byte{0, 2, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 0}),
		"cut":              Append(nil, DataRow, []byte{0, 2, 0, 0, 0, 1, '1', 0, 0}),
	} {
		rows, length, err := Rows(b, 10)
		if rows != 1 || length != len(b) || err != nil {
			t.Fatalf("%s: %d %d %v", name, rows, length, err)
		}
		if _, err := d.Decode(b, rows); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestRowsWithoutTheirValuesTakeNoMemory(t *testing.T) {
	d, err := NewDecoder(make([]Column, 20_000), nil)
	if err != nil {
		t.Fatal(err)
	}
	var b []byte
	for range 1000 {
		b = row(b)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = d.Decode(b, 1000)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, ErrMalformed) {
		t.Errorf("the error is %v", err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes for %d", n, len(b))
	}
}

func TestRowsAreDecodedWithoutAllocations(t *testing.T) {
	columns := []Column{{Type: Int8, Format: Binary}, {Type: Float8, Format: Binary}, {Type: TimestampTZ, Format: Binary}, {Type: TextType}}
	var b []byte
	const rows = 140
	for i := range rows {
		b = row(b, be(int64(i)), be(float64(i)), be(int64(i)), "row number "+strings.Repeat("x", i%10))
	}
	d, err := NewDecoder(columns, nil)
	if err != nil {
		t.Fatal(err)
	}
	dest := make([]driver.Value, len(columns))
	n := testing.AllocsPerRun(200, func() {
		blk, err := d.Decode(b, rows)
		if err != nil {
			t.Fatal(err)
		}
		for i := range blk.Rows {
			blk.Row(i, dest)
		}
	})
	if n/rows > 0.02 {
		t.Errorf("%v allocations a row", n/rows)
	}
}

func BenchmarkDecode(b *testing.B) {
	columns := []Column{{Type: Int8, Format: Binary}, {Type: Float8, Format: Binary}, {Type: TimestampTZ, Format: Binary}, {Type: TextType}}
	var data []byte
	const rows = 140
	for i := range rows {
		data = row(data, be(int64(i)), be(float64(i)), be(int64(i)), "row number 123456")
	}
	d, err := NewDecoder(columns, nil)
	if err != nil {
		b.Fatal(err)
	}
	dest := make([]driver.Value, len(columns))
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		blk, err := d.Decode(data, rows)
		if err != nil {
			b.Fatal(err)
		}
		for i := range blk.Rows {
			blk.Row(i, dest)
		}
	}
}
