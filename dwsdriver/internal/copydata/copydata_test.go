package copydata

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

var shanghai = time.FixedZone("", 8*3600)

// celsius is a type that only plain knows.
type celsius float64

func plain(v any) (any, error) {
	if c, ok := v.(celsius); ok {
		return float64(c), nil
	}
	return nil, fmt.Errorf("no %T", v)
}

func TestTextRows(t *testing.T) {
	types := []wire.OID{wire.Int8, wire.Float8, wire.TimestampTZ, wire.TextType, wire.Bytea, wire.Bool, wire.Numeric, wire.JSONB}
	e := NewEncoder(types, time.UTC, false, plain)
	at := time.Date(2024, 2, 29, 23, 59, 58, 1_002_003, shanghai)
	for _, tt := range []struct {
		values []any
		want   string
	}{
		{[]any{int64(-1), 0.1, at, "a\tb\\c\nd\re", []byte{0, '\\', 255}, true, "1.50", json.RawMessage(`{"a":"\n"}`)},
			`-1` + "\t" + `0.1` + "\t" + `2024-02-29 15:59:58.001002003+00` + "\t" + `a\tb\\c\nd\re` + "\t" + `\\x005cff` + "\t" + `true` + "\t" + `1.50` + "\t" + `{"a":"\\n"}` + "\n"},
		{[]any{nil, nil, nil, nil, nil, nil, nil, json.RawMessage(nil)}, strings.Repeat("\\N\t", 7) + "\\N\n"},
		{[]any{7, math.Inf(-1), "now", `\N`, []byte(nil), false, celsius(3.5), []byte(`[]`)}, `7` + "\t" + `-Infinity` + "\tnow\t" + `\\N` + "\t\\N\tfalse\t3.5\t[]\n"},
		{[]any{uint8(8), float32(0.5), time.Date(-43, 3, 15, 0, 0, 0, 0, time.UTC), `\.`, []byte{}, "t", uint64(math.MaxUint64), "null"},
			`8` + "\t0.5\t" + `0044-03-15 00:00:00+00:00 BC` + "\t" + `\\.` + "\t" + `\\x` + "\tt\t18446744073709551615\tnull\n"},
	} {
		got, err := e.Row(nil, tt.values)
		if err != nil || string(got) != tt.want {
			t.Errorf("%v: got %q, %v, want %q", tt.values, got, err, tt.want)
		}
	}
	_, err := e.Row(nil, []any{int64(1), struct{}{}})
	var cell *CellError
	if !errors.As(err, &cell) || cell.Column != 1 {
		t.Error(err)
	}
}

func TestTimesAreWrittenAsTheWireWritesThem(t *testing.T) {
	for _, loc := range []*time.Location{time.UTC, shanghai, time.FixedZone("", -(3*3600 + 30*60)), time.FixedZone("", 1521)} {
		for _, v := range []time.Time{
			time.Unix(0, 0), time.Unix(1e9, 1), time.Unix(1e9, 120_000_000), time.Unix(1e9, 999_999_999), time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
			time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC),
		} {
			for _, oid := range []wire.OID{wire.TimestampTZ, wire.Timestamp, wire.Date, wire.TextType} {
				want, _ := wire.AppendText(nil, v, oid, loc)
				got, err := appendTimeText(nil, oid, v, loc)
				if err != nil || strings.TrimSuffix(string(got), ":00") != strings.TrimSuffix(string(want), ":00") {
					t.Errorf("%v of type %v in %v: %s, want %s", v, oid, loc, got, want)
				}
			}
		}
	}
}

