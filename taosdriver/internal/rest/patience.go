package rest

import (
	"context"
	"sync"
	"time"
)

// patience ends an exchange that makes no progress in time.
type patience struct {
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	waiting bool
	limit   time.Duration
	timer   *time.Timer
}

// begin starts a wait that ctx ends too. end ends the wait.
func (p *patience) begin(ctx context.Context, limit time.Duration, late error) (end func()) {
	release := context.AfterFunc(ctx, func() { p.cancel(context.Cause(ctx)) })
	p.mu.Lock()
	p.waiting = true
	p.mu.Unlock()
	p.change(limit, late)
	return func() {
		release()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.waiting = false
		if p.timer != nil {
			p.timer.Stop()
		}
	}
}

// change waits for something else: from now on for at most limit, 0 for ever.
func (p *patience) change(limit time.Duration, late error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if p.limit = limit; limit > 0 && p.waiting {
		p.timer = time.AfterFunc(limit, func() { p.cancel(late) })
	}
}

// progress begins the limit anew.
func (p *patience) progress() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil && p.waiting {
		p.timer.Reset(p.limit)
	}
}
