package query

import (
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/eval"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// intervals cuts time into windows. Windows of a day or longer follow the session's time zone,
// months and years its calendar.
type intervals struct {
	precision    block.Precision
	loc          *time.Location
	every        literal.Duration
	length, step int64 // in units, of windows that are not natural
	offset       int64
	zoned        bool
}

// maxMonths bounds the windows of the calendar, and maxOverlap how many sliding windows hold an
// instant.
const (
	maxMonths  = 1200
	maxOverlap = 100
)

func newIntervals(w *parse.Interval, p block.Precision, loc *time.Location) (*intervals, error) {
	if w.Fill != "" {
		return nil, sqlerr.Unsupported("fill(" + w.Fill + ")")
	}
	iv := &intervals{precision: p, loc: loc}
	if loc == nil {
		iv.loc = time.UTC
	}
	var ok bool
	if iv.every, ok = literal.ParseDuration(w.Every); !ok || iv.every.N <= 0 {
		return nil, sqlerr.ErrIntervalTooSmall
	}
	if iv.every.Natural() {
		if iv.every.Months() > maxMonths || iv.every.N > maxMonths {
			return nil, sqlerr.Unsupportedf("an interval of more than %d months", maxMonths)
		}
		switch {
		case w.Sliding != "":
			return nil, sqlerr.ErrSlidingNatural
		case w.Offset != "":
			return nil, sqlerr.Unsupported("the offset of an interval of months or years")
		}
		return iv, nil
	}
	if iv.length, ok = iv.every.Units(p); !ok || iv.length <= 0 {
		return nil, sqlerr.ErrIntervalTooSmall
	}
	iv.step = iv.length
	iv.zoned = iv.every.Unit == 'd' || iv.every.Unit == 'w'
	if w.Offset != "" {
		d, ok := literal.ParseDuration(w.Offset)
		if iv.offset, ok = unitsOf(d, ok, p); !ok || iv.offset < 0 || iv.offset >= iv.length {
			return nil, sqlerr.ErrOffsetTooBig
		}
	}
	if w.Sliding != "" {
		d, ok := literal.ParseDuration(w.Sliding)
		if iv.step, ok = unitsOf(d, ok, p); !ok || iv.step <= 0 || iv.step > iv.length {
			return nil, sqlerr.ErrSlidingTooBig
		}
		if iv.length/iv.step > maxOverlap {
			return nil, sqlerr.ErrSlidingTooSmall
		}
	}
	return iv, nil
}

func unitsOf(d literal.Duration, ok bool, p block.Precision) (int64, bool) {
	if !ok || d.Natural() {
		return 0, false
	}
	return d.Units(p)
}

// windows calls f with each window that holds ts, the latest first.
func (iv *intervals) windows(ts int64, f func(eval.Window)) {
	if iv.every.Natural() {
		f(iv.natural(ts))
		return
	}
	shift := -iv.offset
	if iv.zoned {
		_, seconds := iv.precision.Time(ts, iv.loc).Zone()
		second, _ := literal.Duration{N: 1, Unit: 's'}.Units(iv.precision)
		shift += int64(seconds) * second
	}
	start := eval.FloorTo(ts+shift, iv.step) - shift
	for n := 0; n <= maxOverlap && start > ts-iv.length; n++ {
		f(eval.Window{Start: start, End: start + iv.length})
		start -= iv.step
	}
}

// natural is the window of months from the beginning of year 1970 that holds ts.
func (iv *intervals) natural(ts int64) eval.Window {
	t := iv.precision.Time(ts, iv.loc)
	months := eval.FloorTo(int64(t.Year()-1970)*12+int64(t.Month()-1), iv.every.Months())
	at := func(months int64) int64 {
		v, _ := iv.precision.Unix(time.Date(1970, time.Month(1+months), 1, 0, 0, 0, 0, iv.loc))
		return v
	}
	return eval.Window{Start: at(months), End: at(months + iv.every.Months())}
}
