package conformance_test

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/conformance"
	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver"
)

const (
	iotdbDatabase = "gaugesql_conformance"
	iotdbPath     = "root.gaugesql_conformance" // of the tree model
)

// TestRealIoTDB runs against the servers of CONFORMANCE_IOTDB_DSN, DSNs with
// blanks between them, in both models. conformance/servers/iotdb/run.sh starts some.
func TestRealIoTDB(t *testing.T) {
	const variable = "CONFORMANCE_IOTDB_DSN"
	dsns := strings.Fields(os.Getenv(variable))
	if len(dsns) == 0 {
		conformance.SkipUnset(t, variable)
	}
	for _, dsn := range dsns {
		for _, dialect := range []iotdbdriver.Dialect{iotdbdriver.Table, iotdbdriver.Tree} {
			config, err := iotdbdriver.ParseDSN(dsn)
			if err != nil {
				t.Fatal(err)
			}
			config.Dialect = dialect
			name := string(dialect)
			if config.Compression {
				name += "_compression"
			}
			if config.TLS {
				name += "_tls"
			}
			t.Run(name, func(t *testing.T) {
				direct := config.Clone()
				if !config.TLS {
					// Faults of a real server are those of what stands before it.
					proxy := newIoTDBProxy(t, config.Hosts[0])
					config.Hosts = []string{proxy.addr()}
					target := iotdbTarget(t, config)
					target.Faults = iotdbFaults(t, direct, proxy)
					iotdbRun(t, target)
					return
				}
				target := iotdbTarget(t, config)
				untrusted := config.Clone()
				untrusted.TLSCA = ""
				target.DSNs.Untrusted = untrusted.FormatDSN()
				target.Faults = conformance.Faults{Running: iotdbRunning(t, direct)}
				iotdbRun(t, target)
			})
		}
	}
}

// iotdbRun makes what slow statements need and runs the suite.
func iotdbRun(t *testing.T, target conformance.Target) {
	t.Helper()
	config, err := iotdbdriver.ParseDSN(target.DSN)
	if err != nil {
		t.Fatal(err)
	}
	target.Extra = iotdbLacks(config.Dialect)
	target.Dialect.Slow, target.LargeRows = iotdbSlow(t, config), 100_000 // many pages
	target.Timeout = time.Minute                                          // a machine with a server on it is busy
	conformance.Run(t, target)
}

// iotdbTarget is iotdbdriver with a Config in which nothing is missing but the
// database. The database in which the checks work is made here.
func iotdbTarget(t testing.TB, config *iotdbdriver.Config) conformance.Target {
	t.Helper()
	tree := config.Dialect == iotdbdriver.Tree
	config = config.Clone()
	config.FetchSize = 1000
	create := []string{"CREATE DATABASE IF NOT EXISTS " + iotdbDatabase, "CREATE DATABASE IF NOT EXISTS " + iotdbDatabase + "_other"}
	if tree {
		create = []string{"CREATE DATABASE " + iotdbPath}
	}
	precision := iotdbPrepare(t, config, create)
	if !tree {
		config.Database = iotdbDatabase
	}
	with := func(change func(*iotdbdriver.Config)) string {
		c := config.Clone()
		change(c)
		return c.FormatDSN()
	}
	target := conformance.Target{
		Name: "iotdb/" + string(config.Dialect), Server: "IoTDB", DriverName: "iotdb", DSN: config.FormatDSN(), Engine: "iotdb",
		Open: func(dsn string) (sqldriver.Connector, error) {
			c, err := iotdbdriver.ParseDSN(dsn)
			if err != nil {
				return nil, err
			}
			return iotdbdriver.NewConnector(c)
		},
		DSNs: conformance.DSNs{
			WrongPassword:    with(func(c *iotdbdriver.Config) { c.Password = "wr0ng" }),
			UnknownParameter: with(func(c *iotdbdriver.Config) { c.FetchSize = 7 }) + "&fetchsize=5", UnknownParameterName: "fetchsize",
			Malformed: []string{
				"iotdb://root:s3cr3t@h:99999/db", "iotdb://root:s3cr3t@[::1/db", "iotdb://root:s3cr3t@h/db?read_timeout=soon",
				"iotdb+smoke://root:s3cr3t@h/db", "iotdb://root:s3cr3t@h/db?time_zone=Nope/Zone", "iotdb://root:s3cr3t@h/db?dialect=graph",
				"iotdb://root:s3cr3t@h/db?dialect=tree", "iotdb://root:s3cr3t@h;weight=1/db", "iotdb://root:s3cr3t@h/db?tls_ca=ca.pem",
			},
			At:     func(addr string) string { return with(func(c *iotdbdriver.Config) { c.Hosts = []string{addr} }) },
			In:     func(loc *time.Location) string { return with(func(c *iotdbdriver.Config) { c.Location = loc }) },
			Secret: "s3cr3t",
		},
		Declared:   []conformance.Capability{conformance.ErrorKinds, conformance.RequestIDs, conformance.Streaming},
		Extensions: iotdbExtensions,
		Dialect:    iotdbTable(precision),
	}
	if tree {
		target.Dialect = iotdbTree(precision)
	} else {
		target.Declared = append(target.Declared, conformance.BytesAsText)
		target.DSNs.UnknownDatabase = with(func(c *iotdbdriver.Config) { c.Database = "no_such_database" })
	}
	return target
}

