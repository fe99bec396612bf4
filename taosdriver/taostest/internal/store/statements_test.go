package store_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store"
)

func TestRowsAffected(t *testing.T) {
	s := newSession(t, newStore(t))
	for _, c := range []struct {
		sql  string
		want int64
	}{
		{"create database d", 0},
		{"use d", 0},
		{"create stable st (ts timestamp, v int) tags (g int)", 0},
		{"insert into a using st tags (1) values (now, 1)", 1},
		{"insert into a values (now, 1) (now, 2) b using st tags (2) values (now, 3)", 3},
		{"delete from a where ts > now", 0},
		{"delete from st", 2},
		{"select 1", 0},
	} {
		res, err := s.ExecContext(context.Background(), c.sql)
		if err != nil {
			t.Fatalf("%s: %v", c.sql, err)
		}
		if n, err := res.RowsAffected(); n != c.want || err != nil {
			t.Errorf("%s: %d rows affected, want %d, %v", c.sql, n, c.want, err)
		}
		if _, err := res.LastInsertId(); err == nil {
			t.Errorf("%s: a last insert id", c.sql)
		}
	}
}

func TestArguments(t *testing.T) {
	s := newSession(t, newStore(t))
	s.exec("create database d precision 'us'", "use d",
		"create table t (ts timestamp, b bool, i bigint, u bigint unsigned, f float, d double, s varchar(20), n nchar(20), vb varbinary(20), dec decimal(20, 5), t2 timestamp)")
	at := time.Date(2024, 1, 2, 3, 4, 5, 678901234, time.FixedZone("", 3600))
	row := []any{at, true, -1, uint64(1 << 63), float32(0.1), 0.1, "it's", "中文", []byte{0, 255}, "123.45", at.Add(time.Hour)}
	insert := "insert into t values (?" + strings.Repeat(", ?", len(row)-1) + ")"
	if _, err := s.ExecContext(context.Background(), insert, row...); err != nil {
		t.Fatal(err)
	}
	rows, err := s.all("select * from t")
	if err != nil {
		t.Fatal(err)
	}
	us := at.Truncate(time.Microsecond).UTC()
	want := [][]any{{us, true, int64(-1), uint64(1 << 63), float32(0.1), 0.1, "it's", "中文", []byte{0, 255}, "123.45000", us.Add(time.Hour)}}
	if !reflect.DeepEqual(rows, want) {
		t.Fatalf("got  %#v\nwant %#v", rows, want)
	}
	for _, q := range []struct {
		where string
		args  []any
	}{
		{"ts = ?", []any{at.Truncate(time.Microsecond)}},
		{"ts = ?", []any{us.Format(time.RFC3339Nano)}},
		{"ts between ? and ?", []any{at.Add(-time.Second), at.Add(time.Second)}},
		{"b = ?", []any{true}},
		{"i = ? and i < ?", []any{int8(-1), 5}},
		{"u = ?", []any{uint64(1 << 63)}},
		{"d = ?", []any{0.1}},
		{"s = ? and n like ?", []any{"it's", "中%"}},
		{"vb = ?", []any{[]byte{0, 255}}},
		{"dec = ?", []any{"123.45"}},
		{"s in (?, ?)", []any{"x", "it's"}},
		{"? = s", []any{"it's"}},
		{"true limit ? offset ?", []any{1, 0}},
		{"s != '?' and `s` != \"?\" -- ?\n and i = ?", []any{-1}},
	} {
		if rows, err := s.all("select 1 from t where "+q.where, q.args...); err != nil || len(rows) != 1 {
			t.Errorf("where %s: %d rows, %v", q.where, len(rows), err)
		}
	}
	if rows, err := s.all("select i from t where i = ?", nil); err != nil || len(rows) != 0 {
		t.Errorf("a NULL matched: %v, %v", rows, err)
	}
	if rows, err := s.all("select count(*) from t where i = ?", nil); err != nil || len(rows) != 0 {
		t.Errorf("the count of what is known to be nothing is a row: %v, %v", rows, err)
	}
	for _, args := range [][]any{nil, {1, 2}} {
		_, err := s.all("select 1 from t where i = ?", args...)
		if err == nil {
			t.Errorf("%d arguments for one parameter", len(args))
		}
	}
}

