package cluster

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/hosts"
)

// link is one host of a cluster. Its goroutine keeps a session to it until the
// cluster is closed.
type link struct {
	*Cluster
	host hosts.Host
	kick chan struct{} // asks for an attempt to connect now

	// Guarded by Cluster.mu.
	session  *session // nil while there is none
	attempts int      // to connect that have ended
	failure  error    // of the last one
}

// between is the shortest time from one attempt that somebody waits for to the
// next: a closed port answers at once.
const between = 100 * time.Millisecond

func (l *link) run() {
	defer l.wg.Done()
	wait := time.Duration(0)
	for {
		began := time.Now()
		s, err := l.connect()
		if l.ctx.Err() != nil {
			if err == nil {
				s.close()
			}
			return
		}
		l.attempted(s, err)
		if err == nil {
			wait = 0
			if !l.serve(s) {
				return
			}
		}
		wait = min(max(2*wait, l.config.FirstWaitRetry), l.config.MaxWaitRetry)
		if !l.pause(wait, final(err), began) {
			return
		}
	}
}

// connect makes one attempt.
func (l *link) connect() (*session, error) {
	ctx, cancel := context.WithTimeout(l.ctx, l.config.ConnectTimeout)
	defer cancel()
	s, err := connect(ctx, &l.config, l.host, l.alive)
	if err != nil && ctx.Err() != nil {
		err = &driver.Error{
			Kind: driver.ErrTimeout, Engine: Engine, Op: "connect", Host: l.host.Addr,
			Err: &hosts.TimeoutError{After: l.config.ConnectTimeout},
		}
	}
	return s, err
}

// attempted tells those who wait how an attempt ended.
func (l *link) attempted(s *session, err error) {
	if err == nil {
		l.set.OK(l.host)
		l.info.Store(&s.info)
		l.log.Info("connected", "host", l.host.Addr, "version", s.info.Version)
	} else {
		l.set.Failed(l.host)
		l.log.Warn("cannot connect", "host", l.host.Addr, "error", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.session, l.failure = s, err
	l.attempts++
	select {
	case <-l.kick: // this was it
	default:
	}
	l.broadcast()
}

// serve waits for the end of the session. It is false if that is the cluster's.
func (l *link) serve(s *session) bool {
	select {
	case <-s.done:
		s.close()
	case <-l.ctx.Done():
		s.close()
		return false
	}
	l.set.Failed(l.host)
	l.log.Warn("connection lost", "host", l.host.Addr, "error", s.err)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.session, l.failure = nil, lost("connect", l.host.Addr, 0, answer{err: s.err})
	l.broadcast()
	return true
}

// pause waits for the next attempt, or for somebody who wants it sooner; after
// an error that more attempts would repeat, only for him. It is false if the
// cluster was closed.
func (l *link) pause(wait time.Duration, final bool, began time.Time) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	elapsed := timer.C
	if final {
		elapsed = nil
	}
	select {
	case <-elapsed:
		return true
	case <-l.ctx.Done():
		return false
	case <-l.kick:
	}
	timer.Reset(max(0, between-time.Since(began)))
	select {
	case <-timer.C:
		return true
	case <-l.ctx.Done():
		return false
	}
}

// alive is told by pings whether the server can serve.
func (l *link) alive(ok bool) {
	if ok {
		l.set.OK(l.host)
	} else {
		l.set.Failed(l.host)
	}
}

// final tells errors that stay what they are until somebody changes the
// configuration, here or on the server.
func final(err error) bool {
	return errors.Is(err, driver.ErrAuthentication) || errors.Is(err, ErrIndex)
}

// state is what a link knows, copied under the lock.
type state struct {
	session  *session
	attempts int
	failure  error
}

func (l *link) state() state { return state{l.session, l.attempts, l.failure} }

// changes lets goroutines wait for a change of any link.
type changes struct {
	mu      sync.Mutex
	changed chan struct{}
}

// broadcast wakes all who wait. The lock is held.
func (c *changes) broadcast() {
	close(c.changed)
	c.changed = make(chan struct{})
}
