package main

import (
	"bytes"
	"context"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const printed = `An embedded cluster of three servers is running in this process.

An INSERT wrote 2 points,
a package of columns 4 points of two series,
and an appender 3000 in three batches.

Points, a row each:
  gaugesql.cpu     12:00:00 0.25
  gaugesql.cpu     12:00:01 0.5
  gaugesql.log     12:00:00 it's up
  gaugesql.memory  12:00:00 512
  gaugesql.memory  12:00:01 640
  gaugesql.memory  12:00:02 768

Means of a quarter of an hour:
  gaugesql.sensor0 12:00:00 0
  gaugesql.sensor0 12:15:00 451.5
  gaugesql.sensor0 12:30:00 1350

The same with a column a series:
  12:00:00 0.25 512
  12:00:01 0.50 640
  12:00:02   -  768

Mistakes have kinds:
  query error: true with code 65
  NULL is a data error: true
  1969 is an overflow: true

One server is gone, and the next insert went to another.
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
