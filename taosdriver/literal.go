package taosdriver

import (
	sqldriver "database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// appendArgument appends an argument of an INSERT that CheckNamedValue has seen.
func appendArgument(dst []byte, arg sqldriver.NamedValue) ([]byte, error) {
	return appendLiteral(dst, arg.Value)
}

// appendOperand is appendArgument for other statements. The server calculates
// there in floating-point numbers, so that a time before 1970 is written without
// calculation; in an INSERT it could not be.
func appendOperand(dst []byte, arg sqldriver.NamedValue) ([]byte, error) {
	t, ok := arg.Value.(time.Time)
	if !ok || t.UTC().Year() >= 1970 {
		return appendLiteral(dst, arg.Value)
	}
	return appendBefore1970(append(dst, '-'), t)
}

// appendLiteral appends the value as TDengine's SQL writes it:
//
//	nil              NULL
//	bool             true, false
//	int64, uint64    digits
//	float32, float64 the shortest digits that read back to the same number of 64
//	                 bits: what a prepared statement binds
//	string           '...', with \ ' and control characters escaped
//	json.RawMessage  as a string
//	time.Time        '2006-01-02T15:04:05.999999999Z', in UTC; before 1970, which
//	                 the server does not read from text, 0 - 1s
//	[]byte           '\x...' in hexadecimal, which VARBINARY, BLOB and the like
//	                 take; for text pass a string
//
// What no literal can stand for is an error of kind ErrData: NaN and infinities,
// a string with a NUL byte, a year after 9999.
func appendLiteral(dst []byte, value sqldriver.Value) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(dst, "NULL"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case uint64:
		return strconv.AppendUint(dst, v, 10), nil
	case float32:
		// In 32 bits the largest would read back as one that FLOAT cannot hold.
		return appendFloat(dst, float64(v))
	case float64:
		return appendFloat(dst, v)
	case string:
		return appendString(dst, v)
	case json.RawMessage:
		if v == nil {
			return append(dst, "NULL"...), nil
		}
		return appendString(dst, string(v))
	case []byte:
		if v == nil {
			return append(dst, "NULL"...), nil
		}
		dst = append(dst, `'\x`...)
		dst = hex.AppendEncode(dst, v)
		return append(dst, '\''), nil
	case time.Time:
		return appendTime(dst, v.UTC())
	}
	return nil, dataError("a %T cannot be written as a literal", value)
}

func appendFloat(dst []byte, v float64) ([]byte, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, dataError("%v cannot be written as a literal; an INSERT prepared over WebSocket takes it", v)
	}
	return strconv.AppendFloat(dst, v, 'g', -1, 64), nil
}

// appendTime appends a time in UTC.
func appendTime(dst []byte, v time.Time) ([]byte, error) {
	switch y := v.Year(); {
	case y > 9999:
		return nil, dataError("the year %d cannot be written as a timestamp", y)
	case y < 1970:
		return appendBefore1970(append(dst, "0 - "...), v)
	}
	dst = append(dst, '\'')
	dst = v.AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '\''), nil
}

// appendBefore1970 appends the time from v to the year 1970 as a duration.
func appendBefore1970(dst []byte, v time.Time) ([]byte, error) {
	seconds, nanos := -v.Unix(), int64(v.Nanosecond())
	switch {
	case seconds > math.MaxInt64/int64(time.Second):
		return nil, dataError("the year %d cannot be written as a timestamp", v.Year())
	case nanos == 0:
		return append(strconv.AppendInt(dst, seconds, 10), 's'), nil
	}
	return append(strconv.AppendInt(dst, seconds*int64(time.Second)-nanos, 10), 'b'), nil
}

// appendString appends a quoted string. The server reads \n, \r, \t, \\, \' and
// \" as escapes and leaves the backslash in all others.
func appendString(dst []byte, s string) ([]byte, error) {
	if i := strings.IndexByte(s, 0); i >= 0 {
		return nil, dataError("byte %d of the string is NUL, which a literal cannot hold", i)
	}
	dst = append(dst, '\'')
	for i := range len(s) {
		switch c := s[i]; c {
		case '\\', '\'':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '\''), nil
}

func dataError(format string, args ...any) error {
	return &driver.Error{Kind: driver.ErrData, Engine: transport.Engine, Message: fmt.Sprintf(format, args...)}
}
