package main

import (
	"bytes"
	"context"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const printed = `An embedded server with two adapters is running in this process.

The group billing reads what was written before:
  d1001 00:00  10.5 A 218 V
  d1001 00:01  11.5 A 219 V
  d1001 00:02  12.5 A 220 V
  d1002 00:00 20.25 A 221 V
  d1002 00:01 21.25 A 222 V
  d1002 00:02 22.25 A 223 V

Another consumer of the group finds the 2 rows written since.

The topic of a query has the rows above 220 V; the highest is 224 V.

With metadata, the first message of the database is
  {"type":"create","tableType":"super","tableName":"meters" ...

One adapter is gone; the consumer subscribed again at the other and has the next 2 rows.
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
