package upstream

import (
	"strings"
	"testing"
)

// The exchange of RFC 7677, section 3.
func TestScram(t *testing.T) {
	s := &scram{password: "pencil", nonce: "rOprNGfwEbeRWgbNEkqO"}
	// The RFC names the user, PostgreSQL takes that of the startup message.
	final, err := s.final("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
	if err != nil || !strings.HasPrefix(string(final), "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=") {
		t.Errorf("%s, %v", final, err)
	}
	if s.verify("v=bm8=") == nil {
		t.Error("a wrong signature is taken")
	}
	for _, challenge := range []string{"", "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "r=rOprNGfwEbeRWgbNEkqO1,s=!,i=1", "r=rOprNGfwEbeRWgbNEkqO1,s=,i=99999999999"} {
		if _, err := s.final(challenge); err == nil {
			t.Errorf("%q is answered", challenge)
		}
	}
	if _, err := (*scram)(nil).final(""); err == nil {
		t.Error("a final message without a first one is answered")
	}
}

func TestParse(t *testing.T) {
	for dsn, want := range map[string]Config{
		"postgres://u:p%40@h:5433/d":                     {"tcp", "h:5433", "u", "p@", "d"},
		"postgresql://u@h?sslmode=disable":               {"tcp", "h:5432", "u", "", ""},
		"postgres://u@/d?host=/run/postgresql&port=5433": {"unix", "/run/postgresql/.s.PGSQL.5433", "u", "", "d"},
		"postgres://u:p@h/d?sslmode=require":             {},
		"mysql://u:p@h/d":                                {},
		"postgres://h/d":                                 {},
		"host=h user=u":                                  {},
	} {
		got, err := Parse(dsn)
		if got != want || (err == nil) != (want.Addr != "") {
			t.Errorf("%s: %+v, %v", dsn, got, err)
		}
	}
}
