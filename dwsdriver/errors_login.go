package dwsdriver

import (
	"context"
	"crypto/x509"
	"errors"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/gaussauth"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/login"
	"github.com/gaugesql/gaugesql/internal/hosts"
)

const opConnect = "connect"

// loginError makes the error of one host's login.
func loginError(host string, err error) *driver.Error {
	var refused *login.RefusedError
	if errors.As(err, &refused) {
		return serverError(opConnect, host, 0, refused.Fields)
	}
	e := &driver.Error{Kind: driver.ErrConnection, Engine: engine, Op: opConnect, Host: host, Err: err}
	switch {
	case errors.Is(err, context.Canceled):
		e.Kind = driver.ErrOperational
	case errors.Is(err, context.DeadlineExceeded):
		e.Kind = driver.ErrTimeout
	case errors.Is(err, login.ErrPassfile):
		e.Kind, e.Hint = driver.ErrAuthentication, "take the rights of group and others from it: chmod 600"
	case errors.Is(err, login.ErrNoPassword):
		e.Kind, e.Hint = driver.ErrAuthentication, "give one in the DSN or a password file"
	case errors.Is(err, login.ErrClearText):
		e.Kind, e.Hint = driver.ErrAuthentication, "it was not sent; use sslmode verify-full"
	case errors.As(err, new(*login.MethodError)), errors.Is(err, gaussauth.ErrSignature), errors.Is(err, login.ErrImpostor):
		e.Kind = driver.ErrAuthentication
	case errors.As(err, new(*gaussauth.UnsupportedError)):
		e.Kind = errors.Join(driver.ErrNotSupported, driver.ErrAuthentication)
		e.Hint = "set the cluster's password_encryption_type to 2 (SHA256) and the user's password anew"
	case errors.As(err, new(*login.ProtocolError)):
		e.Kind = driver.ErrInternal
	default:
		e.Hint = tlsHint(err)
	}
	return e
}

// tlsHint says what to do about a certificate that cannot be verified.
func tlsHint(err error) string {
	var (
		name      x509.HostnameError
		authority x509.UnknownAuthorityError
	)
	switch {
	case errors.As(err, &name):
		return "certificates of DWS are often made out to no host name; sslmode verify-ca does not compare it, sslservername gives another"
	case errors.As(err, &authority):
		return "sslrootcert names the file with the cluster's authority, cacert.pem in the package that the console offers"
	case errors.As(err, new(*login.TLSError)):
		return "sslmode says whether to encrypt"
	}
	return ""
}

// final reports whether another coordinator would answer the same: it is about
// who asks and for what, not about the host. A refused login above all is not
// tried at the next, as each one counts.
func final(err error) bool {
	for _, kind := range []error{driver.ErrAuthentication, driver.ErrProgramming, driver.ErrNotSupported, driver.ErrData} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// connectError makes a driver.Error of what hosts.Dial returned. That of a
// single host is shown as it is.
func connectError(ctx context.Context, err error) *driver.Error {
	var failures hosts.Failures
	var e *driver.Error
	if !errors.As(err, &failures) && errors.As(err, &e) && (ctx.Err() == nil || errors.Is(e, ctx.Err())) {
		return e
	}
	kind := driver.ErrConnection
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		kind = driver.ErrOperational
	case ctx.Err() != nil, errors.Is(err, driver.ErrTimeout):
		kind = driver.ErrTimeout
	}
	if errors.As(err, &e) && len(failures) > 0 && ctx.Err() == nil {
		kind = e.Kind
	}
	return &driver.Error{Kind: kind, Engine: engine, Op: opConnect, Err: err}
}
