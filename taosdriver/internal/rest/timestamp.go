package rest

import (
	"math"
	"math/bits"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// timestamp is a time as the server prints it, "2023-11-14T22:13:20.001+08:00",
// taken apart.
type timestamp struct {
	seconds   int64 // since the epoch, UTC
	fraction  int64 // in units of the precision
	precision block.Precision
	utc       bool // printed with Z
}

// parseTimestamp reads RFC 3339 with exactly 3, 6 or 9 digits after the second,
// the database's precision. Years may have more than four digits or a sign.
func parseTimestamp(b []byte) (t timestamp, ok bool) {
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		b = b[1:]
	}
	year, n := digits(b, 12)
	if n < 4 {
		return t, false
	}
	if negative {
		year = -year
	}
	b = b[n:]
	// -MM-DDTHH:MM:SS.
	if len(b) < 16 || b[0] != '-' || b[3] != '-' || b[6] != 'T' || b[9] != ':' || b[12] != ':' || b[15] != '.' {
		return t, false
	}
	month, ok1 := two(b[1:], 1, 12)
	day, ok2 := two(b[4:], 1, 31)
	hour, ok3 := two(b[7:], 0, 23)
	minute, ok4 := two(b[10:], 0, 59)
	second, ok5 := two(b[13:], 0, 59)
	if !(ok1 && ok2 && ok3 && ok4 && ok5) {
		return t, false
	}
	b = b[16:]
	t.fraction, n = digits(b, 10)
	switch n {
	case 3:
		t.precision = block.Milli
	case 6:
		t.precision = block.Micro
	case 9:
		t.precision = block.Nano
	default:
		return t, false
	}
	t.seconds = daysOf(year, month, day)*86400 + hour*3600 + minute*60 + second
	return t, t.zone(b[n:])
}

// zone reads "Z", "+08:00" or "-05:00" and takes it off the seconds.
func (t *timestamp) zone(b []byte) bool {
	if len(b) == 1 && b[0] == 'Z' {
		t.utc = true
		return true
	}
	if len(b) != 6 || b[3] != ':' || b[0] != '+' && b[0] != '-' {
		return false
	}
	hours, ok1 := two(b[1:], 0, 23)
	minutes, ok2 := two(b[4:], 0, 59)
	offset := hours*3600 + minutes*60
	if b[0] == '-' {
		offset = -offset
	}
	t.seconds -= offset
	return ok1 && ok2
}

// lastOddOffset is 1972-01-08, after which no zone of the IANA database had an
// offset with seconds in it.
const lastOddOffset = 63_936_000

// correct undoes the server's printing of an offset without its seconds. Local
// mean times have them: Asia/Shanghai was 8:05:43 ahead until 1901, and the
// server prints +08:05. zone is the one that the server printed the time in.
func (t *timestamp) correct(zone *time.Location) {
	if t.utc || zone == nil || t.seconds >= lastOddOffset {
		return
	}
	_, offset := time.Unix(t.seconds, 0).In(zone).Zone()
	t.seconds -= int64(offset % 60)
}

// unix returns the number of units since the epoch; ok is false if it does not
// fit, which the server's own cannot.
func (t timestamp) unix() (v int64, ok bool) {
	perSecond := int64(1000)
	switch t.precision {
	case block.Micro:
		perSecond = 1e6
	case block.Nano:
		perSecond = 1e9
	}
	// Truncation towards zero keeps the product in range where only the sum with
	// the fraction is: the first second of the range of int64 nanoseconds.
	seconds, fraction := t.seconds, t.fraction
	if seconds < 0 && fraction > 0 {
		seconds, fraction = seconds+1, fraction-perSecond
	}
	hi, lo := bits.Mul64(uint64(max(seconds, -seconds)), uint64(perSecond))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	v = int64(lo)
	if seconds < 0 {
		v = -v
	}
	if fraction < 0 && v < math.MinInt64-fraction || fraction > 0 && v > math.MaxInt64-fraction {
		return 0, false
	}
	return v + fraction, true
}

// digits reads the digits at the start of b, at most limit of them.
func digits(b []byte, limit int) (v int64, n int) {
	for n < len(b) && n < limit {
		d := b[n] - '0'
		if d > 9 {
			break
		}
		v = v*10 + int64(d)
		n++
	}
	return v, n
}

// two reads two digits.
func two(b []byte, low, high int64) (v int64, ok bool) {
	hi, lo := b[0]-'0', b[1]-'0'
	v = int64(hi)*10 + int64(lo)
	return v, hi <= 9 && lo <= 9 && v >= low && v <= high
}

// daysOf returns the days from 1970-01-01 to a date of the Gregorian calendar,
// counted in eras of 400 years that begin in March.
func daysOf(year, month, day int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	if year%400 < 0 {
		era--
	}
	ofEra := year - era*400
	ofYear := (153*(month-3)+2)/5 + day - 1
	return era*146097 + ofEra*365 + ofEra/4 - ofEra/100 + ofYear - 719468
}