var iotdbExtensions = []string{"AppenderOpener", "RequestExecer", "RequestQueryer", "ServerInformer", "TabletInserter"}

// iotdbPrepare runs the statements and returns the server's unit of time.
func iotdbPrepare(t testing.TB, config *iotdbdriver.Config, statements []string) time.Duration {
	t.Helper()
	ctx := context.Background()
	db := iotdbOpen(t, config)
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, statement); err != nil && iotdbdriver.Code(err) != iotdbdriver.CodeDatabaseExists {
			t.Fatal(err)
		}
	}
	precision := ""
	err := driver.WithDB(ctx, db, func(s driver.ServerInformer) error {
		info, err := s.ServerInfo(ctx)
		precision = info.Parameters["timestamp_precision"]
		return err
	})
	unit := map[string]time.Duration{"ms": time.Millisecond, "us": time.Microsecond, "ns": time.Nanosecond}[precision]
	if err != nil || unit == 0 {
		t.Fatalf("precision %q: %v", precision, err)
	}
	return unit
}

func iotdbOpen(t testing.TB, config *iotdbdriver.Config) *sql.DB {
	t.Helper()
	connector, err := iotdbdriver.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	return sql.OpenDB(connector)
}

// iotdbTable is the table model of a server with that unit of time.
func iotdbTable(unit time.Duration) conformance.Dialect {
	return conformance.Dialect{
		Key:  iotdbKey(unit, "TIMESTAMP TIME"),
		Text: iotdbText,
		Insert: func(table string, columns []string, rows ...[]string) string {
			return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES " + iotdbTuples(rows)
		},
		Delete:   func(table, key string) string { return "DELETE FROM " + table + " WHERE time = " + key },
		Quote:    func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` },
		Comments: []string{"/* ? it's */", "-- is it ?\n", "/* -- ? */"},
		LongText: 1 << 20, LongTextDDL: "STRING", CreateAgain: true,
		Sessions: []conformance.Session{{
			Name: "database", Change: "USE " + iotdbDatabase + "_other", Probe: "SHOW CURRENT_DATABASE",
		}},
		Types: iotdbTypes(unit, iotdbdriver.Table),
	}
}

// iotdbTree is the tree model. A table is a device, its columns are measurements.
// Every row has a measurement more, since a row of NULLs is none.
func iotdbTree(unit time.Duration) conformance.Dialect {
	device := func(table string) string { return iotdbPath + "." + table }
	return conformance.Dialect{
		Key:  iotdbKey(unit, "TIMESTAMP"),
		Text: iotdbText,
		Create: func(table string, columns []conformance.Column) string {
			parts := []string{"present BOOLEAN"}
			for _, c := range columns {
				parts = append(parts, c.Name+" "+c.Type)
			}
			return "CREATE ALIGNED TIMESERIES " + device(table) + " (" + strings.Join(parts, ", ") + ")"
		},
		Path: device,
		Drop: func(table string) string { return "DELETE TIMESERIES " + device(table) + ".*" },
		Insert: func(table string, columns []string, rows ...[]string) string {
			list := make([][]string, len(rows))
			for i, row := range rows {
				list[i] = append(row[:len(row):len(row)], "true")
			}
			return "INSERT INTO " + device(table) + " (" + strings.Join(columns, ", ") + ", present) ALIGNED VALUES " + iotdbTuples(list)
		},
		Leading: len([]string{"Time", "present"}),
		Select: func(table string, columns []string, where string) string {
			if where != "" {
				where = " WHERE " + where
			}
			return "SELECT present, " + strings.Join(columns, ", ") + " FROM " + device(table) + where
		},
		Delete:   func(table, key string) string { return "DELETE FROM " + device(table) + ".* WHERE time = " + key },
		Quote:    func(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" },
		LongText: 1 << 20, LongTextDDL: "TEXT", CreateAgain: true, FoldsNames: true,
		// What does not exist has no rows, and that is no mistake in the tree model.
		Mistakes: func(table string) map[string]string {
			return map[string]string{
				"no path":          "SELECT v FROM " + table,
				"unknown function": "SELECT nope(v) FROM " + device(table),
			}
		},
		Types: iotdbTypes(unit, iotdbdriver.Tree),
	}
}

func iotdbText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func iotdbTuples(rows [][]string) string {
	tuples := make([]string, len(rows))
	for i, row := range rows {
		tuples[i] = "(" + strings.Join(row, ", ") + ")"
	}
	return strings.Join(tuples, ", ")
}

func iotdbKey(unit time.Duration, ddl string) conformance.Key {
	base := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	key := func(n int) time.Time { return base.Add(time.Duration(n) * unit) }
	return conformance.Key{
		Name: "time", Type: ddl,
		Value:   func(n int) any { return key(n) },
		Literal: func(n int) string { return fmt.Sprint(iotdbTimestamp(key(n), unit)) },
	}
}

func iotdbTimestamp(t time.Time, unit time.Duration) int64 { return t.UnixNano() / int64(unit) }

func iotdbTypes(unit time.Duration, dialect iotdbdriver.Dialect) []conformance.Type {
	instant := time.Date(2024, 5, 6, 7, 8, 9, 123456789, time.UTC).Truncate(unit)
	digits := map[time.Duration]int64{time.Millisecond: 3, time.Microsecond: 6, time.Nanosecond: 9}[unit]
	text := func(ddl string, sort conformance.Sort) conformance.Type {
		refuses := []any{"\xff"}
		if dialect == iotdbdriver.Tree {
			refuses = append(refuses, []byte("bytes")) // the server would store their digits
		}
		return conformance.Type{
			Refuses: refuses,
			DDL:     ddl, Sort: sort, DatabaseType: ddl, Scan: reflect.TypeFor[string](), Length: math.MaxInt64, Nullable: conformance.CanBeNull,
			Samples: []conformance.Sample{{Literal: "''", Value: ""}, {Literal: `'it''s \n 日本'`, Value: `it's \n 日本`}, {Value: "a\x00b\n"}},
		}
	}
	return []conformance.Type{
		{
			DDL: "INT64", Sort: conformance.Integer, DatabaseType: "INT64", Scan: reflect.TypeFor[int64](), Nullable: conformance.CanBeNull,
			Samples: []conformance.Sample{
				{Literal: "-9223372036854775808", Value: int64(math.MinInt64)}, {Literal: "9223372036854775807", Value: int64(math.MaxInt64)},
			},
			Refuses: []any{uint64(math.MaxUint64), "text", 1.5},
		},
		text("STRING", conformance.Text),
		{
			DDL: "DOUBLE", Sort: conformance.Double, DatabaseType: "DOUBLE", Scan: reflect.TypeFor[float64](), Nullable: conformance.CanBeNull,
			Samples: []conformance.Sample{{Literal: "0.1", Value: 0.1}, {Value: -math.MaxFloat64}, {Value: math.SmallestNonzeroFloat64}, {Value: 3.0}},
			Refuses: []any{math.Inf(1), "text"},
		},
		{
			DDL: "FLOAT", Sort: conformance.Float, DatabaseType: "FLOAT", Scan: reflect.TypeFor[float32](), Nullable: conformance.CanBeNull,
			Samples: []conformance.Sample{{Literal: "0.5", Value: float32(0.5)}, {Value: float32(0.1)}, {Value: float32(-math.MaxFloat32)}},
		},
		{
			DDL: "BOOLEAN", Sort: conformance.Bool, DatabaseType: "BOOLEAN", Scan: reflect.TypeFor[bool](), Nullable: conformance.CanBeNull,
			Samples: []conformance.Sample{{Literal: "true", Value: true}, {Literal: "false", Value: false}},
			Refuses: []any{"text"},
		},
		{
			DDL: "TIMESTAMP", Sort: conformance.Time, DatabaseType: "TIMESTAMP", Scan: reflect.TypeFor[time.Time](), Precision: digits,
			TimePrecision: unit, Nullable: conformance.NotKnown,
			Samples: []conformance.Sample{
				{Literal: fmt.Sprint(iotdbTimestamp(instant, unit)), Value: instant},
				{Value: time.Date(1903, 2, 1, 0, 0, 0, int(unit), time.UTC)},
			},
			Refuses: []any{time.Date(1<<30, 1, 1, 0, 0, 0, 0, time.UTC)},
		},
		{
			DDL: "BLOB", Sort: conformance.Bytes, DatabaseType: "BLOB", Scan: reflect.TypeFor[[]byte](), Length: math.MaxInt64, Nullable: conformance.CanBeNull,
			Samples: []conformance.Sample{{Literal: "X'00ff'", Value: []byte{0, 255}}, {Value: []byte{}}},
		},
		{
			DDL: "INT32", Sort: conformance.Other, DatabaseType: "INT32", Scan: reflect.TypeFor[int32](), Nullable: conformance.CanBeNull,
			Samples: []conformance.Sample{{Literal: "-2147483648", Value: int32(math.MinInt32)}, {Literal: "2147483647", Value: int32(math.MaxInt32)}},
			Refuses: []any{int64(math.MaxInt32) + 1, "text"},
		},
		text("TEXT", conformance.Other),
		{
			DDL: "DATE", Sort: conformance.Other, DatabaseType: "DATE", Scan: reflect.TypeFor[time.Time](), Nullable: conformance.CanBeNull,
			Samples: []conformance.Sample{
				{Literal: "'2024-02-29'", Value: iotdbdriver.Date{Year: 2024, Month: 2, Day: 29}, Want: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
				{Literal: "'1000-01-01'", Value: "1000-01-01", Want: time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC)},
				{Literal: "'9999-12-31'", Want: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)},
			},
			Refuses: []any{iotdbdriver.Date{Year: 2023, Month: 2, Day: 29}, "2023-02-29", "2024-02-31", instant},
		},
	}
}

