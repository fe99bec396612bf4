package rpc

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"

	"github.com/apache/thrift/lib/go/thrift"
)

// LengthSize is the size of the length before a frame, big-endian.
const LengthSize = 4

// large is the size from which a []byte is sent from where it lies.
const large = 16 << 10

// input is a frame as a thrift.TRichTransport.
type input struct {
	noTransport
	rest []byte
}

func (in *input) Read(dst []byte) (int, error) {
	if len(in.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(dst, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}

func (in *input) ReadByte() (byte, error) {
	if len(in.rest) == 0 {
		return 0, io.EOF
	}
	b := in.rest[0]
	in.rest = in.rest[1:]
	return b, nil
}

func (in *input) RemainingBytes() uint64 { return uint64(len(in.rest)) }

// take returns the next n bytes as a part of the frame.
func (in *input) take(n int64) ([]byte, error) {
	if n < 0 || n > int64(len(in.rest)) {
		return nil, fmt.Errorf("a field of %d bytes where %d are left", n, len(in.rest))
	}
	b := in.rest[:n:n]
	in.rest = in.rest[n:]
	return b, nil
}

// output collects a frame as a thrift.TRichTransport, its length in front.
type output struct {
	noTransport
	done net.Buffers // what is complete
	buf  []byte      // what follows
}

func newOutput() *output {
	return &output{buf: make([]byte, LengthSize, 256)}
}

func (out *output) Write(b []byte) (int, error) {
	out.buf = append(out.buf, b...)
	return len(b), nil
}

func (out *output) WriteByte(b byte) error {
	out.buf = append(out.buf, b)
	return nil
}

func (out *output) WriteString(s string) (int, error) {
	out.buf = append(out.buf, s...)
	return len(s), nil
}

// refer makes b itself the next part of the frame.
func (out *output) refer(b []byte) {
	n := len(out.buf)
	out.done = append(out.done, out.buf[:n:n], b)
	out.buf = out.buf[n:]
}

// frame returns the frame with its length, to be written in this order.
func (out *output) frame() (net.Buffers, error) {
	if len(out.buf) > 0 {
		out.done = append(out.done, out.buf)
		out.buf = nil
	}
	size := int64(-LengthSize)
	for _, part := range out.done {
		size += int64(len(part))
	}
	if size > MaxFrame {
		return nil, fmt.Errorf("a request of %d bytes; a frame holds %d", size, int64(MaxFrame))
	}
	binary.BigEndian.PutUint32(out.done[0], uint32(size))
	return out.done, nil
}

// noTransport is what a transport in memory does not do.
type noTransport struct{}

func (noTransport) Read([]byte) (int, error)        { return 0, io.EOF }
func (noTransport) ReadByte() (byte, error)         { return 0, io.EOF }
func (noTransport) Write([]byte) (int, error)       { return 0, io.ErrClosedPipe }
func (noTransport) WriteByte(byte) error            { return io.ErrClosedPipe }
func (noTransport) WriteString(string) (int, error) { return 0, io.ErrClosedPipe }
func (noTransport) RemainingBytes() uint64          { return 0 }
func (noTransport) Flush(context.Context) error     { return nil }
func (noTransport) Open() error                     { return nil }
func (noTransport) IsOpen() bool                    { return true }
func (noTransport) Close() error                    { return nil }

var (
	_ thrift.TRichTransport = (*input)(nil)
	_ thrift.TRichTransport = (*output)(nil)
)
