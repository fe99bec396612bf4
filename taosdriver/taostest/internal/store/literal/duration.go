package literal

import (
	"math"
	"strconv"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// Duration is a number of units: b nanosecond, u microsecond, a millisecond, s, m, h, d, w, n
// month, y year.
type Duration struct {
	N    int64
	Unit byte
}

var unitNanos = map[byte]int64{
	'b': 1, 'u': 1e3, 'a': 1e6, 's': 1e9, 'm': 60e9, 'h': 3600e9, 'd': 86400e9, 'w': 7 * 86400e9,
}

// ParseDuration reads a duration as written in SQL: "10s", "-1d".
func ParseDuration(s string) (Duration, bool) {
	if len(s) < 2 {
		return Duration{}, false
	}
	n, err := strconv.ParseInt(s[:len(s)-1], 10, 64)
	d := Duration{N: n, Unit: s[len(s)-1]}
	if err != nil || !d.Natural() && unitNanos[d.Unit] == 0 {
		return Duration{}, false
	}
	return d, true
}

// Natural reports whether the unit is a month or a year, whose length varies.
func (d Duration) Natural() bool { return d.Unit == 'n' || d.Unit == 'y' }

// Months is the length of a natural duration.
func (d Duration) Months() int64 {
	if d.Unit == 'y' {
		return d.N * 12
	}
	return d.N
}

// Units is the length of a duration that is not natural in units of the precision; what is finer is
// dropped. It is false if the length does not fit.
func (d Duration) Units(p block.Precision) (int64, bool) {
	unit, per := unitNanos[d.Unit], int64(1)
	switch p {
	case block.Milli:
		per = 1e6
	case block.Micro:
		per = 1e3
	}
	if unit < per {
		return d.N / (per / max(unit, 1)), unit > 0
	}
	unit /= per
	if d.N > math.MaxInt64/unit || d.N < math.MinInt64/unit {
		return 0, false
	}
	return d.N * unit, true
}