func TestATableNameIsAnArgument(t *testing.T) {
	s := newSession(t, newStore(t))
	s.exec("create database d", "use d", "create stable st (ts timestamp, v int) tags (g int)")
	st, err := s.PrepareContext(context.Background(), "insert into ? using st tags (?) values (now, ?)")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	for i, name := range []string{"a", "d.b", "`C`", "d.`D.x`"} {
		if _, err := st.Exec(name, i, 10*i); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	rows, err := s.all("select tbname, g, v from st order by g")
	if want := [][]any{{"a", int64(0), int64(0)}, {"b", int64(1), int64(10)}, {"C", int64(2), int64(20)}, {"D.x", int64(3), int64(30)}}; err != nil || !reflect.DeepEqual(rows, want) {
		t.Errorf("got %v, %v", rows, err)
	}
	for _, name := range []any{"", "a.b.c", "`x", "x.", nil, 5} {
		if _, err := st.Exec(name, 1, 1); err == nil {
			t.Errorf("table name %v accepted", name)
		}
	}
}

func TestUnsetLeavesTheStoredValue(t *testing.T) {
	s := newSession(t, newStore(t))
	s.exec("create database d", "use d", "create table t (ts timestamp, a int, b int)", "insert into t values (1700000000000, 1, 2)")
	var n int64
	if err := s.raw(func(c extended) (err error) {
		n, err = c.ExecMany(context.Background(), "insert into t values (?, ?, ?)", [][]any{
			{int64(1700000000000), store.Unset{}, 20}, {int64(1700000000001), 3, store.Unset{}}, {int64(1700000000002), nil, 5},
		})
		return err
	}); err != nil || n != 3 {
		t.Fatalf("%d rows, %v", n, err)
	}
	rows, err := s.all("select a, b from t")
	want := [][]any{{int64(1), int64(20)}, {int64(3), nil}, {nil, int64(5)}}
	if err != nil || !reflect.DeepEqual(rows, want) {
		t.Errorf("got %v, %v", rows, err)
	}
}

func TestManyRowsAreAllOrNone(t *testing.T) {
	s := newSession(t, newStore(t))
	s.exec("create database d", "use d", "create stable st (ts timestamp, v int) tags (g int)")
	err := s.raw(func(c extended) error {
		_, err := c.ExecMany(context.Background(), "insert into ? using st tags (1) values (?, ?)", [][]any{
			{"a", int64(1700000000000), 1}, {"b", int64(1700000000000), int64(1 << 40)},
		})
		return err
	})
	checkError(t, "the second row", err, 0x0216, "syntax error near '1099511627776' (int data overflow)")
	if rows, err := s.all("show tables"); err != nil || len(rows) != 0 {
		t.Errorf("tables left behind: %v, %v", rows, err)
	}
	err = s.raw(func(c extended) error {
		_, err := c.ExecMany(context.Background(), "insert into st (tbname, ts, v) values (?, ?, ?)", [][]any{{"a", store.Unset{}, 1}})
		return err
	})
	checkError(t, "no time", err, 0x267b, "Primary key column should not be null")
}

func TestWhatPrepareLooksAt(t *testing.T) {
	s := newSession(t, newStore(t))
	s.exec("create database d", "use d", "create table t (ts timestamp, v int)")
	for _, c := range []struct {
		sql, text string
		code      int
	}{
		{"select * from t", "", 0},
		{"select * from t where v = ?", "", 0},
		{"create table x (ts timestamp, v int)", "", 0},
		{"insert into t values (now, 1)", "", 0},
		{"selec", `syntax error near "selec"`, 0x2600},
		{"select * from nosuch", "Table does not exist", 0x2603},
		{"select nosuch from t", "Invalid column name: nosuch", 0x2602},
	} {
		st, err := s.PrepareContext(context.Background(), c.sql)
		if err == nil {
			st.Close()
		}
		if c.code == 0 && err != nil {
			t.Errorf("%s: %v", c.sql, err)
		} else if c.code != 0 {
			checkError(t, c.sql, err, c.code, c.text)
		}
	}
	if rows, err := s.all("show tables"); err != nil || len(rows) != 1 {
		t.Errorf("a prepared statement ran: %v, %v", rows, err)
	}
}

func TestStmtFieldsOfDecimals(t *testing.T) {
	s := newSession(t, newStore(t))
	s.exec("create database d", "use d", "create table t (ts timestamp, v decimal(20, 5))")
	if err := s.raw(func(c extended) error {
		_, f, err := c.StmtFields(context.Background(), "insert into t values (now, ?)")
		if err == nil && (len(f) != 1 || f[0].Precision != 0 || f[0].Digits != 20 || f[0].Decimals != 5) {
			err = fmt.Errorf("%+v", f)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		sql, text string
		code      int
	}{
		{"insert into ? values (?, ?)", "Stmt table name not set correctly", 0x022b},
		{"insert into t values (?, ?, ?)", "Illegal number of columns", 0x263f},
		{"insert into t (ts, nosuch) values (?, ?)", "Invalid column name: nosuch", 0x2602},
		{"delete from t where ts = ?", "stmt only support 'SELECT' or 'INSERT'", 0x2600},
		{"", "stmt only support 'SELECT' or 'INSERT'", 0x2600},
	} {
		err := s.raw(func(x extended) error { _, _, err := x.StmtFields(context.Background(), c.sql); return err })
		checkError(t, c.sql, err, c.code, c.text)
	}
}

func TestScanTypes(t *testing.T) {
	s := newSession(t, newStore(t))
	s.exec("create database d", "use d", `create stable st (ts timestamp, b bool, i8 tinyint, u64 bigint unsigned, f float, d double, v varchar(3), n nchar(3),
		vb varbinary(3), g geometry(100), dec decimal(10, 2), bl blob) tags (j json)`)
	rows, err := s.QueryContext(context.Background(), "select * from st")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range types {
		got = append(got, c.ScanType().String())
		if nullable, ok := c.Nullable(); !nullable || !ok {
			t.Errorf("%s is not nullable", c.Name())
		}
	}
	want := "time.Time bool int8 uint64 float32 float64 string string []uint8 []uint8 string []uint8 []uint8"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
}
