package store

import (
	sqldriver "database/sql/driver"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var intervalPart = regexp.MustCompile(`([+-]?\d+(?:\.\d+)?)\s*([a-zA-Z]+)`)
var intervalClock = regexp.MustCompile(`([+-]?)(\d+):(\d+)(?::(\d+(?:\.\d+)?))?`)

// interval is a span in months, days and the rest.
func interval(text string) (months, days int, rest time.Duration, err error) {
	if m := intervalClock.FindStringSubmatch(text); m != nil {
		h, _ := strconv.Atoi(m[2])
		minutes, _ := strconv.Atoi(m[3])
		s, _ := strconv.ParseFloat("0"+m[4], 64)
		rest = time.Duration(h)*time.Hour + time.Duration(minutes)*time.Minute + time.Duration(s*1e9)
		if m[1] == "-" {
			rest = -rest
		}
		text = strings.Replace(text, m[0], "", 1)
	}
	for _, m := range intervalPart.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.ParseFloat(m[1], 64)
		switch strings.TrimSuffix(strings.ToLower(m[2]), "s") {
		case "year", "y", "yr":
			months += int(n * 12)
		case "month", "mon":
			months += int(n)
		case "week", "w":
			days += int(n * 7)
		case "day", "d":
			days += int(n)
		case "hour", "h":
			rest += time.Duration(n * float64(time.Hour))
		case "minute", "min", "m":
			rest += time.Duration(n * float64(time.Minute))
		case "second", "sec", "", "s":
			rest += time.Duration(n * float64(time.Second))
		case "millisecond", "ms", "msec":
			rest += time.Duration(n * float64(time.Millisecond))
		default:
			return 0, 0, 0, failf("22007", "invalid input syntax for type interval: %q", text)
		}
	}
	return months, days, rest, nil
}

// parseKept reads a time as it is kept.
func parseKept(v any) (time.Time, bool) {
	s := asText(v)
	if len(s) == len(dateLayout) {
		at, err := time.Parse(dateLayout, s)
		return at, err == nil
	}
	at, err := time.Parse(stampLayout, s)
	return at, err == nil
}

func shiftFunction(a []sqldriver.Value) (any, error) {
	at, ok := parseKept(a[0])
	if !ok || a[2] == nil {
		return nil, nil
	}
	months, days, rest := 0, 0, time.Duration(0)
	if n, ok := a[2].(int64); ok {
		days = int(n)
	} else {
		var err error
		if months, days, rest, err = interval(asText(a[2])); err != nil {
			return nil, err
		}
	}
	if asText(a[1]) == "-" {
		months, days, rest = -months, -days, -rest
	}
	// The last day of a month stays within the month that it comes to.
	y, m, d := at.Date()
	first := time.Date(y, m+time.Month(months), 1, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
	d = min(d, first.AddDate(0, 1, -1).Day())
	return named(asText(a[3])).stamp(first.AddDate(0, 0, d-1+days).Add(rest), time.UTC), nil
}

func daysFunction(a []sqldriver.Value) (any, error) {
	x, ok1 := parseKept(a[0])
	y, ok2 := parseKept(a[1])
	if !ok1 || !ok2 {
		return nil, nil
	}
	return int64(x.Sub(y) / (24 * time.Hour)), nil
}

func betweenFunction(a []sqldriver.Value) (any, error) {
	x, ok1 := parseKept(a[0])
	y, ok2 := parseKept(a[1])
	if !ok1 || !ok2 {
		return nil, nil
	}
	d, sign := x.Sub(y), ""
	if d < 0 {
		d, sign = -d, "-"
	}
	out := ""
	if days := d / (24 * time.Hour); days > 0 {
		out = fmt.Sprintf("%s%d day", sign, days)
		if days > 1 {
			out += "s"
		}
		out += " "
		d -= days * 24 * time.Hour
	}
	clock := time.Time{}.Add(d).Format("15:04:05.999999")
	return strings.TrimSpace(out + sign + clock), nil
}

func truncFunction(a []sqldriver.Value) (any, error) {
	at, ok := parseKept(a[1])
	if !ok {
		return nil, nil
	}
	t := named(asText(a[3]))
	loc, err := zone(asText(a[2]))
	if err != nil || t.kind != kindStampZone {
		loc = time.UTC
	}
	at = at.In(loc)
	y, m, d := at.Date()
	switch strings.ToLower(asText(a[0])) {
	case "year":
		at = time.Date(y, 1, 1, 0, 0, 0, 0, loc)
	case "quarter":
		at = time.Date(y, m-(m-1)%3, 1, 0, 0, 0, 0, loc)
	case "month":
		at = time.Date(y, m, 1, 0, 0, 0, 0, loc)
	case "week":
		at = time.Date(y, m, d-(int(at.Weekday())+6)%7, 0, 0, 0, 0, loc)
	case "day":
		at = time.Date(y, m, d, 0, 0, 0, 0, loc)
	case "hour":
		at = time.Date(y, m, d, at.Hour(), 0, 0, 0, loc)
	case "minute":
		at = at.Truncate(time.Minute)
	case "second":
		at = at.Truncate(time.Second)
	default:
		return nil, failf("22023", "unit %q is not known", asText(a[0]))
	}
	return t.stamp(at, loc), nil
}

func partFunction(a []sqldriver.Value) (any, error) {
	at, ok := parseKept(a[1])
	if !ok {
		return nil, nil
	}
	if loc, err := zone(asText(a[2])); err == nil && named(asText(a[3])).kind == kindStampZone {
		at = at.In(loc)
	}
	switch asText(a[0]) {
	case "epoch":
		return float64(at.UnixMicro()) / 1e6, nil
	case "year":
		return float64(at.Year()), nil
	case "month":
		return float64(at.Month()), nil
	case "day":
		return float64(at.Day()), nil
	case "hour":
		return float64(at.Hour()), nil
	case "minute":
		return float64(at.Minute()), nil
	case "second":
		return float64(at.Second()) + float64(at.Nanosecond())/1e9, nil
	case "dow":
		return float64(at.Weekday()), nil
	case "doy":
		return float64(at.YearDay()), nil
	}
	return nil, failf("22023", "unit %q is not known", asText(a[0]))
}
