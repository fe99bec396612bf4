package main

import (
	"bytes"
	"context"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const printed = `span sql.connector.connect
span sql.conn.exec
span sql.conn.reset_session
span sql.conn.query
span sql.rows
span sql.conn.reset_session
tdengine 3.3.7.5 behind the wrapper
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
