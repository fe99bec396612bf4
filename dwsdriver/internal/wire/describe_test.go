package wire

import (
	"bytes"
	"database/sql/driver"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestRowDescription(t *testing.T) {
	want := []Column{
		{Name: "id", Table: 16384, Attribute: 1, Type: Int8, Size: 8, Modifier: -1},
		{Name: "", Type: VarChar, Size: -1, Modifier: 24, Format: Binary},
	}
	got, err := ParseRowDescription(AppendRowDescription(nil, want)[HeaderSize:])
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, body := range []string{"", "\x00", "\x00\x01", "\xff\xff", "\x00\x00x", "\x00\x01abcdefghijklmnopqrstuvwxyz"} {
		if _, err := ParseRowDescription([]byte(body)); err == nil {
			t.Errorf("%q: no error", body)
		}
	}
}

func TestTags(t *testing.T) {
	for body, want := range map[string]struct {
		tag  string
		rows int64
	}{
		"SELECT 12": {"SELECT", 12}, "INSERT 0 5": {"INSERT", 5}, "INSERT 16384 1": {"INSERT 16384", 1}, "CREATE TABLE": {"CREATE TABLE", 0},
		"PREPARE TRANSACTION": {"PREPARE TRANSACTION", 0}, "COPY 9223372036854775807": {"COPY", math.MaxInt64}, "": {"", 0}, "7": {"7", 0},
		"MERGE 3": {"MERGE", 3}, "INSERT 0 0": {"INSERT", 0},
	} {
		tag, rows, err := ParseTag([]byte(body + "\x00"))
		if tag != want.tag || rows != want.rows || err != nil {
			t.Errorf("%q: %q %d %v", body, tag, rows, err)
		}
	}
	for _, body := range []string{"", "SELECT 1", "SELECT 1\x00x", "SELECT 9223372036854775808\x00"} {
		if _, _, err := ParseTag([]byte(body)); err == nil {
			t.Errorf("%q: no error", body)
		}
	}
}

func TestColumnTypes(t *testing.T) {
	for _, c := range []struct {
		column           Column
		name             string
		length           int64
		hasLength        bool
		precision, scale int64
		hasPrecision     bool
	}{
		{Column{Type: VarChar, Modifier: 24}, "VARCHAR", 20, true, 0, 0, false},
		{Column{Type: VarChar, Modifier: -1}, "VARCHAR", math.MaxInt64, true, 0, 0, false},
		{Column{Type: NVarChar2, Modifier: 14}, "NVARCHAR2", 10, true, 0, 0, false},
		{Column{Type: TextType, Modifier: -1}, "TEXT", math.MaxInt64, true, 0, 0, false},
		{Column{Type: Numeric, Modifier: 10<<16 | 2 + 4}, "NUMERIC", 0, false, 10, 2, true},
		{Column{Type: Numeric, Modifier: 3<<16 | 0x7fe + 4}, "NUMERIC", 0, false, 3, -2, true},
		{Column{Type: Numeric, Modifier: -1}, "NUMERIC", 0, false, 0, 0, false},
		{Column{Type: TimestampTZ, Modifier: -1}, "TIMESTAMPTZ", 0, false, 6, 0, true},
		{Column{Type: Timestamp, Modifier: 0}, "TIMESTAMP", 0, false, 0, 0, true},
		{Column{Type: SmallDatetime, Modifier: -1}, "SMALLDATETIME", 0, false, 0, 0, true},
		{Column{Type: TinyInt, Modifier: -1}, "TINYINT", 0, false, 0, 0, false},
		{Column{Type: Raw, Modifier: -1}, "RAW", math.MaxInt64, true, 0, 0, false},
		{Column{Type: 1007, Modifier: -1}, "_INT4", 0, false, 0, 0, false},
		{Column{Type: 99999, Modifier: -1}, "", 0, false, 0, 0, false},
	} {
		length, ok := c.column.Length()
		precision, scale, ok2 := c.column.Precision()
		if c.column.Type.String() != c.name || length != c.length || ok != c.hasLength || precision != c.precision || scale != c.scale || ok2 != c.hasPrecision {
			t.Errorf("%+v: %q %d %v %d %d %v", c.column, c.column.Type, length, ok, precision, scale, ok2)
		}
	}
}

func TestArguments(t *testing.T) {
	tokyo := time.FixedZone("", 9*3600)
	when := time.Date(2024, 5, 6, 0, 30, 0, 123456000, tokyo)
	for _, c := range []struct {
		v    driver.Value
		t    OID
		want string
	}{
		{int64(math.MinInt64), 0, "-9223372036854775808"}, {uint64(math.MaxUint64), 0, "18446744073709551615"}, {true, 0, "true"},
		{0.1, 0, "0.1"}, {float32(0.1), 0, "0.1"}, {math.NaN(), 0, "NaN"}, {math.Inf(-1), 0, "-Infinity"}, {1e300, 0, "1e+300"},
		{"it's ?", 0, "it's ?"}, {[]byte{0, 255}, Bytea, `\x00ff`}, {[]byte{0, 255}, Raw, "00ff"}, {[]byte("{}"), JSON, "{}"}, {[]byte("x"), 0, "x"},
		{when, TimestampTZ, "2024-05-05 15:30:00.123456+00:00"}, {when, 0, "2024-05-05 15:30:00.123456+00:00"},
		{when, Timestamp, "2024-05-05 15:30:00.123456"}, {when, Date, "2024-05-06"}, {when, Time, "00:30:00.123456"}, {when, TimeTZ, "00:30:00.123456+09:00"},
		{time.Date(-43, 3, 15, 0, 0, 0, 0, time.UTC), Date, "0044-03-15 BC"}, {time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC), Timestamp, "12345-01-01 00:00:00"},
		{time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), TimestampTZ, "0001-01-01 00:00:00+00:00 BC"},
	} {
		got, err := AppendText(nil, c.v, c.t, time.UTC)
		if string(got) != c.want || err != nil {
			t.Errorf("%v as %s: %q, %v", c.v, c.t, got, err)
		}
	}
	if _, err := AppendText(nil, struct{}{}, 0, time.UTC); err == nil {
		t.Error("a struct")
	}
}

