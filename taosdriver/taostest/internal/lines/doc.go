// Package lines reads what is written without a schema: InfluxDB's line protocol,
// OpenTSDB's telnet lines and OpenTSDB's JSON, as TDengine 3.3.7.5 does, with its
// codes and texts where they were recorded. It is pure.
package lines

import (
	"fmt"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// Protocol is the form of the text, by TDengine's number.
type Protocol int

// The protocols.
const (
	Line   Protocol = 1
	Telnet Protocol = 2
	JSON   Protocol = 3
)

// The columns that TDengine makes up.
const (
	TimeColumn  = "_ts"
	ValueColumn = "_value"
)

// Point is one row to be written.
type Point struct {
	// Table is the super table.
	Table string
	// Tags and Fields in the order of the text.
	Tags, Fields []Pair
	// Time of the point; the zero value is now.
	Time time.Time
	// Rest is the text from the fields on, which the server quotes in errors.
	Rest string
}

// repeats reports whether a name occurs twice.
func (p *Point) repeats() bool {
	seen := make(map[string]bool, len(p.Tags)+len(p.Fields))
	for _, list := range [][]Pair{p.Tags, p.Fields} {
		for _, pair := range list {
			if seen[pair.Name] {
				return true
			}
			seen[pair.Name] = true
		}
	}
	return false
}

// Pair is a tag or a field.
type Pair struct {
	Name  string
	Value Value
}

// Value is a typed value.
type Value struct {
	Type block.Type
	// Text is the value as SQL takes it.
	Text string
	// Raw is that of text types, unquoted.
	Raw string
	// Size is what is to be stored of a type that varies, in bytes.
	Size int
}

// Error is an error with TDengine's code.
type Error struct {
	code int
	text string
}

func (e *Error) Error() string { return e.text }

// Code is the number, cut to 16 bits.
func (e *Error) Code() int { return e.code }

// The codes of malformed text.
const (
	codeTime     = 0x0127
	codeValue    = 0x0203
	codeMeasure  = 0x020a
	codeJSON     = 0x0221
	codeKey      = 0x021f
	codeRange    = 0x0224
	codeInput    = 0x070f
	codeTwice    = 0x263c
	codeProtocol = 0x3000
	codeData     = 0x3002
)

func failf(code int, format string, args ...any) error {
	return &Error{code, fmt.Sprintf(format, args...)}
}

// Parse reads all points of the text, or none. precision is that of the line
// protocol: "h", "m", "s", "ms", "u", and whatever else means nanoseconds. lines is
// what the server counts: lines, of JSON one.
func Parse(p Protocol, precision, text string) (points []Point, lines int, err error) {
	if p < Line || p > JSON {
		return nil, 0, failf(codeProtocol, "protocol invalidate")
	}
	if text == "" {
		return nil, 0, failf(codeData, "line num is invalid")
	}
	if p == JSON {
		points, err = parseJSON(text)
		return points, 1, err
	}
	for text != "" {
		line := text
		for i := range len(text) {
			if text[i] == '\n' {
				line = text[:i]
				break
			}
		}
		text = text[min(len(line)+1, len(text)):]
		if p == Line && len(line) > 0 && line[0] == '#' {
			continue
		}
		var point Point
		if p == Line {
			point, err = parseLine(line, unitOf(precision))
		} else {
			point, err = parseTelnet(line)
		}
		if err != nil {
			return nil, 0, err
		}
		if point.repeats() {
			return nil, 0, failf(codeTwice, "Duplicated column names")
		}
		points = append(points, point)
	}
	if len(points) == 0 {
		return nil, 0, failf(codeData, "line num is invalid")
	}
	return points, len(points), nil
}

// unitOf is the unit of a precision's text.
func unitOf(precision string) time.Duration {
	switch precision {
	case "h":
		return time.Hour
	case "m":
		return time.Minute
	case "s":
		return time.Second
	case "ms":
		return time.Millisecond
	case "u", "μ":
		return time.Microsecond
	}
	return time.Nanosecond
}

// at is the time so many units after the epoch.
func at(n int64, unit time.Duration) time.Time {
	perSecond := int64(time.Second / unit)
	if perSecond == 0 {
		return time.Unix(n*int64(unit/time.Second), 0).UTC()
	}
	return time.Unix(n/perSecond, n%perSecond*int64(unit)).UTC()
}
