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
