package gaussauth

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
)

// ErrStopped is returned by what takes a while when its caller has lost
// interest.
var ErrStopped = errors.New("stopped")

// ErrSignature is a server of protocol 3.0 that does not know the password.
var ErrSignature = errors.New("the server's signature is wrong: it does not know the password, or the password is wrong")

// Answer returns the text of the PasswordMessage that answers r, without the
// NUL behind it. It costs 0.3 µs an iteration; done, if not nil, ends it early
// with [ErrStopped]. Nothing is answered to a server whose signature is wrong.
func (r Request) Answer(done <-chan struct{}, user, password string) (string, error) {
	switch r.Method {
	case MD5:
		return "md5" + md5Hex(StoredMD5(user, password), r.MD5Salt[:]), nil
	case SHA256MD5:
		return "sha256" + sha256Hex(StoredMD5(user, password), r.MD5Salt[:]), nil
	}
	k, err := derive(done, password, r.Salt[:], r.Iterations)
	if err != nil {
		return "", err
	}
	if r.Method == MD5SHA256 {
		return r.md5SHA256(k.keys(r)), nil
	}
	if r.HasSignature && !hmac.Equal(mac(k.server(), r.Token[:]), r.Signature[:]) {
		return "", ErrSignature
	}
	client := k.client()
	stored := sha256.Sum256(client)
	proof := make([]byte, 32)
	subtle.XORBytes(proof, client, mac(stored[:], r.Token[:]))
	return hex.EncodeToString(proof), nil
}

// md5SHA256 is what both of DWS's own drivers answer. Servers that also hash the
// text of the iterations will not take it.
func (r Request) md5SHA256(keys Keys) string {
	stored := make([]byte, 0, 3*64)
	stored = hex.AppendEncode(stored, keys.Salt[:])
	stored = hex.AppendEncode(stored, keys.Server[:])
	stored = hex.AppendEncode(stored, keys.Stored[:])
	return "md5" + md5Hex(string(stored), r.MD5Salt[:])
}

// master is K, from which the keys are made.
type master []byte

func (k master) client() []byte { return mac(k, []byte("Client Key")) }
func (k master) server() []byte { return mac(k, []byte("Sever Key")) } // sic

func (k master) keys(r Request) Keys {
	keys := Keys{Salt: r.Salt, Iterations: r.Iterations, Stored: sha256.Sum256(k.client())}
	copy(keys.Server[:], k.server())
	return keys
}

// pause is how many iterations are made between looks at done: about 1 ms.
const pause = 4096

// derive is PBKDF2-HMAC-SHA1 with 32 bytes of output. That of the standard
// library cannot be stopped, and a server may ask for seconds of work.
func derive(done <-chan struct{}, password string, salt []byte, iterations int) (master, error) {
	prf := hmac.New(sha1.New, []byte(password))
	key := make(master, 0, 2*sha1.Size)
	for block := uint32(1); len(key) < 32; block++ {
		u := sum(prf, salt, binary.BigEndian.AppendUint32(nil, block))
		t := append([]byte(nil), u...)
		for i := 1; i < iterations; i++ {
			if i%pause == 0 {
				select {
				case <-done:
					return nil, ErrStopped
				default:
				}
			}
			prf.Reset()
			prf.Write(u)
			u = prf.Sum(u[:0])
			subtle.XORBytes(t, t, u)
		}
		key = append(key, t...)
	}
	return key[:32], nil
}

func mac(key, text []byte) []byte { return sum(hmac.New(sha256.New, key), text) }

func sum(h hash.Hash, parts ...[]byte) []byte {
	h.Reset()
	for _, part := range parts {
		h.Write(part)
	}
	return h.Sum(nil)
}

func md5Hex(text string, salt []byte) string {
	return hex.EncodeToString(sum(md5.New(), []byte(text), salt))
}

func sha256Hex(text string, salt []byte) string {
	return hex.EncodeToString(sum(sha256.New(), []byte(text), salt))
}
