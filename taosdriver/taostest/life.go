package taostest

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// life is what a server is between a start and a stop.
type life struct {
	srv  *Server
	ctx  context.Context // ends with the life
	end  context.CancelFunc
	http *http.Server

	work sync.WaitGroup // the accept loop and the requests being served

	mu      sync.Mutex
	over    bool
	conns   map[net.Conn]struct{} // plain HTTP
	sockets map[*socket]struct{}
}

// connKey is the context key of the number of an HTTP request's connection.
type connKey struct{}

func newLife(s *Server, ln net.Listener) *life {
	l := &life{srv: s, conns: map[net.Conn]struct{}{}, sockets: map[*socket]struct{}{}}
	l.ctx, l.end = context.WithCancel(context.Background())
	l.http = &http.Server{
		Handler: http.HandlerFunc(l.serve),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			l.mu.Lock()
			l.conns[c] = struct{}{}
			l.mu.Unlock()
			return context.WithValue(ctx, connKey{}, s.record.connect())
		},
		ConnState: func(c net.Conn, state http.ConnState) {
			if state != http.StateClosed && state != http.StateHijacked {
				return
			}
			l.mu.Lock()
			delete(l.conns, c)
			l.mu.Unlock()
			if state == http.StateClosed {
				s.record.disconnect()
			}
		},
		ErrorLog: nil,
	}
	l.http.ErrorLog = newQuietLog(s.options.log)
	l.work.Add(1)
	go func() {
		defer l.work.Done()
		_ = l.http.Serve(ln) // ends with http.ErrServerClosed on stop
	}()
	return l
}

// enter counts a piece of work; stop waits for it. It refuses when the life is
// over.
func (l *life) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return false
	}
	l.work.Add(1)
	return true
}

// adopt takes in an upgraded connection; it refuses when the life is over.
func (l *life) adopt(s *socket) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return false
	}
	l.sockets[s] = struct{}{}
	return true
}

func (l *life) forget(s *socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.sockets, s)
}

func (l *life) each(f func(*socket)) {
	l.mu.Lock()
	list := make([]*socket, 0, len(l.sockets))
	for s := range l.sockets {
		list = append(list, s)
	}
	l.mu.Unlock()
	for _, s := range list {
		f(s)
	}
}

// drop ends all connections and leaves what runs alone.
func (l *life) drop() {
	l.mu.Lock()
	for c := range l.conns {
		_ = c.Close()
	}
	l.mu.Unlock()
	l.each(func(s *socket) { s.hangUp() })
}

// stop ends everything and waits for it.
func (l *life) stop() {
	l.mu.Lock()
	l.over = true
	l.mu.Unlock()
	l.end()
	_ = l.http.Close()
	l.each(func(s *socket) { s.hangUp() })
	l.work.Wait()
}

// serve hands a request to what its path stands for.
func (l *life) serve(w http.ResponseWriter, r *http.Request) {
	if !l.enter() {
		panic(http.ErrAbortHandler)
	}
	defer l.work.Done()
	l.route(w, r)
}
