package siridriver

import (
	"math"
	"testing"
	"time"
)

// What converts many times agrees with what converts one.
func TestTimesInBulk(t *testing.T) {
	instants := []time.Time{
		time.Unix(0, 0), time.Unix(0, 1), time.Unix(1_700_000_000, 123_456_789), time.Now(),
		time.Unix(1<<32-1, 999_999_999), time.Unix(0, math.MaxInt64),
	}
	bad := time.Unix(0, -1)
	offset := time.FixedZone("", 5400)
	for _, p := range precisions {
		got := make([]int64, len(instants)+1)
		if n := p.timestamps(got, append(instants[:len(instants):len(instants)], bad)); p == Seconds && n != 5 || p != Seconds && n != len(instants) {
			t.Errorf("%s: %d times fit", p, n)
		}
		got = got[:len(instants)-1]
		for i, ts := range got {
			if want, _ := p.Timestamp(instants[i]); ts != want {
				t.Errorf("%s: %v is %d, want %d", p, instants[i], ts, want)
			}
		}
		back := make([]time.Time, len(got))
		p.times(back, got, offset)
		for i, ts := range got {
			if want := p.Time(ts).In(offset); back[i] != want {
				t.Errorf("%s: %d is %v, want %v", p, ts, back[i], want)
			}
		}
	}
}
