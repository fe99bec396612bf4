package login

import (
	"errors"
	"fmt"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// DialError is a connection that could not be made.
type DialError struct{ Err error }

func (e *DialError) Error() string { return e.Err.Error() }
func (e *DialError) Unwrap() error { return e.Err }

// TLSError is an encryption that could not be agreed on.
type TLSError struct{ Err error }

func (e *TLSError) Error() string { return "tls: " + e.Err.Error() }
func (e *TLSError) Unwrap() error { return e.Err }

// RefusedError is a server that does not let the user in.
type RefusedError struct {
	// Fields are what the server said.
	*wire.Fields
	// Answered is true if the user had tried to prove a password: the server may
	// count the attempt.
	Answered bool
	// Method is the name of the method by which, "" if it came before.
	Method string
}

func (e *RefusedError) Error() string { return e.Message }

// Unwrap returns the error as lib/pq has it.
func (e *RefusedError) Unwrap() error { return e.PQ() }

// MethodError is a way to log in that the server asked for and the caller does
// not allow.
type MethodError struct{ Method string }

func (e *MethodError) Error() string {
	if e.Method == none {
		return "the server lets the user in without asking for a proof, which require_auth does not allow"
	}
	return fmt.Sprintf("the server asks for authentication by %q, which require_auth does not allow", e.Method)
}

// ProtocolError is a server that says what a server of PostgreSQL's protocol
// does not.
type ProtocolError struct{ Err error }

func (e *ProtocolError) Error() string { return e.Err.Error() }
func (e *ProtocolError) Unwrap() error { return e.Err }

var (
	// ErrNoPassword is a server that asks for a password where there is none. It was
	// told nothing.
	ErrNoPassword = errors.New("the server asks for a password, and there is none")
	// ErrPassfile is [ErrNoPassword] with a password file that others may read and
	// that is not used for that.
	ErrPassfile = fmt.Errorf("%w: the password file may be read by others", ErrNoPassword)
	// ErrClearText is a server that wants the password itself over a connection
	// that is not encrypted.
	ErrClearText = errors.New("the server asks for the password in clear over a connection without TLS")

	// ErrImpostor is a server that could not prove by SCRAM that it knows the
	// password.
	ErrImpostor = errors.New("the server does not prove that it knows the password")

	errNoTLS     = &TLSError{errors.New("the server does not speak it")}
	errNoCancel  = errors.New("the server gave no key to cancel with")
	errTooMuch   = errors.New("the server does not come to an end with its greeting")
	errNoScram   = errors.New("the server offers no SASL mechanism that is known; SCRAM-SHA-256 is")
	errScramWork = fmt.Errorf("the server asks for more than %d iterations of SCRAM", maxScram)
)

func malformed(err error) error { return &ProtocolError{err} }
