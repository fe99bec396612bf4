package main

import (
	"bytes"
	"context"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const printed = `over http
  inserted 2 rows
  no bulk load over this transport
  California.SanFrancisco: 2 readings, 218.5 V on average
over ws
  inserted 2 rows
  appended 100 rows
  California.LosAngeles: 100 readings, 221.0 V on average
  California.SanFrancisco: 2 readings, 218.5 V on average
`

func TestOutput(t *testing.T) {
	var out bytes.Buffer
	if err := run(context.Background(), &out, "", ""); err != nil {
		t.Fatal(err)
	}
	if out.String() != printed {
		t.Errorf("got\n%s\nwant\n%s", &out, printed)
	}
}

func TestAWrongTokenIsRefused(t *testing.T) {
	server, err := cloud(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if err := run(context.Background(), new(bytes.Buffer), "http://"+server.Addr(), "wrong"); err == nil {
		t.Error("no error")
	}
}
