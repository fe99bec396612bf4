package client

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
)

const (
	// firstBytes is what a frame takes before any of it has come.
	firstBytes = 64 << 10
	// maxPooled is the largest buffer that is kept for the next frame.
	maxPooled = 8 << 20
)

// buffers lend memory to frames until what they hold was decoded.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, firstBytes); return &b }}

// lent is a frame in borrowed memory.
type lent struct{ b *[]byte }

func (l *lent) release() {
	if l.b != nil && cap(*l.b) <= maxPooled {
		buffers.Put(l.b)
	}
	l.b = nil
}

// frameTooLarge is the length of a frame that is longer than the limit, and may
// be no length at all.
type frameTooLarge struct {
	size  uint32
	limit int64
}

func (e *frameTooLarge) Error() string {
	return fmt.Sprintf("a reply of %d bytes; the limit is %d", e.size, e.limit)
}

// tlsRecord reports whether the bytes are the beginning of a TLS record: an alert
// or a handshake of version 3.x.
func (e *frameTooLarge) tlsRecord() bool {
	kind, major := byte(e.size>>24), byte(e.size>>16)
	return (kind == 0x15 || kind == 0x16) && major == 3
}

// readFrame reads a frame of at most limit bytes. Memory is taken as bytes come,
// not as they are announced.
func readFrame(r io.Reader, limit int64) (*lent, error) {
	var length [rpc.LengthSize]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(length[:])
	if int64(size) > limit {
		return nil, &frameTooLarge{size, limit}
	}
	l := &lent{buffers.Get().(*[]byte)}
	buf := (*l.b)[:0]
	for len(buf) < int(size) {
		if len(buf) == cap(buf) {
			bigger := make([]byte, len(buf), min(2*cap(buf), max(int(size), firstBytes)))
			copy(bigger, buf)
			buf = bigger
		}
		n, err := io.ReadFull(r, buf[len(buf):min(cap(buf), int(size))])
		buf = buf[:len(buf)+n]
		*l.b = buf
		if err != nil {
			l.release()
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	*l.b = buf
	return l, nil
}
