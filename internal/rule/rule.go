// Package rule keeps the rules by which the embedded servers let requests go wrong:
// which request one is for is the server's business, which of those it meets is
// counted here.
package rule

import (
	"slices"
	"sync"
)

// Counter counts the requests that a rule is for. The zero value is ready.
type Counter struct {
	mu      sync.Mutex
	seen    int
	hits    int
	removed bool
	hit     chan struct{}
}

// Hits returns the number of requests that were met.
func (c *Counter) Hits() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hits
}

// Hit returns a channel that is closed when the first request is met.
func (c *Counter) Hit() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.channel()
}

func (c *Counter) channel() chan struct{} {
	if c.hit == nil {
		c.hit = make(chan struct{})
	}
	return c.hit
}

// Remove ends the rule. What has been met already is not undone.
func (c *Counter) Remove() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.removed = true
}

// Meet counts a request and reports whether it is met: not one of the first after,
// nor one beyond the number of times, if that is not 0.
func (c *Counter) Meet(after, times int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.removed {
		return false
	}
	c.seen++
	if c.seen <= after || times > 0 && c.hits >= times {
		return false
	}
	if c.hits++; c.hits == 1 {
		close(c.channel())
	}
	return true
}

// Take returns those of a rule's faults that are meant for a request, if the request is
// met. One that none is meant for is not counted.
func Take[F any](c *Counter, after, times int, faults []F, meant func(F) bool) []F {
	var met []F
	for _, f := range faults {
		if meant(f) {
			met = append(met, f)
		}
	}
	if met == nil || !c.Meet(after, times) {
		return nil
	}
	return met
}

// Set holds rules in the order in which they were added. The zero value is empty.
type Set[R interface{ Remove() }] struct {
	mu   sync.Mutex
	list []R
}

// All returns the rules there are. The slice is not changed later.
func (s *Set[R]) All() []R {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list
}

// Add adds a rule.
func (s *Set[R]) Add(r R) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(slices.Clip(s.list), r)
}

// Clear removes the rules for which ours is true, all if it is nil.
func (s *Set[R]) Clear(ours func(R) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kept []R
	for _, r := range s.list {
		if ours == nil || ours(r) {
			r.Remove()
		} else {
			kept = append(kept, r)
		}
	}
	s.list = kept
}
