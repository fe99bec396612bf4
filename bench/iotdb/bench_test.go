package main

import (
	"testing"

	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest"
)

// Every subject reads and writes what it is measured with.
func TestEverySubjectWorks(t *testing.T) {
	const rows = 10_000
	srv := iotdbtest.NewServer(iotdbtest.WithDatabase(database))
	defer srv.Close()
	if err := prepare(srv.Addr(), rows); err != nil {
		t.Fatal(err)
	}
	for _, s := range subjects {
		if f, err := s.measure(srv.Addr(), rows); err != nil || f.Rows != rows {
			t.Errorf("%s: %+v, %v", s.name, f, err)
		}
	}
}
