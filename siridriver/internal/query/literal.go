package query

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/internal/placeholder"
)

// ErrNUL is text that the server would cut at its NUL byte.
var ErrNUL = errors.New("text with a NUL byte, where the server would cut it")

// AppendString appends text as a string or series name: in single quotes, with
// a quote inside doubled. Nothing else has a meaning inside.
func AppendString(dst []byte, text string) ([]byte, error) { return quoted(dst, text, '\'') }

// AppendGroup appends the name of a group or tag, in back quotes.
func AppendGroup(dst []byte, name string) ([]byte, error) { return quoted(dst, name, '`') }

func quoted(dst []byte, text string, quote byte) ([]byte, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return dst, ErrNUL
	}
	dst = append(dst, quote)
	for i := range len(text) {
		if text[i] == quote {
			dst = append(dst, quote)
		}
		dst = append(dst, text[i])
	}
	return append(dst, quote), nil
}

// ErrPattern is a regular expression that a literal cannot hold.
var ErrPattern = errors.New("regular expression with a NUL byte, a line break after a backslash, or a backslash at its end")

// AppendPattern appends a regular expression between slashes. A slash inside
// is escaped unless it is already.
func AppendPattern(dst []byte, pattern string, ignoreCase bool) ([]byte, error) {
	dst = append(dst, '/')
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == 0:
			return dst, ErrPattern
		case c == '\\':
			if i++; i == len(pattern) || pattern[i] == '\n' || pattern[i] == 0 {
				return dst, ErrPattern
			}
			dst = append(dst, c, pattern[i])
		case c == '/':
			dst = append(dst, '\\', c)
		default:
			dst = append(dst, c)
		}
	}
	dst = append(dst, '/')
	if ignoreCase {
		dst = append(dst, 'i')
	}
	return dst, nil
}

// AppendFloat appends a float as the server's grammar has it: without an
// exponent, or nan, inf, -inf.
func AppendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

// DividesByMinusOne reports whether the statement has a division or a modulo
// whose divisor is -1. The least integer divided by it ends the server process,
// and nobody needs it.
func DividesByMinusOne(text string) bool {
	if !strings.ContainsAny(text, "/%") || !strings.Contains(text, "-") {
		return false
	}
	scan := dialect.Scan(text)
	divides, minus := false, false // what stands before the token
	for {
		t, ok := scan.Next()
		if !ok {
			return false
		}
		switch token := text[t.Start:t.End]; {
		case t.Kind == placeholder.Symbol && (token == "/" || token == "%"):
			divides, minus = true, false
		case divides && token == "(":
		case divides && token == "-":
			minus = true
		default:
			if minus && t.Kind == placeholder.Number && strings.TrimLeft(token, "0") == "1" {
				return true
			}
			divides, minus = false, false
		}
	}
}
