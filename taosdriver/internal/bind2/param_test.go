package bind2

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

func TestBindConvertsExactly(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.FixedZone("", 3600))
	for _, c := range []struct {
		name string
		typ  block.Type
		arg  any
		want any
	}{
		{"integer", block.TinyInt, int64(-128), int64(-128)},
		{"integer as text", block.Int, "-7", int64(-7)},
		{"largest integer as text", block.UBigInt, "18446744073709551615", uint64(math.MaxUint64)},
		{"largest integer", block.UBigInt, uint64(math.MaxUint64), uint64(math.MaxUint64)},
		{"unsigned that fits", block.BigInt, uint64(7), int64(7)},
		{"float that is an integer", block.SmallInt, 3.0, int64(3)},
		{"integer to float", block.Float, int64(1 << 24), float32(1 << 24)},
		{"integer to double", block.Double, uint64(1 << 63), float64(1 << 63)},
		{"float32", block.Float, float32(0.1), float32(0.1)},
		{"float32 to double", block.Double, float32(0.5), 0.5},
		{"not a number", block.Double, math.NaN(), nil},
		{"text to double", block.Double, "1e3", 1000.0},
		{"boolean", block.Bool, true, true},
		{"boolean as number", block.Bool, int64(1), true},
		{"boolean as text", block.Bool, "FALSE", false},
		{"number to text", block.VarChar, int64(5), "5"},
		{"float to text", block.NChar, 0.1, "0.1"},
		{"boolean to text", block.VarChar, true, "true"},
		{"time to text", block.VarChar, at, "2026-01-02T03:04:05.123456789+01:00"},
		{"text with NUL", block.VarChar, "a\x00b", "a\x00b"},
		{"bytes to text", block.VarChar, []byte("a"), "a"},
		{"text to bytes", block.VarBinary, "a", []byte("a")},
		{"JSON", block.JSON, json.RawMessage(`{}`), []byte(`{}`)},
		{"time", block.Timestamp, at, at.UTC()},
		{"time as text", block.Timestamp, "2026-01-02T03:04:05.123456789+01:00", at.UTC()},
		{"time as number", block.Timestamp, at.UnixNano(), at.UTC()},
		{"decimal", block.Decimal64, "1.50", "1.50"},
		{"decimal from float", block.Decimal64, 0.1, "0.1"},
		{"NULL", block.Int, nil, nil},
		{"nil bytes", block.Blob, []byte(nil), nil},
		{"nil JSON", block.VarChar, json.RawMessage(nil), nil},
	} {
		p := Param{Name: "c", Type: c.typ, Role: ColumnRole, Precision: block.Nano, Bytes: 82}
		column, err := p.Bind(c.arg)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := column.Value(0, block.Nano)
		if f, ok := got.(float64); ok && math.IsNaN(f) {
			got = nil
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %#v, want %#v", c.name, got, c.want)
		}
	}
}

func TestBindRefusesWhatIsNotExact(t *testing.T) {
	for _, c := range []struct {
		name string
		typ  block.Type
		arg  any
		says string
	}{
		{"too large", block.TinyInt, int64(128), "128"},
		{"negative", block.UInt, int64(-1), "-1"},
		{"too large as text", block.SmallInt, "40000", "40000"},
		{"fraction", block.Int, 1.5, "1.5"},
		{"fraction as text", block.Int, "1.5", "1.5"},
		{"beyond the integers", block.BigInt, 1e30, "1e+30"},
		{"integer not in a float", block.Float, int64(1<<24 + 1), "exactly"},
		{"integer not in a double", block.Double, int64(1<<53 + 1), "exactly"},
		{"unsigned not in a double", block.Double, uint64(math.MaxUint64), "exactly"},
		{"beyond a float", block.Float, 1e39, "1e+39"},
		{"no boolean", block.Bool, int64(2), "BOOL"},
		{"no boolean as text", block.Bool, "yes", "yes"},
		{"boolean as integer", block.Int, true, "boolean"},
		{"no number", block.Double, "a" + strings.Repeat("b", 100), `"abbb`},
		{"time as integer", block.BigInt, time.Now(), "time"},
		{"too long", block.VarChar, strings.Repeat("a", 81), "81 bytes are longer than the 80"},
		{"too many characters", block.NChar, strings.Repeat("é", 21), "21 characters are longer than the 20"},
		{"too many bytes", block.VarBinary, make([]byte, 81), "81 bytes"},
		{"far time", block.Timestamp, time.Date(3000, 1, 1, 0, 0, 0, 0, time.UTC), "3000"},
	} {
		p := Param{Name: "c", Type: c.typ, Role: ColumnRole, Precision: block.Nano, Bytes: 82}
		if _, err := p.Bind(c.arg); err == nil || errors.Is(err, ErrText) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestBindLeavesToTheText(t *testing.T) {
	for _, c := range []struct {
		name string
		p    Param
		arg  any
	}{
		{"NULL in a JSON tag", Param{Type: block.JSON, Role: TagRole}, nil},
		{"geometry in words", Param{Type: block.Geometry, Role: ColumnRole}, "POINT(1 1)"},
		{"time in another form", Param{Type: block.Timestamp, Role: ColumnRole}, "2026-01-02 03:04:05"},
		{"NULL in a query", Param{}, nil},
		{"bytes in a query", Param{}, []byte("a")},
		{"NUL in a query", Param{}, "a\x00"},
		{"time before 1970 in a query", Param{}, time.Unix(-1, 0)},
		{"not a number in a query", Param{}, math.NaN()},
		{"infinity in a query", Param{}, float32(math.Inf(-1))},
	} {
		if _, err := c.p.Bind(c.arg); !errors.Is(err, ErrText) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestBindOfAQueryGoesByTheValue(t *testing.T) {
	for _, c := range []struct {
		arg  any
		typ  block.Type
		want any
	}{
		{int64(-1), block.BigInt, int64(-1)},
		{uint64(math.MaxUint64), block.UBigInt, uint64(math.MaxUint64)},
		{float32(0.5), block.Double, 0.5},
		{true, block.Bool, true},
		{"é", block.VarChar, "é"},
		{time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), block.VarChar, "2026-01-02T03:04:05.000000006Z"},
	} {
		column, err := Param{}.Bind(c.arg)
		if err != nil || column.Type() != c.typ || column.Value(0, block.Milli) != c.want {
			t.Errorf("%v: %v, %v", c.arg, column, err)
		}
	}
	if _, err := (Param{}).Bind(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil {
		t.Error("a year of five digits gives no error")
	}
}