// What PostgreSQL 15 writes for COPY (VALUES (...)) TO STDOUT WITH (FORMAT binary).
func TestBinaryCells(t *testing.T) {
	e := NewEncoder(nil, time.UTC, true, plain)
	for _, tt := range []struct {
		oid   wire.OID
		value any
		want  string // hexadecimal, or part of the error
	}{
		{wire.Int8, int64(-2), "00000008fffffffffffffffe"},
		{wire.Int8, 7, "000000080000000000000007"},
		{wire.Int8, uint64(7), "000000080000000000000007"},
		{wire.Int4, int64(-2), "00000004fffffffe"},
		{wire.Int4, int64(1 << 31), "out of the range of INT4"},
		{wire.Int2, int64(-2), "00000002fffe"},
		{wire.Int2, int64(1 << 15), "out of the range of INT2"},
		{wire.Float8, 0.1, "000000083fb999999999999a"},
		{wire.Float8, int64(3), "000000084008000000000000"},
		{wire.Float8, celsius(3), "000000084008000000000000"},
		{wire.Float4, -0.5, "00000004bf000000"},
		{wire.Float4, float32(-0.5), "00000004bf000000"},
		{wire.Float4, 1e300, "another type"},
		{wire.Bool, true, "0000000101"},
		{wire.TextType, "é", "00000002c3a9"},
		{wire.TextType, int64(-12), "000000032d3132"},
		{wire.VarChar, []byte("a"), "0000000161"},
		{wire.Bytea, []byte{0, 255}, "0000000200ff"},
		{wire.Bytea, []byte(nil), "ffffffff"},
		{wire.Bytea, nil, "ffffffff"},
		{wire.JSON, json.RawMessage("{}"), "000000027b7d"},
		{wire.JSON, json.RawMessage(nil), "ffffffff"},
		{wire.TimestampTZ, time.Date(2001, 2, 3, 4, 5, 6, 789_000_000, time.UTC), "0000000800001f5def466a88"},
		{wire.TimestampTZ, time.Date(1999, 2, 3, 4, 5, 6, 789_000_000, time.UTC), "00000008ffffe5ecb9474a88"},
		{wire.TimestampTZ, time.Date(2000, 1, 1, 0, 0, 0, 1500, time.UTC), "000000080000000000000002"},
		{wire.TimestampTZ, time.Date(2000, 1, 1, 0, 0, 0, 2500, time.UTC), "000000080000000000000002"},
		{wire.TimestampTZ, time.Date(2000, 1, 1, 0, 0, 0, 2501, time.UTC), "000000080000000000000003"},
		{wire.TimestampTZ, time.Date(300000, 1, 1, 0, 0, 0, 0, time.UTC), "another type"},
		{wire.Timestamp, time.Date(2001, 2, 3, 12, 5, 6, 789_000_000, shanghai), "0000000800001f5def466a88"},
		{wire.Date, time.Date(1999, 12, 31, 23, 0, 0, 0, shanghai), "00000004ffffffff"},
		{wire.Int8, "7", "another type"},
		{wire.TimestampTZ, "now", "another type"},
		{wire.Int8, struct{}{}, "no struct"},
	} {
		got, err := e.binaryCell(nil, tt.oid, tt.value)
		text := hex.EncodeToString(got)
		if err != nil {
			text = err.Error()
		}
		if text != tt.want && (err == nil || !strings.Contains(text, tt.want)) {
			t.Errorf("%v for type %v: %s, want %s", tt.value, tt.oid, text, tt.want)
		}
	}
	if got := string(e.End(e.Begin(nil))); got != "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff" {
		t.Errorf("%q", got)
	}
}

