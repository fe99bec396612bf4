package block

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Precision is the unit of the timestamps of a database and so of a result.
type Precision uint8

// The precisions with their numbers on the wire.
const (
	Milli Precision = 0
	Micro Precision = 1
	Nano  Precision = 2
)

// Valid reports whether the number is that of a precision.
func (p Precision) Valid() bool { return p <= Nano }

// String returns the unit as SQL names it: "ms", "us", "ns".
func (p Precision) String() string {
	switch p {
	case Milli:
		return "ms"
	case Micro:
		return "us"
	case Nano:
		return "ns"
	}
	return "PRECISION(" + strconv.Itoa(int(p)) + ")"
}

// Digits returns the number of fractional digits of a second: 3, 6 or 9.
func (p Precision) Digits() int { return 3 + 3*int(p) }

// Time returns the instant v units after the epoch in a location; nil is UTC.
// It is exact for every v.
func (p Precision) Time(v int64, loc *time.Location) time.Time {
	if loc == nil {
		loc = time.UTC
	}
	switch p {
	case Micro:
		return time.UnixMicro(v).In(loc)
	case Nano:
		return time.Unix(0, v).In(loc)
	default:
		return time.UnixMilli(v).In(loc)
	}
}

// Unix returns the number of units from the epoch to t. What is finer than the
// unit is dropped, towards the past. Instants that
// do not fit are an error: with Nano those outside the years 1677 to 2262.
func (p Precision) Unix(t time.Time) (int64, error) {
	perSecond, nanos := int64(1e3), int64(1e6)
	switch p {
	case Micro:
		perSecond, nanos = 1e6, 1e3
	case Nano:
		perSecond, nanos = 1e9, 1
	}
	sec, frac := t.Unix(), int64(t.Nanosecond())/nanos
	// frac counts upwards from sec, so the lowest second is the floor of the
	// lowest value and needs a fraction to be in range.
	low := math.MinInt64/perSecond - 1
	high := math.MaxInt64 / perSecond
	switch {
	case sec < low || sec > high,
		sec == low && frac < perSecond+math.MinInt64%perSecond,
		sec == high && frac > math.MaxInt64%perSecond:
		return 0, fmt.Errorf("time %v is out of the range of a timestamp in %v", t, p)
	}
	if sec == low {
		return (sec+1)*perSecond - (perSecond - frac), nil
	}
	return sec*perSecond + frac, nil
}
