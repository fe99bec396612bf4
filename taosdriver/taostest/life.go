package taostest

import (
	"context"
	"net"
	"net/http"
	"sync"

	"github.com/gaugesql/gaugesql/internal/lifecycle"
)

// life is what a server is between a start and a stop.
type life struct {
	*lifecycle.Connections[*socket]
	srv      *Server
	listener net.Listener
	http     *http.Server

	mu    sync.Mutex
	conns map[net.Conn]struct{} // plain HTTP
}

// connKey is the context key of the number of an HTTP request's connection.
type connKey struct{}

func newLife(s *Server, ln net.Listener) *life {
	l := &life{srv: s, listener: ln, conns: map[net.Conn]struct{}{}}
	l.Connections = lifecycle.NewConnections[*socket](nil) // http accepts them
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
		ErrorLog: newQuietLog(s.options.log),
	}
	return l
}

// Start serves until Stop.
func (l *life) Start() {
	l.Enter()
	go func() {
		defer l.Leave()
		_ = l.http.Serve(l.listener) // ends with http.ErrServerClosed
	}()
}

// Drop ends all connections and leaves what runs alone.
func (l *life) Drop() {
	l.mu.Lock()
	for c := range l.conns {
		_ = c.Close()
	}
	l.mu.Unlock()
	l.Connections.Drop()
}

// Stop ends everything and waits for it.
func (l *life) Stop() {
	_ = l.http.Close()
	l.Connections.Stop()
}

// serve hands a request to what its path stands for.
func (l *life) serve(w http.ResponseWriter, r *http.Request) {
	if !l.Enter() {
		panic(http.ErrAbortHandler)
	}
	defer l.Leave()
	l.route(w, r)
}
