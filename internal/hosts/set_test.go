package hosts_test

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/internal/hosts"
)

// clock is a time that passes when told.
type clock struct{ now time.Time }

func newClock() *clock                    { return &clock{time.Unix(1700000000, 0)} }
func (c *clock) Now() time.Time           { return c.now }
func (c *clock) advance(d time.Duration)  { c.now = c.now.Add(d) }
func zero(int) int                        { return 0 }
func seeded() func(int) int               { return rand.New(rand.NewPCG(1, 2)).IntN }
func host(addr string) hosts.Host         { return hosts.Host{Network: "tcp", Addr: addr} }
func backup(addr string) hosts.Host       { return hosts.Host{Network: "tcp", Addr: addr, Backup: true} }
func weighted(a string, w int) hosts.Host { return hosts.Host{Network: "tcp", Addr: a, Weight: w} }

// list makes hosts of names.
func list(names ...string) (l []hosts.Host) {
	for _, name := range names {
		l = append(l, host(name))
	}
	return l
}

// order is the names of the hosts to try, in one word each.
func order(s *hosts.Set) string {
	var names []string
	for _, h := range s.Candidates() {
		names = append(names, h.Addr)
	}
	return strings.Join(names, " ")
}

func TestOrdered(t *testing.T) {
	c := newClock()
	s := hosts.New(list("a", "b", "c"), hosts.Config{Rest: time.Minute, Now: c.Now})
	steps := []struct {
		name string
		do   func()
		want string
	}{
		{"all up", func() {}, "a b c"},
		{"again", func() {}, "a b c"},
		{"a failed", func() { s.Failed(host("a")) }, "b c a"},
		{"b failed later", func() { c.advance(30 * time.Second); s.Failed(host("b")) }, "c a b"},
		{"all failed", func() { s.Failed(host("c")) }, "a b c"},
		{"a has rested", func() { c.advance(30 * time.Second) }, "a b c"},
		{"b answered", func() { s.Failed(host("a")); s.OK(host("b")) }, "b a c"},
		{"unknown hosts change nothing", func() { s.Failed(host("x")); s.OK(host("y")) }, "b a c"},
	}
	for _, step := range steps {
		step.do()
		if got := order(s); got != step.want {
			t.Errorf("%s: got %s, want %s", step.name, got, step.want)
		}
	}
}

func TestRestDoubles(t *testing.T) {
	c := newClock()
	a := host("a")
	s := hosts.New(list("a"), hosts.Config{Rest: time.Second, MaxRest: 5 * time.Second, Now: c.Now})
	for i, want := range []time.Duration{1, 2, 4, 5, 5} {
		s.Failed(a)
		c.advance(want*time.Second - 1)
		if s.Up(a) {
			t.Errorf("failure %d: up before %d s", i+1, want)
		}
		c.advance(1)
		if !s.Up(a) {
			t.Errorf("failure %d: still resting after %d s", i+1, want)
		}
	}
	s.OK(a)
	s.Failed(a)
	c.advance(time.Second)
	if !s.Up(a) {
		t.Error("an answer did not end the row of failures")
	}
}

func TestRoundRobin(t *testing.T) {
	c := newClock()
	s := hosts.New(list("a", "b", "c"), hosts.Config{Policy: hosts.RoundRobin, Rest: time.Minute, Now: c.Now, Random: func(int) int { return 1 }})
	for _, want := range []string{"b c a", "c a b", "a b c", "b c a"} {
		if got := order(s); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	s.Failed(host("b"))
	for _, want := range []string{"c a b", "a c b", "c a b"} {
		if got := order(s); got != want {
			t.Errorf("with one resting: got %s, want %s", got, want)
		}
	}
}

func TestRandomKeepsWeights(t *testing.T) {
	const n = 40000
	s := hosts.New([]hosts.Host{weighted("a", 3), host("b"), weighted("c", 4)}, hosts.Config{Policy: hosts.Random, Random: seeded()})
	first, second := map[string]int{}, map[string]int{}
	for range n {
		o := strings.Fields(order(s))
		first[o[0]]++
		if o[0] == "c" {
			second[o[1]]++
		}
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if got < want*0.95 || got > want*1.05 {
			t.Errorf("%s: got %.3f, want %.3f", what, got, want)
		}
	}
	near("a first", float64(first["a"])/n, 3.0/8)
	near("b first", float64(first["b"])/n, 1.0/8)
	near("c first", float64(first["c"])/n, 4.0/8)
	near("a to b, second after c", float64(second["a"])/float64(second["b"]), 3)
}

func TestBackupsWaitUntilAllOthersRest(t *testing.T) {
	c := newClock()
	for name, policy := range map[string]hosts.Policy{
		"ordered": hosts.Ordered, "random": hosts.Random, "round robin": hosts.RoundRobin, "least connections": hosts.LeastConnections,
	} {
		t.Run(name, func(t *testing.T) {
			s := hosts.New([]hosts.Host{backup("B"), host("a"), host("b")}, hosts.Config{Policy: policy, Rest: time.Minute, Now: c.Now, Random: zero})
			if got := order(s); !strings.HasSuffix(got, " B") {
				t.Errorf("all up: %s", got)
			}
			s.Failed(host("a"))
			if got := order(s); got != "b B a" {
				t.Errorf("one resting: %s", got)
			}
			s.Failed(host("b"))
			if got := order(s); !strings.HasPrefix(got, "B ") {
				t.Errorf("all others resting: %s", got)
			}
			s.Failed(backup("B"))
			if got := order(s); !strings.HasSuffix(got, " B") {
				t.Errorf("all resting: %s", got)
			}
		})
	}
}

func TestLeastConnections(t *testing.T) {
	a, b, c := host("a"), weighted("b", 2), host("c")
	s := hosts.New([]hosts.Host{a, b, c}, hosts.Config{Policy: hosts.LeastConnections, Random: zero})
	open := map[string]int{}
	for range 40 {
		h := s.Candidates()[0]
		s.Opened(h)
		open[h.Addr]++
	}
	if want := map[string]int{"a": 10, "b": 20, "c": 10}; !reflect.DeepEqual(open, want) {
		t.Errorf("got %v, want %v", open, want)
	}
	for range 5 {
		s.Closed(c)
	}
	if got := order(s); !strings.HasPrefix(got, "c ") {
		t.Errorf("after some were closed: %s", got)
	}
	for range 100 {
		s.Closed(a)
	}
	s.Opened(a)
	if got := order(s); !strings.HasPrefix(got, "a ") {
		t.Errorf("more closed than opened: %s", got)
	}
}

func TestReplaceKeepsWhatIsKnown(t *testing.T) {
	c := newClock()
	s := hosts.New(list("a", "b"), hosts.Config{Rest: time.Minute, Now: c.Now})
	s.Failed(host("a"))
	s.Replace([]hosts.Host{host("a"), backup("b"), host("c")})
	if got := order(s); got != "c b a" {
		t.Errorf("got %s", got)
	}
	s.Replace(nil)
	if got := order(s); got != "" {
		t.Errorf("got %s", got)
	}
}
