package cluster

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/gaugesql/gaugesql/internal/hosts"
)

// Cluster is the servers of one database. It is safe for concurrent use.
type Cluster struct {
	config Config
	set    *hosts.Set
	log    *slog.Logger

	changes
	links   map[string]*link // by address
	started bool
	closed  bool

	info atomic.Pointer[Info] // of the latest session

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// New makes a cluster that connects when it is first used.
func New(config Config) *Cluster {
	c := &Cluster{
		config: config, log: config.Logger, links: make(map[string]*link),
		set: hosts.New(config.Hosts, hosts.Config{Policy: hosts.Random, Rest: config.InactiveTime}),
	}
	c.changed = make(chan struct{})
	c.ctx, c.cancel = context.WithCancel(context.Background())
	for _, h := range config.Hosts {
		c.links[h.Addr] = &link{Cluster: c, host: h, kick: make(chan struct{}, 1)}
	}
	return c
}

// Close ends all connections and waits for all goroutines. Requests that wait
// for an answer fail.
func (c *Cluster) Close() {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		c.broadcast()
	}
	c.mu.Unlock()
	c.cancel()
	c.wg.Wait()
}

// Ready waits until a host can be used and returns what it told of itself. The
// error is that of the hosts if all of them were tried meanwhile.
func (c *Cluster) Ready(ctx context.Context) (Info, error) {
	s, err := c.session(ctx, nil)
	if err != nil {
		return Info{}, c.none(ctx, "connect", 0, err)
	}
	return s.info, nil
}

// Info is what the latest session has told, or what Ready returns if there was
// none yet.
func (c *Cluster) Info(ctx context.Context) (Info, error) {
	if i := c.info.Load(); i != nil {
		return *i, nil
	}
	return c.Ready(ctx)
}

var (
	errNoMore       = errors.New("no other host is up")
	errNoLogin      = errors.New("the server has forgotten the login")
	errClusterEnded = errors.New("the database is closed")
)

// session chooses a session whose host is not among those tried. If there is
// none at all it asks for one and waits until each host has had its chance.
func (c *Cluster) session(ctx context.Context, tried map[string]bool) (*session, error) {
	var before map[string]state // when the wait began
	for {
		c.mu.Lock()
		if c.closed {
			c.mu.Unlock()
			return nil, errClusterEnded
		}
		c.start()
		states := make(map[string]state, len(c.links))
		for addr, l := range c.links {
			states[addr] = l.state()
		}
		if before == nil {
			before = states
		}
		changed := c.changed
		c.mu.Unlock()

		for _, h := range c.set.Candidates() {
			if h.Backup && c.beginning(states) {
				continue
			}
			if s := states[h.Addr].session; s != nil && !tried[h.Addr] && !s.ended() {
				return s, nil
			}
		}
		if len(tried) > 0 && !c.untriedBegin(states, tried) {
			return nil, errNoMore
		}
		if err := c.verdict(before, states); err != nil {
			return nil, err
		}
		for addr, l := range c.links {
			if states[addr].session != nil {
				continue
			}
			select {
			case l.kick <- struct{}{}:
			default:
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// beginning reports whether a host that is no backup is still being tried for
// the first time: too early for backups.
func (c *Cluster) beginning(states map[string]state) bool {
	for _, h := range c.config.Hosts {
		if !h.Backup && states[h.Addr].attempts == 0 {
			return true
		}
	}
	return false
}

// untriedBegin reports whether a host that is not among those tried is still
// being connected to for the first time.
func (c *Cluster) untriedBegin(states map[string]state, tried map[string]bool) bool {
	for addr, st := range states {
		if st.attempts == 0 && !tried[addr] {
			return true
		}
	}
	return false
}

// start begins the work of the links. The lock is held.
func (c *Cluster) start() {
	if c.started {
		return
	}
	c.started = true
	for _, l := range c.links {
		c.wg.Add(1)
		go l.run()
	}
}

// verdict returns the failures of all hosts if each has been tried since before,
// or a refused login at once; nil means to go on waiting.
func (c *Cluster) verdict(before, states map[string]state) error {
	var failures hosts.Failures
	for _, h := range c.config.Hosts {
		st := states[h.Addr]
		if st.failure == nil || st.attempts == before[h.Addr].attempts {
			continue
		}
		if final(st.failure) {
			return st.failure
		}
		failures = append(failures, &hosts.Failure{Host: h, Err: st.failure})
	}
	switch {
	case len(failures) < len(c.config.Hosts):
		return nil
	case len(failures) == 1:
		return failures[0].Err
	}
	return failures
}

// ended reports whether the session has failed.
func (s *session) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}
