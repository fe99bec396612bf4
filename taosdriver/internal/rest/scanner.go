package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Problems of a body. They come wrapped in a [BodyError].
var (
	// ErrEmpty is a body without a byte in it. Servers up to 3.3.7 send it, with
	// status 200, when a result has an infinite or not-a-number FLOAT or DOUBLE.
	ErrEmpty = errors.New("the body is empty")
	// ErrTruncated is a body that ends before its JSON does.
	ErrTruncated = errors.New("the body ends early")
	// ErrRowCount is a body whose count of rows is not that of the rows in it.
	ErrRowCount = errors.New("wrong number of rows")
	// ErrSyntax is a body that is not the JSON it should be.
	ErrSyntax = errors.New("malformed body")
	// ErrTooLarge is a value longer than the decoder's limit.
	ErrTooLarge = errors.New("a value is too large")
)

// BodyError is a body that cannot be decoded.
type BodyError struct {
	// Offset is the number of the byte at which it was noticed.
	Offset int64
	// Err is one of the problems above, with details.
	Err error
}

// Error gives the problem and the offset.
func (e *BodyError) Error() string { return fmt.Sprintf("%v (at byte %d)", e.Err, e.Offset) }

// Unwrap returns the problem.
func (e *BodyError) Unwrap() error { return e.Err }

// firstBuffer is how much is read at once: a few of the server's 16 KB chunks.
const firstBuffer = 32 << 10

// scanner takes JSON tokens from a stream, with a buffer that grows to the
// longest token and no further than a limit. What it returns is valid until the
// next call.
type scanner struct {
	r        io.Reader
	buf      []byte
	pos, end int   // buf[pos:end] is read from r and not taken yet
	off      int64 // of buf[0] in the stream
	max      int   // bytes in a token
	first    *[firstBuffer]byte
	err      error // of r, io.EOF at its end
}

// buffers are shared by results that follow one another.
var buffers = sync.Pool{New: func() any { return new([firstBuffer]byte) }}

func (s *scanner) reset(r io.Reader, max int) {
	*s = scanner{r: r, max: max, first: buffers.Get().(*[firstBuffer]byte)}
	s.buf = s.first[:min(firstBuffer, max)]
}

// release gives the buffer back. What was returned before is not valid any more.
func (s *scanner) release() {
	if s.first != nil {
		buffers.Put(s.first)
		*s = scanner{r: s.r, err: errReleased, off: s.off + int64(s.pos)}
	}
}

var errReleased = errors.New("rest: the decoder was released")

// fail makes a BodyError at the current offset.
func (s *scanner) fail(problem error, format string, args ...any) error {
	if format != "" {
		problem = fmt.Errorf("%w: %s", problem, fmt.Sprintf(format, args...))
	}
	return &BodyError{Offset: s.off + int64(s.pos), Err: problem}
}

// more reads at least one byte behind end. Bytes from pos on keep their distance
// from pos, which may move to 0. At the end of the stream it returns io.EOF.
func (s *scanner) more() error {
	if s.err != nil {
		return s.err
	}
	if s.pos > 0 {
		s.off += int64(s.pos)
		s.end = copy(s.buf, s.buf[s.pos:s.end])
		s.pos = 0
	}
	if s.end == len(s.buf) {
		if s.end >= s.max {
			return s.fail(ErrTooLarge, "more than %d bytes", s.max)
		}
		s.buf = append(s.buf, make([]byte, min(len(s.buf), s.max-len(s.buf)))...)
	}
	// A reader may return nothing a few times, not for ever.
	for range 100 {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		s.err = err
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	s.err = io.ErrNoProgress
	return s.err
}

// need is more inside the JSON text, where the end of the stream is an error.
func (s *scanner) need() error {
	err := s.more()
	if err == io.EOF {
		return s.fail(ErrTruncated, "")
	}
	return err
}

func space(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// peek returns the next byte that is not white space, and leaves it.
func (s *scanner) peek() (byte, error) {
	for {
		for s.pos < s.end {
			if c := s.buf[s.pos]; !space(c) {
				return c, nil
			}
			s.pos++
		}
		if err := s.need(); err != nil {
			return 0, err
		}
	}
}

// expect takes the next byte, which must be c.
func (s *scanner) expect(c byte) error {
	if s.pos < s.end && s.buf[s.pos] == c {
		s.pos++
		return nil
	}
	got, err := s.peek()
	if err != nil {
		return err
	}
	if got != c {
		return s.fail(ErrSyntax, "%q instead of %q", got, c)
	}
	s.pos++
	return nil
}

// bare takes a number, true, false or null, whatever stands before the next
// delimiter.
func (s *scanner) bare() ([]byte, error) {
	if _, err := s.peek(); err != nil {
		return nil, err
	}
	for i := s.pos; ; {
		for ; i < s.end; i++ {
			switch s.buf[i] {
			case ',', ']', '}', ' ', '\n', '\t', '\r':
				token := s.buf[s.pos:i]
				s.pos = i
				return token, nil
			}
		}
		read := i - s.pos
		if err := s.need(); err != nil {
			return nil, err
		}
		i = s.pos + read
	}
}

// quoted takes a string and returns what is between the quotes, and whether
// there is an escape in it.
func (s *scanner) quoted() (text []byte, escaped bool, err error) {
	if err := s.expect('"'); err != nil {
		return nil, false, err
	}
	rest := s.buf[s.pos:s.end]
	if i := bytes.IndexByte(rest, '"'); i >= 0 && bytes.IndexByte(rest[:i], '\\') < 0 {
		s.pos += i + 1
		return rest[:i], false, nil
	}
	for i := s.pos; ; {
		for i < s.end {
			switch s.buf[i] {
			case '"':
				text = s.buf[s.pos:i]
				s.pos = i + 1
				return text, escaped, nil
			case '\\':
				escaped = true
				i += 2 // the escaped byte is not a closing quote
			default:
				i++
			}
		}
		read := i - s.pos
		if err := s.need(); err != nil {
			return nil, false, err
		}
		i = s.pos + read
	}
}

// raw takes a value of any kind and returns its text.
func (s *scanner) raw() ([]byte, error) {
	c, err := s.peek()
	if err != nil {
		return nil, err
	}
	var text []byte
	if c == '{' || c == '[' || c == '"' {
		text, err = s.enclosed()
	} else {
		text, err = s.bare()
	}
	if err != nil {
		return nil, err
	}
	if !json.Valid(text) {
		return nil, s.fail(ErrSyntax, "a value that is not JSON")
	}
	return text, nil
}

// enclosed takes an object, array or string by its brackets and quotes alone.
func (s *scanner) enclosed() ([]byte, error) {
	depth, inString := 0, false
	for i := s.pos; ; {
		for i < s.end {
			c := s.buf[i]
			i++
			switch {
			case inString && c == '\\':
				i++
				continue
			case c == '"':
				inString = !inString
			case inString:
				continue
			case c == '{' || c == '[':
				depth++
			case c == '}' || c == ']':
				depth--
			}
			if depth <= 0 && !inString {
				text := s.buf[s.pos:i]
				s.pos = i
				return text, nil
			}
		}
		read := i - s.pos
		if err := s.need(); err != nil {
			return nil, err
		}
		i = s.pos + read
	}
}

// finish takes the end of the stream; only white space may stand before it.
func (s *scanner) finish() error {
	for {
		if rest := bytes.TrimLeft(s.buf[s.pos:s.end], " \n\t\r"); len(rest) > 0 {
			s.pos = s.end - len(rest)
			return s.fail(ErrSyntax, "%q after the end", rest[0])
		}
		s.pos = s.end
		if err := s.more(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}
