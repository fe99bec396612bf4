package hosts

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Host is a server as its connector knows it.
type Host struct {
	// Network and Addr are what [net.Dial] takes: "tcp", "h1:6041". Addr tells
	// hosts apart.
	Network, Addr string
	// Weight is the host's share beside others, for policies that look at it. 0
	// means 1.
	Weight int
	// Backup hosts are tried only when all others rest.
	Backup bool
}

// Config says how a [Set] chooses. The zero value tries hosts in order, never
// rests one, and waits as long as the caller's context allows.
type Config struct {
	// Policy orders hosts of equal standing. nil means [Ordered].
	Policy Policy
	// Rest is how long a host that failed is passed over while another is up.
	Rest time.Duration
	// MaxRest, if longer, lets the rest double with each failure in a row.
	MaxRest time.Duration
	// Timeout bounds one host's attempt in [Dial]. 0 means no bound.
	Timeout time.Duration
	// Final reports whether an attempt's error is the same from every host, such
	// as a refused password; [Dial] then stops. nil means none is.
	Final func(error) bool

	// Now and Random (a number from 0 to n-1) replace clock and chance in tests.
	Now    func() time.Time
	Random func(n int) int
}

// Set is a connector's hosts and what is known of them. It is safe for
// concurrent use.
type Set struct {
	config Config

	mu    sync.Mutex
	turn  int
	hosts []*state
}

// state is one host and what has been seen of it.
type state struct {
	host        Host
	connections int
	failures    int       // in a row
	until       time.Time // resting before that
}

// New makes a set of hosts, all taken to be up.
func New(list []Host, config Config) *Set {
	if config.Policy == nil {
		config.Policy = Ordered
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Random == nil {
		config.Random = rand.IntN
	}
	s := &Set{config: config}
	s.Replace(list)
	if len(list) > 0 {
		// Programs that start together shall not all begin with the first host.
		s.turn = config.Random(len(list))
	}
	return s
}

// Replace makes list the set's hosts. What is known of a host that stays is
// kept.
func (s *Set) Replace(list []Host) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hosts := make([]*state, len(list))
	for i, h := range list {
		if hosts[i] = s.find(h); hosts[i] == nil {
			hosts[i] = new(state)
		}
		hosts[i].host = h
	}
	s.hosts = hosts
}

// Candidates returns all hosts in the order in which to try them: those that
// are up, backups that are up, those that rest, resting backups; each group as
// the policy orders it.
func (s *Set) Candidates() []Host {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.config.Now()
	var tiers [4][]Candidate
	for _, st := range s.hosts {
		tier := 0
		if st.host.Backup {
			tier++
		}
		if now.Before(st.until) {
			tier += 2
		}
		tiers[tier] = append(tiers[tier], Candidate{st.host, st.connections})
	}
	turn := s.turn
	s.turn = max(0, s.turn+1)
	list := make([]Host, 0, len(s.hosts))
	for _, tier := range tiers {
		s.config.Policy(tier, turn, s.config.Random)
		for _, c := range tier {
			list = append(list, c.Host)
		}
	}
	return list
}

// OK says that h answered: it rests no more.
func (s *Set) OK(h Host) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.find(h); st != nil {
		st.failures, st.until = 0, time.Time{}
	}
}

// Failed says that h could not be reached or broke down: it rests.
func (s *Set) Failed(h Host) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.find(h); st != nil {
		st.failures++
		st.until = s.config.Now().Add(s.rest(st.failures))
	}
}

// Up reports whether h is in the set and does not rest.
func (s *Set) Up(h Host) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.find(h)
	return st != nil && !s.config.Now().Before(st.until)
}

// Opened counts a connection to h, for [LeastConnections]. [Dial] does it for
// each that it returns.
func (s *Set) Opened(h Host) { s.count(h, 1) }

// Closed undoes [Set.Opened]; a connection calls it once, when it closes.
func (s *Set) Closed(h Host) { s.count(h, -1) }

func (s *Set) count(h Host, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.find(h); st != nil {
		st.connections = max(0, st.connections+n)
	}
}

// probe is called before h is tried. A host whose rest is over is tried by one
// caller; until it has answered or failed the others pass it over as before.
func (s *Set) probe(h Host) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.config.Now()
	if st := s.find(h); st != nil && st.failures > 0 && !now.Before(st.until) {
		st.until = now.Add(s.config.Rest)
	}
}

// rest is how long a host rests after so many failures in a row.
func (s *Set) rest(failures int) time.Duration {
	d := s.config.Rest
	for i := 1; i < failures && d < s.config.MaxRest; i++ {
		d = min(2*d, s.config.MaxRest)
	}
	return d
}

func (s *Set) find(h Host) *state {
	for _, st := range s.hosts {
		if st.host.Network == h.Network && st.host.Addr == h.Addr {
			return st
		}
	}
	return nil
}
