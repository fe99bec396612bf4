package rule

import (
	"slices"
	"testing"
)

func TestCounter(t *testing.T) {
	var c Counter
	hit := c.Hit()
	var met []bool
	for range 5 {
		met = append(met, c.Meet(1, 2))
	}
	if want := []bool{false, true, true, false, false}; len(met) != 5 || met[0] != want[0] || met[1] != want[1] || met[2] != want[2] || met[3] != want[3] || met[4] != want[4] {
		t.Errorf("met %v, want %v", met, want)
	}
	select {
	case <-hit:
	default:
		t.Error("a hit was not told")
	}
	if c.Hits() != 2 {
		t.Errorf("%d hits", c.Hits())
	}
	var removed Counter
	removed.Remove()
	if removed.Meet(0, 0) || removed.Hits() != 0 {
		t.Error("a rule that was removed met a request")
	}
}

func TestTake(t *testing.T) {
	var c Counter
	take := func(wanted string) []string {
		return Take(&c, 1, 1, []string{"query 1", "fetch", "query 2"}, func(f string) bool { return f[0] == wanted[0] })
	}
	if got := take("login"); got != nil {
		t.Errorf("a login meets %v", got)
	}
	for i, want := range [][]string{nil, {"query 1", "query 2"}, nil} { // the first passes, the third is too many
		if got := take("query"); !slices.Equal(got, want) {
			t.Errorf("query %d meets %v, want %v", i+1, got, want)
		}
	}
	if c.Hits() != 1 {
		t.Errorf("%d hits", c.Hits())
	}
}

func TestSet(t *testing.T) {
	var s Set[*Counter]
	a, b := new(Counter), new(Counter)
	s.Add(a)
	before := s.All()
	s.Add(b)
	if len(before) != 1 || len(s.All()) != 2 {
		t.Errorf("%d and %d rules", len(before), len(s.All()))
	}
	s.Clear(func(c *Counter) bool { return c == a })
	if left := s.All(); len(left) != 1 || left[0] != b || a.Meet(0, 0) || !b.Meet(0, 0) {
		t.Errorf("left %v", left)
	}
	s.Clear(nil)
	if len(s.All()) != 0 || b.Meet(0, 0) {
		t.Error("not all were removed")
	}
}
