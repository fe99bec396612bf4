package bench

import (
	"testing"

	"github.com/gaugesql/gaugesql/bench/measure"
)

func reader(t *testing.T, name string) measure.Reader {
	t.Helper()
	r, err := measure.FindReader(name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryConsumerReadsTheRowsRight(t *testing.T) {
	addr := server(t)
	for _, r := range measure.Readers {
		if err := r.Check(addr); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
}

func TestAllocationsAConsumedRow(t *testing.T) {
	const rows, limit = 1_000_000, 0.1 // in all four columns together
	addr := server(t)
	for _, name := range []string{"gaugesql rows", "gaugesql columns"} {
		f, err := reader(t, name).Consume(addr, rows)
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

func TestHeapStaysFlatWhileConsuming(t *testing.T) {
	const rows, limit = 5_000_000, 32 << 20
	addr := server(t)
	grown, err := reader(t, "gaugesql rows").HeapGrowth(addr, rows)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d rows, %.1f MiB above the start", rows, float64(grown)/(1<<20))
	if grown > limit {
		t.Errorf("the heap grew by %d bytes, want at most %d", grown, limit)
	}
}
