package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// HeaderSize is the size of a message's type and length.
const HeaderSize = 5

// MaxMessage is the longest message that is read: a server can build none
// longer.
const MaxMessage = 1<<30 - 1

// MaxError is the longest ErrorResponse. What claims to be a longer one is the
// plain text of a server that could not start a process for the session.
const MaxError = 30000

// ErrMalformed is a message that is not what its type says.
var ErrMalformed = errors.New("malformed message")

// Malformed returns an [ErrMalformed] that names the type.
func Malformed(t Type) error { return fmt.Errorf("%w of type %q", ErrMalformed, byte(t)) }

// Header reads the type and the length of a message's body from its first
// [HeaderSize] bytes.
func Header(b []byte) (t Type, length int, err error) {
	_ = b[HeaderSize-1]
	t = Type(b[0])
	n := binary.BigEndian.Uint32(b[1:])
	if n < minTypedBytes || n > MaxMessage {
		return t, 0, fmt.Errorf("%w of type %q: %d bytes long", ErrMalformed, byte(t), n)
	}
	return t, int(n) - minTypedBytes, nil
}

// Next cuts the first message off b. If b does not hold all of it, ok is false,
// and length is that of the whole message as far as it is known, else 0.
func Next(b []byte) (t Type, body, rest []byte, length int, ok bool, err error) {
	if len(b) < HeaderSize {
		return 0, nil, b, 0, false, nil
	}
	t, n, err := Header(b)
	if err != nil {
		return t, nil, b, 0, false, err
	}
	if len(b)-HeaderSize < n {
		return t, nil, b, HeaderSize + n, false, nil
	}
	end := HeaderSize + n
	return t, b[HeaderSize:end:end], b[end:], end, true, nil
}

// Begin starts a message at the end of dst. What is appended is its body, until
// [End] is called with mark.
func Begin(dst []byte, t Type) (_ []byte, mark int) {
	return append(dst, byte(t), 0, 0, 0, 0), len(dst) + 1
}

// End completes the message that was begun at mark.
func End(dst []byte, mark int) []byte {
	binary.BigEndian.PutUint32(dst[mark:], uint32(len(dst)-mark))
	return dst
}

// Append appends a message whose body is there already.
func Append(dst []byte, t Type, body []byte) []byte {
	dst = append(dst, byte(t))
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(body)+minTypedBytes))
	return append(dst, body...)
}

// String cuts a text that ends in NUL off b.
func String(b []byte) (s, rest []byte, ok bool) {
	for i, c := range b {
		if c == 0 {
			return b[:i:i], b[i+1:], true
		}
	}
	return nil, b, false
}

// AppendString appends a text and a NUL. The text must hold none.
func AppendString(dst []byte, s string) []byte { return append(append(dst, s...), 0) }
