package result

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/transcript"
)

// answers calls fn with each recorded answer to a query.
func answers(t testing.TB, fn func(name, query string, data []byte, want any)) {
	t.Helper()
	for _, e := range transcript.All() {
		queries := map[int]string{}
		for _, p := range e.Packets {
			if p.Illegal {
				continue
			}
			if !p.FromServer() {
				v, _ := qpack.Decode(p.Data())
				if fields, ok := v.([]any); ok && p.Type == 0 && len(fields) > 0 {
					queries[p.PID], _ = fields[0].(string)
				}
				continue
			}
			query, ok := queries[p.PID]
			want, decoded := transcript.Value(p.Decoded)
			if ok && p.Type == 0 && decoded {
				fn(e.Name, query, p.Data(), want)
			}
		}
	}
}

func isSelect(query string) bool {
	return strings.HasPrefix(strings.TrimPrefix(query, "timeit "), "select")
}

// tree is the map of series that the decoder of trees would have made.
func tree(s *Select) qpack.Pairs {
	pairs := qpack.Pairs{}
	for i, series := range s.Series {
		c, points := s.Cursor(i), []any{}
		for c.Left() > 0 {
			n := min(c.Left(), 1+i*7)
			times := make([]int64, n)
			values := make([]any, n)
			switch series.Type {
			case Integer:
				v := make([]int64, n)
				c.Ints(times, v)
				for i := range v {
					values[i] = v[i]
				}
			case Float:
				v := make([]float64, n)
				c.Floats(times, v)
				for i := range v {
					values[i] = v[i]
				}
			case String:
				v := make([]string, n)
				c.Strings(times, v)
				for i := range v {
					values[i] = v[i]
				}
			}
			for i := range times {
				points = append(points, []any{times[i], values[i]})
			}
		}
		pairs = append(pairs, qpack.Pair{Key: series.Name, Value: points})
	}
	if s.Timeit != nil {
		pairs = append(pairs, timings(s.Timeit))
	}
	return pairs
}

func timings(list []Timing) qpack.Pair {
	all := []any{}
	for _, x := range list {
		all = append(all, qpack.Pairs{{Key: "server", Value: x.Server}, {Key: "time", Value: x.Seconds}})
	}
	return qpack.Pair{Key: TimeitKey, Value: all}
}

// same compares text, in which NaN equals NaN.
func same(a, b any) bool { return fmt.Sprintf("%T%#v", a, a) == fmt.Sprintf("%T%#v", b, b) }

func TestRecordedSelects(t *testing.T) {
	n := 0
	answers(t, func(name, query string, data []byte, want any) {
		if !isSelect(query) {
			return
		}
		n++
		s, err := ParseSelect(data, strings.HasPrefix(query, "timeit"))
		if err != nil {
			t.Errorf("%s: %q: %v", name, query, err)
			return
		}
		if got := tree(s); !same(got, want) {
			t.Errorf("%s: %q: got %.300v\nwant %.300v", name, query, got, want)
		}
	})
	if n < 60 {
		t.Errorf("only %d selects were recorded", n)
	}
}

func TestRecordedTables(t *testing.T) {
	n := 0
	answers(t, func(name, query string, data []byte, want any) {
		if isSelect(query) {
			return
		}
		n++
		table, err := ParseTable(data)
		if err != nil {
			t.Errorf("%s: %q: %v", name, query, err)
			return
		}
		got := qpack.Pairs{}
		rows := []any{}
		for i := range table.Rows {
			rows = append(rows, append([]any{}, table.Row(i)...))
		}
		switch {
		case table.Name != "":
			columns := []any{}
			for _, c := range table.Columns {
				columns = append(columns, c)
			}
			got = append(got, qpack.Pair{Key: "columns", Value: columns}, qpack.Pair{Key: table.Name, Value: rows})
		case reflect.DeepEqual(table.Columns, []string{"name", "value"}):
			list := []any{}
			for i := range table.Rows {
				list = append(list, qpack.Pairs{{Key: "name", Value: table.Row(i)[0]}, {Key: "value", Value: table.Row(i)[1]}})
			}
			got = append(got, qpack.Pair{Key: "data", Value: list})
		default:
			got = append(got, qpack.Pair{Key: table.Columns[0], Value: table.Row(0)[0]})
		}
		if table.Timeit != nil {
			got = append(got, timings(table.Timeit))
		}
		if !same(got, want) {
			t.Errorf("%s: %q: got %.300v\nwant %.300v", name, query, got, want)
		}
	})
	if n < 80 {
		t.Errorf("only %d answers were recorded", n)
	}
}

