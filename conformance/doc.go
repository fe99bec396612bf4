// Package conformance holds a database/sql driver to what its users rely on:
// about 180 checks, each named in words, from PEP 249's test suite, from what
// applications on database/sql do, and from the bugs that drivers have had.
//
// # Bring your own driver
//
// A [Target] says how to reach the server and how it writes the statements that
// the checks need. [Run] makes each check a subtest:
//
//	func TestConformance(t *testing.T) {
//		conformance.Run(t, conformance.Target{
//			Name: "mine", Server: "the test server", DriverName: "mine", DSN: "mine://localhost/test",
//			Dialect: conformance.Dialect{
//				Key: conformance.Key{
//					Type:    "BIGINT",
//					Value:   func(n int) any { return int64(n) },
//					Literal: func(n int) string { return strconv.Itoa(n) },
//				},
//				Types: []conformance.Type{
//					{DDL: "BIGINT", Sort: conformance.Integer, DatabaseType: "BIGINT",
//						Samples: []conformance.Sample{{Literal: "42", Value: int64(42)}}},
//					{DDL: "VARCHAR(200)", Sort: conformance.Text, DatabaseType: "VARCHAR", Length: 200,
//						Samples: []conformance.Sample{{Literal: "'abc'", Value: "abc"}}},
//				},
//			},
//		})
//	}
//
// That much runs about half of the checks. The others need a capability: a type
// of another sort, DSNs that are wrong on purpose, a slow statement, a way to
// make the server fail. Most follow from the fields that are set, a few are
// named in Target.Declared. A check without its capability is skipped, and the
// skip says which; nothing else is ever skipped, and a run in which nothing
// passed fails. What a driver is known to do wrong stands in
// Target.KnownFailures with the reason, and fails the run once it is mended.
//
// [Verify] does the same outside of a test and returns a [Report]; [Matrix] makes
// a page of several.
//
// # What the target's server must offer
//
// Nothing beyond its tables. [Faults] is for servers that can be made to fail,
// embedded ones above all: with it the suite proves that no statement runs twice,
// that the pool recovers, that results are freed and cancelled statements stopped.
//
// # Add a check
//
// A check is a value in one of this package's tables:
//
//	{Group: "query", Name: "no row is sql.ErrNoRows", Run: func(e *Env) {
//		var v int
//		err := e.DB().QueryRowContext(e.Context(), "SELECT ...").Scan(&v)
//		if !errors.Is(err, sql.ErrNoRows) {
//			e.Errorf("the error is %v", err)
//		}
//	}},
//
// [Env] has a pool, tables with names of their own, and the dialect. The check
// runs on its own goroutine with a time limit and reports through the Env; what
// it opens is closed after it. Its name says what holds if it passes. Every check
// needs a driver that fails it: write the hook in the tests' sabotage tables that
// spoils the behaviour, and list in the table noticed which checks fail then. The
// tests compare that list exactly, and insist that no check is missing from it.
// Checks that concern one engine only go into Target.Extra.
//
// # PEP 249
//
// Where the behaviours of Python's DB-API test suite are looked at:
//
//	connect, close               groups connect, life
//	cursor isolation             exec: a read sees the writes before it
//	description                  query: columns; metadata
//	rowcount                     exec: the rows are counted
//	lastrowid                    exec: the last insert id
//	execute, executemany         exec, prepared, placeholders, arguments
//	fetchone, many, all, mixed   query: rows in order, closed early, side by side
//	nextset                      query: no second result set
//	None, Date, Binary           null, time, types
//	exceptions                   errors
//	commit, rollback             transactions
package conformance
