package store

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// Values are bool, int32 (INT32, DATE), int64 (INT64, TIMESTAMP), float32, float64,
// string (TEXT, STRING), []byte and nil.

// encode turns a value into one that SQLite keeps: NaN, which it takes for NULL,
// becomes a text.
func encode(v any) any {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case int32:
		return int64(v)
	case float32:
		return encode(float64(v))
	case float64:
		if math.IsNaN(v) {
			return "nan"
		}
	}
	return v
}

// decode is the opposite of encode.
func decode(t datatype.Type, v any) (any, error) {
	switch x := v.(type) {
	case nil:
		return nil, nil
	case int64:
		switch t {
		case datatype.Boolean:
			return x != 0, nil
		case datatype.Int32, datatype.Date:
			if x != int64(int32(x)) {
				return nil, fail(CodeOverflow, "int overflow: %d", x)
			}
			return int32(x), nil
		case datatype.Float:
			return float32(x), nil
		case datatype.Double:
			return float64(x), nil
		case datatype.Text, datatype.String:
			return strconv.FormatInt(x, 10), nil
		}
	case float64:
		switch t {
		case datatype.Float:
			return float32(x), nil
		case datatype.Int64, datatype.Int32, datatype.Timestamp:
			return nil, fail(CodeOverflow, "long overflow: %g", x)
		}
	case string:
		switch t {
		case datatype.Float:
			return float32(math.NaN()), nil
		case datatype.Double:
			return math.NaN(), nil
		case datatype.Blob:
			return []byte(x), nil
		}
	case []byte:
		if t != datatype.Blob {
			return string(x), nil
		}
		if x == nil {
			return []byte{}, nil
		}
	}
	return v, nil
}

// instantLayouts are the forms of times, without a zone.
var instantLayouts = []string{"2006-1-2T15:04:05", "2006-1-2 15:04:05", "2006/1/2 15:04:05", "2006/1/2T15:04:05", "2006.1.2 15:04:05", "2006-1-2", "2006/1/2", "2006.1.2"}

// parseInstant reads a time; one without a zone is in loc.
func parseInstant(s string, loc *time.Location) (time.Time, bool) {
	for _, layout := range instantLayouts {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return t, true
		}
		if t, err := time.ParseInLocation(layout+"Z07:00", s, loc); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// parseDate reads a date. Impossible days are moved to the last of their month, as
// the server does; months are not.
func parseDate(s string) (int32, bool) {
	parts := strings.SplitN(s, "-", 3)
	if len(parts) != 3 {
		return 0, false
	}
	var n [3]int
	for i, p := range parts {
		var err error
		if n[i], err = strconv.Atoi(p); err != nil {
			return 0, false
		}
	}
	y, m, d := n[0], n[1], n[2]
	if y < 1000 || y > 9999 || m < 1 || m > 12 || d < 1 || d > 31 {
		return 0, false
	}
	if last := time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day(); d > last {
		d = last
	}
	return int32(y*10000 + m*100 + d), true
}

// mismatch is a literal that a column does not take: the reason inside of a 507.
type mismatch string

func (m mismatch) Error() string { return string(m) }

func inconsistent(raw string, t datatype.Type) error {
	return mismatch(fmt.Sprintf("data type is not consistent, input %s, registered %s", raw, t))
}

// literal is what a literal of an INSERT puts into a column of type t, or a
// mismatch.
func (s *Session) literal(c constant, t datatype.Type) (any, error) {
	if c.typ == datatype.Unknown {
		return nil, nil
	}
	text := c.raw
	if b, ok := c.value.([]byte); ok {
		text = string(b)
		if t == datatype.Blob {
			return b, nil
		}
	}
	switch t {
	case datatype.Text, datatype.String:
		return text, nil
	case datatype.Blob:
		return []byte(text), nil
	case datatype.Boolean:
		switch strings.ToLower(text) {
		case "true", "1":
			return true, nil
		case "false", "0":
			return false, nil
		}
		return nil, mismatch("The BOOLEAN should be true/TRUE, false/FALSE or 0/1")
	case datatype.Int32:
		if n, err := strconv.ParseInt(text, 10, 32); err == nil {
			return int32(n), nil
		}
	case datatype.Int64:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
	case datatype.Float, datatype.Double:
		return float(text, t)
	case datatype.Timestamp:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
		if at, ok := parseInstant(text, s.zone); ok {
			if ts, ok := s.store.timestamp(at); ok {
				return ts, nil
			}
		}
		return nil, mismatch(inconsistent(text, t).Error() + fmt.Sprintf(" because line 1:0 mismatched input '%s' expecting {NOW, DATETIME_LITERAL}", text))
	case datatype.Date:
		if d, ok := parseDate(text); ok {
			return d, nil
		}
	}
	return nil, inconsistent(text, t)
}

func float(text string, t datatype.Type) (any, error) {
	bits, name := 64, "double"
	if t == datatype.Float {
		bits, name = 32, "float"
	}
	f, err := strconv.ParseFloat(text, bits)
	switch {
	case math.IsInf(f, 0):
		return nil, mismatch(fmt.Sprintf("The input %s value is Infinity", name))
	case err != nil:
		return nil, inconsistent(text, t)
	case t == datatype.Float:
		return float32(f), nil
	}
	return f, nil
}

// timestamp is an instant in the store's units.
func (s *Store) timestamp(t time.Time) (int64, bool) {
	limit := math.MaxInt64 / s.units
	if sec := t.Unix(); sec >= limit || sec <= -limit {
		return 0, false
	}
	return t.Unix()*s.units + int64(t.Nanosecond())/(1_000_000_000/s.units), true
}

// checkTime refuses timestamps far outside of the precision, as the server does.
func (s *Store) checkTime(ts int64) *Error {
	if s.precision == "ms" && (ts > 253402300799999 || ts < -62167219200000) {
		return fail(CodeSemantic, "Current system timestamp precision is ms, please check whether the timestamp %d is correct.", ts)
	}
	return nil
}
