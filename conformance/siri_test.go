package conformance_test

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/conformance"
	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver"
	"github.com/gaugesql/gaugesql/siridriver/siritest"
)

const (
	siriPassword     = "s3cr3t-of-siri"
	siriLarge        = "gaugesql_conformance_large"
	siriLoginRefused = 72
)

// siriEmbedded is siridriver against siritest.
func siriEmbedded(t testing.TB) conformance.Target {
	t.Helper()
	server := siritest.NewServer(siritest.WithDatabase("conformance", "ns"), siritest.WithUser("iris", siriPassword))
	t.Cleanup(func() {
		if crashes := server.Crashes(); len(crashes) > 0 {
			t.Errorf("the driver made the server's process end: %q", crashes)
		}
		server.Close()
	})
	target := siriTarget(t, server.DSN(""))
	target.Server = "siritest"
	target.DSNs.Secret = siriPassword
	target.Dialect.Slow = siriSlow(server)
	target.Faults = siriFaults(server)
	return target
}

// siriTarget is siridriver against the server of a DSN, in whose database the
// checks make series.
func siriTarget(t testing.TB, dsn string) conformance.Target {
	t.Helper()
	config, err := siridriver.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*siridriver.Config)) string {
		c := config.Clone()
		change(c)
		return c.FormatDSN()
	}
	// Times of results are integers, so that a large result has its numbers there.
	config.Precision = siriPrepare(t, config)
	return conformance.Target{
		Name: "siridb", DriverName: "siridb", DSN: config.FormatDSN(), Engine: "siridb", LargeRows: siriLargeRows,
		DSNs: conformance.DSNs{
			WrongPassword:    with(func(c *siridriver.Config) { c.User, c.Password = "iris", "wr0ng" }),
			UnknownDatabase:  with(func(c *siridriver.Config) { c.Database = "no_such_database" }),
			UnknownParameter: with(func(c *siridriver.Config) { c.Precision = siridriver.Seconds }) + "&time_zone=UTC", UnknownParameterName: "time_zone",
			Malformed: []string{
				"siridb://iris:" + siriPassword + "@h:99999/db", "siridb://iris:" + siriPassword + "@[::1/db",
				"siridb://iris:" + siriPassword + "@h", "siridb://iris:" + siriPassword + "@h;weight=10/db",
				"siridb://iris:" + siriPassword + "@h/db?keepalive=soon", "siridb+tls://iris:" + siriPassword + "@h/db",
				"siridb://iris:" + siriPassword + "@h/db?precision=m",
			},
			At: func(addr string) string {
				return with(func(c *siridriver.Config) { c.Hosts = []siridriver.Host{{Addr: addr}} })
			},
			In: func(loc *time.Location) string {
				return with(func(c *siridriver.Config) { c.Precision, c.Location = "", loc })
			},
		},
		Declared:   []conformance.Capability{conformance.RowsAffected, conformance.ErrorKinds, conformance.RequestIDs, conformance.BytesAsText},
		Extensions: []string{"AppenderOpener", "RequestExecer", "RequestQueryer", "SeriesInserter", "ServerInformer"},
		Dialect:    siriDialect(),
		Extra:      seriesChecks,
	}
}

// siriDialect writes a table as a series: the key is the time of its points, and
// it has but one column, their value.
func siriDialect() conformance.Dialect {
	base := time.Unix(1_700_000_000, 0)
	text := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	return conformance.Dialect{
		Key: conformance.Key{
			Name: "time", Type: "TIMESTAMP",
			Value:   func(n int) any { return base.Add(time.Duration(n) * time.Second) },
			Literal: func(n int) string { return text(base.Add(time.Duration(n) * time.Second).UTC().Format(time.RFC3339)) },
		},
		OneColumn: true, Leading: len([]string{"series", "time"}),
		Create: func(string, []conformance.Column) string { return "" },
		Drop:   func(table string) string { return "drop series " + text(table) },
		Insert: func(table string, _ []string, rows ...[]string) string {
			tuples := make([]string, len(rows))
			for i, row := range rows {
				tuples[i] = "(" + strings.Join(row, ", ") + ")"
			}
			return "INSERT INTO " + text(table) + " (time, value) VALUES " + strings.Join(tuples, ", ")
		},
		Select: func(table string, _ []string, where string) string {
			what := "*"
			if comment, condition, ok := strings.Cut(where, "v "); ok {
				if op, value, _ := strings.Cut(condition, " "); op == "=" {
					condition = "== " + value
				}
				what = comment + "filter(" + condition + ")"
			}
			return "select " + what + " from " + text(table)
		},
		Text:     text,
		LongText: 1 << 20, LongTextDDL: "STRING",
		Large: func(_ int, marker string) string { return "select * from " + text(siriLarge) + " # " + marker },
		Mistakes: func(table string) map[string]string {
			return map[string]string{
				"unknown group":    "select * from `no_such_group`",
				"unknown function": "select nope() from " + text(table),
				"unknown column":   "list series nope",
			}
		},
		Types: []conformance.Type{
			{
				DDL: "INTEGER", DatabaseType: "INTEGER", Sort: conformance.Integer, Scan: reflect.TypeFor[int64](), NotNull: true,
				Nullable: conformance.CannotBeNull, Refuses: []any{nil, true, uint64(math.MaxUint64)},
				Samples: []conformance.Sample{
					{Literal: "-9223372036854775808", Value: int64(math.MinInt64)}, {Literal: "9223372036854775807", Value: int64(math.MaxInt64)},
				},
			},
			{
				DDL: "FLOAT", DatabaseType: "FLOAT", Sort: conformance.Double, Scan: reflect.TypeFor[float64](), NotNull: true,
				Nullable: conformance.CannotBeNull, Refuses: []any{nil, false},
				Samples: []conformance.Sample{{Literal: "0.1", Value: 0.1}, {Literal: "-1.7976931348623157e308", Value: -math.MaxFloat64}},
			},
			{
				DDL: "STRING", DatabaseType: "STRING", Sort: conformance.Text, Scan: reflect.TypeFor[string](), Length: math.MaxInt64, NotNull: true,
				Nullable: conformance.CannotBeNull, Refuses: []any{nil, "a\x00b", (*string)(nil)},
				Samples: []conformance.Sample{{Literal: "''", Value: ""}, {Literal: "'it''s 日本'", Value: "it's 日本"}},
			},
		},
	}
}