// What binary_parameters does with values of another type than their parameter's
// is what it does without.
func TestBinaryArgumentsAreOfTheirParametersType(t *testing.T) {
	for _, c := range []struct {
		v    driver.Value
		t    OID
		want Format
	}{
		{int64(1), Int8, Binary}, {int64(1), Int4, Binary}, {int64(1 << 40), Int4, Text}, {int64(-1), Int2, Binary}, {int64(1 << 20), Int2, Text},
		{int64(1), Numeric, Text}, {int64(1), TextType, Text}, {int64(1), 0, Text}, {1.5, Float8, Binary}, {1.5, Float4, Text}, {1.5, Numeric, Text},
		{[]byte("1"), Bytea, Binary}, {[]byte("1"), Int8, Text}, {[]byte("1"), JSONB, Text}, {[]byte("1"), UUID, Text}, {[]byte("1"), TimestampTZ, Text}, {[]byte("1"), Numeric, Text},
		{time.Unix(1, 1000), TimestampTZ, Binary}, {time.Unix(1, 1), TimestampTZ, Text}, {time.Unix(1, 0), Timestamp, Text}, {time.Unix(1, 0), Date, Text},
		{true, Bool, Text}, {"x", TextType, Text}, {uint64(1), Int8, Text},
	} {
		if got := formatOf(c.v, c.t); got != c.want {
			t.Errorf("%v as %s: %d", c.v, c.t, got)
		}
	}
	a := &Arguments{Values: []driver.Value{int64(-2), nil, "x", []byte{1}}, Types: []OID{Int4, Int4, TextType, Bytea}, Location: time.UTC, Binary: true}
	b, err := AppendBind(nil, "s", a, []Format{Text, Binary})
	want := "B\x00\x00\x00\x2e\x00s\x00" + "\x00\x04\x00\x01\x00\x00\x00\x00\x00\x01" + "\x00\x04\x00\x00\x00\x04\xff\xff\xff\xfe\xff\xff\xff\xff\x00\x00\x00\x01x\x00\x00\x00\x01\x01" + "\x00\x02\x00\x00\x00\x01"
	if string(b[5:]) != want[5:] || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}

func TestCopiedData(t *testing.T) {
	b := Append(Append(Append(nil, CopyData, []byte("ab")), CopyData, nil), CopyData, []byte("cde"))
	for n := range len(b) + 1 {
		dst, length := AppendCopied(make([]byte, 0, 5), b[:n])
		want := ""
		switch {
		case n >= len(b):
			want = "abcde"
		case n >= 7:
			want = "ab"
		}
		if string(dst) != want || length > n {
			t.Errorf("%d bytes: %q, %d", n, dst, length)
		}
	}
	if dst, length := AppendCopied(make([]byte, 0, 4), b); string(dst) != "ab" || length != 12 {
		t.Errorf("%q, %d", dst, length)
	}
	if _, length := AppendCopied(nil, []byte("d\xff\xff\xff\xff")); length != 0 {
		t.Error(length)
	}
}

