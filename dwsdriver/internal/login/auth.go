package login

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/gaussauth"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// Codes of AuthenticationRequest that are PostgreSQL's.
const (
	authOK         = 0
	authClearText  = 3
	authGSS        = 7
	authGSSMore    = 8
	authSASL       = 10
	authSASLMore   = 11
	authSASLFinal  = 12
	maxScram       = 1_000_000
	none           = "none"
	clearText      = "password"
	scram          = "scram-sha-256"
	gss            = "gss"
	scramMechanism = "SCRAM-SHA-256"
)

// askPassword is the request to lib/pq for the password itself.
var askPassword = wire.Append(nil, wire.Authentication, []byte{0, 0, 0, authClearText})

// question is what the server asked and lib/pq is asked for the password for.
type question struct {
	// request is GaussDB's, or MD5.
	request *gaussauth.Request
	// sasl is the server's message, which lib/pq gets when it is known that there
	// is a password.
	sasl []byte
}

// authentication takes an AuthenticationRequest.
func (b *bridge) authentication(body []byte) error {
	if len(body) < 4 {
		return malformed(wire.Malformed(wire.Authentication))
	}
	code := binary.BigEndian.Uint32(body)
	if b.sasl {
		return b.scram(code, body)
	}
	if code == gaussauth.CodeMD5 || gaussauth.IsGaussDB(body) {
		request, err := gaussauth.Parse(body)
		if err != nil {
			return unsupported(err)
		}
		return b.ask(request.Method.String(), &question{request: &request})
	}
	pass := wire.Append(nil, wire.Authentication, body)
	switch code {
	case authOK:
		if b.session.Method == "" {
			if err := b.allow(none); err != nil {
				return err
			}
		}
		b.toPQ = pass
		return nil
	case authClearText:
		return b.ask(clearText, new(question))
	case authSASL:
		if !slices.ContainsFunc(bytes.Split(body[4:], []byte{0}), func(name []byte) bool { return string(name) == scramMechanism }) {
			return malformed(errNoScram)
		}
		return b.ask(scram, &question{sasl: pass})
	case authGSS, authGSSMore:
		b.toPQ = pass
		return b.allow(gss)
	}
	_, err := gaussauth.Parse(body)
	if err == nil {
		err = wire.Malformed(wire.Authentication)
	}
	return unsupported(err)
}

// unsupported keeps the error of a method that there is and is not had, and
// marks others as nonsense.
func unsupported(err error) error {
	if errors.As(err, new(*gaussauth.UnsupportedError)) {
		return err
	}
	return malformed(err)
}

// allow notes the method by which the user logs in, if the caller allows it.
func (b *bridge) allow(method string) error {
	if len(b.target.Methods) > 0 && !slices.Contains(b.target.Methods, method) {
		return &MethodError{method}
	}
	b.session.Method = method
	return nil
}

// ask has lib/pq say the password.
func (b *bridge) ask(method string, q *question) error {
	if b.answered || b.pending != nil {
		return malformed(errors.New("the server asks for a second proof"))
	}
	if err := b.allow(method); err != nil {
		return err
	}
	if method == clearText && b.session.TLS == nil && b.target.Network != "unix" && !b.loopback() {
		return ErrClearText
	}
	b.pending, b.toPQ = q, askPassword
	return nil
}

// answer takes what lib/pq says to a question.
func (b *bridge) answer(body []byte) error {
	q := b.pending
	b.pending = nil
	if q == nil { // a step of SASL or GSS
		b.answered = true
		b.send(wire.Append(nil, wire.Password, body))
		return nil
	}
	password, _, ok := wire.String(body)
	if !ok {
		return malformed(wire.Malformed(wire.Password))
	}
	if len(password) == 0 {
		if b.passfile {
			return ErrPassfile
		}
		return ErrNoPassword
	}
	if q.sasl != nil {
		b.sasl, b.toPQ = true, q.sasl
		return nil
	}
	text := string(password)
	if q.request != nil {
		var err error
		text, err = q.request.Answer(b.ctx.Done(), b.target.Config.User, text)
		if err != nil {
			return err
		}
	}
	b.answered = true
	b.send(wire.Append(nil, wire.Password, wire.AppendString(nil, text)))
	return nil
}

// scram passes the steps of SCRAM on that lib/pq can take.
func (b *bridge) scram(code uint32, body []byte) error {
	switch code {
	case authSASLMore:
		for _, field := range bytes.Split(body[4:], []byte{','}) {
			if digits, ok := bytes.CutPrefix(field, []byte("i=")); ok {
				if n, err := strconv.ParseUint(string(digits), 10, 64); err != nil || n > maxScram {
					return malformed(errScramWork)
				}
			}
		}
	case authSASLFinal:
		b.sasl = false
	default:
		return malformed(errors.New("the server leaves SASL in the middle"))
	}
	b.toPQ = wire.Append(nil, wire.Authentication, body)
	return nil
}