const siriLargeRows = 20_000

// siriPrepare writes the large result's points and returns the database's
// precision.
func siriPrepare(t testing.TB, config *siridriver.Config) siridriver.Precision {
	t.Helper()
	connector, err := siridriver.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	ctx := context.Background()
	var name, precision string
	if err := db.QueryRowContext(ctx, "show time_precision").Scan(&name, &precision); err != nil {
		t.Fatal(err)
	}
	drop := func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, "drop series /"+siriLarge+"/")
		return err
	}
	if err := drop(db); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		connector, err := siridriver.NewConnector(config)
		if err != nil {
			t.Fatal(err)
		}
		db := sql.OpenDB(connector)
		defer db.Close()
		if err := drop(db); err != nil {
			t.Error(err)
		}
	})
	per := map[string]int{"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}[precision]
	if per == 0 {
		t.Fatalf("the precision is %q", precision)
	}
	step := time.Second / time.Duration(per)
	times, texts := make([]time.Time, siriLargeRows), make([]string, siriLargeRows)
	for n := range times {
		times[n] = time.Unix(0, 0).Add(time.Duration(n) * step)
		texts[n] = strings.Repeat("x", 170) + fmt.Sprintf("%020d", n)
	}
	err = driver.WithDB(ctx, db, func(s driver.SeriesInserter) error {
		_, err := s.InsertSeries(ctx, driver.Series{Name: siriLarge, Times: times, Values: driver.ColumnOf(texts)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return siridriver.Precision(precision)
}

// siriSlow makes a query slow by the name of the series that it asks for, since
// SiriDB's language has nothing that takes time.
func siriSlow(server *siritest.Server) func(time.Duration) string {
	var serial atomic.Int64
	return func(d time.Duration) string {
		name := fmt.Sprintf("slow_%d.", serial.Add(1))
		server.Fault(siritest.On{SQL: name}, siritest.Delay(d))
		return "select count() from '" + name + "'"
	}
}

// siriFaults are the faults of siritest in the suite's terms. Results come whole,
// so that none stalls between its rows, and a statement cannot be stopped.
func siriFaults(server *siritest.Server) conformance.Faults {
	once := func(marker string, fault siritest.Fault) {
		server.Fault(siritest.On{SQL: marker, Times: 1}, fault)
	}
	logins := server.Fault(siritest.On{Action: "auth"}, siritest.Delay(0))
	return conformance.Faults{
		Executed:    server.Executed,
		DropBefore:  func(marker string) { once(marker, siritest.DropBefore) },
		DropAfter:   func(marker string) { once(marker, siritest.DropAfter) },
		LoseReply:   func(marker string) { once(marker, siritest.LoseReply) },
		Delay:       func(marker string, d time.Duration) { once(marker, siritest.DelayReply(d)) },
		CutRows:     func(marker string) { once(marker, siritest.HalfBody) },
		RefuseLogin: func(times int) { server.Fault(siritest.On{Times: times}, siritest.RefuseLogin(siriLoginRefused)) },
		Logins:      logins.Hits,
		Restart:     server.Restart,
		Stop:        func() error { server.Stop(); return nil },
		Start:       server.Resume,
		Connections: server.Connections,
	}
}
