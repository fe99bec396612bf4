package rpc

import (
	"maps"
	"slices"

	"github.com/apache/thrift/lib/go/thrift"
)

// value is a field of a type that can be compared with its zero value.
func value[T comparable](c *coder, id int16, v *T, n need, e element[T]) {
	var zero T
	one(c, id, v, n, *v == zero, e)
}

// one is a field.
func one[T any](c *coder, id int16, v *T, n need, zero bool, e element[T]) {
	if !c.begin(id, e.typ, n, zero) {
		return
	}
	if c.mode == writing {
		c.fail(e.write(c.p, *v))
	} else {
		read, err := e.read(c.p)
		c.fail(err)
		*v = read
	}
	c.end()
}

// pointer is an optional field for which the zero value is a value.
func pointer[T any](c *coder, id int16, v **T, e element[T]) {
	if !c.begin(id, e.typ, may, *v == nil) {
		return
	}
	if c.mode == writing {
		c.fail(e.write(c.p, **v))
	} else {
		read, err := e.read(c.p)
		c.fail(err)
		*v = &read
	}
	c.end()
}

func (c *coder) boolean(id int16, v *bool, n need)   { value(c, id, v, n, booleanElement) }
func (c *coder) int32(id int16, v *int32, n need)    { value(c, id, v, n, int32Element) }
func (c *coder) int64(id int16, v *int64, n need)    { value(c, id, v, n, int64Element) }
func (c *coder) text(id int16, v *string, n need)    { value(c, id, v, n, stringElement) }
func (c *coder) binary(id int16, v *[]byte, n need)  { one(c, id, v, n, *v == nil, binaryElement) }
func (c *coder) bytes(id int16, v *[]int8, n need)   { one(c, id, v, n, *v == nil, listOf(byteElement)) }
func (c *coder) int32s(id int16, v *[]int32, n need) { one(c, id, v, n, *v == nil, int32sElement) }
func (c *coder) int64s(id int16, v *[]int64, n need) {
	one(c, id, v, n, *v == nil, listOf(int64Element))
}
func (c *coder) texts(id int16, v *[]string, n need) { one(c, id, v, n, *v == nil, stringsElement) }
func (c *coder) binaries(id int16, v *[][]byte, n need) {
	one(c, id, v, n, *v == nil, binariesElement)
}
func (c *coder) textLists(id int16, v *[][]string, n need) {
	one(c, id, v, n, *v == nil, listOf(stringsElement))
}
func (c *coder) int32Lists(id int16, v *[][]int32, n need) {
	one(c, id, v, n, *v == nil, listOf(int32sElement))
}

func (c *coder) textMap(id int16, v *map[string]string) {
	one(c, id, v, may, *v == nil, mapOf(stringElement))
}
func (c *coder) int32Map(id int16, v *map[string]int32) {
	one(c, id, v, may, *v == nil, mapOf(int32Element))
}

// structure is a field that is a struct.
func (c *coder) structure(id int16, s Struct, n need) {
	if c.begin(id, thrift.STRUCT, n, false) {
		if c.mode == writing {
			c.write(s)
		} else {
			c.read(s)
		}
		c.end()
	}
}

// optional is a field that is a struct which need not be there.
func optional[T any, P interface {
	*T
	Struct
}](c *coder, id int16, v *P) {
	if !c.begin(id, thrift.STRUCT, may, *v == nil) {
		return
	}
	if c.mode == writing {
		c.write(*v)
	} else {
		*v = new(T)
		c.read(*v)
	}
	c.end()
}

// structures is a field that is a list of structs.
func structures[T any, P interface {
	*T
	Struct
}](c *coder, id int16, v *[]T) {
	one(c, id, v, may, *v == nil, listOf(element[T]{
		thrift.STRUCT,
		func(thrift.TProtocol) (s T, err error) { c.read(P(&s)); return s, c.err },
		func(_ thrift.TProtocol, s T) error { c.write(P(&s)); return c.err },
	}))
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
