package block

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// Decimal is the number behind a DECIMAL without its point: the value times 10
// to the power of the scale, as a 128-bit two's complement integer.
type Decimal struct {
	Hi int64
	Lo uint64
}

// DecimalOf returns the decimal of an unscaled 64-bit number.
func DecimalOf(unscaled int64) Decimal {
	return Decimal{Hi: unscaled >> 63, Lo: uint64(unscaled)}
}

// ParseDecimal reads "-123.45" as an unscaled number of the scale, here with
// scale 2 -12345. More digits after the point than the scale are accepted only
// if they are zeros: nothing is rounded. An exponent is an error, and so is a
// number that 128 bits do not hold.
func ParseDecimal(text string, scale uint8) (Decimal, error) {
	digits := text
	negative := false
	if digits != "" && (digits[0] == '-' || digits[0] == '+') {
		negative = digits[0] == '-'
		digits = digits[1:]
	}
	var m magnitude
	fraction, seen := -1, false // digits after the point, -1 before it
	for _, c := range []byte(digits) {
		switch {
		case c == '.' && fraction < 0:
			fraction = 0
			continue
		case c < '0' || c > '9':
			return Decimal{}, fmt.Errorf("%q is not a decimal number", text)
		}
		seen = true
		if fraction == int(scale) {
			if c != '0' {
				return Decimal{}, fmt.Errorf("%q has more than %d digits after the point", text, scale)
			}
			continue
		}
		if fraction >= 0 {
			fraction++
		}
		m.shift(uint64(c - '0'))
	}
	if !seen {
		return Decimal{}, fmt.Errorf("%q is not a decimal number", text)
	}
	for range int(scale) - max(fraction, 0) {
		m.shift(0)
	}
	d := Decimal{Hi: int64(m.hi), Lo: m.lo}
	if negative {
		d = d.negate()
	}
	// What does not fit has the wrong sign now; zero has none.
	if m.overflow || d.Hi < 0 != negative && (m.hi != 0 || m.lo != 0) {
		return Decimal{}, fmt.Errorf("%q does not fit a decimal with %d digits after the point", text, scale)
	}
	return d, nil
}

// magnitude is an unsigned 128-bit number.
type magnitude struct {
	hi, lo   uint64
	overflow bool
}

// shift appends a decimal digit.
func (m *magnitude) shift(digit uint64) {
	carry, lo := bits.Mul64(m.lo, 10)
	over, hi := bits.Mul64(m.hi, 10)
	lo, c := bits.Add64(lo, digit, 0)
	hi, c = bits.Add64(hi, carry, c)
	m.hi, m.lo = hi, lo
	m.overflow = m.overflow || over != 0 || c != 0
}

func (m magnitude) less(n magnitude) bool {
	return m.hi < n.hi || m.hi == n.hi && m.lo < n.lo
}

// pow10[n] is the smallest number with more than n digits.
var pow10 = func() (table [MaxPrecision + 1]magnitude) {
	table[0].lo = 1
	for i := 1; i < len(table); i++ {
		table[i] = table[i-1]
		table[i].shift(0)
	}
	return table
}()

// Digits returns the number of decimal digits, 1 for zero, at most 39.
func (d Decimal) Digits() int {
	m := d.magnitude()
	n := 1
	for n <= MaxPrecision && !m.less(pow10[n]) {
		n++
	}
	return n
}

// Fits reports whether a form of DECIMAL holds the number.
func (d Decimal) Fits(t Type) bool {
	return t == Decimal128 || t == Decimal64 && d == DecimalOf(int64(d.Lo))
}

// AppendText appends the number with its point: "-123.45", "0.07", without a
// point if the scale is 0. All digits after the point are written.
func (d Decimal) AppendText(dst []byte, scale uint8) []byte {
	// The lowest digit comes first; a scale of 255 needs 256 digits and a point.
	var buf [258]byte
	i, n := len(buf), 0
	digit := func(c byte) {
		if n == int(scale) && n > 0 {
			i--
			buf[i] = '.'
		}
		i--
		buf[i] = c
		n++
	}
	m := d.magnitude()
	if m.hi != 0 {
		// A magnitude is at most 2^127, so the quotient fits 64 bits.
		var low uint64
		m.lo, low = bits.Div64(m.hi, m.lo, 1e19)
		for range 19 {
			digit(byte('0' + low%10))
			low /= 10
		}
	}
	for m.lo != 0 || n <= int(scale) {
		digit(byte('0' + m.lo%10))
		m.lo /= 10
	}
	if d.Hi < 0 {
		i--
		buf[i] = '-'
	}
	return append(dst, buf[i:]...)
}

// magnitude returns the absolute value.
func (d Decimal) magnitude() magnitude {
	if d.Hi < 0 {
		d = d.negate()
	}
	return magnitude{hi: uint64(d.Hi), lo: d.Lo}
}

func (d Decimal) negate() Decimal {
	lo, borrow := bits.Sub64(0, d.Lo, 0)
	hi, _ := bits.Sub64(0, uint64(d.Hi), borrow)
	return Decimal{Hi: int64(hi), Lo: lo}
}

// AppendTo appends the number in the form of a type, 8 or 16 bytes. The caller
// has made sure that it [Decimal.Fits].
func (d Decimal) AppendTo(dst []byte, t Type) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, d.Lo)
	if t == Decimal128 {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(d.Hi))
	}
	return dst
}

// DecimalFrom reads the form of a type, 8 or 16 bytes, from the start of b.
func DecimalFrom(b []byte, t Type) Decimal {
	lo := binary.LittleEndian.Uint64(b)
	if t == Decimal64 {
		return DecimalOf(int64(lo))
	}
	return Decimal{Hi: int64(binary.LittleEndian.Uint64(b[8:])), Lo: lo}
}
