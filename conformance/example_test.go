package conformance_test

import (
	"context"
	"fmt"
	"strconv"

	"github.com/gaugesql/gaugesql/conformance"

	_ "modernc.org/sqlite"
)

// A target needs little to begin with: where the server is, how a key looks, and
// a type for integers and one for texts.
func Example() {
	target := conformance.Target{
		Name: "example", Server: "SQLite in memory", DriverName: "sqlite",
		DSN:        "file:conformance_example?mode=memory&cache=shared&_pragma=busy_timeout(5000)&_pragma=read_uncommitted(1)",
		Interfaces: conformance.AllInterfacesBut("Connector.Close", "DriverContext", "NamedValueChecker"),
		Dialect: conformance.Dialect{
			Key: conformance.Key{
				Type:    "BIGINT",
				Value:   func(n int) any { return int64(n) },
				Literal: strconv.Itoa,
			},
			Types: []conformance.Type{
				{DDL: "BIGINT", Sort: conformance.Integer, DatabaseType: "BIGINT", Samples: []conformance.Sample{{Literal: "42", Value: int64(42)}}},
				{DDL: "TEXT", Sort: conformance.Text, DatabaseType: "TEXT", Samples: []conformance.Sample{{Literal: "'abc'", Value: "abc"}}},
			},
		},
	}
	if err := target.Validate(); err != nil {
		fmt.Println(err)
	}
	target.Dialect.Types = target.Dialect.Types[:1]
	_, err := conformance.Verify(context.Background(), target)
	fmt.Println(err)
	// Output: conformance: target "example": Dialect.Types has no type of sort text
}
