package lifecycle

import (
	"context"
	"sync"
)

// Gate holds up what passes it while it is shut, as SIGSTOP does. The zero value is
// open.
type Gate struct {
	mu   sync.Mutex
	shut chan struct{} // closed when the gate opens; nil while it is open
}

// Shut shuts the gate.
func (g *Gate) Shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut == nil {
		g.shut = make(chan struct{})
	}
}

// Open lets through what waits.
func (g *Gate) Open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut != nil {
		close(g.shut)
		g.shut = nil
	}
}

// IsShut reports whether the gate is shut.
func (g *Gate) IsShut() bool { return g.wait() != nil }

func (g *Gate) wait() chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.shut
}

// Pass waits while the gate is shut. It is false if the context has ended.
func (g *Gate) Pass(ctx context.Context) bool {
	for shut := g.wait(); shut != nil; shut = g.wait() {
		select {
		case <-shut:
		case <-ctx.Done():
			return false
		}
	}
	return ctx.Err() == nil
}
