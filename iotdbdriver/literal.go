package iotdbdriver

import (
	sqldriver "database/sql/driver"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/tablet"
)

// literals writes arguments into a statement.
type literals struct {
	dialect Dialect
	units   int64 // of a timestamp in a second
	insert  bool  // the statement is an INSERT, which takes no expressions
}

// writer returns what writes the arguments of a query.
func (c *conn) writer(query string) func([]byte, sqldriver.NamedValue) ([]byte, error) {
	l := literals{c.connector.config.Dialect, c.session.units, isInsert(query)}
	return func(dst []byte, arg sqldriver.NamedValue) ([]byte, error) { return l.append(dst, arg.Value) }
}

// append appends a value that CheckNamedValue has seen, as IoTDB's SQL writes it:
//
//	nil               NULL
//	bool              true, false
//	int64             digits
//	float32, float64  the shortest digits that read back to the same number, with a
//	                  point or an exponent
//	string            '...', with ' doubled; a backslash is a backslash
//	[]byte            X'...' in hexadecimal
//	time.Time         an integer in the server's unit, the one form that the server
//	                  takes everywhere
//	Date              '2006-01-02', outside of an INSERT CAST('2006-01-02' AS DATE)
//
// What no literal can stand for is an error of kind ErrData or ErrOverflow.
func (l literals) append(dst []byte, value sqldriver.Value) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(dst, "NULL"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case float32:
		return l.float(dst, float64(v), 32)
	case float64:
		return l.float(dst, v, 64)
	case string:
		if !utf8.ValidString(v) {
			return nil, dataError("the string is not UTF-8, and the server would replace what is wrong with it; a BLOB takes a []byte")
		}
		return appendText(dst, v), nil
	case []byte:
		if v == nil {
			return append(dst, "NULL"...), nil
		}
		dst = append(dst, "X'"...)
		return append(hex.AppendEncode(dst, v), '\''), nil
	case time.Time:
		ts, ok := tablet.Timestamp(v, l.units)
		if !ok {
			return nil, overflow(fmt.Sprintf("the year %d is beyond the timestamps of the server", v.Year()))
		}
		return strconv.AppendInt(dst, ts, 10), nil
	case Date:
		if err := v.check(); err != nil {
			return nil, err
		}
		if l.insert || l.dialect == Tree {
			return append(append(append(dst, '\''), v.String()...), '\''), nil
		}
		return append(append(append(dst, "CAST('"...), v.String()...), "' AS DATE)"...), nil
	}
	return nil, dataError("a %T cannot be written as a literal", value)
}

func appendText(dst []byte, s string) []byte {
	dst = append(dst, '\'')
	for {
		head, rest, found := strings.Cut(s, "'")
		dst = append(dst, head...)
		if !found {
			return append(dst, '\'')
		}
		dst = append(dst, "''"...)
		s = rest
	}
}

func (l literals) float(dst []byte, v float64, bits int) ([]byte, error) {
	switch {
	case math.IsNaN(v) && l.insert && l.dialect == Table:
		return append(dst, "'NaN'"...), nil
	case math.IsNaN(v), math.IsInf(v, 0):
		return nil, dataError("%v cannot be written as a literal; a tablet takes it", v)
	}
	n := len(dst)
	dst = strconv.AppendFloat(dst, v, 'g', -1, bits)
	if !strings.ContainsAny(string(dst[n:]), ".e") {
		dst = append(dst, ".0"...)
	}
	return dst, nil
}
