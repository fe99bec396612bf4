package taosdriver_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// everyType has a column of each type that a table takes.
const everyType = `create table alltypes (ts timestamp, b bool, i8 tinyint, i16 smallint, i32 int, i64 bigint,
	u8 tinyint unsigned, u16 smallint unsigned, u32 int unsigned, u64 bigint unsigned, f float, d double,
	v varchar(40), n nchar(40), vb varbinary(40), d64 decimal(10,4), d128 decimal(30,8), bl blob)`

// row is a row of it, as it is written and as it is read back.
func everyRow(at time.Time) []any {
	return []any{
		at, true, int64(-128), int64(math.MinInt16), int64(math.MinInt32), int64(math.MinInt64),
		int64(255), int64(math.MaxUint16), int64(math.MaxUint32), uint64(math.MaxUint64), float32(0.1), math.SmallestNonzeroFloat64,
		`it's "?" \ ` + "\n\t", "é😀'", []byte{0, 1, 255}, "-123456.7891", "1234567890123456789012.12345678", []byte("blob"),
	}
}

func TestEveryTypeComesBack(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	exec(t, db, everyType)
	at := moment(0).Add(123456 * time.Microsecond)
	insert := "insert into alltypes values (?" + strings.Repeat(", ?", 17) + ")"
	columns := "ts, b, i8, i16, i32, i64, u8, u16, u32, u64, f, d, v, n, vb, bl"
	prepared, err := db.Prepare("insert into alltypes (" + columns + ") values (?" + strings.Repeat(", ?", 15) + ")")
	if err != nil {
		t.Fatal(err)
	}
	text, err := db.Prepare(insert) // left to the text because of its decimals
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(args []any) []any{
		"text": func(args []any) []any { exec(t, db, insert, args...); return args },
		"prepared as text": func(args []any) []any {
			if _, err := text.Exec(args...); err != nil {
				t.Fatal(err)
			}
			return args
		},
		"prepared": func(args []any) []any {
			bound := append(slices.Clone(args[:15]), args[17])
			if _, err := prepared.Exec(bound...); err != nil {
				t.Fatal(err)
			}
			args = slices.Clone(args)
			args[15], args[16] = nil, nil
			return args
		},
	} {
		t.Run(name, func(t *testing.T) {
			nulls := make([]any, 18)
			for _, row := range [][]any{everyRow(at), nulls} {
				at = at.Add(time.Microsecond)
				row[0] = at
				want := write(row)
				got := make([]any, len(want))
				into := make([]any, len(want))
				for i := range got {
					into[i] = &got[i]
				}
				if err := db.QueryRow("select * from alltypes where ts = ?", at).Scan(into...); err != nil {
					t.Fatal(err)
				}
				for i := range got {
					if !reflect.DeepEqual(got[i], want[i]) {
						t.Errorf("column %d: got %T %v, want %T %v", i, got[i], got[i], want[i], want[i])
					}
				}
			}
		})
	}
	prepared.Close()
	text.Close()
	clean(t, srv)
}

func TestColumnTypes(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	exec(t, db, everyType)
	rows, err := db.Query("select * from alltypes")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	type facts struct {
		name             string
		scan             reflect.Type
		length           int64
		precision, scale int64
	}
	want := []facts{
		{"TIMESTAMP", reflect.TypeFor[time.Time](), -1, 6, 0},
		{"BOOL", reflect.TypeFor[bool](), -1, -1, -1},
		{"TINYINT", reflect.TypeFor[int8](), -1, -1, -1},
		{"SMALLINT", reflect.TypeFor[int16](), -1, -1, -1},
		{"INT", reflect.TypeFor[int32](), -1, -1, -1},
		{"BIGINT", reflect.TypeFor[int64](), -1, -1, -1},
		{"TINYINT UNSIGNED", reflect.TypeFor[uint8](), -1, -1, -1},
		{"SMALLINT UNSIGNED", reflect.TypeFor[uint16](), -1, -1, -1},
		{"INT UNSIGNED", reflect.TypeFor[uint32](), -1, -1, -1},
		{"BIGINT UNSIGNED", reflect.TypeFor[uint64](), -1, -1, -1},
		{"FLOAT", reflect.TypeFor[float32](), -1, -1, -1},
		{"DOUBLE", reflect.TypeFor[float64](), -1, -1, -1},
		{"VARCHAR", reflect.TypeFor[string](), 40, -1, -1},
		{"NCHAR", reflect.TypeFor[string](), 40, -1, -1},
		{"VARBINARY", reflect.TypeFor[[]byte](), 40, -1, -1},
		{"DECIMAL", reflect.TypeFor[string](), -1, 10, 4},
		{"DECIMAL", reflect.TypeFor[string](), -1, 30, 8},
		{"BLOB", reflect.TypeFor[[]byte](), 4194304, -1, -1},
	}
	for i, ct := range types {
		got := facts{ct.DatabaseTypeName(), ct.ScanType(), -1, -1, -1}
		if n, ok := ct.Length(); ok {
			got.length = n
		}
		if p, s, ok := ct.DecimalSize(); ok {
			got.precision, got.scale = p, s
		}
		if got != want[i] {
			t.Errorf("%s: %+v, want %+v", ct.Name(), got, want[i])
		}
		if nullable, ok := ct.Nullable(); ok != (i > 0) || !nullable {
			t.Errorf("%s: nullable %v, %v", ct.Name(), nullable, ok)
		}
	}
}

