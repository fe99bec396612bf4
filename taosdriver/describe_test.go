package taosdriver

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestTableNames(t *testing.T) {
	for name, want := range map[string]struct {
		parts  []string
		quoted string
	}{
		"d":           {[]string{"d"}, "`d`"},
		"Power.D1":    {[]string{"Power", "D1"}, "`Power`.`D1`"},
		"`d`":         {[]string{"d"}, "`d`"},
		"`p.q`.`d`":   {[]string{"p.q", "d"}, "`p.q`.`d`"},
		"p.`d`":       {[]string{"p", "d"}, "`p`.`d`"},
		"`p`.d":       {[]string{"p", "d"}, "`p`.`d`"},
		"a b":         {[]string{"a b"}, "`a b`"},
		"表":           {[]string{"表"}, "`表`"},
		"`unclosed":   {[]string{"`unclosed"}, "```unclosed`"},
		"":            {[]string{""}, "``"},
		"d; drop `x`": {[]string{"d; drop `x`"}, "`d; drop ``x```"},
	} {
		if got := splitTable(name); !slices.Equal(got, want.parts) || quoteTable(name) != want.quoted {
			t.Errorf("%q: %q, %s", name, got, quoteTable(name))
		}
	}
}

// FuzzQuoteTable: whatever a name is, it is one or two quoted identifiers in a
// statement and nothing else.
func FuzzQuoteTable(f *testing.F) {
	for _, s := range []string{"d", "p.d", "`p`.`d`", "`", "``.", "a`b.c`d", "x; drop table y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		rest, parts := quoteTable(name), 0
		for rest != "" {
			if rest[0] != '`' {
				t.Fatalf("%q gives %s", name, quoteTable(name))
			}
			rest = rest[1:]
			for {
				at := strings.IndexByte(rest, '`')
				if at < 0 {
					t.Fatalf("%q gives %s", name, quoteTable(name))
				}
				rest = rest[at+1:]
				if !strings.HasPrefix(rest, "`") {
					break
				}
				rest = rest[1:]
			}
			rest = strings.TrimPrefix(rest, ".")
			parts++
		}
		if parts < 1 || parts > 2 {
			t.Errorf("%q gives %s", name, quoteTable(name))
		}
	})
}

// FuzzOffender: the line that is named is one of the batch.
func FuzzOffender(f *testing.F) {
	f.Add([]byte("a v=1\nb v=x 2\nc v=3"), "invalid data:x 2\nc v=3")
	f.Add([]byte("a"), "SML line:")
	f.Fuzz(func(t *testing.T, data []byte, message string) {
		if n := offender(data, message); n < -1 || n > bytes.Count(data, []byte{'\n'}) {
			t.Errorf("line %d of %q", n, data)
		}
	})
}
