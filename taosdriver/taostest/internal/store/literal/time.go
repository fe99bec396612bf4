package literal

import (
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// Time reads a timestamp: "2024-01-02", "2024-01-02 03:04:05.678", with T for the space, with Z or
// an offset like +08:00 or +0800. Without one the text is in loc. Digits finer than the precision
// are dropped.
func Time(s string, p block.Precision, loc *time.Location) (int64, bool) {
	t, ok := parseTime(strings.TrimSpace(s), loc)
	if !ok {
		return 0, false
	}
	v, err := p.Unix(t)
	return v, err == nil
}

func parseTime(s string, loc *time.Location) (time.Time, bool) {
	var year, month, day, hour, minute, second, nanos int
	fields := []struct {
		sep   string
		width int
		to    *int
	}{{"", 4, &year}, {"-", 2, &month}, {"-", 2, &day}, {" T", 2, &hour}, {":", 2, &minute}, {":", 2, &second}}
	for i, f := range fields {
		if i == 3 && s == "" {
			break
		}
		if f.sep != "" {
			if s == "" || strings.IndexByte(f.sep+strings.ToLower(f.sep), s[0]) < 0 {
				return time.Time{}, false
			}
			s = s[1:]
		}
		n, rest, ok := digits(s, f.width)
		if !ok {
			return time.Time{}, false
		}
		*f.to, s = n, rest
	}
	if strings.HasPrefix(s, ".") {
		s = s[1:]
		scale, n := 100_000_000, 0
		for n < len(s) && '0' <= s[n] && s[n] <= '9' {
			nanos += int(s[n]-'0') * scale
			scale /= 10
			n++
		}
		if n == 0 {
			return time.Time{}, false
		}
		s = s[n:]
	}
	if s != "" {
		var ok bool
		if loc, ok = zone(s); !ok {
			return time.Time{}, false
		}
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, nanos, loc)
	if month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 {
		return time.Time{}, false
	}
	return t, true
}

// digits reads one up to width digits, as TDengine does not insist on leading zeros.
func digits(s string, width int) (n int, rest string, ok bool) {
	i := 0
	for i < len(s) && i < width && '0' <= s[i] && s[i] <= '9' {
		n = n*10 + int(s[i]-'0')
		i++
	}
	return n, s[i:], i > 0 && (width == 2 || i == width)
}

// zone reads Z, +08, +0800 or +08:00.
func zone(s string) (*time.Location, bool) {
	if s == "Z" || s == "z" {
		return time.UTC, true
	}
	sign := 1
	switch s[0] {
	case '-':
		sign = -1
	case '+':
	default:
		return nil, false
	}
	d := strings.Replace(s[1:], ":", "", 1)
	if len(d) != 2 && len(d) != 4 {
		return nil, false
	}
	n := 0
	for _, c := range []byte(d) {
		if c < '0' || c > '9' {
			return nil, false
		}
		n = n*10 + int(c-'0')
	}
	if len(d) == 2 {
		n *= 100
	}
	if n/100 > 14 || n%100 > 59 {
		return nil, false
	}
	return time.FixedZone("", sign*(n/100*3600+n%100*60)), true
}

// Today is the start of t's day in its location.
func Today(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}