func TestScanDestinations(t *testing.T) {
	db := open(t, serve(t), "power", nil)
	exec(t, db, "create stable m (ts timestamp, v int) tags (j json)")
	exec(t, db, `insert into c1 using m tags ('{"a":1}') values (?, null)`, moment(0))
	var ts sql.NullTime
	var v sql.Null[int32]
	var p *int
	var j json.RawMessage
	if err := db.QueryRow("select ts, v, v, j from m").Scan(&ts, &v, &p, &j); err != nil {
		t.Fatal(err)
	}
	if !ts.Time.Equal(moment(0)) || v.Valid || p != nil || string(j) != `{"a":1}` {
		t.Error(ts, v, p, string(j))
	}
}

func TestTimesAreInTheLocation(t *testing.T) {
	srv := serve(t)
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	at := moment(0).Add(987654 * time.Microsecond)
	exec(t, open(t, srv, "power", nil), "insert into d values (?, 1, 'a')", at)
	for _, c := range []struct {
		name string
		with func(*taosdriver.Config)
		want *time.Location
	}{
		{"UTC by default", nil, time.UTC},
		{"the session's", func(c *taosdriver.Config) { c.SessionTimezone = shanghai }, shanghai},
		{"its own", func(c *taosdriver.Config) { c.SessionTimezone, c.Location = shanghai, time.UTC }, time.UTC},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := one[time.Time](t, open(t, srv, "power", c.with), "select ts from d")
			if !got.Equal(at) || got.Location().String() != c.want.String() {
				t.Errorf("%v", got)
			}
		})
	}
}

func TestPlaceholders(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	for i, s := range []string{"", "a'b", `\`, `\'`, "'; drop table d; --", "?", "emoji 😀", "\n\t", "%_", `\x41`} {
		at := moment(i)
		exec(t, db, "insert into d /* ? */ values (?, ?, ?) -- ?", at, i, s)
		if got := one[string](t, db, "select s from d where ts = ? and v = ? and s = ? and 'it''s ?' <> s", at, i, s); got != s {
			t.Errorf("%q came back as %q", s, got)
		}
	}
	for _, c := range []struct {
		query string
		args  []any
		says  string
	}{
		{"select ?", nil, "got 0 arguments for 1 placeholder"},
		{"select ?, '?'", []any{1, 2}, "got 2 arguments for 1 placeholder"},
		{"select 1", []any{1}, "got 1 argument for 0 placeholders"},
		{"select ?", []any{math.NaN()}, "argument 1: NaN"},
		{"select ?", []any{"a\x00"}, "argument 1: byte 1 of the string is NUL"},
		{"select 1; drop table d", nil, "text after the semicolon"},
		{" ; select 1", nil, "empty"},
		{" -- nothing", nil, "empty"},
		{"select '" + strings.Repeat("a", 1<<20) + "'", nil, "longer than the 1048576"},
	} {
		before := len(srv.Statements())
		_, err := db.Exec(c.query, c.args...)
		if !strings.Contains(err.Error(), "argument 1: ") {
			isError(t, err, driver.ErrProgramming, c.says)
		} else {
			isError(t, err, driver.ErrData, c.says)
		}
		if strings.Count(err.Error(), "tdengine") != 1 {
			t.Errorf("the engine is named more than once: %v", err)
		}
		if n := len(srv.Statements()); n != before {
			t.Errorf("%.20s was sent", c.query)
		}
	}
	exec(t, db, "select 1 ; ; -- nothing more")
}

