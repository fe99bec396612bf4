package taosdriver

import (
	"context"
	"iter"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

const (
	// longestPoll bounds what the server is asked to wait in one request: what comes
	// after a poll that was given up waits for its end.
	longestPoll = time.Second
	// iteratorPoll is the timeout of the polls of Messages.
	iteratorPoll = 10 * time.Second
)

// Poll implements [driver.Consumer]. It may take longer than the timeout when the
// subscription was lost: it tries once to take it up again however short the
// timeout, and again at intervals until it is over.
func (c *consumer) Poll(ctx context.Context, timeout time.Duration) (*driver.Message, error) {
	ctx, done, err := c.begin(ctx, "poll")
	if err != nil {
		return nil, err
	}
	defer done()
	m, err := c.poll(ctx, time.Now().Add(max(timeout, 0)))
	if err != nil {
		return nil, c.failed("poll", err)
	}
	return m, nil
}

func (c *consumer) poll(ctx context.Context, deadline time.Time) (*driver.Message, error) {
	gone := 0
	for {
		m, err := c.pollOnce(ctx, deadline)
		if m != nil {
			m, err = c.inPlace(ctx, m)
		}
		switch {
		case err == nil && m != nil:
			return c.deliver(m), nil
		case err == nil:
			if !time.Now().Before(deadline) {
				return nil, nil
			}
			continue
		case ctx.Err() != nil:
			return nil, err
		case c.t != nil && !c.lost(ctx, err): // refused, and not for want of a connection
			return nil, err
		case !c.own.reconnect, !temporary(err) && !subscriptionGone(err):
			return nil, err
		}
		if gone++; gone == 1 && c.failures == 0 {
			continue // at once
		}
		wait := c.pause()
		if time.Now().Add(wait).After(deadline) {
			return nil, err
		}
		c.debug(ctx, "no host to subscribe at", "wait", wait, "error", err)
		if !sleep(ctx, wait) {
			return nil, c.origin().Canceled(ctx, "poll", 0, false)
		}
	}
}

// pollOnce makes one request to the server. Neither message nor error: none came.
func (c *consumer) pollOnce(ctx context.Context, deadline time.Time) (*transport.Message, error) {
	if c.left && c.t != nil {
		// The poll before may take longer than this one may.
		own, cancel := context.WithDeadline(ctx, deadline)
		err := c.settle(own)
		over := own.Err() != nil
		cancel()
		if err != nil && over && ctx.Err() == nil && c.t.Alive() {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
	}
	if m := c.held; m != nil {
		c.held = nil
		return m, nil
	}
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	if err := c.restoreAway(ctx); err != nil {
		return nil, err
	}
	if c.own.autoCommit && c.uncommitted && time.Since(c.committed) >= time.Duration(c.own.interval)*time.Millisecond {
		if err := c.commitAll(ctx); err != nil {
			if ctx.Err() != nil || c.lost(ctx, err) {
				return nil, err
			}
			c.debug(ctx, "positions not committed", "error", err)
		}
	}
	wait := min(max(time.Until(deadline), 0), longestPoll)
	if d, ok := ctx.Deadline(); ok {
		wait = min(wait, max(time.Until(d), 0))
	}
	m, err := c.t.Poll(ctx, wait)
	c.left = err != nil && ctx.Err() != nil
	return m, err
}

// deliver takes account of a message that is handed out.
func (c *consumer) deliver(m *transport.Message) *driver.Message {
	p := c.partition(place{m.Topic, m.VGroup})
	if p.begin < 0 {
		p.begin = m.Offset
	}
	p.next, p.sought = m.Next, -1
	c.uncommitted, c.failures = true, 0
	return c.message(m)
}

// Messages implements [driver.Consumer]. While no host can be reached it tries
// again, for the time of the property ws.reconnectTimeout.
func (c *consumer) Messages(ctx context.Context) iter.Seq2[*driver.Message, error] {
	return func(yield func(*driver.Message, error) bool) {
		var since time.Time // of the first of the failures in a row
		for {
			began := time.Now()
			m, err := c.Poll(ctx, iteratorPoll)
			switch {
			case err == nil && m == nil:
				since = time.Time{}
			case err == nil:
				since = time.Time{}
				if !yield(m, nil) {
					return
				}
			case ctx.Err() != nil, c.closed.Load(), !c.own.reconnect, !temporary(err):
				yield(nil, err)
				return
			default:
				if since.IsZero() {
					since = began
				}
				if time.Since(since) >= c.own.reconnectTime {
					yield(nil, err)
					return
				}
				sleep(ctx, firstPause) // a server that is busy refuses at once
			}
		}
	}
}

// sleep reports false if ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