func TestForeignFormsOfPoints(t *testing.T) {
	for name, data := range map[string]string{
		"fixed containers":          "\xf4\x81a\xef\xef\x01\x02\xef\x03\x04",
		"open containers":           "\xfd\x81a\xfc\xfc\x01\x02\xfe\xfc\x03\x04\xfe\xfe\xff",
		"open and never closed":     "\xfd\x81a\xfc\xef\x01\x02\xfc\x03\x04",
		"wide integers":             "\xfd\x81a\xfc\xef\xe9\x01\x00\xeb\x02\x00\x00\x00\x00\x00\x00\x00\xef\xeb\x03\x00\x00\x00\x00\x00\x00\x00\xe8\x04",
		"in the server's own form":  "\xfd\x81a\xfc\xef\xeb\x01\x00\x00\x00\x00\x00\x00\x00\x02\xef\xeb\x03\x00\x00\x00\x00\x00\x00\x00\x04\xfe",
		"with a raw16 for the name": "\xfd\xe5\x01\x00a\xfc\xef\x01\x02\xef\x03\x04",
	} {
		s, err := ParseSelect([]byte(data), false)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := qpack.Pairs{{Key: "a", Value: []any{[]any{int64(1), int64(2)}, []any{int64(3), int64(4)}}}}
		if got := tree(s); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestMalformedAnswers(t *testing.T) {
	for name, data := range map[string]string{
		"no map":                      "\xed",
		"nothing":                     "",
		"points that are no array":    "\xfd\x81a\x01",
		"a point of one":              "\xfd\x81a\xfc\xee\x01",
		"a point of three":            "\xfd\x81a\xfc\xf0\x01\x02\x03",
		"a time that is a float":      "\xfd\x81a\xfc\xef\x7f\x01",
		"a value that is null":        "\xfd\x81a\xfc\xef\x01\xfb",
		"values of two types":         "\xfd\x81a\xfc\xef\x01\x02\xef\x03\x81x",
		"integer, then float":         "\xfd\x81a\xfc\xef\x01\x02\xef\x03\x7f",
		"a name that is a number":     "\xfd\x01\xfc",
		"a point cut short":           "\xfd\x81a\xfc\xef\xeb\x01\x00\x00\x00\x00\x00\x00\x00\xec\x00",
		"something after the map":     "\xf3\x01",
		"more points than there are":  "\xfd\x81a\xf2\xef\x01\x02",
		"a string longer than it all": "\xfd\x81a\xfc\xef\x01\xe6\xff\xff\xff\xff",
	} {
		if s, err := ParseSelect([]byte(data), true); err == nil {
			t.Errorf("%s: got %v", name, tree(s))
		}
	}
	for name, data := range map[string]string{
		"no map":                      "\xed",
		"an empty map":                "\xfd",
		"a row of other width":        "\xfd\x87columns\xfc\x81a\xfe\x81x\xfc\xef\x01\x02",
		"rows without columns":        "\xfd\x81x\xfc\xef\x01\x02",
		"a map in a cell":             "\xfd\x87columns\xfc\x81a\xfe\x81x\xfc\xee\xf3",
		"a cell cut short":            "\xfd\x84calc\xeb\x01",
		"two keys that are no timeit": "\xfd\x84calc\x01\x84calc\x02",
	} {
		if s, err := ParseTable([]byte(data)); err == nil {
			t.Errorf("%s: got %v", name, s)
		}
	}
}

func TestASeriesNamedTimeitIsASeries(t *testing.T) {
	data := "\xfd\x8a" + TimeitKey + "\xfc\xef\x01\x02\xfe\x8a" + TimeitKey + "\xfc\xf5\x86server\x81s\x84time\x7f"
	s, err := ParseSelect([]byte(data), true)
	if err != nil || len(s.Series) != 1 || s.Series[0].Points != 1 || len(s.Timeit) != 1 || s.Timeit[0] != (Timing{"s", 1}) {
		t.Errorf("got %+v, %v", s, err)
	}
}

// floats makes the answer to a select of n points in the server's form.
func floats(n int) []byte {
	b := qpack.OpenArray(qpack.AppendRaw(qpack.OpenMap(nil), "cpu"))
	for i := range n {
		b = qpack.AppendInt(append(b, pairTag), 1_700_000_000_000+int64(i))
		b = qpack.AppendFloat(b, math.Sqrt(float64(i+2)))
	}
	return qpack.CloseArray(b)
}

func TestDecodingAllocatesByTheChunk(t *testing.T) {
	data := floats(10_000)
	times, values := make([]int64, 1000), make([]float64, 1000)
	allocs := testing.AllocsPerRun(10, func() {
		s, err := ParseSelect(data, false)
		if err != nil {
			t.Fatal(err)
		}
		for c := s.Cursor(0); c.Left() > 0; {
			c.Floats(times, values)
		}
	})
	if allocs > 10 {
		t.Errorf("%v allocations for 10000 points", allocs)
	}
}

func BenchmarkDecodeFloats(b *testing.B) {
	data := floats(1_000_000)
	times, values := make([]int64, 1000), make([]float64, 1000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		s, err := ParseSelect(data, false)
		if err != nil {
			b.Fatal(err)
		}
		for c := s.Cursor(0); c.Left() > 0; {
			c.Floats(times, values)
		}
	}
}

func FuzzSelect(f *testing.F) {
	answers(f, func(_, query string, data []byte, _ any) {
		if len(data) < 300 {
			f.Add(data)
		}
	})
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseSelect(data, true)
		if err != nil {
			return
		}
		// What was checked can be read, and is what the decoder of trees finds.
		got := tree(s)
		want, err := qpack.Decode(data)
		if err != nil {
			t.Fatalf("a select that is no value: %v", err)
		}
		if s.Timeit == nil && !same(got, want) {
			t.Fatalf("got %v\nwant %v", got, want)
		}
	})
}

func FuzzTable(f *testing.F) {
	answers(f, func(_, query string, data []byte, _ any) {
		if len(data) < 300 {
			f.Add(data)
		}
	})
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := ParseTable(data)
		if err != nil {
			return
		}
		for i := range table.Rows {
			if len(table.Row(i)) != len(table.Columns) {
				t.Fatalf("row %d: %d cells, %d columns", i, len(table.Row(i)), len(table.Columns))
			}
		}
	})
}
