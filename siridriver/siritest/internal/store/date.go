package store

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// dates are the forms of a date: a year, then each next part or not, and a
// zone, which only behind a day may be west of Greenwich.
var dates = regexp.MustCompile(`^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T](\d{1,2})(?::(\d{1,2})(?::(\d{1,2}))?)?)?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?$`)

// parseDate reads a date in seconds since 1970, -1 if it is none or one before.
// Without a zone of its own it is in the location.
func parseDate(s string, loc *time.Location) int64 {
	m := dates.FindStringSubmatch(s)
	if m == nil {
		return -1
	}
	var parts [7]int
	for i := 1; i <= 6; i++ {
		parts[i], _ = strconv.Atoi(m[i])
	}
	month, day := max(parts[2], 1), max(parts[3], 1)
	if m[2] != "" && parts[2] == 0 || m[3] != "" && parts[3] == 0 || month > 12 || day > 31 || parts[4] > 23 || parts[5] > 59 || parts[6] > 61 {
		return -1
	}
	zone := m[7]
	if strings.HasPrefix(zone, "-") && m[3] == "" {
		return -1
	}
	if zone != "" {
		loc = time.UTC
	}
	// A day beyond the end of its month is one of the next, as in the server.
	ts := time.Date(parts[1], time.Month(month), day, parts[4], parts[5], parts[6], 0, loc).Unix()
	if len(zone) > 1 {
		hours, _ := strconv.Atoi(zone[1:3])
		minutes := 0
		if len(zone) > 3 {
			minutes, _ = strconv.Atoi(zone[len(zone)-2:])
		}
		offset := int64(hours*3600 + minutes*60)
		if zone[0] == '-' {
			offset = -offset
		}
		ts -= offset
	}
	return max(ts, -1)
}
