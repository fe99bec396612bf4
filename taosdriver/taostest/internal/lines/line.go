package lines

import (
	"strconv"
	"strings"
	"time"
)

// maxName is the longest name of a super table.
const maxName = 192

// parseLine reads a line of the line protocol:
//
//	table[,tag=value...] field=value[,field=value...] [time]
func parseLine(line string, unit time.Duration) (p Point, err error) {
	end := until(line, ", ")
	if end == 0 || end > maxName {
		return p, failf(codeMeasure, "SML line measure is empty or too large than 192")
	}
	p.Table = unescape(line[:end])
	rest := line[end:]
	if strings.HasPrefix(rest, ",") {
		end := until(rest, " ")
		for _, tag := range split(rest[1:end]) {
			name, value, ok := cutPair(tag)
			switch {
			case !ok:
				return p, failf(codeData, "invalid data:%s", rest[end:])
			case value == "":
				return p, failf(codeData, "invalid value:%s", rest[end:])
			}
			p.Tags = append(p.Tags, Pair{unescape(name), nchar(unescape(value))})
		}
		rest = rest[end:]
	}
	rest = strings.TrimLeft(rest, " ")
	if rest == "" {
		return p, failf(codeData, "SML line cols is empty")
	}
	p.Rest = rest
	end = until(rest, " ")
	fields, after := rest[:end], rest[end:]
	for from := 0; from <= len(fields); {
		field := fields[from:]
		field = field[:until(field, ",")]
		name, value, ok := cutPair(field)
		if !ok {
			return p, failf(codeData, "SML line invalid data:%s", after)
		}
		if value == "" {
			return p, failf(codeData, "SML line invalid value:")
		}
		v, err := parseValue(value, rest[from+len(field)-len(value):])
		if err != nil {
			return p, err
		}
		p.Fields = append(p.Fields, Pair{unescape(name), v})
		from += len(field) + 1
	}
	switch stamp, _ := word(after); stamp {
	case "", "0":
	default:
		n, err := strconv.ParseInt(stamp, 10, 64)
		switch {
		case err != nil:
			return p, failf(codeTime, "SML line invalid timestamp:%s", strings.TrimLeft(after, " "))
		case n < 0:
			return p, failf(codeTime, "Invalid timestamp format")
		}
		p.Time = at(n, unit)
	}
	return p, nil
}

// until returns the place of the first of the separators that is neither escaped
// nor within quotes, or the length.
func until(s, separators string) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && strings.IndexByte(separators, c) >= 0:
			return i
		}
	}
	return len(s)
}

func split(s string) (list []string) {
	for {
		end := until(s, ",")
		list = append(list, s[:end])
		if end == len(s) {
			return list
		}
		s = s[end+1:]
	}
}

func cutPair(s string) (name, value string, ok bool) {
	end := until(s, "=")
	if end == 0 || end == len(s) {
		return "", "", false
	}
	return s[:end], s[end+1:], true
}

// unescape takes the backslash from in front of what separates.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(`, ="\`, s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// parseTelnet reads a line of OpenTSDB's telnet form, without put:
//
//	metric time value tag=value [tag=value...]
func parseTelnet(line string) (p Point, err error) {
	metric, rest := word(line)
	if metric == "" || len(metric) > maxName {
		return p, failf(codeMeasure, "SML telnet measure is empty or too large than 192")
	}
	p.Table = metric
	stamp, rest := word(rest)
	n, err := strconv.ParseInt(stamp, 10, 64)
	unit, ok := digits(stamp)
	if err != nil || !ok {
		return p, failf(codeTime, "SML telnet parse timestamp failed:%s", rest)
	}
	if n != 0 {
		p.Time = at(n, unit)
	}
	p.Rest = strings.TrimLeft(rest, " ")
	value, rest := word(rest)
	v, err := parseValue(value, p.Rest)
	if err != nil {
		return p, err
	}
	p.Fields = []Pair{{ValueColumn, v}}
	for strings.TrimSpace(rest) != "" {
		var tag string
		tag, rest = word(rest)
		name, value, ok := cutPair(tag)
		if !ok || value == "" {
			return p, failf(codeKey, "invalid key or key is too long than 64:%s", tag)
		}
		p.Tags = append(p.Tags, Pair{name, nchar(value)})
	}
	if len(p.Tags) == 0 {
		return p, failf(codeValue, "SML telnet invalid value:")
	}
	return p, nil
}

// word cuts the first word off.
func word(s string) (first, rest string) {
	s = strings.TrimLeft(s, " ")
	end := until(s, " ")
	return s[:end], s[end:]
}

// digits is the unit that a number of digits stands for.
func digits(stamp string) (time.Duration, bool) {
	switch len(stamp) {
	case 1:
		return time.Second, stamp == "0"
	case 10:
		return time.Second, true
	case 13:
		return time.Millisecond, true
	}
	return 0, false
}
