// Package message reads and writes the messages of PostgreSQL's protocol 3 as a
// server sees them. It is pure but for the reader that bytes come from, and it is
// not the driver's: a mistake in one shows in the other.
package message

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Message is a message with a type.
type Message struct {
	Type byte
	Body []byte
}

// The codes in the place of a protocol version.
const (
	CodeCancel = 80877102
	CodeTLS    = 80877103
	CodeGSS    = 80877104
	CodeStop   = 80877105 // GaussDB's own
)

// MaxBody is the longest body that is read.
const MaxBody = 1 << 30

// maxStartup is PostgreSQL's own bound of a first message.
const maxStartup = 10_000

// portion is what is allocated on the word of a length alone.
const portion = 64 << 10

// Read reads a message.
func Read(r *bufio.Reader) (Message, error) {
	var header [5]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return Message{}, err
	}
	n := int64(binary.BigEndian.Uint32(header[1:])) - 4
	if n < 0 || n > MaxBody {
		return Message{}, fmt.Errorf("message %q of %d bytes", header[0], n)
	}
	body, err := readBody(r, int(n))
	return Message{header[0], body}, err
}

func readBody(r io.Reader, n int) ([]byte, error) {
	body := make([]byte, min(n, portion))
	for at := 0; ; {
		if _, err := io.ReadFull(r, body[at:]); err != nil {
			return nil, unexpected(err)
		}
		if at = len(body); at == n {
			return body, nil
		}
		body = append(body, make([]byte, min(n-at, at))...)
	}
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// ReadStartup reads a first message, which has no type: a code, which is the
// protocol version or one of the codes above, and what follows it.
func ReadStartup(r *bufio.Reader) (code uint32, body []byte, err error) {
	var header [8]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return 0, nil, err
	}
	n := int64(binary.BigEndian.Uint32(header[:])) - 8
	if n < 0 || n > maxStartup {
		return 0, nil, fmt.Errorf("startup message of %d bytes", n)
	}
	body, err = readBody(r, int(n))
	return binary.BigEndian.Uint32(header[4:]), body, err
}

// Append appends a message whose body is the parts.
func Append(dst []byte, typ byte, parts ...[]byte) []byte {
	n := 4
	for _, p := range parts {
		n += len(p)
	}
	if typ != 0 {
		dst = append(dst, typ)
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(n))
	for _, p := range parts {
		dst = append(dst, p...)
	}
	return dst
}

// Text returns the string with the NUL that ends it on the wire.
func Text(s string) []byte { return append([]byte(s), 0) }

// Uint32 returns the number's bytes.
func Uint32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// Field is a field of an ErrorResponse or a NoticeResponse.
type Field struct {
	Code byte
	Text string
}

// Fields reads the body of an ErrorResponse or NoticeResponse.
func Fields(body []byte) ([]Field, error) {
	var list []Field
	p := Parser{Body: body}
	for {
		code := p.Byte()
		if p.Err != nil || code == 0 {
			return list, p.Err
		}
		list = append(list, Field{code, p.Text()})
	}
}

// AppendFields appends an ErrorResponse ('E') or NoticeResponse ('N').
func AppendFields(dst []byte, typ byte, fields ...Field) []byte {
	var body []byte
	for _, f := range fields {
		body = append(append(append(body, f.Code), f.Text...), 0)
	}
	return Append(dst, typ, body, []byte{0})
}

// ErrShort is a body that ends too soon.
var ErrShort = errors.New("message ends too soon")

// Parser reads a body from the front. After an error everything is zero.
type Parser struct {
	Body []byte
	Err  error
}

// Bytes takes n bytes.
func (p *Parser) Bytes(n int) []byte {
	if p.Err != nil || n < 0 || n > len(p.Body) {
		p.Err = ErrShort
		return nil
	}
	b := p.Body[:n:n]
	p.Body = p.Body[n:]
	return b
}

// Byte takes a byte.
func (p *Parser) Byte() byte {
	if b := p.Bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// Int16 takes an unsigned number of two bytes.
func (p *Parser) Int16() int {
	if b := p.Bytes(2); b != nil {
		return int(binary.BigEndian.Uint16(b))
	}
	return 0
}

// Int32 takes a signed number of four bytes.
func (p *Parser) Int32() int {
	if b := p.Bytes(4); b != nil {
		return int(int32(binary.BigEndian.Uint32(b)))
	}
	return 0
}

// Text takes a string and its NUL.
func (p *Parser) Text() string {
	for i, b := range p.Body {
		if b == 0 {
			return string(p.Bytes(i + 1)[:i])
		}
	}
	p.Err = ErrShort
	return ""
}
