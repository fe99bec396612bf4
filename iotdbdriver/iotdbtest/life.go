package iotdbtest

import (
	"context"
	"net"
	"sync"
)

// life is what a server is between a start and a stop.
type life struct {
	srv      *Server
	ctx      context.Context // ends with the life
	end      context.CancelFunc
	listener net.Listener
	work     sync.WaitGroup // everything that runs for the life

	mu    sync.Mutex
	over  bool
	conns map[*conn]struct{}
}

func newLife(s *Server, ln net.Listener) *life {
	l := &life{srv: s, listener: ln, conns: map[*conn]struct{}{}}
	l.ctx, l.end = context.WithCancel(context.Background())
	l.work.Add(1)
	go func() {
		defer l.work.Done()
		l.accept()
	}()
	return l
}

// accept takes connections until the listener is closed by stop.
func (l *life) accept() {
	for {
		nc, err := l.listener.Accept()
		if err != nil {
			return
		}
		if !l.adopt(nc) {
			_ = nc.Close()
		}
	}
}

// adopt takes in a connection; it refuses when the life is over.
func (l *life) adopt(nc net.Conn) bool {
	c := newConn(l, nc)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return false
	}
	l.conns[c] = struct{}{}
	c.number = l.srv.record.connect()
	l.work.Add(2)
	go func() { // ends with the connection
		defer l.work.Done()
		c.read()
		_ = c.nc.Close()
		close(c.frames)
		l.forget(c)
	}()
	go func() { // ends after what the reader has read last
		defer l.work.Done()
		c.serve()
	}()
	return true
}

func (l *life) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
	l.srv.record.disconnect()
}

// each calls f with the connections that are open.
func (l *life) each(f func(*conn)) {
	l.mu.Lock()
	list := make([]*conn, 0, len(l.conns))
	for c := range l.conns {
		list = append(list, c)
	}
	l.mu.Unlock()
	for _, c := range list {
		f(c)
	}
}

// drop ends all connections and leaves what runs alone.
func (l *life) drop() { l.each(func(c *conn) { _ = c.nc.Close() }) }

// stop ends everything and waits for it.
func (l *life) stop() {
	l.mu.Lock()
	l.over = true
	l.mu.Unlock()
	l.end()
	_ = l.listener.Close()
	l.drop()
	l.work.Wait()
}
