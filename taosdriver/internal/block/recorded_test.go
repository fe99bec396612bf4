package block

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

// recorded is a block as taosAdapter 3.3.7.5 sent it (or a client to it) and what
// another decoder made of it.
type recorded struct {
	Source    string
	Client    bool // sent by a client
	Precision Precision
	Storage   bool // lengths are storage lengths, as stmt2 reports them
	Fields    []struct {
		Name             string
		Type             Type
		Length           int32
		Precision, Scale uint8
	}
	Raw       string
	Rows      [][]any
	FirstLast [][]any `json:"first_last"`
}

func loadRecorded(t testing.TB) []recorded {
	t.Helper()
	packed, err := os.ReadFile("testdata/recorded.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(z)
	d.UseNumber()
	var all []recorded
	if err := d.Decode(&all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 80 {
		t.Fatalf("only %d recorded blocks", len(all))
	}
	return all
}

func (r *recorded) raw(t testing.TB) []byte {
	t.Helper()
	raw, err := hex.DecodeString(r.Raw)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// fields returns the description of the reply, or that of the block without one.
func (r *recorded) fields(b *Block) []Field {
	out := make([]Field, len(b.Columns))
	for i := range out {
		out[i] = b.Columns[i].Field
		if r.Fields != nil && !r.Storage {
			f := r.Fields[i]
			out[i] = Field{Name: f.Name, Type: f.Type, Bytes: f.Length, Precision: f.Precision, Scale: f.Scale}
		}
	}
	return out
}

func TestDecodeRecorded(t *testing.T) {
	for i, r := range loadRecorded(t) {
		t.Run(fmt.Sprintf("%d %s", i, r.Source), func(t *testing.T) {
			b, err := Decode(r.raw(t), r.Precision, nil)
			if err != nil {
				t.Fatal(err)
			}
			if r.Rows != nil && len(r.Rows) != b.Rows {
				t.Fatalf("%d rows, want %d", b.Rows, len(r.Rows))
			}
			for i, want := range r.Rows {
				compareRow(t, b, i, want, r.Precision)
			}
			if r.FirstLast != nil {
				compareRow(t, b, 0, r.FirstLast[0], r.Precision)
				compareRow(t, b, b.Rows-1, r.FirstLast[1], r.Precision)
			}
			if r.Rows == nil && r.FirstLast == nil {
				t.Fatal("nothing to compare with")
			}
		})
	}
}

// TestFieldsRecorded: what a block's schema tells is what the reply told.
func TestFieldsRecorded(t *testing.T) {
	compared := 0
	for _, r := range loadRecorded(t) {
		b, err := Decode(r.raw(t), r.Precision, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range r.Fields {
			got := b.Columns[i].Field
			length := got.Bytes
			if r.Storage {
				length = got.StorageBytes()
			}
			precision, scale := got.Precision, got.Scale
			if r.Source == "tmq-fetch-styles" || r.Source == "tmq-meta" {
				precision, scale = 0, 0 // not told by subscriptions
				if got.Type == NChar {
					length = 10 // characters there as well
				}
			}
			if got.Type != f.Type || length != f.Length || precision != f.Precision || scale != f.Scale {
				t.Errorf("%s: column %s: %+v, want %+v", r.Source, f.Name, got, f)
			}
			compared++
		}
	}
	if compared < 300 {
		t.Errorf("only %d columns compared", compared)
	}
}

func TestBuilderMakesRecordedBytes(t *testing.T) {
	exact := 0
	for _, r := range loadRecorded(t) {
		raw := r.raw(t)
		b, err := Decode(raw, r.Precision, nil)
		if err != nil {
			t.Fatal(err)
		}
		builder := NewBuilder(r.fields(b), r.Precision, nil)
		appendBlock(t, builder, b)
		got, err := builder.AppendTo(nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.Client {
			// Clients leave flags, lengths and the last byte out.
			again, err := Decode(got, r.Precision, nil)
			if err != nil {
				t.Fatal(err)
			}
			compareBlocks(t, again, b)
			continue
		}
		if raw[0] == 2 {
			got[0] = 2 // of a subscription
		}
		if !bytes.Equal(got, raw) {
			t.Errorf("%s: built\n%x, want\n%x", r.Source, got, raw)
		}
		exact++
	}
	if exact < 65 {
		t.Errorf("only %d blocks compared byte for byte", exact)
	}
}

// appendBlock appends all rows of b, column by column.
func appendBlock(t testing.TB, builder *Builder, b *Block) {
	t.Helper()
	for i := range b.Columns {
		for row := range b.Rows {
			if err := builder.Column(i).Append(b.Columns[i].Value(row)); err != nil {
				t.Fatalf("row %d of column %d: %v", row, i, err)
			}
		}
	}
}

func compareBlocks(t testing.TB, got, want *Block) {
	t.Helper()
	if got.Rows != want.Rows || len(got.Columns) != len(want.Columns) {
		t.Fatalf("%d rows of %d columns, want %d of %d", got.Rows, len(got.Columns), want.Rows, len(want.Columns))
	}
	for i := range want.Columns {
		for row := range want.Rows {
			if g, w := got.Columns[i].Value(row), want.Columns[i].Value(row); !same(g, w) {
				t.Errorf("row %d of column %d: %#v, want %#v", row, i, g, w)
			}
		}
	}
}

// same compares values; floats by their bits, so that NaN is the same as NaN.
func same(a, b driver.Value) bool {
	if x, ok := a.([]byte); ok {
		y, ok := b.([]byte)
		return ok && (x == nil) == (y == nil) && bytes.Equal(x, y)
	}
	return a == b || a != a && b != b
}

// compareRow compares a row with what the recording says.
func compareRow(t *testing.T, b *Block, row int, want []any, precision Precision) {
	t.Helper()
	got := make([]driver.Value, len(b.Columns))
	b.Row(row, got)
	for i := range want {
		if g, w := plain(got[i], precision), plainWant(t, want[i], b.Columns[i].Field.Type, got[i]); g != w {
			t.Errorf("row %d of column %d (%v): %s, want %s", row, i, b.Columns[i].Field.TypeName(), g, w)
		}
	}
}

// plain writes a value as text with its Go type.
func plain(v driver.Value, precision Precision) string {
	switch v := v.(type) {
	case time.Time:
		if v.Location() != time.UTC {
			return "not UTC"
		}
		unix, err := precision.Unix(v)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprint("time.Time ", unix)
	case float32:
		return "float32 " + strconv.FormatFloat(float64(v), 'g', -1, 32)
	case []byte:
		return fmt.Sprintf("[]byte %x", v)
	default:
		return fmt.Sprintf("%T %v", v, v)
	}
}

// plainWant writes what the recording has in the same form.
func plainWant(t *testing.T, want any, typ Type, got driver.Value) string {
	t.Helper()
	if want == nil {
		return "<nil> <nil>"
	}
	if o, ok := want.(map[string]any); ok {
		if sum, ok := o["sha256"]; ok {
			var text []byte
			switch g := got.(type) {
			case string:
				text = []byte(g)
			case []byte:
				text = g
			}
			if h := sha256.Sum256(text); hex.EncodeToString(h[:]) != sum {
				return fmt.Sprint("SHA-256 ", sum)
			}
			return plain(got, Milli)
		}
		return fmt.Sprint("[]byte ", o["hex"])
	}
	text := fmt.Sprint(want)
	switch typ {
	case Bool:
		return "bool " + text
	case Timestamp:
		return "time.Time " + text
	case Float, Double:
		bits, name := 64, "float64 "
		if typ == Float {
			bits, name = 32, "float32 "
		}
		f, err := strconv.ParseFloat(text, bits)
		if err != nil {
			t.Fatal(err)
		}
		if typ == Float {
			return name + strconv.FormatFloat(f, 'g', -1, 32)
		}
		return name + fmt.Sprint(f)
	case UBigInt:
		return "uint64 " + text
	case JSON:
		return fmt.Sprintf("[]byte %x", text)
	case VarChar, NChar, Decimal64, Decimal128:
		return "string " + text
	case VarBinary, Blob, Geometry:
		t.Fatalf("%v should be recorded in hexadecimal", typ)
	}
	return "int64 " + text
}
