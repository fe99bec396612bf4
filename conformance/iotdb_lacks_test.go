package conformance_test

import (
	"errors"
	"strings"

	"github.com/gaugesql/gaugesql/conformance"
	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver"
)

// iotdbLacks prove by the server's own answers what the targets do not declare:
// a later server that has one of these fails the check, and the target can declare
// it.
func iotdbLacks(dialect iotdbdriver.Dialect) []conformance.Check {
	type answer struct {
		lacks, statement string
		code             int
	}
	answers := []answer{
		{"transactions", "START TRANSACTION", iotdbdriver.CodeSyntax},
		{"ids of inserted rows", "SELECT last_insert_id() FROM slow", iotdbdriver.CodeSemantic},
		{"unsigned integers", "CREATE TABLE lacks (v UINT64)", iotdbdriver.CodeSemantic},
		{"decimals", "CREATE TABLE lacks (v DECIMAL(10, 2))", iotdbdriver.CodeSemantic},
		{"JSON", "CREATE TABLE lacks (v JSON)", iotdbdriver.CodeSemantic},
	}
	if dialect == iotdbdriver.Tree {
		device := iotdbPath + ".slow.d0"
		answers = []answer{
			{"transactions", "START TRANSACTION", iotdbdriver.CodeSyntax},
			{"ids of inserted rows", "SELECT last_insert_id(v) FROM " + device, iotdbdriver.CodeSemantic},
			{"unsigned integers", "CREATE TIMESERIES " + device + ".u WITH DATATYPE=UINT64", iotdbdriver.CodeSemantic},
			{"decimals", "CREATE TIMESERIES " + device + ".u WITH DATATYPE=DECIMAL", iotdbdriver.CodeSemantic},
			{"JSON", "CREATE TIMESERIES " + device + ".u WITH DATATYPE=JSON", iotdbdriver.CodeSemantic},
			{"comments", "SELECT v /* it */ FROM " + device, iotdbdriver.CodeSyntax},
			{"comments to the end of a line", "SELECT v FROM " + device + " -- is it", iotdbdriver.CodeSyntax},
			{"two columns of one name", "SELECT v AS x, v AS x FROM " + device, iotdbdriver.CodeSemantic},
			{"a current database", "USE " + iotdbPath, iotdbdriver.CodeSyntax},
		}
	}
	var checks []conformance.Check
	for _, a := range answers {
		checks = append(checks, conformance.Check{
			Group: "the server's lacks", Name: "the server has no " + a.lacks, Run: func(e *conformance.Env) {
				_, err := e.DB().ExecContext(e.Context(), a.statement)
				if iotdbdriver.Code(err) != a.code {
					e.Errorf("%s: %v", a.statement, err)
				}
			},
		})
	}
	return append(checks, conformance.Check{
		Group: "the server's lacks", Name: "the server counts no rows, and the driver makes up no number", Run: func(e *conformance.Env) {
			statement := "DELETE FROM slow WHERE time = -1"
			if dialect == iotdbdriver.Tree {
				statement = "DELETE FROM " + iotdbPath + ".slow.*.* WHERE time = -1"
			}
			result, err := e.DB().ExecContext(e.Context(), statement)
			e.Must(err)
			if n, err := result.RowsAffected(); !errors.Is(err, driver.ErrNotSupported) || n != 0 || !strings.Contains(err.Error(), "rows affected") {
				e.Errorf("%d, %v", n, err)
			}
		},
	})
}
