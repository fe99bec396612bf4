package dwstest

import (
	"context"
	"net"
	"sync"
)

// life is what a server is between a start and a stop.
type life struct {
	srv *Server
	ctx context.Context // ends with the life
	end context.CancelFunc
	ln  net.Listener

	work sync.WaitGroup // everything that runs for the life

	mu       sync.Mutex
	over     bool
	conns    map[*conn]struct{}
	sessions map[uint32]*conn // those logged in, by what stands for the backend's process
}

func newLife(s *Server, ln net.Listener) *life {
	l := &life{srv: s, ln: ln, conns: map[*conn]struct{}{}, sessions: map[uint32]*conn{}}
	l.ctx, l.end = context.WithCancel(context.Background())
	return l
}

func (l *life) start() {
	l.work.Add(1)
	go func() {
		defer l.work.Done()
		for {
			nc, err := l.ln.Accept() // until stop closes it
			if err != nil {
				return
			}
			l.adopt(nc)
		}
	}()
}

// adopt takes in a connection; it refuses when the life is over.
func (l *life) adopt(nc net.Conn) {
	c := newConn(l, nc)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		_ = nc.Close()
		return
	}
	l.conns[c] = struct{}{}
	c.number = l.srv.cluster.record.connect(l.srv.index)
	c.pid = uint32(l.srv.index+1)<<20 | uint32(c.number)&0xfffff
	l.work.Add(1)
	go func() {
		defer l.work.Done()
		c.run()
		l.mu.Lock()
		delete(l.conns, c)
		delete(l.sessions, c.pid)
		l.mu.Unlock()
		l.srv.cluster.record.disconnect(l.srv.index)
	}()
}

// enter makes a connection that has logged in one that can be cancelled.
func (l *life) enter(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sessions[c.pid] = c
}

// session finds who is to be cancelled.
func (l *life) session(pid, secret uint32) *conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.sessions[pid]; c != nil && c.secret == secret {
		return c
	}
	return nil
}

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

// stop ends everything and waits for it.
func (l *life) stop() {
	l.mu.Lock()
	l.over = true
	l.mu.Unlock()
	l.end()
	_ = l.ln.Close()
	l.each(func(c *conn) { c.hangUp() })
	l.work.Wait()
}
