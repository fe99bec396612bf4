package dwsdriver

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/script"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// answering is a pool of one connection to a server that answers statements, and
// refuses the driver's own question for its version.
func answering(t testing.TB, set func(*Config), answer func(text string) script.Answer) *sql.DB {
	t.Helper()
	srv := script.New(t, func(srv *script.Server) {
		srv.Session = script.Statements(func(text string) script.Answer {
			if strings.HasPrefix(text, "SELECT version()") {
				return script.Answer{Error: &wire.Fields{Severity: "ERROR", Code: "42883", Message: "no"}}
			}
			return answer(text)
		})
	})
	config := configOf(srv)
	if set != nil {
		set(config)
	}
	connector, err := NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// Booleans of all compatibility modes, and the types that PostgreSQL lacks.
func TestEveryTypeOfGaussDB(t *testing.T) {
	day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	types := []struct {
		typ      wire.OID
		modifier int32
		cell     string
		want     any
		name     string
		scan     reflect.Type
		length   int64
	}{
		{wire.Bool, -1, "t", true, "BOOL", reflect.TypeFor[bool](), 0},
		{wire.Bool, -1, "0", false, "BOOL", reflect.TypeFor[bool](), 0},
		{wire.TinyInt, -1, "255", int64(255), "TINYINT", reflect.TypeFor[uint8](), 0},
		{wire.NVarChar2, 14, "日本", "日本", "NVARCHAR2", reflect.TypeFor[string](), 10},
		{wire.SmallDatetime, -1, "2024-02-29 00:00:00", day, "SMALLDATETIME", reflect.TypeFor[time.Time](), 0},
		{wire.Timestamp, 0, "2024-02-29 00:00:00", day, "TIMESTAMP", reflect.TypeFor[time.Time](), 0}, // DATE in ORA mode
		{wire.Raw, -1, "00FF", []byte{0, 255}, "RAW", reflect.TypeFor[[]byte](), math.MaxInt64},
		{wire.Blob, -1, "DEADBEEF", []byte{0xde, 0xad, 0xbe, 0xef}, "BLOB", reflect.TypeFor[[]byte](), math.MaxInt64},
		{wire.Clob, -1, "long", "long", "CLOB", reflect.TypeFor[string](), math.MaxInt64},
		{wire.HLL, -1, `\x484c4c`, `\x484c4c`, "HLL", reflect.TypeFor[string](), 0},
		{wire.Numeric, 38<<16 | 10 + 4, "1234567890123456789012345678.0123456789", "1234567890123456789012345678.0123456789", "NUMERIC", reflect.TypeFor[string](), 0},
		{wire.Interval, -1, "1 year 2 mons", "1 year 2 mons", "INTERVAL", reflect.TypeFor[string](), 0},
		{1009, -1, `{a,NULL,"b c"}`, `{a,NULL,"b c"}`, "_TEXT", reflect.TypeFor[string](), 0},
		{wire.JSONB, -1, `{"a": 1}`, []byte(`{"a": 1}`), "JSONB", reflect.TypeFor[json.RawMessage](), math.MaxInt64},
		{99999, -1, "(1,2)", "(1,2)", "", reflect.TypeFor[string](), 0},
	}
	var a script.Answer
	var row [][]byte
	for _, c := range types {
		a.Columns = append(a.Columns, wire.Column{Name: "c", Type: c.typ, Modifier: c.modifier})
		row = append(row, []byte(c.cell))
	}
	a.Rows = [][][]byte{row, make([][]byte, len(types))}
	db := answering(t, nil, func(string) script.Answer { return a })
	rows, err := db.Query("SELECT * FROM t")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	list, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range types {
		length, ok := list[i].Length()
		if list[i].DatabaseTypeName() != c.name || list[i].ScanType() != c.scan || length != c.length || ok != (c.length != 0) {
			t.Errorf("%s: %q, %v, %d %v", c.name, list[i].DatabaseTypeName(), list[i].ScanType(), length, ok)
		}
		if _, known := list[i].Nullable(); known {
			t.Errorf("%s: an expression is known to be NULL or not", c.name)
		}
	}
	for n := 0; rows.Next(); n++ {
		values, dest := make([]any, len(types)), make([]any, len(types))
		for i := range dest {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		for i, c := range types {
			if n == 1 {
				c.want = nil
			}
			if !reflect.DeepEqual(values[i], c.want) {
				t.Errorf("%s: got %T %v, want %v", c.name, values[i], values[i], c.want)
			}
		}
	}
	if rows.Err() != nil {
		t.Error(rows.Err())
	}
}

func TestAValueThatCannotBeReadIsAResultError(t *testing.T) {
	db := answering(t, nil, func(string) script.Answer {
		return script.Answer{Columns: []wire.Column{{Name: "b", Type: wire.Bool}}, Rows: [][][]byte{{[]byte("yes")}}}
	})
	for range 2 {
		var b bool
		if err := db.QueryRow("SELECT b FROM t").Scan(&b); !errors.Is(err, driver.ErrResult) {
			t.Errorf("the error is %v", err)
		}
	}
	if n := db.Stats().OpenConnections; n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestRequestIDsAreWrittenIfAsked(t *testing.T) {
	var texts []string
	db := answering(t, func(c *Config) { c.RequestComments = true }, func(text string) script.Answer {
		texts = append(texts, text)
		return script.Answer{Tag: "INSERT 0 1"}
	})
	ctx := driver.WithRequestID(context.Background(), 0x2a)
	for _, args := range [][]any{nil, {1}} {
		text := "INSERT INTO t VALUES (1)"
		if args != nil {
			text = "INSERT INTO t VALUES (?)"
		}
		if _, err := db.ExecContext(ctx, text, args...); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec("INSERT INTO t VALUES (2)"); err != nil {
		t.Fatal(err)
	}
	seen := strings.Join(texts, "\n")
	for _, want := range []string{"/* request 0x2a */ INSERT INTO t VALUES (1)", "/* request 0x2a */ INSERT INTO t VALUES ($1)", "\nINSERT INTO t VALUES (2)"} {
		if !strings.Contains(seen, want) {
			t.Errorf("%q is not in %q", want, seen)
		}
	}
}

func TestVersionsAreTheKernels(t *testing.T) {
	for _, c := range []struct {
		version, number, want string
		gauss                 bool
	}{
		{"PostgreSQL 9.2.4 gsql ((GaussDB 8.2.1 build 39137c2d) compiled at 2022-09-23 commit 3629) on x86_64", "9.2.4", "8.2.1", true},
		{"PostgreSQL 9.2.4 (GaussDB 8.1.3 build 5) on aarch64", "9.2.4", "8.1.3", true},
		{"(openGauss 5.0.0 build a07d57c3) compiled at 2023-03-29", "9.2.4", "5.0.0", true},
		{"gaussdb (GaussDB Kernel V500R002C10 build 1) compiled", "9.2.4", "9.2.4", true},
		{"PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu", "15.18 (Debian)", "15.18 (Debian)", false},
		{"PostgreSQL 9.2.24 on x86_64", "9.2.24", "9.2.24", false},
		{"", "9.2.4", "9.2.4", true},
	} {
		s := server{version: c.version}
		if got := s.number(c.number); got != c.want || isGauss(c.version, c.number) != c.gauss {
			t.Errorf("%q: %q, %v", c.version, got, isGauss(c.version, c.number))
		}
	}
}
