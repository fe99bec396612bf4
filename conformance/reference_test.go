package conformance_test

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/conformance"
	"github.com/gaugesql/gaugesql/conformance/internal/reference"
)

// referenceTarget is a driver that keeps every rule, on a server of its own.
func referenceTarget(t testing.TB) conformance.Target {
	t.Helper()
	server, err := reference.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	dsn := func(password, database string) string { return reference.DSN(server.Addr(), password, database, nil) }
	arm := func(kind reference.Kind) func(string) {
		return func(marker string) { server.Arm(kind, marker, 0) }
	}
	return conformance.Target{
		Name: "reference", Server: "SQLite in this process", DriverName: "reference", DSN: server.DSN(), Engine: reference.Engine,
		DSNs: conformance.DSNs{
			WrongPassword: dsn("wr0ng-of-reference", "main"), UnknownDatabase: dsn(reference.Password, "nowhere"),
			UnknownParameter: server.DSN() + "?no_such_key=1", UnknownParameterName: "no_such_key",
			Malformed: []string{"", "reference://", "reference://u:" + reference.Password + "@h:x/main", "reference://u:" + reference.Password + "@h/"},
			At:        func(addr string) string { return reference.DSN(addr, reference.Password, "main", nil) },
			In:        func(loc *time.Location) string { return reference.DSN(server.Addr(), reference.Password, "main", loc) },
			Secret:    reference.Password,
		},
		Declared: []conformance.Capability{conformance.Transactions, conformance.LastInsertID, conformance.RowsAffected,
			conformance.ErrorKinds, conformance.RequestIDs, conformance.Streaming, conformance.BytesAsText},
		ServerMemory: serverMemory,
		Extensions:   []string{"RequestExecer", "RequestQueryer", "ServerInformer", "AppenderOpener"},
		Dialect:      referenceDialect(),
		Faults: conformance.Faults{
			Executed: server.Executed, RequestID: server.RequestID, Running: server.Running,
			OpenResults: server.OpenResults, Connections: server.Connections,
			DropBefore: arm(reference.DropBefore), DropAfter: arm(reference.DropAfter), LoseReply: arm(reference.LoseReply),
			CutRows: arm(reference.CutRows), StallRows: arm(reference.StallRows),
			Delay:       func(marker string, d time.Duration) { server.Arm(reference.Delay, marker, d) },
			RefuseLogin: server.RefuseLogin, Logins: server.Logins,
			Restart: server.Restart, Stop: server.Stop, Start: server.Resume,
		},
	}
}

