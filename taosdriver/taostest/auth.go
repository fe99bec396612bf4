package taostest

import (
	"bytes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // what the protocol prescribes for its login token
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"strings"
)

// What REST answers to a bad Authorization header. The HTTP status is 401.
var (
	errNoAuth      = &codeError{0x1105, "no auth info input"}
	errAuthType    = &codeError{0x1122, "invalid type of Authorization"}
	errBasicAuth   = &codeError{0x1124, "invalid basic Authorization"}
	errTaosdAuth   = &codeError{0x1125, "invalid taosd Authorization"}
	errTaosdEncode = &codeError{0x110a, "generate taosd token error"}
)

// credentials reads the Authorization header. ok is true if it names an account
// for certain, as a bearer token or a gateway's does; otherwise the password
// must be checked.
func (o *options) credentials(r *http.Request) (user, password string, ok bool, err error) {
	auth := strings.TrimSpace(r.Header.Get("Authorization"))
	kind, value, _ := strings.Cut(auth, " ")
	switch {
	case auth == "" && o.token != "":
		return o.user, "", true, nil
	case auth == "":
		return "", "", false, errNoAuth
	case kind == "Basic":
		data, err := base64.StdEncoding.DecodeString(value)
		user, password, found := strings.Cut(string(data), ":")
		if err != nil || !found || user == "" || password == "" {
			return "", "", false, errBasicAuth
		}
		return user, password, false, nil
	case kind == "Taosd":
		user, password, err := decodeTaosd(value)
		if err != nil || user == "" || password == "" {
			return "", "", false, errTaosdAuth
		}
		return user, password, false, nil
	case kind == "Bearer" && o.bearer != "":
		if strings.TrimSpace(value) != o.bearer {
			return "", "", false, errBadPassword
		}
		return o.user, "", true, nil
	}
	return "", "", false, errAuthType
}

// desKey is the fixed key of the token that /rest/login hands out
// (KEY_DES_4 of TDengine). The token hides an account; it protects nothing.
const desKey = 4971256377704625728

// taosdField is the room for the user and, at least, for the password.
const taosdField = 24

func newTaosd() cipher.Block {
	block, err := des.NewCipher(binary.LittleEndian.AppendUint64(nil, desKey)) //nolint:gosec // see the import
	if err != nil {
		panic(err) // the key has the right length
	}
	return block
}

// encodeTaosd makes the token of an account: user and password padded with
// zeros, each block of 8 bytes encrypted by itself, in base64.
func encodeTaosd(user, password string) (string, error) {
	if len(user) > taosdField {
		return "", errTaosdEncode
	}
	data := make([]byte, taosdField+max(taosdField, (len(password)+7)/8*8))
	copy(data, user)
	copy(data[taosdField:], password)
	block := newTaosd()
	for i := 0; i < len(data); i += block.BlockSize() {
		block.Encrypt(data[i:], data[i:])
	}
	return base64.StdEncoding.EncodeToString(data), nil
}

// decodeTaosd is the opposite.
func decodeTaosd(token string) (user, password string, err error) {
	data, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return "", "", err
	}
	if len(data) < 2*taosdField || len(data)%8 != 0 {
		return "", "", errors.New("token of the wrong length")
	}
	block := newTaosd()
	for i := 0; i < len(data); i += block.BlockSize() {
		block.Decrypt(data[i:], data[i:])
	}
	text := func(b []byte) string { b, _, _ = bytes.Cut(b, []byte{0}); return string(b) }
	return text(data[:taosdField]), text(data[taosdField:]), nil
}
