package rest

import (
	"math"
	"strconv"
)

// parseInt reads a JSON number without fraction or exponent. ok is false if it
// is something else or does not fit.
func parseInt(b []byte) (v int64, ok bool) {
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		b = b[1:]
	}
	u, ok := parseUint(b)
	switch {
	case !ok:
		return 0, false
	case negative:
		return -int64(u), u <= 1<<63
	default:
		return int64(u), u <= math.MaxInt64
	}
}

// parseUint is parseInt for a number without a sign.
func parseUint(b []byte) (v uint64, ok bool) {
	// 19 digits cannot overflow; 20 need a look at the last one.
	if len(b) == 0 || len(b) > 20 || b[0] == '0' && len(b) > 1 {
		return 0, false
	}
	for _, c := range b[:min(len(b), 19)] {
		d := c - '0'
		if d > 9 {
			return 0, false
		}
		v = v*10 + uint64(d)
	}
	if len(b) == 20 {
		d := uint64(b[19] - '0')
		if d > 9 || v > (math.MaxUint64-d)/10 {
			return 0, false
		}
		v = v*10 + d
	}
	return v, true
}

// parseFloat reads a JSON number as a float of 32 or 64 bits.
func parseFloat(b []byte, bits int) (v float64, ok bool) {
	// strconv accepts more than JSON has: inf, nan, hexadecimal, underscores.
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9', c == '.', c == '-', c == '+', c == 'e', c == 'E':
		default:
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(string(b), bits)
	return v, err == nil
}
