// Package box hands out the elements of a slice as interface values without an
// allocation an element.
//
// database/sql takes every cell as a driver.Value. Converting an int64, a string
// or a time.Time to an interface copies it to the heap, one allocation a cell,
// which dominates the cost of reading columns. A [Vector] makes interface values
// that point at the elements where they already lie.
//
// # Why this is sound
//
// An interface value is two words: the type, and a pointer to a value that
// nobody may change while the interface lives. The type word is not invented: it
// is copied from an interface that the compiler made for the same type. The data
// word points at an element inside the slice's array; the garbage collector
// keeps an array alive as long as any pointer into it exists. All element types
// are kept behind a pointer in an interface (only pointer-shaped types are not,
// and [Element] has none of them). What remains is the duty of the caller, and
// the whole contract: after [Of] the slice is never written again.
//
// The price is that one element kept alive keeps its whole slice alive.
package box

import (
	"time"
	"unsafe"
)

// Element lists the types whose slices can be boxed.
type Element interface {
	bool | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 |
		float32 | float64 | string | []byte | time.Time
}

// Vector is a slice of any [Element] type whose elements are read as interface
// values. The zero Vector is empty. It is safe for use by several goroutines.
type Vector struct {
	typ  unsafe.Pointer
	base unsafe.Pointer
	size uintptr
	// bounds takes no memory; indexing it checks an index.
	bounds []struct{}
}

// words is the layout of an interface value without methods.
type words struct {
	typ, data unsafe.Pointer
}

// Of returns the vector of the elements of s, which must never be written again.
func Of[T Element](s []T) Vector {
	var zero T
	var boxed any = zero
	return Vector{
		typ:    (*words)(unsafe.Pointer(&boxed)).typ,
		base:   unsafe.Pointer(unsafe.SliceData(s)),
		size:   unsafe.Sizeof(zero),
		bounds: make([]struct{}, len(s)),
	}
}

// Len returns the number of elements.
func (v *Vector) Len() int { return len(v.bounds) }

// At returns element i, equal to any(s[i]). It panics if i is out of range, as
// indexing the slice would.
func (v *Vector) At(i int) any {
	_ = v.bounds[i]
	w := words{v.typ, unsafe.Add(v.base, uintptr(i)*v.size)}
	return *(*any)(unsafe.Pointer(&w))
}

// Slice returns the slice that v was made of, not to be written to. It panics if
// that has elements of another type.
func Slice[T Element](v Vector) []T {
	if v.typ == nil {
		return nil
	}
	var zero T
	var boxed any = zero
	if v.typ != (*words)(unsafe.Pointer(&boxed)).typ {
		panic("box: a slice of another type")
	}
	return unsafe.Slice((*T)(v.base), len(v.bounds))
}
