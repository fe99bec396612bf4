// Package bench holds the drivers to what the documentation promises. The
// comparisons of time are printed by cmd/taosbench and not asserted here.
package bench

import (
	"testing"

	"github.com/gaugesql/gaugesql/bench/measure"
	"github.com/gaugesql/gaugesql/bench/replay"
)

func TestMain(m *testing.M) {
	replay.Main()
	m.Run()
}

// server starts a server in another process for the test.
func server(t *testing.T) (addr string) {
	t.Helper()
	addr, stop, err := replay.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return addr
}

func subject(t *testing.T, name string) measure.Subject {
	t.Helper()
	s, err := measure.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEverySubjectReadsTheRowsRight(t *testing.T) {
	addr := server(t)
	for _, s := range measure.Subjects {
		db, err := s.Open(addr)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := s.Check(db); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}

func TestAllocationsARow(t *testing.T) {
	const rows, limit = 1_000_000, 0.02 // in all four columns together
	addr := server(t)
	for _, name := range []string{"gaugesql ws", "gaugesql http"} {
		s := subject(t, name)
		db, err := s.Open(addr)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := s.Check(db); err != nil {
			t.Fatal(err)
		}
		f, err := s.Rows(db, rows, "own")
		if err != nil {
			t.Fatal(err)
		}
		a := float64(f.Allocs) / rows
		t.Logf("%s: %.4f allocations and %.0f bytes a row", name, a, float64(f.Bytes)/rows)
		if a > limit {
			t.Errorf("%s: %.4f allocations a row, want at most %v", name, a, limit)
		}
	}
}

func TestHeapStaysFlatWhileStreaming(t *testing.T) {
	const limit = 32 << 20
	addr := server(t)
	for name, rows := range map[string]int{"gaugesql ws": 10_000_000, "gaugesql http": 2_000_000} {
		s := subject(t, name)
		db, err := s.Open(addr)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := s.Check(db); err != nil {
			t.Fatal(err)
		}
		grown, err := s.HeapGrowth(db, rows)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d rows, %.1f MiB above the start", name, rows, float64(grown)/(1<<20))
		if grown > limit {
			t.Errorf("%s: the heap grew by %d bytes, want at most %d", name, grown, limit)
		}
	}
}

func TestIdleConnection(t *testing.T) {
	const connections, limit = 200, 64 << 10
	addr := server(t)
	for _, name := range []string{"gaugesql ws", "gaugesql http"} {
		bytes, err := subject(t, name).IdleConnection(addr, connections)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %.1f KiB an idle connection", name, float64(bytes)/(1<<10))
		if bytes > limit {
			t.Errorf("%s: an idle connection costs %d bytes, want at most %d", name, bytes, limit)
		}
	}
}
