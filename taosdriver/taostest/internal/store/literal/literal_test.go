package literal_test

import (
	"encoding/hex"
	"errors"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

var berlin = time.FixedZone("", 3600)

func TestTime(t *testing.T) {
	for _, c := range []struct {
		text string
		p    block.Precision
		want int64
		ok   bool
	}{
		{"1970-01-01", block.Milli, -3600000, true},
		{"1970-01-01T00:00:00Z", block.Milli, 0, true},
		{"1970-01-01 01:00:00", block.Milli, 0, true},
		{"1970-01-01t01:00:00.001", block.Micro, 1000, true},
		{"1970-01-01 00:00:00.123456789z", block.Nano, 123456789, true},
		{"1970-01-01 00:00:00.123456789z", block.Micro, 123456, true},
		{"1969-12-31 23:59:59.9999Z", block.Milli, -1, true},
		{"1970-01-01 00:00:00+08", block.Milli, -8 * 3600000, true},
		{"1970-01-01 00:00:00-0830", block.Milli, 8*3600000 + 1800000, true},
		{" 1970-1-1 1:0:0 ", block.Milli, 0, true},
		{"2262-04-11T23:47:16.854775807Z", block.Nano, math.MaxInt64, true},
		{"2262-04-11T23:47:16.854775808Z", block.Nano, 0, false},
		{"9999-12-31T23:59:59.999Z", block.Milli, 253402300799999, true},
		{"1970", block.Milli, 0, false},
		{"1970-01", block.Milli, 0, false},
		{"1970-01-01 01", block.Milli, 0, false},
		{"1970-01-01 01:00", block.Milli, 0, false},
		{"1970-01-01 01:00:00.", block.Milli, 0, false},
		{"1970-01-01 01:00:00 x", block.Milli, 0, false},
		{"1970-01-01 24:00:00", block.Milli, 0, false},
		{"1970-00-01", block.Milli, 0, false},
		{"1970-01-32", block.Milli, 0, false},
		{"70-01-01", block.Milli, 0, false},
		{"1970-01-01 00:00:00+99", block.Milli, 0, false},
		{"1970-01-01 00:00:00+0x0", block.Milli, 0, false},
		{"", block.Milli, 0, false},
	} {
		got, ok := literal.Time(c.text, c.p, berlin)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%q in %v: %d %v, want %d %v", c.text, c.p, got, ok, c.want, c.ok)
		}
	}
}

func TestDuration(t *testing.T) {
	for _, c := range []struct {
		text string
		p    block.Precision
		want int64
		ok   bool
	}{
		{"1b", block.Nano, 1, true}, {"1500b", block.Micro, 1, true}, {"1u", block.Milli, 0, true}, {"1a", block.Milli, 1, true},
		{"-2s", block.Milli, -2000, true}, {"1m", block.Micro, 60e6, true}, {"1h", block.Milli, 3600e3, true}, {"1d", block.Nano, 86400e9, true},
		{"1w", block.Milli, 7 * 86400e3, true}, {"9223372036854775807w", block.Milli, 0, false}, {"-9223372036854775808d", block.Nano, 0, false},
	} {
		d, ok := literal.ParseDuration(c.text)
		if !ok {
			t.Errorf("%s does not parse", c.text)
			continue
		}
		if got, ok := d.Units(c.p); got != c.want || ok != c.ok {
			t.Errorf("%s in %v: %d %v, want %d %v", c.text, c.p, got, ok, c.want, c.ok)
		}
	}
	for _, bad := range []string{"", "s", "1", "1x", "1.5s", "99999999999999999999s"} {
		if _, ok := literal.ParseDuration(bad); ok {
			t.Errorf("%q parses", bad)
		}
	}
	if ts, ok := literal.Add(0, literal.Duration{N: 1, Unit: 'n'}, block.Milli, time.UTC); !ok || ts != 31*86400e3 {
		t.Errorf("a month after the epoch: %d %v", ts, ok)
	}
	if _, ok := literal.Add(math.MaxInt64, literal.Duration{N: 1, Unit: 's'}, block.Milli, time.UTC); ok {
		t.Error("a second after the end of time")
	}
	if _, ok := literal.Add(0, literal.Duration{N: math.MaxInt64, Unit: 'y'}, block.Milli, time.UTC); ok {
		t.Error("as many years as there can be")
	}
}

