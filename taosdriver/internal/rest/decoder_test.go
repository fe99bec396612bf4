package rest

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// decoded is all that a body holds.
type decoded struct {
	fields    []block.Field
	rows      [][]driver.Value
	precision block.Precision
	err       error
}

func decodeAll(r io.Reader, opts DecoderOptions) (out decoded) {
	d := NewDecoder(r, opts)
	if out.fields, out.err = d.Header(); out.err != nil {
		return out
	}
	for {
		b, err := d.Next()
		if err == io.EOF {
			out.precision, _ = d.Precision()
			return out
		}
		if err != nil {
			out.err = err
			return out
		}
		for i := range b.Rows {
			row := make([]driver.Value, len(b.Columns))
			b.Row(i, row)
			out.rows = append(out.rows, row)
		}
	}
}

func decodeText(body string) decoded { return decodeAll(strings.NewReader(body), DecoderOptions{}) }

// one is the body of a result of one column and row.
func one(typ, value string) string {
	return fmt.Sprintf(`{"code":0,"column_meta":[["c","%s",8]],"data":[[%s]],"rows":1}`, typ, value)
}

func TestValues(t *testing.T) {
	for _, c := range []struct {
		name, typ, value string
		want             any
	}{
		{"smallest 64-bit integer", "BIGINT", "-9223372036854775808", int64(-1 << 63)},
		{"largest 64-bit integer", "BIGINT", "9223372036854775807", int64(1<<63 - 1)},
		{"largest unsigned", "BIGINT UNSIGNED", "18446744073709551615", uint64(1<<64 - 1)},
		{"an integer that a float would round", "BIGINT", "9007199254740993", int64(9007199254740993)},
		{"float of 32 bits", "FLOAT", "0.1", float32(0.1)},
		{"largest float of 32 bits", "FLOAT", "-3.4028235e+38", float32(-3.4028235e+38)},
		{"float written as an integer", "DOUBLE", "5", 5.0},
		{"subnormal", "DOUBLE", "5e-324", 5e-324},
		{"minus zero is kept", "DOUBLE", "-0", negativeZero},
		{"boolean", "BOOL", "true", true},
		{"null", "INT", "null", nil},
		{"plain text", "VARCHAR", `"abc"`, "abc"},
		{"empty text", "VARCHAR", `""`, ""},
		{"text that says null", "VARCHAR", `"null"`, "null"},
		{"escapes", "VARCHAR", `"\"\\\/\b\f\n\r\t\u00e9\u4e2d"`, "\"\\/\b\f\n\r\té中"},
		{"surrogate pair", "NCHAR", `"\ud83d\ude00"`, "😀"},
		{"half a surrogate pair", "VARCHAR", `"\ud83dx"`, "\ufffdx"},
		{"two first halves", "VARCHAR", `"\ud83d\ud83d\ude00"`, "\ufffd😀"},
		{"bytes that are not UTF-8", "VARCHAR", "\"\xff\xfe\"", "\xff\xfe"},
		{"hexadecimal", "VARBINARY", `"00fF10"`, []byte{0, 0xff, 0x10}},
		{"empty blob", "BLOB", `""`, []byte{}},
		{"decimal", "DECIMAL(20,4)", `"-1234567890123456.7890"`, "-1234567890123456.7890"},
		{"JSON object as it stands", "JSON", `{"a": [1,{"b":"}\""}]}`, []byte(`{"a": [1,{"b":"}\""}]}`)},
		{"JSON string with its quotes", "JSON", `"x"`, []byte(`"x"`)},
		{"JSON number", "JSON", `1.50`, []byte(`1.50`)},
		{"milliseconds", "TIMESTAMP", `"2023-11-14T22:13:20.001Z"`, time.UnixMilli(1700000000001).UTC()},
		{"microseconds with an offset", "TIMESTAMP", `"2023-11-15T06:13:20.000001+08:00"`, time.UnixMicro(1700000000000001).UTC()},
		{"nanoseconds before the epoch", "TIMESTAMP", `"1969-12-31T23:59:59.999999999Z"`, time.Unix(0, -1).UTC()},
		{"largest nanoseconds", "TIMESTAMP", `"2262-04-11T23:47:16.854775807Z"`, time.Unix(0, 1<<63-1).UTC()},
		{"smallest nanoseconds", "TIMESTAMP", `"1677-09-21T00:12:43.145224192Z"`, time.Unix(0, -1<<63).UTC()},
		{"a year of five digits", "TIMESTAMP", `"12345-01-01T00:00:00.000Z"`, time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"a year before zero", "TIMESTAMP", `"-0005-03-01T00:00:00.000Z"`, time.Date(-5, 3, 1, 0, 0, 0, 0, time.UTC)},
	} {
		got := decodeText(one(c.typ, c.value))
		if got.err != nil {
			t.Errorf("%s: %v", c.name, got.err)
		} else if !sameValue(got.rows[0][0], c.want) {
			t.Errorf("%s: %#v, want %#v", c.name, got.rows[0][0], c.want)
		}
	}
}

