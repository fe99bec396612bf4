package conformance_test

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/conformance"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

const (
	taosDatabase = "gaugesql_conformance"
	taosPassword = "s3cr3t-of-taos"
	loginRefused = 0x0357
)

// taosEmbedded is taosdriver over a protocol against taostest.
func taosEmbedded(t testing.TB, protocol string) conformance.Target {
	t.Helper()
	server := taostest.NewServer(taostest.WithUser("root", taosPassword), taostest.WithBlockRows(1000))
	t.Cleanup(func() {
		if crashes := server.Crashes(); len(crashes) > 0 {
			t.Errorf("the driver made the server's process end: %q", crashes)
		}
		server.Close()
	})
	secure := taostest.NewServer(taostest.WithUser("root", taosPassword), taostest.WithTLS(nil))
	t.Cleanup(secure.Close)

	target := taosTarget(t, server.DSN(protocol, "")+"?kill_grace=100ms")
	target.Name, target.Server = "taos/"+protocol, "taostest"
	target.DSNs.Untrusted = secure.DSN(protocol, "")
	target.Dialect.Slow = func(d time.Duration) string { return fmt.Sprintf("select taostest_sleep(%d)", d.Milliseconds()) }
	target.LargeRows, target.ServerMemory = embeddedRows, serverMemory
	target.Faults = taosFaults(server, protocol)
	return target
}

// taosTarget is taosdriver against the server of a DSN. The database in which
// the checks work is made here.
func taosTarget(t testing.TB, dsn string) conformance.Target {
	t.Helper()
	config, err := taosdriver.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*taosdriver.Config)) string {
		c := config.Clone()
		change(c)
		return c.FormatDSN()
	}
	config.Database = ""
	db, err := sql.Open("taos", config.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		"create database if not exists " + taosDatabase + " precision 'ns'",
		"create database if not exists " + taosDatabase + "_other",
	} {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	config.Database = taosDatabase
	target := conformance.Target{
		Name: "taos/" + string(config.Transport), DriverName: "taos", DSN: config.FormatDSN(), Engine: "tdengine",
		Open: func(dsn string) (sqldriver.Connector, error) {
			c, err := taosdriver.ParseDSN(dsn)
			if err != nil {
				return nil, err
			}
			return taosdriver.NewConnector(c)
		},
		DSNs: conformance.DSNs{
			WrongPassword:    with(func(c *taosdriver.Config) { c.Password = "wr0ng" }),
			UnknownDatabase:  with(func(c *taosdriver.Config) { c.Database = "no_such_database" }),
			UnknownParameter: with(func(c *taosdriver.Config) { c.Database, c.Compression = "d", true }) + "&time_zone=UTC", UnknownParameterName: "time_zone",
			Malformed: []string{
				"taos+ws://root:" + config.Password + "@h:99999/db", "taos+ws://root:" + config.Password + "@[::1/db",
				"taos+ws://root:" + config.Password + "@h/db?read_timeout=soon", "taos+smoke://root:" + config.Password + "@h/db",
				"taos+http://root:" + config.Password + "@h/db?timezone=Nope/Zone", "root:" + config.Password + "@ws(h:6041)",
			},
			At:     func(addr string) string { return with(func(c *taosdriver.Config) { c.Hosts = []string{addr} }) },
			In:     func(loc *time.Location) string { return with(func(c *taosdriver.Config) { c.Location = loc }) },
			Secret: config.Password,
		},
		Declared:   []conformance.Capability{conformance.RowsAffected, conformance.ErrorKinds, conformance.RequestIDs, conformance.Streaming},
		Extensions: []string{"RequestExecer", "RequestQueryer", "ServerInformer"},
		Dialect:    taosDialect(),
	}
	if config.Transport != taosdriver.REST {
		target.Extensions = append(target.Extensions, "SchemalessInserter", "Stmt2Preparer", "AppenderOpener", "ConsumerOpener")
		target.Dialect.Sessions = []conformance.Session{{
			Name: "database", Change: "use " + taosDatabase + "_other", Probe: "select database()",
		}}
	}
	return target
}

