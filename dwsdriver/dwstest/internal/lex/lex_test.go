package lex_test

import (
	"testing"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/lex"
)

func TestTokens(t *testing.T) {
	for text, want := range map[string]lex.Kind{
		" \n": lex.Space, "-- x": lex.Space, "/* a /* b */ ; */": lex.Space, "'it''s ; '": lex.Text, `e'it\'s ;'`: lex.Text,
		`"a""b;"`: lex.Quoted, "$1": lex.Param, "$$a;b$$": lex.Dollar, "$x$a$$b$x$": lex.Dollar, "1.5e-3": lex.Number, ".5": lex.Number,
		"a_b$1": lex.Word, "ä": lex.Word, "::": lex.Op, "<=": lex.Op, "->>": lex.Op, "(": lex.Op,
	} {
		if list := lex.Tokens(text); len(list) != 1 || list[0].Kind != want {
			t.Errorf("%q is %v", text, list)
		}
	}
	for text, want := range map[string]string{"'it''s'": "it's", `E'a\n\x41\101\''`: "a\nAA'", "$q$a'b$q$": "a'b"} {
		if got, ok := lex.Tokens(text)[0].Value(); !ok || got != want {
			t.Errorf("%s stands for %q", text, got)
		}
	}
	if n := len(lex.Split(lex.Tokens("select ';'; /* ; */ insert into t values ($$;$$);; -- ;"))); n != 2 {
		t.Errorf("%d statements", n)
	}
}

func FuzzTokens(f *testing.F) {
	for _, seed := range []string{"select 1", "'", `e'\`, "$a$", "/*", `"`, "a<-1", "1e", "$1::int", "é'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list := lex.Tokens(text)
		if got := lex.Join(list); got != text {
			t.Errorf("%q became %q", text, got)
		}
		for _, token := range list {
			if token.Text == "" {
				t.Error("an empty token")
			}
			_ = token.Name()
			_, _ = token.Value()
		}
		lex.Split(list)
	})
}
