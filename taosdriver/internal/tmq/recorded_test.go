package tmq

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// recorded is a raw message as taosAdapter 3.3.7.5 sent it and what another
// decoder made of it.
type recorded struct {
	Source string
	Kind   Kind
	// Offset and MessageType are those of the poll before.
	Offset      int64
	MessageType int  `json:"message_type"`
	WithNames   bool `json:"with_names"`
	WithSchemas bool `json:"with_schemas"`
	Raw         string
	Tables      []struct {
		Name      string
		Precision block.Precision
		Columns   []struct {
			Name  string
			Type  block.Type
			Flag  uint8
			Bytes int32
			ID    int16 `json:"col_id"`
		}
		Rows [][]any
	}
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
	if len(all) < 28 {
		t.Fatalf("only %d recorded messages", len(all))
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

func TestDecodeRecorded(t *testing.T) {
	var d Decoder // one for all, so that what it remembers is looked at too
	decoded := 0
	for i, r := range loadRecorded(t) {
		t.Run(fmt.Sprintf("%s %d", r.Source, i), func(t *testing.T) {
			m, err := d.Decode(r.Kind, r.raw(t), time.UTC)
			if !r.Kind.HasRows() {
				if err == nil {
					t.Errorf("a message of kind %d was decoded", r.Kind)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			decoded++
			if m.Begin.Type != Log || m.Begin.Version != r.Offset || m.Next.Version <= r.Offset {
				t.Errorf("from %+v to %+v, the poll said %d", m.Begin, m.Next, r.Offset)
			}
			if len(m.Tables) != len(r.Tables) {
				t.Fatalf("%d tables, want %d", len(m.Tables), len(r.Tables))
			}
			for k, want := range r.Tables {
				got := m.Tables[k]
				if got.Name != want.Name || got.Precision != want.Precision || got.Block.Rows != len(want.Rows) {
					t.Errorf("table %q in %v with %d rows, want %q in %v with %d", got.Name, got.Precision, got.Block.Rows,
						want.Name, want.Precision, len(want.Rows))
				}
				for c, f := range got.Fields {
					if f.Name != want.Columns[c].Name || f.Type != want.Columns[c].Type || f.StorageBytes() != want.Columns[c].Bytes {
						t.Errorf("column %+v, want %+v", f, want.Columns[c])
					}
					for row := range want.Rows {
						if v := text(got.Block.Columns[c].Value(row), got.Precision); v != fmt.Sprint(want.Rows[row][c]) {
							t.Errorf("%s.%s row %d: %s, want %v", got.Name, f.Name, row, v, want.Rows[row][c])
						}
					}
				}
			}
		})
	}
	if decoded < 16 {
		t.Errorf("only %d messages had rows", decoded)
	}
}

// text writes a value as the recorder does, for the types that occur.
func text(v any, p block.Precision) string {
	switch v := v.(type) {
	case time.Time:
		unix, err := p.Unix(v)
		if err != nil {
			return err.Error()
		}
		return strconv.FormatInt(unix, 10)
	case []byte:
		return string(v)
	}
	return fmt.Sprint(v)
}

func TestAppendRecorded(t *testing.T) {
	for _, r := range loadRecorded(t) {
		if !r.Kind.HasRows() {
			continue
		}
		raw := r.raw(t)
		m, err := Parse(r.Kind, raw)
		if err != nil {
			t.Fatalf("%s: %v", r.Source, err)
		}
		if m.WithNames != r.WithNames || m.WithSchemas != r.WithSchemas || (r.Kind == DataMeta) != (len(m.Created) > 0) {
			t.Errorf("%s: names %v, schemas %v, %d created", r.Source, m.WithNames, m.WithSchemas, len(m.Created))
		}
		for i, want := range r.Tables {
			var columns []Column
			for _, c := range want.Columns {
				columns = append(columns, Column{Type: c.Type, Flags: c.Flag, Bytes: c.Bytes, ID: c.ID, Name: c.Name})
			}
			got := AppendSchema(nil, schemaVersion(m.Tables[i].Schema), columns)
			if !bytes.Equal(got, m.Tables[i].Schema) {
				t.Errorf("%s: schema %x, want %x", r.Source, got, m.Tables[i].Schema)
			}
			if m.Tables[i].Rows != int64(len(want.Rows)) {
				t.Errorf("%s: %d rows told, %d there", r.Source, m.Tables[i].Rows, len(want.Rows))
			}
		}
		again, err := m.AppendTo(nil)
		if err != nil || !bytes.Equal(again, raw) {
			t.Errorf("%s: %x, want %x (%v)", r.Source, again, raw, err)
		}
	}
}

// schemaVersion is the second number of a schema.
func schemaVersion(schema []byte) int32 {
	r := &reader{rest: schema}
	r.varint()
	return int32(r.varint())
}
