package main

import (
	"bytes"
	"context"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const printed = `An embedded server is running in this process.
The tables are [table0 table1]

From table0:
  00:00:00.014 id:14 attr:14 14
  00:00:00.015 id:15 attr:15 15
  00:00:00.016 id:16 attr:16 16
  30 rows, sum 435

From table1:
  00:00:00.014 id:14 attr:14 14
  00:00:00.015 id:15 attr:15 15
  00:00:00.016 id:16 attr:16 16
  30 rows, sum 435

A column of the wrong type is left out, and the error says so:
  1 row of table0 is in, without [m1] (code 507)

The data is deleted: true
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
