package main

import (
	"bytes"
	"context"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const printed = `lines: 2 points
a table named by a tag: 1 points
telnet lines: 2 points
JSON: 1 points
a stream of lines: 1000 points
refused: line 2: invalid data:high
Los Angeles: 1 readings, 11.8 A on average
San Diego: 1000 readings, 10.0 A on average
San Francisco: 1 readings, 10.3 A on average
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
