package conformance_test

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/conformance"
	"github.com/gaugesql/gaugesql/dwsdriver"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest"
)

const dwsPassword = "S3cr3t@of-dws"

// dwsEmbedded is dwsdriver against dwstest and its own store.
func dwsEmbedded(t testing.TB) conformance.Target {
	t.Helper()
	target := dwsGateway(t)
	target.Server = "dwstest"
	return target
}

// dwsGateway is dwsdriver against dwstest, in front of its store or of what the
// options name.
func dwsGateway(t testing.TB, options ...dwstest.Option) conformance.Target {
	t.Helper()
	options = append(options, dwstest.WithUser("dbadmin", dwsPassword), dwstest.WithLoginAttempts(0))
	server := dwstest.NewServer(options...)
	t.Cleanup(server.Close)
	secure := dwstest.NewServer(append(options, dwstest.WithTLSOnly())...)
	t.Cleanup(secure.Close)
	target := dwsTarget(t, server.DSN(""))
	target.DSNs.Untrusted = secure.DSN("") + "?sslmode=verify-full"
	target.LargeRows, target.ServerMemory = embeddedRows, serverMemory
	target.Faults = dwsFaults(server)
	return target
}

// dwsTarget is dwsdriver against the server of a DSN, in whose database the checks
// make tables.
func dwsTarget(t testing.TB, dsn string) conformance.Target {
	t.Helper()
	config, err := dwsdriver.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*dwsdriver.Config)) string {
		c := config.Clone()
		change(c)
		return c.FormatDSN()
	}
	at := config.Password + "@"
	return conformance.Target{
		Name: "dws", DriverName: "dws", DSN: config.FormatDSN(), Engine: "dws",
		Open: func(dsn string) (sqldriver.Connector, error) {
			c, err := dwsdriver.ParseDSN(dsn)
			if err != nil {
				return nil, err
			}
			return dwsdriver.NewConnector(c)
		},
		DSNs: conformance.DSNs{
			WrongPassword:    with(func(c *dwsdriver.Config) { c.Password = "wr0ng" }),
			UnknownDatabase:  with(func(c *dwsdriver.Config) { c.Database = "no_such_database" }),
			UnknownParameter: with(func(c *dwsdriver.Config) { c.SSLMode = dwsdriver.SSLDisable }) + "&time_zone=UTC", UnknownParameterName: "time_zone",
			Malformed: []string{
				"dws://dbadmin:" + at + "h:99999/db", "dws://dbadmin:" + at + "[::1/db", "dws://dbadmin:" + at + "h/db?connect_timeout=soon",
				"dws+ws://dbadmin:" + at + "h/db", "dws://dbadmin:" + at + "h/db?sslmode=perhaps", "dws://dbadmin:" + at + "h;weight=0/db",
				"host=h port=x user=dbadmin password=" + config.Password,
			},
			At: func(addr string) string {
				return with(func(c *dwsdriver.Config) { c.Hosts = []dwsdriver.Host{{Addr: addr}} })
			},
			In:     func(loc *time.Location) string { return with(func(c *dwsdriver.Config) { c.Location = loc }) },
			Secret: config.Password,
		},
		Declared: []conformance.Capability{conformance.Transactions, conformance.RowsAffected, conformance.ErrorKinds,
			conformance.RequestIDs, conformance.Streaming, conformance.BytesAsText},
		Extensions: []string{"AppenderOpener", "Copier", "RequestExecer", "RequestQueryer", "ServerInformer", "TwoPhase"},
		Dialect:    dwsDialect(),
	}
}

