package lifecycle

import (
	"context"
	"net"
	"sync"
)

// Connections is a [Life] of listeners, the connections that they accept and what
// runs for those.
type Connections[C Connection] struct {
	// Context ends with the life.
	Context context.Context

	end       context.CancelFunc
	listeners []net.Listener
	accept    func(net.Conn) bool
	work      sync.WaitGroup // everything that runs for the life

	mu   sync.Mutex
	over bool
	open map[C]struct{}
}

// Connection is a connection as a server has it.
type Connection interface {
	comparable
	// HangUp ends the connection without a word.
	HangUp()
}

// NewConnections makes a life that has not started. Accept is given what the
// listeners accept, one after the other of each; what it refuses is closed.
func NewConnections[C Connection](accept func(net.Conn) bool, listeners ...net.Listener) *Connections[C] {
	l := &Connections[C]{accept: accept, listeners: listeners, open: map[C]struct{}{}}
	l.Context, l.end = context.WithCancel(context.Background())
	return l
}

// Start begins to accept connections.
func (l *Connections[C]) Start() {
	for _, ln := range l.listeners {
		l.work.Add(1)
		go func() {
			defer l.work.Done()
			for {
				nc, err := ln.Accept()
				if err != nil {
					return // Stop has closed the listener
				}
				if !l.accept(nc) {
					_ = nc.Close()
				}
			}
		}()
	}
}

// Adopt takes in a connection, completes it with begin and calls what serves it, each
// function in a goroutine of its own. Forget follows when the connection has ended.
// Adopt refuses when the life is over.
func (l *Connections[C]) Adopt(c C, begin func(), serve ...func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return false
	}
	l.open[c] = struct{}{}
	begin()
	for _, f := range serve {
		l.work.Add(1)
		go func() {
			defer l.work.Done()
			f()
		}()
	}
	return true
}

// Enter counts a piece of work that no connection was adopted for: Stop waits until
// Leave. It refuses when the life is over.
func (l *Connections[C]) Enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over {
		l.work.Add(1)
	}
	return !l.over
}

// Leave is the end of what has entered.
func (l *Connections[C]) Leave() { l.work.Done() }

// Forget takes out a connection that has ended.
func (l *Connections[C]) Forget(c C) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, c)
}

// Each calls f with the connections that are open.
func (l *Connections[C]) Each(f func(C)) {
	l.mu.Lock()
	list := make([]C, 0, len(l.open))
	for c := range l.open {
		list = append(list, c)
	}
	l.mu.Unlock()
	for _, c := range list {
		f(c)
	}
}

// Drop ends all connections and leaves what runs alone.
func (l *Connections[C]) Drop() { l.Each(C.HangUp) }

// Stop ends everything and waits for it. Who sees its connection end finds nobody
// listening any more.
func (l *Connections[C]) Stop() {
	l.mu.Lock()
	l.over = true
	l.mu.Unlock()
	for _, ln := range l.listeners {
		_ = ln.Close()
	}
	l.end()
	l.Drop()
	l.work.Wait()
}