func TestWKB(t *testing.T) {
	for wkt, want := range map[string]string{
		"POINT(1 2)":               "0101000000000000000000f03f0000000000000040",
		" point ( 1.0  2e0 ) ":     "0101000000000000000000f03f0000000000000040",
		"LINESTRING EMPTY":         "010200000000000000",
		"MULTILINESTRING((0 0))":   "010500000001000000010200000001000000" + "00000000000000000000000000000000",
		"MULTIPOLYGON(((0 0)))":    "010600000001000000010300000001000000" + "01000000" + "00000000000000000000000000000000",
		"MULTIPOINT(0 0)":          "010400000001000000" + "0101000000" + "00000000000000000000000000000000",
		"GEOMETRYCOLLECTION EMPTY": "010700000000000000",
	} {
		b, ok := literal.WKB(wkt)
		if got := hex.EncodeToString(b); !ok || got != want {
			t.Errorf("%s: %s %v, want %s", wkt, got, ok, want)
		}
		if ok && !literal.ValidWKB(b) {
			t.Errorf("%s: its binary form is not valid", wkt)
		}
	}
	for _, bad := range []string{"", "POINT", "POINT()", "POINT(1)", "POINT(1 2 3)", "POINT(1 2", "POINT(1 2) x", "POINT(a b)", "POINT EMPTY", "POINT(NaN 1)", "CIRCLE(1 1)", "POLYGON(0 0)"} {
		if b, ok := literal.WKB(bad); ok {
			t.Errorf("%q became %x", bad, b)
		}
	}
	for _, bad := range []string{"", "01", "0101000000", "0108000000", "0201000000" + "00000000000000000000000000000000", "0102000000ffffffff", "010700000001000000"} {
		b, _ := hex.DecodeString(bad)
		if literal.ValidWKB(b) {
			t.Errorf("%s is valid", bad)
		}
	}
	if b, _ := hex.DecodeString("00000000013ff00000000000004000000000000000"); !literal.ValidWKB(b) {
		t.Error("big-endian is not valid")
	}
}

func TestBind(t *testing.T) {
	env := literal.Env{Location: time.UTC}
	at := time.UnixMilli(1700000000000)
	for _, c := range []struct {
		name string
		f    block.Field
		arg  any
		want any
	}{
		{"a count as a small number", block.Field{Type: block.TinyInt}, uint64(127), int64(127)},
		{"a number as a boolean", block.Field{Type: block.Bool}, 0.0, false},
		{"a boolean as a number", block.Field{Type: block.Int}, true, int64(1)},
		{"half rounds up", block.Field{Type: block.BigInt}, 2.5, int64(3)},
		{"not a number", block.Field{Type: block.Double}, math.Inf(1), math.Inf(1)},
		{"infinity", block.Field{Type: block.Float}, math.Inf(-1), float32(math.Inf(-1))},
		{"a number as a time", block.Field{Type: block.Timestamp}, int64(5), int64(5)},
		{"a time", block.Field{Type: block.Timestamp}, at, int64(1700000000000)},
		{"a number as a text", block.Field{Type: block.VarChar, Bytes: 5}, int64(12345), "12345"},
		{"bytes as a text", block.Field{Type: block.NChar, Bytes: 2}, []byte("中文"), "中文"},
		{"a float as a decimal", block.Field{Type: block.Decimal64, Precision: 10, Scale: 2}, 1.005, "1.01"},
		{"a negative nothing as a decimal", block.Field{Type: block.Decimal64, Precision: 10, Scale: 2}, "-0.001", "0.00"},
	} {
		got, err := env.Bind(&c.f, c.arg)
		if err != nil || got != c.want {
			t.Errorf("%s: %#v %v, want %#v", c.name, got, err, c.want)
		}
	}
	for _, c := range []struct {
		name string
		f    block.Field
		arg  any
		info string
	}{
		{"a time as a number", block.Field{Type: block.Int}, at, "invalid int data"},
		{"a text as a number", block.Field{Type: block.UInt}, "x", "invalid unsigned int data"},
		{"too many for a smallint", block.Field{Type: block.SmallInt}, int64(1 << 20), "smallint data overflow"},
		{"a huge float as an integer", block.Field{Type: block.BigInt}, 1e300, "invalid bigint data"},
		{"bytes as a boolean", block.Field{Type: block.Bool}, []byte{1}, "invalid bool data"},
		{"a boolean as a time", block.Field{Type: block.Timestamp}, true, "invalid timestamp"},
		{"a time beyond nanoseconds", block.Field{Type: block.Timestamp}, time.Unix(1<<62, 0), "invalid timestamp"},
		{"bytes that are no text", block.Field{Type: block.NChar, Bytes: 9}, []byte{255}, "invalid nchar data"},
		{"bytes that are no geometry", block.Field{Type: block.Geometry, Bytes: 99}, []byte{1, 2}, "invalid geometry data"},
		{"a fraction as a decimal", block.Field{Type: block.Decimal64, Precision: 5, Scale: 2}, "1/3", "invalid decimal data"},
		{"a huge exponent", block.Field{Type: block.Decimal64, Precision: 5, Scale: 2}, "1e999999999", "invalid decimal data"},
		{"too many digits", block.Field{Type: block.Decimal64, Precision: 5, Scale: 2}, int64(1000), "decimal data overflow"},
	} {
		_, err := env.Bind(&c.f, c.arg)
		var bad *literal.Bad
		if !errors.As(err, &bad) || bad.Info != c.info {
			t.Errorf("%s: %v, want %s", c.name, err, c.info)
		}
	}
	for _, f := range []block.Field{
		{Name: "c", Type: block.VarChar, Bytes: 3}, {Name: "c", Type: block.NChar, Bytes: 3}, {Name: "c", Type: block.VarBinary, Bytes: 3},
		{Name: "c", Type: block.Blob, Bytes: 3},
	} {
		var long *sqlerr.Error
		if _, err := env.Bind(&f, "0123"); !errors.As(err, &long) || long.Code() != sqlerr.ValueTooLong {
			t.Errorf("four in %v of three: %v", f.Type, err)
		}
	}
}

