package block

import (
	"math"
	"testing"
	"time"
)

func TestParseType(t *testing.T) {
	for _, x := range []struct {
		name             string
		want             Type
		precision, scale uint8
	}{
		{"NULL", Null, 0, 0},
		{"BOOL", Bool, 0, 0},
		{"int", Int, 0, 0},
		{"INT UNSIGNED", UInt, 0, 0},
		{"bigint unsigned", UBigInt, 0, 0},
		{"VARCHAR", VarChar, 0, 0},
		{"BINARY", VarChar, 0, 0},
		{"NCHAR", NChar, 0, 0},
		{"BLOB", Blob, 0, 0},
		{"DECIMAL", Decimal128, 0, 0},
		{"DECIMAL(18,4)", Decimal64, 18, 4},
		{"DECIMAL(19,4)", Decimal128, 19, 4},
		{"decimal( 38 , 38 )", Decimal128, 38, 38},
		{"DECIMAL(5)", Decimal64, 5, 0},
	} {
		got, precision, scale, err := ParseType(x.name)
		if err != nil || got != x.want || precision != x.precision || scale != x.scale {
			t.Errorf("%s: %v, %d, %d, %v", x.name, got, precision, scale, err)
		}
	}
	for _, name := range []string{"", "TEXT", "VARCHAR(20)", "DECIMAL(", "DECIMAL()", "DECIMAL(0)", "DECIMAL(39)", "DECIMAL(4,5)", "DECIMAL(4,-1)", "DECIMAL(4,1"} {
		if got, _, _, err := ParseType(name); err == nil {
			t.Errorf("%q gives %v", name, got)
		}
	}
}

// TestTypeNames: every type's name leads back to it.
func TestTypeNames(t *testing.T) {
	for code := range len(types) {
		typ := Type(code)
		f := Field{Type: typ}
		if typ.IsDecimal() {
			f.Precision, f.Scale = 18, 4
			if typ == Decimal128 {
				f.Precision = 38
			}
		}
		got, precision, scale, err := ParseType(f.TypeName())
		if err != nil || got != typ || precision != f.Precision || scale != f.Scale {
			t.Errorf("%d %s: %v, %d, %d, %v", code, f.TypeName(), got, precision, scale, err)
		}
		if (typ.Width() == 0) != typ.Variable() {
			t.Errorf("%v has width %d", typ, typ.Width())
		}
	}
	none := Type(len(types))
	if none.Valid() || none.String() != "TYPE(22)" || none.Width() != 0 || none.Variable() {
		t.Errorf("%v is not a type", none)
	}
}

func TestPrecisionRoundTrip(t *testing.T) {
	shanghai := time.FixedZone("UTC+8", 8*3600)
	for _, p := range []Precision{Milli, Micro, Nano} {
		for _, v := range []int64{
			math.MinInt64, math.MinInt64 + 1, math.MinInt64 + 999_999_999, -1_000_000_001, -1_000_000_000, -999, -1,
			0, 1, 999, 1_700_000_000_123, math.MaxInt64 - 1_000_000_000, math.MaxInt64 - 1, math.MaxInt64,
		} {
			for _, loc := range []*time.Location{nil, time.UTC, shanghai} {
				at := p.Time(v, loc)
				if got, err := p.Unix(at); err != nil || got != v {
					t.Errorf("%v: %d became %v and %d, %v", p, v, at, got, err)
				}
				if want := map[bool]*time.Location{true: time.UTC, false: loc}[loc == nil]; at.Location() != want {
					t.Errorf("%v in %v", at, at.Location())
				}
			}
		}
	}
}

func TestPrecisionTime(t *testing.T) {
	for _, x := range []struct {
		p    Precision
		v    int64
		want string
	}{
		{Milli, -1, "1969-12-31T23:59:59.999Z"},
		{Micro, -1, "1969-12-31T23:59:59.999999Z"},
		{Nano, -1, "1969-12-31T23:59:59.999999999Z"},
		{Milli, 253402300799999, "9999-12-31T23:59:59.999Z"},
		{Milli, -62135596800000, "0001-01-01T00:00:00Z"},
		{Micro, 4102444800000001, "2100-01-01T00:00:00.000001Z"},
		{Nano, math.MinInt64, "1677-09-21T00:12:43.145224192Z"},
	} {
		if got := x.p.Time(x.v, nil).Format(time.RFC3339Nano); got != x.want {
			t.Errorf("%d %v is %s, want %s", x.v, x.p, got, x.want)
		}
	}
}

func TestPrecisionUnixRefuses(t *testing.T) {
	edge := func(p Precision, v int64) time.Time { return p.Time(v, nil) }
	for _, x := range []struct {
		name string
		p    Precision
		at   time.Time
	}{
		{"a unit after the last ms", Milli, edge(Milli, math.MaxInt64).Add(time.Millisecond)},
		{"a unit before the first ms", Milli, edge(Milli, math.MinInt64).Add(-time.Nanosecond)},
		{"a unit after the last us", Micro, edge(Micro, math.MaxInt64).Add(time.Microsecond)},
		{"a unit before the first us", Micro, edge(Micro, math.MinInt64).Add(-time.Nanosecond)},
		{"a unit after the last ns", Nano, edge(Nano, math.MaxInt64).Add(1)},
		{"a unit before the first ns", Nano, edge(Nano, math.MinInt64).Add(-1)},
		{"the zero time in ns", Nano, time.Time{}},
		{"year 2300 in ns", Nano, time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		if got, err := x.p.Unix(x.at); err == nil {
			t.Errorf("%s gives %d", x.name, got)
		}
	}
	at := time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	for p, want := range map[Precision]int64{Milli: -1, Micro: -1, Nano: -1} {
		if got, err := p.Unix(at); err != nil || got != want {
			t.Errorf("%v of %v is %d, %v: what is finer goes towards the past", p, at, got, err)
		}
	}
}