func FuzzRowDescription(f *testing.F) {
	f.Add(AppendRowDescription(nil, []Column{{Name: "a", Type: Int8, Modifier: -1}, {Name: "b", Format: Binary}})[HeaderSize:])
	f.Fuzz(func(t *testing.T, body []byte) {
		columns, err := ParseRowDescription(body)
		if err != nil {
			return
		}
		again, err := ParseRowDescription(AppendRowDescription(nil, columns)[HeaderSize:])
		if err != nil || len(again) != len(columns) || len(columns) > 0 && !reflect.DeepEqual(again, columns) {
			t.Fatalf("%+v, then %+v, %v", columns, again, err)
		}
		for i := range columns {
			columns[i].Length()
			columns[i].Precision()
			_ = columns[i].Type.String()
		}
	})
}

// FuzzReplies reads any bytes as the replies that are not rows.
func FuzzReplies(f *testing.F) {
	f.Add([]byte("INSERT 0 1\x00"))
	f.Add([]byte("TimeZone\x00UTC\x00"))
	f.Add([]byte("\x00\x01\x00\x00\x00\x17"))
	f.Add([]byte("I"))
	f.Fuzz(func(t *testing.T, body []byte) {
		if tag, rows, err := ParseTag(body); err == nil && (rows < 0 || strings.Contains(tag, "\x00")) {
			t.Fatal(tag, rows)
		}
		if name, value, err := ParseParameterStatus(body); err == nil && !bytes.Equal(body, AppendString(AppendString(nil, name), value)) {
			t.Fatal(name, value)
		}
		if types, err := ParseParameterDescription(body); err == nil && len(body) != 2+4*len(types) {
			t.Fatal(types)
		}
		if s, err := ParseReady(body); err == nil && string(body) != string(s) {
			t.Fatal(s)
		}
	})
}

// FuzzDecode decodes any bytes as rows of every kind of column.
func FuzzDecode(f *testing.F) {
	texts := []Column{
		{Type: Int8}, {Type: Float8}, {Type: Float4}, {Type: Bool}, {Type: TextType}, {Type: Bytea}, {Type: Raw}, {Type: JSONB},
		{Type: TimestampTZ}, {Type: Timestamp}, {Type: Date}, {Type: Numeric},
	}
	binaries := []Column{
		{Type: Int8}, {Type: Int4}, {Type: Int2}, {Type: ObjectID}, {Type: Float8}, {Type: Float4}, {Type: TimestampTZ}, {Type: Timestamp}, {Type: Date}, {Type: Bytea},
	}
	for i := range binaries {
		binaries[i].Format = Binary
	}
	when := "2024-01-02 03:04:05.6+07"
	f.Add(row(nil, "1", "1.5", "2.5", "t", "x", `\x00`, "00", "{}", when, "2024-01-02 03:04:05", "2024-01-02", "1"), false)
	f.Add(row(row(nil, "1", nil, nil, nil, nil, `\\\001`, nil, nil, "infinity", nil, "0044-01-02 BC", nil), nil), false)
	f.Add(row(nil, be(int64(1)), be(int32(1)), be(int16(1)), be(uint32(1)), be(1.5), be(float32(1)), be(int64(-1)), be(int64(math.MaxInt64)), be(int32(1)), "x"), true)
	f.Fuzz(func(t *testing.T, b []byte, inBinary bool) {
		columns := texts
		if inBinary {
			columns = binaries
		}
		d, err := NewDecoder(columns, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		rows, length, err := Rows(b, 100)
		if err != nil {
			return
		}
		blk, err := d.Decode(b[:length], rows)
		if err != nil {
			return
		}
		dest := make([]driver.Value, len(columns))
		for i := range blk.Rows {
			blk.Row(i, dest)
			for k, v := range dest {
				if v == nil {
					continue
				}
				// What was read is written as the server would read it again.
				if ts, ok := v.(time.Time); ok && columns[k].Type == TimestampTZ && ts.Year() > -4000 && ts.Year() < 200000 {
					s, err := AppendText(nil, ts, TimestampTZ, time.UTC)
					if err != nil {
						t.Fatal(err)
					}
					if again, err := parseTime(s, time.UTC); err != nil || !again.Equal(ts) {
						t.Fatalf("%v as %q is %v, %v", ts, s, again, err)
					}
				}
				if n, ok := v.(int64); ok {
					if again, ok := parseInt(mustText(n)); !ok || again != n {
						t.Fatal(n)
					}
				}
			}
		}
	})
}