func referenceDialect() conformance.Dialect {
	instant := time.Date(2024, 5, 6, 7, 8, 9, 123456789, time.UTC)
	return conformance.Dialect{
		Key: conformance.Key{
			Type: "BIGINT", Value: func(n int) any { return int64(n) }, Literal: func(n int) string { return fmt.Sprint(n) },
		},
		Create: func(table string, columns []conformance.Column) string {
			var b strings.Builder
			fmt.Fprintf(&b, "CREATE TABLE %s (k BIGINT", table)
			for _, c := range columns {
				fmt.Fprintf(&b, ", %s %s", c.Name, strings.ReplaceAll(c.Type, "$", c.Name))
			}
			return b.String() + ")"
		},
		Quote:    func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` },
		Delete:   func(table, key string) string { return "DELETE FROM " + table + " WHERE k = " + key },
		Comments: []string{"/* ? */", "-- it's ?\n", "/* ' */"},
		LongText: 100_000, LongTextDDL: "VARCHAR(100000)",
		CreateAgain: true,
		Slow:        func(d time.Duration) string { return fmt.Sprintf("SELECT SLEEP(%d)", d.Milliseconds()) },
		Large:       sqliteLarge,
		Sessions:    []conformance.Session{{Name: "database", Change: "USE other", Probe: "SELECT DATABASE()"}},
		Types: []conformance.Type{
			{
				DDL: "BIGINT CHECK (typeof($) IN ('integer', 'null'))", Sort: conformance.Integer,
				Samples: []conformance.Sample{
					{Literal: "0", Value: int64(0)},
					{Literal: "9223372036854775807", Value: int64(math.MaxInt64)},
					{Literal: "-9223372036854775808", Value: int64(math.MinInt64)},
				},
				Refuses: []any{uint64(math.MaxUint64), "text"}, DatabaseType: "BIGINT", Scan: reflect.TypeFor[int64](), Nullable: conformance.CanBeNull,
			},
			{
				DDL: "VARCHAR(200) CHECK (length($) <= 200)", Sort: conformance.Text,
				Samples:      []conformance.Sample{{Literal: "''", Value: ""}, {Literal: "'it''s 日本'", Value: "it's 日本"}},
				Refuses:      []any{strings.Repeat("x", 201)},
				DatabaseType: "VARCHAR", Scan: reflect.TypeFor[string](), Length: 200, Nullable: conformance.CanBeNull,
			},
			{
				DDL: "UNSIGNED_TEXT", Sort: conformance.Unsigned,
				Samples:      []conformance.Sample{{Literal: "0", Value: uint64(0)}, {Literal: "'18446744073709551615'", Value: uint64(math.MaxUint64)}},
				DatabaseType: "UNSIGNED", Scan: reflect.TypeFor[uint64](), Nullable: conformance.CanBeNull,
			},
			{
				DDL: "SMALLINT CHECK ($ BETWEEN -32768 AND 32767)", Sort: conformance.Other,
				Samples: []conformance.Sample{{Literal: "-32768", Value: int16(math.MinInt16)}, {Literal: "32767", Value: int16(math.MaxInt16)}},
				Refuses: []any{32768}, DatabaseType: "SMALLINT", Scan: reflect.TypeFor[int16](), Nullable: conformance.CanBeNull,
			},
			{
				DDL: "DOUBLE", Sort: conformance.Double,
				Samples:      []conformance.Sample{{Literal: "0.1", Value: 0.1}, {Literal: "-1.7976931348623157e308", Value: -math.MaxFloat64}},
				DatabaseType: "DOUBLE", Scan: reflect.TypeFor[float64](), Nullable: conformance.CanBeNull,
			},
			{
				DDL: "FLOAT", Sort: conformance.Float,
				Samples:      []conformance.Sample{{Literal: "0.5", Value: float32(0.5)}, {Value: float32(0.1)}},
				DatabaseType: "FLOAT", Scan: reflect.TypeFor[float32](), Nullable: conformance.CanBeNull,
			},
			{
				DDL: "BOOL", Sort: conformance.Bool,
				Samples:      []conformance.Sample{{Literal: "TRUE", Value: true}, {Literal: "FALSE", Value: false}},
				DatabaseType: "BOOL", Scan: reflect.TypeFor[bool](), Nullable: conformance.CanBeNull,
			},
			{
				DDL: "BLOB", Sort: conformance.Bytes,
				Samples:      []conformance.Sample{{Literal: "x'00ff'", Value: []byte{0, 255}}, {Literal: "x''", Value: []byte{}}},
				DatabaseType: "BLOB", Scan: reflect.TypeFor[[]byte](), Nullable: conformance.CanBeNull,
			},
			{
				DDL: "TIMESTAMP_NS", Sort: conformance.Time,
				Samples:      []conformance.Sample{{Literal: fmt.Sprint(instant.UnixNano()), Value: instant}, {Literal: "-1", Value: time.Unix(0, -1).UTC()}},
				DatabaseType: "TIMESTAMP", Scan: reflect.TypeFor[time.Time](), Precision: 9, Nullable: conformance.CanBeNull,
			},
			{
				DDL: "DECIMAL_TEXT(30, 10)", Sort: conformance.Decimal,
				Samples:      []conformance.Sample{{Literal: "'12345678901234567890.0123456789'", Value: "12345678901234567890.0123456789"}},
				DatabaseType: "DECIMAL", Scan: reflect.TypeFor[string](), Precision: 30, Scale: 10, Nullable: conformance.CanBeNull,
			},
			{
				DDL: "JSON_TEXT", Sort: conformance.JSON,
				Samples:      []conformance.Sample{{Literal: `'{"a": [1, null, "?"]}'`, Value: []byte(`{"a": [1, null, "?"]}`)}},
				DatabaseType: "JSON", Scan: reflect.TypeFor[[]byte](), Nullable: conformance.CanBeNull,
			},
		},
	}
}

// sqliteLarge counts in SQLite itself.
func sqliteLarge(n int, marker string) string {
	return fmt.Sprintf(`SELECT i, printf('%%0200d', i) /* %s */ FROM (WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < %d) SELECT i FROM c)`, marker, n)
}
