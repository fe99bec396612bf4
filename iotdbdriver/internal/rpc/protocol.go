package rpc

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/apache/thrift/lib/go/thrift"
)

// Protocol is how values are written. A server knows one, for all clients, and
// there is no negotiation: it closes the connection on the other.
type Protocol uint8

const (
	// Binary is the default of a server: TBinaryProtocol, strict.
	Binary Protocol = iota
	// Compact is TCompactProtocol, which a server speaks whose
	// dn_rpc_thrift_compression_enable is true.
	Compact
)

// String returns "binary" or "compact".
func (p Protocol) String() string {
	if p == Compact {
		return "compact"
	}
	return "binary"
}

// MaxFrame is the largest frame that its length can tell.
const MaxFrame = math.MaxInt32

// settings leave limits to what is in the frame.
var settings = &thrift.TConfiguration{
	MaxMessageSize: math.MaxInt32, MaxFrameSize: math.MaxInt32,
	TBinaryStrictRead: thrift.BoolPtr(true), TBinaryStrictWrite: thrift.BoolPtr(true),
}

func (p Protocol) on(t thrift.TTransport) thrift.TProtocol {
	if p == Compact {
		return thrift.NewTCompactProtocolConf(t, settings)
	}
	return thrift.NewTBinaryProtocolConf(t, settings)
}

// reader is a protocol that reads a frame: no container has more elements than
// bytes are left, and bytes are handed out where they lie.
type reader struct {
	thrift.TProtocol
	kind Protocol
	in   *input
}

func newReader(p Protocol, frame []byte) *reader {
	in := &input{rest: frame}
	return &reader{TProtocol: p.on(in), kind: p, in: in}
}

// ReadBinary returns a part of the frame.
func (r *reader) ReadBinary(ctx context.Context) ([]byte, error) {
	if r.kind == Binary {
		n, err := r.ReadI32(ctx)
		if err != nil {
			return nil, err
		}
		return r.in.take(int64(n))
	}
	var n uint64
	for shift := 0; ; shift += 7 {
		b, err := r.in.ReadByte()
		switch {
		case err != nil:
			return nil, err
		case shift > 28:
			return nil, errors.New("a length of more than 5 bytes")
		}
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return r.in.take(int64(n))
		}
	}
}

func (r *reader) ReadListBegin(ctx context.Context) (thrift.TType, int, error) {
	t, n, err := r.TProtocol.ReadListBegin(ctx)
	return t, n, r.fits(n, err)
}

func (r *reader) ReadSetBegin(ctx context.Context) (thrift.TType, int, error) {
	t, n, err := r.TProtocol.ReadSetBegin(ctx)
	return t, n, r.fits(n, err)
}

func (r *reader) ReadMapBegin(ctx context.Context) (thrift.TType, thrift.TType, int, error) {
	k, v, n, err := r.TProtocol.ReadMapBegin(ctx)
	return k, v, n, r.fits(n, err)
}

// fits refuses a number of elements, each at least a byte, that cannot be.
func (r *reader) fits(n int, err error) error {
	if err == nil && (n < 0 || n > len(r.in.rest)) {
		err = fmt.Errorf("%d elements where %d bytes are left", n, len(r.in.rest))
	}
	return err
}

// Skip passes over a value by this reader's own methods.
func (r *reader) Skip(ctx context.Context, t thrift.TType) error {
	return thrift.Skip(ctx, r, t, maxDepth)
}

// writer is a protocol that writes a frame.
type writer struct {
	thrift.TProtocol
	out *output
}

func newWriter(p Protocol) *writer {
	out := newOutput()
	return &writer{TProtocol: p.on(out), out: out}
}

// WriteBinary does not copy what is large.
func (w *writer) WriteBinary(ctx context.Context, b []byte) error {
	if len(b) < large || len(b) > MaxFrame {
		return w.TProtocol.WriteBinary(ctx, b)
	}
	if err := w.writeLength(ctx, len(b)); err != nil {
		return err
	}
	w.out.refer(b)
	return nil
}

// writeLength writes a length as the protocol does: an int32, or a varint.
func (w *writer) writeLength(ctx context.Context, n int) error {
	if _, ok := w.TProtocol.(*thrift.TBinaryProtocol); ok {
		return w.WriteI32(ctx, int32(n))
	}
	for ; n >= 0x80; n >>= 7 {
		w.out.WriteByte(byte(n) | 0x80)
	}
	return w.out.WriteByte(byte(n))
}
