package main

import (
	"bytes"
	"context"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const printed = `An embedded cluster of two coordinators is running in this process.

Table created.
Three rows inserted.
  id = 1, name = number1
  id = 2, name = number2
  id = 3, name = number3

Rows updated: 1
  id = 1, name = numberupdated
  id = 2, name = number2
  id = 3, name = number3

Rows deleted: 1
  id = 1, name = numberupdated
  id = 2, name = number2

All deleted, and rolled back; rows: 2

Rows copied in: 3
Rows appended: 1000
Copied out as CSV:
id,name
10,ten
11,
12,a | b
1000,row 1000

The ids of a cursor's rows add up to 1499500

Mistakes have kinds:
  an integrity error: true with SQLSTATE 23505
  not supported: true with SQLSTATE 0A000
  a level that DWS has not, refused: true

One coordinator is gone, and the next insert went to the other.
An insert's answer is lost; the error says that its outcome is unknown: true
It ran 1 time.
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
