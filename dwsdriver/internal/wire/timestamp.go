package wire

import (
	"errors"
	"math"
	"strconv"
	"time"
)

// errTime is a text that is no date or time in ISO order.
var errTime = errors.New("not a time in ISO format, which the driver relies on (see DateStyle)")

// The texts of the ends of time.
const (
	infinity      = "infinity"
	minusInfinity = "-infinity"
)

const (
	secondsADay = 86400
	// epochDays and epochSeconds are 2000-01-01, from which the binary format counts.
	epochSeconds = 946684800
	epochDays    = epochSeconds / secondsADay
)

// parseTime reads "2006-01-02 15:04:05.999999+05:30", of which the time of day
// and the zone may be missing, a year have more digits, and " BC" stand behind. A
// text without a zone is in loc.
func parseTime(b []byte, loc *time.Location) (time.Time, error) {
	year, b, ok := digits(b, 4, 9)
	if !ok || len(b) < 6 || b[0] != '-' || b[3] != '-' {
		return time.Time{}, errTime
	}
	month, ok1 := two(b[1:])
	day, ok2 := two(b[4:])
	if !ok1 || !ok2 || month < 1 || month > 12 || day < 1 || day > 31 {
		return time.Time{}, errTime
	}
	b = b[6:]
	var hour, minute, second, nanos int
	if len(b) >= 9 && (b[0] == ' ' || b[0] == 'T') && b[1] != 'B' {
		var ok3 bool
		hour, ok1 = two(b[1:])
		minute, ok2 = two(b[4:])
		second, ok3 = two(b[7:])
		if !ok1 || !ok2 || !ok3 || b[3] != ':' || b[6] != ':' || hour > 24 || minute > 59 || second > 60 {
			return time.Time{}, errTime
		}
		if nanos, b, ok = fraction(b[9:]); !ok {
			return time.Time{}, errTime
		}
	}
	offset, zoned, b, ok := zone(b)
	if !ok {
		return time.Time{}, errTime
	}
	switch string(b) {
	case "":
	case " BC":
		year = 1 - year
	default:
		return time.Time{}, errTime
	}
	if !zoned && loc != time.UTC {
		return time.Date(year, time.Month(month), day, hour, minute, second, nanos, loc), nil
	}
	t := time.Unix(seconds(year, month, day)+int64(3600*hour+60*minute+second-offset), int64(nanos))
	return t.In(loc), nil
}

// seconds returns those from 1970 to midnight of a day.
func seconds(year, month, day int) int64 {
	// Years begin in March, so that the leap day is their last.
	y := int64(year)
	if month <= 2 {
		y--
	}
	era := y / 400
	if y < 0 {
		era = (y - 399) / 400
	}
	ofEra := y - 400*era
	ofYear := int64(153*((month+9)%12)+2)/5 + int64(day) - 1
	days := 365*ofEra + ofEra/4 - ofEra/100 + ofYear
	return (146097*era + days - 719468) * secondsADay
}

// digits reads a number of so many digits.
func digits(b []byte, least, most int) (n int, rest []byte, ok bool) {
	i := 0
	for i < len(b) && i < most && '0' <= b[i] && b[i] <= '9' {
		n = 10*n + int(b[i]-'0')
		i++
	}
	return n, b[i:], i >= least
}

// two reads two digits, which b is long enough for.
func two(b []byte) (int, bool) {
	x, y := b[0]-'0', b[1]-'0'
	return int(10*x + y), x <= 9 && y <= 9
}

// fraction reads ".999999" if it is there.
func fraction(b []byte) (nanos int, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '.' {
		return 0, b, true
	}
	n, rest, ok := digits(b[1:], 1, 9)
	for range 9 - (len(b) - 1 - len(rest)) {
		n *= 10
	}
	return n, rest, ok
}

// zone reads "+05", "+05:30" or "-00:25:21" if it is there.
func zone(b []byte) (offset int, zoned bool, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '+' && b[0] != '-' {
		return 0, false, b, true
	}
	sign := 1
	if b[0] == '-' {
		sign = -1
	}
	b = b[1:]
	for unit := 3600; unit > 0; unit /= 60 {
		if len(b) < 2 {
			return 0, true, b, false
		}
		n, ok := two(b)
		if !ok || n > 59 {
			return 0, true, b, false
		}
		offset += n * unit
		if b = b[2:]; len(b) == 0 || b[0] != ':' || unit == 1 {
			break
		}
		b = b[1:]
	}
	return sign * offset, true, b, true
}

// binaryTime is a time of so many microseconds since 2000. One without a zone is
// in loc.
func binaryTime(us int64, local bool, loc *time.Location) time.Time {
	sec := us / 1e6
	if us%1e6 < 0 {
		sec--
	}
	t := time.Unix(sec+epochSeconds, (us-1e6*sec)*1000)
	if local && loc != time.UTC {
		t = t.UTC()
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc)
	}
	return t.In(loc)
}

// binaryDate is midnight of the day so many days after 2000-01-01.
func binaryDate(days int32, loc *time.Location) time.Time {
	t := time.Unix((int64(days)+epochDays)*secondsADay, 0).UTC()
	if loc == time.UTC {
		return t
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, loc)
}

// isInfinite tells the ends of time in the binary formats, by their text.
func isInfinite[T int32 | int64](n, least, most T) string {
	switch n {
	case least:
		return minusInfinity
	case most:
		return infinity
	}
	return ""
}

func infiniteTime(us int64) string  { return isInfinite(us, math.MinInt64, math.MaxInt64) }
func infiniteDate(day int32) string { return isInfinite(day, math.MinInt32, math.MaxInt32) }

// appendTime appends a time as the server reads it: "2006-01-02 15:04:05.999999",
// and the zone if asked for.
func appendTime(dst []byte, t time.Time, zoned bool) []byte {
	dst, bc := appendDay(dst, t)
	dst = t.AppendFormat(dst, " 15:04:05.999999999")
	if zoned {
		dst = appendOffset(dst, t)
	}
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

// appendDate appends the day of a time.
func appendDate(dst []byte, t time.Time) []byte {
	dst, bc := appendDay(dst, t)
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

func appendDay(dst []byte, t time.Time) (_ []byte, bc bool) {
	year, month, day := t.Date()
	if bc = year <= 0; bc {
		year = 1 - year
	}
	for limit := 1000; limit > year && limit > 1; limit /= 10 {
		dst = append(dst, '0')
	}
	dst = strconv.AppendInt(dst, int64(year), 10)
	return append(dst, '-', byte('0'+month/10), byte('0'+month%10), '-', byte('0'+day/10), byte('0'+day%10)), bc
}

// appendOffset appends "+05:30", and seconds if there are some.
func appendOffset(dst []byte, t time.Time) []byte {
	_, offset := t.Zone()
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	pair := func(n int) { dst = append(dst, byte('0'+n/10%10), byte('0'+n%10)) }
	dst = append(dst, sign)
	pair(offset / 3600)
	dst = append(dst, ':')
	pair(offset / 60 % 60)
	if offset%60 != 0 {
		dst = append(dst, ':')
		pair(offset % 60)
	}
	return dst
}
