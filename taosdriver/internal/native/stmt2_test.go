//go:build (linux || darwin) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// placeholder is one of an INSERT as the stub wants it: see taos_stmt2_prepare there.
func placeholder(name string, role bind2.Role, t block.Type, bytes int32) columnField {
	f := columnField{typ: uint8(t), precision: uint8(role), bytes: bytes}
	copy(f.name[:], name)
	return f
}

const insertSQL = "insert into ? using st tags (?) values (?, ?)"

// insert answers insertSQL.
func (s *stub) insert() {
	s.describes(insertSQL, block.Nano,
		placeholder("tbname", bind2.TableNameRole, block.VarChar, 271),
		placeholder("g", bind2.TagRole, block.NChar, 42),
		placeholder("ts", bind2.ColumnRole, block.Timestamp, 8),
		placeholder("v", bind2.ColumnRole, block.VarChar, 22))
}

func column(t *testing.T, typ block.Type, values ...any) *bind2.Column {
	t.Helper()
	c := bind2.NewColumn(typ, block.Nano)
	for _, v := range values {
		if err := c.Append(v); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func TestBindingReachesTheLibrary(t *testing.T) {
	s := newStub(t)
	s.insert()
	c := s.connect()
	st, err := c.Stmt2(t.Context(), 100, insertSQL, transport.Stmt2Options{SingleSuperTable: true, Fields: true})
	if err != nil {
		t.Fatal(err)
	}
	want := []bind2.Param{
		{Name: "tbname", Role: bind2.TableNameRole, Type: block.VarChar, Bytes: 271},
		{Name: "g", Role: bind2.TagRole, Type: block.NChar, Bytes: 42},
		{Name: "ts", Role: bind2.ColumnRole, Type: block.Timestamp, Precision: block.Nano, Bytes: 8},
		{Name: "v", Role: bind2.ColumnRole, Type: block.VarChar, Bytes: 22},
	}
	if got := st.Params(); !reflect.DeepEqual(got, want) || !st.IsInsert() || st.Inputs() != 4 {
		t.Errorf("placeholders %+v", got)
	}
	none := column(t, block.VarChar, "x", nil)
	none.AppendNone()
	tables := []bind2.Table{
		{Name: "t1", Tags: []*bind2.Column{column(t, block.NChar, "é")}, Columns: []*bind2.Column{column(t, block.Timestamp, int64(1), int64(2), int64(3)), none}},
		{Name: "t2", Tags: []*bind2.Column{column(t, block.NChar, nil)}, Columns: []*bind2.Column{column(t, block.Timestamp, int64(256)), column(t, block.VarChar, nil)}},
	}
	for range 2 {
		if err := st.Bind(t.Context(), 101, tables); err != nil {
			t.Fatal(err)
		}
		if n, err := st.Exec(t.Context(), 102); err != nil || n != 4 {
			t.Fatalf("%d rows, %v", n, err)
		}
	}
	bound := "t1: 10[c3a9] | 9[0100000000000000,0200000000000000,0300000000000000] 8[78,null,none];" +
		"t2: 10[null] | 9[0001000000000000] 8[null];exec 100;"
	if got := s.log(logBind); got != "init 1 0;"+bound+bound {
		t.Errorf("the library got\n%s\nwant twice\n%s", got, bound)
	}
	if err := errors.Join(st.Close(), st.Close()); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	if err := st.Bind(t.Context(), 1, tables); !errors.Is(err, driver.ErrStatement) {
		t.Errorf("a closed statement: %v", err)
	}
	c.Close()
	s.eventually("the session is closed behind its statements", func() bool { return s.count(connections) == 0 })
}

func TestPrepareWithoutFields(t *testing.T) {
	s := newStub(t)
	s.insert()
	c := s.connect()
	st, err := c.Stmt2(t.Context(), 0, insertSQL, transport.Stmt2Options{})
	if err != nil {
		t.Fatal(err)
	}
	if st.Params() != nil || st.Inputs() != 0 {
		t.Errorf("%d placeholders %+v", st.Inputs(), st.Params())
	}
	st.Close()
}

func TestPrepareErrors(t *testing.T) {
	s := newStub(t)
	s.fails("insert bad", 0x8000022b, "table name not set")
	f := placeholder("v", bind2.ColumnRole, 99, 1)
	s.describes("insert type", block.Milli, f)
	f = placeholder("v", 9, block.Int, 4)
	s.describes("insert role", block.Milli, f)
	f = placeholder("ts", bind2.ColumnRole, block.Timestamp, 8)
	s.describes("insert precision", 7, f)
	c := s.connect()
	for sql, code := range map[string]int{"insert none": 0x2600, "insert bad": 0x22b, "insert type": 0, "insert role": 0, "insert precision": 0} {
		_, err := c.Stmt2(t.Context(), 1, sql, transport.Stmt2Options{Fields: true})
		kind := driver.ErrProgramming
		if code == 0 {
			kind = driver.ErrInternal
		}
		wantError(t, err, kind, code)
	}
	old := newStub(t, "-DWITHOUT_STMT2").connect()
	_, err := old.Stmt2(t.Context(), 1, insertSQL, transport.Stmt2Options{})
	wantError(t, err, driver.ErrInterface, 0, "taos_stmt2_init", "3.3.7.5", "taos+ws")
	if _, err := old.Prepare(t.Context(), 1, insertSQL); !errors.Is(err, transport.ErrText) {
		t.Errorf("prepared without stmt2: %v", err)
	}
}

func TestRefusedBindClosesTheStatement(t *testing.T) {
	s := newStub(t)
	s.insert()
	s.delay(0, 0, -0x7ffffe00) // 0x80000200: the stub refuses what is bound
	c := s.connect()
	st, err := c.Stmt2(t.Context(), 1, insertSQL, transport.Stmt2Options{Fields: true})
	if err != nil {
		t.Fatal(err)
	}
	table := bind2.Table{Name: "t", Tags: []*bind2.Column{column(t, block.NChar, "a")},
		Columns: []*bind2.Column{column(t, block.Timestamp, int64(1)), column(t, block.VarChar, "b")}}
	err = st.Bind(t.Context(), 9, []bind2.Table{table})
	wantError(t, err, driver.ErrProgramming, 0x200, "mis-match")
	if _, err := st.Exec(t.Context(), 1); !errors.Is(err, driver.ErrStatement) {
		t.Errorf("executed: %v", err)
	}
	s.eventually("the statement is closed", func() bool { return s.count(statements) == 0 })
}

// A statement of which the execution is killed would never return from it.
func TestExecutionThatGoesOnIsLeft(t *testing.T) {
	s := newStub(t)
	s.insert()
	s.delay(400, 0, 0) // longer than it takes to be steady
	told := false
	c := s.connect(func(o *transport.Settings) { o.Abandoned = func(transport.Abandoned) { told = true } })
	st, err := c.Stmt2(t.Context(), 500, insertSQL, transport.Stmt2Options{Fields: true})
	if err != nil {
		t.Fatal(err)
	}
	table := bind2.Table{Name: "t", Tags: []*bind2.Column{column(t, block.NChar, "a")},
		Columns: []*bind2.Column{column(t, block.Timestamp, int64(1)), column(t, block.VarChar, "b")}}
	if err := st.Bind(t.Context(), 1, []bind2.Table{table}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := contextWithTimeout(t, 10*time.Millisecond)
	defer cancel()
	if _, err = st.Exec(ctx, 2); !errors.Is(err, context.DeadlineExceeded) || c.Alive() {
		t.Errorf("got %v, alive %v", err, c.Alive())
	}
	st.Close()
	c.Close()
	s.eventually("the last closes what it used", func() bool { return s.count(statements) == 0 && s.count(connections) == 0 })
	if s.count(kills) != 0 || told {
		t.Error("somebody was asked to kill it")
	}
}

func TestPreparedForDatabaseSQL(t *testing.T) {
	s := newStub(t)
	const query, insert = "select v from t where v > ?", "insert into t values (?, ?)"
	s.returns(query, twoFields, block.Milli, [][]any{{nil, "a"}})
	s.describes(insert, block.Milli,
		placeholder("ts", bind2.ColumnRole, block.Timestamp, 8), placeholder("v", bind2.ColumnRole, block.Int, 4))
	c := s.connect()
	st, err := c.Prepare(t.Context(), 1, insert)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := st.Exec(t.Context(), 2, []sqldriver.Value{time.UnixMilli(5), int64(-1)}); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
	if got := s.log(logBind); !strings.Contains(got, "-: | 9[0500000000000000] 4[ffffffff];") {
		t.Errorf("the library got %s", got)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}

	st, err = c.Prepare(t.Context(), 3, query)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		r, err := st.Query(t.Context(), 4, []sqldriver.Value{"x"})
		if err != nil {
			t.Fatal(err)
		}
		if r.Fields[1].Bytes != 18 { // what is stored, without its length
			t.Errorf("fields %+v", r.Fields)
		}
		if _, err := st.Query(t.Context(), 5, []sqldriver.Value{"x"}); !errors.Is(err, transport.ErrText) {
			t.Errorf("beside an open result: %v", err)
		}
		if got := rowsOf(t, r); len(got) != 1 {
			t.Errorf("rows %q", got)
		}
	}
	// A result outlives its statement.
	r, err := st.Query(t.Context(), 6, []sqldriver.Value{"x"})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
	if got := rowsOf(t, r); len(got) != 1 {
		t.Errorf("rows %q", got)
	}
}

func TestWriteLines(t *testing.T) {
	s := newStub(t)
	c := s.connect()
	data := []byte("a x=1 1\nb x=2 2\n")
	result, err := c.WriteLines(t.Context(), 77, transport.Lines{
		Protocol: driver.SchemalessLine, Precision: driver.SchemalessMicroseconds, TTL: 30, TableNameKey: "name", Data: data, Count: 2,
	})
	if err != nil || result.TotalRows != 2 || result.AffectedRows != 2 {
		t.Errorf("%+v, %v", result, err)
	}
	if got, want := s.log(logLines), "1 5 30 77 name [a x=1 1\nb x=2 2\n];"; got != want {
		t.Errorf("the library got %q, want %q", got, want)
	}
	if string(data) != "a x=1 1\nb x=2 2\n" {
		t.Errorf("the library wrote to the caller's lines: %q", data)
	}
	_, err = c.WriteLines(t.Context(), 78, transport.Lines{Protocol: driver.SchemalessJSON, Data: []byte(" broken"), Count: 1})
	wantError(t, err, driver.ErrSchemaless, 0x3002, "broken", "request 0x4e")
	if got := s.log(logLines); !strings.HasPrefix(got, "3 0 0 78 NULL ") {
		t.Errorf("the library got %q", got)
	}
	old := newStub(t, "-DWITHOUT_SCHEMALESS").connect()
	_, err = old.WriteLines(t.Context(), 1, transport.Lines{Protocol: driver.SchemalessLine, Data: []byte("a"), Count: 1})
	wantError(t, err, driver.ErrInterface, 0, "tbname_key", "taos+ws")
}

// Pinned memory that nobody unpins is never collected.
func TestBindThatNeverReachesTheLibraryKeepsNoMemory(t *testing.T) {
	s := newStub(t)
	s.insert()
	c := s.connect()
	const binds, size = 16, 1 << 20
	tables := []bind2.Table{{Name: "t", Tags: []*bind2.Column{column(t, block.NChar, "a")},
		Columns: []*bind2.Column{column(t, block.Timestamp, int64(1)), column(t, block.VarChar, strings.Repeat("b", size))}}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for range binds {
		st, err := c.Stmt2(t.Context(), 1, insertSQL, transport.Stmt2Options{Fields: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Bind(ctx, 2, tables); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	if after := heap(); after > before+binds*size/2 {
		t.Errorf("%d bytes are kept of %d binds", after-before, binds)
	}
}
