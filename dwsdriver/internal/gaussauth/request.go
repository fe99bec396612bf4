package gaussauth

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
)

// The codes of AuthenticationRequest that this package knows.
const (
	CodeMD5       = 5
	CodeSHA256    = 10
	CodeMD5SHA256 = 11
	CodeSM3       = 13
)

// Method is how a password is to be proved.
type Method uint8

// The methods.
const (
	// MD5 is PostgreSQL's.
	MD5 Method = iota + 1
	// SHA256 is GaussDB's own.
	SHA256
	// SHA256MD5 is SHA256 over a password that is stored as MD5.
	SHA256MD5
	// MD5SHA256 is MD5 over a password that is stored for SHA256.
	MD5SHA256
)

// String is the method's name.
func (m Method) String() string {
	switch m {
	case MD5:
		return "md5"
	case SHA256:
		return "sha256"
	case SHA256MD5:
		return "sha256-md5"
	case MD5SHA256:
		return "md5-sha256"
	}
	return "unknown"
}

// The iterations of a server that does not say them, and the most that one may
// ask for: GaussDB's own bound of the parameter auth_iteration_count.
const (
	DefaultIterations = 2048
	MaxIterations     = 10_000_000
)

// Request is what a server asks for.
type Request struct {
	Method Method
	// Salt of the stored password: SHA256, MD5SHA256.
	Salt [32]byte
	// Token is the challenge: SHA256.
	Token [4]byte
	// MD5Salt is the challenge: MD5, SHA256MD5, MD5SHA256.
	MD5Salt [4]byte
	// Iterations of the stored password: SHA256, MD5SHA256.
	Iterations int
	// Signature is the server's, if HasSignature: SHA256 over protocol 3.0.
	Signature    [32]byte
	HasSignature bool
	// Protocol is the version for which the request is written: 30, 350 or 351.
	// It matters to SHA256 alone.
	Protocol int
}

var errMalformed = errors.New("malformed authentication request")

// UnsupportedError is a method that this package does not have.
type UnsupportedError struct {
	Code int
}

// The names of methods that GaussDB has and this package has not.
var unsupported = map[int]string{
	6: "SCM credentials", 12: "SHA256-RFC of a lite build", 13: "SM3", 14: "IAM", 2: "Kerberos V5", 4: "crypt",
}

// Name is the method's name, "" if it has none known.
func (e *UnsupportedError) Name() string { return unsupported[e.Code] }

func (e *UnsupportedError) Error() string {
	if name := e.Name(); name != "" {
		return fmt.Sprintf("the server asks for authentication method %d (%s), which is not supported", e.Code, name)
	}
	return fmt.Sprintf("the server asks for authentication method %d, which is unknown", e.Code)
}

// IsGaussDB reports whether the body of an AuthenticationRequest, its code
// included, is one of GaussDB's where PostgreSQL has the same code: a number
// follows in place of the name of a SASL mechanism.
func IsGaussDB(body []byte) bool {
	if len(body) < 4 {
		return false
	}
	switch binary.BigEndian.Uint32(body) {
	case CodeSHA256:
		return len(body) > 4 && body[4] == 0 && len(body) > 6
	case CodeMD5SHA256:
		return len(body) == 4+64+4
	}
	return false
}

// Parse reads the body of an AuthenticationRequest of a method of this package,
// its code included. The form of the body tells the protocol version.
func Parse(body []byte) (Request, error) {
	if len(body) < 4 {
		return Request{}, errMalformed
	}
	code, body := binary.BigEndian.Uint32(body), body[4:]
	switch code {
	case CodeMD5:
		return parseMD5(MD5, body)
	case CodeSHA256:
		return parseSHA256(body)
	case CodeMD5SHA256:
		r := Request{Method: MD5SHA256, Iterations: DefaultIterations}
		if len(body) != 64+4 || !decode(r.Salt[:], body) {
			return Request{}, errMalformed
		}
		copy(r.MD5Salt[:], body[64:])
		return r, nil
	}
	return Request{}, &UnsupportedError{Code: int(code)}
}

func parseMD5(method Method, body []byte) (Request, error) {
	r := Request{Method: method}
	if copy(r.MD5Salt[:], body) != 4 || len(body) != 4 {
		return Request{}, errMalformed
	}
	return r, nil
}

// How the password is stored, in the body of code 10.
const (
	storedPlain  = 0
	storedMD5    = 1
	storedSHA256 = 2
	storedSM3    = 3
)

func parseSHA256(body []byte) (Request, error) {
	if len(body) < 4 {
		return Request{}, errMalformed
	}
	stored, body := binary.BigEndian.Uint32(body), body[4:]
	switch stored {
	case storedMD5:
		return parseMD5(SHA256MD5, body)
	case storedPlain, storedSHA256:
	case storedSM3:
		return Request{}, &UnsupportedError{Code: CodeSM3}
	default:
		return Request{}, fmt.Errorf("%w: password stored in an unknown way (%d)", errMalformed, stored)
	}
	r := Request{Method: SHA256, Iterations: DefaultIterations}
	if len(body) < 64+8 || !decode(r.Salt[:], body) || !decode(r.Token[:], body[64:]) {
		return Request{}, errMalformed
	}
	switch rest := body[64+8:]; len(rest) {
	case 0:
		r.Protocol = 350
	case 4:
		r.Protocol = 351
		n := binary.BigEndian.Uint32(rest)
		if n < 1 || n > MaxIterations {
			return Request{}, fmt.Errorf("%w: %d iterations; a server asks for 1 to %d", errMalformed, n, MaxIterations)
		}
		r.Iterations = int(n)
	case 64:
		r.Protocol, r.HasSignature = 30, true
		if !decode(r.Signature[:], rest) {
			return Request{}, errMalformed
		}
	default:
		return Request{}, errMalformed
	}
	return r, nil
}

// decode reads hexadecimal digits until dst is full.
func decode(dst, digits []byte) bool {
	n := hex.EncodedLen(len(dst))
	if len(digits) < n {
		return false
	}
	_, err := hex.Decode(dst, digits[:n])
	return err == nil
}

// Append appends the body of an AuthenticationRequest, its code included, as the
// server writes it.
func (r Request) Append(dst []byte) []byte {
	switch r.Method {
	case MD5:
		dst = binary.BigEndian.AppendUint32(dst, CodeMD5)
		return append(dst, r.MD5Salt[:]...)
	case SHA256MD5:
		dst = binary.BigEndian.AppendUint32(dst, CodeSHA256)
		dst = binary.BigEndian.AppendUint32(dst, storedMD5)
		return append(dst, r.MD5Salt[:]...)
	case MD5SHA256:
		dst = binary.BigEndian.AppendUint32(dst, CodeMD5SHA256)
		dst = hex.AppendEncode(dst, r.Salt[:])
		return append(dst, r.MD5Salt[:]...)
	}
	dst = binary.BigEndian.AppendUint32(dst, CodeSHA256)
	dst = binary.BigEndian.AppendUint32(dst, storedSHA256)
	dst = hex.AppendEncode(dst, r.Salt[:])
	dst = hex.AppendEncode(dst, r.Token[:])
	switch {
	case r.Protocol > 350:
		dst = binary.BigEndian.AppendUint32(dst, uint32(r.Iterations))
	case r.Protocol < 350:
		dst = hex.AppendEncode(dst, r.Signature[:])
	}
	return dst
}
