package lines

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// show writes points in one line, for comparison.
func show(points []Point) string {
	var b strings.Builder
	pairs := func(list []Pair) {
		for _, p := range list {
			fmt.Fprintf(&b, " %s=%v:%s", p.Name, p.Value.Type, p.Value.Text)
		}
	}
	for _, p := range points {
		b.WriteString("[" + p.Table)
		pairs(p.Tags)
		b.WriteString(" |")
		pairs(p.Fields)
		if !p.Time.IsZero() {
			b.WriteString(" @" + p.Time.Format(time.RFC3339Nano))
		}
		b.WriteString("]")
	}
	return b.String()
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		protocol        Protocol
		precision, text string
		want            string
	}{
		{Line, "ms", `m,a=1,b\ c=x\,y v=1,w=t 1700000000001`, `[m a=NCHAR:'1' b c=NCHAR:'x,y' | v=DOUBLE:1 w=BOOL:true @2023-11-14T22:13:20.001Z]`},
		{Line, "ms", `m\ x v="a b, \"c\"=",n=L"é",b=B"\x01ff",g=G"POINT(1 2)"`, `[m x | v=VARCHAR:'a b, "c"=' n=NCHAR:'é' b=VARBINARY:'\x01ff' g=GEOMETRY:'POINT(1 2)']`},
		{Line, "", "m a=-1i8,b=2i16,c=3i32,d=4i,e=5u8,f=6u,g=1.5f32,h=-2e3 1", "[m | a=TINYINT:-1 b=SMALLINT:2 c=INT:3 d=BIGINT:4 e=TINYINT UNSIGNED:5 f=BIGINT UNSIGNED:6 g=FLOAT:1.5 h=DOUBLE:-2e3 @1970-01-01T00:00:00.000000001Z]"},
		{Line, "h", "m v=1 2\n# comment\nm v=2 0\n", "[m | v=DOUBLE:1 @1970-01-01T02:00:00Z][m | v=DOUBLE:2]"},
		{Line, "u", "m v='1'", "invalid data:'1'"},
		{Line, "ms", "m v=300u8", "unsigned tiny int out of range[0,255]:300u8"},
		{Line, "ms", "m v=NaN", "invalid data:NaN"},
		{Line, "ms", "m v=1 x", "SML line invalid timestamp:x"},
		{Line, "ms", "m,a v=1", "invalid data: v=1"},
		{Line, "ms", " v=1", "SML line measure is empty or too large than 192"},
		{Line, "ms", "m", "SML line cols is empty"},
		{Line, "ms", "# nothing", "line num is invalid"},
		{Telnet, "", "a.b 1700000000 4 h=x\na.b 1700000000001 5 h=y z=1", "[a.b h=NCHAR:'x' | _value=DOUBLE:4 @2023-11-14T22:13:20Z][a.b h=NCHAR:'y' z=NCHAR:'1' | _value=DOUBLE:5 @2023-11-14T22:13:20.001Z]"},
		{Telnet, "", "a 0 4 h=x", "[a h=NCHAR:'x' | _value=DOUBLE:4]"},
		{Telnet, "", "put a 1700000000 4 h=x", "SML telnet parse timestamp failed: 1700000000 4 h=x"},
		{Telnet, "", "a 1700000000 4", "SML telnet invalid value:"},
		{Telnet, "", "a 1700000000 x h=1", "invalid data:x h=1"},
		{JSON, "", `[{"metric":"m","timestamp":1700000000,"value":1.5,"tags":{"b":"x","a":2}}]`, "[m b=VARCHAR:'x' a=DOUBLE:2 | _value=DOUBLE:1.5 @2023-11-14T22:13:20Z]"},
		{JSON, "", `{"metric":"m","timestamp":{"value":3,"type":"us"},"value":{"value":"y","type":"nchar"},"tags":{"a":{"value":7,"type":"tinyint"}}}`, "[m a=TINYINT:7 | _value=NCHAR:'y' @1970-01-01T00:00:00.000003Z]"},
		{JSON, "", `{"metric":"m"`, "Invalid JSON format"},
		{JSON, "", `{"metric":"m","timestamp":1,"value":null,"tags":{"a":1}}`, "Invalid JSON format"},
		{JSON, "", `{"metric":"m","timestamp":12,"value":1,"tags":{"a":1}}`, "timestamp precision can only be seconds(10 digits) or milli seconds(13 digits)"},
		{JSON, "", `{"metric":"m","timestamp":0,"value":{"value":300,"type":"tinyint"},"tags":{"a":1}}`, "Value out of range"},
		{JSON, "", `[]`, "invalid input"},
		{JSON, "", `{"metric":"","timestamp":0,"value":1,"tags":{"a":1}}`, "Table name too long"},
		{JSON, "", `{"metric":"m","timestamp":"x","value":1,"tags":{"a":1}}`, "invalidate json"},
		{JSON, "", `{"metric":"m","timestamp":0,"value":1,"tags":{}}`, "Invalid JSON format"},
		{Line, "ms", "m,a= v=1", "invalid value: v=1"},
		{Line, "ms", `m v="a`, `SML line unbalanced quotes:"a`},
		{Line, "ms", "m v=", "SML line invalid value:"},
		{Line, "ms", "m v=1 -5", "Invalid timestamp format"},
		{Line, "ms", "m v=1 5 6", "[m | v=DOUBLE:1 @1970-01-01T00:00:00.005Z]"},
		{Line, "ms", "m v=1,v=2", "Duplicated column names"},
		{Telnet, "", "a 1700000000 4 h", "invalid key or key is too long than 64:h"},
		{9, "", "m v=1", "protocol invalidate"},
	} {
		points, n, err := Parse(c.protocol, c.precision, c.text)
		got := show(points)
		if err != nil {
			got = err.Error()
			if e, ok := err.(*Error); !ok || e.Code() == 0 {
				t.Errorf("%s: %#v", c.text, err)
			}
		} else if c.protocol != JSON && n != len(points) {
			t.Errorf("%s: %d lines", c.text, n)
		}
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

// FuzzParse: an error or points that have a table and a field, and no more of them
// than the text has bytes.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"m,a=1 v=1i 1", `m v="\"`, "a 0 1 h=x", `[{"metric":"m","timestamp":0,"value":{"value":1,"type":"int"},"tags":{"a":"b"}}]`, "m v=G\"POINT(1 1)\""} {
		for p := Line; p <= JSON; p++ {
			f.Add(int(p), "ms", s)
		}
	}
	f.Fuzz(func(t *testing.T, protocol int, precision, text string) {
		points, n, err := Parse(Protocol(protocol), precision, text)
		if err != nil {
			return
		}
		if len(points) > len(text) || n < 1 && len(points) > 0 {
			t.Errorf("%d points in %d lines", len(points), n)
		}
		for _, p := range points {
			if p.Table == "" || len(p.Fields) == 0 {
				t.Errorf("%+v", p)
			}
		}
	})
}
