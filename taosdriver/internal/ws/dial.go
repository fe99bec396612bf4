package ws

import (
	"context"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

const (
	// readBuffer is per connection; larger messages bypass it.
	readBuffer = 4 << 10
	// writeBuffer is lent for the time of a write. What is longer is sent in
	// fragments of this size.
	writeBuffer = 64 << 10
)

// writeBuffers lends write buffers, so that a connection that waits has none.
var writeBuffers sync.Pool

// Dialer makes WebSocket connections.
type Dialer struct {
	settings transport.Settings
	silence  time.Duration
}

var _ transport.Dialer = (*Dialer)(nil)

// NewDialer returns a dialer with the settings.
func NewDialer(settings transport.Settings) *Dialer {
	return &Dialer{settings: settings, silence: longestSilence}
}

// Close implements transport.Dialer. Connections share nothing.
func (d *Dialer) Close() error { return nil }

// Connect implements transport.Dialer.
func (d *Dialer) Connect(ctx context.Context, host string) (transport.Conn, error) {
	c, err := d.open(ctx, host, "/ws", (*Conn).login)
	if err != nil {
		return nil, err // and not a nil *Conn
	}
	return c, nil
}

// open connects to the endpoint and logs in.
func (d *Dialer) open(ctx context.Context, host, endpoint string, login func(*Conn, context.Context) error) (*Conn, error) {
	origin := transport.Origin{Transport: Name, Host: host}
	var raw *netConn
	// The library heeds a context's deadline but not its end while it waits for
	// the answer to the upgrade.
	unwatch := func() bool { return true }
	dialer := websocket.Dialer{
		NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			nc, err := d.settings.Dial(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			raw = newNetConn(nc)
			unwatch = context.AfterFunc(ctx, func() { nc.Close() })
			return raw, nil
		},
		TLSClientConfig:   d.settings.TLS,
		ReadBufferSize:    readBuffer,
		WriteBufferSize:   writeBuffer,
		WriteBufferPool:   &writeBuffers,
		EnableCompression: d.settings.Compression,
	}
	u := url.URL{Scheme: "ws", Host: host, Path: endpoint}
	if d.settings.TLS != nil {
		u.Scheme = "wss"
	}
	if d.settings.Token != "" {
		u.RawQuery = url.Values{"token": {d.settings.Token}}.Encode()
	}
	socket, response, err := dialer.DialContext(ctx, u.String(), nil)
	if err != nil {
		unwatch()
		if ctx.Err() != nil {
			return nil, origin.Canceled(ctx, "connect", 0, false)
		}
		return nil, explain(origin, endpoint, d.settings.TLS != nil, response, err)
	}
	raw.handshake = -1
	socket.SetReadLimit(d.settings.MaxMessageBytes)
	c := &Conn{
		settings: &d.settings,
		silence:  d.silence,
		origin:   origin,
		ws:       socket,
		net:      raw,
		writing:  make(chan struct{}, 1),
		pending:  make(map[uint64]*call),
		dead:     make(chan struct{}),
	}
	c.work.Add(1)
	go c.read()
	err = login(c, ctx)
	if !unwatch() { // and so closed, or about to be
		c.Close()
		return nil, origin.Canceled(ctx, "connect", 0, false)
	}
	if err != nil {
		c.Close()
		if plain, ok := transport.WasNotSent(err); ok {
			err = plain // nobody else's attempt to repeat
		}
		return nil, err
	}
	return c, nil
}
