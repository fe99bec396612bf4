package siri

import (
	"runtime"
	"testing"

	"github.com/gaugesql/gaugesql/bench/measure"
)

// Every subject checks what it decodes before it is measured.
func TestEverySubjectWorks(t *testing.T) {
	const points = 10 * Series
	for _, s := range Subjects {
		for _, kind := range Kinds {
			if _, err := s.Measure(kind, points); err != nil {
				t.Errorf("%s, %s: %v", s.Name, kind, err)
			}
		}
	}
}

func TestAllocationsAPoint(t *testing.T) {
	const points = 1_000_000
	limits := map[string]float64{
		"gaugesql, the driver's rows": 0.02, "gaugesql, through database/sql": 0.02,
		"gaugesql, SeriesInserter": 0.02,
		// The caller's own: a slice, a series and a time in interface values.
		"gaugesql, Appender": 3.02,
	}
	for _, s := range Subjects {
		limit, ours := limits[s.Name]
		if !ours {
			continue
		}
		for _, kind := range Kinds {
			f := figures(t, s, kind, points)
			a := float64(f.Allocs) / points
			t.Logf("%s, %s: %.4f allocations and %.0f bytes a point", s.Name, kind, a, float64(f.Bytes)/points)
			if a > limit {
				t.Errorf("%s, %s: %.4f allocations a point, want at most %v", s.Name, kind, a, limit)
			}
		}
	}
}

func figures(t *testing.T, s Subject, kind string, points int) measure.Figures {
	t.Helper()
	f, err := s.Measure(kind, points)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC() // what this one leaves is not the next one's
	return f
}
