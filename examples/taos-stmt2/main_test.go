package main

import (
	"bytes"
	"context"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const printed = `placeholder tbname VARCHAR
placeholder location VARCHAR
placeholder groupid INT
placeholder ts TIMESTAMP
placeholder current FLOAT
placeholder voltage INT
two tables in one message: 5 rows
refused: table "d1003": column "voltage" of type INT, row 1: 1099511627776 does not fit INT
a part of a row: 1 rows
at least 225 V in San Francisco: d1001 10.3 A 230 V
at least 220 V in Los Angeles: d1002 11.8 A 221 V
at least 220 V in Los Angeles: d1002 11.7 A 220 V
appended: 10000 rows
`

func TestOutput(t *testing.T) {
	var out bytes.Buffer
	if err := run(context.Background(), &out, ""); err != nil {
		t.Fatal(err)
	}
	if out.String() != printed {
		t.Errorf("got\n%s\nwant\n%s", &out, printed)
	}
}
