package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
)

// wire is a network connection that can tell whether a request has left this
// process. net/http knows it too and does not say: it repeats some requests
// itself and reports others with one error, written or not.
type wire struct {
	net.Conn
	mu      sync.Mutex
	written int64
	sealed  bool
}

var errSealed = errors.New("the connection was given up")

// Write counts. TLS lies below, so a handshake or an alert does not.
func (w *wire) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sealed {
		return 0, errSealed
	}
	// A write that fails may have sent a part all the same.
	w.written += int64(len(b))
	return w.Conn.Write(b)
}

// count returns the number of bytes written or tried to write.
func (w *wire) count() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.written
}

// seal refuses all further writes and returns the count, final from now on. A
// write under way is waited for, so the connection must be closed or broken.
func (w *wire) seal() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sealed = true
	return w.written
}

// dialer opens connections to one host.
type dialer struct {
	dial func(ctx context.Context, network, addr string) (net.Conn, error)
	tls  *tls.Config // nil for plain HTTP
}

func (d *dialer) plain(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := d.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return &wire{Conn: conn}, nil
}

func (d *dialer) secure(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := d.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	cfg := d.tls.Clone()
	if cfg.ServerName == "" {
		cfg.ServerName, _, _ = net.SplitHostPort(addr)
	}
	secured := tls.Client(conn, cfg)
	if err := secured.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, &handshakeError{err}
	}
	return &wire{Conn: secured}, nil
}

// handshakeError is a failed TLS handshake.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return "TLS handshake: " + e.err.Error() }
func (e *handshakeError) Unwrap() error { return e.err }

// wireOf returns the wire that lies under a connection, nil if there is none.
// Behind a proxy net/http has put TLS on top of it.
func wireOf(conn net.Conn) *wire {
	for {
		switch c := conn.(type) {
		case *wire:
			return c
		case interface{ NetConn() net.Conn }:
			conn = c.NetConn()
		default:
			return nil
		}
	}
}
