package gaussauth

import (
	"crypto/sha256"
	"crypto/subtle"
)

// Keys are what a server stores of a password. They do not let anybody log in
// by SHA256: for that the client key is needed, of which Stored is a hash.
type Keys struct {
	// Salt and Iterations of SHA256.
	Salt       [32]byte
	Iterations int
	// Stored and Server are the keys of SHA256.
	Stored, Server [32]byte
	// MD5 is what [StoredMD5] returns. It is empty unless the server keeps
	// passwords for MD5 too, as those do whose password_encryption_type is 0 or 1.
	MD5 string
}

// NewKeys makes the keys of a user's password. Iterations are 1 to
// [MaxIterations].
func NewKeys(user, password string, salt [32]byte, iterations int) Keys {
	k, _ := derive(nil, password, salt[:], iterations) // nothing stops it
	keys := k.keys(Request{Salt: salt, Iterations: iterations})
	keys.MD5 = StoredMD5(user, password)
	return keys
}

// StoredMD5 is the hash that a server stores for MD5: the hexadecimal digits of
// the MD5 of the password followed by the user's name.
func StoredMD5(user, password string) string { return md5Hex(password+user, nil) }

// Request returns what the server asks by the method: k's salt and iterations,
// the challenge, and for SHA256 over protocol 3.0 (30; else 350, 351) the
// signature.
func (k Keys) Request(method Method, protocol int, challenge [4]byte) Request {
	r := Request{Method: method, Protocol: protocol}
	if method == SHA256 || method == MD5SHA256 {
		r.Salt, r.Iterations = k.Salt, k.Iterations
	}
	if method != SHA256 {
		r.Protocol, r.MD5Salt = 0, challenge
		return r
	}
	r.Token = challenge
	if protocol < 350 {
		r.HasSignature = true
		copy(r.Signature[:], mac(k.Server[:], challenge[:]))
	}
	return r
}

// Verify reports whether the text of a PasswordMessage answers r, which is a
// request for a user with these keys.
func (k Keys) Verify(r Request, answer string) bool {
	switch r.Method {
	case MD5:
		return k.MD5 != "" && equal(answer, "md5"+md5Hex(k.MD5, r.MD5Salt[:]))
	case SHA256MD5:
		return k.MD5 != "" && equal(answer, "sha256"+sha256Hex(k.MD5, r.MD5Salt[:]))
	case MD5SHA256:
		return equal(answer, r.md5SHA256(k))
	}
	var client [32]byte
	if len(answer) != 64 || !decode(client[:], []byte(answer)) {
		return false
	}
	subtle.XORBytes(client[:], client[:], mac(k.Stored[:], r.Token[:]))
	stored := sha256.Sum256(client[:])
	return subtle.ConstantTimeCompare(stored[:], k.Stored[:]) == 1
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