func FuzzTime(f *testing.F) {
	for _, s := range []string{"2024-01-02 03:04:05.678+08:00", "2024-1-2", "1969-12-31T23:59:59.999999999Z", "0000-1-1 0:0:0+01", "9999-12-31 23:59:59-01", "x"} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(2))
	}
	f.Fuzz(func(t *testing.T, s string, p uint8) {
		precision := block.Precision(p % 3)
		ts, ok := literal.Time(s, precision, time.UTC)
		if !ok {
			return
		}
		at := precision.Time(ts, time.UTC)
		if at.Year() < 0 || at.Year() > 9999 {
			return // a zone moved it to a year that no text names
		}
		// Written out again it is the same instant.
		text := at.Format("2006-01-02T15:04:05.999999999Z07:00")
		if again, ok := literal.Time(text, precision, time.UTC); !ok || again != ts {
			t.Fatalf("%q is %d, as %q %d %v", s, ts, text, again, ok)
		}
	})
}

func FuzzWKB(f *testing.F) {
	for _, s := range []string{"POINT(1 2)", "POLYGON((0 0,1 1,1 0,0 0),(0 0))", "GEOMETRYCOLLECTION(MULTIPOINT(1 1,(2 2)),LINESTRING EMPTY)", "("} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if b, ok := literal.WKB(s); ok && !literal.ValidWKB(b) {
			t.Fatalf("%q became %x, which is not valid", s, b)
		}
		literal.ValidWKB([]byte(s))
	})
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":"x","c":null,"d":true,"e":-1.5e300}`, "null", "{}", `{"":1}`, `{"a":"\u0000<>"}`, "[", `{"a":1}{}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		doc, info := literal.ParseJSON(s)
		if doc == nil || info != "" {
			return
		}
		text := doc.Text()
		again, info := literal.ParseJSON(text)
		if len(text) > literal.MaxJSON { // escapes may have grown
			return
		}
		if info != "" || again == nil || again.Text() != text {
			t.Fatalf("%q is %q, which is %q %s", s, text, again.Text(), info)
		}
	})
}

func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"123.456", "-0.005", "1e5", "99999.995", "0x10", "1_000", "."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		env := literal.Env{Location: time.UTC}
		field := block.Field{Type: block.Decimal64, Precision: 10, Scale: 2}
		v, err := env.Bind(&field, s)
		if err != nil || v == nil {
			return
		}
		text := v.(string)
		if again, err := env.Bind(&field, text); err != nil || again != text {
			t.Fatalf("%q is %q, which is %v %v", s, text, again, err)
		}
		x, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%q is %q", s, text)
		}
		if order := literal.CompareDecimals(text, "0"); order != x.Sign() {
			t.Fatalf("%q compares %d with 0", text, order)
		}
	})
}
