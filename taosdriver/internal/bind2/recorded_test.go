package bind2

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
)

// recorded is a bind message to taosAdapter 3.3.7.5, with what another decoder
// made of it and how the server replied.
type recorded struct {
	Source, Step, Frame string
	Code                int
	Message             string
	Bind                *struct {
		Names []string           `json:"table_names"`
		Tags  [][]recordedColumn `json:"tags"`
		Cols  [][]recordedColumn `json:"cols"`
	}
}

type recordedColumn struct {
	Type    block.Type `json:"buffer_type"`
	Rows    int        `json:"num"`
	States  []int      `json:"is_null"`
	Have    int        `json:"have_length"`
	Lengths []int      `json:"lengths"`
	Buffer  string     `json:"buffer_hex"`
}

func loadRecorded(t testing.TB) []recorded {
	t.Helper()
	text, err := os.ReadFile("testdata/recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []recorded
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 40 {
		t.Fatalf("only %d messages", len(all))
	}
	return all
}

// data returns the bind data of the message; its front is tested elsewhere.
func (r *recorded) data(t testing.TB) []byte {
	t.Helper()
	b, err := hex.DecodeString(r.Frame)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) < 30 {
		return nil
	}
	return b[30:]
}

// refusals are the replies that Decode's errors are for.
var refusals = map[string]bool{
	"data length is less than 28":                          true,
	"total length not match, expect 104, but get 103":      true,
	"bind data length error, tableIndex: 0, fieldIndex: 0": true,
	"col count is 0, but cols offset is not 0":             true,
}

func TestDecodeRecorded(t *testing.T) {
	decoded, refused := 0, 0
	for _, r := range loadRecorded(t) {
		t.Run(r.Source+" "+r.Step, func(t *testing.T) {
			data := r.data(t)
			if data == nil {
				return
			}
			tables, err := Decode(data)
			if refusals[r.Message] {
				refused++
				if err == nil || err.Error() != r.Message {
					t.Errorf("error %v, want %q", err, r.Message)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			decoded++
			for i, table := range tables {
				if r.Bind.Names != nil && table.Name != r.Bind.Names[i] {
					t.Errorf("table %d is %q, want %q", i, table.Name, r.Bind.Names[i])
				}
				if r.Bind.Tags != nil {
					compareColumns(t, table.Tags, r.Bind.Tags[i])
				}
				compareColumns(t, table.Columns, r.Bind.Cols[i])
			}
			if r.Message == "row number in each bind param should be the same" {
				return
			}
			again, err := AppendTo(nil, tables)
			if err != nil || !bytes.Equal(again, data) {
				t.Errorf("encoded again\n%x, %v, want\n%x", again, err, data)
			}
			built := rebuild(t, tables)
			again, err = AppendTo(nil, built)
			if err != nil || !bytes.Equal(again, data) {
				t.Errorf("built\n%x, %v, want\n%x", again, err, data)
			}
		})
	}
	if decoded < 36 || refused < 4 {
		t.Errorf("only %d messages decoded and %d refused", decoded, refused)
	}
}

func compareColumns(t *testing.T, got []*Column, want []recordedColumn) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d columns, want %d", len(got), len(want))
	}
	for i, w := range want {
		c := got[i]
		if c.Type() != w.Type || c.Rows() != w.Rows || c.lengths != (w.Have == 1) || hex.EncodeToString(c.data) != w.Buffer {
			t.Errorf("column %d is %+v, want %+v", i, c, w)
			continue
		}
		for row, state := range w.States {
			if int(c.State(row)) != state {
				t.Errorf("row %d of column %d has state %d, want %d", row, i, c.State(row), state)
			}
			if w.Lengths != nil && int(c.end(row)-c.end(row-1)) != w.Lengths[row] {
				t.Errorf("row %d of column %d has length %d, want %d", row, i, c.end(row)-c.end(row-1), w.Lengths[row])
			}
		}
	}
}

// rebuild makes the columns anew, value by value.
func rebuild(t *testing.T, tables []Table) []Table {
	t.Helper()
	again := func(columns []*Column) (out []*Column) {
		for _, c := range columns {
			n := NewColumn(c.Type(), block.Nano)
			for i := range c.Rows() {
				if c.State(i) == None {
					n.AppendNone()
				} else if err := n.Append(c.Value(i, block.Nano)); err != nil {
					t.Fatal(err)
				}
			}
			out = append(out, n)
		}
		return out
	}
	out := make([]Table, len(tables))
	for i, table := range tables {
		out[i] = Table{Name: table.Name, Tags: again(table.Tags), Columns: again(table.Columns)}
	}
	return out
}