var negativeZero = func() float64 { z := 0.0; return -z }()

func TestMalformedBodies(t *testing.T) {
	const meta = `{"code":0,"column_meta":[["v","INT",4]],`
	for _, c := range []struct {
		name, body string
		want       error
	}{
		{"no bytes", "", ErrEmpty},
		{"white space alone", " \n", ErrTruncated},
		{"ends in the columns", `{"code":0,"column_meta":[["v"`, ErrTruncated},
		{"ends in a row", meta + `"data":[[1],[`, ErrTruncated},
		{"ends in a number", meta + `"data":[[1],[2`, ErrTruncated},
		{"ends in a string", `{"code":0,"column_meta":[["v","VARCHAR",4]],"data":[["ab\`, ErrTruncated},
		{"ends behind the rows", meta + `"data":[[1]]`, ErrTruncated},
		{"ends before the last brace", meta + `"data":[[1]],"rows":1`, ErrTruncated},
		{"more rows than counted", meta + `"data":[[1],[2]],"rows":1}`, ErrRowCount},
		{"fewer rows than counted", meta + `"data":[[1]],"rows":2}`, ErrRowCount},
		{"no count", meta + `"data":[[1]]}`, ErrRowCount},
		{"text behind the end", meta + `"data":[[1]],"rows":1}{}`, ErrSyntax},
		{"a web page", "<html><body>It works!", ErrSyntax},
		{"another object", `{"status":"ok"}`, ErrSyntax},
		{"code alone", `{"code":0}`, ErrSyntax},
		{"data before its columns", `{"code":0,"data":[[1]],"rows":1}`, ErrSyntax},
		{"columns twice", meta + `"column_meta":[["v","INT",4]],"data":[],"rows":0}`, ErrSyntax},
		{"data twice", meta + `"data":[[1]],"data":[[1]],"rows":1}`, ErrSyntax},
		{"no columns", `{"code":0,"column_meta":[],"data":[],"rows":0}`, ErrSyntax},
		{"unknown type", one("POINT", "1"), ErrSyntax},
		{"a row too short", `{"code":0,"column_meta":[["a","INT",4],["b","INT",4]],"data":[[1]],"rows":1}`, ErrSyntax},
		{"a row too long", meta + `"data":[[1,2]],"rows":1}`, ErrSyntax},
		{"a row that is an object", meta + `"data":[{"v":1}],"rows":1}`, ErrSyntax},
		{"comma at the end of the rows", meta + `"data":[[1],],"rows":1}`, ErrSyntax},
		{"no comma between members", meta + `"data":[[1]] "rows":1}`, ErrSyntax},
		{"integer out of its range", one("TINYINT", "128"), ErrSyntax},
		{"integer beyond 64 bits", one("BIGINT", "9223372036854775808"), ErrSyntax},
		{"unsigned beyond 64 bits", one("BIGINT UNSIGNED", "18446744073709551616"), ErrSyntax},
		{"negative unsigned", one("INT UNSIGNED", "-1"), ErrSyntax},
		{"integer with a fraction", one("INT", "1.5"), ErrSyntax},
		{"integer with a leading zero", one("INT", "01"), ErrSyntax},
		{"float out of range", one("FLOAT", "1e39"), ErrSyntax},
		{"float with a name", one("DOUBLE", "Infinity"), ErrSyntax},
		{"hexadecimal float", one("DOUBLE", "0x1p-2"), ErrSyntax},
		{"boolean with a capital", one("BOOL", "True"), ErrSyntax},
		{"nul instead of null", one("INT", "nul"), ErrSyntax},
		{"odd number of hexadecimal digits", one("VARBINARY", `"abc"`), ErrSyntax},
		{"not hexadecimal", one("VARBINARY", `"zz"`), ErrSyntax},
		{"unknown escape", one("VARCHAR", `"\x41"`), ErrSyntax},
		{"short escape", one("VARCHAR", `"\u41"`), ErrSyntax},
		{"broken JSON value", one("JSON", `{"a":}`), ErrSyntax},
		{"decimal with too many digits after the point", one("DECIMAL(4,2)", `"1.234"`), ErrSyntax},
		{"time without fraction", one("TIMESTAMP", `"2023-11-14T22:13:20Z"`), ErrSyntax},
		{"time without zone", one("TIMESTAMP", `"2023-11-14T22:13:20.000"`), ErrSyntax},
		{"time in month 13", one("TIMESTAMP", `"2023-13-14T22:13:20.000Z"`), ErrSyntax},
		{"time beyond nanoseconds", one("TIMESTAMP", `"2262-04-11T23:47:16.854775808Z"`), ErrSyntax},
		{"two precisions", `{"code":0,"column_meta":[["ts","TIMESTAMP",8]],"data":[["2023-11-14T22:13:20.000Z"],["2023-11-14T22:13:20.000000Z"]],"rows":2}`, ErrSyntax},
	} {
		got := decodeText(c.body)
		var body *BodyError
		if !errors.Is(got.err, c.want) || !errors.As(got.err, &body) {
			t.Errorf("%s: %v, want %v", c.name, got.err, c.want)
		}
	}
}

func TestErrorReplies(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       ServerError
	}{
		{"syntax error", recordedBody(t, "rest-sql-errors", "selec 1"), ServerError{0x2600, `syntax error near "selec 1"`}},
		{"wrong password", recordedBody(t, "rest-auth", "wrong password"), ServerError{0x357, "Authentication failure"}},
		{"native code with its high bits", `{"code":-2147473920,"desc":"x"}`, ServerError{0x2600, "x"}},
		{"members in another order", `{"desc":"x","timing":5,"code":9728}`, ServerError{0x2600, "x"}},
		{"error with data", `{"code":9728,"desc":"x","column_meta":[["v","INT",4]],"data":[`, ServerError{0x2600, "x"}},
		{"a limiter's text", `"query memory exceeds threshold"`, ServerError{0, "query memory exceeds threshold"}},
	} {
		var got *ServerError
		if err := decodeText(c.body).err; !errors.As(err, &got) || *got != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAffectedRowsMayExceedTheDeclaredInt(t *testing.T) {
	const body = `{"code":0,"column_meta":[["affected_rows","INT",4]],"data":[[5000000000]],"rows":1}`
	got := decodeAll(strings.NewReader(body), DecoderOptions{Update: true})
	if got.err != nil || got.rows[0][0] != int64(5000000000) {
		t.Errorf("%v, %v", got.rows, got.err)
	}
	if err := decodeText(body).err; !errors.Is(err, ErrSyntax) {
		t.Errorf("a query's INT of 5000000000: %v", err)
	}
}

func TestUnknownMembersAndTimingAreSkipped(t *testing.T) {
	got := decodeText(` { "version" : {"a":[1,"]"]} , "code":0, "column_meta":[ [ "v" , "INT" , 4 ] ], "data" : [ [ 1 ] , [ null ] ] , "timing":123, "rows":2 , "more":[{}] } ` + "\n")
	if got.err != nil || len(got.rows) != 2 || got.rows[0][0] != int64(1) || got.rows[1][0] != nil {
		t.Errorf("%v, %v", got.rows, got.err)
	}
}

// body makes a result of n rows of an integer and a text.
func body(n int, text string) string {
	var b strings.Builder
	b.WriteString(`{"code":0,"column_meta":[["v","INT",4],["s","VARCHAR",100]],"data":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `[%d,"%s"]`, i, text)
	}
	fmt.Fprintf(&b, `],"rows":%d}`, n)
	return b.String()
}

