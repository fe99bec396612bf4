package upstream

import (
	"bytes"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
)

// scram is the client's side of SCRAM-SHA-256 (RFC 7677) without channel binding.
type scram struct {
	password, nonce string
	signature       []byte // that the server must show
}

func newScram(password string) *scram { return &scram{password: password, nonce: rand.Text()} }

func (s *scram) first() []byte { return []byte("n,," + s.bare()) }
func (s *scram) bare() string  { return "n=,r=" + s.nonce }

var errScram = errors.New("the PostgreSQL does not keep to SCRAM-SHA-256")

func (s *scram) final(challenge string) ([]byte, error) {
	if s == nil {
		return nil, errScram
	}
	values := attributes(challenge)
	salt, err := base64.StdEncoding.DecodeString(values["s"])
	n, err2 := strconv.Atoi(values["i"])
	if err != nil || err2 != nil || n < 1 || n > 10_000_000 || !strings.HasPrefix(values["r"], s.nonce) {
		return nil, errScram
	}
	key, err := pbkdf2.Key(sha256.New, s.password, salt, n, sha256.Size)
	if err != nil {
		return nil, err
	}
	clientKey := mac(key, "Client Key")
	stored := sha256.Sum256(clientKey)
	bare := "c=biws,r=" + values["r"]
	all := s.bare() + "," + challenge + "," + bare
	s.signature = mac(mac(key, "Server Key"), all)
	proof := make([]byte, len(clientKey))
	subtle.XORBytes(proof, clientKey, mac(stored[:], all))
	return []byte(bare + ",p=" + base64.StdEncoding.EncodeToString(proof)), nil
}

func (s *scram) verify(final string) error {
	if s == nil {
		return errScram
	}
	got, err := base64.StdEncoding.DecodeString(attributes(final)["v"])
	if err != nil || !bytes.Equal(got, s.signature) {
		return errScram
	}
	return nil
}

func attributes(s string) map[string]string {
	values := make(map[string]string)
	for part := range strings.SplitSeq(s, ",") {
		if name, value, ok := strings.Cut(part, "="); ok {
			values[name] = value
		}
	}
	return values
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
