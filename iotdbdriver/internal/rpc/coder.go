package rpc

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/thrift/lib/go/thrift"
)

// Struct is a Thrift struct. Its method fields names each field once, by number
// and type, and so describes how it is read and how it is written.
type Struct interface{ fields(*coder) }

// maxDepth bounds structs in structs.
const maxDepth = 32

// need says what a field without a value means.
type need bool

const (
	must need = true  // always written; missing is an error
	may  need = false // written unless it is the zero value
)

// mode is what a run through the fields is for.
type mode uint8

const (
	writing  mode = iota
	reading       // the field at hand
	checking      // that no required field was missing
)

// coder reads or writes structs. The first error ends it.
type coder struct {
	p    thrift.TProtocol
	mode mode
	err  error

	id    int16        // of the field at hand
	typ   thrift.TType // of the field at hand
	taken bool         // it was read
	seen  uint64       // bits of the fields read
	depth int
}

// background is the context of calls that never wait.
var background = context.Background()

func (c *coder) fail(err error) {
	if c.err == nil && err != nil {
		c.err = err
	}
}

// write writes s.
func (c *coder) write(s Struct) {
	c.fail(c.p.WriteStructBegin(background, ""))
	s.fields(c)
	c.fail(c.p.WriteFieldStop(background))
	c.fail(c.p.WriteStructEnd(background))
}

// read reads s.
func (c *coder) read(s Struct) {
	if c.depth++; c.depth > maxDepth {
		c.fail(errors.New("structs too deep in each other"))
	}
	_, err := c.p.ReadStructBegin(background)
	c.fail(err)
	seen, id := c.seen, c.id
	c.seen = 0
	for c.err == nil {
		_, typ, id, err := c.p.ReadFieldBegin(background)
		if c.fail(err); c.err != nil || typ == thrift.STOP {
			break
		}
		c.id, c.typ, c.taken = id, typ, false
		s.fields(c)
		switch {
		case c.err != nil:
		case !c.taken:
			c.fail(c.p.Skip(background, typ))
		}
		c.fail(c.p.ReadFieldEnd(background))
	}
	if c.err == nil {
		c.mode = checking
		s.fields(c)
		c.mode = reading
	}
	c.seen, c.id, c.taken = seen, id, true
	if c.err == nil {
		c.fail(c.p.ReadStructEnd(background))
	}
	c.depth--
}

// begin says whether the value of a field is to be read or written now.
func (c *coder) begin(id int16, typ thrift.TType, n need, zero bool) bool {
	switch {
	case c.err != nil:
		return false
	case c.mode == writing:
		if n == may && zero {
			return false
		}
		c.fail(c.p.WriteFieldBegin(background, "", typ, id))
		return c.err == nil
	case c.mode == checking:
		if n == must && c.seen&(1<<id) == 0 {
			c.fail(fmt.Errorf("required field %d is missing", id))
		}
		return false
	}
	if c.taken || c.id != id || c.typ != typ {
		return false
	}
	c.taken = true
	c.seen |= 1 << id
	return true
}

// end follows the value of a field that begin let through.
func (c *coder) end() {
	if c.mode == writing {
		c.fail(c.p.WriteFieldEnd(background))
	}
}

// element reads or writes one value of a scalar type.
type element[T any] struct {
	typ   thrift.TType
	read  func(thrift.TProtocol) (T, error)
	write func(thrift.TProtocol, T) error
}

var (
	booleanElement = element[bool]{thrift.BOOL,
		func(p thrift.TProtocol) (bool, error) { return p.ReadBool(background) },
		func(p thrift.TProtocol, v bool) error { return p.WriteBool(background, v) }}
	byteElement = element[int8]{thrift.BYTE,
		func(p thrift.TProtocol) (int8, error) { return p.ReadByte(background) },
		func(p thrift.TProtocol, v int8) error { return p.WriteByte(background, v) }}
	int32Element = element[int32]{thrift.I32,
		func(p thrift.TProtocol) (int32, error) { return p.ReadI32(background) },
		func(p thrift.TProtocol, v int32) error { return p.WriteI32(background, v) }}
	int64Element = element[int64]{thrift.I64,
		func(p thrift.TProtocol) (int64, error) { return p.ReadI64(background) },
		func(p thrift.TProtocol, v int64) error { return p.WriteI64(background, v) }}
	stringElement = element[string]{thrift.STRING,
		func(p thrift.TProtocol) (string, error) { return p.ReadString(background) },
		func(p thrift.TProtocol, v string) error { return p.WriteString(background, v) }}
	binaryElement = element[[]byte]{thrift.STRING,
		func(p thrift.TProtocol) ([]byte, error) { return p.ReadBinary(background) },
		func(p thrift.TProtocol, v []byte) error { return p.WriteBinary(background, v) }}
	int32sElement   = listOf(int32Element)
	stringsElement  = listOf(stringElement)
	binariesElement = listOf(binaryElement)
)

// listOf is the element of lists of e.
func listOf[T any](e element[T]) element[[]T] {
	return element[[]T]{
		thrift.LIST,
		func(p thrift.TProtocol) ([]T, error) {
			typ, n, err := p.ReadListBegin(background)
			if err != nil {
				return nil, err
			}
			if typ != e.typ && n > 0 {
				return nil, fmt.Errorf("a list of %v where one of %v belongs", typ, e.typ)
			}
			list := make([]T, 0, min(n, 1024)) // grows with what is there
			for range n {
				v, err := e.read(p)
				if err != nil {
					return nil, err
				}
				list = append(list, v)
			}
			return list, p.ReadListEnd(background)
		},
		func(p thrift.TProtocol, list []T) error {
			if err := p.WriteListBegin(background, e.typ, len(list)); err != nil {
				return err
			}
			for _, v := range list {
				if err := e.write(p, v); err != nil {
					return err
				}
			}
			return p.WriteListEnd(background)
		},
	}
}

// mapOf is the element of maps from strings to e.
func mapOf[T any](e element[T]) element[map[string]T] {
	return element[map[string]T]{
		thrift.MAP,
		func(p thrift.TProtocol) (map[string]T, error) {
			k, v, n, err := p.ReadMapBegin(background)
			if err != nil {
				return nil, err
			}
			if n > 0 && (k != thrift.STRING || v != e.typ) {
				return nil, fmt.Errorf("a map from %v to %v where one from string to %v belongs", k, v, e.typ)
			}
			m := make(map[string]T, min(n, 64))
			for range n {
				key, err := p.ReadString(background)
				if err != nil {
					return nil, err
				}
				if m[key], err = e.read(p); err != nil {
					return nil, err
				}
			}
			return m, p.ReadMapEnd(background)
		},
		func(p thrift.TProtocol, m map[string]T) error {
			if err := p.WriteMapBegin(background, thrift.STRING, e.typ, len(m)); err != nil {
				return err
			}
			for _, key := range sortedKeys(m) {
				if err := p.WriteString(background, key); err != nil {
					return err
				}
				if err := e.write(p, m[key]); err != nil {
					return err
				}
			}
			return p.WriteMapEnd(background)
		},
	}
}
