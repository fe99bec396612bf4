package rest

import (
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// Rows in a block. The first one is small, so that a query answers early; it is
// what settles the precision too.
const (
	firstRows = 256
	blockRows = 4096
	// blockBytes of JSON end a block early, so that wide rows do not pile up.
	blockBytes = 4 << 20
)

// maxColumns bounds column_meta. The server's limit is 4096 columns.
const maxColumns = 1 << 14

// DecoderOptions are what a body does not say itself.
type DecoderOptions struct {
	// Location of the times that come out. nil is UTC.
	Location *time.Location
	// Zone is the one that the server prints times in, the request's conn_tz. nil
	// is UTC.
	Zone *time.Location
	// Update says that the statement is no query: the body is then the count of
	// affected rows, which the server declares INT and writes in 64 bits.
	Update bool
	// MaxValue is the longest value accepted, in bytes of JSON. 0 is 256 MiB.
	MaxValue int64
}

// ServerError is a reply that reports an error.
type ServerError struct {
	Code    int // 0 if the server gave only a text
	Message string
}

// Error gives message and code.
func (e *ServerError) Error() string { return fmt.Sprintf("%s (code 0x%04x)", e.Message, e.Code) }

// Decoder reads the body of a reply to POST /rest/sql from a stream, into blocks
// of columns. What it returns does not depend on how the bytes arrive, and its
// memory is bounded by a block and the longest value. It is used by one
// goroutine at a time.
type Decoder struct {
	s       scanner
	opts    DecoderOptions
	fields  []block.Field
	columns []column
	builder *block.Builder
	raw     []byte // of a finished block, reused
	scratch []byte // of one cell, reused

	precision block.Precision
	settled   bool // precision is known
	begun     bool // a block was made
	rows      int64
	done      error // io.EOF or what went wrong
}

// NewDecoder returns a decoder of the body r.
func NewDecoder(r io.Reader, opts DecoderOptions) *Decoder {
	if opts.MaxValue <= 0 {
		opts.MaxValue = 256 << 20
	}
	d := &Decoder{opts: opts}
	d.s.reset(r, int(min(opts.MaxValue, math.MaxInt32)))
	return d
}

// Header reads up to the data and returns the columns. A reply that reports an
// error is returned as *ServerError, a malformed one as *BodyError. It is called
// once, before Next.
func (d *Decoder) Header() ([]block.Field, error) {
	err := d.header()
	if err != nil {
		d.done = err
		return nil, err
	}
	return d.fields, nil
}

// Next returns the next block of rows, io.EOF after the last. The block that is
// the last one comes only once the rest of the body was found to be right.
func (d *Decoder) Next() (*block.Block, error) {
	if d.done != nil {
		return nil, d.done
	}
	if d.builder == nil {
		return nil, errors.New("rest: Next before Header")
	}
	b, err := d.block()
	if err != nil {
		d.done = err
		return nil, err
	}
	return b, nil
}

func (d *Decoder) block() (*block.Block, error) {
	limit, start := blockRows, d.s.off+int64(d.s.pos)
	if !d.begun {
		limit, d.begun = firstRows, true
	}
	d.builder.Reset()
	for n := 0; n < limit && d.s.off+int64(d.s.pos)-start < blockBytes; n++ {
		end, err := d.next(d.rows == 0)
		if err != nil {
			return nil, err
		}
		if end {
			if err := d.tail(); err != nil {
				return nil, err
			}
			if n == 0 {
				return nil, io.EOF
			}
			d.done = io.EOF
			break
		}
		if err := d.row(); err != nil {
			return nil, err
		}
		d.rows++
	}
	var err error
	if d.raw, err = d.builder.AppendTo(d.raw[:0]); err != nil {
		return nil, d.s.fail(ErrTooLarge, "%v", err)
	}
	b, err := block.Decode(d.raw, d.precision, d.opts.Location)
	if err != nil {
		return nil, d.s.fail(ErrSyntax, "%v", err)
	}
	return b, nil
}

// tail reads what follows the data.
func (d *Decoder) tail() error {
	counted := int64(-1)
	err := d.members(false, func(key string) (bool, error) {
		var err error
		switch key {
		case "rows":
			counted, err = d.integer(key)
		case "data", "column_meta":
			err = d.s.fail(ErrSyntax, "%s twice", key)
		default:
			_, err = d.s.raw()
		}
		return false, err
	})
	if err != errMembersEnd {
		return err
	}
	if counted != d.rows {
		return d.s.fail(ErrRowCount, "%d counted, %d received", counted, d.rows)
	}
	return d.s.finish()
}

// Precision returns the unit of the timestamps: that of the first one that is
// not NULL; known is false before there was one.
func (d *Decoder) Precision() (p block.Precision, known bool) { return d.precision, d.settled }

// Release gives the decoder's buffer to the next one. The decoder is not to be
// used any more; the blocks that it returned may.
func (d *Decoder) Release() {
	d.s.release()
	d.raw, d.scratch, d.builder = nil, nil, nil
	if d.done == nil {
		d.done = errReleased
	}
}

// Done reports whether the body was read to its end.
func (d *Decoder) Done() bool { return d.done == io.EOF }

// text reads a JSON string.
func (d *Decoder) text() (string, error) {
	b, err := d.unquoted()
	return string(b), err
}

// unquoted reads a JSON string; the bytes are valid until the next call.
func (d *Decoder) unquoted() ([]byte, error) {
	b, escaped, err := d.s.quoted()
	if err != nil || !escaped {
		return b, err
	}
	text, ok := unescape(d.scratch[:0], b)
	if !ok {
		return nil, d.s.fail(ErrSyntax, "a malformed escape")
	}
	d.scratch = text
	return text, nil
}

func (d *Decoder) integer(what string) (int64, error) {
	b, err := d.s.bare()
	if err != nil {
		return 0, err
	}
	v, ok := parseInt(b)
	if !ok {
		return 0, d.s.fail(ErrSyntax, "%s is %.40q", what, b)
	}
	return v, nil
}
