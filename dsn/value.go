package dsn

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

func parseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "true", "1", "yes", "on", "t", "y":
		return true, nil
	case "false", "0", "no", "off", "f", "n":
		return false, nil
	}
	return false, errors.New("want true or false")
}

// ParseDuration reads what keys of type [Duration] take, for keys that take
// something besides.
func ParseDuration(s string) (time.Duration, error) {
	want := errors.New("want a duration such as 500ms, 5m or 300 (seconds)")
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n < 0 || n > math.MaxInt64/int64(time.Second) {
			return 0, want
		}
		return time.Duration(n) * time.Second, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, want
	}
	return d, nil
}

// FormatDuration writes what [ParseDuration] reads, without the zero units that
// [time.Duration.String] adds: 5m, not 5m0s.
func FormatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

var sizeUnits = []struct {
	name  string
	shift uint
}{{"GiB", 30}, {"MiB", 20}, {"KiB", 10}}

func parseSize(s string) (int64, bool) {
	digits := strings.TrimRight(s, "KMGkmgiIbB")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 {
		return 0, false
	}
	unit := s[len(digits):]
	if unit == "" || strings.EqualFold(unit, "B") {
		return n, true
	}
	for _, u := range sizeUnits {
		if !strings.EqualFold(unit, u.name[:1]) && !strings.EqualFold(unit, u.name) &&
			!strings.EqualFold(unit, u.name[:1]+"B") {
			continue
		}
		if n > math.MaxInt64>>u.shift {
			return 0, false
		}
		return n << u.shift, true
	}
	return 0, false
}

func formatSize(n int64) string {
	for _, u := range sizeUnits {
		if n > 0 && n%(1<<u.shift) == 0 {
			return strconv.FormatInt(n>>u.shift, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10)
}

func parseLocation(s string) (*time.Location, error) {
	if offset, ok := parseOffset(s); ok {
		return time.FixedZone(s, offset), nil
	}
	if s != "" {
		if loc, err := time.LoadLocation(s); err == nil {
			return loc, nil
		}
	}
	if _, err := time.LoadLocation("Europe/London"); err != nil {
		return nil, errors.New(`this machine has no time zone database; import _ "time/tzdata", or give UTC, Local or an offset such as +08:00`)
	}
	return nil, errors.New("want a time zone such as Asia/Shanghai, UTC, Local or +08:00")
}

// parseOffset reads ±hh:mm and ±hh:mm:ss as seconds east of UTC.
func parseOffset(s string) (seconds int, ok bool) {
	if len(s) != len("+08:00") && len(s) != len("+08:00:00") || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	limits := [3]int{23, 59, 59}
	for i, part := range strings.Split(s[1:], ":") {
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil || len(part) != 2 || i > 2 || int(n) > limits[i] {
			return 0, false
		}
		seconds = seconds*60 + int(n)
	}
	if len(s) == len("+08:00") {
		seconds *= 60
	}
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

// formatLocation gives the location's name if that leads back to it, and its
// offset if it is a fixed zone with a name of its own. nil is "".
func formatLocation(loc *time.Location) string {
	if loc == nil {
		return ""
	}
	name := loc.String()
	if _, err := parseLocation(name); err == nil {
		return name
	}
	_, offset := time.Unix(0, 0).In(loc).Zone()
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	text := fmt.Sprintf("%c%02d:%02d", sign, offset/3600, offset/60%60)
	if offset%60 != 0 {
		text += fmt.Sprintf(":%02d", offset%60)
	}
	return text
}
