package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
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
	var targets map[*link]int
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
		if targets == nil {
			targets = make(map[*link]int, len(c.links))
			for _, l := range c.links {
				targets[l] = l.attempts + 1
			}
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
		if err := c.verdict(states, targets); err != nil {
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

// verdict returns the failures of all hosts if each has been tried since
// targets were set, or a refused login at once; nil means to go on waiting.
func (c *Cluster) verdict(states map[string]state, targets map[*link]int) error {
	var failures hosts.Failures
	for _, h := range c.config.Hosts {
		st := states[h.Addr]
		if st.failure == nil || st.attempts < targets[c.links[h.Addr]] {
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

// Request is what to send and how.
type Request struct {
	// Op is what errors say was being done.
	Op   string
	Type wire.Type
	// Package begins with room for a header. It belongs to the cluster from now
	// on: it may still be written after Do has given up.
	Package []byte
	ID      uint64
	// Timeout bounds all of it. 0 means that only the context does.
	Timeout time.Duration
	// Precision, unless empty, is what the package was made for: it is not sent to
	// a database that has another by now.
	Precision string
	// PoolWait bounds how long a pool without servers is waited for.
	PoolWait time.Duration
}

// Waits between attempts while a pool has no server.
const firstPoolWait, maxPoolWait = 50 * time.Millisecond, 2 * time.Second

// Do sends a request to one of the hosts and returns the answer, which may be
// an error response. It repeats the request only if nothing of it has left, or
// if the server said that it had done nothing: on another host after 67 and 71,
// after a while after 68.
func (c *Cluster) Do(ctx context.Context, r Request) (Reply, error) {
	if r.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, r.Timeout, &limitError{r.Timeout})
		defer cancel()
	}
	var tried map[string]bool // hosts that could not serve
	var refusal *Reply        // the last of them
	loggedOut := false
	var poolSince time.Time
	poolWait := firstPoolWait
	for {
		s, err := c.session(ctx, tried)
		if err != nil {
			if refusal != nil {
				return *refusal, nil
			}
			return Reply{}, c.none(ctx, r.Op, r.ID, err)
		}
		if r.Precision != "" && r.Precision != s.info.Precision {
			c.info.Store(&s.info)
			return Reply{}, &driver.Error{
				Kind: driver.ErrOperational, Engine: Engine, Op: r.Op, Host: s.host, RequestID: r.ID,
				Message: fmt.Sprintf("the database's precision is no longer %s but %s; nothing was sent", r.Precision, s.info.Precision),
			}
		}
		began := time.Now()
		a := s.do(ctx, newCall(r.Type, r.Package))
		if a.err != nil {
			if a.sent == nothing && ctx.Err() == nil && !errors.Is(a.err, errTooMany) {
				<-s.done // it has failed or is about to
				continue
			}
			if ctx.Err() == context.DeadlineExceeded && s.silent(began) {
				c.set.Failed(s.hostKey(c))
				s.suspect()
			}
			return Reply{}, lost(r.Op, s.host, r.ID, answer{err: cause(ctx, a.err), sent: a.sent})
		}
		reply := Reply{Type: a.typ, Data: a.data, Host: s.host, Info: s.info}
		switch a.typ {
		case wire.ErrNotAuthentic:
			s.fail(errNoLogin)
			if loggedOut {
				return reply, nil
			}
			loggedOut = true // and try once more, with another login
		case wire.ErrServer:
			c.log.Warn("host cannot serve", "host", s.host, "request_id", r.ID, "answer", wire.Message(a.data))
			c.set.Failed(s.hostKey(c))
			if tried == nil {
				tried = make(map[string]bool)
			}
			tried[s.host] = true
			refusal = &reply
		case wire.ErrPool:
			if poolSince.IsZero() {
				poolSince = time.Now()
			}
			left := r.PoolWait - time.Since(poolSince)
			if left <= 0 {
				return reply, nil
			}
			if !sleep(ctx, c.ctx, min(poolWait, left)) {
				e := refused(r.Op, s.host, r.ID, a.typ, a.data)
				e.Err = cause(ctx, ctx.Err())
				return Reply{}, e
			}
			poolWait = min(2*poolWait, maxPoolWait)
		default:
			return reply, nil
		}
	}
}

// hostKey is the session's host as the health table knows it.
func (s *session) hostKey(c *Cluster) hosts.Host { return c.links[s.host].host }

// sleep waits and is false if one of the contexts ended.
func sleep(ctx, other context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-other.Done():
	}
	return false
}

// limitError is a limit of the driver's own that ran out. It is not a
// context's: the caller's has not ended.
type limitError struct {
	after time.Duration
}

func (e *limitError) Error() string { return fmt.Sprintf("no answer within %v", e.after) }

func (e *limitError) Timeout() bool   { return true }
func (e *limitError) Temporary() bool { return true }

// cause is err, or the driver's own limit if that is why the context ended.
func cause(ctx context.Context, err error) error {
	var limit *limitError
	if errors.Is(err, context.DeadlineExceeded) && errors.As(context.Cause(ctx), &limit) {
		return limit
	}
	return err
}

// none makes the error of a request that found no host. Nothing of it was sent.
func (c *Cluster) none(ctx context.Context, op string, id uint64, err error) error {
	e := &driver.Error{Kind: driver.ErrConnection, Engine: Engine, Op: op, RequestID: id, Err: cause(ctx, err)}
	var known *driver.Error
	switch {
	case errors.Is(err, errClusterEnded):
		e.Kind = driver.ErrInterface
	case ctx.Err() == context.Canceled:
		e.Kind = driver.ErrOperational
	case ctx.Err() != nil:
		e.Kind = driver.ErrTimeout
		if last := c.lastFailures(); last != nil {
			e.Err = fmt.Errorf("%w: %w", e.Err, last)
		}
	case errors.As(err, &known):
		if _, several := err.(hosts.Failures); !several {
			plain := *known
			plain.Op, plain.RequestID = op, id
			return &plain
		}
	}
	return e
}

// lastFailures is why the hosts could not be reached so far, nil if nothing is
// known.
func (c *Cluster) lastFailures() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var failures hosts.Failures
	for _, h := range c.config.Hosts {
		if l := c.links[h.Addr]; l.failure != nil {
			failures = append(failures, &hosts.Failure{Host: h, Err: l.failure})
		}
	}
	if len(failures) == 0 {
		return nil
	}
	return failures
}

// Refused is the error of a reply that is not of the type wanted; nil if it is.
func Refused(op string, id uint64, r Reply, want wire.Type) error {
	if r.Type == want {
		return nil
	}
	return refused(op, r.Host, id, r.Type, r.Data)
}
