package qpack

import (
	"encoding/binary"
	"math"
)

var le = binary.LittleEndian

// AppendInt appends an integer in its shortest form.
func AppendInt(dst []byte, v int64) []byte {
	var b [9]byte
	return append(dst, b[:PutInt(b[:], v)]...)
}

// PutInt writes an integer in its shortest form to the beginning of b, which has
// room for nine bytes, and returns how many it takes.
func PutInt(b []byte, v int64) int {
	_ = b[8]
	switch {
	case v >= 0 && v < tagNegativeInt:
		b[0] = byte(v)
		return 1
	case v < 0 && v >= -60:
		b[0] = byte(63 - v)
		return 1
	case v >= math.MinInt8 && v <= math.MaxInt8:
		b[0], b[1] = tagInt8, byte(v)
		return 2
	case v >= math.MinInt16 && v <= math.MaxInt16:
		b[0] = tagInt16
		le.PutUint16(b[1:], uint16(v))
		return 3
	case v >= math.MinInt32 && v <= math.MaxInt32:
		b[0] = tagInt32
		le.PutUint32(b[1:], uint32(v))
		return 5
	}
	b[0] = tagInt64
	le.PutUint64(b[1:], uint64(v))
	return 9
}

// quietNaN is the one that C programs pack; Go's has another payload.
const quietNaN = 0x7ff8 << 48

// AppendFloat appends a float. -0.0 becomes 0.0, as in the official packer, and
// every NaN the same one.
func AppendFloat(dst []byte, v float64) []byte {
	if v != v {
		return le.AppendUint64(append(dst, tagDouble), quietNaN)
	}
	switch v {
	case -1:
		return append(dst, tagMinusOne)
	case 0:
		return append(dst, tagZero)
	case 1:
		return append(dst, tagOne)
	}
	return le.AppendUint64(append(dst, tagDouble), math.Float64bits(v))
}

// AppendRaw appends the bytes of a string or a slice.
func AppendRaw[T ~string | ~[]byte](dst []byte, v T) []byte {
	return append(AppendRawHeader(dst, len(v)), v...)
}

// AppendRawHeader appends what stands before the n bytes of a raw.
func AppendRawHeader(dst []byte, n int) []byte {
	switch {
	case n <= maxSmallRaw:
		return append(dst, byte(tagRaw+n))
	case n <= math.MaxUint8:
		return append(dst, tagRaw8, byte(n))
	case n <= math.MaxUint16:
		return le.AppendUint16(append(dst, tagRaw16), uint16(n))
	case uint64(n) <= math.MaxUint32:
		return le.AppendUint32(append(dst, tagRaw32), uint32(n))
	}
	return le.AppendUint64(append(dst, tagRaw64), uint64(n))
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
