package hosts

import "slices"

// Candidate is a host with what a policy may go by.
type Candidate struct {
	Host
	// Connections is how many are open to it.
	Connections int
}

func (c Candidate) weight() int { return max(1, c.Weight) }

// Policy orders hosts of equal standing in place, the first to try first. Turn
// goes up by one with each call on a [Set], and random gives a number from 0 to
// n-1.
type Policy func(hosts []Candidate, turn int, random func(n int) int)

// Ordered tries hosts as they are listed.
func Ordered([]Candidate, int, func(int) int) {}

// Random puts each host first as often as its weight says, and so on for the
// second and the following.
func Random(hosts []Candidate, _ int, random func(int) int) {
	total := 0
	for _, h := range hosts {
		total += h.weight()
	}
	for i := range hosts {
		at, r := i, random(total)
		for r >= hosts[at].weight() {
			r -= hosts[at].weight()
			at++
		}
		total -= hosts[at].weight()
		hosts[i], hosts[at] = hosts[at], hosts[i]
	}
}

// RoundRobin begins with the next host each time and goes on in the order of
// the list.
func RoundRobin(hosts []Candidate, turn int, _ func(int) int) {
	if len(hosts) == 0 {
		return
	}
	first := turn % len(hosts)
	slices.Reverse(hosts[:first])
	slices.Reverse(hosts[first:])
	slices.Reverse(hosts)
}

// LeastConnections begins with the host that has the fewest connections for
// its weight, in turn among equals.
func LeastConnections(hosts []Candidate, turn int, random func(int) int) {
	RoundRobin(hosts, turn, random)
	slices.SortStableFunc(hosts, func(a, b Candidate) int {
		return a.Connections*b.weight() - b.Connections*a.weight()
	})
}