// iotdbSlow makes rows to try a pattern on that goes back and forth in each of
// them, in many devices, between which the server looks whether it shall stop.
func iotdbSlow(t testing.TB, config *iotdbdriver.Config) func(time.Duration) string {
	t.Helper()
	const devices, rows = 400, 50
	const pattern = `'([0-9]+)(a|aa)+\1x'`
	ctx := context.Background()
	db := iotdbOpen(t, config)
	defer db.Close()
	exec := func(statement string) {
		if _, err := db.ExecContext(ctx, statement); err != nil && iotdbdriver.Code(err) != iotdbdriver.CodeTableExists {
			t.Fatal(err)
		}
	}
	tree := config.Dialect == iotdbdriver.Tree
	if !tree {
		exec("CREATE TABLE slow (device STRING TAG, v STRING)")
	}
	for d := range devices {
		tuples := make([]string, rows)
		for i := range tuples {
			tuples[i] = fmt.Sprintf("(%d, '%daaaaaaaaaaaaaaaa!')", i, i)
		}
		into, columns, from := fmt.Sprintf("%s.slow.d%d", iotdbPath, d), "(time, v)", ""
		if !tree {
			into, columns, from = "slow", "(device, time, v)", fmt.Sprintf("('d%d', ", d)
		}
		list := strings.Join(tuples, ", ")
		if !tree {
			list = strings.ReplaceAll(list, "(", from)
		}
		exec("INSERT INTO " + into + " " + columns + " VALUES " + list)
	}
	query := func(times int) string {
		if tree {
			return fmt.Sprintf("SELECT v FROM %s.slow.* WHERE time < %d AND v REGEXP %s ALIGN BY DEVICE", iotdbPath, times, pattern)
		}
		return fmt.Sprintf("SELECT count(v) FROM slow WHERE time < %d AND regexp_like(v, %s)", times, pattern)
	}
	started := time.Now()
	exec(query(1))
	each := max(time.Since(started), 10*time.Millisecond)
	return func(d time.Duration) string { return query(min(int(2*d/each)+1, rows)) }
}