// TestOfficialClientsBind writes the values that the official Go client was
// given, with the functions for whole columns, and gets its bytes.
func TestOfficialClientsBind(t *testing.T) {
	var want []byte
	for _, r := range loadRecorded(t) {
		if r.Source == "official-go382-stmt2" {
			want = r.data(t)
			break
		}
	}
	t0 := time.UnixMilli(1700000000000)
	table := func(name string, rows int, tags []*Column) Table {
		times := make([]time.Time, rows)
		states := make([]byte, rows)
		for i := range times {
			times[i] = t0.Add(time.Duration(i) * time.Millisecond)
			if i > 0 {
				states[i] = Null
			}
		}
		b := columns{t: t, rows: rows, states: states}
		add(&b, block.Timestamp, times, func(c *Column, v []time.Time, _ []byte) error { return AppendTimes[byte](c, v, nil) })
		add(&b, block.Bool, []bool{true}, AppendBools)
		add(&b, block.TinyInt, []int8{-1}, AppendInts)
		add(&b, block.SmallInt, []int16{-2}, AppendInts)
		add(&b, block.Int, []int32{-3}, AppendInts)
		add(&b, block.BigInt, []int64{-4}, AppendInts)
		add(&b, block.UTinyInt, []uint8{5}, AppendUints)
		add(&b, block.USmallInt, []uint16{6}, AppendUints)
		add(&b, block.UInt, []uint32{7}, AppendUints)
		add(&b, block.UBigInt, []uint64{8}, AppendUints)
		add(&b, block.Float, []float32{1.5}, AppendFloats)
		add(&b, block.Double, []float64{2.5}, AppendFloats)
		add(&b, block.VarChar, []string{"abc"}, AppendStrings)
		add(&b, block.NChar, []string{"中文😀"}, AppendStrings)
		add(&b, block.VarBinary, [][]byte{{1, 2, 0xff}}, AppendSlices)
		wkb, err := hex.DecodeString("0101000000000000000000f03f0000000000000040")
		if err != nil {
			t.Fatal(err)
		}
		add(&b, block.Geometry, [][]byte{wkb}, AppendSlices)
		add(&b, block.Decimal64, []string{"123.4567"}, AppendStrings)
		add(&b, block.Decimal128, []string{"12345678901234567890.12345678"}, AppendStrings)
		add(&b, block.Blob, [][]byte{{0xde, 0xad}}, AppendSlices)
		return Table{Name: name, Tags: tags, Columns: b.list}
	}
	tag := func(typ block.Type, v any) *Column {
		c := NewColumn(typ, block.Milli)
		if err := c.Append(v); err != nil {
			t.Fatal(err)
		}
		return c
	}
	got, err := AppendTo(nil, []Table{
		table("gost2_a", 2, []*Column{tag(block.Int, int32(1)), tag(block.NChar, "标签")}),
		table("gost2_b", 3, []*Column{tag(block.Int, nil), tag(block.NChar, nil)}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("made\n%x, want\n%x", got, want)
	}
}

type columns struct {
	t      *testing.T
	rows   int
	states []byte
	list   []*Column
}

// add adds a column whose values after the given ones are NULL.
func add[T any](b *columns, typ block.Type, values []T, put func(*Column, []T, []byte) error) {
	b.t.Helper()
	all := make([]T, b.rows)
	copy(all, values)
	c := NewColumn(typ, block.Milli)
	if err := put(c, all, b.states); err != nil {
		b.t.Fatal(err)
	}
	b.list = append(b.list, c)
}

func TestBindFollowsItsFront(t *testing.T) {
	r := loadRecorded(t)[0]
	message, err := hex.DecodeString(r.Frame)
	if err != nil {
		t.Fatal(err)
	}
	request, err := frame.ParseRequest(message)
	if err != nil {
		t.Fatal(err)
	}
	column, data, err := request.BindData()
	if err != nil {
		t.Fatal(err)
	}
	tables, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := AppendTo(frame.AppendBind(nil, request.ReqID, request.ID, column), tables)
	if err != nil || !bytes.Equal(got, message) {
		t.Errorf("made %x, %v, want %x", got, err, message)
	}
}