func dwsDialect() conformance.Dialect {
	return conformance.Dialect{
		Key: conformance.Key{
			Type: "BIGINT", Value: func(n int) any { return int64(n) }, Literal: func(n int) string { return fmt.Sprint(n) },
		},
		Quote:       func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` },
		Placeholder: func(n int) string { return fmt.Sprintf("$%d", n) },
		Delete:      func(table, key string) string { return "DELETE FROM " + table + " WHERE k = " + key },
		Comments:    []string{"/* $1 ? */", "-- it's $2\n", "/* a /* nested ' */ comment */"},
		LongText:    1 << 20, LongTextDDL: "TEXT", CreateAgain: true, FoldsNames: true,
		Slow: func(d time.Duration) string { return fmt.Sprintf("SELECT pg_sleep(%.3f)", d.Seconds()) },
		Large: func(n int, marker string) string {
			return fmt.Sprintf("SELECT g - 1 AS n, repeat('x', 200) AS t FROM generate_series(1, %d) AS g /* %s */", n, marker)
		},
		Sessions: []conformance.Session{
			{Name: "time zone", Change: "SET timezone = 'Asia/Kathmandu'", Probe: "SELECT current_setting('timezone')"},
			{Name: "search path", Change: "SET search_path = pg_catalog", Probe: "SHOW search_path"},
			{Name: "statement timeout", Change: "SET statement_timeout = 54321", Probe: "SHOW statement_timeout"},
		},
		Types: dwsTypes(),
	}
}

func dwsTypes() []conformance.Type {
	number := func(ddl, name string, scan reflect.Type, low, high int64, refuses ...any) conformance.Type {
		return conformance.Type{
			DDL: ddl, DatabaseType: name, Sort: conformance.Other, Scan: scan, Refuses: refuses,
			Samples: []conformance.Sample{{Literal: fmt.Sprint(low), Value: low}, {Literal: fmt.Sprint(high), Value: high}},
		}
	}
	text := func(ddl, name string, length int64, literal, want string, refuses ...any) conformance.Type {
		return conformance.Type{
			DDL: ddl, DatabaseType: name, Sort: conformance.Other, Scan: reflect.TypeFor[string](), Length: length, Refuses: refuses,
			Samples: []conformance.Sample{{Literal: literal, Value: want}},
		}
	}
	bigint := number("BIGINT", "INT8", reflect.TypeFor[int64](), math.MinInt64+1, math.MaxInt64, uint64(math.MaxUint64), "text", 0.5)
	bigint.Sort = conformance.Integer
	instant := time.Date(2024, 5, 6, 7, 8, 9, 123456000, time.UTC)
	return []conformance.Type{
		bigint,
		{
			DDL: "TEXT", Sort: conformance.Text, DatabaseType: "TEXT", Scan: reflect.TypeFor[string](), Length: math.MaxInt64,
			Samples: []conformance.Sample{{Literal: "''", Value: ""}, {Literal: `'it''s \ 日本'`, Value: `it's \ 日本`}},
			Refuses: []any{"a\x00b"},
		},
		{
			DDL: "DOUBLE PRECISION", Sort: conformance.Double, DatabaseType: "FLOAT8", Scan: reflect.TypeFor[float64](),
			Samples: []conformance.Sample{{Literal: "0.1", Value: 0.1}, {Value: -math.MaxFloat64}}, Refuses: []any{"x"},
		},
		{
			DDL: "REAL", Sort: conformance.Float, DatabaseType: "FLOAT4", Scan: reflect.TypeFor[float32](),
			Samples: []conformance.Sample{{Literal: "0.5", Value: float32(0.5)}, {Value: float32(0.1)}}, Refuses: []any{1e300},
		},
		{
			DDL: "BOOLEAN", Sort: conformance.Bool, DatabaseType: "BOOL", Scan: reflect.TypeFor[bool](),
			Samples: []conformance.Sample{{Literal: "true", Value: true}, {Literal: "false", Value: false}}, Refuses: []any{"maybe"},
		},
		{
			DDL: "TIMESTAMPTZ", Sort: conformance.Time, DatabaseType: "TIMESTAMPTZ", Scan: reflect.TypeFor[time.Time](), TimePrecision: time.Microsecond, Precision: 6,
			Samples: []conformance.Sample{{Literal: "'2024-05-06 07:08:09.123456+00'", Value: instant}}, Refuses: []any{"soon"},
		},
		{
			DDL: "BYTEA", Sort: conformance.Bytes, DatabaseType: "BYTEA", Scan: reflect.TypeFor[[]byte](), Length: math.MaxInt64,
			Samples: []conformance.Sample{{Literal: `'\x00ff'`, Value: []byte{0, 255}}},
		},
		{
			DDL: "NUMERIC(30, 10)", Sort: conformance.Decimal, DatabaseType: "NUMERIC", Scan: reflect.TypeFor[string](), Precision: 30, Scale: 10,
			Samples: []conformance.Sample{{Literal: "12345678901234567890.0123456789", Value: "12345678901234567890.0123456789"}},
			Refuses: []any{"123456789012345678901", "x"},
		},
		{
			DDL: "JSONB", Sort: conformance.JSON, DatabaseType: "JSONB", Scan: reflect.TypeFor[json.RawMessage](), Length: math.MaxInt64,
			Samples: []conformance.Sample{{Literal: `'{"b": null, "a": ["x", 1.50]}'`, Want: []byte(`{"a": ["x", 1.50], "b": null}`)}},
			Refuses: []any{"{"},
		},
		number("INTEGER", "INT4", reflect.TypeFor[int32](), math.MinInt32, math.MaxInt32, int64(math.MaxInt32)+1),
		number("SMALLINT", "INT2", reflect.TypeFor[int16](), math.MinInt16, math.MaxInt16, 32768),
		text("VARCHAR(20)", "VARCHAR", 20, "'it''s 日本'", "it's 日本", strings.Repeat("x", 21)),
		text("CHAR(5)", "BPCHAR", 5, "'abc  '", "abc  "),
		text("UUID", "UUID", 0, "'123e4567-e89b-12d3-a456-426614174000'", "123e4567-e89b-12d3-a456-426614174000", "x"),
		{
			DDL: "TIME", Sort: conformance.Other, DatabaseType: "TIME", Scan: reflect.TypeFor[string](), Precision: 6,
			Samples: []conformance.Sample{{Literal: "'07:08:09.5'", Value: "07:08:09.5"}},
		},
		text("INTERVAL", "INTERVAL", 0, "'3 days'", "3 days"),
		{
			DDL: "NUMERIC", Sort: conformance.Other, DatabaseType: "NUMERIC", Scan: reflect.TypeFor[string](),
			Samples: []conformance.Sample{{Literal: "-0.000100", Value: "-0.000100"}},
		},
		{
			DDL: "DATE", Sort: conformance.Other, DatabaseType: "DATE", Scan: reflect.TypeFor[time.Time](),
			Samples: []conformance.Sample{{Literal: "'2024-02-29'", Value: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)}},
		},
		{
			DDL: "TIMESTAMP", Sort: conformance.Other, DatabaseType: "TIMESTAMP", Scan: reflect.TypeFor[time.Time](), TimePrecision: time.Microsecond, Precision: 6,
			Samples: []conformance.Sample{{Literal: "'2024-05-06 07:08:09.123456'", Value: instant}},
		},
		{
			DDL: "JSON", Sort: conformance.Other, DatabaseType: "JSON", Scan: reflect.TypeFor[json.RawMessage](), Length: math.MaxInt64,
			Samples: []conformance.Sample{{Literal: `'{"a":1}'`, Want: []byte(`{"a":1}`)}},
		},
	}
}

