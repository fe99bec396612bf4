package login

import (
	"context"
	"crypto/tls"
	"net"

	"github.com/lib/pq"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// TLSMode says when a connection is encrypted.
type TLSMode uint8

// The modes.
const (
	// Disable never encrypts.
	Disable TLSMode = iota
	// Allow encrypts if the server refuses a session without it.
	Allow
	// Prefer encrypts if the server can.
	Prefer
	// Require always encrypts. Whom it trusts is Target.TLS's matter.
	Require
)

// Target is a server and who logs in there.
type Target struct {
	// Network and Addr are what is dialled.
	Network, Addr string
	// Dial replaces net.Dialer. Direct says that it dials what it is told, so that
	// the address which a connection has come to can be dialled again.
	Dial   func(ctx context.Context, network, addr string) (net.Conn, error)
	Direct bool
	// Mode and TLS say how to encrypt. TLS holds the name to verify, and is not
	// changed; it may be nil if Mode is Disable.
	Mode TLSMode
	TLS  *tls.Config
	// Config is for lib/pq: user, password or where to find it, database, session
	// parameters; Host and Port for the password file. Its other fields are
	// not looked at.
	Config pq.Config
	// Methods are the names of the methods by which the user may be asked to log
	// in: those of gaussauth, and PostgreSQL's by the names that libpq gives them
	// ("password", "scram-sha-256", "gss", "none"). None means all.
	Methods []string
	// Protocol is the version to announce. 0 means wire.Protocol351.
	Protocol uint32
}

func (t *Target) protocol() uint32 {
	if t.Protocol == 0 {
		return wire.Protocol351
	}
	return t.Protocol
}

func (t *Target) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if t.Dial != nil {
		return t.Dial(ctx, network, addr)
	}
	return new(net.Dialer).DialContext(ctx, network, addr)
}
