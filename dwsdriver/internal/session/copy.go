package session

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
	"github.com/gaugesql/gaugesql/internal/peek"
)

// CopyChunk is the length of the pieces in which data of a COPY is sent and handed
// out.
const CopyChunk = 64 << 10

// CopyIn is a COPY FROM STDIN that takes data. It is ended by Close or Abort.
type CopyIn struct {
	s   *Session
	ctx context.Context
	r   reply
	// begun is where the message that is being filled begins in s.out.
	begun int
	err   error
}

// CopyIn begins a COPY FROM STDIN.
func (s *Session) CopyIn(ctx context.Context, text string) (*CopyIn, error) {
	c := &CopyIn{s: s, ctx: ctx}
	if err := s.beginCopy(ctx, text, &c.r, wire.CopyInResponse); err != nil {
		return nil, err
	}
	s.out = s.out[:0]
	c.message()
	return c, nil
}

// beginCopy runs the statement of a COPY up to the message by which the server
// agrees to it.
func (s *Session) beginCopy(ctx context.Context, text string, r *reply, want wire.Type) error {
	if strings.IndexByte(text, 0) >= 0 {
		return &ArgumentError{errNUL}
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	s.effects |= traitsOf(text).effect
	s.out = wire.AppendQuery(s.out[:0], text)
	if err := s.send(ctx); err != nil {
		return err
	}
	for {
		t, body, err := s.next()
		if err != nil {
			return err
		}
		if t == want {
			s.copying = true
			return nil
		}
		over, err := s.take(r, t, body)
		if err != nil {
			return err
		}
		if over {
			if err := s.because(ctx, r.err); err != nil {
				return err
			}
			return &ArgumentError{fmt.Errorf("the statement is no COPY %s", map[wire.Type]string{
				wire.CopyInResponse: "FROM STDIN", wire.CopyOutResponse: "TO STDOUT",
			}[want])}
		}
	}
}

// message begins a message of data in s.out.
func (c *CopyIn) message() {
	c.s.out, c.begun = wire.Begin(c.s.out, wire.CopyData)
}

// Buffer is what is gathered and not sent. Data is appended to it, and given back
// to Append; how it is cut into messages is of no matter to the server.
func (c *CopyIn) Buffer() []byte { return c.s.out }

// Append takes the buffer back, and sends it if there is enough. After an error,
// Close returns it too.
func (c *CopyIn) Append(buffer []byte) error {
	if c.err != nil {
		return c.err
	}
	c.s.out = buffer
	if len(buffer) < CopyChunk {
		return nil
	}
	return c.flush()
}

// Write adds data.
func (c *CopyIn) Write(p []byte) (n int, err error) {
	for len(p) > 0 && c.err == nil {
		k := min(len(p), max(1, CopyChunk-len(c.s.out)))
		if err := c.Append(append(c.s.out, p[:k]...)); err != nil {
			return n, err
		}
		n, p = n+k, p[k:]
	}
	return n, c.err
}

// flush sends what is gathered and hears what the server says meanwhile.
func (c *CopyIn) flush() error {
	s := c.s
	if s.watch.over() {
		c.err = canceled(c.ctx, true)
		return c.err
	}
	if len(s.out) > c.begun+4 {
		s.out = wire.End(s.out, c.begun)
		out := s.out
		if err := s.flush(out); err != nil {
			c.err = err
			return err
		}
		if s.out == nil {
			s.out = make([]byte, 0, CopyChunk+CopyChunk/4)
		}
		s.out = s.out[:0]
		c.message()
	}
	return c.hear()
}

// hear takes what has arrived: notices, or the error that has ended the COPY.
func (c *CopyIn) hear() error {
	s := c.s
	for {
		t, length, need, err := s.in.peek()
		switch {
		case err != nil:
			c.err = s.broken(err)
		case length != 0:
			body := s.in.bytes()[wire.HeaderSize:length:length]
			s.in.use(length)
			var aside bool
			if aside, err = s.aside(t, body); err != nil {
				c.err = s.broken(err)
			} else if !aside {
				// After an error the server has left the COPY by itself.
				if _, err = s.take(&c.r, t, body); err != nil {
					c.err = err
				} else if c.r.err != nil {
					c.err = c.r.err
				} else {
					c.err = s.broken(unexpected(t))
				}
			}
		case s.socket.Look() != peek.Readable:
			return nil
		default:
			if err := s.in.fill(s.conn, need); err != nil {
				c.err = s.lost(err)
			}
		}
		if c.err != nil {
			return c.err
		}
	}
}

// Close ends the data and returns the number of rows that the server took.
func (c *CopyIn) Close() (int64, error) {
	s := c.s
	if c.err == nil {
		_ = c.flush()
	}
	return c.finish(func(out []byte) []byte { return wire.AppendCopyDone(out) }, s)
}

// Abort gives the COPY up: the server takes none of its rows. The error is that of
// the session, nil if it can be used again.
func (c *CopyIn) Abort(reason string) error {
	s := c.s
	mine := c.err == nil
	_, err := c.finish(func(out []byte) []byte { return wire.AppendCopyFail(out, reason) }, s)
	if e, ok := err.(*ServerError); ok && mine && e.Code == queryCanceled || s.Alive() {
		return nil
	}
	return err
}

// finish sends the end, unless the server has ended the COPY, and reads the
// answers.
func (c *CopyIn) finish(end func([]byte) []byte, s *Session) (int64, error) {
	if !s.Alive() || !s.copying {
		if c.err == nil {
			c.err = ErrClosed
		}
		return 0, c.err
	}
	if c.r.err == nil {
		if _, stopped := c.err.(*CanceledError); stopped {
			s.out = wire.AppendCopyFail(s.out[:0], "the context has ended")
		} else {
			s.out = end(s.out[:0])
		}
		if err := s.flush(s.out); err != nil {
			c.err = err
			return 0, err
		}
	}
	if err := s.settle(c.ctx, &c.r); err != nil {
		c.err = err
		return 0, err
	}
	err := c.err
	if _, stopped := err.(*CanceledError); stopped && c.r.err != nil {
		err = canceled(c.ctx, false)
	}
	if err == nil {
		err = c.r.err
	}
	if c.err = err; err != nil {
		return 0, err
	}
	c.err = ErrClosed
	return c.r.rows, nil
}

// CopyOut runs a COPY TO STDOUT, writes its data to w and returns the number of
// rows. If w fails the statement is cancelled, and the error is w's.
func (s *Session) CopyOut(ctx context.Context, text string, w io.Writer) (int64, error) {
	var r reply
	if err := s.beginCopy(ctx, text, &r, wire.CopyOutResponse); err != nil {
		return 0, err
	}
	gathered := make([]byte, 0, CopyChunk)
	var failed error
	write := func() {
		if failed == nil && len(gathered) > 0 {
			if _, failed = w.Write(gathered); failed != nil {
				s.stopOrEnd()
			}
		}
		gathered = gathered[:0]
	}
	for {
		if failed != nil && !s.Alive() {
			return 0, failed
		}
		if failed == nil {
			var length int
			gathered, length = wire.AppendCopied(gathered, s.in.bytes())
			s.in.use(length)
		}
		t, body, err := s.next()
		if err != nil {
			return 0, err
		}
		if t == wire.CopyData {
			if failed != nil {
				continue
			}
			if len(gathered)+len(body) > cap(gathered) {
				if write(); failed == nil && s.watch.over() {
					failed = canceled(ctx, false)
				}
				if failed != nil {
					continue
				}
			}
			if len(body) <= cap(gathered) {
				gathered = append(gathered, body...)
			} else if _, failed = w.Write(body); failed != nil {
				s.stopOrEnd()
			}
			continue
		}
		over, err := s.take(&r, t, body)
		if err != nil {
			return 0, err
		}
		if over {
			if r.err == nil {
				write()
			}
			if failed != nil {
				return 0, failed
			}
			if err := s.because(ctx, r.err); err != nil {
				return 0, err
			}
			return r.rows, nil
		}
	}
}
