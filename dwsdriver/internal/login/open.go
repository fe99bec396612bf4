package login

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/lib/pq"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// Open logs in. It tries a second time only for the modes Allow and Prefer, and
// only if the user's password has not been tried.
//
// The error is ctx's when that has ended, else one of this package, of
// gaussauth, or of lib/pq. None shows the password.
func Open(ctx context.Context, target Target) (*Session, error) {
	t := &target
	first, second := Disable, Disable
	switch t.Mode {
	case Allow:
		second = Require
	case Prefer, Require:
		first = t.Mode
	}
	s, answered, err := t.attempt(ctx, first)
	var refused *RefusedError
	switch {
	case err == nil, answered, ctx.Err() != nil:
	case t.Mode == Allow && errors.As(err, &refused):
		s, _, err = t.attempt(ctx, second)
		if errors.Is(err, errNoTLS) {
			err = refused
		}
	case t.Mode == Prefer && errors.As(err, new(*TLSError)) && !errors.As(err, new(*tls.CertificateVerificationError)):
		// Whoever gave an authority does not mean to talk to a stranger in clear.
		s, _, err = t.attempt(ctx, second)
	}
	return s, ended(ctx, err)
}

// attempt dials and logs in once. Answered reports whether a password was tried.
func (t *Target) attempt(ctx context.Context, mode TLSMode) (_ *Session, answered bool, err error) {
	socket, err := t.dial(ctx, t.Network, t.Addr)
	if err != nil {
		return nil, false, &DialError{err}
	}
	defer func() {
		if err != nil {
			socket.Close()
		}
	}()
	s := &Session{Conn: socket, Socket: socket, Parameters: make(map[string]string), target: t, addr: socket.RemoteAddr()}
	if mode != Disable && t.Network != "unix" {
		var encrypted bool
		if s.Conn, encrypted, err = t.encrypt(ctx, socket); err != nil {
			return nil, false, err
		}
		if !encrypted && mode == Require {
			return nil, false, errNoTLS
		}
		if encrypted {
			state := s.Conn.(*tls.Conn).ConnectionState()
			s.TLS = &state
		}
	}
	unwatch := watch(ctx, socket)
	b := &bridge{ctx: ctx, session: s, target: t, in: make([]byte, 0, 4<<10)}
	answered, err = b.login(ctx)
	if !unwatch() {
		err = ctx.Err()
	}
	if err != nil {
		return nil, answered, err
	}
	return s, answered, nil
}

// encrypt asks the server for TLS and, if it can, makes it.
func (t *Target) encrypt(ctx context.Context, socket net.Conn) (net.Conn, bool, error) {
	unwatch := watch(ctx, socket)
	var answer [1]byte
	_, err := socket.Write(wire.AppendSSLRequest(nil))
	if err == nil {
		// Not a byte more: what follows is encrypted, or a forgery.
		_, err = io.ReadFull(socket, answer[:])
	}
	if !unwatch() {
		return nil, false, ctx.Err()
	}
	if err != nil {
		return nil, false, err
	}
	switch answer[0] {
	case 'N':
		return socket, false, nil
	case 'S':
	case byte(wire.ErrorResponse):
		return nil, false, malformed(errors.New("the server answers the request for TLS with an error; it is overloaded, or none of PostgreSQL's protocol"))
	default:
		return nil, false, malformed(fmt.Errorf("the server answers the request for TLS with byte %#02x; is this the port of a DWS coordinator?", answer[0]))
	}
	conn := tls.Client(socket, t.TLS)
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, false, &TLSError{err}
	}
	return conn, true, nil
}

// patience is how long lib/pq may take to notice that the context has ended. It
// notices at its next read, and works on a proof of SCRAM meanwhile.
const patience = 20 * time.Millisecond

// login lets lib/pq log in over the bridge, in a goroutine that ends with the login,
// or with the work on a proof: half a second, at [maxScram]. Nobody else uses the
// bridge then.
func (b *bridge) login(ctx context.Context) (answered bool, err error) {
	type outcome struct {
		answered bool
		err      error
	}
	over := make(chan outcome, 1)
	go func() {
		err := b.run(ctx)
		over <- outcome{b.answered, err}
	}()
	select {
	case o := <-over:
		return o.answered, o.err
	case <-ctx.Done():
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case o := <-over:
		return o.answered, o.err
	case <-timer.C:
		return true, ctx.Err()
	}
}

// run is login in this goroutine.
func (b *bridge) run(ctx context.Context) (err error) {
	config := b.target.Config
	config.SSLMode = pq.SSLModeDisable
	config.SSLNegotiation = ""
	config.ConnectTimeout = 0
	config.TargetSessionAttrs = ""
	config.LoadBalanceHosts = ""
	config.Multi = nil
	config.MinProtocolVersion, config.MaxProtocolVersion = pq.ProtocolVersion30, pq.ProtocolVersion30
	if config.Password == "" && !private(config.Passfile) {
		b.passfile = true
		config.Passfile = "\x00" // lib/pq would write a warning to standard error
	}
	connector, err := pq.NewConnectorConfig(config)
	if err != nil {
		return err
	}
	connector.Dialer(dialer{b})
	defer func() {
		// The bridge lets nothing through that lib/pq cannot read. Should it fail,
		// that is not to be the program's end.
		if r := recover(); r != nil {
			err = malformed(fmt.Errorf("lib/pq: %v", r))
		}
	}()
	_, err = connector.Connect(ctx)
	switch {
	case b.err != nil:
		return b.err
	case err != nil && b.sasl, err != nil && b.session.Method == scram:
		return fmt.Errorf("%w: %w", ErrImpostor, err)
	}
	return err
}

// private reports whether lib/pq would use the password file, or would not look
// at any.
func private(passfile string) bool {
	if runtime.GOOS == "windows" {
		return true
	}
	if passfile == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return true
		}
		passfile = filepath.Join(home, ".pgpass")
	}
	info, err := os.Stat(passfile)
	// lib/pq looks at the bits 0x77, which miss some of 0o077 and have one more.
	return err != nil || info.Mode().Perm()&(0o077|0x77) == 0
}

// dialer gives lib/pq the bridge.
type dialer struct{ *bridge }

func (d dialer) DialContext(context.Context, string, string) (net.Conn, error) { return d.bridge, nil }
