package wire

import (
	"strings"
	"testing"
)

func TestNULIsFoundWhereverItIs(t *testing.T) {
	for n := range 130 {
		s := []byte(strings.Repeat("\x01\x80\xff", 50)[:n])
		if HasNUL(string(s)) {
			t.Fatalf("a NUL in %q", s)
		}
		for i := range s {
			kept := s[i]
			s[i] = 0
			if !HasNUL(string(s)) {
				t.Fatalf("no NUL in %q", s)
			}
			s[i] = kept
		}
	}
}
