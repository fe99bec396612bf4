package siridriver

import (
	"context"
	"math"
	"time"
)

// Precision is the unit of a database's times.
type Precision string

// The precisions that a SiriDB database can have.
const (
	Seconds      Precision = "s"
	Milliseconds Precision = "ms"
	Microseconds Precision = "us"
	Nanoseconds  Precision = "ns"
)

var precisions = []Precision{Seconds, Milliseconds, Microseconds, Nanoseconds}

// perSecond is the number of units in a second; 0 of an unknown precision.
func (p Precision) perSecond() int64 {
	switch p {
	case Seconds:
		return 1
	case Milliseconds:
		return 1e3
	case Microseconds:
		return 1e6
	case Nanoseconds:
		return 1e9
	}
	return 0
}

func (p Precision) known() bool { return p.perSecond() != 0 }

// maxTime is the largest timestamp that a database of this precision takes.
func (p Precision) maxTime() int64 {
	if p == Seconds {
		return math.MaxUint32
	}
	return math.MaxInt64
}

// Time returns the instant that a timestamp of the database stands for.
func (p Precision) Time(ts int64) time.Time {
	switch p {
	case Seconds:
		return time.Unix(ts, 0)
	case Milliseconds:
		return time.UnixMilli(ts)
	case Microseconds:
		return time.UnixMicro(ts)
	case Nanoseconds:
		return time.Unix(ts/1e9, ts%1e9)
	}
	return time.Time{}
}

// times is [Precision.Time] of many, in a location.
func (p Precision) times(dst []time.Time, list []int64, loc *time.Location) {
	switch p { // so that each loop divides by a constant
	case Milliseconds:
		for i, ts := range list {
			dst[i] = time.UnixMilli(ts).In(loc)
		}
	case Nanoseconds:
		for i, ts := range list {
			dst[i] = time.Unix(ts/1e9, ts%1e9).In(loc)
		}
	default:
		for i, ts := range list {
			dst[i] = p.Time(ts).In(loc)
		}
	}
}

// Timestamp returns the timestamp of the database for an instant. What is finer
// than the precision is cut off. ok is false for an instant that no database of
// this precision can hold: before 1970, or too late.
func (p Precision) Timestamp(t time.Time) (ts int64, ok bool) {
	seconds := t.Unix()
	switch p { // all divisions by constants: this runs for every point
	case Seconds:
		return seconds, seconds >= 0 && seconds <= math.MaxUint32
	case Milliseconds:
		ts = seconds*1e3 + int64(t.Nanosecond())/1e6
		return ts, seconds >= 0 && seconds <= math.MaxInt64/1_000 && ts >= 0
	case Microseconds:
		ts = seconds*1e6 + int64(t.Nanosecond())/1e3
		return ts, seconds >= 0 && seconds <= math.MaxInt64/1_000_000 && ts >= 0
	case Nanoseconds:
		ts = seconds*1e9 + int64(t.Nanosecond())
		return ts, seconds >= 0 && seconds <= math.MaxInt64/1_000_000_000 && ts >= 0
	}
	return 0, false
}

// timestamps is [Precision.Timestamp] of many. It returns how many there are
// before the first that the database cannot hold.
func (p Precision) timestamps(dst []int64, list []time.Time) (n int) {
	switch p { // all but the last second, in loops that calculate with constants
	case Milliseconds:
		for ; n < len(list); n++ {
			seconds := list[n].Unix()
			if uint64(seconds) >= math.MaxInt64/1_000 {
				break
			}
			dst[n] = seconds*1e3 + int64(list[n].Nanosecond())/1e6
		}
	case Nanoseconds:
		for ; n < len(list); n++ {
			seconds := list[n].Unix()
			if uint64(seconds) >= math.MaxInt64/1_000_000_000 {
				break
			}
			dst[n] = seconds*1e9 + int64(list[n].Nanosecond())
		}
	}
	for ; n < len(list); n++ {
		ts, ok := p.Timestamp(list[n])
		if !ok {
			break
		}
		dst[n] = ts
	}
	return n
}

// convert turns a timestamp of precision p into one of another. ok is false if
// it does not fit.
func (p Precision) convert(ts int64, to Precision) (int64, bool) {
	from, into := p.perSecond(), to.perSecond()
	if into >= from {
		factor := into / from
		return ts * factor, ts <= math.MaxInt64/factor && ts >= math.MinInt64/factor
	}
	divisor := from / into
	q := ts / divisor
	if ts%divisor < 0 {
		q-- // towards the past, also before 1970
	}
	return q, true
}

type (
	precisionKey struct{}
	wideKey      struct{}
)

// WithPrecision returns a context under which [Config.Precision] is p, for
// single statements: the time_precision of the Python connector's query. An
// empty p asks for time.Time.
func WithPrecision(ctx context.Context, p Precision) context.Context {
	return context.WithValue(ctx, precisionKey{}, p)
}

// WithWide returns a context under which [Config.Wide] is as given.
func WithWide(ctx context.Context, wide bool) context.Context {
	return context.WithValue(ctx, wideKey{}, wide)
}

// precision is that of integers, which may be empty.
func (c *Config) precision(ctx context.Context) Precision {
	if p, ok := ctx.Value(precisionKey{}).(Precision); ok && (p == "" || p.known()) {
		return p
	}
	return c.Precision
}

func (c *Config) wide(ctx context.Context) bool {
	if w, ok := ctx.Value(wideKey{}).(bool); ok {
		return w
	}
	return c.Wide
}
