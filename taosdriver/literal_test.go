package taosdriver

import (
	sqldriver "database/sql/driver"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/placeholder"
)

func TestLiterals(t *testing.T) {
	for _, c := range []struct {
		name  string
		value sqldriver.Value
		want  string
	}{
		{"NULL", nil, "NULL"},
		{"boolean", true, "true"},
		{"negative", int64(math.MinInt64), "-9223372036854775808"},
		{"unsigned", uint64(math.MaxUint64), "18446744073709551615"},
		{"float of 32 bits", float32(0.1), "0.10000000149011612"},
		{"largest float of 32 bits", float32(-math.MaxFloat32), "-3.4028234663852886e+38"},
		{"float of 64 bits", 0.1, "0.1"},
		{"large float", 1e300, "1e+300"},
		{"smallest float", math.SmallestNonzeroFloat64, "5e-324"},
		{"negative zero", math.Copysign(0, -1), "-0"},
		{"empty string", "", "''"},
		{"quotes", `a'b"c`, `'a\'b"c'`},
		{"backslashes", `\n\%\`, `'\\n\\%\\'`},
		{"control characters", "\r\n\t\x01", "'\\r\\n\\t\x01'"},
		{"placeholder", "?; -- /*", "'?; -- /*'"},
		{"emoji", "😀", "'😀'"},
		{"bytes", []byte{0, 0xff, '\''}, `'\x00ff27'`},
		{"no bytes", []byte{}, `'\x'`},
		{"nil bytes", []byte(nil), "NULL"},
		{"JSON", json.RawMessage(`{"a":"'"}`), `'{"a":"\'"}'`},
		{"nil JSON", json.RawMessage(nil), "NULL"},
		{"time", time.Date(2026, 1, 2, 3, 4, 5, 600, time.FixedZone("", -1800)), "'2026-01-02T03:34:05.0000006Z'"},
		{"second before 1970", time.Unix(-1, 0), "0 - 1s"},
		{"nanosecond before 1970", time.Unix(-1, 999999999), "0 - 1b"},
		{"long before 1970", time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), "0 - 2208988800s"},
		{"whole second", time.Unix(0, 0), "'1970-01-01T00:00:00Z'"},
	} {
		if got, err := appendLiteral(nil, c.value); string(got) != c.want || err != nil {
			t.Errorf("%s: %s, %v; want %s", c.name, got, err, c.want)
		}
	}
}

func TestTimesBefore1970OutsideInsert(t *testing.T) {
	for want, at := range map[string]time.Time{
		"-1s": time.Unix(-1, 0), "-625776832876543211b": time.Date(1950, 3, 4, 5, 6, 7, 123456789, time.UTC),
		"'1970-01-01T00:00:00Z'": time.Unix(0, 0),
	} {
		if got, err := appendOperand(nil, sqldriver.NamedValue{Value: at}); string(got) != want || err != nil {
			t.Errorf("%v: %s, %v; want %s", at, got, err, want)
		}
	}
}

func TestValuesWithoutALiteral(t *testing.T) {
	for name, value := range map[string]sqldriver.Value{
		"not a number":    math.NaN(),
		"infinity":        math.Inf(1),
		"NUL":             "a\x00b",
		"NUL in JSON":     json.RawMessage("\x00"),
		"far year":        time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		"long ago":        time.Date(1600, 1, 1, 0, 0, 0, 1, time.UTC),
		"year before 0":   time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC),
		"some other type": struct{}{},
	} {
		if got, err := appendLiteral(nil, value); !errors.Is(err, driver.ErrData) || got != nil {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

// unquote reads a string literal as the server's tokenizer does.
func unquote(t *testing.T, literal string) string {
	t.Helper()
	if len(literal) < 2 || literal[0] != '\'' || literal[len(literal)-1] != '\'' {
		t.Fatalf("%q is not quoted", literal)
	}
	var b strings.Builder
	for s := literal[1 : len(literal)-1]; s != ""; {
		c := s[0]
		s = s[1:]
		if c == '\'' {
			t.Fatalf("a quote within %q", literal)
		}
		if c != '\\' {
			b.WriteByte(c)
			continue
		}
		if s == "" {
			t.Fatalf("%q ends in a backslash", literal)
		}
		c, s = s[0], s[1:]
		switch c {
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case '\\', '\'', '"':
			b.WriteByte(c)
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String()
}

// FuzzLiteral: a string comes back from its literal, the literal is one token
// wherever it stands, and a number reads back to itself.
func FuzzLiteral(f *testing.F) {
	for _, s := range []string{"", "'", `\`, `\'`, "''", "a\nb", "\x00", "1); drop table t; --", "?", `\x41`, "\xff"} {
		f.Add(s, 0.1)
	}
	f.Fuzz(func(t *testing.T, s string, x float64) {
		literal, err := appendLiteral(nil, s)
		if strings.IndexByte(s, 0) >= 0 {
			if err == nil {
				t.Fatal("NUL gives no error")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := unquote(t, string(literal)); got != s {
			t.Fatalf("%q comes back as %q", s, got)
		}
		text, err := placeholder.Expand(&placeholder.TDengine, "a?b", []sqldriver.NamedValue{{Value: s}}, appendArgument)
		if err != nil {
			t.Fatal(err)
		}
		scanner := placeholder.TDengine.Scan(text)
		for _, want := range []string{"a", string(literal), "b"} {
			if token, ok := scanner.Next(); !ok || text[token.Start:token.End] != want {
				t.Fatalf("%q is not one token in %q", literal, text)
			}
		}
		if number, err := appendLiteral(nil, x); err == nil {
			if back, err := strconv.ParseFloat(string(number), 64); err != nil || back != x {
				t.Fatalf("%v comes back as %v, %v", x, back, err)
			}
		}
	})
}
