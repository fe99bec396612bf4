package siritest

import (
	"context"
	"net"
	"sync"
)

// life is what a server is between a start and a stop.
type life struct {
	srv       *Server
	ctx       context.Context // ends with the life
	end       context.CancelFunc
	listeners []net.Listener

	work sync.WaitGroup // everything that runs for the life

	mu    sync.Mutex
	over  bool
	conns map[*conn]struct{}
}

func newLife(s *Server, listeners []net.Listener) *life {
	l := &life{srv: s, listeners: listeners, conns: map[*conn]struct{}{}}
	l.ctx, l.end = context.WithCancel(context.Background())
	return l
}

func (l *life) start() {
	for _, ln := range l.listeners {
		l.work.Add(1)
		go func() {
			defer l.work.Done()
			l.accept(ln)
		}()
	}
}

// accept takes connections until the listener is closed by stop.
func (l *life) accept(ln net.Listener) {
	for {
		nc, err := ln.Accept()
		if err != nil {
			return
		}
		if c := l.adopt(nc); c == nil {
			_ = nc.Close()
		}
	}
}

// adopt takes in a connection; it refuses when the life is over.
func (l *life) adopt(nc net.Conn) *conn {
	c := newConn(l, nc)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return nil
	}
	l.conns[c] = struct{}{}
	c.number = l.srv.cluster.record.connect(l.srv.index)
	l.work.Add(2)
	go func() {
		defer l.work.Done()
		c.read()
		c.hangUp()
		c.work.Wait()
		l.forget(c)
	}()
	go func() {
		defer l.work.Done()
		c.write()
	}()
	return c
}

func (l *life) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
	l.srv.cluster.record.disconnect(l.srv.index)
}

// drop ends all connections and leaves what runs alone.
func (l *life) drop() {
	l.mu.Lock()
	list := make([]*conn, 0, len(l.conns))
	for c := range l.conns {
		list = append(list, c)
	}
	l.mu.Unlock()
	for _, c := range list {
		c.hangUp()
	}
}

// stop ends everything and waits for it.
func (l *life) stop() {
	l.mu.Lock()
	l.over = true
	l.mu.Unlock()
	l.end()
	for _, ln := range l.listeners {
		_ = ln.Close()
	}
	l.drop()
	l.work.Wait()
}