func taosDialect() conformance.Dialect {
	base := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	key := func(n int) time.Time { return base.Add(time.Duration(n) * time.Millisecond) }
	text := func(s string) string { return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'" }
	return conformance.Dialect{
		Key: conformance.Key{
			Name: "ts", Type: "TIMESTAMP",
			Value:   func(n int) any { return key(n) },
			Literal: func(n int) string { return "'" + key(n).Format(time.RFC3339Nano) + "'" },
		},
		Text:   text,
		Quote:  func(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" },
		Delete: func(table, key string) string { return "DELETE FROM " + table + " WHERE ts = " + key },
		// No quotes: the server folds letters before it knows of comments, and takes
		// them for the beginning of a text.
		Comments: []string{"/* ? */", "-- is it ?\n", "/* -- ? */"}, QueryComments: true,
		LongText: 16000, LongTextDDL: "VARCHAR(16000)", CreateAgain: true,
		Types: taosTypes(),
	}
}

func taosTypes() []conformance.Type {
	number := func(ddl string, scan reflect.Type, low, high any, refuses ...any) conformance.Type {
		return conformance.Type{
			DDL: ddl, DatabaseType: ddl, Sort: conformance.Other, Scan: scan, Refuses: refuses,
			Samples: []conformance.Sample{{Literal: fmt.Sprint(low), Value: low}, {Literal: fmt.Sprint(high), Value: high}},
		}
	}
	bigint := number("BIGINT", reflect.TypeFor[int64](), int64(math.MinInt64+1), int64(math.MaxInt64), uint64(math.MaxUint64), "text")
	bigint.Sort = conformance.Integer
	ubigint := number("BIGINT UNSIGNED", reflect.TypeFor[uint64](), uint64(0), uint64(math.MaxUint64), -1)
	ubigint.Sort = conformance.Unsigned
	instant := time.Date(2024, 5, 6, 7, 8, 9, 123456789, time.UTC)
	point := []byte{1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 240, 63, 0, 0, 0, 0, 0, 0, 0, 64} // POINT(1 2) in WKB
	return []conformance.Type{
		bigint,
		{
			DDL: "VARCHAR(400)", Sort: conformance.Text, DatabaseType: "VARCHAR", Scan: reflect.TypeFor[string](), Length: 400,
			Samples: []conformance.Sample{{Literal: "''", Value: ""}, {Literal: `'it\'s 日本'`, Value: "it's 日本"}},
			Refuses: []any{strings.Repeat("x", 401)},
		},
		{
			DDL: "DOUBLE", Sort: conformance.Double, DatabaseType: "DOUBLE", Scan: reflect.TypeFor[float64](),
			Samples: []conformance.Sample{{Literal: "0.1", Value: 0.1}, {Value: -math.MaxFloat64}},
		},
		{
			DDL: "FLOAT", Sort: conformance.Float, DatabaseType: "FLOAT", Scan: reflect.TypeFor[float32](),
			Samples: []conformance.Sample{{Literal: "0.5", Value: float32(0.5)}, {Value: float32(0.1)}},
		},
		{
			DDL: "BOOL", Sort: conformance.Bool, DatabaseType: "BOOL", Scan: reflect.TypeFor[bool](),
			Samples: []conformance.Sample{{Literal: "true", Value: true}, {Literal: "false", Value: false}},
		},
		{
			DDL: "TIMESTAMP", Sort: conformance.Time, DatabaseType: "TIMESTAMP", Scan: reflect.TypeFor[time.Time](), Precision: 9,
			Samples: []conformance.Sample{{Literal: "'2024-05-06T07:08:09.123456789Z'", Value: instant}},
		},
		{
			DDL: "VARBINARY(600)", Sort: conformance.Bytes, DatabaseType: "VARBINARY", Scan: reflect.TypeFor[[]byte](), Length: 600,
			Samples: []conformance.Sample{{Literal: `'\x00ff'`, Value: []byte{0, 255}}},
		},
		ubigint,
		number("TINYINT", reflect.TypeFor[int8](), int8(-128+1), int8(127), 128, -129),
		number("SMALLINT", reflect.TypeFor[int16](), int16(-32768+1), int16(32767), 32768),
		number("INT", reflect.TypeFor[int32](), int32(math.MinInt32+1), int32(math.MaxInt32), int64(math.MaxInt32)+1),
		number("TINYINT UNSIGNED", reflect.TypeFor[uint8](), uint8(0), uint8(255), 256, -1),
		number("SMALLINT UNSIGNED", reflect.TypeFor[uint16](), uint16(0), uint16(65535), 65536),
		number("INT UNSIGNED", reflect.TypeFor[uint32](), uint32(0), uint32(math.MaxUint32), int64(math.MaxUint32)+1),
		{
			DDL: "NCHAR(100)", Sort: conformance.Other, DatabaseType: "NCHAR", Scan: reflect.TypeFor[string](), Length: 100,
			Samples: []conformance.Sample{{Literal: "'日本 🚗'", Value: "日本 🚗"}},
		},
		{
			DDL: "DECIMAL(30, 10)", Sort: conformance.Decimal, DatabaseType: "DECIMAL", Scan: reflect.TypeFor[string](), Precision: 30, Scale: 10,
			Samples: []conformance.Sample{{Literal: "12345678901234567890.0123456789", Value: "12345678901234567890.0123456789"}},
		},
		{
			DDL: "DECIMAL(10, 2)", Sort: conformance.Decimal, DatabaseType: "DECIMAL", Scan: reflect.TypeFor[string](), Precision: 10, Scale: 2,
			Samples: []conformance.Sample{{Literal: "-12345678.90", Value: "-12345678.90"}},
		},
		{
			DDL: "BLOB", Sort: conformance.Other, DatabaseType: "BLOB", Scan: reflect.TypeFor[[]byte](), Length: 4194304,
			Samples: []conformance.Sample{{Literal: `'\x00ff'`, Value: []byte{0, 255}}},
		},
		{
			DDL: "GEOMETRY(100)", Sort: conformance.Other, DatabaseType: "GEOMETRY", Scan: reflect.TypeFor[[]byte](), Length: 100,
			Samples: []conformance.Sample{{Literal: "'POINT(1 2)'", Want: point}},
		},
		{
			DDL: "JSON", Sort: conformance.JSON, DatabaseType: "JSON", Scan: reflect.TypeFor[json.RawMessage](), Length: 4095,
			Samples: []conformance.Sample{{Literal: `'{"a":"x","b":null}'`, Want: []byte(`{"a":"x","b":null}`)}},
			// JSON is a type of tags only.
			Setup: func(table string) []string {
				return []string{"CREATE STABLE " + table + " (ts TIMESTAMP, x INT) TAGS (v JSON)"}
			},
			Store: func(table string, n int, literal string) string {
				return fmt.Sprintf("INSERT INTO %s_%d USING %s TAGS (%s) VALUES (%s, 1)", table, n, table, literal,
					"'"+time.Date(2024, 1, 1, 0, 0, n, 0, time.UTC).Format(time.RFC3339)+"'")
			},
		},
	}
}

// taosFaults are the faults of taostest in the suite's terms.
func taosFaults(server *taostest.Server, protocol string) conformance.Faults {
	// A rule is for one action. A statement comes by one of several, so that the
	// rules for the others go when one has struck.
	var mu sync.Mutex
	var armed [][]*taostest.Rule
	settle := func() {
		mu.Lock()
		defer mu.Unlock()
		for _, rules := range armed {
			if slices.ContainsFunc(rules, func(r *taostest.Rule) bool { return r.Hits() > 0 }) {
				for _, r := range rules {
					r.Remove()
				}
			}
		}
	}
	strike := func(marker string, after int, fault taostest.Fault, actions ...string) {
		settle()
		mu.Lock()
		defer mu.Unlock()
		var rules []*taostest.Rule
		for _, action := range actions {
			rules = append(rules, server.Fault(taostest.On{Action: action, SQL: marker, After: after, Times: 1}, fault))
		}
		armed = append(armed, rules)
	}
	run := func(marker string, fault taostest.Fault) { strike(marker, 0, fault, "query", "stmt2_exec") }
	seen := func(marker string) (last taostest.Statement, times, running int) {
		settle()
		for _, s := range server.Statements() {
			// What the driver asks about a table is not the statement itself.
			if strings.Contains(s.SQL, marker) && !strings.HasPrefix(strings.ToUpper(s.SQL), "DESCRIBE") {
				last = s
				times++
				if s.Took == 0 {
					running++
				}
			}
		}
		return last, times, running
	}
	// Logins are counted from RefuseLogin to the next question: the server holds
	// replies back that a rule could change.
	var logins *taostest.Rule
	counted := 0
	f := conformance.Faults{
		Executed:   func(marker string) int { _, n, _ := seen(marker); return n },
		Running:    func(marker string) int { _, _, n := seen(marker); return n },
		RequestID:  func(marker string) uint64 { s, _, _ := seen(marker); return s.ReqID },
		DropBefore: func(marker string) { run(marker, taostest.DropBefore) },
		DropAfter:  func(marker string) { run(marker, taostest.DropAfter) },
		LoseReply:  func(marker string) { run(marker, taostest.LoseReply) },
		Delay:      func(marker string, d time.Duration) { strike(marker, 0, taostest.DelayReply(d), "") },
		RefuseLogin: func(times int) {
			logins = server.Fault(taostest.On{Action: "login"}, taostest.Delay(0))
			server.Fault(taostest.On{Times: times}, taostest.RefuseLogin(loginRefused))
		},
		Logins: func() int {
			if logins != nil {
				counted += logins.Hits()
				logins.Remove()
				logins = nil
			}
			return counted
		},
		Restart:     server.Restart,
		Stop:        func() error { server.Stop(); return nil },
		Start:       server.Resume,
		OpenResults: func() int { return server.OpenResults() + server.OpenStatements() },
		Connections: server.Connections,
	}
	if protocol == "http" {
		f.CutRows = func(marker string) { run(marker, taostest.HalfBody) }
		f.OpenResults = nil // there is nothing to hold: a reply is the whole result
	} else {
		f.CutRows = func(marker string) { strike(marker, 1, taostest.DropBefore, "fetch") }
		f.StallRows = func(marker string) { strike(marker, 1, taostest.LoseReply, "fetch") }
	}
	return f
}