func TestBlocksAreBoundedInRowsAndBytes(t *testing.T) {
	sizes := func(body string) (sizes []int) {
		d := NewDecoder(strings.NewReader(body), DecoderOptions{})
		if _, err := d.Header(); err != nil {
			t.Fatal(err)
		}
		for {
			b, err := d.Next()
			if err == io.EOF {
				return sizes
			}
			if err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, b.Rows)
		}
	}
	if got := fmt.Sprint(sizes(body(9000, "x"))); got != "[256 4096 4096 552]" {
		t.Errorf("rows a block: %s", got)
	}
	if got := fmt.Sprint(sizes(body(firstRows, "x"))); got != "[256]" {
		t.Errorf("rows of a result as long as the first block: %s", got)
	}
	for i, n := range sizes(body(1000, strings.Repeat("y", 30_000))) {
		if n*30_000 > blockBytes+30_020 {
			t.Errorf("block %d has %d rows of 30 KB", i, n)
		}
	}
}

func TestChunksDoNotMatter(t *testing.T) {
	text := body(700, `a\"b\u4e2d`)
	want := fmt.Sprint(decodeText(text).rows)
	for name, r := range map[string]io.Reader{
		"byte by byte":     iotest.OneByteReader(strings.NewReader(text)),
		"halves":           iotest.HalfReader(strings.NewReader(text)),
		"end with data":    iotest.DataErrReader(strings.NewReader(text)),
		"white space last": io.MultiReader(strings.NewReader(text), strings.NewReader("\n")),
	} {
		got := decodeAll(r, DecoderOptions{})
		if got.err != nil || fmt.Sprint(got.rows) != want {
			t.Errorf("%s: %d rows, %v", name, len(got.rows), got.err)
		}
	}
}

