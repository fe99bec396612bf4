package placeholder

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// rule is one kind of token as a regular expression, or of what lies between
// tokens if its kind is 0.
type rule struct {
	kind Kind
	re   *regexp.Regexp
}

// rules spells a dialect out as an ordered list of regular expressions: the
// slow and plain form of Scanner, for comparison.
func rules(d *Dialect) (list []rule) {
	add := func(on bool, kind Kind, re string) {
		if on {
			list = append(list, rule{kind, regexp.MustCompile(`(?s)\A(?:` + re + `)`)})
		}
	}
	quoted := func(q string, plain Quoting) {
		add(plain.On && !plain.Backslash, Quoted, q+`(?:[^`+q+`]|`+q+q+`)*(?:`+q+`|\z)`)
		add(plain.Backslash, Quoted, q+`(?:[^`+q+`\\]|\\.|\\\z|`+q+q+`)*(?:`+q+`|\z)`)
	}
	add(true, 0, `[ \t-\r]+`)
	add(d.Dashes, 0, `--[^`+d.LineEnds+`]*`)
	add(d.Hash, 0, `#[^`+d.LineEnds+`]*`)
	add(d.Block && !d.Nested, 0, `/\*.*?(?:\*/|\z)`)
	quoted(`'`, d.Single)
	quoted(`"`, d.Double)
	quoted("`", d.Back)
	add(d.EscapeStrings, Quoted, `[eE]'(?:[^'\\]|\\.|\\\z|'')*(?:'|\z)`)
	add(d.Regex, Quoted, `/(?:[^/\\]|\\.|\\\z)*(?:/|\z)`)
	add(d.Numbered, Dollar, `\$[0-9]+`)
	add(true, Question, `\?`)
	add(true, Semicolon, `;`)
	add(true, Number, `[0-9][0-9a-zA-Z_$.\x80-\xff]*`)
	add(true, Word, `[a-zA-Z_\x80-\xff][0-9a-zA-Z_$\x80-\xff]*`)
	return list
}

var (
	dollarTag = regexp.MustCompile(`\A\$(?:[a-zA-Z_\x80-\xff][0-9a-zA-Z_\x80-\xff]*)?\$`)
)

// reference is Scanner by way of rules. What regular expressions cannot say is
// written out: nested comments, tags that must come again, and what stands
// before a slash.
func reference(d *Dialect, list []rule, sql string) (tokens []Token) {
	operand := false
	for pos := 0; pos < len(sql); {
		rest, kind, length := sql[pos:], Symbol, 1
		tag := 0
		if d.DollarQuotes {
			tag = len([]rune(dollarTag.FindString(latin1(rest))))
		}
		switch {
		case d.Nested && strings.HasPrefix(rest, "/*"):
			kind, length = 0, nested(rest)
		case tag > 0:
			kind, length = Quoted, len(rest)
			if at := strings.Index(rest[tag:], rest[:tag]); at >= 0 {
				length = at + 2*tag
			}
		default:
			for _, r := range list {
				if operand && rest[0] == '/' && d.Regex {
					break
				}
				if at := r.re.FindStringIndex(latin1(rest)); at != nil {
					kind, length = r.kind, len([]rune(latin1(rest)[:at[1]]))
					break
				}
			}
		}
		if kind != 0 {
			tokens = append(tokens, Token{kind, pos, pos + length})
			text := rest[:length]
			operand = kind == Number || kind == Quoted || text == "?" || text == ")" || text == "now"
		}
		pos += length
	}
	return tokens
}

// latin1 maps bytes to the runes of the same number, because regexp works on
// runes.
func latin1(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

// nested is the length of the comment at the beginning of s.
func nested(s string) int {
	i := 2
	for i < len(s) {
		switch {
		case strings.HasPrefix(s[i:], "*/"):
			return i + 2
		case strings.HasPrefix(s[i:], "/*"):
			i += nested(s[i:])
		default:
			i++
		}
	}
	return len(s)
}

// FuzzScanner: the tokens are those of the reference, in every dialect, and
// putting literals in place of the placeholders changes no other token.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{
		`select '?''\'?', "a""?" -- ?` + "\n from `t``?` where a > ? /* ? /* ? */ */ and b=-?",
		"E'\\'?' $$?$$ $a$ ? $a$ $1 a$1 $0 1e5 ?1 1? '?'?'?'", "/a?\\//i | now / ? / 2 # ?\n, (1) / ?; x", "\xff?\x80", "-? /?* e? $?", "$\xe9\xff$$\xe9\xff$",
	} {
		f.Add(s)
	}
	dialects := map[string]*Dialect{"TDengine": &TDengine, "IoTDB": &IoTDB, "IoTDBTree": &IoTDBTree, "SiriDB": &SiriDB, "DWS": &DWS}
	lists := make(map[string][]rule)
	for name, d := range dialects {
		lists[name] = rules(d)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		if len(sql) > 200 {
			return // the reference is slow
		}
		for name, d := range dialects {
			tokens := scan(d, sql)
			if want := reference(d, lists[name], sql); !reflect.DeepEqual(tokens, want) {
				t.Fatalf("%s: %q\ngot  %v\nwant %v", name, sql, tokens, want)
			}
			marks, args, err := d.Marks(sql)
			if err != nil {
				continue
			}
			for literal, kinds := range map[string][]Kind{"'x'": {Quoted}, "-1": {Symbol, Number}} {
				expanded, err := Expand(d, sql, make([]int, args), func(dst []byte, _ int) ([]byte, error) {
					return append(dst, literal...), nil
				})
				if err != nil {
					t.Fatal(err)
				}
				checkSplice(t, name, sql, expanded, tokens, marks, scan(d, expanded), kinds)
			}
		}
	})
}

func checkSplice(t *testing.T, name, sql, expanded string, before []Token, marks []Mark, after []Token, kinds []Kind) {
	t.Helper()
	isMark := make(map[int]bool)
	for _, m := range marks {
		isMark[m.Start] = true
	}
	for _, b := range before {
		want := []Kind{b.Kind}
		if isMark[b.Start] {
			want = kinds
		}
		for _, kind := range want {
			if len(after) == 0 || after[0].Kind != kind ||
				!isMark[b.Start] && expanded[after[0].Start:after[0].End] != sql[b.Start:b.End] {
				t.Fatalf("%s: %q becomes %q, which changes the token at byte %d", name, sql, expanded, b.Start)
			}
			after = after[1:]
		}
	}
	if len(after) > 0 {
		t.Fatalf("%s: %q becomes %q, with new tokens", name, sql, expanded)
	}
}

func scan(d *Dialect, sql string) (tokens []Token) {
	s := d.Scan(sql)
	for {
		t, ok := s.Next()
		if !ok {
			return tokens
		}
		tokens = append(tokens, t)
	}
}
