package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// Request is what to send and how.
type Request struct {
	// Op is what errors say was being done.
	Op   string
	Type wire.Type
	// Package begins with room for a header. It belongs to the cluster from now
	// on: it may still be written after Do has given up.
	Package []byte
	// Release, unless nil, is given a package that was answered, once nobody looks at
	// it any more; one that was given up is never released.
	Release func(pkg []byte)
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
// if the server said that it had done nothing: on another host after 67, with a
// new login after 71, after a while after 68.
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
			switch {
			case refusal == nil:
				return Reply{}, c.none(ctx, r.Op, r.ID, err)
			case err == errNoMore:
				return *refusal, nil
			}
			e := refused(r.Op, refusal.Host, r.ID, refusal.Type, refusal.Data)
			e.Err = cause(ctx, err)
			return Reply{}, e
		}
		if r.Precision != "" && r.Precision != s.info.Precision {
			c.info.Store(&s.info)
			return Reply{}, &driver.Error{
				Kind: driver.ErrOperational, Engine: Engine, Op: r.Op, Host: s.host, RequestID: r.ID,
				Message: fmt.Sprintf("the database's precision is no longer %s but %s; nothing was sent", r.Precision, s.info.Precision),
			}
		}
		began := time.Now()
		k := newCall(r.Type, r.Package)
		k.release = r.Release
		a := s.do(ctx, k)
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
			k.letGo(r.Package)
			return reply, nil
		}
		r.Package = slices.Clone(r.Package) // the writer may not have let go of it
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