func TestReadErrorsAreHandedOn(t *testing.T) {
	lost := errors.New("connection reset")
	for _, n := range []int{0, 1, 30, 200, 3000} {
		text := body(700, "x")
		r := io.MultiReader(strings.NewReader(text[:n]), iotest.ErrReader(lost))
		if got := decodeAll(r, DecoderOptions{}); !errors.Is(got.err, lost) {
			t.Errorf("after %d bytes: %v", n, got.err)
		}
	}
}

func TestReaderWithoutProgressIsAnError(t *testing.T) {
	if got := decodeAll(stuck{}, DecoderOptions{}); !errors.Is(got.err, io.ErrNoProgress) {
		t.Error(got.err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestValuesAreBounded(t *testing.T) {
	long := one("VARCHAR", `"`+strings.Repeat("x", 60_000)+`"`)
	if got := decodeAll(strings.NewReader(long), DecoderOptions{MaxValue: 50_000}); !errors.Is(got.err, ErrTooLarge) {
		t.Error(got.err)
	}
	if got := decodeAll(strings.NewReader(long), DecoderOptions{MaxValue: 70_000}); got.err != nil {
		t.Error(got.err)
	}
	endless := io.MultiReader(strings.NewReader(`{"code":0,"column_meta":[["c","JSON",8]],"data":[[`), endless('['))
	if got := decodeAll(endless, DecoderOptions{MaxValue: 1 << 20}); !errors.Is(got.err, ErrTooLarge) {
		t.Error(got.err)
	}
}

type endless byte

func (e endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(e)
	}
	return len(b), nil
}

func TestBlocksOutliveTheDecoder(t *testing.T) {
	d := NewDecoder(strings.NewReader(body(10, "first")), DecoderOptions{})
	if _, err := d.Header(); err != nil {
		t.Fatal(err)
	}
	b, err := d.Next()
	if err != nil {
		t.Fatal(err)
	}
	d.Release()
	if _, err := d.Next(); err == nil {
		t.Error("a released decoder goes on")
	}
	decodeText(body(10, "other"))
	if v := b.Columns[1].Value(3); v != "first" {
		t.Errorf("%v", v)
	}
}

func TestDecodingAllocatesByBlockNotByCell(t *testing.T) {
	text := body(20_000, "abcdefgh")
	allocs := testing.AllocsPerRun(3, func() {
		if got := countRows(t, text); got != 20_000 {
			t.Fatal(got)
		}
	})
	if allocs > 0.02*20_000 {
		t.Errorf("%.0f allocations for 20000 rows", allocs)
	}
}

func countRows(t testing.TB, text string) (n int) {
	d := NewDecoder(strings.NewReader(text), DecoderOptions{})
	defer d.Release()
	if _, err := d.Header(); err != nil {
		t.Fatal(err)
	}
	for {
		b, err := d.Next()
		if err == io.EOF {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		n += b.Rows
	}
}

func BenchmarkDecode(b *testing.B) {
	var text strings.Builder
	text.WriteString(`{"code":0,"column_meta":[["ts","TIMESTAMP",8],["i","INT",4],["d","DOUBLE",8],["s","VARCHAR",16]],"data":[`)
	const rows = 50_000
	for i := range rows {
		if i > 0 {
			text.WriteByte(',')
		}
		at := time.UnixMilli(1700000000000 + int64(i)).UTC()
		fmt.Fprintf(&text, `["%s",%d,%v,"text %d"]`, at.Format("2006-01-02T15:04:05.000Z"), i, float64(i)*1.1, i)
	}
	fmt.Fprintf(&text, `],"rows":%d}`, rows)
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		countRows(b, text.String())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}
