package conformance_test

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/conformance"

	_ "modernc.org/sqlite"
)

// sqliteTarget is another project's driver: a control that the suite does not
// ask for what only this module's drivers do, and that it finds real faults.
func sqliteTarget(t testing.TB) conformance.Target {
	t.Helper()
	path := filepath.ToSlash(filepath.Join(t.TempDir(), "control.db"))
	dsn := "file:" + path + "?_pragma=busy_timeout(20000)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_txlock=immediate"
	return conformance.Target{
		Name: "sqlite", Server: "modernc.org/sqlite in this process", DriverName: "sqlite", DSN: dsn,
		Declared: []conformance.Capability{conformance.Transactions, conformance.LastInsertID, conformance.RowsAffected,
			conformance.Streaming, conformance.NamedArguments},
		KnownFailures: map[string]string{
			"a context that has ended opens no connection":                         "Connect does not look at its context",
			"a wrong number of arguments is refused and the statement still works": "surplus arguments are ignored",
			"a wrong number of arguments is refused and nothing runs":              "surplus arguments are ignored",
			"a number that is none survives or is refused":                         "NaN is stored as NULL",
			"an instant is the same in every zone":                                 "times are stored as Go prints them, and offsets with seconds are not read back",
			"an instant in a condition selects its row":                            "times are compared as text, zone included",
			"a result without rows has the same metadata":                          "scan types are those of the values in the first row",
			"a closed driver connection refuses everything without a panic":        "a closed connection is used and panics",
			"a statement is unusable after Close":                                  "a closed statement is used and panics",
			"statements and rows of a closed connection refuse without a panic":    "a closed connection is used and panics",
		},
		ServerMemory: serverMemory,
		Interfaces:   conformance.AllInterfacesBut("Connector.Close", "DriverContext", "NamedValueChecker"),
		Dialect: conformance.Dialect{
			Key: conformance.Key{
				Type: "BIGINT PRIMARY KEY", Value: func(n int) any { return int64(n) }, Literal: func(n int) string { return fmt.Sprint(n) },
			},
			Quote:    referenceDialect().Quote,
			Delete:   referenceDialect().Delete,
			Comments: referenceDialect().Comments,
			LongText: 100_000, LongTextDDL: "TEXT", CreateAgain: true, Large: sqliteLarge,
			Slow: func(d time.Duration) string {
				return fmt.Sprintf("WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < %d) SELECT count(*) FROM c", d.Milliseconds()*3000)
			},
			Types: []conformance.Type{
				{DDL: "BIGINT", Sort: conformance.Integer, DatabaseType: "BIGINT", Samples: []conformance.Sample{{Literal: "0", Value: int64(0)}, {Literal: "-42", Value: int64(-42)}}},
				{DDL: "TEXT", Sort: conformance.Text, DatabaseType: "TEXT", Length: math.MaxInt64, Samples: []conformance.Sample{{Literal: "''", Value: ""}, {Literal: "'it''s'", Value: "it's"}}},
				{DDL: "DOUBLE", Sort: conformance.Double, DatabaseType: "DOUBLE", Samples: []conformance.Sample{{Literal: "0.1", Value: 0.1}}},
				{DDL: "BOOLEAN", Sort: conformance.Bool, DatabaseType: "BOOLEAN", Samples: []conformance.Sample{{Literal: "TRUE", Value: true}, {Literal: "FALSE", Value: false}}},
				{DDL: "BLOB", Sort: conformance.Bytes, DatabaseType: "BLOB", Length: math.MaxInt64, Samples: []conformance.Sample{{Literal: "x'00ff'", Value: []byte{0, 255}}}},
				{DDL: "TIMESTAMP", Sort: conformance.Time, DatabaseType: "TIMESTAMP", Length: math.MaxInt64, Samples: []conformance.Sample{{Value: time.Date(2024, 5, 6, 7, 8, 9, 123456789, time.UTC)}}},
			},
		},
	}
}
