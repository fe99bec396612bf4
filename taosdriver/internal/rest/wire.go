package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"

	"github.com/gaugesql/gaugesql/internal/peek"
)

// wire is a network connection that can tell whether a request has left this
// process. net/http knows it too and does not say: it repeats some requests
// itself and reports others with one error, written or not.
type wire struct {
	net.Conn
	socket  peek.Socket // below TLS
	mu      sync.Mutex
	written int64
	idle    bool // before the first write of a further request
	sealed  bool
}

var (
	errSealed = errors.New("the connection was given up")
	errEnded  = errors.New("the server has ended the idle connection")
)

// newWire returns the wire over conn; socket is what lies below TLS.
func newWire(conn, socket net.Conn) *wire {
	return &wire{Conn: conn, socket: peek.At(socket)}
}

// Write counts. TLS lies below, so a handshake or an alert does not.
func (w *wire) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sealed {
		return 0, errSealed
	}
	if w.idle {
		w.idle = false
		// Nothing is due on an idle connection, so bytes are no good sign either.
		if state := w.socket.Look(); state == peek.Ended || state == peek.Readable {
			return 0, errEnded
		}
	}
	// A write that fails may have sent a part all the same.
	w.written += int64(len(b))
	return w.Conn.Write(b)
}

// begin returns the number of bytes written or tried to write so far. On a used
// connection the next write looks first whether the server is still there.
func (w *wire) begin(used bool) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.idle = used
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
	return newWire(conn, conn), nil
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
	return newWire(secured, conn), nil
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
