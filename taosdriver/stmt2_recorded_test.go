package taosdriver

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// recorder is a server that describes placeholders and remembers what is bound.
type recorder struct {
	transport.Conn
	params []bind2.Param
	inputs int
	bound  []byte
}

func (r *recorder) Version() string { return "3.4.0.0" } // which reads the text of decimals
func (r *recorder) Alive() bool     { return true }

func (r *recorder) Stmt2(context.Context, uint64, string, transport.Stmt2Options) (transport.Stmt2, error) {
	return r, nil
}
func (r *recorder) IsInsert() bool        { return r.params != nil }
func (r *recorder) Inputs() int           { return r.inputs }
func (r *recorder) Params() []bind2.Param { return r.params }
func (r *recorder) Close() error          { return nil }

func (r *recorder) Bind(_ context.Context, _ uint64, tables []bind2.Table) (err error) {
	r.bound, err = bind2.AppendTo(nil, tables)
	return err
}
func (r *recorder) Exec(context.Context, uint64) (int64, error) { return 1, nil }
func (r *recorder) Result(context.Context, uint64) (*transport.Reply, error) {
	return nil, nil
}

// recordedBind returns the n-th bind message of a recorded conversation.
func recordedBind(t *testing.T, source string, n int) []byte {
	t.Helper()
	text, err := os.ReadFile("internal/bind2/testdata/recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct{ Source, Frame string }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.Source != source {
			continue
		}
		if n--; n < 0 {
			data, err := hex.DecodeString(r.Frame)
			if err != nil {
				t.Fatal(err)
			}
			return data[30:]
		}
	}
	t.Fatalf("no such message of %s", source)
	return nil
}

func nulls[T any](v T) driver.Column {
	return driver.NullColumnOf([]sql.Null[T]{{V: v, Valid: true}, {}})
}

// TestBindSendsTheRecordedBytes: what official clients sent for the same values,
// of every type.
func TestBindSendsTheRecordedBytes(t *testing.T) {
	var params []bind2.Param
	add := func(role bind2.Role, types ...block.Type) {
		for _, typ := range types {
			params = append(params, bind2.Param{Name: "c", Role: role, Type: typ})
		}
	}
	add(bind2.TableNameRole, block.VarChar)
	add(bind2.TagRole, block.Int, block.NChar)
	add(bind2.ColumnRole, block.Timestamp, block.Bool, block.TinyInt, block.SmallInt, block.Int, block.BigInt,
		block.UTinyInt, block.USmallInt, block.UInt, block.UBigInt, block.Float, block.Double, block.VarChar, block.NChar,
		block.VarBinary, block.Geometry, block.Decimal64, block.Decimal128, block.Blob)
	point, err := hex.DecodeString("0101000000000000000000f03f0000000000000040")
	if err != nil {
		t.Fatal(err)
	}
	at := time.UnixMilli(1700000000000).UTC()
	first := driver.BindTable{Name: "gost2_a", Tags: []any{1, "标签"}, Columns: []driver.Column{
		driver.ColumnOf([]time.Time{at, at.Add(time.Millisecond)}), nulls(true), nulls[int8](-1), nulls[int16](-2), nulls[int32](-3), nulls[int64](-4),
		nulls[uint8](5), nulls[uint16](6), nulls[uint32](7), nulls[uint64](8), nulls[float32](1.5), nulls(2.5), nulls("abc"), nulls("中文😀"),
		nulls([]byte{1, 2, 0xff}), nulls(point), nulls("123.4567"), nulls("12345678901234567890.12345678"), nulls([]byte{0xde, 0xad}),
	}}
	for _, c := range []struct {
		source string
		n      int
		query  string
		params []bind2.Param
		inputs int
		tables func(want []bind2.Table) []driver.BindTable
	}{
		{"official-go382-stmt2", 0, "insert into ? using gost2 tags(?,?) values(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", params, 22, func(want []bind2.Table) []driver.BindTable {
			return []driver.BindTable{first, again(want[1])}
		}},
		{"official-go382-stmt2", 1, "select ts, i32, n from gost2 where i32 = ? and v = ? and ts >= ?", nil, 3, func([]bind2.Table) []driver.BindTable {
			return []driver.BindTable{{Columns: []driver.Column{driver.ColumnOf([]int32{-3}), driver.ColumnOf([]string{"abc"}), driver.ColumnOf([]time.Time{at})}}}
		}},
		{"stmt2-query", 0, "select ts, v, s from t1 where v >= ? and s = ?", nil, 2, func([]bind2.Table) []driver.BindTable {
			return []driver.BindTable{{Columns: []driver.Column{driver.ColumnOf([]int{1}), driver.ColumnOf([]any{"b"})}}}
		}},
		{"stmt2-query", 3, "select v from t1 where ts = ?", nil, 1, func([]bind2.Table) []driver.BindTable {
			return []driver.BindTable{{Columns: []driver.Column{driver.ColumnOf([]int64{at.UnixMilli()})}}}
		}},
	} {
		want := recordedBind(t, c.source, c.n)
		decoded, err := bind2.Decode(want)
		if err != nil {
			t.Fatal(err)
		}
		r := &recorder{params: c.params, inputs: c.inputs}
		p := stmt2Preparer{&conn{t: r}, r}
		st, err := p.PrepareStmt2(context.Background(), c.query, driver.Stmt2Options{})
		if err != nil {
			t.Fatalf("%s: %v", c.query, err)
		}
		if err := st.Bind(context.Background(), c.tables(decoded)...); err != nil {
			t.Fatalf("%s: %v", c.query, err)
		}
		if !bytes.Equal(r.bound, want) {
			t.Errorf("%s: bound\n%x, recorded\n%x", c.query, r.bound, want)
		}
	}
}

// again is a table as it was decoded, value by value.
func again(t bind2.Table) driver.BindTable {
	table := driver.BindTable{Name: t.Name}
	for _, c := range t.Tags {
		table.Tags = append(table.Tags, c.Value(0, block.Milli))
	}
	for _, c := range t.Columns {
		values := make([]any, c.Rows())
		for i := range values {
			values[i] = c.Value(i, block.Milli)
		}
		table.Columns = append(table.Columns, driver.ColumnOf(values))
	}
	return table
}