// dwsFaults are the faults of dwstest in the suite's terms.
func dwsFaults(server *dwstest.Server) conformance.Faults {
	once := func(action, marker string, fault dwstest.Fault) {
		server.Fault(dwstest.On{Action: action, SQL: marker, Times: 1}, fault)
	}
	run := func(marker string, fault dwstest.Fault) { once("query", marker, fault) }
	return conformance.Faults{
		Executed: server.Executed,
		Running: func(marker string) int {
			n := 0
			for _, s := range server.Statements() {
				if s.Took == 0 && strings.Contains(s.SQL, marker) {
					n++
				}
			}
			return n
		},
		DropBefore:  func(marker string) { run(marker, dwstest.DropBefore) },
		DropAfter:   func(marker string) { run(marker, dwstest.DropAfter) },
		LoseReply:   func(marker string) { run(marker, dwstest.LoseReply) },
		Delay:       func(marker string, d time.Duration) { once("", marker, dwstest.DelayReply(d)) },
		CutRows:     func(marker string) { run(marker, dwstest.HalfReply) },
		StallRows:   func(marker string) { run(marker, dwstest.StallReply) },
		RefuseLogin: func(times int) { server.Fault(dwstest.On{Times: times}, dwstest.RefuseLogin("28P01")) },
		Logins:      server.Logins,
		Restart:     server.Restart,
		Stop:        func() error { server.Stop(); return nil },
		Start:       server.Resume,
		Connections: server.Connections,
	}
}

// TestDWSOnPostgreSQL runs against a real PostgreSQL, that of CONFORMANCE_POSTGRES,
// behind dwstest's login and refusals. conformance/servers/postgres starts one.
func TestDWSOnPostgreSQL(t *testing.T) {
	const variable = "CONFORMANCE_POSTGRES"
	dsn := os.Getenv(variable)
	if dsn == "" {
		conformance.SkipUnset(t, variable)
	}
	target := dwsGateway(t, dwstest.WithPostgres(dsn))
	target.Name, target.Server = "dws/postgres", "dwstest in front of "+postgresVersion(t, dsn)
	conformance.Run(t, target)
}

func postgresVersion(t *testing.T, dsn string) string {
	t.Helper()
	db, err := sql.Open("dws", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var version string
	if err := db.QueryRowContext(context.Background(), "SHOW server_version").Scan(&version); err != nil {
		t.Fatal(err)
	}
	number, _, _ := strings.Cut(version, " ")
	return "PostgreSQL " + number
}

// TestRealDWS runs against the server of CONFORMANCE_DWS_DSN, in whose database it
// makes tables and drops them.
func TestRealDWS(t *testing.T) {
	const variable = "CONFORMANCE_DWS_DSN"
	dsn := os.Getenv(variable)
	if dsn == "" {
		conformance.SkipUnset(t, variable)
	}
	target := dwsTarget(t, dsn)
	target.Server = "the server of " + variable
	conformance.Run(t, target)
}