func TestColumnsAreWrittenAsRowsAre(t *testing.T) {
	at := []time.Time{time.Unix(1, 2000), time.Unix(1e9, 0)}
	columns := []driver.Column{
		driver.ColumnOf([]int64{1, -2}), driver.ColumnOf([]int32{1, -2}), driver.ColumnOf([]int16{1, -2}), driver.ColumnOf([]int8{1, -2}),
		driver.ColumnOf([]int{1, 2}), driver.ColumnOf([]uint8{1, 2}), driver.ColumnOf([]uint16{1, 2}), driver.ColumnOf([]uint32{1, 2}),
		driver.ColumnOf([]float64{1.5, math.NaN()}), driver.ColumnOf([]float32{1.5, 2}), driver.ColumnOf([]bool{true, false}),
		driver.ColumnOf([]string{"a\t", ""}), driver.ColumnOf([][]byte{{1}, nil}), driver.ColumnOf(at), driver.ColumnOf([]any{nil, int64(3)}),
		driver.PointerColumnOf([]*int64{nil, new(int64)}), driver.ColumnOf([]celsius{1, 2}), driver.ColumnOf([]float64{1, 2}), driver.ColumnOf(at),
	}
	types := []wire.OID{
		wire.Int8, wire.Int8, wire.Int4, wire.Int2, wire.Int8, wire.Int2, wire.Int4, wire.Int8,
		wire.Float8, wire.Float4, wire.Bool, wire.TextType, wire.Bytea, wire.TimestampTZ, wire.Int8, wire.Int8, wire.Float8, wire.Float4, wire.Date,
	}
	rows := [][]any{
		{int64(1), int64(1), int64(1), int64(1), int64(1), int64(1), int64(1), int64(1), 1.5, float32(1.5), true, "a\t", []byte{1}, at[0], nil, nil, 1.0, 1.0, at[0]},
		{int64(-2), int64(-2), int64(-2), int64(-2), int64(2), int64(2), int64(2), int64(2), math.NaN(), float32(2), false, "", nil, at[1], int64(3), int64(0), 2.0, 2.0, at[1]},
	}
	for _, binary := range []bool{false, true} {
		e := NewEncoder(types, time.UTC, binary, plain)
		r := e.Rows(columns)
		for i := range rows {
			want, err := e.Row(nil, rows[i])
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.Append(nil, i)
			if err != nil || string(got) != string(want) {
				t.Errorf("binary %v, row %d: %q, %v, want %q", binary, i, got, err, want)
			}
		}
	}
}

func TestRowsOfColumnsAreWrittenWithoutAllocations(t *testing.T) {
	n := 1000
	ints, floats, times, texts := make([]int64, n), make([]float64, n), make([]time.Time, n), make([]string, n)
	for i := range n {
		ints[i], floats[i], times[i], texts[i] = int64(i), float64(i)*1.1, time.Unix(int64(i), 1000), "row "+strconv.Itoa(i)
	}
	columns := []driver.Column{driver.ColumnOf(ints), driver.ColumnOf(floats), driver.ColumnOf(times), driver.ColumnOf(texts)}
	types := []wire.OID{wire.Int8, wire.Float8, wire.TimestampTZ, wire.TextType}
	for _, binary := range []bool{false, true} {
		r := NewEncoder(types, time.UTC, binary, plain).Rows(columns)
		dst := make([]byte, 0, 1<<20)
		allocs := testing.AllocsPerRun(10, func() {
			b := dst
			for i := range n {
				b, _ = r.Append(b, i)
			}
		})
		if allocs > 1 {
			t.Errorf("binary %v: %v allocations for %d rows", binary, allocs, n)
		}
	}
}

func TestHasBinary(t *testing.T) {
	known := []wire.OID{wire.Int8, wire.Float8}
	for _, tt := range []struct {
		types []wire.OID
		known []wire.OID
		want  bool
	}{
		{[]wire.OID{wire.Int8, wire.Float8, wire.TextType, wire.Bool}, known, true},
		{[]wire.OID{wire.Int8, wire.Int4}, known, false},
		{[]wire.OID{wire.Numeric}, known, false},
		{[]wire.OID{wire.TextType}, nil, false},
	} {
		if got := HasBinary(tt.types, tt.known); got != tt.want {
			t.Errorf("%v of %v: %v", tt.types, tt.known, got)
		}
	}
}

// FuzzText: what is written as text reads as what it was, and as one field of one
// line.
func FuzzText(f *testing.F) {
	f.Add("a\tb\\c\nd\re\x00\b\f\v\\.\\N")
	f.Fuzz(func(t *testing.T, s string) {
		e := NewEncoder([]wire.OID{wire.TextType, wire.TextType}, time.UTC, false, plain)
		line, err := e.Row(nil, []any{s, nil})
		if err != nil {
			t.Fatal(err)
		}
		field, rest, _ := strings.Cut(string(line), "\t")
		if rest != "\\N\n" || strings.ContainsAny(field, "\n\r") {
			t.Fatalf("%q", line)
		}
		var back []byte
		for i := 0; i < len(field); i++ {
			if field[i] != '\\' {
				back = append(back, field[i])
				continue
			}
			i++
			back = append(back, map[byte]byte{'\\': '\\', 'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f', 'v': '\v'}[field[i]])
		}
		if string(back) != s {
			t.Fatalf("%q is written as %q, which is %q", s, field, back)
		}
	})
}
