package qpack

import (
	"encoding/binary"
	"math"
	"math/bits"
)

var le = binary.LittleEndian

// AppendInt appends an integer in its shortest form.
func AppendInt(dst []byte, v int64) []byte {
	var b [9]byte
	return append(dst, b[:PutInt(b[:], v)]...)
}

// PutInt writes an integer in its shortest form to the beginning of b, which has
// room for nine bytes, and returns how many it takes. Others of the nine may be
// written too.
func PutInt(b []byte, v int64) int {
	f := &intForms[bits.Len64(uint64(v^v>>63))]
	if f.size > 1 {
		b[0] = f.tag
		le.PutUint64(b[1:], uint64(v))
		return int(f.size)
	}
	return putSmallInt(b, v)
}

// putSmallInt is PutInt from -64 to 63, nearly all of which are tags themselves.
func putSmallInt(b []byte, v int64) int {
	switch {
	case v >= 0:
		b[0] = byte(v)
	case v >= -60:
		b[0] = byte(63 - v)
	default:
		b[0], b[1] = tagInt8, byte(v)
		return 2
	}
	return 1
}

// intForms has the tag and the size with it of integers by their length in bits,
// without that of the sign. A size of 1 stands for what putSmallInt knows.
var intForms = func() (forms [64]struct{ tag, size uint8 }) {
	for n := range forms {
		f := &forms[n]
		switch {
		case n < 7:
			f.size = 1
		case n < 8:
			f.tag, f.size = tagInt8, 2
		case n < 16:
			f.tag, f.size = tagInt16, 3
		case n < 32:
			f.tag, f.size = tagInt32, 5
		default:
			f.tag, f.size = tagInt64, 9
		}
	}
	return forms
}()

// quietNaN is the one that C programs pack; Go's has another payload.
const quietNaN = 0x7ff8 << 48

// AppendFloat appends a float. -0.0 becomes 0.0, as in the official packer, and
// every NaN the same one.
func AppendFloat(dst []byte, v float64) []byte {
	var b [9]byte
	return append(dst, b[:PutFloat(b[:], v)]...)
}

// PutFloat is AppendFloat to the beginning of b, which has room for nine bytes. It
// returns how many the float takes.
func PutFloat(b []byte, v float64) int {
	switch v {
	case -1:
		b[0] = tagMinusOne
		return 1
	case 0:
		b[0] = tagZero
		return 1
	case 1:
		b[0] = tagOne
		return 1
	}
	n := math.Float64bits(v)
	if v != v {
		n = quietNaN
	}
	b[0] = tagDouble
	le.PutUint64(b[1:], n)
	return 9
}

// AppendRaw appends the bytes of a string or a slice.
func AppendRaw[T ~string | ~[]byte](dst []byte, v T) []byte {
	return append(AppendRawHeader(dst, len(v)), v...)
}

// AppendRawHeader appends what stands before the n bytes of a raw.
func AppendRawHeader(dst []byte, n int) []byte {
	var b [9]byte
	return append(dst, b[:PutRawHeader(b[:], n)]...)
}

// PutRawHeader is AppendRawHeader to the beginning of b, which has room for nine
// bytes. It returns how many the header takes.
func PutRawHeader(b []byte, n int) int {
	if n <= maxSmallRaw {
		b[0] = byte(tagRaw + n)
		return 1
	}
	return putLongRawHeader(b, n)
}

// putLongRawHeader is apart so that the rest of PutRawHeader is put where it is
// called.
//
//go:noinline
func putLongRawHeader(b []byte, n int) int {
	switch {
	case n <= math.MaxUint8:
		b[0], b[1] = tagRaw8, byte(n)
		return 2
	case n <= math.MaxUint16:
		b[0] = tagRaw16
		le.PutUint16(b[1:], uint16(n))
		return 3
	case uint64(n) <= math.MaxUint32:
		b[0] = tagRaw32
		le.PutUint32(b[1:], uint32(n))
		return 5
	}
	b[0] = tagRaw64
	le.PutUint64(b[1:], uint64(n))
	return 9
}

// AppendBool appends true or false.
func AppendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, tagTrue)
	}
	return append(dst, tagFalse)
}

// AppendNull appends null.
func AppendNull(dst []byte) []byte { return append(dst, tagNull) }

// AppendArray begins an array of n elements, which the caller appends next and
// then ends with [EndArray] of the same n.
func AppendArray(dst []byte, n int) []byte {
	if n <= fixed {
		return append(dst, byte(tagArray+n))
	}
	return append(dst, tagArrayOpen)
}

// EndArray ends an array of n elements: nothing if its tag told their number.
func EndArray(dst []byte, n int) []byte {
	if n <= fixed {
		return dst
	}
	return append(dst, tagArrayClose)
}

// AppendMap begins a map of n pairs, each a key and a value, which the caller
// appends next and then ends with [EndMap] of the same n.
func AppendMap(dst []byte, n int) []byte {
	if n <= fixed {
		return append(dst, byte(tagMap+n))
	}
	return append(dst, tagMapOpen)
}

// EndMap ends a map of n pairs: nothing if its tag told their number.
func EndMap(dst []byte, n int) []byte {
	if n <= fixed {
		return dst
	}
	return append(dst, tagMapClose)
}

// The server builds its responses of open containers, whose number of elements
// it need not know, and leaves the outermost unclosed.

// OpenArray begins an array of any number of elements.
func OpenArray(dst []byte) []byte { return append(dst, tagArrayOpen) }

// CloseArray ends what OpenArray began.
func CloseArray(dst []byte) []byte { return append(dst, tagArrayClose) }

// OpenMap begins a map of any number of pairs.
func OpenMap(dst []byte) []byte { return append(dst, tagMapOpen) }

// CloseMap ends what OpenMap began.
func CloseMap(dst []byte) []byte { return append(dst, tagMapClose) }
