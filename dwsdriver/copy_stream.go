package dwsdriver

import (
	"context"
	"errors"
	"io"
)

// chunkSize is how much of a stream is handed on at a time.
const chunkSize = 64 << 10

// chunk is a piece of a stream, and how it ended.
type chunk struct {
	data []byte
	err  error
}

// source reads a reader ahead, so that a read that does not return holds up no
// more than its own goroutine.
type source struct {
	ctx    context.Context
	direct io.Reader // of one that is read without a goroutine
	buffer []byte

	chunks chan chunk    // read, to be handed out
	free   chan []byte   // handed out, to be read into again
	done   chan struct{} // nobody wants more
	held   []byte
}

// newSource begins to read r, unless it can be read at any time or ctx cannot end.
func newSource(ctx context.Context, r io.Reader) *source {
	s := &source{ctx: ctx}
	if _, inMemory := r.(interface{ Len() int }); inMemory || ctx.Done() == nil {
		s.direct, s.buffer = r, make([]byte, chunkSize)
		return s
	}
	s.chunks, s.free, s.done = make(chan chunk), make(chan []byte, 2), make(chan struct{})
	s.free <- make([]byte, chunkSize)
	s.free <- make([]byte, chunkSize)
	go s.read(r)
	return s
}

// read ends behind the first error of r, or when stop was called and r returns.
func (s *source) read(r io.Reader) {
	for {
		var buffer []byte
		select {
		case buffer = <-s.free:
		case <-s.done:
			return
		}
		n, err := fill(r, buffer)
		select {
		case s.chunks <- chunk{buffer[:n], err}:
		case <-s.done:
			return
		}
		if err != nil {
			return
		}
	}
}

// fill reads until the buffer is full enough to be worth sending, or r has no more
// for now.
func fill(r io.Reader, buffer []byte) (n int, err error) {
	for empty := 0; n < len(buffer)/2 && err == nil; {
		var k int
		k, err = r.Read(buffer[n:])
		if n += k; k == 0 && err == nil {
			if empty++; empty == 100 {
				err = io.ErrNoProgress
			}
		}
	}
	return n, err
}

// next returns the next piece, which is good until the next call, with the error
// that stands behind it.
func (s *source) next() ([]byte, error) {
	if s.direct != nil {
		if err := s.ctx.Err(); err != nil {
			return nil, err
		}
		n, err := fill(s.direct, s.buffer)
		return s.buffer[:n], err
	}
	if s.held != nil {
		s.free <- s.held
		s.held = nil
	}
	select {
	case c := <-s.chunks:
		s.held = c.data[:cap(c.data)]
		return c.data, c.err
	case <-s.ctx.Done():
		return nil, s.ctx.Err()
	}
}

// stop ends the reading.
func (s *source) stop() {
	if s.done != nil {
		close(s.done)
	}
}

// sink writes to a writer behind, so that a write that does not return holds up no
// more than its own goroutine.
type sink struct {
	ctx    context.Context
	direct io.Writer // of one that is written without a goroutine
	err    error

	chunks chan []byte // to be written
	free   chan []byte // written
	failed chan error  // that of the writer; closed when it is done
}

// newSink prepares to write to w.
func newSink(ctx context.Context, w io.Writer) *sink {
	s := &sink{ctx: ctx}
	if _, inMemory := w.(interface{ Len() int }); inMemory || w == io.Discard || ctx.Done() == nil {
		s.direct = w
		return s
	}
	s.chunks, s.free, s.failed = make(chan []byte, 2), make(chan []byte, 2), make(chan error, 1)
	s.free <- nil
	s.free <- nil
	go s.write(w, s.chunks)
	return s
}

// write ends when there is nothing more to write, or behind the first error of w.
func (s *sink) write(w io.Writer, chunks <-chan []byte) {
	defer close(s.failed)
	for data := range chunks {
		if n, err := w.Write(data); err != nil || n < len(data) {
			if err == nil {
				err = io.ErrShortWrite
			}
			s.failed <- err
			return
		}
		s.free <- data[:0]
	}
}

var errDone = errors.New("the copy has ended")

// Write implements io.Writer: it hands a copy of p on.
func (s *sink) Write(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	if s.direct != nil {
		n, err := s.direct.Write(p)
		if err == nil && n < len(p) {
			err = io.ErrShortWrite
		}
		s.err = err
		return n, err
	}
	select {
	case buffer := <-s.free:
		s.chunks <- append(buffer[:0], p...)
		return len(p), nil
	case err := <-s.failed:
		if err == nil {
			err = errDone
		}
		s.err = err
	case <-s.ctx.Done():
		s.err = s.ctx.Err()
	}
	return 0, s.err
}

// close waits until all is written and returns the writer's error, or ctx's.
func (s *sink) close() error {
	if s.direct != nil || s.chunks == nil {
		return s.err
	}
	close(s.chunks)
	s.chunks = nil
	if s.err != nil {
		return s.err
	}
	select {
	case err := <-s.failed:
		s.err = err
	case <-s.ctx.Done():
		s.err = s.ctx.Err()
	}
	return s.err
}
