package tmq

import (
	"encoding/binary"
	"errors"
)

var (
	errShort  = errors.New("the data ends early")
	errVarint = errors.New("a number that does not end")
	errName   = errors.New("a name without its final zero byte")
)

// reader takes values from the front of rest. The first error stays, and all that
// is read behind it is zero.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.rest = nil
}

// take returns the next n bytes, which share the message's memory.
func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.fail(errShort)
		return nil
	}
	head := r.rest[:n:n]
	r.rest = r.rest[n:]
	return head
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) int32() int32 {
	if b := r.take(4); b != nil {
		return int32(binary.LittleEndian.Uint32(b))
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	switch {
	case n == 0:
		r.fail(errShort)
		return 0
	case n < 0:
		r.fail(errVarint)
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) varint() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// name returns the bytes of a name.
func (r *reader) name() []byte {
	b := r.take(r.uvarint())
	if r.err != nil {
		return nil
	}
	if len(b) == 0 || b[len(b)-1] != 0 {
		r.fail(errName)
		return nil
	}
	return b[: len(b)-1 : len(b)-1]
}

func appendName[T string | []byte](dst []byte, name T) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(name))+1)
	return append(append(dst, name...), 0)
}
