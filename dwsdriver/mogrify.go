package dwsdriver

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	sqldriver "database/sql/driver"

	"github.com/lib/pq"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
	"github.com/gaugesql/gaugesql/internal/arguments"
	"github.com/gaugesql/gaugesql/internal/placeholder"
)

const opMogrify = "mogrify"

// Mogrify writes the arguments into a statement, as psycopg2's cursor.mogrify does:
// for logs, and for statements that take no parameters. It shows what they hold,
// passwords among them. Statements that are run have their arguments bound, and
// are not written so.
//
// Placeholders are those of a statement, "$1" or "?"; literals are quoted for a
// server whose standard_conforming_strings is on, as it is unless somebody turns
// it off.
func Mogrify(query string, args ...any) (string, error) {
	values, err := arguments.Named(args, func(v *sqldriver.NamedValue) error { return new(conn).CheckNamedValue(v) })
	if err != nil {
		return "", err
	}
	text, err := placeholder.Expand(&placeholder.DWS, query, values, func(dst []byte, v sqldriver.NamedValue) ([]byte, error) {
		return literal(dst, v.Value)
	})
	if err != nil {
		return "", wrong(driver.ErrProgramming, opMogrify, 0, err.Error())
	}
	return text, nil
}

var errZero = errors.New("a text with a zero byte, which the server cannot hold")

// literal appends a value as the server reads it in a statement.
func literal(dst []byte, v sqldriver.Value) ([]byte, error) {
	quote := func(s string) ([]byte, error) {
		if strings.ContainsRune(s, 0) {
			return dst, errZero
		}
		return append(dst, strings.TrimSpace(pq.QuoteLiteral(s))...), nil
	}
	switch v := v.(type) {
	case nil:
		return append(dst, "NULL"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case uint64:
		return strconv.AppendUint(dst, v, 10), nil
	case float64:
		return appendFloat(dst, v, 64), nil
	case float32:
		return appendFloat(dst, float64(v), 32), nil
	case string:
		return quote(v)
	case json.RawMessage:
		return quote(string(v))
	case []byte:
		return append(hex.AppendEncode(append(dst, `'\x`...), v), "'::bytea"...), nil
	case time.Time:
		dst, err := wire.AppendText(append(dst, '\''), v, wire.TimestampTZ, v.Location())
		return append(dst, "'::timestamptz"...), err
	}
	return dst, fmt.Errorf("a %T has no literal", v)
}

func appendFloat(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "'NaN'::float8"...)
	case math.IsInf(f, 1):
		return append(dst, "'Infinity'::float8"...)
	case math.IsInf(f, -1):
		return append(dst, "'-Infinity'::float8"...)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, bits)
}
