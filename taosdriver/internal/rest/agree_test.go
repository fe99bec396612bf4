package rest_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	_ "github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// open returns a pool that ends with the test.
func open(t *testing.T, srv *taostest.Server, protocol, parameters string) *sql.DB {
	t.Helper()
	db, err := sql.Open("taos", srv.DSN(protocol, "")+parameters)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// describe returns types and rows of a query as text that differs whenever a
// type, a value or its Go type does.
func describe(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, c := range types {
		length, hasLength := c.Length()
		precision, scale, hasPrecision := c.DecimalSize()
		nullable, known := c.Nullable()
		fmt.Fprintln(&b, c.Name(), c.DatabaseTypeName(), c.ScanType(), length, hasLength, precision, scale, hasPrecision, nullable, known)
	}
	for rows.Next() {
		values, dest := make([]any, len(types)), make([]any, len(types))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			if at, ok := v.(time.Time); ok {
				v = at.Format(time.RFC3339Nano) + at.Location().String()
			}
			fmt.Fprintf(&b, "%T %v|", v, v)
		}
		b.WriteByte('\n')
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHTTPAgreesWithWebSocket(t *testing.T) {
	srv := taostest.NewServer()
	defer srv.Close()
	const zone = "?timezone=Asia/Shanghai"
	ws, http := open(t, srv, "ws", zone), open(t, srv, "http", zone)

	for _, precision := range []string{"ms", "us", "ns"} {
		for i, statement := range []string{
			"create database p_%s precision '%[1]s' keep 36500",
			`create table p_%s.t (ts timestamp, b bool, i8 tinyint, i16 smallint, i32 int, i64 bigint,
				u8 tinyint unsigned, u16 smallint unsigned, u32 int unsigned, u64 bigint unsigned, f float, d double,
				vc varchar(40), nc nchar(20), vb varbinary(40), geo geometry(100), d64 decimal(10,4), d128 decimal(30,8), ts2 timestamp)`,
			`insert into p_%s.t values (1, true, -128, -32768, -2147483648, -9223372036854775808, 255, 65535, 4294967295,
				18446744073709551615, 0.1, 1e-300, 'q''"\\ 中文 é', '一二😀', '\x00ff', null, 123.4567, -12345678901234567890.12345678, -1)`,
			"insert into p_%s.t (ts) values (2)",
			"insert into p_%s.t values (1700000000123, false, 0,0,0,0,0,0,0,0,-3.5,0,'','','',null,0,0,4102444800000)",
		} {
			if _, err := []*sql.DB{ws, http}[i%2].Exec(fmt.Sprintf(statement, precision)); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
		for _, query := range []string{
			"select * from p_%s.t order by ts",
			"select count(*), sum(i32), avg(d), max(f) from p_%s.t",
			"select vc, d128 from p_%s.t where ts > 5000000000000000000",
			"describe p_%s.t",
			"select 1, 1.5, 'x', true, null",
		} {
			query = strings.ReplaceAll(query, "%s", precision)
			if a, b := describe(t, ws, query), describe(t, http, query); a != b {
				t.Errorf("%s\nover WebSocket:\n%s\nover HTTP:\n%s", query, a, b)
			}
		}
	}
}

func TestErrorsAgreeWithWebSocket(t *testing.T) {
	srv := taostest.NewServer()
	defer srv.Close()
	ws, http := open(t, srv, "ws", ""), open(t, srv, "http", "")
	for _, query := range []string{"selec 1", "select * from nowhere.t", "select * from t", "use nowhere", "select 1; select 2", "select ?"} {
		var a, b *driver.Error
		_, errA := ws.Exec(query)
		_, errB := http.Exec(query)
		if !errors.As(errA, &a) || !errors.As(errB, &b) {
			t.Errorf("%s: %v, %v", query, errA, errB)
			continue
		}
		if a.Code != b.Code || a.Kind != b.Kind || a.Message != b.Message || a.Engine != b.Engine || b.Transport != "http" {
			t.Errorf("%s\nover WebSocket: %v\nover HTTP: %v", query, errA, errB)
		}
	}
}
