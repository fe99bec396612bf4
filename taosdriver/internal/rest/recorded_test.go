package rest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// recording is a conversation with taosAdapter 3.3.7.5, as far as used here.
type recording struct {
	Messages []struct {
		Op    string
		Dir   string
		Step  string
		First string `json:"first_line"`
		Body  string
	}
	Expected struct {
		Queries []struct {
			SQL       string
			Rest      json.RawMessage
			Types     []block.Type
			Precision block.Precision
			Rows      [][]any
		}
	}
}

func readRecording(t testing.TB, name string) *recording {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	r := new(recording)
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(r); err != nil {
		t.Fatal(err)
	}
	return r
}

// recordedValue is a value of "rows" as a block hands it out.
func recordedValue(t *testing.T, v any, typ block.Type, precision block.Precision) any {
	t.Helper()
	number := func() string { return string(v.(json.Number)) }
	var err error
	var out any
	switch typ {
	case block.Bool:
		return v
	case block.UBigInt:
		out, err = strconv.ParseUint(number(), 10, 64)
	case block.TinyInt, block.SmallInt, block.Int, block.BigInt, block.UTinyInt, block.USmallInt, block.UInt:
		out, err = strconv.ParseInt(number(), 10, 64)
	case block.Float:
		var f float64
		f, err = strconv.ParseFloat(number(), 32)
		out = float32(f)
	case block.Double:
		out, err = strconv.ParseFloat(number(), 64)
	case block.Timestamp:
		var n int64
		n, err = strconv.ParseInt(number(), 10, 64)
		out = precision.Time(n, time.UTC)
	case block.VarBinary, block.Geometry, block.Blob:
		out, err = hex.DecodeString(v.(map[string]any)["hex"].(string))
	case block.JSON:
		out = []byte(v.(string))
	default:
		return v
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRowsAreTheSameAsOverWebSocket(t *testing.T) {
	count := 0
	for _, name := range []string{
		"query-all-types", "query-all-types-us", "query-all-types-ns", "query-json-tag", "query-expressions", "query-all-tags",
	} {
		for _, q := range readRecording(t, name).Expected.Queries {
			if q.Rest == nil {
				continue
			}
			count++
			var body bytes.Buffer
			if err := json.Compact(&body, q.Rest); err != nil {
				t.Fatal(err)
			}
			got := decodeAll(bytes.NewReader(body.Bytes()), DecoderOptions{})
			if got.err != nil {
				t.Errorf("%s: %s: %v", name, q.SQL, got.err)
				continue
			}
			if len(got.rows) != len(q.Rows) {
				t.Errorf("%s: %s: %d rows, want %d", name, q.SQL, len(got.rows), len(q.Rows))
				continue
			}
			for i, row := range q.Rows {
				for k, v := range row {
					if got.fields[k].Type != q.Types[k] {
						t.Errorf("%s: %s: column %d has type %v, want %v", name, q.SQL, k, got.fields[k].Type, q.Types[k])
					}
					var want any
					if v != nil {
						want = recordedValue(t, v, q.Types[k], q.Precision)
					}
					if !sameValue(got.rows[i][k], want) {
						t.Errorf("%s: %s: row %d column %d: %#v, want %#v", name, q.SQL, i, k, got.rows[i][k], want)
					}
				}
			}
		}
	}
	if count < 8 {
		t.Errorf("only %d recorded queries were compared", count)
	}
}

// sameValue compares values with their types, NaN equal to itself.
func sameValue(a, b any) bool {
	switch a := a.(type) {
	case []byte:
		b, ok := b.([]byte)
		return ok && bytes.Equal(a, b)
	case time.Time:
		b, ok := b.(time.Time)
		return ok && a.Equal(b) && a.Location().String() == b.Location().String()
	case float32:
		b, ok := b.(float32)
		return ok && math.Float32bits(a) == math.Float32bits(b)
	case float64:
		b, ok := b.(float64)
		return ok && math.Float64bits(a) == math.Float64bits(b)
	}
	return a == b
}

// recordedBody returns the answer to the request of a step.
func recordedBody(t *testing.T, name, step string) string {
	t.Helper()
	asked := false
	for _, m := range readRecording(t, name).Messages {
		if m.Op == "http-request" {
			asked = m.Step == step || step == m.Body
		} else if asked && m.Op == "http-response" {
			return m.Body
		}
	}
	t.Fatalf("%s has no step %q", name, step)
	return ""
}

func TestRecordedBodies(t *testing.T) {
	got := decodeAll(bytes.NewReader([]byte(recordedBody(t, "rest-sql-select", "all types, ns"))), DecoderOptions{})
	if got.err != nil || len(got.rows) != 4 || got.precision != block.Nano {
		t.Fatalf("%d rows in %v, %v", len(got.rows), got.precision, got.err)
	}
	want := []block.Field{
		{Name: "ts", Type: block.Timestamp, Bytes: 8},
		{Name: "c_bool", Type: block.Bool, Bytes: 1},
	}
	for i := range want {
		if got.fields[i] != want[i] {
			t.Errorf("field %+v, want %+v", got.fields[i], want[i])
		}
	}
	if f := got.fields[17]; f != (block.Field{Name: "c_d128", Type: block.Decimal128, Bytes: 16, Precision: 30, Scale: 8}) {
		t.Errorf("field %+v", f)
	}

	empty := decodeAll(bytes.NewReader([]byte(recordedBody(t, "rest-sql-select", "empty"))), DecoderOptions{})
	if empty.err != nil || len(empty.rows) != 0 || len(empty.fields) != 3 {
		t.Errorf("empty result: %d rows of %d columns, %v", len(empty.rows), len(empty.fields), empty.err)
	}
}
