package bench

import (
	"testing"

	"github.com/gaugesql/gaugesql/bench/measure"
	"github.com/gaugesql/gaugesql/bench/replay"
)

// TestAllocationsARowWritten: the Appender costs at most 0.05 allocations a row,
// and everything compared writes all rows.
func TestAllocationsARowWritten(t *testing.T) {
	const limit = 0.05
	addr, stop, err := replay.StartSink()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	for _, l := range measure.Loaders {
		load := measure.Load{Addr: addr, Database: "d", Rows: 20_000, Tables: 10, Portion: 1000}
		held := l.Name == "gaugesql Appender, rows" || l.Name == "gaugesql Appender, columns"
		if held {
			load.Rows, load.Tables = 1_000_000, 100
		}
		f, err := l.Write(load)
		if err != nil {
			t.Errorf("%s: %v", l.Name, err)
			continue
		}
		a := float64(f.Allocs) / float64(f.Rows)
		t.Logf("%s: %.4f allocations a row", l.Name, a)
		if held && a > limit {
			t.Errorf("%s: %.4f allocations a row, want at most %v", l.Name, a, limit)
		}
	}
}

// TestHeapStaysFlatWhileLoading: what an Appender keeps is bounded by its batches,
// and a statement leaves nothing behind.
func TestHeapStaysFlatWhileLoading(t *testing.T) {
	const limit = 32 << 20
	addr, stop, err := replay.StartSink()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	for _, name := range []string{"gaugesql Appender, rows", "gaugesql Appender, columns"} {
		l, err := measure.FindLoader(name)
		if err != nil {
			t.Fatal(err)
		}
		grown, err := l.Growth(measure.Load{Addr: addr, Database: "d", Rows: 5_000_000, Tables: 100, Portion: 1000})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %.1f MiB above the start", name, float64(grown)/(1<<20))
		if grown > limit {
			t.Errorf("%s: the heap grew by %d bytes, want at most %d", name, grown, limit)
		}
	}
	grown, err := measure.StatementsGrowth(addr, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("10,000 statements: %.1f MiB above the start", float64(grown)/(1<<20))
	if grown > limit/2 {
		t.Errorf("10,000 statements: the heap grew by %d bytes, want at most %d", grown, limit/2)
	}
}
