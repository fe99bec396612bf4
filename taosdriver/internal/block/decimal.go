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
// if they are zeros: nothing is rounded. More than [MaxPrecision] digits in all
// are an error, and so is an exponent.
func ParseDecimal(text string, scale uint8) (Decimal, error) {
	digits := text
	negative := false
	if digits != "" && (digits[0] == '-' || digits[0] == '+') {
		negative = digits[0] == '-'
		digits = digits[1:]
	}
	var hi, lo uint64
	fraction, seen := -1, false
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
		var ok bool
		if hi, lo, ok = timesTen(hi, lo, uint64(c-'0')); !ok {
			return Decimal{}, fmt.Errorf("%q has more than %d digits", text, MaxPrecision)
		}
	}
	if !seen {
		return Decimal{}, fmt.Errorf("%q is not a decimal number", text)
	}
	for range int(scale) - max(fraction, 0) {
		var ok bool
		if hi, lo, ok = timesTen(hi, lo, 0); !ok {
			return Decimal{}, fmt.Errorf("%q has more than %d digits with %d of them after the point", text, MaxPrecision, scale)
		}
	}
	d := Decimal{Hi: int64(hi), Lo: lo}
	if negative {
		d = d.negate()
	}
	return d, nil
}

// pow10 of n digits, 128 bits: the first number with more than n digits.
var pow10 = func() (table [MaxPrecision + 1]Decimal) {
	table[0] = Decimal{Lo: 1}
	for i := 1; i < len(table); i++ {
		hi, lo := bits.Mul64(table[i-1].Lo, 10)
		table[i] = Decimal{Hi: table[i-1].Hi*10 + int64(hi), Lo: lo}
	}
	return table
}()

// timesTen returns u*10+digit, not ok if that has more than MaxPrecision digits.
func timesTen(hi, lo, digit uint64) (uint64, uint64, bool) {
	limit := pow10[MaxPrecision-1]
	if hi > uint64(limit.Hi) || hi == uint64(limit.Hi) && lo >= limit.Lo {
		return 0, 0, false
	}
	carry, low := bits.Mul64(lo, 10)
	low, c := bits.Add64(low, digit, 0)
	return hi*10 + carry + c, low, true
}

// Digits returns the number of decimal digits, 1 for zero.
func (d Decimal) Digits() int {
	hi, lo := d.magnitude()
	n := 1
	for n <= MaxPrecision && (hi > uint64(pow10[n].Hi) || hi == uint64(pow10[n].Hi) && lo >= pow10[n].Lo) {
		n++
	}
	return n
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
	hi, lo := d.magnitude()
	if hi != 0 {
		// A magnitude is at most 2^127, so the quotient fits 64 bits.
		var low uint64
		lo, low = bits.Div64(hi, lo, 1e19)
		for range 19 {
			digit(byte('0' + low%10))
			low /= 10
		}
	}
	for lo != 0 || n <= int(scale) {
		digit(byte('0' + lo%10))
		lo /= 10
	}
	if d.Hi < 0 {
		i--
		buf[i] = '-'
	}
	return append(dst, buf[i:]...)
}

// magnitude returns the absolute value.
func (d Decimal) magnitude() (hi, lo uint64) {
	if d.Hi < 0 {
		d = d.negate()
	}
	return uint64(d.Hi), d.Lo
}

func (d Decimal) negate() Decimal {
	lo, borrow := bits.Sub64(0, d.Lo, 0)
	hi, _ := bits.Sub64(0, uint64(d.Hi), borrow)
	return Decimal{Hi: int64(hi), Lo: lo}
}

// AppendTo appends the number in the form of a type, 8 or 16 bytes. The caller
// has made sure that it fits, see [Decimal.Digits].
func (d Decimal) AppendTo(dst []byte, t Type) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, d.Lo)
	if t == Decimal128 {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(d.Hi))
	}
	return dst
}

// decimalOf reads the form of a type from the start of b.
func decimalOf(b []byte, t Type) Decimal {
	lo := binary.LittleEndian.Uint64(b)
	if t == Decimal64 {
		return DecimalOf(int64(lo))
	}
	return Decimal{Hi: int64(binary.LittleEndian.Uint64(b[8:])), Lo: lo}
}
