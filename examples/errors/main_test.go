package main

import (
	"bytes"
	"context"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const printed = `a misspelt statement: kind programming, code 0x2600, may have been carried out: false
an unknown table: kind programming, code 0x2603, may have been carried out: false
a table that is there: kind integrity, code 0x0603, may have been carried out: false
too few arguments: kind programming, code 0x0000, may have been carried out: false
a wrong password: kind authentication, code 0x0357, may have been carried out: false
a connection lost: kind connection, code 0x0000, may have been carried out: true
the server ran it 1 time
a server that is gone: kind connection, code 0x0000, may have been carried out: false
`

func TestOutput(t *testing.T) {
	var out bytes.Buffer
	if err := run(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	if out.String() != printed {
		t.Errorf("got\n%s\nwant\n%s", &out, printed)
	}
}
