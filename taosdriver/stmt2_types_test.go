package taosdriver_test

import (
	"bytes"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// TestBindEveryType by each Go type that goes with it, NULL included, in an
// INSERT that leaves nothing out and by an appender; what is read back is what was
// bound. Decimals are exact on servers that would store their text as it is.
func TestBindEveryType(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	point, err := hex.DecodeString("0101000000000000000000f03f0000000000000040")
	if err != nil {
		t.Fatal(err)
	}
	at := moment(1)
	for i, c := range []struct {
		declared string
		column   driver.Column // two values, the second may be NULL
		want     []string
	}{
		{"bool", driver.ColumnOf([]bool{true, false}), []string{"true", "false"}},
		{"tinyint", driver.ColumnOf([]int8{-128, 127}), []string{"-128", "127"}},
		{"smallint", driver.ColumnOf([]int16{-32768, 32767}), []string{"-32768", "32767"}},
		{"int", driver.ColumnOf([]int32{math.MinInt32, math.MaxInt32}), []string{"-2147483648", "2147483647"}},
		{"bigint", driver.ColumnOf([]int64{math.MinInt64, math.MaxInt64}), []string{"-9223372036854775808", "9223372036854775807"}},
		{"bigint", driver.ColumnOf([]int{1, -1}), []string{"1", "-1"}},
		{"tinyint unsigned", driver.ColumnOf([]uint8{0, 255}), []string{"0", "255"}},
		{"smallint unsigned", driver.ColumnOf([]uint16{0, 65535}), []string{"0", "65535"}},
		{"int unsigned", driver.ColumnOf([]uint32{0, math.MaxUint32}), []string{"0", "4294967295"}},
		{"bigint unsigned", driver.ColumnOf([]uint64{0, math.MaxUint64}), []string{"0", "18446744073709551615"}},
		{"bigint unsigned", driver.ColumnOf([]uint{7, 8}), []string{"7", "8"}},
		{"int", driver.ColumnOf([]uint64{7, 8}), []string{"7", "8"}},
		{"int", driver.ColumnOf([]float64{7, 8}), []string{"7", "8"}},
		{"int", driver.ColumnOf([]string{"7", "-8"}), []string{"7", "-8"}},
		{"float", driver.ColumnOf([]float32{1.5, math.MaxFloat32}), []string{"1.5", "3.4028235e+38"}},
		{"double", driver.ColumnOf([]float64{math.MaxFloat64, -0.1}), []string{"1.7976931348623157e+308", "-0.1"}},
		{"double", driver.ColumnOf([]int64{1 << 53, 3}), []string{"9.007199254740992e+15", "3"}},
		{"float", driver.ColumnOf([]int32{1 << 24, 3}), []string{"1.6777216e+07", "3"}},
		{"varchar(20)", driver.ColumnOf([]string{"a'b\\", ""}), []string{`a'b\`, ""}},
		{"varchar(20)", driver.ColumnOf([][]byte{[]byte("bytes"), nil}), []string{"bytes", "NULL"}},
		{"varchar(40)", driver.ColumnOf([]any{at, 5}), []string{at.Format(time.RFC3339Nano), "5"}},
		{"nchar(10)", driver.ColumnOf([]string{"中文😀", "é"}), []string{"中文😀", "é"}},
		{"nchar(10)", driver.NullColumnOf([]sql.Null[string]{{V: "x", Valid: true}, {}}), []string{"x", "NULL"}},
		{"varbinary(20)", driver.ColumnOf([][]byte{{0, 1, 0xff}, {}}), []string{"\x00\x01\xff", ""}},
		{"geometry(100)", driver.ColumnOf([][]byte{point, nil}), []string{string(point), "NULL"}},
		{"decimal(10,4)", driver.ColumnOf([]string{"123.4567", "-0.0001"}), []string{"123.4567", "-0.0001"}},
		{"decimal(10,4)", driver.ColumnOf([]float64{0.1, -2.5}), []string{"0.1000", "-2.5000"}},
		{"decimal(10,4)", driver.ColumnOf([]int{12, -3}), []string{"12.0000", "-3.0000"}},
		{"decimal(30,8)", driver.ColumnOf([]any{"12345678901234567890.12345678", nil}), []string{"12345678901234567890.12345678", "NULL"}},
		{"timestamp", driver.ColumnOf([]time.Time{at, moment(2)}), []string{at.Format(time.RFC3339Nano), moment(2).Format(time.RFC3339Nano)}},
		{"timestamp", driver.PointerColumnOf([]*time.Time{&at, nil}), []string{at.Format(time.RFC3339Nano), "NULL"}},
		{"timestamp", driver.ColumnOf([]int64{at.UnixMicro(), 0}), []string{at.Format(time.RFC3339Nano), "1970-01-01T00:00:00Z"}},
		{"timestamp", driver.ColumnOf([]string{at.Format(time.RFC3339Nano), "1970-01-01T00:00:00.000001Z"}), []string{at.Format(time.RFC3339Nano), "1970-01-01T00:00:00.000001Z"}},
		{"blob", driver.ColumnOf([][]byte{bytes.Repeat([]byte{7}, 1000), nil}), []string{strings.Repeat("\x07", 1000), "NULL"}},
		{"int", driver.PointerColumnOf([]*int32{new(int32), nil}), []string{"0", "NULL"}},
		{"int", driver.ColumnOf([]*int16{new(int16), nil}), []string{"0", "NULL"}},
		{"int", driver.ColumnOf([]sql.Null[int8]{{V: 3, Valid: true}, {}}), []string{"3", "NULL"}},
		{"double", driver.ColumnOf([]any{float32(0.5), json.Number("2")}), []string{"0.5", "2"}},
		{"bool", driver.NullColumnOf([]sql.Null[bool]{{V: true, Valid: true}, {}}), []string{"true", "NULL"}},
	} {
		table := fmt.Sprint("every", i)
		exec(t, db, fmt.Sprintf("create table %s (ts timestamp, c %s)", table, c.declared))
		times := func(from int) driver.Column { return driver.ColumnOf([]time.Time{moment(from), moment(from + 1)}) }
		conn := reserve(t, db)
		with(t, conn, func(p driver.Stmt2Preparer) {
			st := prepare2(t, p, "insert into "+table+" values (?, ?)")
			defer st.Close()
			if err := st.Bind(background, driver.BindTable{Columns: []driver.Column{times(0), c.column}}); err != nil {
				t.Fatalf("%s from %T: %v", c.declared, c.column.Values, err)
			}
			if n, err := st.Exec(background); n != 2 || err != nil {
				t.Fatalf("%s from %T: %d, %v", c.declared, c.column.Values, n, err)
			}
		})
		with(t, conn, func(o driver.AppenderOpener) {
			a := appendTo(t, o, driver.AppendOptions{Table: table})
			if err := errors.Join(a.AppendColumns(background, times(10), c.column), a.Close(background)); err != nil {
				t.Fatalf("%s from %T: %v", c.declared, c.column.Values, err)
			}
		})
		same(t, texts(t, db, "select c from "+table+" order by ts"), append(c.want, c.want...)...)
		conn.Close()
	}
	clean(t, srv)
}

// TestBindTagsOfEveryType, which make the tables.
func TestBindTagsOfEveryType(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	exec(t, db, "create stable tagged (ts timestamp, v int) tags (b bool, i int, u bigint unsigned, d double, s varchar(10), n nchar(10), vb varbinary(10), t timestamp)")
	exec(t, db, "create stable js (ts timestamp, v int) tags (j json)")
	row := []driver.Column{driver.ColumnOf([]time.Time{moment(1)}), driver.ColumnOf([]int{1})}
	conn := reserve(t, db)
	with(t, conn, func(p driver.Stmt2Preparer) {
		st := prepare2(t, p, "insert into ? using tagged tags (?, ?, ?, ?, ?, ?, ?, ?) values (?, ?)")
		defer st.Close()
		if err := st.Bind(background,
			driver.BindTable{Name: "x", Tags: []any{true, -1, uint64(math.MaxUint64), 0.5, "s", "é", []byte{1}, moment(3)}, Columns: row},
			driver.BindTable{Name: "y", Tags: make([]any, 8), Columns: row},
		); err != nil {
			t.Fatal(err)
		}
		if n, err := st.Exec(background); n != 2 || err != nil {
			t.Error(n, err)
		}
		j := prepare2(t, p, "insert into ? using js tags (?) values (?, ?)")
		defer j.Close()
		isError(t, j.Bind(background, driver.BindTable{Name: "j0", Tags: []any{nil}, Columns: row}), driver.ErrData, "the text null")
		if err := j.Bind(background, driver.BindTable{Name: "j1", Tags: []any{`{"a":1}`}, Columns: row}); err != nil {
			t.Fatal(err)
		}
		if n, err := j.Exec(background); n != 1 || err != nil {
			t.Error(n, err)
		}
	})
	same(t, texts(t, db, "select b, i, u, d, s, n, vb, t from tagged order by tbname"),
		"true -1 18446744073709551615 0.5 s é \x01 "+moment(3).Format(time.RFC3339Nano), "NULL NULL NULL NULL NULL NULL NULL NULL")
	same(t, texts(t, db, "select j->'a' from js"), "1.000000000")
	clean(t, srv)
}

// TestDecimalsOnServersThatReadText are bound as text there, and come out the same.
func TestDecimalsOnServersThatReadText(t *testing.T) {
	srv := serve(t, taostest.WithVersion("3.4.0.0"))
	db := open(t, srv, "power", nil)
	exec(t, db, "create table d2 (ts timestamp, a decimal(10,4), b decimal(30,8))")
	with(t, reserve(t, db), func(p driver.Stmt2Preparer) {
		st := prepare2(t, p, "insert into d2 values (?, ?, ?)")
		defer st.Close()
		if err := st.Bind(background, driver.BindTable{Columns: []driver.Column{
			driver.ColumnOf([]time.Time{moment(1), moment(2)}), driver.ColumnOf([]float64{0.25, -3}), driver.ColumnOf([]any{"1.5", nil}),
		}}); err != nil {
			t.Fatal(err)
		}
		if n, err := st.Exec(background); n != 2 || err != nil {
			t.Error(n, err)
		}
	})
	same(t, texts(t, db, "select a, b from d2 order by ts"), "0.2500 1.50000000", "-3.0000 NULL")
	clean(t, srv)
}