func TestPreparedStatements(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", func(c *taosdriver.Config) {})
	db.SetMaxOpenConns(1)
	insert, err := db.Prepare("insert into d values (?, ?, ?)")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		r, err := insert.Exec(moment(i), i, "s")
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := r.RowsAffected(); n != 1 {
			t.Errorf("%d rows", n)
		}
		if _, err := r.LastInsertId(); !errors.Is(err, driver.ErrNotSupported) {
			t.Error(err)
		}
	}
	if n := len(srv.Statements()); n == 0 {
		t.Fatal("nothing recorded")
	}
	_, err = insert.Exec(moment(5), int64(1)<<40, "s")
	isError(t, err, driver.ErrData, `argument 2, column "v" of type INT`)
	_, err = insert.Exec(moment(5), 1, strings.Repeat("a", 21))
	isError(t, err, driver.ErrData, `column "s"`)
	_, err = insert.Exec(nil, 1, "a")
	isError(t, err, driver.ErrIntegrity, "")
	if _, err := insert.Exec(moment(5), 1, nil); err != nil {
		t.Fatal(err)
	}
	insert.Close()

	query, err := db.Prepare("select count(*) from d where v >= ? and ts >= ?")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		v    any
		at   time.Time
		want int
	}{{0, moment(0), 4}, {1, moment(0), 3}, {2, moment(0), 1}, {0, moment(5), 1}} {
		var got int
		if err := query.QueryRow(c.v, c.at).Scan(&got); err != nil || got != c.want {
			t.Errorf("%+v: %d, %v", c, got, err)
		}
	}
	query.Close()

	other, err := db.Prepare("delete from d where ts = ?")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Exec(moment(5)); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Exec(); err == nil {
		t.Error("no error for a missing argument")
	}
	if n := one[int](t, db, "select count(*) from d"); n != 3 {
		t.Errorf("%d rows", n)
	}
	clean(t, srv)
}

func TestPreparedStatementErrors(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	_, err := db.Prepare("insert into nosuch values (?, ?)")
	if err == nil {
		t.Error("an unknown table gives no error")
	}
	_, err = db.Prepare("insert into d values (?); select 1")
	isError(t, err, driver.ErrProgramming, "semicolon")
	ctx, cancel := context.WithCancel(background)
	cancel()
	if _, err := db.PrepareContext(ctx, "insert into d values (?, ?, ?)"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	clean(t, srv)
}

func TestRowsThatEndEarly(t *testing.T) {
	srv := serve(t, taostest.WithBlockRows(10))
	db := open(t, srv, "power", nil)
	db.SetMaxOpenConns(1)
	insert, err := db.Prepare("insert into d values (?, ?, 's')")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		if _, err := insert.Exec(moment(i), i); err != nil {
			t.Fatal(err)
		}
	}
	insert.Close()
	query, err := db.Prepare("select v from d where v >= ?")
	if err != nil {
		t.Fatal(err)
	}
	defer query.Close()
	for read := range 25 {
		for _, next := range []func() (*sql.Rows, error){
			func() (*sql.Rows, error) { return db.Query("select v from d") },
			func() (*sql.Rows, error) { return query.Query(0) },
		} {
			rows, err := next()
			if err != nil {
				t.Fatal(err)
			}
			for i := range read {
				var v int
				if !rows.Next() || rows.Scan(&v) != nil || v != i {
					t.Fatalf("row %d: %d, %v", i, v, rows.Err())
				}
			}
			if err := rows.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	query.Close()
	if n := one[int](t, db, "select count(*) from d"); n != 100 {
		t.Errorf("%d rows", n)
	}
	clean(t, srv)
}

func TestTransactionsAreNotSupported(t *testing.T) {
	db := open(t, serve(t), "power", nil)
	_, err := db.Begin()
	if !errors.Is(err, driver.ErrNotSupported) || !strings.Contains(err.Error(), "tdengine over ws") {
		t.Error(err)
	}
}

func TestQueryOfAnUpdate(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	rows, err := db.Query("insert into d values (now, 1, 'a')")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if columns, err := rows.Columns(); len(columns) != 0 || err != nil || rows.Next() || rows.Err() != nil {
		t.Error(columns, err, rows.Err())
	}
	if n := exec(t, db, "select * from d"); n != 0 {
		t.Errorf("%d rows affected", n)
	}
	clean(t, srv)
}

// TestPrecisionWithoutATimestamp: REST tells it by the timestamps themselves, and
// says nothing of it rather than something wrong where there is none.
func TestPrecisionWithoutATimestamp(t *testing.T) {
	srv := serve(t)
	exec(t, open(t, srv, "power", nil), "insert into d values (?, 1, 'a')", moment(0))
	for _, c := range []struct {
		transport taosdriver.Transport
		where     string
		known     bool
	}{
		{taosdriver.WebSocket, "v = 2", true},
		{taosdriver.REST, "v = 2", false},
		{taosdriver.REST, "v = 1", true},
	} {
		db := open(t, srv, "power", func(cfg *taosdriver.Config) { cfg.Transport = c.transport })
		rows, err := db.Query("select ts from d where " + c.where)
		if err != nil {
			t.Fatal(err)
		}
		types, err := rows.ColumnTypes()
		rows.Close()
		if err != nil {
			t.Fatal(err)
		}
		if _, _, known := types[0].DecimalSize(); known != c.known {
			t.Errorf("%s, %s: known %v", c.transport, c.where, known)
		}
	}
}
